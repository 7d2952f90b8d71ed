//! The pages that anybody may see, and what those see whose role opens no list.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn front() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "front", Scripts::On).await;
    for (path, words, name) in [
        ("/sign-in", "Choose who you want to be", "sign-in"),
        ("/privacy", "Privacy notice", "privacy"),
        ("/accessibility", "Accessibility statement", "accessibility"),
        ("/keys", "Published keys", "keys"),
        ("/no-such-page", "Page not found", "not-found"),
        ("/inbox", "Sign in", "sign-in-first"),
    ] {
        browser.visit(path).await;
        browser.see(words).await;
        browser.look(name).await;
    }
    browser.sign_in("Ada Administrator").await;
    browser.look("no-list").await;
    browser.press("Captured mail").await;
    browser.look("captured-mail").await;
    let letters = browser.links("/demo/mail/").await;
    browser.visit(letters.first().expect("the demo has written to its lines")).await;
    browser.look("captured-letter").await;
    browser.press("Sign out").await;
    browser.see("Choose who you want to be").await;
}
