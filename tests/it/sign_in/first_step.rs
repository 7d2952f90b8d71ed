//! The address and the password: what a stranger learns, and how long guessing takes.

use dutyline::domain::time::{HOUR, MINUTE, SECOND};

use super::door::{Browser, PASSWORD, SESSION, events, the_trail_holds, with_app, with_password, world};

#[tokio::test]
async fn a_password_and_an_app_sign_in_and_each_step_has_its_own_token() {
    let (world, site) = world().await;
    let app = with_app(&site, &world.canterbury).await;
    let mut browser = Browser::new(&site);
    let page = browser.get("/sign-in?next=/inbox").await;
    for words in [
        "autocomplete=\"username webauthn\"",
        "autocomplete=\"current-password\"",
        "type=\"email\"",
        "type=\"password\"",
        "value=\"/inbox\"",
        "href=\"/sign-in/forgotten\"",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    // Capitals and spaces around an address do not matter.
    let typed = format!(" {} ", world.canterbury.email.to_uppercase());
    let form = [("address", typed.as_str()), ("password", PASSWORD), ("next", "//evil.example")];
    let first = browser.post("/sign-in/password", &form).await;
    assert_eq!((first.status, first.location.as_str()), (303, "/sign-in/second?next=/"));
    let half = browser.clone();
    assert_eq!(browser.get("/inbox").await.location, "/sign-in/second", "half a sign-in opens nothing");
    assert_eq!(browser.get("/account").await.location, "/sign-in/second");
    browser.signs_in(&world.relay, &world.canterbury, &app).await;
    assert_eq!(browser.get("/inbox").await.status, 200);
    assert_ne!(browser.cookies[SESSION], half.cookies[SESSION]);
    assert!(browser.cookies.contains_key("dutyline-demo-device"));
    let now = browser.who(&world.relay).await.expect("signed in");
    assert!(now.session.checked_within(world.relay.clock.now(), 0));
    the_trail_holds(&world.relay).await;
}

#[tokio::test]
async fn unknown_wrong_and_without_a_password_look_alike() {
    let (world, site) = world().await;
    with_password(&site, &world.sender).await;
    let mut bodies = Vec::new();
    for (address, password) in [
        ("nobody@setting1.example", PASSWORD),
        (world.sender.email.as_str(), "not it at all"),
        (world.auditor.email.as_str(), PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (world.sender.email.as_str(), &"long".repeat(10_000)),
    ] {
        let mut browser = Browser::new(&site);
        let answer = browser.types(address, password).await;
        assert_eq!((answer.status, browser.cookies.len()), (422, 0), "{address}");
        assert!(answer.body.contains("The email address or the password is not right"));
        assert!(!answer.body.contains(PASSWORD));
        bodies.push(answer.body.replace(&format!("value=\"{address}\""), "value=\"\""));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn guessing_takes_longer_and_longer_for_known_and_unknown_addresses_alike() {
    let (world, site) = world().await;
    with_password(&site, &world.sender).await;
    for address in [world.sender.email.as_str(), "nobody@setting1.example"] {
        let mut stranger = Browser::new(&site);
        for _ in 0..3 {
            assert_eq!(stranger.types(address, "guess").await.status, 422);
        }
        for wait in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            let told = stranger.types(address, PASSWORD).await;
            assert_eq!((told.status, told.retry_after), (429, wait.to_string()), "{address}");
            assert!(told.body.contains("Wait before you try again"));
            world.relay.clock.advance(wait * SECOND - 1);
            assert_eq!(stranger.types(address, PASSWORD).await.status, 429, "not yet");
            world.relay.clock.advance(1);
            assert_eq!(stranger.types(address, "guess").await.status, 422, "{address} after {wait}");
        }
    }
    // Nobody is locked out: after the wait the right password works, and the count begins anew.
    world.relay.clock.advance(300 * SECOND);
    let mut owner = Browser::new(&site);
    assert_eq!(owner.types(&world.sender.email, PASSWORD).await.status, 303);
    assert_eq!(Browser::new(&site).types(&world.sender.email, PASSWORD).await.status, 303);
}

#[tokio::test]
async fn many_tries_at_once_are_counted_before_they_are_looked_at() {
    let (world, site) = world().await;
    with_password(&site, &world.sender).await;
    let tries = (0..12).map(|_| {
        let (site, address) = (site.clone(), world.sender.email.clone());
        tokio::spawn(async move { Browser::new(&site).types(&address, "guess").await.status })
    });
    let mut looked_at = 0;
    for one in tries.collect::<Vec<_>>() {
        looked_at += usize::from(one.await.expect("answers") == 422);
    }
    assert_eq!(looked_at, 3);
}

#[tokio::test]
async fn a_browser_that_signed_in_before_is_not_kept_waiting_by_others() {
    let (world, site) = world().await;
    let app = with_app(&site, &world.canterbury).await;
    let mut known = Browser::at(&site, "192.0.2.1");
    known.signs_in(&world.relay, &world.canterbury, &app).await;
    known.post("/sign-out", &[]).await;
    let mut stranger = Browser::at(&site, "192.0.2.1");
    for _ in 0..40 {
        stranger.types(&world.canterbury.email, "guess").await;
        stranger.types("nobody@setting1.example", "guess").await;
    }
    assert_eq!(Browser::new(&site).types(&world.canterbury.email, PASSWORD).await.status, 429);
    // A made-up device cookie is a stranger's.
    stranger.cookies.insert("dutyline-demo-device".to_owned(), "ab".repeat(32));
    assert_eq!(stranger.types(&world.canterbury.email, PASSWORD).await.status, 429);
    world.relay.clock.advance(30 * SECOND);
    known.signs_in(&world.relay, &world.canterbury, &app).await;
    // Its cookie is that account's alone, and it has tries of its own.
    assert_eq!(known.types(&world.swale.email, "guess").await.status, 422);
    for _ in 0..3 {
        assert_eq!(known.types(&world.canterbury.email, "guess").await.status, 422);
    }
    assert_eq!(known.types(&world.canterbury.email, "guess").await.status, 429);
}

#[tokio::test]
async fn one_network_cannot_go_through_many_addresses() {
    let (_world, site) = world().await;
    let mut stranger = Browser::at(&site, "2001:db8::1");
    for n in 0..30 {
        assert_eq!(stranger.types(&format!("n{n}@setting1.example"), "guess").await.status, 422);
    }
    stranger.peer = Some("2001:db8::2".parse().expect("an address"));
    assert_eq!(stranger.types("n31@setting1.example", "guess").await.status, 429, "the same customer");
    stranger.peer = Some("2001:db8:0:1::1".parse().expect("an address"));
    assert_eq!(stranger.types("n31@setting1.example", "guess").await.status, 422, "another one");
}

#[tokio::test]
async fn strangers_cannot_fill_the_trail_and_it_names_nobody() {
    let (world, site) = world().await;
    with_password(&site, &world.sender).await;
    let before = events(&world.relay, "").await;
    for n in 0..40 {
        Browser::new(&site).types(&format!("n{n}@setting1.example"), "guess").await;
        Browser::new(&site).types(&world.sender.email, "guess").await;
    }
    assert_eq!(events(&world.relay, "").await - before, 1, "one event in a minute");
    world.relay.clock.advance(MINUTE);
    Browser::new(&site).types("more@setting1.example", "guess").await;
    assert_eq!(events(&world.relay, "refusals-counted").await, 2);
    assert_eq!(events(&world.relay, "sign-in-refused").await, 0);
    the_trail_holds(&world.relay).await;
}

#[tokio::test]
async fn tries_and_browsers_are_swept_when_their_time_is_over() {
    let (world, site) = world().await;
    Browser::new(&site).types("nobody@setting1.example", "guess").await;
    assert_eq!(dutyline::people::sweep(&world.relay).await.expect("swept"), 0);
    world.relay.clock.advance(25 * HOUR);
    assert_eq!(dutyline::people::sweep(&world.relay).await.expect("swept"), 1);
}
