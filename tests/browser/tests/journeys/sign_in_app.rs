//! A duty practitioner from the invitation to signing in with an authenticator app: invited by an
//! administrator, approved by the lead of the line, set up, signed in, signed out elsewhere.

use dutyline_browser_tests::{Account, Browser, Scripts, Served};

/// The one who is invited.
const NEW: &str = "robin@health.example";
/// Nobody's guess.
const PASSWORD: &str = "lantern gravel otter sixty";

#[tokio::test]
async fn signing_in_with_an_authenticator_app() {
    let served = Served::start();
    is_invited(&served).await;
    is_approved(&served).await;
    let browser = Browser::at(&served.web, "app", Scripts::On).await;
    chooses_a_password(&served, &browser).await;
    let mut account = sets_the_app_up(&browser).await;
    let code = signs_in(&browser, &mut account).await;
    let other = Browser::at(&served.web, "app-elsewhere", Scripts::On).await;
    a_code_works_once(&other, &code).await;
    a_recovery_code_works_once(&other, &account).await;
    signs_out_everywhere(&browser, &other).await;
}

async fn is_invited(served: &Served) {
    let browser = Browser::at(&served.web, "app-administrator", Scripts::On).await;
    browser.visit(&served.link(Served::ADMINISTRATOR)).await;
    browser.look("link-of-the-command-line").await;
    browser.press("Sign in").await;
    browser.visit("/people/new").await;
    browser.fill("organisation", "Health visiting").await;
    browser.fill("name", "Robin Duty").await;
    browser.fill("email", NEW).await;
    browser.choose("role", "duty").await;
    browser.choose("lines", "canterbury").await;
    browser.press("Invite").await;
    assert!(!served.letters.has_any_to(NEW), "first the lead approves");
}

/// The lead has to be checked for that: a link of the command line is not enough.
async fn is_approved(served: &Served) {
    let browser = Browser::at(&served.web, "app-lead", Scripts::On).await;
    browser.visit(&served.link(Served::LEAD)).await;
    browser.press("Sign in").await;
    browser.visit("/people/requests").await;
    assert!(browser.path().await.starts_with("/sign-in/again"));
    browser.see("Set one up first").await;
    browser.look("nothing-to-check-with").await;
    browser.press("Set up how you sign in").await;
    browser.see("Choose a password").await;
    browser.visit("/account").await;
    browser.look("account-by-link").await;
    Account::by_link(served, &browser, Served::LEAD).await;
    browser.visit("/people/requests").await;
    browser.press("Robin Duty").await;
    browser.choose("decision", "approve").await;
    browser.press("Save").await;
    browser.see("Approved").await;
}

async fn chooses_a_password(served: &Served, browser: &Browser) {
    browser.visit(&served.mailed_path(NEW, "/invitation/")).await;
    browser.see("Robin Duty, you are invited").await;
    browser.press("Accept").await;
    browser.look("choose-a-password").await;
    browser.fill("password", "short").await;
    browser.press("Continue").await;
    browser.see("Your password must have at least 10 characters").await;
    browser.fill("password", "password1234").await;
    browser.press("Continue").await;
    browser.see("This password is too easy to guess: many people use it or one like it").await;
    browser.look("too-easy").await;
    browser.paste("password", PASSWORD).await;
    assert_eq!(browser.typed("password").await, PASSWORD, "it can be pasted");
    browser.press("Continue").await;
    browser.see("Choose a second way").await;
    assert!(!browser.says("A code by email").await, "not for a duty line");
    browser.look("choose-a-second-way").await;
}

async fn sets_the_app_up(browser: &Browser) -> Account {
    browser.press("Use an authenticator app").await;
    browser.look("the-square").await;
    browser.fill("code", "12345").await;
    browser.press("Continue").await;
    browser.see("This code is not right").await;
    let mut app = browser.secret().await;
    browser.look("a-wrong-code").await;
    browser.fill("code", &app.code()).await;
    browser.press("Continue").await;
    browser.look("recovery-codes").await;
    let recovery = browser.recovery_codes().await;
    assert_eq!(recovery.len(), 10);
    browser.press("I have kept them").await;
    browser.look("you-are-set-up").await;
    browser.press("Start").await;
    assert_eq!(browser.path().await, "/inbox");
    Account { email: NEW, app, recovery }
}

/// Signs out and in again; the code that was used.
async fn signs_in(browser: &Browser, account: &mut Account) -> String {
    browser.visit("/account").await;
    browser.look("account").await;
    browser.press("Sign out").await;
    browser.look("sign-in").await;
    browser.types_password(NEW, "not the password").await;
    browser.see("The email address or the password is not right").await;
    browser.look("not-right").await;
    browser.types_password(NEW, PASSWORD).await;
    browser.see("Show that it is you").await;
    browser.look("code-of-the-app").await;
    let code = account.app.code();
    browser.fill("code", &code).await;
    browser.press("Continue").await;
    browser.arrive("/inbox").await;
    code
}

async fn a_code_works_once(other: &Browser, code: &str) {
    other.types_password(NEW, PASSWORD).await;
    other.fill("code", code).await;
    other.press("Continue").await;
    other.see("This code is not right, or was used before").await;
    other.look("used-before").await;
}

async fn a_recovery_code_works_once(other: &Browser, account: &Account) {
    other.press("Use a recovery code").await;
    other.look("recovery-code").await;
    other.fill("code", &account.recovery[0]).await;
    other.press("Continue").await;
    other.arrive("/inbox").await;
    other.press("Sign out").await;
    other.types_password(NEW, PASSWORD).await;
    other.press("Use a recovery code").await;
    other.fill("code", &account.recovery[0]).await;
    other.press("Continue").await;
    other.see("This recovery code is not right, or was used before").await;
    other.fill("code", &account.recovery[1].to_lowercase()).await;
    other.press("Continue").await;
    other.arrive("/inbox").await;
    other.visit("/account/recovery-codes").await;
    other.see("You have 8 left").await;
    other.look("eight-left").await;
}

async fn signs_out_everywhere(browser: &Browser, other: &Browser) {
    browser.visit("/account/sessions").await;
    let rows = "return [...document.querySelectorAll('table')].at(-1).querySelectorAll('tbody tr').length";
    assert_eq!(browser.run(rows).await, 4, "each sign-in once: set up, the app's code, two recovery codes");
    browser.look("signed-in-twice").await;
    browser.press("Sign out everywhere else").await;
    browser.see("You were signed out in 1 other place").await;
    browser.look("signed-out-elsewhere").await;
    other.visit("/inbox").await;
    assert!(other.path().await.starts_with("/sign-in"), "the other browser is signed out");
    browser.visit("/inbox").await;
    assert_eq!(browser.path().await, "/inbox", "this one is not");
}
