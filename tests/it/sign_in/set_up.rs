//! Setting up after an invitation or a reset: a password, a second factor, recovery codes.

use dutyline::domain::sign_in::Stage;
use totp_rs::Totp;

use super::door::{
    Browser, PASSWORD, SESSION, app_of, code_in, code_now, events, invited, letters, the_trail_holds, world,
};

/// The app into which somebody types what a page shows.
pub fn app_on(page: &str) -> Totp {
    let at = page.find("Type this into the app").expect("the secret is on the page");
    let groups = page[at..].split("<strong>").nth(1).and_then(|rest| rest.split('<').next()).expect("groups");
    assert_eq!(groups.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8], "{groups}");
    app_of(groups)
}

/// The recovery codes on a page.
pub fn codes_on(page: &str) -> Vec<String> {
    let pieces = page.split("<strong class=\"dl-nowrap\">").skip(1);
    pieces.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_strong_role_chooses_a_password_and_an_app_and_keeps_codes() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let mut browser = invited(&site, who).await;
    let token = browser.cookies[SESSION].clone();
    assert_eq!(browser.get("/inbox").await.location, "/account/set-up");
    assert_eq!(browser.get("/sign-in/second").await.location, "/account/set-up");
    assert!(browser.get("/account/set-up").await.body.contains("Choose a password"));
    for (bad, why) in [
        ("short", "at least 10 characters"),
        ("password1234", "many people use it"),
        ("Nurse Canterbury", "too easy to guess"),
        (&"word ".repeat(50), "at most 200 characters"),
    ] {
        let refused = browser.post("/account/set-up/password", &[("password", bad)]).await;
        assert!(refused.status == 422 && refused.body.contains(why), "{bad}: {}", refused.body);
        assert!(!refused.body.contains(&format!("value=\"{bad}\"")), "no password goes back into a page");
    }
    assert_eq!(browser.post("/account/set-up/done", &[]).await.location, "/account/set-up");
    assert_eq!(
        browser.post("/account/set-up/password", &[("password", PASSWORD)]).await.location,
        "/account/set-up"
    );
    let page = browser.get("/account/set-up").await.body;
    assert!(page.contains("Use an authenticator app") && !page.contains("A code by email"));
    for early in ["/account/set-up/done", "/account/set-up/codes"] {
        assert_eq!(browser.post(early, &[]).await.location, "/account/set-up", "no factor yet");
    }
    let page = browser.get("/account/set-up/authenticator").await.body;
    assert!(page.contains("<svg ") && !page.contains("<?xml") && !page.contains("http://127"), "{page}");
    let app = app_on(&page);
    assert_eq!(browser.post("/account/set-up/authenticator", &[("code", "000")]).await.status, 422);
    let again = browser.get("/account/set-up/authenticator").await.body;
    assert_eq!(app_on(&again).secret(), app.secret(), "the same square when one comes back");
    let shown = browser.post("/account/set-up/authenticator", &[("code", &code_now(relay, &app))]).await.body;
    let codes = codes_on(&shown);
    assert_eq!(codes.len(), 10, "{shown}");
    assert!(browser.get("/account/set-up").await.body.contains("Show my recovery codes"), "lost the answer");
    assert_eq!(browser.who(relay).await.expect("there").session.stage, Stage::SetUp);
    let done = browser.post("/account/set-up/done", &[]).await;
    assert!(done.status == 200 && done.body.contains("You are set up"));
    assert_ne!(browser.cookies[SESSION], token);
    assert_eq!(browser.get("/inbox").await.status, 200);
    assert_eq!((events(relay, "password-changed").await, events(relay, "factor-added").await), (1, 1));
    relay.clock.advance(30_000_000);
    Browser::new(&site).signs_in(relay, who, &app).await;
    let mut lost = Browser::new(&site);
    lost.types(&who.email, PASSWORD).await;
    assert_eq!(lost.shows("recovery-code", &codes[9]).await.status, 303);
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn a_setting_may_choose_the_code_by_mail() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    let mut browser = invited(&site, who).await;
    browser.post("/account/set-up/password", &[("password", PASSWORD)]).await;
    let page = browser.get("/account/set-up").await.body;
    assert!(page.contains("We will email you a code each time") && page.contains("Use an authenticator app"));
    let shown = browser.post("/account/set-up/codes", &[]).await.body;
    assert_eq!(codes_on(&shown).len(), 10);
    assert!(browser.post("/account/set-up/done", &[]).await.body.contains("You are set up"));
    assert_eq!(browser.get("/referrals").await.status, 200);
    let mut next = Browser::new(&site);
    next.types(&who.email, PASSWORD).await;
    next.post("/sign-in/code", &[]).await;
    let code = code_in(&letters(relay).await[0]);
    assert_eq!(next.shows("mailed-code", &code).await.status, 303);
}

#[tokio::test]
async fn a_secret_shown_in_another_session_is_not_taken() {
    let (world, site) = world().await;
    let mut thief = invited(&site, &world.canterbury).await;
    thief.post("/account/set-up/password", &[("password", PASSWORD)]).await;
    let seen = app_on(&thief.get("/account/set-up/authenticator").await.body);
    let mut owner = invited(&site, &world.canterbury).await;
    let mine = app_on(&owner.get("/account/set-up/authenticator").await.body);
    assert_ne!(seen.secret(), mine.secret());
    let code = code_now(&world.relay, &seen);
    assert_eq!(thief.post("/account/set-up/authenticator", &[("code", &code)]).await.status, 422);
    let refused = owner.post("/account/set-up/authenticator", &[("code", &code)]).await;
    assert_eq!(refused.status, 422);
    // The other session's page made another secret meanwhile: the owner scans the square that is shown now.
    let mine = app_on(&refused.body);
    let code = code_now(&world.relay, &mine);
    assert_eq!(owner.post("/account/set-up/authenticator", &[("code", &code)]).await.status, 200);
    assert!(thief.who(&world.relay).await.is_none(), "the other session has ended");
}
