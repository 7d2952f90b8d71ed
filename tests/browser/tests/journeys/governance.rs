//! The information governance lead opens a referral for a purpose; an auditor looks a child up and gets
//! references; a commissioner sees counts.

use dutyline_browser_tests::{Browser, Demo, Scripts};

#[tokio::test]
async fn the_governance_lead_opens_for_a_purpose() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "governance", Scripts::On).await;
    browser.sign_in("Nurse Canterbury").await;
    let reference = browser.cells("main tbody th").await.swap_remove(0);
    browser.sign_in("Ira Guardian").await;
    browser.press("Open this referral").await;
    browser.see("There is a problem").await;
    browser.see("Choose what it is for").await;
    browser.look("with-slips").await;
    browser.fill("reference", &reference).await;
    browser.choose("purpose", "complaint").await;
    browser.fill("reason", "The mother complained by letter on Monday.").await;
    browser.press("Open this referral").await;
    browser.see("You can read this referral until").await;
    browser.look("opened").await;
    browser.press("Governance").await;
    browser.see("Open to you just now").await;
    browser.look("open-now").await;
    browser.press("People to approve").await;
    browser.see("Nobody waits for your approval").await;
    browser.look("nobody-to-approve").await;
}

#[tokio::test]
async fn an_auditor_looks_a_child_up() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "look-up", Scripts::On).await;
    let (name, born) = a_child(&browser).await;
    browser.sign_in("Morgan Auditor").await;
    browser.press("Look up a child").await;
    browser.look("ask").await;
    browser.fill_day("born", &["31", "2", "2024"]).await;
    browser.press("Look up (recorded)").await;
    browser.see("There is a problem").await;
    browser.look("with-slips").await;
    browser.fill("name", "Nobody Ofthisname").await;
    browser.fill_day("born", &born).await;
    browser.press("Look up (recorded)").await;
    browser.see("No referral fits").await;
    browser.look("nothing-found").await;
    browser.press("Look up another child").await;
    browser.fill("name", &name).await;
    browser.fill_day("born", &born).await;
    browser.press("Look up (recorded)").await;
    browser.see("Referrals that may be about this child").await;
    assert!(!browser.says(&name).await, "the answer does not say the name again");
    browser.look("found").await;
    browser.press_at("main tbody a").await;
    browser.see("Who did what, and when").await;
    browser.look("its-trail").await;
}

/// The name and the birth date (day, month, year) of a child, as a nurse reads them.
async fn a_child(browser: &Browser) -> (String, [String; 3]) {
    browser.sign_in("Nurse Canterbury").await;
    let one = browser.links("/referrals/").await.swap_remove(0);
    browser.visit(&one).await;
    let (keys, values) = (browser.cells("main dt").await, browser.cells("main dd.dl-lines").await);
    let of = |wanted: &str| {
        let found = keys.iter().zip(&values).find(|(key, _)| key.contains(wanted));
        found.unwrap_or_else(|| panic!("no {wanted} among {keys:?}")).1.clone()
    };
    let day = of("Date of birth");
    let parts: Vec<String> = day.split_whitespace().take(3).map(str::to_owned).collect();
    let name = format!("{} {}", of("First name"), of("Last name"));
    (name, parts.try_into().unwrap_or_else(|parts| panic!("no date: {parts:?}")))
}

#[tokio::test]
async fn a_commissioner_sees_counts() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "counts", Scripts::On).await;
    browser.sign_in("Cam Commissioner").await;
    browser.see("By duty line").await;
    browser.see("Not shown").await;
    browser.look("counts").await;
    browser.press_at("nav[aria-label=Months] li:last-child a").await;
    browser.see("no numbers are shown").await;
    browser.look("none").await;
}
