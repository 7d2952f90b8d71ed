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

    let empty = world.post(Some(&desk), &there, "reason=Rang+the+setting").await.body;
    assert!(empty.contains("Choose a duty line") && empty.contains("Rang the setting"), "{empty}");
    let empty = world.post(Some(&desk), &there, "line=canterbury&reason=").await.body;
    assert!(empty.contains("Write why you choose this line"));
    assert_eq!(world.row(sent.id).await.state, State::IntakeDesk);

    let done = world.post(Some(&desk), &there, "line=canterbury&reason=Rang+the+setting").await;
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, "/desk?placed=yes"));
    let row = world.row(sent.id).await;
    assert_eq!((row.state, row.locality.as_str()), (State::Delivered, "canterbury"));
    assert_eq!(world.get(Some(&desk), &there).await.status, StatusCode::NOT_FOUND, "it is the line's now");
    assert!(world.get(Some(&duty), "/inbox").await.body.contains(&sent.reference));
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
