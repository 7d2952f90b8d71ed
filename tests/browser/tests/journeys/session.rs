//! A session that ends while somebody types: warned in time, and nothing typed is lost.

use std::time::Duration;

use dutyline_browser_tests::{Browser, Demo, Scripts};

/// Says that so many seconds are left, as the server would after a while without a request.
const LEFT: &str = "
    const real = window.real ??= window.fetch;
    window.fetch = async (path, how) => {
        if (path !== '/session') { window.fetch = real; return real(path, how); }
        const left = await (await real(path, how)).json();
        return { status: 200, json: async () => ({ ...left, seconds: 110, most: SECONDS }) };
    };
    document.dispatchEvent(new Event('visibilitychange'));";
/// What a page does when somebody looks at it again.
const LOOK: &str = "document.dispatchEvent(new Event('visibilitychange'))";

#[tokio::test]
async fn a_warning_comes_before_the_end_and_nothing_typed_is_lost() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "session", Scripts::On).await;
    browser.sign_in("Jo Sample").await;
    browser.visit("/account/sessions").await;
    browser.look("where-you-are-signed-in").await;
    browser.visit("/referrals").await;
    browser.press("Start a referral").await;
    browser.fill("carer.postcode", "CT1 2EH").await;
    stays(&browser).await;
    is_told_that_a_day_is_over(&browser).await;
    comes_back(&browser).await;
}

async fn stays(browser: &Browser) {
    browser.run(&LEFT.replace("SECONDS", "9999")).await;
    until(browser, "Are you still there?").await;
    browser.look("still-there").await;
    browser.press_here("Stay signed in").await;
    until_gone(browser, "Are you still there?").await;
}

async fn is_told_that_a_day_is_over(browser: &Browser) {
    browser.run(&LEFT.replace("SECONDS", "110")).await;
    until(browser, "Save what you are doing now").await;
    browser.press_here("Go on").await;
    until_gone(browser, "Save what you are doing now").await;
    browser.run("window.fetch = window.real").await;
}

async fn comes_back(browser: &Browser) {
    browser.forget_everything().await;
    browser.run(LOOK).await;
    until(browser, "You were signed out").await;
    browser.look("signed-out").await;
    browser.press_here("Sign in (opens a new tab)").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    browser.go_to_tab(true).await;
    browser.press("Sign in as Jo Sample").await;
    browser.go_to_tab(false).await;
    browser.run(LOOK).await;
    until_gone(browser, "You were signed out").await;
    assert_eq!(browser.typed("carer.postcode").await, "CT1 2EH", "what was typed is there");
    browser.go_to_tab(true).await;
    browser.sign_in("Nurse Canterbury").await;
    browser.go_to_tab(false).await;
    browser.run(LOOK).await;
    for _ in 0..250 {
        if browser.path().await == "/inbox" || !browser.path().await.starts_with("/drafts/") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("somebody else sees what was typed: {}", browser.path().await);
}

async fn until(browser: &Browser, words: &str) {
    for _ in 0..250 {
        if browser.says(words).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    browser.see(words).await;
}

async fn until_gone(browser: &Browser, words: &str) {
    for _ in 0..250 {
        if !browser.says(words).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("“{words}” still stands there");
}
