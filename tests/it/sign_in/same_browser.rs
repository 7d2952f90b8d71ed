//! One browser, two people: whoever signs in second ends the session of the first, by whatever way they come.

use super::door::{Browser, PASSWORD, events, invited, the_trail_holds, with_app, with_password, world};

#[tokio::test]
async fn whoever_signs_in_ends_the_session_that_this_browser_had() {
    let (world, site) = world().await;
    let relay = &world.relay;
    let (first, second) = (with_app(&site, &world.canterbury).await, &world.sender);
    with_password(&site, second).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, &world.canterbury, &first).await;
    let before = browser.clone();
    let ended = events(relay, "signed-out").await;
    assert_eq!(browser.types(&second.email, PASSWORD).await.status, 303, "the first step is enough");
    assert!(before.who(relay).await.is_none(), "nobody comes back to the nurse's session");
    assert_eq!(events(relay, "signed-out").await, ended + 1);
    let half = browser.clone();
    let link = dutyline::people::link(relay, second.id).await.expect("a link");
    assert_eq!(browser.post(&format!("/sign-in/link/{}", link.secret()), &[]).await.status, 303);
    assert!(half.who(relay).await.is_none() && browser.who(relay).await.is_some());
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn other_pages_end_nothing_and_going_on_is_not_signing_out() {
    let (world, site) = world().await;
    let relay = &world.relay;
    let app = with_app(&site, &world.canterbury).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, &world.canterbury, &app).await;
    browser.get("/inbox").await;
    browser.get("/sign-in").await;
    assert_eq!(Browser::new(&site).types(&world.canterbury.email, "wrong words here").await.status, 422);
    assert_eq!(browser.types(&world.canterbury.email, "wrong words here").await.status, 422);
    assert!(browser.who(relay).await.is_some(), "a wrong password ends nothing");
    let mut new = invited(&site, &world.sender).await;
    new.post("/account/set-up/password", &[("password", PASSWORD)]).await;
    new.post("/account/set-up/codes", &[]).await;
    new.post("/account/set-up/done", &[]).await;
    assert!(new.who(relay).await.is_some());
    assert_eq!(events(relay, "signed-out").await, 0, "the token changed and nobody signed out");
}

#[tokio::test]
async fn signing_out_empties_what_the_browser_kept() {
    let (world, site) = world().await;
    let app = with_app(&site, &world.canterbury).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(&world.relay, &world.canterbury, &app).await;
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!((out.status, out.location.as_str()), (303, "/sign-in"));
    assert_eq!(out.clears, "\"cache\", \"storage\"", "Clear-Site-Data");
    assert!(browser.who(&world.relay).await.is_none());
}
