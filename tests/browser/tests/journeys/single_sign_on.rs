//! Single sign-on at a real OpenID provider, in the browser: in, not in, and checked again.

use dutyline_browser_tests::{Browser, Scripts, Served};
use serde_json::{Value, json};

/// What the configuration says about the provider's people.
const RULE: &str = "when = { org = 'RYY', role = 'lead' }\norganisation = 'Health visiting'\n\
    role = 'duty-lead'\nlines = ['canterbury']";

#[tokio::test]
async fn single_sign_on() {
    let served = Served::with(RULE);
    let browser = Browser::at(&served.web, "single-sign-on", Scripts::On).await;
    signs_in(&served, &browser).await;
    is_checked_again(&served, &browser).await;
    another_organisation_is_told_what_to_do(&served, &browser).await;
    failures_are_said_plainly(&served, &browser).await;
    an_answer_belongs_to_the_browser_that_asked(&served).await;
}

/// The lead as the provider knows her, with some claims of another kind.
fn lead(served: &Served, org: &str, claims: &Value) {
    let person = json!({
        "sub": "lee-1", "email": Served::LEAD, "email_verified": true, "name": "Lee Lead",
        "org": org, "role": "lead",
    });
    let provider = served.provider.as_ref().expect("a provider");
    provider.switch(&json!({ "person": person, "claims": claims }));
}

async fn begins(browser: &Browser) {
    browser.forget_everything().await;
    browser.visit("/sign-in?next=/inbox").await;
    browser.press("Sign in with Trust sign-in").await;
}

async fn signs_in(served: &Served, browser: &Browser) {
    lead(served, "RYY", &json!({}));
    browser.visit("/inbox").await;
    browser.see("Use the account that your organisation gave you").await;
    browser.look("sign-in").await;
    begins(browser).await;
    browser.arrive("/inbox").await;
    browser.see("Lee Lead").await;
    browser.visit("/account").await;
    browser.see("You signed in with it").await;
    browser.look("account").await;
    browser.visit("/account/sessions").await;
    browser.see("Single sign-on").await;
}

/// Opening another line's case wants a check of the last ten minutes.
async fn is_checked_again(served: &Served, browser: &Browser) {
    browser.visit("/break-glass").await;
    assert_eq!(browser.path().await, "/break-glass", "signed in a moment ago");
    served.later(11);
    browser.visit("/break-glass").await;
    browser.arrive("/sign-in/again?next=/break-glass").await;
    browser.see("Sign in there again").await;
    browser.look("check-again").await;
    browser.press("Go to Trust sign-in").await;
    browser.arrive("/break-glass").await;
    served.later(11);
    lead(served, "RYY", &json!({ "auth_time": 1 }));
    browser.visit("/break-glass").await;
    browser.press("Go to Trust sign-in").await;
    until(browser, "Show again who you are").await;
    browser.look_at_failure("not-checked-again", 403).await;
    browser.press("Try again").await;
    browser.see("Sign in there again").await;
    browser.visit("/inbox").await;
    assert_eq!(browser.path().await, "/inbox", "still signed in for everything else");
}

async fn another_organisation_is_told_what_to_do(served: &Served, browser: &Browser) {
    lead(served, "RZZ", &json!({}));
    begins(browser).await;
    until(browser, "You cannot use dutyline with this account").await;
    browser.see("ask your duty lead").await;
    browser.look_at_failure("unknown-organisation", 403).await;
    nobody_is_signed_in(browser).await;
}

async fn failures_are_said_plainly(served: &Served, browser: &Browser) {
    for (name, claims) in
        [("wrong-nonce", json!({ "nonce": "another" })), ("expired-token", json!({ "exp": 1_600_000_000 }))]
    {
        lead(served, "RYY", &claims);
        begins(browser).await;
        until(browser, "We could not check your sign-in").await;
        let words = browser.words().await;
        assert!(!words.contains("nonce") && !words.contains("token"), "nothing for machines: {words}");
        browser.see("say this number").await;
        browser.look_at_failure(name, 502).await;
        nobody_is_signed_in(browser).await;
    }
    lead(served, "RYY", &json!({}));
    begins(browser).await;
    browser.arrive("/inbox").await;
}

async fn an_answer_belongs_to_the_browser_that_asked(served: &Served) {
    let stranger = Browser::at(&served.web, "single-sign-on-stranger", Scripts::On).await;
    let state = "0".repeat(64);
    stranger.visit(&format!("/sign-in/sso/test/callback?state={state}&code=made-up")).await;
    stranger.see("begin again in this browser").await;
    stranger.look_at_failure("another-browser", 400).await;
}

async fn nobody_is_signed_in(browser: &Browser) {
    browser.visit("/inbox").await;
    assert!(browser.path().await.starts_with("/sign-in"));
}

/// Waits until these words can be read: the way to the provider and back is several pages.
async fn until(browser: &Browser, words: &str) {
    for _ in 0..500 {
        if browser.says(words).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    browser.see(words).await;
}
