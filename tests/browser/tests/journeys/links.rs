//! The pages that a link leads to: signing in without a password, confirming a mailbox; and both links
//! once they were used.

use std::time::Duration;

use dutyline_browser_tests::{Browser, Demo, Scripts};

/// What a page of one button is sent by.
const SEND: &str = "main form[method=post] button[type=submit]";

#[tokio::test]
async fn links() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "links", Scripts::On).await;
    a_link_signs_in_once(&demo, &browser).await;
    a_mailbox_is_confirmed(&demo, &browser).await;
}

async fn a_link_signs_in_once(demo: &Demo, browser: &Browser) {
    let link = demo.command(&["people", "link", "jo@setting1.example", "--base-url", &demo.web]);
    let path = link.strip_prefix(&demo.web).expect("the demo's own address").to_owned();
    browser.visit(&path).await;
    browser.look("sign-in-link").await;
    browser.press_at(SEND).await;
    browser.visit("/referrals").await;
    assert_eq!(browser.path().await, "/referrals", "it signed in");
    browser.forget_everything().await;
    browser.visit(&path).await;
    browser.press_at(SEND).await;
    browser.look_at_failure("sign-in-link-ended", 410).await;
    browser.visit("/referrals").await;
    assert!(browser.path().await.starts_with("/sign-in"), "it signs in once");
}

async fn a_mailbox_is_confirmed(demo: &Demo, browser: &Browser) {
    demo.command(&["localities", "test-mailbox", "canterbury"]);
    browser.sign_in("Ira Guardian").await;
    let path = confirmation(browser).await;
    browser.forget_everything().await;
    browser.visit(&path).await;
    browser.look("confirm-mailbox").await;
    browser.press_at(SEND).await;
    browser.look("mailbox-confirmed").await;
    browser.visit(&path).await;
    browser.press_at(SEND).await;
    browser.look_at_failure("mailbox-link-ended", 410).await;
}

/// The link in the test notice that the demo captured.
async fn confirmation(browser: &Browser) -> String {
    for _ in 0..150 {
        browser.visit("/demo/mail").await;
        for letter in browser.links("/demo/mail/").await.into_iter().take(3) {
            browser.visit(&letter).await;
            let page = browser.source().await;
            if let Some((_, rest)) = page.split_once("/confirm-mailbox/") {
                let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
                return format!("/confirm-mailbox/{token}");
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no test notice was captured");
}
