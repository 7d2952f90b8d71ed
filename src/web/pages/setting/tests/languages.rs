//! The agreement in the language of whoever signs.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::agreement::Agreement;
use crate::domain::words::{ALL, Words};
use crate::pipeline::drafts;

/// The page to sign, or that of what was told, in a language.
async fn page_in(robin: &Visitor, draft: &str, how: &str, language: &str) -> String {
    robin.before_signing(draft, "parent", how).await;
    robin.page(&format!("{draft}/{how}?language={language}")).await
}

async fn kept(town: &Town, robin: &Visitor, draft: &str) -> Agreement {
    let id = draft.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a draft's id");
    let open = drafts::open(&town.site.relay, &robin.person, id).await.expect("opens");
    open.content.agreement.expect("signed")
}

fn escaped(text: &str) -> String {
    text.replace('\'', "&#39;")
}

#[tokio::test]
async fn in_every_language_the_page_the_statement_and_what_is_kept_belong_together() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let shipped = town.site.relay.statement();
    for words in ALL {
        let draft = robin.written().await;
        let page = page_in(&robin, &draft, "screen", words.code).await;
        assert!(page.contains(&format!("<html lang=\"{}\" dir=\"{}\">", words.code, words.dir)));
        for said in [words.sign_title, words.sign_name, words.sign_draw, words.sign_agree, words.page_skip] {
            assert!(page.contains(&escaped(said)), "{}: {said}", words.code);
        }
        let (statement, beside) = shipped.signed(words.code);
        for shown in [Some(&statement), beside.as_ref()].into_iter().flatten() {
            let start = format!("<blockquote class=\"dl-statement\" lang=\"{}\"", shown.language);
            assert!(page.contains(&start), "{start}");
        }
        assert_eq!(page.matches("<blockquote").count(), if words.is_english() { 1 } else { 2 });
        assert_eq!(page.contains("<div lang=\"en\" dir=\"ltr\">"), !words.is_english(), "what will be sent");

        let mut fields = agreement("Ana Sample", hidden(&page, "content"));
        fields.push(("language", words.code.to_owned()));
        let to = robin.send(&format!("{draft}/screen"), &pairs(&fields)).await;
        let signed = kept(&town, &robin, &draft).await;
        assert_eq!((signed.statement, signed.beside), (statement, beside));
        assert_eq!(signed.notice, town.site.relay.notice().id());
        assert_eq!(signed.address, "127.0.0.1");
        let back = robin.page(&to).await;
        assert!(back.contains(&escaped(words.back_signed)), "{back}");
        assert!(back.contains("I am staff: go on"), "staff read English");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_language_that_was_chosen() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    robin.before_signing(&draft, "parent", "screen").await;
    let path = format!("{draft}/screen");
    for words in ALL {
        let slip = [("language", words.code), ("decision", "agree")];
        let answer = robin.post(&path, &slip).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for said in [words.page_problem, words.sign_name_missing, words.sign_signature_missing] {
            assert!(answer.body.contains(&escaped(said)), "{}: {said}", words.code);
        }
        assert_eq!(hidden(&answer.body, "language"), words.code, "it stays chosen");
        let no = [("language", words.code), ("decision", "refuse")];
        let to = robin.send(&path, &no).await;
        let back = robin.page(&to).await;
        assert!(back.contains(&escaped(words.back_refused)), "{back}");
    }
}

#[tokio::test]
async fn a_version_that_is_shown_no_more_is_not_signed_and_nothing_typed_is_lost() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let page = page_in(&robin, &draft, "screen", "pl").await;
    let mut fields = agreement("Ana Sample", hidden(&page, "content"));
    fields
        .iter_mut()
        .filter(|(name, _)| *name == "statement")
        .for_each(|one| one.1 = "trust-2020".to_owned());
    fields.push(("language", "pl".to_owned()));
    let answer = robin.post(&format!("{draft}/screen"), &pairs(&fields)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let polish = Words::or_english("pl");
    assert!(answer.body.contains(polish.sign_changed) && answer.body.contains("value=\"Ana Sample\""));
}

#[tokio::test]
async fn staff_who_were_told_read_english_around_the_statement_that_was_heard() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let page = page_in(&robin, &draft, "told", "ar").await;
    assert!(page.contains("<html lang=\"en\"") && page.contains("What they agree to"));
    assert!(page.contains("lang=\"ar\" dir=\"rtl\""), "the statement");
    let unknown = page_in(&robin, &draft, "screen", "tlh%22%3E%3Cscript%3E").await;
    assert!(
        unknown.contains("<html lang=\"en\"") && !unknown.contains("tlh"),
        "English, and nothing of it comes back"
    );
}
