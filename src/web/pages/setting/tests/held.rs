//! A held referral: who is told why, what everybody is told to do, how it is completed.

use super::support::*;
use crate::domain::people::Role;

/// Sends a draft and gives the referral's own address.
async fn held(robin: &Visitor, draft: &str, answers: &[(&str, &str)]) -> String {
    let to = robin.send(&format!("{draft}/staff-only"), answers).await;
    assert!(robin.page(&to).await.contains("Not sent yet"));
    to.strip_suffix("/sent").expect("the confirmation").to_owned()
}

/// From the notice on to where the family part begins, without ids and references.
fn notice(page: &str, referral: &str, draft: &str) -> String {
    let from = page.split_once("Not sent yet").expect("the notice").1;
    let area = from.split("Where it stands").next().expect("a first piece");
    let area = area.split("1. Write the referral").next().expect("a first piece");
    let area = area.replace(referral, "REFERRAL").replace(draft, "DRAFT");
    let reference = page.split("reference is").nth(1).and_then(|rest| rest.split("dl-nowrap\">").nth(1));
    match reference.and_then(|rest| rest.split('<').next()) {
        Some(reference) => area.replace(reference, "REFERENCE"),
        None => area,
    }
}

#[tokio::test]
async fn a_colleague_cannot_tell_why_a_referral_is_held() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let of = robin.person.organisation;
    let sam = town.colleague("Sam Colleague", "Little Oaks", of, Role::Manager).await;
    let lead = town.colleague("Jo Lead", "Little Oaks", of, Role::SafeguardingLead).await;
    let (by_perpetrator, told) = (robin.written().await, robin.written().await);
    robin.sign_by_name(&by_perpetrator, "Xmarker Perpetrator").await;
    robin.told_by(&told, "Ana Sample").await;
    let referrals = [held(&robin, &by_perpetrator, WORRIED).await, held(&robin, &told, CALM).await];
    let reason = "Something about the signature has to be checked";
    let mut seen = Vec::new();
    for (referral, draft) in referrals.iter().zip([&by_perpetrator, &told]) {
        let mut areas = Vec::new();
        for path in [referral.clone(), format!("{referral}/sent"), draft.clone()] {
            let page = sam.page(&path).await;
            assert!(!page.contains(reason), "{path} says why");
            assert!(page.contains("Held. Its author and your safeguarding lead can see"), "{path}");
            areas.push(notice(&page, referral, draft));
            for may in [&robin, &lead] {
                assert!(may.page(&path).await.contains(reason), "{path} before {}", may.person.name);
            }
        }
        seen.push(areas);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn every_held_referral_says_what_to_do_when_it_cannot_wait() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    for answers in [WORRIED, CALM] {
        let draft = robin.written().await;
        robin.told_by(&draft, "Ana Sample").await;
        let referral = held(&robin, &draft, answers).await;
        for path in [referral.clone(), format!("{referral}/sent")] {
            let page = robin.page(&path).await;
            assert!(
                page.contains("If this cannot wait, ring the duty line Canterbury and Coastal on"),
                "{path}"
            );
            assert!(page.contains(SOCIAL_CARE) && page.contains("call 999"), "{path}");
            assert!(page.contains("Have you already told children’s social care?"), "{path}");
        }
    }
}

#[tokio::test]
async fn no_number_is_promised_while_no_line_is_known() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let home = [("request.kind", "referral"), ("carer.postcode_known", "no")];
    robin.send(&format!("{draft}/postcode"), &home).await;
    robin.told_by(&draft, "Ana Sample").await;
    let referral = held(&robin, &draft, CALM).await;
    for path in [referral.clone(), format!("{referral}/sent")] {
        let page = robin.page(&path).await;
        assert!(
            page.contains("The intake desk chooses the duty line") && page.contains(SOCIAL_CARE),
            "{path}"
        );
        assert!(!page.contains("ring the duty line"), "{path} promises a number");
    }
    robin.sign_by_name(&draft, "Ana Sample").await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    let page = robin.page(&to).await;
    assert!(page.contains("The intake desk.") && page.contains(SOCIAL_CARE));
    assert!(!page.contains("ring the duty line"), "nor once it is sent");
}

#[tokio::test]
async fn whatever_is_sent_says_whom_to_ring_today() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    for urgency in ["routine", "today"] {
        let draft = robin.signed().await;
        let last = robin.page(&format!("{draft}/staff-only?alone=yes")).await;
        assert!(last.contains("Also ring the duty line now") && last.contains("Canterbury and Coastal"));
        let fields = [CALM[0], CALM[1], ("request.urgency", urgency)];
        let to = robin.send(&format!("{draft}/staff-only"), &fields).await;
        assert!(robin.page(&to).await.contains("If it is needed today, do not wait: ring"), "{urgency}");
    }
}

#[tokio::test]
async fn what_came_back_says_why_and_what_to_do_again() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    robin.told_by(&draft, "Ana Sample").await;
    assert!(!robin.page(&draft).await.contains("To do again</strong>"), "it was never sent");
    held(&robin, &draft, CALM).await;
    let tasks = robin.page(&draft).await;
    assert!(
        tasks.contains("Something about the signature has to be checked"),
        "the reason stands above the list"
    );
    assert!(tasks.contains("Being checked</strong>"), "nobody is asked to sign again meanwhile");
    assert_eq!(tasks.matches("To do again</strong>").count(), 1, "sending");
    let slip = robin.post(&format!("{draft}/reason"), &[("reason.concerns", "")]).await;
    assert!(slip.body.contains("Write what you are concerned about"));
    let tasks = robin.page(&draft).await;
    assert_eq!(tasks.matches("To do again</strong>").count(), 1, "the part that is not whole any more");
    robin.send(&format!("{draft}/reason"), &[("reason.concerns", "Few words")]).await;
    robin.sign_by_name(&draft, "Ana Sample").await;
    let tasks = robin.page(&draft).await;
    assert_eq!(tasks.matches("To do again</strong>").count(), 1, "only sending is left");
}

#[tokio::test]
async fn the_list_puts_first_what_needs_something() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    robin.send(&format!("{draft}/staff-only"), CALM).await;
    let list = robin.page("/referrals").await;
    assert!(!list.contains("Needs something from you") && list.contains("Sent 23 November 2026, 9:05am"));
    let draft = robin.written().await;
    robin.told_by(&draft, "Ana Sample").await;
    held(&robin, &draft, CALM).await;
    let list = robin.page("/referrals").await;
    let (before, after) = list.split_once("Needs something from you").expect("its own table");
    let (needs, sent) = after.split_once("nhsuk-table__caption--m\">Sent<").expect("then what was sent");
    assert!(
        !before.contains("Complete it") && needs.contains("Complete it") && !sent.contains("Complete it")
    );
    assert!(needs.contains("Held since") && !list.contains("Submitted"));
}
