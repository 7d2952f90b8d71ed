use dutyline::casework;
use dutyline::domain::people::Role;
use dutyline::domain::time::DAY;

use super::Area;
use crate::door::Browser;
use crate::support::{Engine, form, given_a_referral, organisation, person};

#[tokio::test]
async fn a_commissioner_sees_what_is_over_and_no_small_number_and_each_look_is_recorded() {
    let area = Area::on(Engine::Sqlite).await;
    let office = organisation(&area.world.relay, "Council", "trust").await;
    let who =
        person(&area.world.relay, &office, "Com Missioner", Role::Commissioner, "", "com@council.example")
            .await;
    let mut sent = Vec::new();
    for _ in 0..7 {
        sent.push(given_a_referral(&area.world, &form(|_| {})).await);
    }
    for id in &sent[..6] {
        casework::open(&area.world.relay, &area.world.canterbury, *id).await.expect("opens");
    }
    let browser = Browser::of(&area.site, &who).await;
    assert_eq!(browser.get("/").await.location, "/counts");
    let now = browser.get("/counts").await.body;
    assert!(now.contains("July to September 2026") && now.contains("fewer than 5"), "{now}");
    assert_eq!(browser.get("/counts?quarter=2026-q4").await.status, 404, "these months are not over");
    assert_eq!(browser.get("/counts?quarter=1990-q1").await.status, 404);

    area.world.relay.clock.advance(45 * DAY);
    let browser = Browser::of(&area.site, &who).await;
    let page = browser.get("/counts").await;
    let body = &page.body;
    assert!(
        page.status == 200 && body.contains("October to December 2026") && body.contains("7 referrals"),
        "{body}"
    );
    let row = |label: &str| {
        let row = body.split("<tr").find(|row| row.contains(&format!("</span>{label}<"))).expect(label);
        row.split("</span>").last().expect("a cell").split('<').next().expect("a number").to_owned()
    };
    let numbers =
        [row("With the duty line, not opened"), row("Opened, not acknowledged"), row("Acknowledged")];
    // One is small and nought is small: left alone they would add up to one, so the six go too.
    assert_eq!(numbers, ["Not shown", "Not shown", "Not shown"]);
    assert_eq!(
        [row("October 2026"), row("November 2026"), row("December 2026")]
            .iter()
            .filter(|n| *n == "7")
            .count(),
        0
    );
    assert_eq!(row("Swale"), "Not shown");

    // What happens afterwards changes nothing: no difference of two pages says a small number.
    casework::open(&area.world.relay, &area.world.canterbury, sent[6]).await.expect("opens");
    given_a_referral_of_today(&area).await;
    let again = Browser::of(&area.site, &who).await.get("/counts").await.body;
    assert_eq!(&again, body);
    assert_eq!(area.acts("counts-viewed").await, 3);
    for other in [&area.lead, &area.world.auditor, &area.world.sender] {
        assert_eq!(Browser::of(&area.site, other).await.get("/counts").await.status, 404);
    }
    assert_eq!(browser.get(&format!("/referrals/{}", sent[0])).await.status, 404);
    area.trail_is_sound().await;
}

async fn given_a_referral_of_today(area: &Area) {
    let today = area.world.relay.clock.now().day().to_string();
    given_a_referral(&area.world, &form(move |raw| raw.set("referrer.date", &today))).await;
}
