//! The screen between staff and the parent or carer: what it leads to, what each of them is asked.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::agreement::{Method, Signatory, Way};
use crate::domain::people::Role;

#[tokio::test]
async fn a_screen_that_a_parent_may_hold_leads_nowhere() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let first = robin.page(&format!("{draft}/agreement")).await;
    assert!(!handed_over(&first), "staff still have it");
    let to_sign = robin.page_to_sign(&draft, "screen").await;
    assert!(handed_over(&to_sign) && to_sign.contains("I agree and sign"));
    assert!(!to_sign.contains(BEFORE[0].1) && !to_sign.contains(BEFORE[1].1), "staff's answers stay");
    let slip = robin.post(&format!("{draft}/screen"), &[("decision", "agree")]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(handed_over(&slip.body));
    let refused = robin.page(&format!("{draft}/not-agreed")).await;
    assert!(handed_over(&refused) && refused.contains("Give the screen back"));
    let refused = robin.page(&format!("{draft}/not-agreed?staff=yes")).await;
    assert!(refused.contains("nhsuk-button--warning"), "the act that ends it");

    let fields = agreement("Ana Sample", hidden(&to_sign, "content"));
    let to = robin.send(&format!("{draft}/screen"), &pairs(&fields)).await;
    let back = robin.page(&to).await;
    assert!(handed_over(&back) && back.contains("Give the screen back to staff"));
    assert!(!back.contains("Type your full name"), "the referrer signs on the next page");
    let on = format!("{draft}/sign?staff=yes");
    assert!(back.contains(&format!("href=\"{on}\"")) && back.contains("I am staff: go on"));
    let sign = robin.page(&on).await;
    assert!(!handed_over(&sign) && sign.contains("Ana Sample has signed"));
}

#[tokio::test]
async fn the_privacy_notice_that_a_parent_opens_has_no_menu() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let to_sign = robin.page_to_sign(&draft, "screen").await;
    assert!(to_sign.contains("href=\"/privacy?for=family\""));
    let with_menu = |page: &str| page.contains("href=\"/referrals\"") || page.contains("/sign-out");
    assert!(!with_menu(&robin.get("/privacy?for=family").await.body));
    let links = robin.get("/privacy?for=family").await.body;
    let links: Vec<&str> = links.split("<a ").skip(1).filter(|link| !link.contains("#maincontent")).collect();
    assert!(links.is_empty(), "it leads nowhere: {links:?}");
    assert!(with_menu(&robin.get("/privacy").await.body));
    assert!(with_menu(&robin.get("/referrals?for=family").await.body), "only pages for anybody");
}

#[tokio::test]
async fn staff_answer_their_questions_before_the_screen_is_handed_over() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let [who, how, present, screen] =
        ["agreement", "how", "present", "screen"].map(|page| format!("{draft}/{page}"));
    for later in [&how, &present, &screen] {
        assert_eq!(robin.get(later).await.to, who, "first who agrees");
    }
    let first = robin.page(&who).await;
    assert!(first.contains("name=\"signatory\" type=\"radio\" value=\"young-person\""));
    let slip = robin.post(&who, &[("signatory", "neighbour")]).await;
    assert!(slip.status == StatusCode::UNPROCESSABLE_ENTITY && slip.body.contains("Say who agrees"));
    assert_eq!(robin.send(&who, &[("signatory", "carer")]).await, how);
    let second = robin.page(&how).await;
    assert!(second.contains("How does the carer agree?") && !second.contains("value=\"lawful\""));
    for (way, there) in [("phone", "present"), ("link", "link"), ("paper", "paper"), ("told", "present")] {
        assert_eq!(robin.send(&how, &[("how", way)]).await, format!("{draft}/{there}"), "{way}");
    }
    assert_eq!(robin.send(&how, &[("how", "no")]).await, format!("{draft}/not-agreed?staff=yes"));
    let slip = robin.post(&how, &[("how", "lawful")]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY, "it is not turned on");
    assert_eq!(robin.get(&screen).await.to, how, "another way was chosen");
    assert_eq!(robin.send(&how, &[("how", "screen")]).await, present);
    assert_eq!(robin.get(&screen).await.to, present, "not without what staff answer");
    let slip = robin.post(&present, &[("present", "  "), BEFORE[1]]).await;
    assert!(slip.body.contains("Enter who is present") && slip.body.contains(BEFORE[1].1), "typed is kept");
    assert_eq!(robin.send(&present, &BEFORE).await, screen);
    let to_sign = robin.page(&screen).await;
    assert!(!to_sign.contains("name=\"present\""), "the parent is not asked");
    let fields = agreement("Ana Sample", hidden(&to_sign, "content"));
    robin.send(&screen, &pairs(&fields)).await;
    let opened = crate::pipeline::drafts::open(&town.site.relay, &robin.person, id_of(&draft)).await;
    let signed = opened.ok().and_then(|open| open.content.agreement).expect("signed");
    assert_eq!((signed.signatory, signed.present.as_str()), (Signatory::Carer, BEFORE[0].1));
}

#[tokio::test]
async fn a_parent_who_says_that_they_have_no_parental_responsibility_signs_as_a_carer() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let mut fields = agreement("Ana Sample", hidden(&robin.page_to_sign(&draft, "screen").await, "content"));
    fields
        .iter_mut()
        .filter(|(name, _)| *name == "parental_responsibility")
        .for_each(|it| it.1 = "no".into());
    robin.send(&format!("{draft}/screen"), &pairs(&fields)).await;
    let opened = crate::pipeline::drafts::open(&town.site.relay, &robin.person, id_of(&draft)).await;
    let signed = opened.ok().and_then(|open| open.content.agreement).expect("signed");
    assert_eq!(signed.signatory, Signatory::Carer);
}

#[tokio::test]
async fn a_typed_signature_is_the_same_name() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let page = robin.page_to_sign(&draft, "screen").await;
    let mut fields = agreement("Ana Sample", hidden(&page, "content"));
    fields.retain(|(name, _)| *name != "signature-typed");
    fields.push(("signature-typed", "Bo Other".to_owned()));
    let answer = robin.post(&format!("{draft}/screen"), &pairs(&fields)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in
        ["Type the same full name as above", "value=\"Bo Other\"", "value=\"Ana Sample\"", "value=\"Mother\""]
    {
        assert!(answer.body.contains(kept), "{kept}");
    }
    robin.sign_by_name(&draft, "Ana Sample").await;
    let sign = format!("{draft}/sign");
    let content = hidden(&robin.page(&format!("{sign}?staff=yes")).await, "content").to_owned();
    for (typed, said) in [("Bo Other", "Type the same full name as above"), (" ", "Enter your full name")] {
        let answer = robin.post(&sign, &[("content", &content), ("signature", typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(answer.body.contains(said) && answer.body.contains(&format!("value=\"{typed}\"")), "{typed}");
    }
    let to = robin.send(&sign, &[("content", &content), ("signature", "robin  TEACHER")]).await;
    assert!(to.ends_with("/staff-only"));
}

#[tokio::test]
async fn a_parent_who_is_not_there_can_tell_a_member_of_staff() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let page = robin.page_to_sign(&draft, "told").await;
    assert!(page.contains("cannot read it until somebody signs"));
    assert!(!page.contains("signature-typed"), "nobody signs");
    assert!(page.contains("value=\"Robin Teacher\"") && page.contains("Who else heard it?"));
    let mut fields = agreement("Ana Sample", hidden(&page, "content"));
    fields.extend(TOLD.iter().map(|(field, value)| (*field, (*value).to_owned())));
    fields.iter_mut().filter(|(name, _)| *name == "witness").for_each(|it| it.1 = "Robin Teacher".into());
    let slip = robin.post(&format!("{draft}/told"), &pairs(&fields)).await;
    assert!(slip.status == StatusCode::UNPROCESSABLE_ENTITY && slip.body.contains("must be somebody else"));
    robin.told_by(&draft, "Ana Sample").await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    let page = robin.page(&to).await;
    assert!(
        page.contains("Not sent yet") && page.contains("Something about the signature has to be checked")
    );
    let id = town.sent_by(&robin).await[0].id;
    let opened = crate::casework::open(&town.site.relay, &robin.person, id).await.expect("its own");
    let agreement = opened.evidence.agreement.expect("recorded");
    assert_eq!((agreement.method, agreement.strokes), (Method::ToldToStaff, None));
    assert_eq!(agreement.checked_how, BEFORE[1].1);
    let Way::Told(told) = agreement.way else { panic!("how it was told is kept") };
    assert_eq!((told.taken_by.as_str(), told.witness.as_str()), ("Robin Teacher", "Sam Colleague"));
    robin.sign_by_name(&draft, "Ana Sample").await;
    let to = robin.send(&format!("{draft}/staff-only"), CALM).await;
    assert!(robin.page(&to).await.contains("Referral sent"), "a signature was added later");
}

#[tokio::test]
async fn a_session_that_ends_in_mid_form_loses_one_page_at_most() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    town.site.relay.clock.advance(11 * crate::domain::time::HOUR);
    let lost = [("gp.name", "Dr Lost"), ("needs.interpreter", "no")];
    let to = robin.send(&format!("{draft}/support"), &lost).await;
    assert_eq!(to, format!("/sign-in?ended=yes&next={draft}"));
    assert_eq!(robin.send("/drafts/not-a-draft/support", &lost).await, "/sign-in?ended=yes");
    assert_eq!(robin.send("/referrals", &[]).await, "/sign-in?ended=yes");
    let robin = town.session_of(&robin.person).await;
    let kept = robin.page(&format!("{draft}/support")).await;
    assert!(kept.contains("Dr Made-Up") && !kept.contains("Dr Lost"), "what was saved before is there");
    robin.sign_by_name(&draft, "Ana Sample").await;
    robin.send(&format!("{draft}/staff-only"), CALM).await;
    assert_eq!(town.sent_by(&robin).await.len(), 1);
}

#[tokio::test]
async fn what_is_typed_after_a_rest_is_kept_for_its_writer_and_changes_nothing() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    town.site.relay.clock.advance(crate::domain::time::HOUR);
    let typed = [("gp.name", "Dr Keptword"), ("needs.interpreter", "no")];
    let page = format!("{draft}/support");
    assert_eq!(robin.send(&page, &typed).await, format!("/sign-in?ended=kept&next={page}"));
    assert_eq!(robin.send("/drafts/not-a-draft/support", &typed).await, "/sign-in?ended=yes");
    let colleague =
        town.colleague("Alex Example", "Little Oaks", robin.person.organisation, Role::Practitioner).await;
    let seen = colleague.page(&page).await;
    assert!(!seen.contains("Dr Keptword"), "it is for its writer");
    let robin = town.session_of(&robin.person).await;
    assert!(!robin.page(&format!("{draft}/check")).await.contains("Dr Keptword"), "it is part of nothing");
    let seen = robin.page(&page).await;
    assert!(
        seen.contains("Dr Keptword") && seen.contains("You were signed out while this page was open"),
        "{seen}"
    );
    robin.send(&page, &typed).await;
    assert!(robin.page(&format!("{draft}/check")).await.contains("Dr Keptword"), "now it is saved");
    assert!(!robin.page(&page).await.contains("You were signed out"), "and said no more");
    robin.send("/sign-out", &[]).await;
    assert_eq!(
        robin.send(&page, &[("gp.name", "Dr Stranger")]).await,
        format!("/sign-in?ended=yes&next={draft}")
    );
}
