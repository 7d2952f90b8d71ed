use ed25519_dalek::SigningKey;

use super::super::referral::testing::{Case, World};
use crate::audit::{Checkpoint, Origin};
use crate::domain::people::Role;
use crate::domain::referral::State;
use crate::store::{referrals, trail};

async fn busy() -> World {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent = world.send(&author, Case::default()).await;
    world.get(Some(&duty), &format!("/referrals/{}", sent.id)).await;
    world.post(Some(&duty), &format!("/referrals/{}/acknowledge", sent.id), "").await;
    world
}

#[tokio::test]
async fn the_trail_is_shown_in_words_without_content_and_its_reading_is_recorded() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let auditor = world.person(Role::Auditor, "").await;
    let first = world.send(&author, Case::default()).await;
    let second = world.send(&author, Case::default()).await;
    world.get(Some(&duty), &format!("/referrals/{}", first.id)).await;
    let all = world.get(Some(&auditor), "/trail").await.body;
    assert!(all.contains("Pat Duty practitioner, Duty practitioner, Health visiting"), "{all}");
    assert!(all.contains("Opened a referral (triage)") && all.contains(&second.reference));
    assert!(!all.contains("Marker"), "content in the trail");

    let one = world.get(Some(&auditor), &format!("/trail?reference={}", first.reference)).await.body;
    assert!(one.contains(&first.reference) && !one.contains(&second.reference));
    assert!(all.contains("Events ") && all.contains(", newest first") && !all.contains("matching"), "{all}");
    assert!(one.contains(" matching events, newest first") && !one.contains("Events "), "{one}");
    let read = world.get(Some(&auditor), "/trail?act=trail-read").await.body;
    assert!(read.contains("Pat Auditor, Auditor") && read.contains(&first.reference), "{read}");
    let theirs = world.get(Some(&auditor), &format!("/trail?person={}&act=signed-in", duty.id)).await.body;
    assert!(theirs.contains(", Duty practitioner, Health visiting</td>"), "{theirs}");
    assert!(!theirs.contains("Auditor, Health visiting</td>"));
    let past = "/trail?to-day=1&to-month=1&to-year=2020";
    assert!(world.get(Some(&auditor), past).await.body.contains("No event fits"));
    let odd = world.get(Some(&auditor), "/trail?reference=nonsense&from-day=40").await.body;
    assert!(odd.contains("There is a problem") && odd.contains("Error: Trail"), "{odd}");
}

#[tokio::test]
async fn a_whole_trail_is_ok_with_its_checkpoints_while_the_relay_works() {
    let world = busy().await;
    let auditor = world.person(Role::Auditor, "").await;
    let relay = &world.site.relay;
    let key = SigningKey::from_bytes(relay.keys.log_seed());
    let mut read = relay.store.read().await.expect("a read");
    let head = trail::head(&mut read).await.expect("a head");
    let origin = Origin::parse("relay.example/log").expect("an origin");
    let checkpoint = Checkpoint { origin, size: head.size(), root: head.edge().root() };
    let note = checkpoint.sign(&key);
    let kept = relay
        .store
        .write(move |unit| Box::pin(async move { trail::put_checkpoint(unit, &checkpoint, &note).await }));
    kept.await.expect("a checkpoint");
    let answer = world.post(Some(&auditor), "/trail/verify", "").await.body;
    assert!(answer.contains("The trail is sound</h3>"), "{answer}");
    assert!(answer.contains("events fit, from the first to the last"), "{answer}");
}

#[tokio::test]
async fn a_forged_event_is_named() {
    let world = busy().await;
    let auditor = world.person(Role::Auditor, "").await;
    let forged = world.site.relay.store.write(|unit| Box::pin(trail::forge(unit, 7, "somebody-else")));
    forged.await.expect("forged");
    let answer = world.post(Some(&auditor), "/trail/verify", "").await.body;
    assert!(answer.contains("event 7 was changed: the column actor_id"), "{answer}");
}

#[tokio::test]
async fn a_referral_moved_behind_the_trails_back_is_named() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let auditor = world.person(Role::Auditor, "").await;
    let sent = world.send(&author, Case::default()).await;
    let mut row = sent.clone();
    row.state = State::Acknowledged;
    let moved = world.site.relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a test plays somebody who tampers");
            referrals::update(unit, &row).await
        })
    });
    moved.await.expect("moved");
    let answer = world.post(Some(&auditor), "/trail/verify", "").await.body;
    let said = format!("left referral {} as delivered, and its row says acknowledged", sent.id);
    assert!(answer.contains(&said), "{answer}");
}
