//! A passkey: added on the page, used alone, removed, and worth nothing afterwards. Passkeys belong to a
//! name, so the demo is opened as localhost; at its number the pages say what else there is.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn passkey() {
    let mut demo = Demo::start();
    at_a_number(&demo).await;
    demo.web = demo.web.replace("127.0.0.1", "localhost");
    let browser = Browser::open(&demo, "passkey", Scripts::On).await;
    browser.plug_in_authenticator();
    one_is_added(&browser).await;
    it_signs_in_alone(&browser).await;
    the_same_device_has_one_already(&browser).await;
    it_is_removed(&browser).await;
}

async fn at_a_number(demo: &Demo) {
    let browser = Browser::open(demo, "passkey-at-a-number", Scripts::On).await;
    browser.visit("/sign-in").await;
    browser.see("You can sign in another way").await;
    assert!(!browser.says("Sign in with a passkey").await, "it would not work there");
    browser.sign_in("Robin Desk").await;
    browser.visit("/account/passkeys").await;
    browser.see("In this demonstration, passkeys work at http://localhost:").await;
    browser.look("no-passkeys-here").await;
}

async fn one_is_added(browser: &Browser) {
    browser.sign_in("Robin Desk").await;
    browser.visit("/account/passkeys").await;
    browser.see("You have no passkeys").await;
    browser.look("none-yet").await;
    browser.fill("name", "Office computer").await;
    browser.press("Add a passkey").await;
    browser.see("Passkey added").await;
    assert_eq!(browser.cells("tbody tr th, tbody tr td:nth-child(3)").await, ["Office computer", "Not yet"]);
    browser.look("added").await;
}

async fn it_signs_in_alone(browser: &Browser) {
    browser.press("Sign out").await;
    browser.look("sign-in").await;
    assert!(!browser.says("You can sign in another way").await, "that is for other browsers");
    browser.visit("/sign-in?next=/account/passkeys").await;
    browser.press("Sign in with a passkey").await;
    assert_eq!(browser.path().await, "/account/passkeys");
    browser.see("Robin Desk").await;
    assert!(!browser.says("Not yet").await, "it was used");
}

async fn the_same_device_has_one_already(browser: &Browser) {
    browser.press_and_read("Add a passkey", "This device already has a passkey for you").await;
    browser.look("already").await;
}

async fn it_is_removed(browser: &Browser) {
    browser.press("Remove Office computer").await;
    browser.see("Passkey removed").await;
    browser.see("You have no passkeys").await;
    browser.look("removed").await;
    browser.press("Sign out").await;
    browser.press_and_read("Sign in with a passkey", "This passkey did not sign you in").await;
    browser.look("refused").await;
    browser.visit("/account/passkeys").await;
    assert!(browser.path().await.starts_with("/sign-in"), "nobody is signed in");
}
