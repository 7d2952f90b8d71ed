//! A setting signs itself up and sends a referral at once; the duty line sees that nobody has checked the
//! sender, with the register's number; the lead checks it, and the mark goes. Once without any script.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::byways::{SEND, handed_over, written};
use crate::letters;

/// The register's number of the setting that can sign itself up.
const REGISTER: &str = "01632 960321";

#[tokio::test]
async fn a_setting_joins_with_javascript() {
    journey("joining-with-javascript", Scripts::On).await;
}

#[tokio::test]
async fn a_setting_joins_without_javascript() {
    journey("joining-without-javascript", Scripts::Off).await;
}

async fn journey(name: &'static str, scripts: Scripts) {
    let demo = Demo::start();
    let browser = Browser::open(&demo, name, scripts).await;
    it_gives_its_number(&browser).await;
    somebody_says_who_they_are(&browser).await;
    the_letter_leads_on(&browser, &demo).await;
    they_set_up_how_they_sign_in(&browser).await;
    let reference = a_referral_is_sent_at_once(&browser).await;
    the_line_sees_that_nobody_checked(&browser, &reference).await;
    the_lead_checks_the_setting(&browser).await;
    browser.sign_in("Nurse Canterbury").await;
    browser.visit(&reference).await;
    assert!(!browser.says("Sender not verified").await, "the mark has gone");
    browser.look("verified-sender").await;
}

async fn it_gives_its_number(browser: &Browser) {
    browser.visit("/sign-in").await;
    browser.press("Sign up").await;
    browser.look("number").await;
    browser.press("Continue").await;
    browser.see("Enter your Ofsted number").await;
    browser.look("no-number").await;
    browser.fill("urn", "EY 999 777").await;
    browser.press("Continue").await;
    browser.see("Your setting").await;
    browser.look("not-on-the-register").await;
    browser.press("Continue").await;
    browser.see("There is a problem").await;
    browser.look("setting-with-slips").await;
    browser.press("Enter another number").await;
    browser.fill("urn", "ey 999 001").await;
    browser.press("Continue").await;
    browser.see("Makebelieve Meadow Nursery").await;
    browser.look("is-this-you").await;
}

async fn somebody_says_who_they_are(browser: &Browser) {
    browser.press("Yes, continue").await;
    browser.look("about-you").await;
    browser.fill("email", "tam at meadow").await;
    browser.press("Send me the link").await;
    browser.see("There is a problem").await;
    browser.look("about-you-with-slips").await;
    browser.fill("name", "Tam Makebelieve").await;
    browser.fill("email", "tam@meadow.example").await;
    browser.choose("role", "manager").await;
    browser.press("Send me the link").await;
    browser.see("Check your email").await;
    browser.look("check-your-email").await;
}

async fn the_letter_leads_on(browser: &Browser, demo: &Demo) {
    let link = letters::link(demo, "tam@meadow.example", "/join/confirm/").await;
    browser.visit(&link).await;
    browser.see("Makebelieve Meadow Nursery").await;
    browser.look("confirm").await;
    browser.press("Continue").await;
}

async fn they_set_up_how_they_sign_in(browser: &Browser) {
    browser.see("Choose a password").await;
    browser.fill("password", "seven quiet otters paddle home").await;
    browser.press("Continue").await;
    browser.press("Use a code by email").await;
    browser.see("Your recovery codes").await;
    browser.press("I have kept them").await;
    browser.see("You are set up").await;
    browser.press("Start").await;
    assert_eq!(browser.path().await, "/referrals");
    browser.look("first-page").await;
}

/// The referral's address.
async fn a_referral_is_sent_at_once(browser: &Browser) -> String {
    let draft = written(browser).await;
    handed_over(browser, &draft, "Key person", "Known to the setting").await;
    let signed =
        [("printed_name", "Ana Sample"), ("relationship", "Mother"), ("signature-typed", "Ana Sample")];
    for (name, words) in signed {
        browser.fill(name, words).await;
    }
    browser.choose("parental_responsibility", "yes").await;
    browser.press_at("main button[name=decision][value=agree]").await;
    browser.visit(&format!("{draft}/sign?staff=yes")).await;
    browser.fill("signature", "Tam Makebelieve").await;
    browser.press_at(SEND).await;
    browser.visit(&format!("{draft}/staff-only?alone=yes")).await;
    browser.choose("safeguarding.concerns", "no").await;
    browser.choose("abuse.concerns", "no").await;
    browser.choose("request.urgency", "soon").await;
    browser.press_at(SEND).await;
    let sent = browser.path().await;
    assert!(sent.ends_with("/sent"), "{sent}");
    browser.look("sent").await;
    sent.trim_end_matches("/sent").to_owned()
}

async fn the_line_sees_that_nobody_checked(browser: &Browser, referral: &str) {
    browser.sign_in("Nurse Canterbury").await;
    browser.visit("/inbox").await;
    browser.look("inbox").await;
    browser.visit(referral).await;
    browser.see("Sender not verified").await;
    browser.see(REGISTER).await;
    browser.look("not-verified").await;
}

async fn the_lead_checks_the_setting(browser: &Browser) {
    browser.sign_in("Lee Leading").await;
    browser.press("Settings to check").await;
    browser.see(REGISTER).await;
    browser.look("settings-to-check").await;
    browser.press("Makebelieve Meadow Nursery").await;
    browser.look("check").await;
    browser.press("Save").await;
    browser.see("Choose what you decide").await;
    browser.choose("decision", "verify").await;
    browser.press("Save").await;
    browser.see("Choose how you checked it").await;
    browser.look("check-with-slips").await;
    browser.choose("how", "rang-register").await;
    browser.press("Save").await;
    browser.see("The setting is verified").await;
    browser.look("checked").await;
}
