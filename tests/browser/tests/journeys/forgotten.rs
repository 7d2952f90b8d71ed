//! Forgotten: a setting's person gets a link by mail; a duty practitioner waits until the lead, who has
//! spoken with them, approves it in their own browser.

use dutyline_browser_tests::{Account, Browser, Scripts, Served};

/// What is chosen afterwards.
const NEW_PASSWORD: &str = "anchor violet toast ninety";
/// What [`Account`] chose before.
const OLD_PASSWORD: &str = "tram otter velvet nine";

#[tokio::test]
async fn a_setting_forgets_its_password() {
    let served = Served::start();
    let browser = Browser::at(&served.web, "forgotten-setting", Scripts::On).await;
    with_a_password(&served, &browser).await;
    let elsewhere = Browser::at(&served.web, "forgotten-setting-elsewhere", Scripts::On).await;
    asks(&elsewhere, "nobody@meadow.example").await;
    let nobody = elsewhere.words().await;
    asks(&elsewhere, Served::MANAGER).await;
    assert_eq!(elsewhere.words().await, nobody, "nobody learns who is known");
    elsewhere.look("asked").await;
    let link = served.mailed_path(Served::MANAGER, "/sign-in/reset/");
    assert_eq!(served.scanned(&link), "200", "a filter that opens links");
    browser.visit("/referrals").await;
    assert_eq!(browser.path().await, "/referrals", "nothing has ended yet");
    begins_anew(&elsewhere, &link).await;
    browser.visit("/referrals").await;
    assert!(browser.path().await.starts_with("/sign-in"), "signed out everywhere");
    elsewhere.press("Use a code by email").await;
    elsewhere.press("I have kept them").await;
    elsewhere.press("Start").await;
    assert_eq!(elsewhere.path().await, "/referrals");
    the_old_password_has_ended(&browser, Served::MANAGER).await;
    elsewhere.press("Sign out").await;
    elsewhere.visit(&link).await;
    elsewhere.see("This link has ended").await;
    elsewhere.look_at_failure("used", 410).await;
    elsewhere.press("Ask for a new one").await;
    assert_eq!(elsewhere.path().await, "/sign-in/forgotten");
}

#[tokio::test]
async fn a_duty_practitioner_forgets_and_the_lead_approves() {
    let served = Served::start();
    let nurse = Browser::at(&served.web, "forgotten-nurse", Scripts::On).await;
    Account::by_link(&served, &nurse, Served::NURSE).await;
    nurse.press("Sign out").await;
    asks(&nurse, Served::NURSE).await;
    assert!(!served.letters.has_any_to(Served::NURSE), "nothing without approval");
    let lead = Browser::at(&served.web, "forgotten-lead", Scripts::On).await;
    Account::by_link(&served, &lead, Served::LEAD).await;
    the_lead_approves(&lead).await;
    let link = served.mailed_path(Served::NURSE, "/sign-in/reset/");
    begins_anew(&nurse, &link).await;
    Account::with_app(&nurse, Served::NURSE).await;
    nurse.press("Start").await;
    assert_eq!(nurse.path().await, "/inbox");
    the_old_password_has_ended(&nurse, Served::NURSE).await;
    nurse.types_password(Served::NURSE, NEW_PASSWORD).await;
    nurse.see("Show that it is you").await;
}

/// A setting's person by a link of the command line: a password is enough, codes come by email.
async fn with_a_password(served: &Served, browser: &Browser) {
    browser.visit(&served.link(Served::MANAGER)).await;
    browser.press("Sign in").await;
    browser.visit("/account").await;
    browser.press("Set up how you sign in").await;
    browser.fill("password", OLD_PASSWORD).await;
    browser.press("Continue").await;
    browser.see("Your password is set").await;
    browser.look("password-set").await;
}

async fn asks(browser: &Browser, email: &str) {
    browser.visit("/sign-in").await;
    browser.press("Forgotten your password?").await;
    if email == Served::NURSE {
        browser.fill("address", "sam at health").await;
        browser.press("Continue").await;
        browser.look("no-address").await;
    }
    browser.fill("address", email).await;
    browser.press("Continue").await;
    browser.see("What happens next").await;
}

async fn the_lead_approves(lead: &Browser) {
    lead.visit("/account").await;
    lead.see("1 waiting for you").await;
    lead.look("account").await;
    lead.press("Requests for a reset").await;
    lead.look("requests").await;
    lead.press("Sam Nurse").await;
    lead.press("Continue").await;
    lead.see("Choose whether it was really they who asked").await;
    lead.look("request").await;
    lead.choose("decision", "approve").await;
    lead.press("Continue").await;
    lead.see("No requests wait for you").await;
    lead.look("approved").await;
}

/// From the link to a new password.
async fn begins_anew(browser: &Browser, link: &str) {
    browser.visit(link).await;
    browser.look("link").await;
    browser.press("Go on").await;
    browser.see("Choose a password").await;
    browser.fill("password", NEW_PASSWORD).await;
    browser.press("Continue").await;
}

async fn the_old_password_has_ended(browser: &Browser, email: &str) {
    browser.forget_everything().await;
    browser.types_password(email, OLD_PASSWORD).await;
    browser.see("The email address or the password is not right").await;
}
