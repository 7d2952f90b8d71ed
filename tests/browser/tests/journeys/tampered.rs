//! A record that somebody changed on the disk: its page says so with a number to tell, and the lists say
//! so in its row; whoever has the rest to do can go on.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn tampered() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "tampered", Scripts::On).await;
    browser.sign_in("Nurse Canterbury").await;
    browser.visit("/inbox").await;
    let all = browser.links("/referrals/").await;
    let (first, second) = (&all[0], &all[1]);
    let id = |path: &str| path.trim_start_matches("/referrals/").to_owned();
    demo.tamper(&format!(
        "UPDATE case_file SET bytes = zeroblob(length(bytes))
         WHERE case_id = (SELECT case_id FROM referral WHERE id = '{}')",
        id(first)
    ));
    demo.tamper(&format!(
        "UPDATE sealed_chunk SET bytes = zeroblob(length(bytes)) WHERE object_id IN (SELECT id FROM sealed_object
         WHERE case_id = (SELECT case_id FROM referral WHERE id = '{}'))",
        id(second)
    ));
    for (path, name) in [(first, "record-without-its-key"), (second, "record-with-other-bytes")] {
        browser.visit(path).await;
        assert!(browser.cells("main dl, main table").await.is_empty(), "nothing of the record is shown");
        browser.look_at_failure(name, 500).await;
    }
    browser.visit("/inbox").await;
    let row = format!("tr:has(a[href=\"{first}\"])");
    let words = browser.cells(&row).await.concat();
    assert!(words.contains("cannot be shown"), "{words}");
    assert_eq!(browser.links("/referrals/").await.len(), all.len(), "the list goes on");
    browser.look("inbox-with-a-record-that-cannot-be-shown").await;
    browser.visit(&all[2]).await;
    assert!(!browser.cells("main dl").await.is_empty(), "the next one is shown");
}
