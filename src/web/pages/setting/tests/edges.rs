//! What bad input, impatience and other people get.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::people::Role;
use crate::domain::referral::State;

#[tokio::test]
async fn an_error_keeps_what_was_typed_and_says_it_beside_the_field() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let first = robin.send("/referrals", &[]).await;
    let fields =
        [("request.kind", "referral"), ("carer.postcode_known", "yes"), ("carer.postcode", "  CTl <2EH>")];
    let answer = robin.post(&first, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"  CTl &#60;2EH&#62;\""), "exactly as typed");
    assert!(answer.body.contains("There is a problem") && answer.body.contains("href=\"#carer.postcode\""));
    assert!(answer.body.contains("<title>Error: "));
    assert!(answer.body.contains("value=\"referral\" checked"));

    let draft = first.strip_suffix("/postcode").expect("postcode first");
    robin.send(&first, &[fields[0], ("carer.postcode_known", "no")]).await;
    let fields = [
        ("child.forename", "Żofia"),
        ("child.date_of_birth-day", "31"),
        ("child.date_of_birth-month", "Feb"),
        ("child.date_of_birth-year", "2024"),
        ("child.nhs_number", "999 123 4567"),
    ];
    let answer = robin.post(&format!("{draft}/child"), &fields).await;
    for kept in ["value=\"Żofia\"", "value=\"Feb\"", "value=\"999 123 4567\""] {
        assert!(answer.body.contains(kept), "{kept}");
    }
    assert_eq!(answer.body.matches("nhsuk-error-message").count(), 3, "{}", errors(&answer.body));
    let child = robin.page(&format!("{draft}/child")).await;
    assert!(child.contains("value=\"Żofia\""), "it was saved all the same");
    let check = robin.page(&format!("{draft}/check")).await;
    assert!(check.contains("missing or cannot be read") && !check.contains("Continue to the agreement"));
    assert!(check.contains("The child. Enter the child&#39;s last name"), "with its part");
    assert!(check.contains("Date of birth: "), "a fault apart from its field names it");
    assert!(robin.get(&format!("{draft}/agreement")).await.to.ends_with("/check"));
}

#[tokio::test]
async fn a_child_who_lives_elsewhere_is_named_to_the_right_council_before_more_is_typed() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let first = robin.send("/referrals", &[]).await;
    let draft = first.strip_suffix("/postcode").expect("postcode first");
    let home = |postcode| {
        [("request.kind", "referral"), ("carer.postcode_known", "yes"), ("carer.postcode", postcode)]
    };
    let to = robin.send(&first, &home("BR2 9AA")).await;
    assert_eq!(to, format!("{draft}/out-of-area"));
    let page = robin.page(&to).await;
    assert!(page.contains("Bromley") && page.contains("Correct the postcode"));
    assert!(page.contains("health visiting Bromley") && page.contains("GP surgery"), "whom to ask");
    for slug in ["child", "files", "check", "agreement", "staff-only"] {
        assert_eq!(robin.get(&format!("{draft}/{slug}")).await.to, to, "{slug}");
    }
    assert_eq!(robin.send(&first, &home("CT1 2EH")).await, format!("{draft}/child"));
    assert_eq!(robin.get(&to).await.to, first, "the dead end is gone");
}

#[tokio::test]
async fn a_postcode_that_nobody_knows_goes_on_to_the_intake_desk() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let fields = [("request.kind", "referral"), ("carer.postcode_known", "no")];
    robin.send(&format!("{draft}/postcode"), &fields).await;
    assert!(robin.page(&format!("{draft}/child")).await.contains("person at the intake desk"));
    assert_eq!(robin.get(&format!("{draft}/meeting")).await.to, draft, "no meeting was asked for");
    robin.sign_by_name(&draft, "Ana Sample").await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    assert!(robin.page(&to).await.contains("The intake desk."));
    assert_eq!(town.sent_by(&robin).await[0].state, State::IntakeDesk);
}

#[tokio::test]
async fn sent_twice_it_is_one_referral_and_the_draft_leads_to_it() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let path = format!("{draft}/staff-only");
    let (one, two) = tokio::join!(robin.post(&path, WORRIED), robin.post(&path, WORRIED));
    let three = robin.send(&path, WORRIED).await;
    assert_eq!([one.to.as_str(), two.to.as_str()], [three.as_str(); 2]);
    let sent = town.sent_by(&robin).await;
    assert_eq!(sent.len(), 1);
    let referral = format!("/referrals/{}", sent[0].id);
    for slug in ["", "/child", "/check", "/agreement", "/sign", "/staff-only", "/files"] {
        assert_eq!(robin.get(&format!("{draft}{slug}")).await.to, referral, "{slug}");
    }
    assert_eq!(robin.send(&format!("{draft}/child"), &[("child.forename", "Other")]).await, referral);
}

#[tokio::test]
async fn another_setting_finds_nothing_and_a_colleague_cannot_read_the_last_page() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let later: Vec<_> = WORRIED.iter().copied().chain([("then", "later")]).collect();
    robin.send(&format!("{draft}/staff-only"), &later).await;
    let alex = town.somebody("Alex Stranger", "Other Nursery").await;
    for slug in ["", "/postcode", "/files", "/check", "/agreement", "/not-agreed", "/sign", "/staff-only"] {
        assert_eq!(alex.get(&format!("{draft}{slug}")).await.status, StatusCode::NOT_FOUND, "{slug}");
    }
    for slug in ["/postcode", "/agreement", "/not-agreed", "/sign", "/staff-only"] {
        let answer = alex.post(&format!("{draft}{slug}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{slug}");
    }
    assert!(!alex.page("/referrals").await.contains(&draft));

    let of = robin.person.organisation;
    let sam = town.colleague("Sam Colleague", "Little Oaks", of, Role::Manager).await;
    let page = sam.page(&format!("{draft}/staff-only?alone=yes")).await;
    nothing_restricted(&page, "a colleague's last page");
    assert_eq!(sam.send(&format!("{draft}/staff-only"), CALM).await, format!("{draft}/staff-only"));
    assert!(town.sent_by(&robin).await.is_empty());
    let lead = town.colleague("Jo Lead", "Little Oaks", of, Role::SafeguardingLead).await;
    assert!(lead.page(&format!("{draft}/staff-only?alone=yes")).await.contains("XMARKERDETAIL"));

    let to = robin.send(&format!("{draft}/staff-only"), WORRIED).await;
    assert_eq!(alex.get(&to).await.status, StatusCode::NOT_FOUND);
    let line = town.colleague("Dee Duty", "Little Oaks", of, Role::Duty).await;
    assert_eq!(line.get("/referrals").await.status, StatusCode::NOT_FOUND, "not a setting's role");
}

#[tokio::test]
async fn bad_times_for_a_meeting_are_said_in_sentences() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let with = |name: &str, value: &'static str| -> Vec<(&'static str, &'static str)> {
        SLOTS.iter().map(|(field, typed)| (*field, if *field == name { value } else { typed })).collect()
    };
    for (name, value, sentence) in [
        ("meeting.slot_1-day", "1", "This is too soon: the first day to offer is 7 December 2026"),
        ("meeting.slot_2-day", "12", "Saturday"),
        ("meeting.slot_2-day", "8x", "meeting.slot_2-error"),
        ("meeting.slot_3-time", "half past", "meeting.slot_3-time-error"),
    ] {
        let answer = robin.post(&format!("{draft}/meeting"), &with(name, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
        assert!(answer.body.contains(sentence), "{sentence}: {}", errors(&answer.body));
        assert!(answer.body.contains(&format!("value=\"{value}\"")), "{value} is kept");
    }
    let to = robin.send(&format!("{draft}/meeting"), &with("meeting.slot_3-time", "12:15")).await;
    let next = robin.page(&to).await;
    assert!(next.contains("Check:") && next.contains("lunch"), "a warning is said and stops nothing");
}

#[tokio::test]
async fn a_signature_is_for_what_the_page_showed() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let path = format!("{draft}/screen");
    let shown = hidden(&robin.page_to_sign(&draft, "screen").await, "content").to_owned();
    robin.send(&format!("{draft}/support"), &[("gp.name", "Dr Another")]).await;
    let answer = robin.post(&path, &pairs(&agreement("Ana Sample", &shown))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("changed after this page was shown") && answer.body.contains("Dr Another"));
    assert!(answer.body.contains("name=\"signature-typed\" type=\"text\" value=\"\""), "not the signature");
    assert!(answer.body.contains("value=\"Ana Sample\""), "the printed name is kept");
    assert!(robin.get(&format!("{draft}/sign")).await.to.ends_with("/agreement"));

    robin.sign_by_name(&draft, "Ana Sample").await;
    robin.send(&format!("{draft}/support"), &[("gp.name", "Dr Third")]).await;
    assert!(robin.get(&format!("{draft}/staff-only")).await.to.ends_with("/agreement"));
}

#[tokio::test]
async fn files_are_taken_within_their_limits_and_go_again() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let path = format!("{draft}/files");
    for (name, bytes, sentence) in [
        ("virus.pdf", b"MZ\x90".to_vec(), "must be a PDF, a JPEG or a PNG"),
        ("empty.pdf", Vec::new(), "Choose a file"),
        ("large.pdf", [b"%PDF-".to_vec(), vec![0; 10 * 1024 * 1024]].concat(), "10 MB or smaller"),
    ] {
        let answer = robin.upload(&path, name, &bytes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.body.contains(sentence), "{name}");
    }
    let huge = robin.upload(&path, "huge.pdf", &vec![b'x'; 13 * 1024 * 1024]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    for n in 1..=5 {
        let answer = robin.upload(&path, &format!("check {n}.pdf"), b"%PDF-1.7 made up").await;
        assert_eq!(answer.to, path);
    }
    let page = robin.page(&path).await;
    assert!(page.contains("check 5.pdf") && page.contains("Remove one to attach another"));
    assert!(robin.upload(&path, "sixth.pdf", b"%PDF-1.7").await.body.contains("up to 5 files"));
    assert_eq!(robin.send(&format!("{path}/3/remove"), &[]).await, path);
    let check = robin.page(&format!("{draft}/check")).await;
    assert!(check.contains("check 2.pdf (1 kB)") && !check.contains("check 3.pdf"));
    robin.sign_by_name(&draft, "Ana Sample").await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    let referral = to.strip_suffix("/sent").expect("the confirmation");
    let view = robin.page(referral).await;
    assert!(view.contains(&format!("{referral}/files/5\">check 5.pdf")) && !view.contains("/files/3"));
}

#[tokio::test]
async fn tasks_say_what_is_done_and_what_has_to_wait() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let first = robin.send("/referrals", &[]).await;
    let draft = first.strip_suffix("/postcode").expect("postcode first");
    let empty = robin.page(draft).await;
    assert_eq!(empty.matches("Cannot start yet").count(), 3);
    assert!(!empty.contains("In progress") && !empty.contains("Done"), "what was filled in is no answer");
    assert_eq!(empty.matches(">Check</strong>").count(), 1, "who refers is filled in, to be checked");
    assert!(robin.page("/referrals").await.contains("Started 23 November 2026, 9:05am"));
    let draft = robin.signed().await;
    let signed = robin.page(&draft).await;
    assert!(signed.contains("Done") && !signed.contains("Cannot start yet"));
}
