//! A practitioner in a room without telephones: invited by the manager, a code by email as the second
//! way. Everything of it works without the pages' scripts too.

use dutyline_browser_tests::{Browser, Scripts, Served};

/// The one who is invited.
const NEW: &str = "jo@meadow.example";
/// Nobody's guess.
const PASSWORD: &str = "kettle marble owl eighty";

#[tokio::test]
async fn signing_in_with_a_mailed_code() {
    let served = Served::start();
    a_practitioner(&served, "mailed-code", Scripts::On).await;
}

#[tokio::test]
async fn signing_in_with_a_mailed_code_without_javascript() {
    let served = Served::start();
    a_practitioner(&served, "mailed-code-without-scripts", Scripts::Off).await;
}

async fn a_practitioner(served: &Served, journey: &'static str, scripts: Scripts) {
    let browser = Browser::at(&served.web, journey, scripts).await;
    is_invited(served, &browser).await;
    sets_it_up(served, &browser).await;
    let used = signs_in(served, &browser).await;
    signs_in_again(served, &browser, &used).await;
}

async fn is_invited(served: &Served, browser: &Browser) {
    browser.visit(&served.link(Served::MANAGER)).await;
    browser.press("Sign in").await;
    browser.visit("/setting/people/new").await;
    browser.fill("name", "Jo Sample").await;
    browser.fill("email", NEW).await;
    browser.choose("role", "practitioner").await;
    browser.press("Invite").await;
    browser.press("Sign out").await;
}

async fn sets_it_up(served: &Served, browser: &Browser) {
    browser.visit(&served.mailed_path(NEW, "/invitation/")).await;
    browser.look("invitation").await;
    browser.press("Accept").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Continue").await;
    browser.see("Choose this where phones are not allowed").await;
    browser.look("choose-a-second-way").await;
    browser.press("Use a code by email").await;
    browser.look("recovery-codes").await;
    assert_eq!(browser.recovery_codes().await.len(), 10);
    browser.press("I have kept them").await;
    browser.look("you-are-set-up").await;
    browser.press("Start").await;
    assert_eq!(browser.path().await, "/referrals");
    browser.press("Sign out").await;
}

/// A wrong code, a new one, which ends the first; the code that was used.
async fn signs_in(served: &Served, browser: &Browser) -> String {
    browser.look("sign-in").await;
    browser.types_password(NEW, PASSWORD).await;
    browser.look("before-the-code").await;
    assert!(!served.letters.has_any_to(NEW), "nothing is sent before it is asked for");
    browser.press("Send the code").await;
    browser.look("the-code-was-sent").await;
    let first = served.mailed_code(NEW);
    type_code(browser, &another(&first)).await;
    browser.see("This code is not right, or its 10 minutes are over").await;
    browser.look("a-wrong-code").await;
    browser.press("Send a new code").await;
    let second = served.mailed_code(NEW);
    if first != second {
        type_code(browser, &first).await;
        browser.see("This code is not right, or its 10 minutes are over").await;
    }
    type_code(browser, &second).await;
    browser.arrive("/referrals").await;
    browser.visit("/sign-in/second").await;
    browser.arrive("/referrals").await;
    second
}

async fn signs_in_again(served: &Served, browser: &Browser, used: &str) {
    browser.press("Sign out").await;
    browser.types_password(NEW, PASSWORD).await;
    browser.press("Send the code").await;
    let code = served.mailed_code(NEW);
    if code != used {
        type_code(browser, used).await;
        browser.see("This code is not right, or its 10 minutes are over").await;
    }
    type_code(browser, &format!("{} {}", &code[..3], &code[3..])).await;
    browser.arrive("/referrals").await;
    browser.visit("/account").await;
    browser.look("account").await;
}

async fn type_code(browser: &Browser, code: &str) {
    browser.fill("code", code).await;
    browser.press("Continue").await;
}

/// A code that is certainly another.
fn another(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}
