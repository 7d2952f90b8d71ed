use axum::http::StatusCode;

use super::super::super::referral::testing::{CANTERBURY, Case, NOWHERE};
use super::*;
use crate::domain::postcode::PostcodeInput;
use crate::domain::time::DAY;
use crate::store::{lines, places};

const SWALE: &str = "/admin/lines/swale";
const THERE: &str = "/admin/lines/canterbury/change";

/// Canterbury's line as it is to be, with other values for some fields.
fn canterbury(version: &str, other: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("version", version),
        ("name", "Canterbury and Coastal"),
        ("phones", "01632 960100\n01632 960101"),
        ("mailbox", "duty@line.example"),
        ("address", "1 Made Up Street\nCanterbury"),
        ("districts", "e07000106"),
    ];
    for (name, value) in other {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name, value));
    }
    form(&pairs)
}

fn on(day: &'static str) -> [(&'static str, &'static str); 3] {
    [("from-day", day), ("from-month", "9"), ("from-year", "2026")]
}

#[tokio::test]
async fn a_change_from_today_is_in_force_at_once_and_the_other_lines_stay() {
    let (world, ada, _) = office().await;
    let list = world.get(Some(&ada), "/admin/lines").await.body;
    assert!(list.contains("Canterbury and Coastal") && list.contains("Not tested"), "{list}");
    let before = world.get(Some(&ada), THERE).await.body;
    assert!(before.contains("name=\"version\" value=\"0\"") && before.contains("E07000106"), "{before}");
    let done = world.post(Some(&ada), THERE, &canterbury("0", &[])).await;
    assert_eq!(done.location, "/admin/lines/canterbury?done=changed", "{}", done.body);
    let line = world.site.relay.places.locality("canterbury").expect("a line");
    assert_eq!(line.email.as_str(), "duty@line.example");
    assert_eq!(world.site.relay.places.localities().iter().count(), 12);
    let shown = world.get(Some(&ada), &done.location).await.body;
    for words in
        ["The change is saved", "01632 960101", "1 Made Up Street", "Never tested", "E07000106 Canterbury"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(shown.contains("to duty@line.example") && shown.contains("Pat Administrator"), "{shown}");
    verified(&world).await;
    let trail = trail_page(&world, "locality-changed").await;
    assert!(trail.contains("Changed a locality: mailbox, from 2026-09-07 on"), "{trail}");
    assert!(!trail.contains("duty@line.example") && !trail.contains("960101"), "{trail}");
}

#[tokio::test]
async fn what_cannot_be_so_is_refused_with_its_sentence_and_stays_in_the_form() {
    let (world, ada, _) = office().await;
    let long = "x".repeat(81);
    for (field, value, words) in [
        ("name", "", "Write the line’s name"),
        ("name", long.as_str(), "in 80 characters or fewer"),
        ("phones", " ", "Write at least one telephone number"),
        ("phones", "0300", "10 or 11 digits"),
        (
            "phones",
            "01632 960100\n\n01632 960101\n01632 960102\n01632 960103\n01632 960104\n01632 960105",
            "up to 5",
        ),
        ("mailbox", "duty", "@"),
        ("address", long.as_str(), "in up to 8 lines"),
        ("districts", "Canterbury", "one letter and eight digits"),
        ("districts", "E07000106 E07000113", "E07000113 is served by Swale on 7 September 2026"),
        ("districts", "E09000001", "No postcode would lead to"),
        ("from-day", "6", "The date needs"),
    ] {
        let answer = world.post(Some(&ada), THERE, &canterbury("0", &[(field, value)])).await;
        assert_eq!(answer.status, StatusCode::OK, "{field}: {}", answer.location);
        assert!(answer.body.contains("There is a problem"), "{field}");
        assert!(answer.body.contains(words), "{field} {value}: {}", answer.body);
    }
    let over = [on("6").as_slice(), &[("name", "Other")]].concat();
    let over = world.post(Some(&ada), THERE, &canterbury("0", &over)).await.body;
    assert!(over.contains("not from a day that is over") && over.contains("value=\"Other\""), "{over}");
    let history =
        lines::history(&mut world.site.relay.store.read().await.expect("reads"), "canterbury").await;
    assert!(history.expect("reads").is_empty(), "nothing was decided");
    assert_eq!(world.get(Some(&ada), "/admin/lines/nowhere").await.status, StatusCode::NOT_FOUND);
    verified(&world).await;
}

#[tokio::test]
async fn a_change_for_later_takes_effect_on_its_day_by_itself_and_can_be_taken_back() {
    let (world, ada, _) = office().await;
    let relay = &world.site.relay;
    let planned = [on("9").as_slice(), &[("name", "The Coast"), ("mailbox", "coast@line.example")]].concat();
    let done = world.post(Some(&ada), THERE, &canterbury("0", &planned)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let name = || relay.places.locality("canterbury").expect("a line").name;
    assert_eq!(name(), "Canterbury and Coastal");
    let page = world.get(Some(&ada), "/admin/lines/canterbury").await.body;
    assert!(page.contains("Planned from 9 September 2026") && page.contains("Take back"), "{page}");
    let earlier = world.post(Some(&ada), THERE, &canterbury("2", &on("8"))).await.body;
    assert!(earlier.contains("from 9 September 2026 on is planned already"), "{earlier}");

    // The planned mailbox can be confirmed before its day.
    world.post(Some(&ada), "/admin/lines/canterbury/test", "").await;
    relay.clock.advance(2 * DAY);
    assert_eq!(
        (name().as_str(), relay.places.mailbox("canterbury").as_deref()),
        ("The Coast", Some("coast@line.example"))
    );
    let mut read = relay.store.read().await.expect("reads");
    let row = places::locality(&mut read, "canterbury", relay.clock.now().day()).await.expect("reads");
    assert_eq!(row.expect("there").mailbox, "coast@line.example");
    drop(read);

    let again = [on("20").as_slice(), &[("name", "Later")]].concat();
    world.post(Some(&ada), THERE, &canterbury("2", &again)).await;
    assert_eq!(
        world.post(Some(&ada), "/admin/lines/canterbury/take-back", "version=2").await.status,
        StatusCode::CONFLICT
    );
    for _ in 0..2 {
        let back = world.post(Some(&ada), "/admin/lines/canterbury/take-back", "version=3").await;
        assert_eq!(back.location, "/admin/lines/canterbury?done=taken-back");
    }
    relay.clock.advance(20 * DAY);
    assert_eq!(name(), "The Coast");
    verified(&world).await;
}

#[tokio::test]
async fn a_district_of_another_line_is_refused_on_whichever_day_it_would_be() {
    let (world, ada, _) = office().await;
    // Canterbury gives its district up on the 9th only, and takes Medway, which no line serves.
    let gives = [on("9").as_slice(), &[("districts", "E06000035"), ("sure", "yes")]].concat();
    assert_eq!(world.post(Some(&ada), THERE, &canterbury("0", &gives)).await.status, StatusCode::SEE_OTHER);
    let swale = |other: &[(&str, &str)]| {
        canterbury("1", &[&[("name", "Swale"), ("districts", "E07000113 E07000106")], other].concat())
    };
    let there = format!("{SWALE}/change");
    let early = world.post(Some(&ada), &there, &swale(&on("8"))).await.body;
    assert!(early.contains("E07000106 is served by Canterbury and Coastal on 8 September 2026"), "{early}");
    assert_eq!(world.post(Some(&ada), &there, &swale(&on("9"))).await.status, StatusCode::SEE_OTHER);
    // Nobody can take the first change back now: on the 9th the district would have two lines.
    let back = world.post(Some(&ada), "/admin/lines/canterbury/take-back", "version=2").await;
    assert!(
        back.status == StatusCode::OK && back.body.contains("is served by Swale on 9 September 2026"),
        "{}",
        back.body
    );
    let route = || world.site.relay.places.route(&PostcodeInput::read(CANTERBURY)).locality;
    assert_eq!(route().map(|id| id.as_str().to_owned()).as_deref(), Some("canterbury"));
    world.site.relay.clock.advance(2 * DAY);
    assert_eq!(route().map(|id| id.as_str().to_owned()).as_deref(), Some("swale"));
    let author = world.person(Role::Practitioner, "").await;
    assert_eq!(world.send(&author, Case::default()).await.locality, "swale");
    verified(&world).await;
}

#[tokio::test]
async fn a_district_without_a_line_is_said_first_and_its_referrals_change_their_way() {
    let (world, ada, _) = office().await;
    let relay = &world.site.relay;
    // Canterbury's line takes a second district that no line serves yet: Medway, in the same table.
    let medway = canterbury("0", &[("districts", "E07000106 E06000035")]);
    assert_eq!(world.post(Some(&ada), THERE, &medway).await.status, StatusCode::SEE_OTHER);
    let only_medway = [("districts", "E06000035")];
    let warned = world.post(Some(&ada), THERE, &canterbury("2", &only_medway)).await.body;
    assert!(warned.contains("E07000106 (Canterbury) has no duty line from 7 September 2026 on"), "{warned}");
    assert!(
        warned.contains("Save all the same") && warned.contains("name=\"sure\" value=\"yes\""),
        "{warned}"
    );
    let route =
        || relay.places.route(&PostcodeInput::read(CANTERBURY)).locality.map(|id| id.as_str().to_owned());
    assert_eq!(route().as_deref(), Some("canterbury"), "nothing was saved yet");
    let sure = [only_medway.as_slice(), &[("sure", "yes")]].concat();
    assert_eq!(world.post(Some(&ada), THERE, &canterbury("2", &sure)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(route(), None);
    // Swale takes Canterbury's district over: a referral from there goes to Swale.
    let own = relay.places.locality("swale").expect("a line").districts[0].as_str().to_owned();
    let takes = form(&[
        ("version", "1"),
        ("name", "Swale"),
        ("phones", "01632 960100"),
        ("mailbox", "swale@line.example"),
        ("districts", &format!("{own} E07000106")),
    ]);
    let done = world.post(Some(&ada), &format!("{SWALE}/change"), &takes).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let author = world.person(Role::Practitioner, "").await;
    assert_eq!(world.send(&author, Case::default()).await.locality, "swale");
    let trail = trail_page(&world, "locality-changed").await;
    assert!(trail.contains("districts from E07000106 to E06000035:E07000106"), "{trail}");
    verified(&world).await;
}

#[tokio::test]
async fn a_mailbox_is_live_after_the_click_and_a_double_click_sends_one_notice() {
    let (world, ada, _) = office().await;
    let relay = &world.site.relay;
    world.post(Some(&ada), THERE, &canterbury("0", &[])).await;
    for _ in 0..2 {
        let sent = world.post(Some(&ada), "/admin/lines/canterbury/test", "").await;
        assert_eq!(sent.location, "/admin/lines/canterbury?done=tested");
    }
    let page = world.get(Some(&ada), "/admin/lines/canterbury?done=tested").await.body;
    assert!(page.contains("A test notice is on its way") && page.contains("Waiting for the click"), "{page}");
    let memory = crate::mail::Memory::default();
    let mailer = crate::mail::Mailer::Memory(memory.clone());
    let letters = crate::delivery::Settings {
        base_url: "http://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: crate::domain::email::EmailAddress::parse("no-reply@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    while crate::delivery::run_one(relay, &mailer, &letters).await.expect("runs")
        != crate::delivery::Ran::Nothing
    {}
    let sent = memory.kept();
    assert_eq!(sent.len(), 1, "one notice");
    let text = sent[0].text.clone();
    let from = text.find("/confirm-mailbox/").expect("a link");
    let link: String = text[from..].chars().take_while(|c| !c.is_whitespace()).collect();
    assert!(world.post(None, &link, "").await.body.contains("Mailbox confirmed"));
    let page = world.get(Some(&ada), "/admin/lines/canterbury").await.body;
    assert!(page.contains("Live since 7 September 2026"), "{page}");
    // Another telephone leaves the mailbox live; another mailbox does not.
    world.post(Some(&ada), THERE, &canterbury("2", &[("phones", "01632 960102")])).await;
    assert!(world.get(Some(&ada), "/admin/lines/canterbury").await.body.contains("Live since"));
    world.post(Some(&ada), THERE, &canterbury("3", &[("mailbox", "new@line.example")])).await;
    assert!(world.get(Some(&ada), "/admin/lines/canterbury").await.body.contains("Never tested"));
    verified(&world).await;
}

#[tokio::test]
async fn of_two_at_once_the_second_is_told_and_a_double_click_is_one_change() {
    let (world, ada, other) = office().await;
    let mine = canterbury("0", &[("name", "Mine")]);
    for _ in 0..2 {
        assert_eq!(world.post(Some(&ada), THERE, &mine).await.status, StatusCode::SEE_OTHER);
    }
    let history =
        lines::history(&mut world.site.relay.store.read().await.expect("reads"), "canterbury").await;
    assert_eq!(history.expect("reads").len(), 2, "as shipped, and one change");
    let theirs = canterbury("1", &[("name", "Theirs")]);
    let told = world.post(Some(&other), THERE, &theirs).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    for words in
        ["changed while you were working", "Pat Administrator saved a change", "Mine", "value=\"Theirs\""]
    {
        assert!(told.body.contains(words), "{words}: {}", told.body);
    }
    assert!(told.body.contains("name=\"version\" value=\"2\""));
    let now = canterbury("2", &[("name", "Theirs")]);
    assert_eq!(world.post(Some(&other), THERE, &now).await.status, StatusCode::SEE_OTHER);
    let same = world.post(Some(&ada), THERE, &canterbury("3", &[("name", "Theirs")])).await.body;
    assert!(same.contains("Nothing here differs"), "{same}");
    verified(&world).await;
}

#[tokio::test]
async fn an_auditor_reads_the_lines_with_old_and_new_words_and_changes_nothing() {
    let (world, ada, _) = office().await;
    world.post(Some(&ada), THERE, &canterbury("0", &[])).await;
    let auditor = world.person(Role::Auditor, "").await;
    let page = world.get(Some(&auditor), "/admin/lines/canterbury").await.body;
    assert!(page.contains("to duty@line.example"), "{page}");
    assert!(!page.contains("Change this line") && !page.contains("Send a test notice"), "{page}");
    for role in [Role::Auditor, Role::DutyLead, Role::Manager, Role::IgLead, Role::Commissioner] {
        let person = world.person(role, "canterbury").await;
        assert_eq!(world.get(Some(&person), THERE).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            world.post(Some(&person), THERE, &canterbury("2", &[])).await.status,
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(world.get(None, "/admin/lines").await.location, "/sign-in?next=/admin/lines");
}

/// A line for the district of Canterbury, which is taken from its line first.
fn coast(other: &[(&str, &str)]) -> String {
    let names = [("name", "Coast & Downs"), ("address", ""), ("phones", "01632 960107")];
    canterbury("0", &[names.as_slice(), other].concat())
}

#[tokio::test]
async fn a_line_is_opened_for_a_district_that_is_free_from_its_day_on() {
    let (world, ada, _) = office().await;
    let page = world.get(Some(&ada), "/admin/lines/new").await.body;
    assert!(page.contains("Open this line") && page.contains("A district has one line"), "{page}");
    for (field, value, words) in [
        ("name", "", "Write the line’s name"),
        ("name", "New", "plain letters from A to Z"),
        ("name", "Swale", "There is a line with this name"),
        ("districts", "E07000106", "is served by Canterbury and Coastal on 7 September 2026"),
    ] {
        let answer = world.post(Some(&ada), "/admin/lines/new", &coast(&[(field, value)])).await;
        assert!(answer.body.contains("There is a problem") && answer.body.contains(words), "{}", answer.body);
    }
    // From 9 September on the district is the new line's, and its old line gets nothing new.
    let without = [on("9").as_slice(), &[("districts", "")]].concat();
    let warned = world.post(Some(&ada), THERE, &canterbury("0", &without)).await.body;
    for words in ["E07000106 (Canterbury) has no duty line from 9", "This line gets no new referrals from 9"]
    {
        assert!(warned.contains(words), "{words}: {warned}");
    }
    let sure = [without.as_slice(), &[("sure", "yes")]].concat();
    assert_eq!(world.post(Some(&ada), THERE, &canterbury("0", &sure)).await.status, StatusCode::SEE_OTHER);
    let early = world.post(Some(&ada), "/admin/lines/new", &coast(&[])).await.body;
    assert!(early.contains("is served by Canterbury and Coastal on 7 September 2026"), "{early}");
    let opened = coast(&on("9"));
    let (one, two) = tokio::join!(
        world.post(Some(&ada), "/admin/lines/new", &opened),
        world.post(Some(&ada), "/admin/lines/new", &opened)
    );
    let there = "/admin/lines/coast-downs?done=opened";
    assert!(one.location == there || two.location == there, "{} {}", one.body, two.body);
    assert_eq!(world.post(Some(&ada), "/admin/lines/new", &opened).await.location, there, "a double click");
    let page = world.get(Some(&ada), there).await.body;
    assert!(page.contains("The line is open") && page.contains("Never tested"), "{page}");
    let served = || {
        let relay = &world.site.relay;
        let postcode = crate::domain::postcode::Postcode::parse("CT1 2EH").expect("a postcode");
        let place = relay.places.current();
        let district = place.table().find(&postcode).expect("a place").district.code.clone();
        relay.places.localities().serving(&district).map(|line| line.id.as_str().to_owned())
    };
    assert_eq!(served().as_deref(), Some("canterbury"));
    assert!(page.contains("Planned from 9 September 2026") && !page.contains(">Today<"), "{page}");
    world.site.relay.clock.advance(2 * DAY);
    assert_eq!(served().as_deref(), Some("coast-downs"), "on its day, by itself");
    verified(&world).await;
    let trail = trail_page(&world, "locality-changed").await;
    assert!(!trail.contains("Coast & Downs") && !trail.contains("960107"), "{trail}");
}

#[tokio::test]
async fn a_line_that_was_to_open_and_is_taken_back_gets_no_district() {
    let (world, ada, _) = office().await;
    let without = [on("9").as_slice(), &[("districts", ""), ("sure", "yes")]].concat();
    world.post(Some(&ada), "/admin/lines/thanet/change", &canterbury("0", &without)).await;
    let there = "/admin/lines/coast-downs";
    let opened = world
        .post(
            Some(&ada),
            "/admin/lines/new",
            &coast(&[on("9").as_slice(), &[("districts", "E07000114")]].concat()),
        )
        .await;
    assert_eq!(opened.location, format!("{there}?done=opened"), "{}", opened.body);
    let back = world.post(Some(&ada), &format!("{there}/take-back"), "version=1").await;
    assert_eq!(back.location, format!("{there}?done=taken-back"), "{}", back.body);
    assert!(world.site.relay.places.locality("coast-downs").is_none(), "not open today either");
    world.site.relay.clock.advance(2 * DAY);
    let line = world.site.relay.places.locality("coast-downs").expect("open, and without work");
    assert!(line.districts.is_empty());
    let desk = world.person(Role::IntakeDesk, "").await;
    let author = world.person(Role::Practitioner, "").await;
    let sent = world.send(&author, Case { postcode: NOWHERE, ..Case::default() }).await;
    let there = format!("/desk/referrals/{}", sent.id);
    let page = world.get(Some(&desk), &there).await.body;
    assert!(page.contains("value=\"swale\"") && !page.contains("value=\"coast-downs\""), "{page}");
    let chosen = world.post(Some(&desk), &there, "line=coast-downs&reason=Because").await;
    assert!(chosen.body.contains("There is a problem"), "{}", chosen.location);
    verified(&world).await;
}
