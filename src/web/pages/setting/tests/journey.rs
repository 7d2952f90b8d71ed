//! The whole way: from an empty draft to a confirmation, and every end that it can have.

use super::support::*;
use crate::domain::referral::State;
use crate::web::pages::setting::view;

#[tokio::test]
async fn a_referral_is_written_signed_and_sent() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let child = robin.page(&format!("{draft}/child")).await;
    assert!(child.contains("Canterbury and Coastal"), "the duty line is named after the postcode");
    assert!(child.contains("value=\"march\""), "a month stands as it was typed");
    let check = robin.page(&format!("{draft}/check")).await;
    assert!(check.contains("Continue to the agreement") && check.contains("31 March 2024"));

    robin.sign_by_name(&draft, "Ana Sample").await;
    let before = robin.page(&format!("{draft}/staff-only")).await;
    assert!(before.contains("Has the parent or carer left the screen?"));
    nothing_restricted(&before, "the page before the last");
    let last = robin.page(&format!("{draft}/staff-only?alone=yes")).await;
    assert!(last.contains("data-exit") && last.contains(SOCIAL_CARE) && last.contains("abuse.safe_contact"));

    let to = robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    let sent = town.sent_by(&robin).await;
    assert_eq!((sent.len(), sent[0].state, sent[0].locality.as_str()), (1, State::Delivered, "canterbury"));
    let page = robin.page(&to).await;
    assert!(page.contains(&sent[0].reference) && page.contains("Canterbury and Coastal"));
    assert!(page.contains("24 November 2026") && page.contains(&format!("/referrals/{}/copy", sent[0].id)));
    let list = robin.page("/referrals").await;
    assert!(list.contains(&sent[0].reference) && list.contains("Zofia Sample"));
    assert!(list.contains("Delivered 23 November 2026, 9:05am"));
}

#[tokio::test]
async fn staff_only_answers_show_on_their_own_page_alone() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let later: Vec<_> = WORRIED.iter().copied().chain([("then", "later")]).collect();
    assert_eq!(robin.send(&format!("{draft}/staff-only"), &later).await, "/referrals");
    for page in ["", "/postcode", "/child", "/check", "/agreement", "/sign", "/not-agreed", "/files"] {
        nothing_restricted(&robin.page(&format!("{draft}{page}")).await, page);
    }
    let again = robin.page(&format!("{draft}/staff-only?alone=yes")).await;
    assert!(again.contains("XMARKERDETAIL"), "its writer finds it again");

    let to = robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    nothing_restricted(&robin.page(&to).await, "the confirmation");
    nothing_restricted(&robin.page("/referrals").await, "the list");
    let id = town.sent_by(&robin).await[0].id;
    let opened = crate::casework::open(&town.site.relay, &robin.person, id).await.expect("its own");
    let shown = view::for_setting(&town.site, &robin.person, opened).await.expect("a page");
    let bytes = http_body_util::BodyExt::collect(shown.into_body()).await.expect("a body").to_bytes();
    let page = String::from_utf8_lossy(&bytes);
    nothing_restricted(&page, "the setting's view");
    assert!(page.contains("Ana Sample (Mother)") && page.contains("Typed on screen"));
    assert!(page.contains("Not yet") && page.contains(&format!("/referrals/{id}/restricted")));
}

#[tokio::test]
async fn a_flagged_and_an_unflagged_confirmation_are_the_same_page() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let mut pages = Vec::new();
    for answers in [WORRIED, CALM] {
        let draft = robin.signed().await;
        let to = robin.send(&format!("{draft}/staff-only"), answers).await;
        let id = to.split('/').nth(2).expect("an id").to_owned();
        let rows = town.sent_by(&robin).await;
        let row = rows.iter().find(|row| row.id.to_string() == id).expect("sent");
        pages.push(robin.page(&to).await.replace(&id, "ID").replace(&row.reference, "REF"));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn without_agreement_it_stays_with_the_setting() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    robin.page_to_sign(&draft, "screen").await;
    let to = robin.send(&format!("{draft}/screen"), &[("decision", "refuse")]).await;
    assert_eq!(to, format!("{draft}/not-agreed?language=en"));
    assert!(town.sent_by(&robin).await.is_empty(), "pressing the button records nothing yet");
    let back = robin.page(&to).await;
    assert!(back.contains("Give the screen back") && back.contains("I am staff: go on"));
    assert!(!back.contains("Record that"), "whoever holds the screen ends nothing");
    let page = robin.page(&format!("{to}&staff=yes")).await;
    assert!(page.contains(SOCIAL_CARE) && page.contains("your own support"));
    let day = [("refused_on-day", "23"), ("refused_on-month", "11"), ("refused_on-year", "2026")];
    let to = robin.send(&format!("{draft}/not-agreed"), &day).await;
    let page = robin.page(&to).await;
    assert!(page.contains("stays with your setting") && page.contains("did not agree"));
    assert_eq!(town.sent_by(&robin).await[0].state, State::Refused);
}

#[tokio::test]
async fn a_held_referral_says_why_and_is_completed_from_the_list() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    town.site.relay.clock.advance(29 * crate::domain::time::DAY);
    let robin = town.session_of(&robin.person).await;
    let slots = later_slots();
    robin.send(&format!("{draft}/meeting"), &slots).await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    assert!(to.ends_with("/agreement"), "a change takes the signature away: {to}");

    robin.sign_by_name(&draft, "Xmarker Perpetrator").await;
    let to = robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    let page = robin.page(&to).await;
    assert!(page.contains("Not sent yet") && page.contains("has to be checked"));
    assert_eq!(page.matches("Xmarker").count(), 0);
    assert!(page.contains("Complete it"), "another person may sign");

    robin.sign_by_name(&draft, "Ana Sample").await;
    let page = robin.page("/referrals").await;
    assert!(page.contains("Complete it") && page.contains("Held"));
    let to = robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    assert!(robin.page(&to).await.contains("Referral sent"));
    let sent = town.sent_by(&robin).await;
    assert_eq!((sent.len(), sent[0].state), (1, State::Delivered));
}

fn later_slots() -> Vec<(&'static str, &'static str)> {
    let moved = |(name, value): &(&'static str, &'static str)| match (
        name.ends_with("-month"),
        name.ends_with("-year"),
    ) {
        (true, _) => (*name, "2"),
        (_, true) => (*name, "2027"),
        _ => (*name, *value),
    };
    SLOTS.iter().map(moved).collect()
}
