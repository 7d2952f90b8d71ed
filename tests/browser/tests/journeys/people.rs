//! An administrator invites a duty nurse; the line's lead approves; the nurse accepts; somebody else's
//! rights change and end. With a slip in every form.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::letters;

#[tokio::test]
async fn people() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "people", Scripts::On).await;
    browser.sign_in("Lee Leading").await; // who has signed in once may approve
    browser.sign_in("Ada Administrator").await;
    somebody_is_found(&browser).await;
    somebody_is_invited(&browser).await;
    the_lead_approves(&browser).await;
    the_invitation_is_accepted(&browser, &demo).await;
    the_lead_declines(&browser).await;
    details_change(&browser).await;
    access_ends(&browser).await;
}

async fn somebody_is_found(browser: &Browser) {
    browser.visit("/people").await;
    browser.look("people").await;
    browser.fill("search", "nobody of this name").await;
    browser.press("Find").await;
    browser.see("Nobody was found").await;
    browser.look("nobody-found").await;
    browser.fill("search", "kit").await;
    browser.press("Find").await;
    browser.see("1 person was found").await;
    browser.look("found").await;
    browser.press("Kit Specimen").await;
    browser.look("a-setting-person").await;
}

async fn somebody_is_invited(browser: &Browser) {
    browser.visit("/people").await;
    browser.press("Invite somebody").await;
    browser.look("invite").await;
    browser.fill("organisation", "No such service").await;
    browser.press("Invite").await;
    browser.see("There is a problem").await;
    browser.see("There is no such organisation").await;
    browser.look("invite-with-slips").await;
    browser.fill("organisation", "Health visiting service (made up)").await;
    browser.fill("name", "Nina Newcomer").await;
    browser.fill("email", "nina@health.example").await;
    browser.choose("role", "duty").await;
    browser.press("Invite").await;
    browser.see("Choose the duty lines they work with").await;
    browser.look("invite-without-line").await;
    browser.pick("lines", "Canterbury").await;
    browser.press("Invite").await;
    browser.see("It waits for an approval").await;
    browser.look("asked").await;
    browser.see("Nina Newcomer: Duty practitioner, Canterbury and Coastal").await;
}

async fn the_lead_approves(browser: &Browser) {
    browser.sign_in("Lee Leading").await;
    browser.press("People to approve").await;
    browser.look("to-approve").await;
    browser.press("Nina Newcomer").await;
    browser.look("approve").await;
    browser.press("Save").await;
    browser.see("Choose what you decide").await;
    browser.look("approve-with-slips").await;
    browser.choose("decision", "approve").await;
    browser.press("Save").await;
    browser.see("Approved").await;
    browser.look("approved").await;
}

async fn the_invitation_is_accepted(browser: &Browser, demo: &Demo) {
    let link = letters::link(demo, "nina@health.example", "/invitation/").await;
    browser.forget_everything().await;
    browser.visit(&link).await;
    browser.see("Nina Newcomer, you are invited").await;
    browser.look("invitation").await;
    browser.press("Accept").await;
    browser.see("Choose a password").await;
    browser.forget_everything().await;
    browser.visit(&link).await;
    browser.look_at_failure("used-invitation", 410).await;
    browser.see("This link has ended").await;
}

/// A right that somebody else asked for is declined, with a reason.
async fn the_lead_declines(browser: &Browser) {
    browser.sign_in("Ada Administrator").await;
    browser.visit("/people").await;
    browser.fill("search", "Nurse Dover").await;
    browser.press("Find").await;
    browser.press("Nurse Dover").await;
    browser.look("a-nurse").await;
    browser.press_at("a[href$='/rights']").await;
    browser.look("rights").await;
    browser.pick("lines", "Dover").await;
    browser.press("Save").await;
    browser.see("Choose the duty lines they work with").await;
    browser.look("rights-with-slips").await;
    browser.pick("lines", "Dover").await;
    browser.pick("lines", "Canterbury").await;
    browser.press("Save").await;
    browser.see("It waits for an approval").await;
    browser.look("rights-wait").await;
    browser.sign_in("Lee Leading").await;
    browser.visit("/people/requests").await;
    browser.press("Nurse Dover").await;
    browser.choose("decision", "decline").await;
    browser.press("Save").await;
    browser.see("Choose why").await;
    browser.look("decline-with-slips").await;
    browser.choose("reason", "wrong-line").await;
    browser.press("Save").await;
    browser.see("Declined").await;
    browser.look("declined").await;
}

async fn details_change(browser: &Browser) {
    browser.sign_in("Ada Administrator").await;
    browser.visit("/people").await;
    browser.fill("search", "Nurse Swale").await;
    browser.press("Find").await;
    browser.press("Nurse Swale").await;
    browser.press_at("a[href$='/details']").await;
    browser.fill("name", "").await;
    browser.fill("email", "nurse.thanet@health.example").await;
    browser.press("Save").await;
    browser.see("There is a problem").await;
    browser.look("details-with-slips").await;
    browser.fill("name", "Nurse Swale-Sample").await;
    browser.press("Save").await;
    browser.see("Another person has this address already").await;
    browser.look("address-taken").await;
    browser.fill("email", "nurse.swale-sample@health.example").await;
    browser.press("Save").await;
    browser.see("The change is saved").await;
    browser.look("details-changed").await;
}

async fn access_ends(browser: &Browser) {
    browser.press("End their access").await;
    browser.look("end").await;
    browser.press("End their access").await;
    browser.see("Their access has ended").await;
    browser.look("ended").await;
    browser.fill("search", "Swale-Sample").await;
    browser.press("Find").await;
    browser.see("No access").await;
    browser.press("Nurse Swale-Sample").await;
    browser.see("Access ended").await;
    browser.look("a-leaver").await;
}
