use axum::http::StatusCode;

use super::super::super::referral::testing::Case;
use super::*;
use crate::domain::agreement::Method;
use crate::domain::time::DAY;
use crate::store::people;

const SIGNATURES: &str = "/admin/numbers/signatures";
const MEETINGS: &str = "/admin/numbers/meetings";

fn gate(version: &str, days: &str, months: &str) -> Vec<(&'static str, String)> {
    vec![
        ("version", version.to_owned()),
        ("signature_days", days.to_owned()),
        ("methods-parent", "drawn".to_owned()),
        ("methods-parent", "told-to-staff".to_owned()),
        ("methods-carer", "paper-scan".to_owned()),
        ("oldest_months", months.to_owned()),
    ]
}

fn sent(pairs: &[(&'static str, String)]) -> String {
    form(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

#[tokio::test]
async fn the_gate_follows_its_numbers_without_a_restart_today_and_on_a_later_day() {
    let (world, ada, other) = office().await;
    let relay = &world.site.relay;
    let page = world.get(Some(&ada), "/admin/numbers").await.body;
    assert!(page.contains("28 days") && page.contains("those of the configuration"), "{page}");
    let form_page = world.get(Some(&ada), SIGNATURES).await.body;
    assert!(
        form_page.contains("value=\"28\"") && form_page.contains("name=\"version\" value=\"0\""),
        "{form_page}"
    );
    let done = world.post(Some(&ada), SIGNATURES, &sent(&gate("0", "14", "48"))).await;
    assert_eq!(done.location, "/admin/numbers?done=changed", "{}", done.body);
    assert_eq!(relay.gate().signature_days, 14);
    let methods = &relay.gate().methods;
    assert_eq!(methods.parent, [Method::Drawn, Method::ToldToStaff]);
    assert_eq!((methods.carer.as_slice(), methods.young_person.len()), (&[Method::PaperScan][..], 0));
    assert_eq!(relay.context().oldest_months, 48);
    // The world's referrals are signed by typing, which passes no more.
    let author = world.person(Role::Practitioner, "").await;
    assert_eq!(world.send(&author, Case::default()).await.state, crate::domain::referral::State::Held);

    let mut later = gate("1", "7", "48");
    later.extend([
        ("from-day", "9".to_owned()),
        ("from-month", "9".to_owned()),
        ("from-year", "2026".to_owned()),
    ]);
    let later = sent(&later);
    for _ in 0..2 {
        assert_eq!(world.post(Some(&ada), SIGNATURES, &later).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(relay.gate().signature_days, 14);
    let told = world.post(Some(&other), SIGNATURES, &sent(&gate("1", "21", "48"))).await;
    assert!(told.body.contains("is planned already"), "{}", told.body);
    relay.clock.advance(2 * DAY);
    assert_eq!(relay.gate().signature_days, 7);
    let told = world.post(Some(&other), SIGNATURES, &sent(&gate("1", "21", "48"))).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(
        told.body.contains("saved a change")
            && told.body.contains("7 days")
            && told.body.contains("value=\"21\"")
    );
    let page = world.get(Some(&ada), "/admin/numbers").await.body;
    assert!(
        page.contains("A signature holds: from 14 days to 7 days") && page.contains("9 September 2026"),
        "{page}"
    );
    let trail = trail_page(&world, "rules-changed").await;
    assert!(
        trail.contains("Changed the numbers: signature-days from 28 to 14, from 2026-09-07 on"),
        "{trail}"
    );
    verified(&world).await;
}

#[tokio::test]
async fn numbers_that_cannot_be_are_refused_with_their_sentences() {
    let (world, ada, _) = office().await;
    for (days, months, words) in [
        ("0", "60", "from 1 to 366 days"),
        ("ten", "60", "from 1 to 366 days"),
        ("28", "23", "from 24 to 228 months"),
        ("28", "", "from 24 to 228 months"),
    ] {
        let answer = world.post(Some(&ada), SIGNATURES, &sent(&gate("0", days, months))).await.body;
        assert!(answer.contains(words) && answer.contains("There is a problem"), "{answer}");
    }
    let none = world.post(Some(&ada), SIGNATURES, "version=0&signature_days=28&oldest_months=60").await.body;
    assert!(none.contains("Choose at least one way of signing"), "{none}");
    let meetings = |opens: &str, closes: &str, lunch: &str, wall: &str| {
        form(&[
            ("version", "0"),
            ("opens", opens),
            ("closes", closes),
            ("notice_days", "10"),
            ("horizon_months", "3"),
            ("lunch", lunch),
            ("lunch_to", "1pm"),
            ("wall", wall),
        ])
    };
    for (opens, closes, lunch, wall, words) in [
        ("", "6pm", "noon", "no", "There is a problem"),
        ("9am", "8am", "noon", "no", "after the one from which meetings start"),
        ("9am", "5pm", "2pm", "no", "later than the beginning"),
        ("9am", "5pm", "noon", "", "Choose what happens"),
    ] {
        let answer = world.post(Some(&ada), MEETINGS, &meetings(opens, closes, lunch, wall)).await.body;
        assert!(answer.contains(words), "{words}: {answer}");
    }
    let done = world.post(Some(&ada), MEETINGS, &meetings("9am", "5pm", "noon", "yes")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let rules = world.site.relay.context().rules.clone();
    assert_eq!((rules.notice_days, rules.busy_is_wall, rules.busy.len()), (10, true, 1));
    let same = world
        .post(Some(&ada), MEETINGS, &meetings("9am", "5pm", "noon", "yes").replace("version=0", "version=1"))
        .await
        .body;
    assert!(same.contains("Nothing here differs"), "{same}");
    verified(&world).await;
}

#[tokio::test]
async fn a_planned_number_is_taken_back() {
    let (world, ada, _) = office().await;
    let mut later = gate("0", "7", "60");
    later.extend([
        ("from-day", "9".to_owned()),
        ("from-month", "9".to_owned()),
        ("from-year", "2026".to_owned()),
    ]);
    world.post(Some(&ada), SIGNATURES, &sent(&later)).await;
    assert_eq!(
        world.post(Some(&ada), "/admin/numbers/take-back", "version=0").await.status,
        StatusCode::CONFLICT
    );
    let back = world.post(Some(&ada), "/admin/numbers/take-back", "version=1").await;
    assert_eq!(back.location, "/admin/numbers?done=taken-back");
    world.site.relay.clock.advance(3 * DAY);
    assert_eq!(world.site.relay.gate().signature_days, 28);
    verified(&world).await;
}

/// Adds an organisation by the page, with a double click; its id.
async fn bluebell_nursery(world: &World, ada: &Person) -> String {
    let page = world.get(Some(ada), "/admin/organisations/add").await.body;
    let after = page.split("name=\"id\" value=\"").nth(1).expect("a hidden id");
    let id = after.split('"').next().expect("an id").to_owned();
    let new = form(&[
        ("id", &id),
        ("kind", "setting"),
        ("name", "Bluebell Nursery"),
        ("urn", "EY900001"),
        ("postcode", "ct1 2eh"),
        ("phone", "01632 960200"),
    ]);
    for _ in 0..2 {
        let done = world.post(Some(ada), "/admin/organisations/add", &new).await;
        assert_eq!(done.location, format!("/admin/organisations/{id}?done=added"), "{}", done.body);
    }
    id
}

#[tokio::test]
async fn an_organisation_is_added_once_and_changed_with_what_it_was() {
    let (world, ada, other) = office().await;
    let relay = &world.site.relay;
    let id = bluebell_nursery(&world, &ada).await;
    let there = format!("/admin/organisations/{id}/change");
    let change = |version: &str, name: &str, urn: &str| {
        form(&[("version", version), ("name", name), ("urn", urn), ("postcode", "ME10 4AA"), ("phone", "")])
    };
    for _ in 0..2 {
        assert_eq!(
            world.post(Some(&ada), &there, &change("0", "Bluebell", "EY900001")).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let told = world.post(Some(&other), &there, &change("0", "Harebell", "EY900001")).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(
        told.body.contains("saved a change") && told.body.contains("value=\"Harebell\""),
        "{}",
        told.body
    );
    let shown = world.get(Some(&ada), &format!("/admin/organisations/{id}")).await.body;
    for words in [
        "Name: from Bluebell Nursery to Bluebell",
        "Postcode: from CT1 2EH to ME10 4AA",
        "Telephone: from 01632 960200 to nothing",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(
        people::organisation_named(&mut relay.store.read().await.expect("reads"), "Bluebell")
            .await
            .expect("reads")
            .is_some()
    );
    for (typed, found) in [
        ("", true),
        ("bLUe", true),
        ("ey+900+001", true),
        ("EY900002", false),
        ("%25", true),
        ("%26x", false),
    ] {
        let list = world.get(Some(&ada), &format!("/admin/organisations?search={typed}")).await.body;
        assert_eq!(list.contains(&id), found, "{typed}: {list}");
        assert_eq!(list.contains("Nothing was found"), !found, "{typed}: {list}");
    }
    let trail = trail_page(&world, "organisation-changed").await;
    assert!(trail.contains("Changed an organisation: postcode from CT12EH to ME104AA"), "{trail}");
    assert!(!trail.contains("960200"), "{trail}");
    verified(&world).await;
}

#[tokio::test]
async fn a_urn_or_a_name_that_is_taken_is_refused_with_a_sentence() {
    let (world, ada, _) = office().await;
    let add = |pairs: &[(&str, &str)]| form(&[&[("kind", "setting"), ("urn", "EY900001")], pairs].concat());
    let there = "/admin/organisations/add";
    world.post(Some(&ada), there, &add(&[("name", "First")])).await;
    let taken = world.post(Some(&ada), there, &add(&[("name", "Second")])).await.body;
    assert!(taken.contains("First has this URN already"), "{taken}");
    let named = world.post(Some(&ada), there, "kind=trust&name=First").await.body;
    assert!(named.contains("Another organisation has this name"), "{named}");
    for (sent, words) in [
        ("name=X", "Choose what it is"),
        ("kind=trust", "Write the organisation’s name"),
        ("kind=trust&name=X&urn=%3F", "There is a problem"),
        ("kind=trust&name=X&postcode=nowhere", "There is a problem"),
        ("kind=trust&name=X&phone=12", "There is a problem"),
    ] {
        let answer = world.post(Some(&ada), there, sent).await.body;
        assert!(answer.contains(words) && answer.contains("There is a problem"), "{answer}");
    }
    assert_eq!(world.get(Some(&ada), "/admin/organisations/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_closing_day_of_one_line_counts_as_no_working_day_until_it_is_taken_back() {
    let (world, ada, _) = office().await;
    let relay = &world.site.relay;
    let close = |line: &str, day: &str, month: &str| {
        form(&[("line", line), ("day-day", day), ("day-month", month), ("day-year", "2026")])
    };
    let there = "/admin/calendar/close";
    for (sent, words) in [
        (close("", "9", "9"), "Choose a duty line"),
        (close("swale", "6", "9"), "There is a problem"),
        (close("swale", "12", "9"), "is at a weekend"),
        (close("swale", "25", "12"), "is a bank holiday: Christmas Day"),
    ] {
        let answer = world.post(Some(&ada), there, &sent).await.body;
        assert!(answer.contains(words) && answer.contains("There is a problem"), "{words}: {answer}");
    }
    for _ in 0..2 {
        assert_eq!(
            world.post(Some(&ada), there, &close("canterbury", "8", "9")).await.location,
            "/admin/calendar?done=closed"
        );
    }
    let page = world.get(Some(&ada), "/admin/calendar").await.body;
    assert!(page.contains("8 September 2026") && page.contains("Boxing Day"), "{page}");
    let author = world.person(Role::Practitioner, "").await;
    let sent = world.send(&author, Case::default()).await;
    let promise = world.get(Some(&author), &format!("/referrals/{}/sent", sent.id)).await.body;
    assert!(promise.contains("9 September 2026") && !promise.contains("8 September 2026"), "{promise}");
    let open = form(&[("line", "canterbury"), ("day", "2026-09-08")]);
    assert_eq!(
        world.post(Some(&ada), "/admin/calendar/open", &open).await.location,
        "/admin/calendar?done=open"
    );
    let promise = world.get(Some(&author), &format!("/referrals/{}/sent", sent.id)).await.body;
    assert!(promise.contains("8 September 2026"), "{promise}");
    assert!(relay.calendars.of("canterbury").is_working_day(jiff::civil::date(2026, 9, 8)));
    assert_eq!(
        world.post(Some(&ada), "/admin/calendar/open", "line=swale&day=2026-09-01").await.status,
        StatusCode::NOT_FOUND
    );
    verified(&world).await;
}

#[tokio::test]
async fn the_other_pages_say_what_is_so_and_nothing_that_is_secret() {
    let (world, ada, _) = office().await;
    assert_eq!(world.get(Some(&ada), "/").await.location, "/admin");
    let start = world.get(Some(&ada), "/admin").await.body;
    for words in ["To do", "Mailboxes that are not live", "Organisations", "Duty lines", "Numbers"] {
        assert!(start.contains(words), "{words}: {start}");
    }
    let keys = world.get(Some(&ada), "/admin/keys").await.body;
    let published = world.site.relay.keys.published();
    assert!(keys.contains(&world.site.relay.keys.fingerprint()) && keys.contains(&published.0), "{keys}");
    assert!(keys.contains("7 September 2026") && keys.contains("dutyline keys new"), "{keys}");
    assert!(!keys.contains("SECRET"));
    let statements = world.get(Some(&ada), "/admin/statements").await.body;
    let shipped = world.site.relay.statement();
    assert!(
        statements.contains(shipped.name()) && statements.contains("came with the program"),
        "{statements}"
    );
    for one in shipped.wordings() {
        let marked = format!("lang=\"{}\"", one.language);
        assert!(statements.contains(&one.name) && statements.contains(&marked), "{}", one.language);
        let paragraphs = one.paragraphs();
        let all = paragraphs.iter().chain(&one.plain);
        all.for_each(|words| assert!(statements.contains(words.as_str()), "{words}"));
    }
}

#[tokio::test]
async fn another_copy_sees_a_change_by_the_number_of_decisions() {
    let (world, ada, _) = office().await;
    let relay = &world.site.relay;
    relay.refresh_if_changed().await.expect("nothing to see");
    // As another copy would: the rows alone, not this process's schedule.
    let row = crate::relay::decided::row_of(relay.defaults);
    let new = crate::store::rules::RulesRow { signature_days: 9, ..row.clone() };
    let (who, today) = (crate::relay::actor(&ada), relay.clock.now().day());
    let written = relay.store.write(move |unit| {
        Box::pin(async move { crate::store::rules::insert(unit, &who, 0, today, (&row, &new)).await })
    });
    written.await.expect("written");
    assert_eq!(relay.gate().signature_days, 28);
    relay.refresh_if_changed().await.expect("seen");
    assert_eq!(relay.gate().signature_days, 9);
}
