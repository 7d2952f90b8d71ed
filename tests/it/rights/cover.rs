use dutyline::domain::time::DAY;

use super::Area;
use crate::door::Browser;
use crate::support::{Engine, form, given_a_referral};

/// The form's fields for a day so many days from now.
fn until(area: &Area, days: i64) -> String {
    let day = area.world.relay.clock.now().plus(days * DAY).day();
    format!("until-day={}&until-month={}&until-year={}", day.day(), day.month(), day.year())
}

#[tokio::test]
async fn a_lead_grants_cover_and_ends_it_and_both_are_felt_in_an_open_session() {
    let area = Area::on(Engine::Sqlite).await;
    let (lead, swale) = (Browser::of(&area.site, &area.lead).await, &area.world.swale);
    let id = given_a_referral(&area.world, &form(|_| {})).await;
    let nurse = Browser::of(&area.site, swale).await;
    let there = format!("/referrals/{id}");
    assert_eq!(nurse.get(&there).await.status, 404, "not theirs yet");

    let asked = lead.get("/line/cover/grant").await.body;
    assert!(
        asked.contains("Nurse Swale, Duty practitioner, Swale") && asked.contains("Canterbury and Coastal")
    );
    assert!(
        !asked.contains("Nurse Canterbury") && !asked.contains("Lee Leading, Duty lead, Canterbury"),
        "they work it already"
    );
    let granted = lead.post("/line/cover/grant", &format!("person={}&{}", swale.id, until(&area, 7))).await;
    assert_eq!((granted.status, granted.location.as_str()), (303, "/line/cover?done=granted"));

    let list = lead.get("/line/cover?done=granted").await.body;
    assert!(list.contains("Nurse Swale") && list.contains("The end of 28 November 2026"), "{list}");
    assert!(list.contains("The cover is granted") && list.contains("Lee Leading</td>"), "{list}");
    let inbox = nurse.get("/inbox?line=canterbury").await;
    assert!(inbox.status == 200 && inbox.body.contains("Canterbury and Coastal (cover)"), "{}", inbox.body);
    let opened = nurse.get(&there).await;
    assert!(opened.status == 200 && opened.body.contains("Aoife"), "in the session that was open before");
    assert_eq!(nurse.post(&format!("{there}/restricted"), "").await.status, 200);
    assert_eq!(
        nurse.post(&format!("{there}/acknowledge"), "").await.status,
        303,
        "works it as the team does"
    );

    let end = list.split("/line/cover/").find_map(|rest| rest.split_once("/end\"")).expect("a button").0;
    let ended = lead.post(&format!("/line/cover/{end}/end"), "").await;
    assert_eq!((ended.status, ended.location.as_str()), (303, "/line/cover?done=ended"));
    assert_eq!(nurse.get(&there).await.status, 404, "at once");
    assert_eq!(nurse.get("/inbox?line=canterbury").await.status, 404);
    assert_eq!(lead.post(&format!("/line/cover/{end}/end"), "").await.status, 404, "it has ended");
    assert!(lead.get("/line/cover").await.body.contains("Nobody covers your line just now"));
    assert_eq!((area.acts("cover-granted").await, area.acts("cover-ended").await), (1, 1));
    area.trail_is_sound().await;
}

#[tokio::test]
async fn a_cover_ends_by_itself_at_the_end_of_its_last_day() {
    let area = Area::on(Engine::Sqlite).await;
    let lead = Browser::of(&area.site, &area.lead).await;
    let swale = &area.world.swale;
    lead.post("/line/cover/grant", &format!("person={}&{}", swale.id, until(&area, 0))).await;
    // Noon in winter: eleven hours and 59 minutes later it is still today in London.
    area.world.relay.clock.advance(DAY / 2 - 60_000_000);
    let nurse = Browser::of(&area.site, swale).await;
    assert_eq!(nurse.get("/inbox?line=canterbury").await.status, 200, "still today");
    area.world.relay.clock.advance(60_000_000);
    assert_eq!(nurse.get("/inbox?line=canterbury").await.status, 404, "midnight has struck");
}

#[tokio::test]
async fn a_lead_has_a_say_over_their_own_lines_alone() {
    let area = Area::on(Engine::Sqlite).await;
    let (lead, other) =
        (Browser::of(&area.site, &area.lead).await, Browser::of(&area.site, &area.other_lead).await);
    let (swale, nurse) = (area.world.swale.id, area.world.canterbury.id);
    let week = until(&area, 7);
    // The line in the form is not asked where there is no choice: it is never another's.
    lead.post("/line/cover/grant", &format!("line=swale&person={nurse}&{week}")).await;
    assert_eq!(area.acts("cover-granted").await, 0, "a nurse of one's own line, and another's line");
    for (form, sentence) in [
        (format!("person={}&{week}", area.lead.id), "Choose somebody from the list"),
        (format!("person={nurse}&{week}"), "who does not work this line already"),
        (format!("person={}&{week}", area.world.desk.id), "Choose somebody from the list"),
        (format!("person={}&{week}", area.world.sender.id), "Choose somebody from the list"),
        (format!("person=&{week}"), "Choose who will cover"),
        (format!("person={swale}&{}", until(&area, -1)), "Choose today or a later day"),
        (format!("person={swale}&{}", until(&area, 29)), "A cover can last 28 days at most"),
        (format!("person={swale}"), "There is a problem"),
    ] {
        let answer = lead.post("/line/cover/grant", &form).await;
        let own = sentence == "Choose somebody from the list" && form.contains(&area.lead.id.to_string());
        let said = if own { "Choose somebody who does not work this line already" } else { sentence };
        assert!(answer.status == 200 && answer.body.contains(said), "{form}: {}", answer.body);
    }
    assert_eq!(area.acts("cover-granted").await, 0);
    lead.post("/line/cover/grant", &format!("person={swale}&{}", until(&area, 28))).await;
    assert_eq!(area.acts("cover-granted").await, 1, "28 days are the most");
    let twice = lead.post("/line/cover/grant", &format!("person={swale}&{week}")).await;
    assert!(twice.body.contains("covers the line already"), "{}", twice.body);
    // Another lead neither sees nor ends it; who covers leads nothing.
    assert!(other.get("/line/cover").await.body.contains("Nobody covers"));
    let list = lead.get("/line/cover").await.body;
    let end = list.split("/line/cover/").find_map(|rest| rest.split_once("/end\"")).expect("a button").0;
    assert_eq!(other.post(&format!("/line/cover/{end}/end"), "").await.status, 404);
    lead.post("/line/cover/grant", &format!("person={}&{week}", area.other_lead.id)).await;
    assert_eq!(other.get("/inbox?line=canterbury").await.status, 200, "the other lead covers now");
    assert!(!other.get("/line/cover").await.body.contains("/end\""), "and does not lead it");
    assert_eq!(other.post(&format!("/line/cover/{end}/end"), "").await.status, 404);
    let asked = other.get("/line/cover/grant").await.body;
    assert!(!asked.contains("value=\"canterbury\""), "{asked}");
    area.trail_is_sound().await;
}
