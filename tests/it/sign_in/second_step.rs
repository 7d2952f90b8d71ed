//! Second factors: an app's code, a mailed code, a recovery code; each once.

use dutyline::domain::sign_in::Method;
use dutyline::domain::time::{HOUR, MINUTE, SECOND};
use dutyline::people::recovery;

use super::door::{
    Browser, PASSWORD, code_in, code_now, events, letters, the_trail_holds, with_app, with_password, world,
};

#[tokio::test]
async fn a_code_of_an_app_works_once_and_not_again_in_its_half_minute() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    let code = code_now(relay, &app);
    let mut first = Browser::new(&site);
    first.types(&who.email, PASSWORD).await;
    assert_eq!(first.shows("totp", &format!("{} {}", &code[..3], &code[3..])).await.status, 303);
    let mut second = Browser::new(&site);
    second.types(&who.email, PASSWORD).await;
    let replayed = second.shows("totp", &code).await;
    assert_eq!(replayed.status, 422);
    assert!(replayed.body.contains("was used before") && second.who(relay).await.is_some());
    relay.clock.advance(30 * SECOND);
    assert_eq!(second.shows("totp", &code).await.status, 422, "nor in the next");
    assert_eq!(second.shows("totp", &code_now(relay, &app)).await.status, 303);
    assert_eq!(events(relay, "factor-used").await, 2);
    assert_eq!(events(relay, "sign-in-refused").await, 2);
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn of_two_uses_of_one_code_at_once_one_wins() {
    let (world, site) = world().await;
    let who = &world.canterbury;
    let app = with_app(&site, who).await;
    let (mut one, mut two) = (Browser::new(&site), Browser::new(&site));
    one.types(&who.email, PASSWORD).await;
    two.types(&who.email, PASSWORD).await;
    let code = code_now(&world.relay, &app);
    let (one, two) = tokio::join!(one.shows("totp", &code), two.shows("totp", &code));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [303, 422]);
}

#[tokio::test]
async fn guessing_codes_is_slowed_and_a_step_too_old_or_too_new_is_none() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.types(&who.email, PASSWORD).await;
    let seconds = u64::try_from(relay.clock.now().micros() / SECOND).expect("after 1970");
    for at in [seconds - 60, seconds + 60] {
        assert_eq!(browser.shows("totp", &app.generate(at).to_string()).await.status, 422);
    }
    assert_eq!(browser.shows("totp", "12345").await.status, 422);
    assert_eq!(browser.shows("totp", &code_now(relay, &app)).await.status, 429);
    // Another session of who knows the password shares the count.
    let mut other = Browser::new(&site);
    other.types(&who.email, PASSWORD).await;
    assert_eq!(other.shows("totp", &code_now(relay, &app)).await.status, 429);
    relay.clock.advance(2 * SECOND);
    assert_eq!(browser.shows("totp", &app.generate(seconds + 30).to_string()).await.status, 303);
}

#[tokio::test]
async fn a_mailed_code_works_once_in_the_session_that_asked() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    with_password(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.types(&who.email, PASSWORD).await;
    let page = browser.get("/sign-in/second?next=/account").await;
    assert!(page.body.contains("Send the code") && !page.body.contains("name=\"code\""));
    assert!(letters(relay).await.is_empty(), "looking sends nothing");
    let asked = browser.post("/sign-in/code", &[("next", "/account")]).await;
    assert_eq!(asked.location, "/sign-in/second?way=mailed-code&next=/account");
    let page = browser.get(&asked.location).await;
    assert!(page.body.contains("autocomplete=\"one-time-code\"") && page.body.contains(&who.email));
    let sent = letters(relay).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, who.email.as_str()));
    let code = code_in(&sent[0]);
    assert_eq!(code.len(), 6, "{}", sent[0].text);
    assert!(!sent[0].subject.contains(&code), "not on a locked screen");
    let mut elsewhere = Browser::new(&site);
    elsewhere.types(&who.email, PASSWORD).await;
    assert_eq!(elsewhere.shows("mailed-code", &code).await.status, 422, "another session");
    assert_eq!(browser.shows("mailed-code", &code).await.status, 303);
    assert_eq!(browser.get("/referrals").await.status, 200);
    elsewhere.post("/sign-in/code", &[]).await;
    assert_eq!(elsewhere.shows("mailed-code", &code).await.status, 422, "used before");
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn a_mailed_code_ends_after_ten_minutes_or_five_tries_and_five_an_hour_are_sent() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    with_password(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.types(&who.email, PASSWORD).await;
    browser.post("/sign-in/code", &[]).await;
    let code = code_in(&letters(relay).await[0]);
    relay.clock.advance(10 * MINUTE);
    assert_eq!(browser.shows("mailed-code", &code).await.status, 422, "too late");
    browser.post("/sign-in/code", &[]).await;
    let code = code_in(&letters(relay).await[0]);
    for _ in 0..5 {
        relay.clock.advance(40 * SECOND);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(browser.shows("mailed-code", wrong).await.status, 422);
    }
    relay.clock.advance(65 * SECOND);
    assert_eq!(browser.shows("mailed-code", &code).await.status, 422, "tried too often");
    for _ in 0..3 {
        assert_eq!(browser.post("/sign-in/code", &[]).await.status, 303);
    }
    assert_eq!(browser.post("/sign-in/code", &[]).await.status, 429);
    assert_eq!(letters(relay).await.len(), 3);
    relay.clock.advance(HOUR);
    let mut browser = Browser::new(&site);
    browser.types(&who.email, PASSWORD).await;
    assert_eq!(browser.post("/sign-in/code", &[]).await.status, 303, "an hour later");
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    let mut owner = Browser::new(&site);
    owner.signs_in(relay, who, &app).await;
    let now = owner.who(relay).await.expect("signed in");
    let old = recovery::make(relay, &now).await.expect("made");
    let codes = recovery::make(relay, &now).await.expect("made");
    assert_eq!((codes.len(), codes[0].len()), (10, 11));
    let mut browser = Browser::new(&site);
    browser.types(&who.email, PASSWORD).await;
    let page = browser.get("/sign-in/second").await;
    assert!(page.body.contains("Use a recovery code") && !page.body.contains("Get a code by email"));
    assert!(browser.get("/sign-in/second?way=recovery-code").await.body.contains("Recovery code"));
    assert_eq!(browser.shows("recovery-code", &old[0]).await.status, 422, "earlier codes are worth nothing");
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(browser.shows("recovery-code", &typed).await.status, 303);
    let mut again = Browser::new(&site);
    again.types(&who.email, PASSWORD).await;
    assert_eq!(again.shows("recovery-code", &codes[0]).await.status, 422);
    assert_eq!(again.shows("recovery-code", &codes[1]).await.status, 303);
}

#[tokio::test]
async fn who_has_no_second_factor_is_told_to_ask_for_a_reset() {
    let (world, site) = world().await;
    with_password(&site, &world.canterbury).await;
    let mut browser = Browser::new(&site);
    browser.types(&world.canterbury.email, PASSWORD).await;
    let page = browser.get("/sign-in/second").await;
    assert!(page.body.contains("Ask for a reset") && !page.body.contains("/account"), "{}", page.body);
    assert_eq!(browser.post("/sign-in/code", &[]).await.status, 404, "a strong role gets no mailed code");
    for way in ["mailed-code", "totp", "passkey", "sso", "recovery-code"] {
        assert_eq!(browser.shows(way, "000000").await.status, 422, "{way}");
    }
    assert_eq!(browser.shows("nonsense", "").await.status, 400);
    assert_eq!(browser.get("/account/set-up").await.location, "/sign-in/second");
    assert_eq!(browser.post("/account/set-up/done", &[]).await.location, "/sign-in/second");
    assert!(letters(&world.relay).await.is_empty());
}

#[tokio::test]
async fn a_check_that_grew_old_is_asked_for_again_and_leads_back() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    let app = with_app(&site, who).await;
    let mut browser = Browser::new(&site);
    browser.signs_in(relay, who, &app).await;
    assert_eq!(browser.get("/account/recovery-codes").await.status, 200);
    assert_eq!(browser.get("/sign-in/second").await.location, "/", "nothing to do there");
    relay.clock.advance(11 * MINUTE);
    let sent = browser.get("/account/recovery-codes").await;
    assert_eq!(sent.location, "/sign-in/again?next=/account/recovery-codes");
    assert!(browser.get(&sent.location).await.body.contains("Show again that it is you"));
    let form = |code: &str| {
        [
            ("way", "totp".to_owned()),
            ("code", code.to_owned()),
            ("next", "/account/recovery-codes".to_owned()),
        ]
    };
    for (code, status) in [("000", 422), (code_now(relay, &app).as_str(), 303)] {
        let form = form(code);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post("/sign-in/again", &form).await;
        assert_eq!(answer.status, status);
        assert!(status != 303 || answer.location == "/account/recovery-codes");
    }
    assert_eq!(browser.get("/account/recovery-codes").await.status, 200);
    assert_eq!(events(relay, "factor-checked").await, 1);
}

#[tokio::test]
async fn somebody_with_a_link_and_nothing_else_sets_it_up_at_their_account() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.desk);
    let link = dutyline::people::link(relay, who.id).await.expect("a link");
    let mut browser = Browser::new(&site);
    browser.post(&format!("/sign-in/link/{}", link.secret()), &[]).await;
    assert_eq!(browser.who(relay).await.expect("signed in").session.method, Method::Link);
    let stale = browser.get("/account/authenticator").await.location;
    assert_eq!(stale, "/sign-in/again?next=/account/authenticator");
    assert!(browser.get(&stale).await.body.contains("href=\"/account/set-up\""));
    assert!(browser.get("/account").await.body.contains("Set up how you sign in"));
    browser.post("/account/set-up/password", &[("password", PASSWORD)]).await;
    let page = browser.get("/account/set-up/authenticator").await;
    let app = super::set_up::app_on(&page.body);
    let shown = browser.post("/account/set-up/authenticator", &[("code", &code_now(relay, &app))]).await;
    assert!(shown.body.contains("Your recovery codes"), "{}", shown.body);
    let session = browser.who(relay).await.expect("signed in").session;
    let done = browser.post("/account/set-up/done", &[]).await;
    assert!(done.status == 200 && done.body.contains("You are set up"), "{}", done.body);
    let after = browser.who(relay).await.expect("signed in").session;
    assert_eq!(
        (after.id, after.ends_at, after.checked_at),
        (session.id, session.ends_at, session.checked_at)
    );
    assert_eq!(browser.get("/account/authenticator").await.status, 200, "a factor was shown");
    assert_eq!(browser.get("/account/set-up").await.location, "/account", "and no other way in");
    assert_eq!(
        browser.post("/account/set-up/password", &[("password", PASSWORD)]).await.location,
        "/account"
    );
}

#[tokio::test]
async fn a_setting_with_a_link_is_told_that_its_password_is_enough() {
    let (world, site) = world().await;
    let relay = &world.relay;
    let link = dutyline::people::link(relay, world.sender.id).await.expect("a link");
    let mut browser = Browser::new(&site);
    let path = format!("/sign-in/link/{}", link.secret());
    browser.post(&path, &[]).await;
    let done = browser.post("/account/set-up/password", &[("password", PASSWORD)]).await;
    assert_eq!(done.location, "/account?done=first");
    assert!(browser.get(&done.location).await.body.contains("Your password is set"));
    let used = Browser::new(&site).post(&path, &[]).await;
    assert!(used.status == 410 && used.body.contains("This link has ended"), "{}", used.body);
}
