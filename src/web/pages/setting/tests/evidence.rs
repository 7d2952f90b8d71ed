//! The evidence page: everything about the signatures, who may see it, and the check that is made afresh.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::people::Role;
use crate::intake::Family;
use crate::store::cases::{self, NewObject};

async fn sent(town: &Town, robin: &Visitor) -> crate::store::referrals::Referral {
    let draft = robin.signed().await;
    robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    town.sent_by(robin).await.remove(0)
}

#[tokio::test]
async fn everything_about_the_signatures_stands_on_one_page_and_passes() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let id = sent(&town, &robin).await.id;
    let duty = town.on_line("Dee Duty", "canterbury", Role::Duty).await;
    let path = format!("/referrals/{id}/evidence");
    assert!(robin.page(&format!("/referrals/{id}")).await.contains(&format!("href=\"{path}\"")));
    for reader in [&robin, &duty] {
        let page = reader.get(&path).await.body;
        for words in
            ["Ana Sample", "Typed on screen", "Pass", BEFORE[0].1, BEFORE[1].1, "in London (2026-11-23T"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Fail") && !page.contains("Zofia"), "{page}");
        nothing_restricted(&page, &path);
        let pdf = reader.get(&format!("{path}.pdf")).await;
        assert!(pdf.status == StatusCode::OK && pdf.body.starts_with("%PDF"));
    }
    let auditor = town.on_line("Ada Auditor", "canterbury", Role::Auditor).await;
    assert!(auditor.get("/trail").await.body.contains("Opened the evidence of the signatures"));
    let (elsewhere, governance) = (
        town.on_line("Tam Thanet", "thanet", Role::Duty).await,
        town.on_line("Gil Governance", "", Role::IgLead).await,
    );
    for stranger in [&elsewhere, &auditor, &governance] {
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{}", stranger.person.name);
    }
}

#[tokio::test]
async fn of_a_held_referral_a_colleague_sees_no_evidence() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let sam = town.colleague("Sam Colleague", "Little Oaks", robin.person.organisation, Role::Manager).await;
    let draft = robin.written().await;
    robin.told_by(&draft, "Ana Sample").await;
    robin.send(&format!("{draft}/staff-only"), CALM).await;
    let id = town.sent_by(&robin).await[0].id;
    let path = format!("/referrals/{id}/evidence");
    let page = robin.page(&path).await;
    assert!(page.contains("Witness") && page.contains("Sam Colleague") && page.contains("On the telephone"));
    assert_eq!(sam.get(&path).await.status, StatusCode::NOT_FOUND);
    assert!(!sam.page(&format!("/referrals/{id}")).await.contains("/evidence"));
}

#[tokio::test]
async fn content_that_was_changed_behind_the_relay_fails_the_check() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let row = sent(&town, &robin).await;
    let relay = &town.site.relay;
    let opened = crate::casework::open(relay, &robin.person, row.id).await.expect("opens");
    let canonical = String::from_utf8(opened.family.canonical()).expect("text");
    let other = canonical.replace("Few words", "Many words");
    assert!(other != canonical && Family::from_canonical(other.as_bytes()).is_some());
    reseal(&town, &robin, row.case, other.as_bytes()).await;
    let page = robin.page(&format!("/referrals/{}/evidence", row.id)).await;
    assert!(page.contains("Fail") && page.contains("is not the content that was signed"), "{page}");
    reseal(&town, &robin, row.case, b"not a referral at all").await;
    let page = robin.page(&format!("/referrals/{}/evidence", row.id)).await;
    assert!(page.contains("Fail"), "{page}");
}

/// Seals other bytes in the place of the newest family part.
async fn reseal(town: &Town, robin: &Visitor, case: crate::domain::ids::CaseId, bytes: &[u8]) {
    let relay = &town.site.relay;
    let event = crate::audit::EventDraft::sample();
    let recorded = relay.store.view(crate::store::View { event, cases: vec![case] }).await.expect("a view");
    let mut read = relay.store.read().await.expect("a read");
    let file = cases::case_file(&mut read, &recorded, case).await.expect("reads").expect("there");
    let key = crate::seal::CaseFile::open(&file, case, &relay.keys).expect("opens").case;
    let stored = cases::newest(&mut read, &recorded, case, "family").await.expect("reads").expect("there");
    drop(read);
    let sealed = crate::seal::seal_object(key.recipient(), bytes);
    let object = NewObject::whole(stored.id, case, "family", stored.version + 1, &sealed);
    let who = crate::relay::actor(&robin.person);
    let done =
        relay.store.write(move |unit| Box::pin(async move { cases::replace(unit, &who, object).await }));
    done.await.expect("is replaced");
}

#[tokio::test]
async fn the_evidence_of_the_lawful_route_has_the_decision() {
    let town = Town::lawful().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let of = robin.person.organisation;
    let jo = town.colleague("Jo Lead", "Little Oaks", of, Role::SafeguardingLead).await;
    let sam = town.colleague("Sam Manager", "Little Oaks", of, Role::Manager).await;
    let pat = town.colleague("Pat Practitioner", "Little Oaks", of, Role::Practitioner).await;
    let draft = robin.written().await;
    jo.decides(&draft).await;
    sam.says(&draft, "confirm", "").await;
    robin.signs_and_sends(&draft).await;
    let id = town.sent_by(&robin).await[0].id;
    let duty = town.on_line("Dee Duty", "canterbury", Role::Duty).await;
    for (reader, reasons) in [(&duty, true), (&jo, true), (&sam, true), (&robin, true), (&pat, false)] {
        let page = reader.get(&format!("/referrals/{id}/evidence")).await.body;
        assert!(page.contains("Jo Lead, designated safeguarding lead") && page.contains("Sam Manager"));
        assert_eq!(page.contains("XMARKERWHY"), reasons, "{}", reader.person.name);
        assert!(page.contains("Pass"));
    }
}
