//! An administrator looks after organisations, duty lines, numbers and closing days; an auditor reads
//! what was decided.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::letters;

#[tokio::test]
async fn organisations_and_lines() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "administration", Scripts::On).await;
    browser.sign_in("Ada Administrator").await;
    an_organisation_is_found(&browser).await;
    an_organisation_is_added(&browser).await;
    a_line_changes(&browser).await;
    a_mailbox_is_confirmed(&browser, &demo).await;
}

#[tokio::test]
async fn numbers_and_calendar() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "numbers", Scripts::On).await;
    browser.sign_in("Ada Administrator").await;
    numbers_change(&browser).await;
    a_line_closes_for_a_day(&browser).await;
    for page in ["statements", "keys"] {
        browser.visit(&format!("/admin/{page}")).await;
        browser.look(page).await;
    }
    browser.sign_in("Morgan Auditor").await;
    browser.press("Numbers").await;
    browser.see("Ada Administrator").await;
    assert!(browser.links("/admin/numbers/").await.is_empty(), "an auditor changes nothing");
    browser.look("numbers-of-an-auditor").await;
}

async fn an_organisation_is_found(browser: &Browser) {
    browser.press("Organisations").await;
    browser.look("organisations").await;
    browser.fill("search", "rolvenden").await;
    browser.press("Find").await;
    assert_eq!(browser.cells("main tbody th").await, ["Rolvenden Pre-School"]);
    assert_eq!(browser.typed("search").await, "rolvenden");
    browser.look("found").await;
    browser.fill("search", "no such place").await;
    browser.press("Find").await;
    browser.see("Nothing was found").await;
    browser.look("none-found").await;
    browser.fill("search", "1275 03").await;
    browser.press("Find").await;
    browser.press("Rolvenden Pre-School").await;
    browser.look("organisation").await;
    browser.press("Change these details").await;
    browser.fill("phone", "01632 960777").await;
    browser.press("Save").await;
    browser.see("The change is saved").await;
    browser.see("Telephone: from 01632 960123 to 01632 960777").await;
    browser.look("organisation-changed").await;
}

async fn an_organisation_is_added(browser: &Browser) {
    browser.visit("/admin/organisations").await;
    browser.press("Add an organisation").await;
    browser.look("add").await;
    browser.fill("postcode", "somewhere").await;
    browser.press("Save").await;
    browser.see("There is a problem").await;
    browser.look("add-with-slips").await;
    browser.choose("kind", "setting").await;
    browser.fill("name", "Invented Lane Nursery").await;
    browser.fill("urn", "EY999555").await;
    browser.fill("postcode", "CT1 2EH").await;
    browser.fill("phone", "01632 960555").await;
    browser.press("Save").await;
    browser.see("The organisation is added").await;
    browser.look("added").await;
}

async fn a_line_changes(browser: &Browser) {
    browser.press("Duty lines").await;
    browser.look("lines").await;
    browser.press("Canterbury and Coastal").await;
    browser.look("line").await;
    browser.press("Change this line").await;
    browser.look("change-line").await;
    browser.fill("mailbox", "not an address").await;
    browser.press("Save").await;
    browser.see("There is a problem").await;
    browser.look("change-line-with-slips").await;
    browser.fill("mailbox", "new.canterbury@health.example").await;
    browser.fill_day("from", &browser.three_days().await[0]).await;
    browser.press("Save").await;
    browser.see("The change is saved").await;
    browser.see("Take back the planned change").await;
    browser.look("line-planned").await;
    browser.visit("/admin").await;
    browser.look("to-do").await;
}

async fn a_mailbox_is_confirmed(browser: &Browser, demo: &Demo) {
    browser.visit("/admin/lines/canterbury").await;
    browser.press("Send a test notice").await;
    browser.see("A test notice is on its way").await;
    browser.look("test-sent").await;
    let link = letters::link(demo, "new.canterbury@health.example", "/confirm-mailbox/").await;
    browser.visit(&link).await;
    browser.look("confirm-mailbox").await;
    browser.press_at("main form button").await;
    browser.look("mailbox-confirmed").await;
    browser.visit("/admin/lines/canterbury").await;
    browser.press("Take back the planned change").await;
    browser.see("The planned change is taken back").await;
    browser.look("taken-back").await;
}

async fn numbers_change(browser: &Browser) {
    browser.press("Numbers").await;
    browser.look("numbers").await;
    browser.press("Change these numbers").await;
    browser.look("change-numbers").await;
    browser.fill("signature_days", "ten").await;
    browser.press("Save").await;
    browser.see("There is a problem").await;
    browser.look("change-numbers-with-slips").await;
    browser.fill("signature_days", "21").await;
    browser.pick("methods-parent", "Told to staff").await;
    browser.press("Save").await;
    browser.see("A signature holds: from 28 days to 21 days").await;
    browser.look("numbers-changed").await;
    browser.press("Change the meeting times").await;
    browser.look("change-meetings").await;
    browser.fill("opens", "never").await;
    browser.press("Save").await;
    browser.see("There is a problem").await;
    browser.look("change-meetings-with-slips").await;
}

async fn a_line_closes_for_a_day(browser: &Browser) {
    browser.visit("/admin/calendar").await;
    browser.look("calendar").await;
    browser.press("Add a closing day").await;
    browser.press("Add").await;
    browser.see("There is a problem").await;
    browser.look("close-with-slips").await;
    browser.choose("line", "dover").await;
    browser.fill_day("day", &browser.three_days().await[1]).await;
    browser.press("Add").await;
    browser.see("The closing day is added").await;
    browser.look("closed").await;
    browser.press("Take back").await;
    browser.see("The closing day is taken back").await;
}
