//! One's own account: what it shows, and what can be changed.

use dutyline::people::factors;

use super::door::{
    Browser, OTHER, PASSWORD, SESSION, code_now, events, invited, the_trail_holds, with_app, with_password,
    world,
};
use super::set_up::{app_on, codes_on};

#[tokio::test]
async fn a_new_password_asks_for_the_old_one_and_ends_other_sessions() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    let mut other = Browser::new(&site);
    other.signs_in(relay, who, &app).await;
    relay.clock.advance(30_000_000);
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, who, &app).await;
    let page = browser.get("/account").await.body;
    for words in [
        &who.name,
        &who.email,
        "Duty practitioner",
        "/account/password",
        "/account/sessions",
        ">Set up<",
        "0 left",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("<a href=\"/account\">Your account</a>") && !page.contains("Remove your"));
    let change = |current: &'static str, new: &'static str| [("current", current), ("password", new)];
    for (form, why) in [
        (change("wrong", OTHER), "This is not your current password"),
        (change(PASSWORD, "short"), "at least 10 characters"),
        (change("", OTHER), "This is not your current password"),
    ] {
        let refused = browser.post("/account/password", &form).await;
        assert!(refused.status == 422 && refused.body.contains(why), "{}", refused.body);
    }
    assert!(other.who(relay).await.is_some());
    let before = browser.cookies[SESSION].clone();
    let changed = browser.post("/account/password", &change(PASSWORD, OTHER)).await;
    assert_eq!(changed.location, "/account?done=password");
    assert_ne!(browser.cookies[SESSION], before);
    assert!(browser.get(&changed.location).await.body.contains("Your password is changed"));
    assert!(other.who(relay).await.is_none(), "signed out everywhere else");
    assert_eq!(Browser::new(&site).types(&who.email, PASSWORD).await.status, 422);
    assert_eq!(Browser::new(&site).types(&who.email, OTHER).await.status, 303);
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn a_strong_role_replaces_its_app_and_cannot_go_without() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let old = with_app(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, who, &old).await;
    assert_eq!(browser.post("/account/authenticator/remove", &[]).await.status, 400);
    let page = browser.get("/account/authenticator").await.body;
    assert!(page.contains("takes the place of the app that you have now"));
    let new = app_on(&page);
    relay.clock.advance(30_000_000);
    assert_eq!(browser.post("/account/authenticator", &[("code", &code_now(relay, &old))]).await.status, 422);
    let added = browser.post("/account/authenticator", &[("code", &code_now(relay, &new))]).await;
    assert_eq!(added.location, "/account?done=app");
    relay.clock.advance(30_000_000);
    let mut next = Browser::new(&site);
    next.types(&who.email, PASSWORD).await;
    assert_eq!(next.shows("totp", &code_now(relay, &old)).await.status, 422, "the old app is gone");
    assert_eq!(next.shows("totp", &code_now(relay, &new)).await.status, 303);
    let codes = codes_on(&next.post("/account/recovery-codes", &[]).await.body);
    assert_eq!(codes.len(), 10);
    assert!(next.get("/account/recovery-codes").await.body.contains("You have 10 left"));
}

#[tokio::test]
async fn a_setting_may_remove_its_app_because_mail_is_left() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    let app = with_app(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, who, &app).await;
    assert!(browser.get("/account").await.body.contains("Remove your authenticator app"));
    assert_eq!(browser.post("/account/authenticator/remove", &[]).await.location, "/account?done=removed");
    assert!(!factors::of(relay, who).await.expect("looks").totp);
    assert_eq!(browser.post("/account/authenticator/remove", &[]).await.status, 400, "there is none");
    assert_eq!(events(relay, "factor-removed").await, 1);
}

#[tokio::test]
async fn an_app_sealed_for_one_person_does_not_open_for_another() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    with_password(&site, &world.swale).await;
    let mut read = relay.store.read().await.expect("reads");
    let state = dutyline::store::credentials::TotpState::Live;
    let row =
        dutyline::store::credentials::totp(&mut read, who.id, state).await.expect("looks").expect("a row");
    drop(read);
    let (thief, session) =
        (world.swale.id, invited(&site, &world.swale).await.who(relay).await.expect("there"));
    let moved = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a test plays somebody who tampers");
            let name = session.session.id.clone();
            dutyline::store::credentials::put_pending_totp(unit, thief, &name, &row.sealed).await?;
            dutyline::store::credentials::confirm_totp(unit, thief, &name, 0).await
        })
    });
    assert!(moved.await.expect("moved"));
    let mut browser = Browser::new(&site);
    browser.types(&world.swale.email, PASSWORD).await;
    assert_eq!(browser.shows("totp", &code_now(relay, &app)).await.status, 500);
}
