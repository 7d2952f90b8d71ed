//! A duty nurse's morning: the inbox, a flagged referral, its safe contact, the paper; and a nurse of
//! another line, for whom none of it is there.

use dutyline_browser_tests::{Browser, Demo, Scripts};

/// The safe number of the sample's flagged families.
const SAFE: &str = "07700 900456";
/// What the page says to somebody who would take a referral on unread.
const REFUSED: &str = "Open the restricted part before you acknowledge this referral";

#[tokio::test]
async fn duty_line() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "duty-line", Scripts::On).await;
    browser.sign_in("Nurse Canterbury").await;
    browser.look("inbox").await;
    let flagged = the_restricted_part_comes_first(&browser).await;
    the_safe_contact_is_shown(&browser, &flagged).await;
    it_is_taken_on(&browser, &flagged).await;
    the_paper_is_printed(&browser, &flagged).await;
    the_other_lists(&browser).await;
    nobody_else_finds_it(&browser, &flagged).await;
}

/// Opens referrals, most urgent first, until one has a safe contact: its address, with its restricted
/// part open. None is taken on before its restricted part was opened, whatever stands in it.
async fn the_restricted_part_comes_first(browser: &Browser) -> String {
    let all = browser.links("/referrals/").await;
    assert!(!all.is_empty(), "the inbox has something to do");
    for (n, one) in all.iter().enumerate() {
        browser.visit(one).await;
        browser.see("Where it stands").await;
        if n == 0 {
            browser.look("referral").await;
        }
        browser.press("Acknowledge").await;
        browser.see(REFUSED).await;
        if n == 0 {
            browser.look("acknowledging-refused").await;
        }
        browser.press("Open the restricted part (recorded)").await;
        if browser.says(SAFE).await {
            return one.clone();
        }
    }
    panic!("none of {} referrals has a safe contact", all.len());
}

async fn the_safe_contact_is_shown(browser: &Browser, flagged: &str) {
    for words in ["Restricted: staff only", "Safe contact", "May be unsafe"] {
        browser.see(words).await;
    }
    let words = browser.words().await;
    assert!(!words.contains("07700 900123"), "the ordinary number stands folded away");
    browser.look("restricted").await;
    browser.press("Restricted sheet as a page").await;
    browser.see(SAFE).await;
    browser.look("restricted-sheet").await;
    browser.visit(flagged).await;
}

async fn it_is_taken_on(browser: &Browser, flagged: &str) {
    browser.press("Acknowledge").await;
    assert_eq!(browser.path().await, format!("{flagged}?acknowledged=yes"));
    assert!(!browser.says(REFUSED).await);
    browser.see("Acknowledged. The setting can see it.").await;
    browser.see("Back to the inbox").await;
    browser.look("acknowledged").await;
}

async fn the_paper_is_printed(browser: &Browser, flagged: &str) {
    browser.visit(&format!("{flagged}/red-book")).await;
    browser.see("Approve words for print").await;
    browser.look("approve").await;
    browser.press("Save").await;
    browser.see("Choose an answer").await;
    browser.look("approve-with-slips").await;
    browser.choose("safe", "no").await;
    browser.press("Save").await;
    browser.see("stay off").await;
    browser.choose("safe", "yes").await;
    browser.press("Save").await;
    for (page, words) in [
        ("print", "Referral to health visiting"),
        ("red-book", "Agreed actions"),
        ("copy", "Your copy of a referral to health visiting"),
    ] {
        browser.visit(&format!("{flagged}/{page}")).await;
        browser.see(words).await;
        let source = browser.source().await;
        for hidden in [SAFE, "A. N. Invented", "perpetrator"] {
            assert!(!source.contains(hidden), "{page} says “{hidden}”");
        }
        browser.look(page).await;
        for file in browser.links("/referrals/").await {
            let answer = browser.download(&file).await;
            assert!(answer.starts_with(b"%PDF-"), "{file}: {}", String::from_utf8_lossy(&answer));
        }
    }
}

async fn the_other_lists(browser: &Browser) {
    for (path, name) in
        [("/inbox/held", "held"), ("/inbox/acknowledged", "acknowledged-list"), ("/inbox", "inbox-after")]
    {
        browser.visit(path).await;
        browser.look(name).await;
    }
}

async fn nobody_else_finds_it(browser: &Browser, flagged: &str) {
    for name in ["Nurse Ashford", "Morgan Auditor", "Ada Administrator", "Robin Desk"] {
        browser.sign_in(name).await;
        for page in ["", "/print", "/red-book", "/copy"] {
            browser.visit(&format!("{flagged}{page}")).await;
            browser.see("Page not found").await;
        }
    }
    browser.look("not-found").await;
}
