//! Everybody's first page after signing in, and their own account.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn everybody_starts_where_their_work_is() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "starts", Scripts::On).await;
    for (name, path, words, picture) in [
        ("Jo Sample", "/referrals", "Start a referral", "practitioner"),
        ("Kit Specimen", "/referrals", "Start a referral", "safeguarding-lead"),
        ("Mel Makebelieve", "/referrals", "Start a referral", "manager"),
        ("Nurse Canterbury", "/inbox", "Inbox", "duty"),
        ("Lee Leading", "/inbox", "People to approve", "lead"),
        ("Robin Desk", "/desk", "To place", "desk"),
        ("Ira Guardian", "/governance", "Open a referral", "governance-lead"),
        ("Morgan Auditor", "/trail", "Look up a child", "auditor"),
        ("Cam Commissioner", "/counts", "Counts for the whole area", "commissioner"),
        ("Ada Administrator", "/admin", "Referrals are not shown to you", "administrator"),
    ] {
        browser.sign_in(name).await;
        browser.visit("/").await;
        assert_eq!(browser.path().await, path, "{name}");
        browser.see(words).await;
        browser.look(picture).await;
    }
}

#[tokio::test]
async fn everybody_finds_their_own_account() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "account", Scripts::Off).await;
    for (name, picture) in [("Jo Sample", "practitioner"), ("Lee Leading", "lead")] {
        browser.sign_in(name).await;
        browser.press("Your account").await;
        browser.see(name).await;
        browser.look(picture).await;
    }
    browser.press("Requests for a reset").await;
    browser.see("No requests wait for you").await;
    browser.look("no-resets").await;
    browser.press("Your account").await;
    browser.press("See where you are signed in").await;
    browser.see("This one").await;
    browser.look("signed-in").await;
    browser.press("Sign out").await;
    browser.see("Choose who you want to be").await;
}
