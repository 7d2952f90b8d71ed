//! An auditor reads the trail, asks it questions, and has it verified.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn auditor() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "auditor", Scripts::On).await;
    browser.sign_in("Morgan Auditor").await;
    browser.visit("/trail").await;
    browser.see("Who did what, and when").await;
    browser.look("trail").await;
    it_answers_questions(&browser).await;
    it_says_what_it_cannot_read(&browser).await;
    it_is_verified(&browser).await;
}

async fn it_answers_questions(browser: &Browser) {
    browser.choose("act", "referral-acknowledged").await;
    browser.press("Show").await;
    let path = browser.path().await;
    assert!(path.contains("act=referral-acknowledged"), "{path}");
    let acts = browser.cells("tbody tr td:nth-of-type(3)").await;
    assert!(!acts.is_empty(), "the sample's lines have acknowledged something");
    assert!(acts.iter().all(|what| what.starts_with("Acknowledged a referral")), "{acts:?}");
    browser.look("one-act").await;

    let reference = browser.cells("tbody tr td:nth-of-type(4)").await.swap_remove(0);
    browser.visit("/trail").await;
    browser.fill("reference", &reference).await;
    browser.press("Show").await;
    let references = browser.cells("tbody tr td:nth-of-type(4)").await;
    assert!(references.len() > 3, "sending, delivering, opening, acknowledging");
    assert!(references.iter().all(|one| one == &reference), "{references:?}");
    browser.look("one-referral").await;
}

async fn it_says_what_it_cannot_read(browser: &Browser) {
    browser.fill("reference", "not one").await;
    browser.fill("from-day", "31").await;
    browser.fill("from-month", "2").await;
    browser.fill("from-year", "2026").await;
    browser.press("Show").await;
    browser.see("There is a problem").await;
    assert_eq!(browser.typed("reference").await, "not one");
    browser.look("slips").await;
}

async fn it_is_verified(browser: &Browser) {
    browser.press("Verify the trail").await;
    browser.look("verify").await;
    browser.press("Verify now").await;
    let words = browser.words().await;
    let before = words.split_once(" events fit").map(|(before, _)| before.to_owned());
    let number = before.as_deref().and_then(|before| before.rsplit(' ').next()).unwrap_or_default();
    let events: u64 = number.replace(',', "").parse().unwrap_or_else(|_| panic!("no number: {words}"));
    assert!(events > 100, "{events} events");
    browser.see("The trail is sound").await;
    browser.look("verified").await;
}
