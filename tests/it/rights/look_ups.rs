use dutyline::pipeline::submit;
use dutyline::store::trail;

use super::Area;
use crate::door::{Answer, Browser};
use crate::support::{Engine, form, given_a_draft, given_a_referral};

async fn look(browser: &Browser, name: &str, born: [u16; 3]) -> Answer {
    let [day, month, year] = born;
    let form = format!("name={name}&born-day={day}&born-month={month}&born-year={year}");
    browser.post("/trail/children", &form).await
}

const BORN: [u16; 3] = [3, 9, 2024];

#[tokio::test]
async fn a_child_is_found_by_any_writing_of_the_name_and_references_are_all_that_is_shown() {
    let area = Area::on(Engine::Sqlite).await;
    let named = |first: &'static str, last: &'static str| {
        form(move |raw| {
            raw.set("child.forename", first);
            raw.set("child.surname", last);
        })
    };
    let zofia = given_a_referral(&area.world, &named("Zofia", "Nowak-Bąk")).await;
    let other = given_a_referral(&area.world, &named("Adam", "Nowak")).await;
    let held = submit(
        &area.world.relay,
        &area.world.sender,
        given_a_draft(&area.world, &named("ZOFIA", "Nowak Bak")).await,
    )
    .await
    .expect("held");
    let [zofia, other, held] =
        [area.row(zofia).await, area.row(other).await, area.row(held).await].map(|row| row.reference);
    let browser = Browser::of(&area.site, &area.world.auditor).await;
    for name in ["Zofia+Nowak-B%C4%85k", "nowak+bak+zofia", "ZOFIA+NOWAK+B%C4%84K", "Zofia+Maria+Nowak-Bak"] {
        let answer = look(&browser, name, BORN).await;
        assert!(answer.status == 200 && answer.location.is_empty() && answer.cached == "no-store");
        assert!(answer.body.contains(&zofia) && answer.body.contains(&held), "{name}: {}", answer.body);
        assert!(!answer.body.contains(&other), "{name}");
        assert!(answer.body.contains("Canterbury and Coastal") && answer.body.contains("Held"));
        for word in ["Zofia", "ZOFIA", "Nowak", "nowak", "Adam"] {
            assert!(!answer.body.contains(word), "{word} after {name}: {}", answer.body);
        }
    }
    for (name, born) in [("Zofia", BORN), ("Zofia+Nowakowska", BORN), ("Zofia+Nowak-Bak", [4, 9, 2024])] {
        let answer = look(&browser, name, born).await;
        assert!(answer.body.contains("No referral fits") && !answer.body.contains(&zofia), "{name}");
    }
    for (name, born) in [("", BORN), ("1234", BORN), ("Zofia", [31, 2, 2024]), ("Zofia", [1, 1, 2030])] {
        assert!(look(&browser, name, born).await.body.contains("There is a problem"), "{name} {born:?}");
    }
    assert_eq!(area.acts("child-looked-up").await, 7, "what asks for nobody is no look-up");
    area.nothing_typed_is_in_the_trail(&["zofia", "nowak", "adam"]).await;
    area.trail_is_sound().await;
}

#[tokio::test]
async fn each_look_up_is_recorded_counted_and_at_an_end_when_the_day_has_had_enough() {
    let area = Area::on(Engine::Sqlite).await;
    let id = given_a_referral(&area.world, &form(|_| {})).await;
    let bystander = given_a_referral(&area.world, &form(|raw| raw.set("child.forename", "Wilhelmina"))).await;
    let browser = Browser::of(&area.site, &area.world.auditor).await;
    assert!(browser.get("/trail/children").await.body.contains("Looked up by you today: 0 of 50."));
    let first = look(&browser, "Aoife+Sample", BORN).await.body;
    assert!(first.contains("Looked up by you today: 1 of 50."), "{first}");
    // The trail of what was shown says so; that of another child born on that day tells the auditor nothing.
    for (id, shown) in [(id, 1), (bystander, 0)] {
        let reference = area.row(id).await.reference;
        let mut read = area.world.relay.store.read().await.expect("reads");
        let filter =
            trail::Filter { reference, actor: area.world.auditor.id.to_string(), ..Default::default() };
        assert_eq!(trail::page(&mut read, &filter).await.expect("reads").len(), shown);
    }
    for _ in 1..50 {
        look(&browser, "Nobody+Here", BORN).await;
    }
    let more = look(&browser, "Aoife+Sample", BORN).await;
    assert!(more.body.contains("Go on tomorrow") && !more.body.contains(&area.row(id).await.reference));
    assert!(more.body.contains("Looked up by you today: 51 of 50."), "{}", more.body);
    for who in [&area.world.canterbury, &area.lead, &area.world.sender, &area.world.desk] {
        let other = Browser::of(&area.site, who).await;
        assert_eq!(look(&other, "Aoife+Sample", BORN).await.status, 404, "{}", who.name);
    }
    area.world.relay.clock.advance(12 * 3_600_000_000);
    let tomorrow = Browser::of(&area.site, &area.world.auditor).await;
    assert!(look(&tomorrow, "Aoife+Sample", BORN).await.body.contains(&area.row(id).await.reference));
    area.trail_is_sound().await;
}
