//! A setting's manager looks after its own people, and names the designated safeguarding lead.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn a_manager_looks_after_the_settings_people() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "own-setting", Scripts::On).await;
    browser.sign_in("Mel Makebelieve").await;
    browser.press("People").await;
    browser.see("Designated safeguarding lead: Kit Specimen").await;
    browser.look("people").await;
    a_colleague_is_invited(&browser).await;
    the_lead_is_named(&browser).await;
    a_colleague_leaves(&browser).await;
    the_last_manager_stays(&browser).await;
}

async fn a_colleague_is_invited(browser: &Browser) {
    browser.press("Invite somebody").await;
    browser.look("invite").await;
    browser.press("Invite").await;
    browser.see("There is a problem").await;
    browser.look("invite-with-slips").await;
    browser.fill("name", "Ren Fictitious").await;
    browser.fill("email", "ren@setting1.example").await;
    browser.choose("role", "practitioner").await;
    browser.press("Invite").await;
    browser.see("The invitation is sent").await;
    browser.look("invited").await;
    browser.press("Ren Fictitious").await;
    browser.look("invited-person").await;
    browser.press("Withdraw the invitation").await;
    browser.see("The invitation is withdrawn").await;
    browser.look("withdrawn").await;
    browser.press("Send an invitation").await;
    browser.see("The invitation is sent").await;
}

async fn the_lead_is_named(browser: &Browser) {
    browser.visit("/setting/people").await;
    browser.press("Name another lead").await;
    browser.look("lead").await;
    browser.pick("person", "Sam Madeup").await;
    browser.press("Save").await;
    browser.see("The designated safeguarding lead is named").await;
    browser.see("Designated safeguarding lead: Sam Madeup").await;
    browser.look("lead-named").await;
}

async fn a_colleague_leaves(browser: &Browser) {
    browser.press("Jo Sample").await;
    browser.look("colleague").await;
    browser.press("End their access").await;
    browser.press("End their access").await;
    browser.see("Their access has ended").await;
    browser.look("left").await;
}

async fn the_last_manager_stays(browser: &Browser) {
    browser.press("Mel Makebelieve").await;
    browser.look("oneself").await;
    assert!(!browser.says("End their access").await, "nobody ends their own access");
    assert!(browser.links("/setting/people/").await.iter().all(|link| !link.ends_with("/rights")));
}
