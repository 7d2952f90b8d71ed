//! A practitioner sends a referral: the whole form, with slips; the parent signs; the staff-only step
//! comes after the parent has left; the confirmation. Once with the pages' scripts and a drawn
//! signature, once without any script and a typed one.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::answers::{self, TYPED_FOR_STAFF, answer};

/// The start of a PDF is enough to be one.
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

#[tokio::test]
async fn setting_with_javascript() {
    journey("setting-with-javascript", Scripts::On).await;
}

#[tokio::test]
async fn setting_without_javascript() {
    journey("setting-without-javascript", Scripts::Off).await;
}

async fn journey(name: &'static str, scripts: Scripts) {
    let demo = Demo::start();
    let browser = Browser::open(&demo, name, scripts).await;
    browser.sign_in("Jo Sample").await;
    family(&browser, "your-referrals").await;
    the_postcode_comes_first(&browser).await;
    slips_are_said_in_words(&browser).await;
    it_is_saved_and_taken_up_again(&browser).await;
    files_are_attached(&browser, &demo).await;
    three_times_are_offered(&browser).await;
    the_answers_are_checked(&browser).await;
    the_parent_signs(&browser, scripts).await;
    the_referrer_signs_and_sends(&browser).await;
    it_can_be_followed(&browser).await;
}

async fn family(browser: &Browser, name: &str) {
    browser.look_as_family(name, TYPED_FOR_STAFF).await;
}

async fn the_postcode_comes_first(browser: &Browser) {
    browser.press("Start a referral").await;
    family(browser, "postcode").await;
    answer(browser, answers::ELSEWHERE).await;
    browser.press("Save and continue").await;
    browser.see("Bromley").await;
    family(browser, "out-of-area").await;
    browser.press("Correct the postcode").await;
    assert_eq!(browser.typed("carer.postcode").await, "BR1 3UH");
    browser.fill("carer.postcode", "CT1 2EH").await;
    browser.press("Save and continue").await;
    browser.see("Canterbury and Coastal").await;
}

async fn slips_are_said_in_words(browser: &Browser) {
    family(browser, "child").await;
    answer(browser, answers::CHILD_WITH_SLIPS).await;
    browser.press("Save and continue").await;
    browser.see("There is a problem").await;
    let summary = browser.links("#").await;
    assert!(summary.contains(&"#child.date_of_birth-day".to_owned()), "{summary:?}");
    assert!(summary.contains(&"#child.nhs_number".to_owned()), "{summary:?}");
    assert_eq!(browser.typed("child.date_of_birth-day").await, "31");
    assert_eq!(browser.typed("child.nhs_number").await, "999 000 0019");
    assert_eq!(browser.typed("child.forename").await, "Żółcia");
    family(browser, "child-with-slips").await;
    browser.fill("child.date_of_birth-month", "March").await;
    browser.fill("child.nhs_number", "999 000 0018").await;
    browser.press("Save and continue").await;
}

async fn it_is_saved_and_taken_up_again(browser: &Browser) {
    family(browser, "carer").await;
    answer(browser, answers::CARER).await;
    browser.press("Save and continue").await;
    family(browser, "support").await;
    answer(browser, answers::SUPPORT).await;
    browser.press("Save and come back later").await;
    browser.see("Not finished").await;
    family(browser, "saved-for-later").await;
    browser.press("Started").await;
    family(browser, "task-list").await;
    browser.press("GP, needs and other agencies").await;
    assert_eq!(browser.typed("needs.language").await, "Polish");
    browser.press("Save and continue").await;
    family(browser, "reason").await;
    answer(browser, answers::REASON).await;
    browser.press("Save and continue").await;
}

async fn files_are_attached(browser: &Browser, demo: &Demo) {
    family(browser, "files").await;
    browser.put_file("file", &demo.file("notes.txt", b"words")).await;
    browser.press("Attach this file").await;
    browser.see("There is a problem").await;
    family(browser, "files-refused").await;
    browser.put_file("file", &demo.file("progress.pdf", PDF)).await;
    browser.press("Attach this file").await;
    browser.see("progress.pdf").await;
    family(browser, "files-attached").await;
    browser.press("Continue").await;
}

async fn three_times_are_offered(browser: &Browser) {
    family(browser, "meeting").await;
    let mut asked = browser.names().await;
    for (day, slot) in browser.three_days().await.iter().zip(1..) {
        for (piece, words) in ["day", "month", "year"].iter().zip(day) {
            browser.fill(&format!("meeting.slot_{slot}-{piece}"), words).await;
        }
        browser.fill(&format!("meeting.slot_{slot}-time"), if slot == 1 { "8:30" } else { "2pm" }).await;
    }
    browser.fill("meeting.notes", "Please bring the Red Book.").await;
    asked.retain(|name| !name.starts_with("meeting.slot_") && name != "meeting.notes");
    assert!(asked.is_empty(), "the journey has no answer to {asked:?}");
    browser.press("Save and continue").await;
}

async fn the_answers_are_checked(browser: &Browser) {
    family(browser, "you").await;
    assert_eq!(browser.typed("referrer.name").await, "Jo Sample");
    let date = ["day", "month", "year"].map(|piece| format!("referrer.date-{piece}"));
    for name in &date {
        assert!(!browser.typed(name).await.is_empty(), "{name} is filled in");
    }
    for one in answers::YOU {
        if let answers::Answer::Type(name, words) = one {
            browser.fill(name, words).await;
        }
    }
    browser.press("Save and continue").await;
    browser.see("Check the answers").await;
    for words in ["Żółcia", "31 March 2024", "CT1 2EH", "Says about ten words.", "progress.pdf", "Portage"]
    {
        browser.see(words).await;
    }
    family(browser, "check").await;
    browser.press("Continue to the agreement").await;
}

async fn the_parent_signs(browser: &Browser, scripts: Scripts) {
    family(browser, "who-agrees").await;
    answer(browser, &[answers::Answer::Choose("signatory", "parent")]).await;
    browser.press("Continue").await;
    family(browser, "how-they-agree").await;
    answer(browser, &[answers::Answer::Choose("how", "screen")]).await;
    browser.press("Continue").await;
    family(browser, "before-agreement").await;
    answer(browser, answers::BEFORE_AGREEMENT).await;
    browser.press("Continue").await;
    family(browser, "agreement").await;
    browser.press("I agree and sign").await;
    browser.see("There is a problem").await;
    family(browser, "agreement-with-slips").await;
    for one in answers::AGREEMENT {
        match one {
            answers::Answer::Type(name, words) => browser.fill(name, words).await,
            answers::Answer::Choose(name, value) => browser.choose(name, value).await,
        }
    }
    match scripts {
        Scripts::On => browser.draw().await,
        Scripts::Off => browser.fill("signature-typed", "Ana Sample").await,
    }
    family(browser, "agreement-signed").await;
    browser.press("I agree and sign").await;
}

async fn the_referrer_signs_and_sends(browser: &Browser) {
    browser.see("Give the screen back to staff").await;
    family(browser, "hand-back").await;
    browser.press("I am staff: go on").await;
    browser.see("Ana Sample has signed").await;
    family(browser, "your-signature").await;
    browser.fill("signature", "Jo Sample").await;
    browser.press("Sign and continue").await;
    browser.see("Has the parent or carer left the screen?").await;
    family(browser, "alone").await;
    browser.press("Yes, I am alone with the screen").await;
    browser.press("Send the referral").await;
    browser.see("There is a problem").await;
    browser.look("staff-only-with-slips").await;
    answer(browser, answers::STAFF_ONLY).await;
    browser.look("staff-only").await;
    browser.press("Send the referral").await;
}

async fn it_can_be_followed(browser: &Browser) {
    for words in ["Referral sent", "Its reference is", "Canterbury and Coastal", "telephone"] {
        browser.see(words).await;
    }
    family(browser, "sent").await;
    browser.press("Follow this referral").await;
    let view = browser.path().await;
    for words in ["Delivered", "Acknowledged Not yet", "Żółcia", "Mother"] {
        browser.see(words).await;
    }
    for words in TYPED_FOR_STAFF {
        assert!(!browser.source().await.contains(words), "the view says “{words}” before it is asked for");
    }
    browser.look("view").await;
    browser.press("Read the staff-only part").await;
    browser.see("Bram Quillwort").await;
    browser.look("view-staff-only").await;
    browser.sign_in("Alex Example").await;
    browser.visit(&view).await;
    browser.see("Page not found").await;
}
