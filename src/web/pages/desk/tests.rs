use std::sync::Arc;

use axum::http::StatusCode;

use super::super::referral::testing::{Case, NOWHERE, World};
use crate::domain::people::Role;
use crate::domain::referral::State;
use crate::pipeline::{judge, receive::Receiving};

#[tokio::test]
async fn the_desk_places_a_referral_with_a_reason() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let desk = world.person(Role::IntakeDesk, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent = world.send(&author, Case { postcode: NOWHERE, ..Case::default() }).await;
    assert_eq!(sent.state, State::IntakeDesk);
    let list = world.get(Some(&desk), "/desk").await.body;
    assert!(list.contains(&sent.reference) && !list.contains("Marker"), "{list}");
    let there = format!("/desk/referrals/{}", sent.id);
    assert_eq!(world.get(Some(&desk), &format!("/referrals/{}", sent.id)).await.location, there);
    let page = world.get(Some(&desk), &there).await.body;
    assert!(
        page.contains(NOWHERE) && page.contains("not in this table") && page.contains("Canterbury"),
        "{page}"
    );
    assert!(page.contains("Where the setting is") && !page.contains("The setting lies in"), "{page}");

    let empty = world.post(Some(&desk), &there, "reason=Rang+the+setting").await.body;
    assert!(empty.contains("Choose a duty line") && empty.contains("Rang the setting"), "{empty}");
    let empty = world.post(Some(&desk), &there, "line=canterbury&reason=").await.body;
    assert!(empty.contains("Write why you choose this line"));
    assert_eq!(world.row(sent.id).await.state, State::IntakeDesk);

    let done = world.post(Some(&desk), &there, "line=canterbury&reason=Rang+the+setting").await;
    let list = format!("/desk?placed={}&line=canterbury", sent.reference);
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, list.as_str()));
    let said = format!("{} is with Canterbury", sent.reference);
    assert!(world.get(Some(&desk), &list).await.body.contains(&said));
    let untrue = world.get(Some(&desk), &list.replace("canterbury", "thanet")).await.body;
    assert!(!untrue.contains("is with"), "a link makes the page say what is not so");
    let row = world.row(sent.id).await;
    assert_eq!((row.state, row.locality.as_str()), (State::Delivered, "canterbury"));
    assert_eq!(world.get(Some(&desk), &there).await.status, StatusCode::NOT_FOUND, "it is the line's now");
    assert!(world.get(Some(&duty), "/inbox").await.body.contains(&sent.reference));
}

#[tokio::test]
async fn the_most_urgent_stand_first_then_who_waits_longest() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let desk = world.person(Role::IntakeDesk, "").await;
    let mut sent = Vec::new();
    for urgency in ["routine", "today", "routine", "today"] {
        sent.push(world.send(&author, Case { postcode: NOWHERE, urgency, ..Case::default() }).await);
        world.site.relay.clock.advance(crate::domain::time::DAY);
    }
    let page = world.get(Some(&desk), "/desk").await.body;
    assert!(page.contains("Most urgent first, then longest waiting"), "{page}");
    let places = [1, 3, 0, 2].map(|n: usize| page.find(&sent[n].reference).expect("on the list"));
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn a_held_referral_that_no_line_sees_stands_on_the_desk_by_reference_setting_and_age_only() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let desk = world.person(Role::IntakeDesk, "").await;
    let seen = world.send(&author, Case { signed: false, urgency: "today", ..Case::default() }).await;
    let case = || Case { postcode: NOWHERE, signed: false, urgency: "today", ..Case::default() };
    assert!(!world.get(Some(&desk), "/desk").await.body.contains("no duty line’s list"), "a line has it");
    let held = world.send(&author, case()).await;
    assert_eq!((held.state, held.locality.as_str()), (State::Held, ""));
    world.site.relay.clock.advance(2 * crate::domain::time::DAY);
    let page = world.get(Some(&desk), "/desk").await.body;
    let section = page.split("no duty line’s list").nth(1).expect("a section of its own");
    for words in [held.reference.as_str(), "Acorn Nursery", "2 days"] {
        assert!(section.contains(words), "{words}: {section}");
    }
    for words in ["Marker", "Today", "working day", held.id.to_string().as_str(), seen.reference.as_str()] {
        assert!(!page.contains(words), "{words}: {page}");
    }
    let there = format!("/desk/referrals/{}", held.id);
    assert_eq!(world.get(Some(&desk), &there).await.status, StatusCode::NOT_FOUND);
    assert!(looked_at(&world, &desk).await.contains(&"held".to_owned()), "looking at it is in the trail");
}

/// The lists that the trail says this person looked at.
async fn looked_at(world: &World, person: &crate::domain::people::Person) -> Vec<String> {
    let mut read = world.site.relay.store.read().await.expect("a read");
    let events = crate::store::trail::block(&mut read, 0).await.expect("the trail");
    let theirs = events.into_iter().map(|event| event.columns);
    theirs
        .filter(|event| event.act == "list-viewed" && event.actor_id == person.id.to_string())
        .map(|event| event.object_id)
        .collect()
}

#[tokio::test]
async fn a_held_mail_is_shown_as_plain_text_and_leaves_the_list_with_a_reason() {
    let world = World::new().await;
    let desk = world.person(Role::IntakeDesk, "").await;
    let relay = &world.site.relay;
    let mut mail = Receiving::begin(Arc::clone(relay), "who@strange.example", "TLSv1.3");
    let raw =
        b"From: who@strange.example\r\nSubject: <script>hello</script>\r\n\r\n<img src=x> Please ring.\r\n";
    mail.write(raw).await.expect("chunks");
    let id = mail.commit().await.expect("a mail");
    judge(relay, id).await.expect("judged");

    let list = world.get(Some(&desk), "/desk/mails").await.body;
    assert!(list.contains("It holds no sealed referral") && list.contains("Sender not known"), "{list}");
    assert!(!list.contains("strange.example") && !list.contains("hello"), "words without a recorded reading");
    let there = format!("/desk/mails/{id}");
    let page = world.get(Some(&desk), &there).await.body;
    assert!(page.contains("who@strange.example") && page.contains("Please ring."));
    assert!(!page.contains("<img") && !page.contains("<script>hello"), "active content");

    let again = world.post(Some(&desk), &format!("{there}/close"), "end=other").await.body;
    assert!(again.contains("Choose what you did with it"));
    let done = world.post(Some(&desk), &format!("{there}/close"), "end=answered-by-phone").await;
    assert_eq!(done.location, "/desk/mails?closed=yes");
    assert!(world.get(Some(&desk), "/desk/mails").await.body.contains("No mail is waiting"));
    assert_eq!(world.get(Some(&desk), &there).await.status, StatusCode::NOT_FOUND);
}
