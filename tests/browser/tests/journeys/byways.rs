//! Where a referral does not go straight: the parent says no; it is held; a colleague looks at it, and
//! finishes what is not theirs to finish; the information governance lead writes why.

use dutyline_browser_tests::{Browser, Demo, Scripts};

/// What is sent from a page, whatever its button is called.
pub const SEND: &str = "main form[method=post]:not([action*=remove]) button[type=submit]";
/// The family of these referrals; the name is also the alleged perpetrator's.
const PARENT: &str = "Ana Sample";
/// What staff alone wrote.
const STAFF: &[&str] = &["uillwort", "900456"];

#[tokio::test]
async fn byways() {
    let demo = Demo::start();
    let browser = Browser::open(&demo, "byways", Scripts::On).await;
    browser.sign_in("Jo Sample").await;
    the_parent_says_no(&browser).await;
    let held = it_is_held(&browser).await;
    a_colleague_looks_at_it(&browser, &held).await;
    the_guardian_says_why(&browser).await;
}

/// Everything that has to be answered before the agreement; the draft's address.
pub async fn written(browser: &Browser) -> String {
    browser.visit("/referrals").await;
    browser.press_at("main form[action=\"/referrals\"] button").await;
    let first = browser.path().await;
    let draft = first.rsplit_once('/').expect("a draft's page").0.to_owned();
    browser.choose("request.kind", "referral").await;
    browser.choose("carer.postcode_known", "yes").await;
    browser.fill("carer.postcode", "CT1 2EH").await;
    browser.press_at(SEND).await;
    for (slug, answers) in [
        (
            "child",
            &[
                ("child.forename", "Żółcia"),
                ("child.surname", "Sample"),
                ("child.date_of_birth-day", "31"),
                ("child.date_of_birth-month", "3"),
                ("child.date_of_birth-year", "2024"),
            ][..],
        ),
        ("carer", &[("carer.name", PARENT), ("carer.phone", "07700 900123")]),
        ("reason", &[("reason.concerns", "Says about ten words.")]),
        ("you", &[]),
    ] {
        browser.visit(&format!("{draft}/{slug}")).await;
        for (name, words) in answers {
            browser.fill(name, words).await;
        }
        browser.press_at(SEND).await;
    }
    draft
}

/// Staff say who is there and hand the screen over.
pub async fn handed_over(browser: &Browser, draft: &str, present: &str, checked_how: &str) {
    browser.visit(&format!("{draft}/agreement")).await;
    browser.choose("signatory", "parent").await;
    browser.press_at(SEND).await;
    browser.choose("how", "screen").await;
    browser.press_at(SEND).await;
    browser.fill("present", present).await;
    browser.fill("checked_how", checked_how).await;
    browser.press_at(SEND).await;
}

async fn the_parent_says_no(browser: &Browser) {
    let draft = written(browser).await;
    handed_over(browser, &draft, "Key person", "Known to the setting").await;
    browser.press_at("main button[name=decision][value=refuse]").await;
    assert_eq!(browser.path().await, format!("{draft}/not-agreed?language=en"));
    browser.look_as_family("not-agreed-hand-back", STAFF).await;
    browser.visit(&format!("{draft}/not-agreed?staff=yes")).await;
    browser.look_as_family("not-agreed", STAFF).await;
    browser.press_at(SEND).await;
    assert!(browser.path().await.ends_with("/sent"), "{}", browser.path().await);
    browser.look_as_family("sent-refused", STAFF).await;
    browser.visit(browser.path().await.trim_end_matches("/sent")).await;
    browser.look("view-refused").await;
}

/// Signed with the alleged perpetrator's name: held, and nothing that a family may see tells why. The
/// referral's address.
async fn it_is_held(browser: &Browser) -> String {
    let draft = written(browser).await;
    handed_over(browser, &draft, "The father and a key person", "He brings the child every day").await;
    for (name, words) in [("printed_name", PARENT), ("relationship", "Father"), ("signature-typed", PARENT)] {
        browser.fill(name, words).await;
    }
    browser.choose("parental_responsibility", "yes").await;
    browser.press_at("main button[name=decision][value=agree]").await;
    browser.visit(&format!("{draft}/sign?staff=yes")).await;
    browser.fill("signature", "Jo Sample").await;
    browser.press_at(SEND).await;
    browser.visit(&format!("{draft}/staff-only?alone=yes")).await;
    browser.choose("safeguarding.concerns", "no").await;
    browser.choose("abuse.concerns", "yes").await;
    browser.fill("abuse.safe_contact", "07700 900456").await;
    browser.fill("abuse.safe_times", "Quillwort mornings").await;
    browser.fill("abuse.perpetrator_name", PARENT).await;
    browser.choose("request.urgency", "this-week").await;
    browser.press_at(SEND).await;
    let sent = browser.path().await;
    assert!(sent.ends_with("/sent"), "{sent}");
    browser.look_as_family("sent-held", STAFF).await;
    let view = sent.trim_end_matches("/sent").to_owned();
    browser.visit(&view).await;
    browser.look("view-held").await;
    assert!(browser.links("/drafts/").await.contains(&draft), "it can be completed");
    view
}

/// Somebody else of the setting may follow and complete it, and reads nothing of the staff-only part.
async fn a_colleague_looks_at_it(browser: &Browser, held: &str) {
    browser.sign_in("Sam Madeup").await;
    browser.visit(held).await;
    let draft = browser.links("/drafts/").await.swap_remove(0);
    let forms = browser.cells(&format!("form[action=\"{held}/restricted\"]")).await;
    assert!(forms.is_empty(), "a colleague is not asked to open the staff-only part: {forms:?}");
    browser.look_as_family("view-of-a-colleague", STAFF).await;
    browser.visit(&format!("{draft}/staff-only")).await;
    browser.look("a-colleague-has-to-finish").await;
    assert!(browser.names().await.is_empty(), "a colleague is asked nothing there");
    browser.sign_in("Kit Specimen").await;
    browser.visit(held).await;
    browser.look("view-of-the-safeguarding-lead").await;
    browser.press_at(&format!("form[action=\"{held}/restricted\"] button")).await;
    browser.look("staff-only-of-the-safeguarding-lead").await;
    for words in STAFF {
        assert!(browser.source().await.contains(words), "the lead reads “{words}”");
    }
}

async fn the_guardian_says_why(browser: &Browser) {
    browser.sign_in("Nurse Canterbury").await;
    browser.visit("/inbox").await;
    let one = browser.links("/referrals/").await.swap_remove(0);
    browser.visit(&one).await;
    let heading = browser.source().await;
    let heading = heading.split_once("Referral <span class=\"dl-nowrap\">").expect("a heading").1;
    let reference = heading.split('<').next().expect("a reference").to_owned();
    browser.sign_in("Ira Guardian").await;
    browser.visit("/governance").await;
    browser.look("governance").await;
    browser.fill("reference", &reference).await;
    browser.choose("purpose", "subject-access").await;
    browser.fill("reason", "They asked by letter.").await;
    browser.press_at(SEND).await;
    assert_eq!(browser.path().await, one);
    browser.look("guardian").await;
    let open = format!("form[action=\"{one}/restricted\"] button");
    browser.press_at(&open).await;
    assert!(browser.links("#reason").await.len() == 1, "the summary leads to the reason that is missing");
    browser.look("guardian-with-slips").await;
    browser.fill("reason", "A subject access request.").await;
    browser.press_at(&open).await;
    assert!(browser.path().await.ends_with("/restricted"));
    browser.look("guardian-restricted").await;
}
