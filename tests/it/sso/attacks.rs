//! Tokens that are not right, answers that are somebody else's, addresses that lead elsewhere.

use serde_json::json;

use super::provider::{Provider, with};
use super::{CALLBACK, Door, nurse, settings};
use crate::support::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_right_signs_nobody_in() {
    let door = Door::on(Engine::Sqlite).await;
    let now = door.site.relay.clock.now().micros() / 1_000_000;
    for (what, claims, more) in [
        ("a wrong nonce", json!({"nonce": "another"}), json!({})),
        ("no nonce", json!({"nonce": null}), json!({})),
        ("an expired token", json!({"exp": now - 1}), json!({})),
        ("no expiry", json!({"exp": null}), json!({})),
        ("a wrong audience", json!({"aud": "another-client"}), json!({})),
        ("one more audience", json!({"aud": ["dutyline-test", "another-client"]}), json!({})),
        ("another party", json!({"azp": "another-client"}), json!({})),
        ("another issuer", json!({"iss": "https://evil.example"}), json!({})),
        ("no subject", json!({"sub": null}), json!({})),
        ("an empty subject", json!({"sub": ""}), json!({})),
        ("an unknown key", json!({}), json!({"key": "unknown"})),
        ("no signature", json!({}), json!({"alg": "none"})),
        ("our secret as its key", json!({}), json!({"alg": "HS256"})),
    ] {
        let mut switches = json!({"person": with("nurse-1", &nurse()), "claims": claims});
        more.as_object().expect("fields").iter().for_each(|(name, value)| switches[name] = value.clone());
        door.provider.switch(&switches);
        let (browser, got) = door.sign_in().await;
        assert_eq!((got.status, browser.who().await), (502, None), "{what}");
        assert!(got.body.contains("We could not check your sign-in"), "{what}: {}", got.body);
        assert!(
            got.body.contains("say this number") && got.body.contains("href=\"/sign-in\""),
            "{}",
            got.body
        );
        assert!(!got.body.contains("token") && !got.body.contains("nonce"), "no detail: {}", got.body);
    }
    assert_eq!((door.events("signed-in").await, door.events("identity-linked").await), (0, 0));
    door.provider.person("nurse-1", &nurse());
    assert_eq!(door.sign_in().await.1.status, 303, "and a right one does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_may_change_its_keys() {
    let door = Door::on(Engine::Sqlite).await;
    let signed = |key: &str, published: &[&str]| {
        let person = with("nurse-1", &nurse());
        door.provider.switch(&json!({"person": person, "key": key, "publish": published}));
    };
    signed("a", &["a"]);
    assert_eq!(door.sign_in().await.1.status, 303);
    signed("b", &["a", "b"]);
    assert_eq!(door.sign_in().await.1.status, 303, "the new key is looked up once more");
    signed("c", &["b", "c"]);
    assert_eq!(door.sign_in().await.1.status, 303, "another kind of key");
    signed("a", &["b", "c"]);
    assert_eq!(door.sign_in().await.1.status, 502, "the old key is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_in_the_browser_that_asked_once_and_in_time() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.person("nurse-1", &nurse());
    let mut browser = door.browser();
    let answer = door.provider.visit(&browser.begin("/").await);

    // Login CSRF: the attacker's answer in somebody else's browser, with no or another ceremony there.
    let mut stranger = door.browser();
    assert_eq!(stranger.back(&answer).await.status, 400, "a scanner, or another browser");
    stranger.begin("/").await;
    let got = stranger.back(&answer).await;
    assert_eq!((got.status, stranger.who().await), (400, None));
    assert!(got.body.contains("begin again in this browser"), "{}", got.body);
    assert!(stranger.cookies.contains_key("__Host-dutyline-sso"), "their own ceremony goes on");

    let state =
        answer.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state").to_owned();
    let wrong = answer.replace(&state, &"0".repeat(64));
    for bad in [wrong, answer.replace(&state, "x"), CALLBACK.to_owned(), format!("{answer}&state={state}")] {
        assert_eq!(browser.back(&bad).await.status, 400, "{bad}");
    }
    assert_eq!(browser.back(&answer).await.status, 303, "nothing of that used it up");
    let cookie = browser.cookies.clone();
    assert_eq!(browser.back(&answer).await.status, 400, "once");
    assert_eq!(browser.cookies, cookie, "and the session stays");

    let mut slow = door.browser();
    let late = door.provider.visit(&slow.begin("/").await);
    let kept = slow.cookies.clone();
    door.site.relay.clock.advance(dutyline::people::sso::CEREMONY);
    assert_eq!((slow.back(&late).await.status, slow.cookies == kept), (400, true), "ten minutes are over");

    // The state is right and the secret of the browser is replayed after use: nothing is left to finish.
    let mut thief = door.browser();
    thief.cookies = kept;
    assert_eq!(thief.back(&answer).await.status, 400);
    assert_eq!(door.events("signed-in").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_providers_answer_is_not_taken_for_anothers() {
    let other = Provider::start(&CALLBACK.replace("test", "other"), "client_secret_basic");
    let issuer = other.issuer.clone();
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| {
        let mut second = settings(&issuer);
        second.id = "other".to_owned();
        second.redirect = CALLBACK.replace("test", "other");
        all.push(second);
    })
    .await;
    door.provider.person("nurse-1", &nurse());
    other.person("nurse-1", &nurse());
    let code_of = |answer: &str| {
        answer.split("code=").nth(1).and_then(|c| c.split('&').next()).expect("a code").to_owned()
    };

    let mut browser = door.browser();
    let answer = door.provider.visit(&browser.begin("/").await);
    assert_eq!(browser.back(&answer.replace("sso/test", "sso/other")).await.status, 400, "another's address");
    assert_eq!(browser.back(&answer).await.status, 303);

    let mut browser = door.browser();
    let ours = door.provider.visit(&browser.begin("/").await);
    let theirs = other.visit(&door.browser().leave("/sign-in/sso/other", "/").await);
    let mixed = ours.replace(&code_of(&ours), &code_of(&theirs));
    let got = browser.back(&mixed).await;
    assert_eq!((got.status, browser.who().await), (502, None), "a code of another provider");

    let mut browser = door.browser();
    let ours = door.provider.visit(&browser.begin("/").await);
    let (ours, _) = ours.split_once("&iss=").expect("the provider names itself");
    let got = browser.back(&format!("{ours}&iss={issuer}")).await;
    assert_eq!((got.status, browser.who().await), (502, None), "an answer of another issuer");

    let mut browser = door.browser();
    let ours = door.provider.visit(&browser.begin("/").await);
    let mut second = door.browser();
    let stolen = door.provider.visit(&second.begin("/").await);
    let injected = ours.replace(&code_of(&ours), &code_of(&stolen));
    let got = browser.back(&injected).await;
    assert_eq!((got.status, browser.who().await), (502, None), "a code of another ceremony (PKCE)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_names_another_issuer_is_not_followed() {
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| {
        all[0].issuer = all[0].issuer.replace("127.0.0.1", "localhost");
    })
    .await;
    let got = door.browser().post("/sign-in/sso/test", "next=/").await;
    assert_eq!(got.status, 502, "{}", got.body);
    assert!(got.body.contains("We could not check your sign-in"), "{}", got.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere_and_an_unknown_provider_is_no_page() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.person("nurse-1", &nurse());
    for (next, to) in [
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("/inbox", "/inbox"),
    ] {
        let mut browser = door.browser();
        let address = browser.begin(next).await;
        assert!(!address.contains("evil"), "{address}");
        let got = browser.back(&door.provider.visit(&address)).await;
        assert_eq!((got.status, got.location.as_str()), (303, to), "{next}");
    }
    let mut browser = door.browser();
    assert_eq!(browser.post("/sign-in/sso/none", "").await.status, 404);
    assert_eq!(browser.get("/sign-in/sso/none/callback?state=x").await.status, 404);
    assert_eq!(browser.ask("POST", "/sign-in/sso/test", "cross-site", String::new()).await.status, 403);
    assert_eq!(browser.get("/sign-in/sso/test").await.status, 404, "a link begins nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_or_is_not_there_is_said_in_plain_words() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.switch(&json!({"refuse": "access_denied"}));
    let (browser, got) = door.sign_in().await;
    assert_eq!((got.status, browser.who().await), (403, None));
    assert!(got.body.contains("You are not signed in") && !got.body.contains("denied"), "{}", got.body);
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| {
        all[0].issuer = "http://127.0.0.1:1".to_owned();
    })
    .await;
    let got = door.browser().post("/sign-in/sso/test", "next=/").await;
    assert_eq!(got.status, 502);
    assert!(
        got.body.contains("Try again in a few minutes") && !got.body.contains("127.0.0.1"),
        "{}",
        got.body
    );
}
