//! The whole way: printed, signed by hand, photographed, confirmed, sent, read by the duty line.

use axum::body::Body;
use axum::http::Request;
use dutyline::casework;
use dutyline::domain::agreement::{Method, Signatory, Way};
use dutyline::domain::referral::State;
use dutyline::pipeline::{drafts, submit};
use dutyline::store::trail;

use super::files::{blurred, on_its_head};
use super::{Answer, Nursery, ask, signed_in};
use dutyline::domain::agreement::ReferrerSignature;

/// Answers to the questions beside the pictures.
const CONFIRMED: &str = "signatory=carer&printed_name=Niamh+Sample&relationship=Mother\
    &parental_responsibility=yes&written-day=20&written-month=11&written-year=2026\
    &present=Key+person&checked_how=Signed+in+front+of+her&on_it=name&on_it=signature&on_it=date";

async fn confirm(nursery: &Nursery, answers: &str) -> Answer {
    let page = nursery.get(&nursery.at("paper/confirm")).await.text();
    let content = page.split("name=\"content\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let body = format!("{answers}&content={}", content.expect("the hash of what was signed"));
    let request = Request::post(nursery.at("paper/confirm"))
        .header("content-type", "application/x-www-form-urlencoded");
    ask(&nursery.site, &nursery.token, request, Body::from(body)).await
}

#[tokio::test]
async fn a_form_that_was_signed_on_paper_is_sent_and_the_line_sees_its_pictures() {
    let nursery = Nursery::with_a_draft().await;
    let sheets = nursery.sheets().await;
    for (at, sheet) in sheets.iter().enumerate() {
        let answer = nursery.send(&on_its_head(&sheet.jpeg), false).await;
        let last = at + 1 == sheets.len();
        let next = if last { "paper/confirm" } else { "paper" };
        assert_eq!((answer.status, answer.location), (303, nursery.at(next)), "page {}", at + 1);
    }
    let page = nursery.get(&nursery.at("paper/confirm")).await.text();
    assert!(!page.contains("could not be read"), "{page}");
    let answer = confirm(&nursery, CONFIRMED).await;
    assert_eq!(answer.location, nursery.at("sign?staff=yes"), "{}", answer.text());
    let (relay, world) = (&nursery.world.relay, &nursery.world);
    let open = drafts::open(relay, &world.sender, nursery.draft).await.expect("opens");
    let agreement = open.content.agreement.clone().expect("signed");
    assert_eq!((agreement.method, agreement.signatory), (Method::PaperScan, Signatory::Carer));
    assert_eq!(agreement.signed_on, jiff::civil::date(2026, 11, 20));
    let Way::Paper(paper) = &agreement.way else { panic!("on paper") };
    assert!(paper.code_read && paper.confirmed_by == world.sender.name);
    assert_eq!(paper.pages.len(), sheets.len());
    assert_eq!(Some(paper.number), paper.pages.last().map(|page| page.number));
    let shown = open.content.family(relay.context()).sha256();
    assert_eq!(agreement.content_sha256, shown);
    let now = relay.clock.now();
    let signature = ReferrerSignature {
        printed_name: world.sender.name.clone(),
        content_sha256: shown,
        signed_on: now.day(),
        recorded_at: now,
    };
    drafts::sign_as_referrer(relay, &world.sender, nursery.draft, signature).await.expect("signs");
    let id = submit(relay, &world.sender, nursery.draft).await.expect("is sent");
    let opened = casework::open(relay, &world.canterbury, id).await.expect("opens");
    assert_eq!(opened.referral.state, State::Opened, "a signature on paper passes the gate");
    for (who, status) in [
        (&world.canterbury, 200),
        (&world.sender, 200),
        (&world.swale, 404),
        (&world.other_sender, 404),
        (&world.desk, 404),
    ] {
        let token = signed_in(&nursery.site, who).await;
        let path = format!("/referrals/{id}/signed-paper/{}", paper.number);
        let answer = ask(&nursery.site, &token, Request::get(&path), Body::empty()).await;
        assert_eq!(answer.status, status, "{}", who.name);
        if status == 200 {
            let header = |name: &str| answer.headers[name].to_str().expect("text").to_owned();
            assert_eq!(header("content-type"), "image/jpeg");
            assert!(header("content-disposition").starts_with("inline; filename=\"signed-paper-"));
            assert_eq!(
                header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'; sandbox"
            );
            assert_eq!(header("x-content-type-options"), "nosniff");
            let page =
                ask(&nursery.site, &token, Request::get(format!("/referrals/{id}")), Body::empty()).await;
            assert!(page.text().contains(&path), "the referral leads to it");
        }
    }
    let token = signed_in(&nursery.site, &world.canterbury).await;
    let none = format!("/referrals/{id}/signed-paper/99");
    assert_eq!(ask(&nursery.site, &token, Request::get(none), Body::empty()).await.status, 404);
    let mut read = relay.store.read().await.expect("reads");
    let opened = |who: &dutyline::domain::people::Person| trail::Filter {
        act: "paper-opened".to_owned(),
        actor: who.id.to_string(),
        ..trail::Filter::default()
    };
    for who in [&world.canterbury, &world.sender] {
        assert!(!trail::page(&mut read, &opened(who)).await.expect("reads").is_empty(), "{}", who.name);
    }
    trail::verify(&mut read, &[]).await.expect("verifies");
}

#[tokio::test]
async fn a_page_without_a_readable_code_is_taken_when_a_person_compared_it_and_that_is_recorded() {
    let nursery = Nursery::with_a_draft().await;
    for (at, sheet) in nursery.sheets().await.iter().enumerate() {
        let unread = blurred(&sheet.jpeg);
        assert_eq!(nursery.send(&unread, false).await.status, 422, "page {}", at + 1);
        assert_eq!(nursery.send(&unread, true).await.status, 303, "page {}", at + 1);
    }
    let page = nursery.get(&nursery.at("paper/confirm")).await.text();
    assert!(page.contains("The square code of a page could not be read."), "{page}");
    assert_eq!(confirm(&nursery, CONFIRMED).await.status, 303);
    let open = drafts::open(&nursery.world.relay, &nursery.world.sender, nursery.draft).await.expect("opens");
    let Some(Way::Paper(paper)) = open.content.agreement.map(|agreement| agreement.way) else {
        panic!("on paper")
    };
    assert!(!paper.code_read && paper.pages.iter().all(|page| !page.code_read));
}

#[tokio::test]
async fn what_is_wrong_on_the_paper_has_its_sentence_and_nothing_typed_is_lost() {
    let nursery = Nursery::with_a_draft().await;
    assert_eq!(nursery.send(&nursery.printed().await, false).await.status, 303);
    for (from, to, sentence) in [
        ("written-day=20&written-month=11", "written-day=31&written-month=6", "31 June is not a date"),
        ("written-day=20", "written-day=22", "still to come"),
        ("written-year=2026", "written-year=2025", "more than 28 days ago"),
        ("&on_it=date", "", "Say that the date is on it"),
        ("Niamh+Sample", "%F0%9F%8E%88", "name"),
        ("signatory=carer&", "", "Say who signed it"),
    ] {
        let answer = confirm(&nursery, &CONFIRMED.replace(from, to)).await;
        let text = answer.text();
        assert!(answer.status == 422 && text.contains(sentence), "{to}: {text}");
        assert!(text.contains("value=\"Signed in front of her\""), "{to}");
    }
    let open = drafts::open(&nursery.world.relay, &nursery.world.sender, nursery.draft).await.expect("opens");
    assert!(open.content.agreement.is_none());
}

#[tokio::test]
async fn another_setting_finds_nothing_under_any_of_these_addresses() {
    let nursery = Nursery::with_a_draft().await;
    nursery.send(&nursery.printed().await, false).await;
    let stranger = signed_in(&nursery.site, &nursery.world.other_sender).await;
    for rest in ["paper", "paper.pdf", "paper/form", "paper/confirm", "paper/1"] {
        let answer = ask(&nursery.site, &stranger, Request::get(nursery.at(rest)), Body::empty()).await;
        assert_eq!(answer.status, 404, "{rest}");
    }
    let twin = nursery.get(&nursery.at("paper/form")).await.text();
    assert!(twin.contains("Paper reference: P-") && twin.contains("paper__square"));
}
