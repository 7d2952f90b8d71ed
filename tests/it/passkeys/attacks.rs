//! What a dishonest authenticator, another site, another person and somebody too late cannot do.

use dutyline::audit::Actor;
use dutyline::domain::sign_in::Stage;
use dutyline::people::passkeys::CEREMONY;
use dutyline::store::{passkeys, people as rows};
use serde_json::Value;
use sqlx::Connection as _;

use super::{Browser, NOT_ADDED, NOT_SIGNED_IN, ORIGIN, TOO_LATE, acts, given_a_passkey, site, trail_holds};
use crate::authenticator::{Authenticator, text};
use crate::support::{Engine, World};

#[tokio::test]
async fn the_new_key_is_made_for_this_site_and_for_a_checked_holder() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut browser = Browser::of(&site, &world.sender, Stage::Full).await;
    let options = browser.options("/account/passkeys/begin").await;
    let wanted = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(
        (&wanted["residentKey"], &wanted["userVerification"]),
        (&"required".into(), &"required".into())
    );
    assert_eq!(options["publicKey"]["rp"]["id"], "localhost");
    assert_eq!(options["publicKey"]["user"]["id"], text(world.sender.id.bytes()));
    for (what, change) in dishonest() {
        let mut key = Authenticator::at(ORIGIN);
        change(&mut key);
        let added = browser.add(&mut key).await;
        assert_eq!(added.status, 422, "{what}: {}", added.body);
        added.refused(NOT_ADDED);
    }
    browser.options("/account/passkeys/begin").await;
    browser.finish_adding(&Value::Null).await.refused(NOT_ADDED);
    let own = passkeys::of(&mut site.relay.store.read().await.expect("reads"), world.sender.id).await;
    assert!(own.expect("lists").is_empty());
}

/// What a key may do wrongly.
type Change = fn(&mut Authenticator);

fn dishonest() -> [(&'static str, Change); 5] {
    [
        ("another origin", |key| key.origin = "https://relay-example.evil.example".to_owned()),
        ("another port", |key| key.origin = "http://localhost:8081".to_owned()),
        ("a part of this site", |key| key.origin = "http://sub.localhost:8080".to_owned()),
        ("another site's key", |key| key.site = "evil.example".to_owned()),
        ("nobody checked", |key| key.verifies = false),
    ]
}

#[tokio::test]
async fn another_origin_another_site_and_another_key_sign_nobody_in() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let honest = given_a_passkey(&site, &world.sender).await;
    for (what, change) in dishonest() {
        let mut key = honest.clone();
        change(&mut key);
        let mut browser = Browser::new(&site);
        let said = browser.sign_in(&mut key).await;
        assert_eq!(said.status, 422, "{what}: {}", said.body);
        said.refused(NOT_SIGNED_IN);
        assert!(browser.session.is_none(), "{what}");
    }
    let mut forged =
        Authenticator { id: honest.id.clone(), user: honest.user.clone(), ..Authenticator::at(ORIGIN) };
    Browser::new(&site).sign_in(&mut forged).await.refused(NOT_SIGNED_IN);
    let mut renamed = Authenticator { user: world.desk.id.bytes().to_vec(), ..honest.clone() };
    Browser::new(&site).sign_in(&mut renamed).await.refused(NOT_SIGNED_IN);
    let mut nameless = Authenticator { user: Vec::new(), ..honest.clone() };
    Browser::new(&site).sign_in(&mut nameless).await.refused(NOT_SIGNED_IN);
    Browser::new(&site).sign_in(&mut Authenticator::at(ORIGIN)).await.refused(NOT_SIGNED_IN);
    let mut honest = honest;
    assert_eq!(Browser::new(&site).sign_in(&mut honest).await.status, 200, "and the honest one does");
}

#[tokio::test]
async fn another_persons_question_and_another_kind_of_question_are_not_answered() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut theirs = Browser::of(&site, &world.sender, Stage::Full).await;
    let options = theirs.options("/account/passkeys/begin").await;
    let mut mine = Browser::of(&site, &world.desk, Stage::Full).await;
    mine.handle.clone_from(&theirs.handle);
    let answer = Authenticator::at(ORIGIN).create(&options);
    mine.finish_adding(&answer).await.refused(TOO_LATE);
    theirs.finish_adding(&answer).await.refused(TOO_LATE);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut browser = Browser::of(&site, &world.sender, Stage::Full).await;
    let options = browser.options("/sign-in/passkey/check/begin").await;
    browser.finish_signing_in(&key.get(&options)).await.refused(TOO_LATE);
    let mut without = Browser::new(&site);
    let options = without.options("/sign-in/passkey/begin").await;
    without.handle = None;
    without.finish_signing_in(&key.get(&options)).await.refused(TOO_LATE);
}

#[tokio::test]
async fn a_credential_is_registered_once_and_by_one_person() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut same = Browser::of(&site, &world.sender, Stage::Full).await;
    let first = same.post("/account/passkeys/begin", &[]).await;
    assert_eq!(
        first.json()["next"],
        "/sign-in/again?next=/account/passkeys",
        "whoever has one shows it first"
    );
    same.sign_in(&mut key).await;
    let options = same.options("/account/passkeys/begin").await;
    let excluded = options["publicKey"]["excludeCredentials"][0]["id"].as_str();
    assert_eq!(excluded, Some(&*text(&key.id)), "the browser is told");
    same.finish_adding(&key.create(&options)).await.refused(NOT_ADDED);
    let mut thief = Browser::of(&site, &world.desk, Stage::Full).await;
    thief.add(&mut key).await.refused("registered already");
    let mut read = site.relay.store.read().await.expect("reads");
    assert!(passkeys::of(&mut read, world.desk.id).await.expect("lists").is_empty());
}

#[tokio::test]
async fn too_late_removed_disabled_or_not_for_this_role_is_refused() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut late = Browser::new(&site);
    let options = late.options("/sign-in/passkey/begin").await;
    site.relay.clock.advance(CEREMONY);
    late.finish_signing_in(&key.get(&options)).await.refused(TOO_LATE);

    let mut elsewhere = Browser::new(&site);
    elsewhere.sign_in(&mut key).await;
    let mut browser = Browser::new(&site);
    browser.sign_in(&mut key).await;
    let own = passkeys::of(&mut site.relay.store.read().await.expect("reads"), world.sender.id).await;
    let path = format!("/account/passkeys/{}/remove", own.expect("lists")[0].id);
    let mut stranger = Browser::of(&site, &world.desk, Stage::Full).await;
    site.relay.clock.advance(site.relay.sign_in.fresh);
    assert_eq!(stranger.post(&path, &[]).await.status, 303, "not checked: the check comes first");
    let mut other = given_a_passkey(&site, &world.desk).await;
    stranger.sign_in(&mut other).await;
    assert_eq!(stranger.post(&path, &[]).await.status, 404, "somebody else's");
    assert_eq!(browser.post(&path, &[]).await.status, 303);
    assert!(browser.who().await.is_some() && elsewhere.who().await.is_none(), "other sessions have ended");
    Browser::new(&site).sign_in(&mut key).await.refused(NOT_SIGNED_IN);
    assert!(acts(&world).await.contains(&"factor-removed".to_owned()) && trail_holds(&site.relay).await);

    let desk = world.desk.id;
    let disabled = site
        .relay
        .store
        .write(move |unit| Box::pin(async move { rows::disable(unit, &Actor::operator(), desk).await }));
    disabled.await.expect("disabled");
    Browser::new(&site).sign_in(&mut other).await.refused(NOT_SIGNED_IN);
}

#[tokio::test]
async fn a_copied_key_whose_counter_goes_back_is_refused_and_recorded() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut key = given_a_passkey(&site, &world.sender).await;
    let mut copy = key.clone();
    for _ in 0..2 {
        assert_eq!(Browser::new(&site).sign_in(&mut key).await.status, 200);
    }
    Browser::new(&site).sign_in(&mut copy).await.refused(NOT_SIGNED_IN);
    Browser::new(&site).sign_in(&mut copy).await.refused(NOT_SIGNED_IN);
    assert_eq!(acts(&world).await.iter().filter(|act| *act == "sign-in-refused").count(), 2);
    assert_eq!(Browser::new(&site).sign_in(&mut key).await.status, 200, "the true one goes on");
    assert!(trail_holds(&site.relay).await);
}

#[tokio::test]
async fn a_key_that_was_swapped_or_planted_behind_the_relay_is_found() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut mine = given_a_passkey(&site, &world.desk).await;
    let mut theirs = given_a_passkey(&site, &world.sender).await;
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    let swap =
        "UPDATE passkey SET credential = (SELECT credential FROM passkey ORDER BY created_at, id LIMIT 1)";
    sqlx::raw_sql(swap).execute(&mut conn).await.expect("swapped");
    let said = [Browser::new(&site).sign_in(&mut mine).await, Browser::new(&site).sign_in(&mut theirs).await];
    let mut statuses = said.map(|one| one.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 500], "the one whose key was exchanged");
    assert!(trail_holds(&site.relay).await);
    let planted = format!(
        "INSERT INTO passkey SELECT 'planted', '{}', name, X'00', key_hash, credential, created_at, used_at, 0
         FROM passkey LIMIT 1",
        world.auditor.id
    );
    sqlx::query(sqlx::AssertSqlSafe(planted)).execute(&mut conn).await.expect("planted");
    assert!(!trail_holds(&site.relay).await, "a passkey that nobody added");
    sqlx::raw_sql("DELETE FROM passkey WHERE id = 'planted'").execute(&mut conn).await.expect("gone");
    assert!(trail_holds(&site.relay).await);
    let take = format!("UPDATE passkey SET person_id = '{}'", world.auditor.id);
    sqlx::query(sqlx::AssertSqlSafe(take)).execute(&mut conn).await.expect("taken");
    conn.close().await.expect("closes");
    assert!(!trail_holds(&site.relay).await, "a passkey changed its owner");
}
