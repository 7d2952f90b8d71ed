//! A lead lets a nurse of another line cover theirs and ends it; a lead opens one referral of another line
//! with a reason, and the other line's lead is told and can read why.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::letters;

#[tokio::test]
async fn a_lead_grants_cover_and_ends_it() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "cover", Scripts::On).await;
    browser.sign_in("Lee Leading").await;
    browser.press("Cover").await;
    browser.look("nobody-covers").await;
    browser.press("Grant cover").await;
    browser.look("grant").await;
    browser.press("Grant cover").await;
    browser.see("There is a problem").await;
    browser.look("grant-with-slips").await;
    browser.pick("person", "Nurse Ashford").await;
    let day = browser.run("return new Date(Date.now() + 14 * 86400000).toISOString().slice(0, 10)").await;
    let day: Vec<&str> = day.as_str().expect("a day").split('-').rev().collect();
    browser.fill_day("until", &[day[0], day[1], day[2]]).await;
    browser.press("Grant cover").await;
    browser.see("The cover is granted").await;
    browser.look("granted").await;
    browser.sign_in("Nurse Ashford").await;
    browser.see("Canterbury and Coastal").await;
    browser.look("inbox-of-who-covers").await;
    browser.sign_in("Lee Leading").await;
    browser.visit("/line/cover").await;
    browser.press("End now").await;
    browser.see("The cover has ended").await;
    browser.look("ended").await;
    browser.sign_in("Val Vanguard").await;
    browser.visit("/line/cover/grant").await;
    browser.look("grant-of-two-lines").await;
}

#[tokio::test]
async fn a_lead_opens_another_lines_referral_and_that_line_is_told() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "elsewhere", Scripts::On).await;
    browser.sign_in("Nurse Ashford").await;
    let reference = browser.cells("main tbody th").await.swap_remove(0);
    browser.sign_in("Lee Leading").await;
    browser.press("Other lines").await;
    browser.look("ask").await;
    browser.fill("reference", "AAAA").await;
    browser.press("Open this referral").await;
    browser.see("There is a problem").await;
    browser.look("ask-with-slips").await;
    browser.fill("reference", &reference).await;
    browser.fill("reason", "Moved house last week; the Ashford lead is away and the family rang us.").await;
    browser.press("Open this referral").await;
    browser.see("This referral belongs to another duty line").await;
    browser.look("opened").await;
    browser.press("Open the restricted part (recorded)").await;
    browser.see("There is a problem").await;
    browser.look("restricted-with-slips").await;
    browser.fill("reason", "To ring the family safely.").await;
    browser.press("Open the restricted part (recorded)").await;
    browser.see("Restricted: staff only").await;
    browser.look("restricted").await;
    browser.press("Other lines").await;
    browser.see("Open to you just now").await;
    browser.look("open-now").await;
    the_other_line_is_told(&browser, &demo, &reference).await;
}

async fn the_other_line_is_told(browser: &Browser, demo: &Demo, reference: &str) {
    let told = letters::letter_with(demo, "val@health.example").await;
    assert!(told.contains(reference) && !told.contains("Moved house"), "{told}");
    browser.sign_in("Val Vanguard").await;
    browser.press("Cover").await;
    browser.press("Referrals of your line").await;
    browser.see("Lee Leading").await;
    browser.look("opened-by-others").await;
    browser.press("Read why").await;
    browser.see("Lee Leading").await;
    browser.look("why").await;
}
