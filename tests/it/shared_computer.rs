//! Safe at a shared computer: sessions that end by rest and age, are listed and ended, and ask for the
//! second factor again.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::domain::ids::PersonId;
use dutyline::domain::people::Role;
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::domain::time::MINUTE;
use dutyline::people::{self, Begin, Token};
use dutyline::web::Site;
use dutyline::web::routes::{Access, ROUTES};
use tower::ServiceExt as _;

use crate::access::site;
use crate::support::{Engine, World};

struct Answer {
    status: u16,
    location: String,
    body: String,
}

/// A browser with a session.
struct Tab {
    site: Arc<Site>,
    token: Token,
}

impl Tab {
    async fn of(site: &Arc<Site>, person: PersonId, stage: Stage, checked: bool) -> Self {
        let checked = checked.then(|| site.relay.clock.now());
        let how = Begin { stage, method: Method::Password, checked, browser: "firefox-windows".to_owned() };
        let token = people::begin(&site.relay, person, how).await.expect("answers").expect("begun");
        Self { site: site.clone(), token }
    }

    async fn ask(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", format!("dutyline-demo={}", self.token.secret()))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::empty())
            .expect("a request");
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        Answer {
            status: answer.status().as_u16(),
            location: location.unwrap_or_default().to_owned(),
            body: String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.expect("read").to_vec())
                .expect("text"),
        }
    }
}

#[tokio::test]
async fn ones_sessions_are_shown_and_others_are_ended() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mine = Tab::of(&site, world.sender.id, Stage::Full, true).await;
    let forgotten = Tab::of(&site, world.sender.id, Stage::Full, true).await;
    let stranger = Tab::of(&site, world.other_sender.id, Stage::Full, true).await;
    let page = mine.ask("GET", "/account/sessions").await.body;
    assert!(page.contains("Firefox on Windows") && page.contains("Sign out everywhere else"), "{page}");
    assert!(page.contains("This one") && page.contains("Your last sign-ins"), "{page}");
    let theirs =
        people::whose(&world.relay, &forgotten.token).await.expect("looks").expect("lives").session.id;
    let by_stranger = stranger.ask("POST", &format!("/account/sessions/{theirs}/end")).await;
    assert!(by_stranger.body.contains("nothing left to sign out of"), "{}", by_stranger.body);
    assert_eq!(forgotten.ask("GET", "/referrals").await.status, 200, "not the stranger's to end");
    let ended = mine.ask("POST", &format!("/account/sessions/{theirs}/end")).await;
    assert!(ended.body.contains("signed out in 1 other place"), "{}", ended.body);
    assert_eq!(forgotten.ask("GET", "/referrals").await.location, "/sign-in?next=/referrals");
    let again = Tab::of(&site, world.sender.id, Stage::Full, true).await;
    mine.ask("POST", "/account/sessions/end-others").await;
    assert_eq!(again.ask("GET", "/referrals").await.status, 303);
    assert_eq!(mine.ask("GET", "/referrals").await.status, 200);
    assert_eq!(stranger.ask("GET", "/referrals").await.status, 200);
}

#[tokio::test]
async fn looking_at_the_time_left_does_not_keep_a_session_alive_and_staying_does() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let tab = Tab::of(&site, world.sender.id, Stage::Full, true).await;
    let idle = world.relay.sign_in.of(Role::Practitioner).idle;
    let left = async || {
        let answer = tab.ask("GET", "/session").await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer.status, json["seconds"].as_i64())
    };
    assert_eq!(left().await, (200, Some(idle / 1_000_000)));
    world.relay.clock.advance(idle - 2 * MINUTE);
    assert_eq!(left().await, (200, Some(120)));
    assert_eq!(tab.ask("POST", "/session/stay").await.location, "/session");
    assert_eq!(left().await, (200, Some(idle / 1_000_000)), "whoever presses the button stays");
    for _ in 0..3 {
        world.relay.clock.advance(idle / 3);
        let _ = left().await;
    }
    assert_eq!(left().await, (204, None), "a page that looks by itself is nobody who is there");
    assert_eq!(tab.ask("GET", "/referrals").await.status, 303);
}

#[tokio::test]
async fn whoever_is_half_way_reaches_nothing_but_the_way() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    for (stage, to) in [(Stage::Second, "/sign-in/second"), (Stage::SetUp, "/account/set-up")] {
        let tab = Tab::of(&site, world.desk.id, stage, false).await;
        for route in ROUTES.iter().filter(|route| !matches!(route.access, Access::Anyone | Access::Begun)) {
            let path = route.path.replace(['{', '}'], "");
            let answer = tab.ask(route.method, &path).await;
            assert_eq!((answer.status, answer.location.as_str()), (303, to), "{} {path}", route.method);
        }
        let front = tab.ask("GET", "/").await;
        assert!(!front.body.contains(&world.desk.name), "no name, no menu: {}", front.body);
    }
}

#[tokio::test]
async fn when_the_last_check_is_too_old_it_is_asked_for_again_and_a_form_gets_time() {
    let mut world = World::on(Engine::Sqlite).await;
    let rules = &mut Arc::get_mut(&mut world.relay).expect("nobody else has it yet").sign_in;
    rules.recheck = 20 * MINUTE;
    let site = site(&world);
    let tab = Tab::of(&site, world.sender.id, Stage::Full, true).await;
    world.relay.clock.advance(20 * MINUTE);
    assert_eq!(tab.ask("GET", "/referrals").await.status, 200, "just in time");
    world.relay.clock.advance(MINUTE);
    assert_eq!(tab.ask("GET", "/referrals").await.location, "/sign-in/again?next=/referrals");
    assert_eq!(
        tab.ask("POST", "/session/stay").await.location,
        "/session",
        "what was typed may still be sent"
    );
    world.relay.clock.advance(15 * MINUTE);
    tab.ask("GET", "/").await;
    world.relay.clock.advance(15 * MINUTE);
    assert_eq!(tab.ask("POST", "/session/stay").await.location, "/sign-in/again?next=/", "but not for ever");
    let now = people::whose(&world.relay, &tab.token).await.expect("looks").expect("lives");
    people::checked(&world.relay, &tab.token, &now).await.expect("noted");
    assert_eq!(tab.ask("GET", "/referrals").await.status, 200, "a new check is good for as long again");
}
