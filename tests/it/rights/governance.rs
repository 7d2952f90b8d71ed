use dutyline::domain::people::Role;
use dutyline::domain::time::DAY;
use dutyline::pipeline::submit;

use super::Area;
use crate::door::Browser;
use crate::support::{Engine, form, given_a_draft, given_a_referral, organisation, person};

async fn guardian(area: &Area) -> dutyline::domain::people::Person {
    let trust = organisation(&area.world.relay, "Trust", "trust").await;
    person(&area.world.relay, &trust, "Ira Guardian", Role::IgLead, "", "ira@trust.example").await
}

#[tokio::test]
async fn the_governance_lead_opens_for_a_purpose_and_a_reason_and_for_a_day() {
    let area = Area::on(Engine::Sqlite).await;
    let who = guardian(&area).await;
    let id = given_a_referral(&area.world, &form(|_| {})).await;
    let at_desk = given_a_referral(&area.world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
    let reference = area.row(id).await.reference;
    let there = format!("/referrals/{id}");
    let browser = Browser::of(&area.site, &who).await;
    assert_eq!(browser.get("/").await.location, "/governance", "a start page of their own");
    for path in ["", "/print", "/approve", "/copy", "/referral.pdf"] {
        assert_eq!(browser.get(&format!("{there}{path}")).await.status, 404, "no act, no content: {path}");
    }
    assert_eq!(browser.post(&format!("{there}/restricted"), "reason=x").await.status, 404);
    assert_eq!(browser.get(&format!("/referrals/by-reference/{reference}")).await.status, 404);
    for (form, sentence) in [
        (format!("reference={reference}&reason=x"), "Choose what it is for"),
        (format!("reference={reference}&reason=x&purpose=break-glass"), "Choose what it is for"),
        (format!("reference={reference}&purpose=complaint"), "Write why you have to open this referral"),
        ("reference=&reason=x&purpose=complaint".to_owned(), "Enter the reference"),
    ] {
        let answer = browser.post("/governance", &form).await;
        assert!(answer.status == 200 && answer.body.contains(sentence), "{form}: {}", answer.body);
    }
    assert_eq!(area.acts("governance-opened").await, 0);
    let form = format!("reference={reference}&purpose=subject-access&reason=Zword+asked+us");
    let done = browser.post("/governance", &form).await;
    assert_eq!((done.status, done.location.as_str()), (303, there.as_str()));
    let page = browser.get(&there).await;
    assert!(
        page.status == 200
            && page.body.contains("Aoife")
            && page.body.contains("You can read this referral until")
    );
    assert_eq!(browser.get(&format!("{there}/print")).await.status, 200, "who answers a request needs paper");
    assert_eq!(browser.get(&format!("/referrals/{at_desk}")).await.status, 404, "that one only");
    let start = browser.get("/governance").await.body;
    assert!(start.contains(&reference) && start.contains("Subject access request"), "{start}");
    let trail =
        Browser::of(&area.site, &area.world.auditor).await.get("/trail?act=governance-opened").await.body;
    assert!(trail.contains("Opened a referral with a purpose and a reason (subject access)"), "{trail}");
    assert!(trail.contains("Ira Guardian") && trail.contains(&reference) && !trail.contains("Zword"));
    assert_eq!(area.row(id).await.opened_at, 0, "it is not the line's opening");
    area.world.relay.clock.advance(DAY);
    let next_day = Browser::of(&area.site, &who).await;
    assert_eq!(next_day.get(&there).await.status, 404);
    area.nothing_typed_is_in_the_trail(&["zword"]).await;
    area.trail_is_sound().await;
}

#[tokio::test]
async fn what_stays_with_its_setting_and_what_is_unknown_look_alike_and_the_attempt_is_recorded() {
    let area = Area::on(Engine::Sqlite).await;
    let browser = Browser::of(&area.site, &guardian(&area).await).await;
    let draft = given_a_draft(&area.world, &form(|_| {})).await;
    let held = submit(&area.world.relay, &area.world.sender, draft).await.expect("held");
    let unknown = dutyline::domain::reference::Reference::sample().to_string();
    let mut pages = Vec::new();
    for reference in [area.row(held).await.reference, unknown] {
        let form = format!("reference={reference}&purpose=lawful-route&reason=x");
        let answer = browser.post("/governance", &form).await;
        pages.push((answer.status, answer.body.replace(&reference, "REFERENCE")));
    }
    assert!(pages[0].1.contains("There is no referral with this reference"), "{}", pages[0].1);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(area.acts("governance-opened").await, 2);
    for who in [&area.lead, &area.world.auditor, &area.world.sender, &area.world.desk] {
        assert_eq!(Browser::of(&area.site, who).await.get("/governance").await.status, 404);
    }
    area.trail_is_sound().await;
}
