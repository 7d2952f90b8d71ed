//! The intake desk: a referral whose postcode nobody knows gets its line; a mail that could not be
//! read is looked at and dealt with.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn desk() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "desk", Scripts::On).await;
    browser.sign_in("Robin Desk").await;
    browser.visit("/desk").await;
    browser.look("to-place").await;
    a_line_is_chosen(&browser).await;
    let reply = demo.send_mail(
        "stranger@elsewhere.example",
        &["From: stranger@elsewhere.example", "Subject: A question", "", "Quillwort words, not sealed."],
    );
    assert!(reply.starts_with("250"), "kept: {reply}");
    a_mail_is_dealt_with(&browser).await;
}

async fn a_line_is_chosen(browser: &Browser) {
    let waiting = browser.links("/desk/referrals/").await;
    browser.visit(waiting.first().expect("a referral without a line")).await;
    browser.see("Why it is here").await;
    browser.look("place").await;
    browser.press("Send to this duty line").await;
    browser.see("There is a problem").await;
    browser.look("place-with-slips").await;
    browser.choose("line", "thanet").await;
    browser.fill("reason", "The setting says that the family has moved to Margate.").await;
    browser.press("Send to this duty line").await;
    browser.see("is with Thanet").await;
    assert_eq!(browser.links("/desk/referrals/").await.len(), waiting.len() - 1);
    browser.look("placed").await;
}

async fn a_mail_is_dealt_with(browser: &Browser) {
    browser.visit("/desk/mails").await;
    for _ in 0..100 {
        if browser.says("It holds no sealed referral").await {
            break;
        }
        browser.visit("/desk/mails").await;
    }
    browser.see("It holds no sealed referral").await;
    browser.look("mails").await;
    let mail = browser.links("/desk/mails/").await.swap_remove(0);
    browser.visit(&mail).await;
    for words in ["stranger@elsewhere.example", "A question", "Quillwort words"] {
        browser.see(words).await;
    }
    browser.look("mail").await;
    browser.press("Take it off the list").await;
    browser.see("Choose what you did with it").await;
    browser.look("mail-with-slips").await;
    browser.choose("end", "spam").await;
    browser.press("Take it off the list").await;
    browser.see("The mail is dealt with").await;
    browser.see("No mail is waiting").await;
    browser.look("mail-dealt-with").await;
}
