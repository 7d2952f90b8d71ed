//! What an honest authenticator does: adds, signs in, is the second step, is asked again.

use std::sync::Arc;

use dutyline::domain::people::Role;
use dutyline::domain::sign_in::{Factor, Method, RoleRules, Stage};
use dutyline::domain::time::{HOUR, MINUTE};
use serde_json::Value;

use super::{
    Browser, NOT_ACCEPTED, NOT_ADDED, NOT_SIGNED_IN, ORIGIN, TOO_LATE, acts, given_a_passkey, site,
    trail_holds,
};
use crate::access;
use crate::authenticator::Authenticator;
use crate::support::{Engine, World};

#[tokio::test]
async fn a_passkey_signs_in_alone_and_no_answer_counts_twice() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut browser = Browser::new(&site);
    let options = browser.options("/sign-in/passkey/begin").await;
    assert_eq!(options["publicKey"]["rpId"], "localhost");
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["allowCredentials"], serde_json::json!([]), "nobody is named");
    assert!(options.get("mediation").is_none());
    let asked = browser.clone();
    let answer = key.get(&options);
    let done = browser.finish_signing_in(&answer).await;
    assert_eq!(done.json()["next"], "/referrals");
    let now = browser.who().await.expect("signed in");
    assert_eq!((now.person.id, now.session.stage), (world.sender.id, Stage::Full));
    assert_eq!(now.session.method, Method::Passkey);
    assert!(now.session.checked_within(site.relay.clock.now(), 0));
    assert_eq!(browser.handle, None, "the handle is used up");
    let mut replay = asked.clone();
    replay.finish_signing_in(&answer).await.refused(TOO_LATE);
    let mut again = Browser::new(&site);
    again.options("/sign-in/passkey/begin").await;
    again.finish_signing_in(&answer).await.refused(NOT_SIGNED_IN);
    again.finish_signing_in(&answer).await.refused(TOO_LATE);
    assert!(replay.session.is_none() && again.session.is_none());
    let list = browser.ask("GET", "/account/passkeys", String::new()).await;
    assert!(list.body.contains("Office computer") && !list.body.contains("Not yet"), "{}", list.body);
    assert_eq!(acts(&world).await.iter().filter(|act| *act == "factor-added").count(), 1);
    assert!(trail_holds(&site.relay).await);
}

#[tokio::test]
async fn a_role_whose_rules_have_no_passkeys_neither_adds_nor_uses_one() {
    let world = World::on(Engine::Sqlite).await;
    let before = site(&world);
    let mut key = given_a_passkey(&before, &world.sender).await;
    drop(before);
    let mut world = world;
    let relay = Arc::get_mut(&mut world.relay).expect("nobody else has it");
    let rules = relay.sign_in.of(Role::Practitioner);
    let rules = RoleRules { factors: vec![Factor::Sso], ..rules };
    relay.sign_in.roles.insert(Role::Practitioner, rules);
    let site = site(&world);
    Browser::new(&site).sign_in(&mut key).await.refused(NOT_SIGNED_IN);
    let mut browser = Browser::of(&site, &world.sender, Stage::Full).await;
    browser.post("/account/passkeys/begin", &[]).await.refused(NOT_ADDED);
}

#[tokio::test]
async fn a_passkey_is_the_second_step_and_the_check_again_for_its_owner_only() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut other = given_a_passkey(&site, &world.desk).await;
    let mut half = Browser::of(&site, &world.sender, Stage::Second).await;
    assert_eq!(half.post("/account/passkeys/begin", &[]).await.status, 404, "it would go around the step");
    assert_eq!(half.post("/account/passkeys/finish", &[]).await.status, 404);
    half.check(&mut other).await.refused(NOT_ACCEPTED);
    let before = half.session.clone();
    assert_eq!(half.check(&mut key).await.json()["next"], "/referrals");
    assert_ne!(half.session, before, "another token");
    let now = half.who().await.expect("signed in");
    assert_eq!((now.session.stage, now.session.method), (Stage::Full, Method::Password));
    assert!(now.session.checked_within(site.relay.clock.now(), 0));
    site.relay.clock.advance(20 * MINUTE);
    assert_eq!(half.check(&mut key).await.status, 200);
    let now = half.who().await.expect("signed in");
    assert!(now.session.checked_within(site.relay.clock.now(), 0), "the check is new");
    let mut without = Browser::of(&site, &world.canterbury, Stage::Second).await;
    without.post("/sign-in/passkey/check/begin", &[]).await.refused(NOT_ACCEPTED);
    let mut setting_up = Browser::of(&site, &world.sender, Stage::SetUp).await;
    assert_eq!(setting_up.post("/sign-in/passkey/check/begin", &[]).await.status, 404);
}

#[tokio::test]
async fn whoever_sets_up_adds_one_and_an_old_session_is_checked_first() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = Authenticator::at(ORIGIN);
    let mut setting_up = Browser::of(&site, &world.sender, Stage::SetUp).await;
    let added = setting_up.add(&mut key).await;
    assert_eq!(added.json()["next"], "/privacy", "where the page said");
    assert_eq!(Browser::new(&site).sign_in(&mut key).await.status, 200);
    let mut old = Browser::of(&site, &world.desk, Stage::Full).await;
    site.relay.clock.advance(site.relay.sign_in.fresh + 1);
    let first = old.post("/account/passkeys/begin", &[]).await;
    assert_eq!(first.json()["next"], "/sign-in/again?next=/account/passkeys");
    let long = [("name", &*"x".repeat(51))];
    let mut browser = Browser::of(&site, &world.desk, Stage::Full).await;
    browser.post("/account/passkeys/begin", &long).await.refused("at most 50");
    site.relay.clock.advance(HOUR);
    assert_eq!(old.post("/account/passkeys/begin", &[]).await.status, 303, "the session has ended");
}

#[tokio::test]
async fn a_site_without_a_name_offers_none() {
    let world = World::on(Engine::Sqlite).await;
    let site = access::site(&world);
    let mut browser = Browser::of(&site, &world.sender, Stage::Full).await;
    for path in ["/sign-in/passkey/begin", "/sign-in/passkey/finish", "/account/passkeys/begin"] {
        assert_eq!(browser.post(path, &[]).await.status, 404, "{path}");
    }
    let page = browser.ask("GET", "/account/passkeys", String::new()).await;
    assert!(
        page.body.contains("cannot be used here")
            && !page.body.contains("<form method=\"post\" action=\"/account")
    );
    let page = Browser::new(&site).ask("GET", "/sign-in", String::new()).await;
    assert!(!page.body.contains("data-passkey"));
}

#[tokio::test]
async fn the_handle_is_kept_from_scripts_other_sites_and_other_hosts() {
    let world = World::on(Engine::Sqlite).await;
    let mut site = Arc::into_inner(site(&world)).expect("nobody else has it");
    site.secure = true;
    let site = Arc::new(site);
    let mut browser = Browser::of(&site, &world.sender, Stage::Full).await;
    let mut key = Authenticator::at(ORIGIN);
    let options = browser.options("/account/passkeys/begin").await;
    let [cookie] = browser.set.as_slice() else { panic!("{:?}", browser.set) };
    assert!(cookie.starts_with("__Host-dutyline-passkey="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=300; Secure"), "{cookie}");
    let added = browser.finish_adding(&key.create(&options)).await;
    assert_eq!(added.status, 200, "{}", added.body);
    assert!(browser.set[0].contains("=; ") && browser.set[0].contains("Max-Age=0"), "{:?}", browser.set);
    let mut other = Browser::new(&site);
    assert_eq!(other.sign_in(&mut key).await.status, 200);
    assert!(other.set.iter().any(|cookie| cookie.starts_with("__Host-dutyline=")), "{:?}", other.set);
    let body = serde_json::from_str::<Value>(&other.sign_in(&mut key).await.body).expect("JSON");
    assert_eq!(body, serde_json::json!({ "next": "/referrals" }), "the token is in the cookie alone");
}
