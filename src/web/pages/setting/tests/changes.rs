//! Words that changed after somebody agreed: said above what is to be signed again, and to nobody else.

use super::support::*;
use crate::domain::words::{ALL, Words};
use crate::pipeline::drafts;

const TITLE: &str = "What has changed";

/// Signed, and then changed: two answers, a file.
async fn changed(robin: &Visitor) -> String {
    let draft = robin.signed().await;
    let reason = [("reason.concerns", "Few words and <tired>"), ("reason.categories", "sleep")];
    robin.send(&format!("{draft}/reason"), &reason).await;
    robin.upload(&format!("{draft}/files"), "letter.pdf", b"%PDF-1.7 made up").await;
    draft
}

fn row<'a>(page: &'a str, question: &str) -> &'a str {
    let table = page.split_once("id=\"changes\"").expect("the changes").1;
    let table = table.split_once("</table>").expect("its end").0;
    table.split("<tr ").find(|row| row.contains(question)).expect("a row")
}

#[tokio::test]
async fn who_signs_again_sees_each_answer_as_it_was_and_as_it_is() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    assert!(!robin.page_to_sign(&draft, "screen").await.contains(TITLE), "nobody has agreed before");

    let draft = changed(&robin).await;
    let page = robin.page_to_sign(&draft, "screen").await;
    assert!(handed_over(&page) && page.contains(TITLE));
    let (changes, form) = (page.find(TITLE).expect("the changes"), page.find("What will be sent"));
    assert!(changes < form.expect("the form"), "above what will be sent");
    let concerns = row(&page, "Few words");
    assert!(concerns.contains("Few words\nand tired") && concerns.contains("Few words and &#60;tired&#62;"));
    let file = row(&page, "Attached file");
    assert!(file.contains("Nothing") && file.contains("letter.pdf"));
    let table = page.split_once("</table>").expect("the table").0;
    assert!(!table.contains("07700 900123"), "what is as it was is not said");
    nothing_restricted(&page, "the page to sign again");

    robin.sign_by_name(&draft, "Ana Sample").await;
    let page = robin.page_to_sign(&draft, "screen").await;
    assert!(!page.contains(TITLE), "these words were agreed to");
}

#[tokio::test]
async fn every_way_to_sign_again_shows_what_changed() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = changed(&robin).await;
    let tasks = robin.page(&draft).await;
    assert!(tasks.contains("To do again</strong>"), "the list of what is to be done says it");
    let check = robin.page(&format!("{draft}/check")).await;
    assert!(row(&check, "Few words").contains("Few words\nand tired"), "staff see it first");
    for how in ["told", "paper"] {
        let page = robin.page_to_sign(&draft, how).await;
        assert!(row(&page, "Few words").contains("Few words\nand tired"), "{how}");
        nothing_restricted(&page, how);
    }
}

#[tokio::test]
async fn it_is_said_in_every_language_and_the_answers_stay_english() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = changed(&robin).await;
    robin.page_to_sign(&draft, "screen").await;
    for words in ALL {
        let page = robin.page(&format!("{draft}/screen?language={}", words.code)).await;
        for said in [words.changes_title, words.changes_text, words.changes_before, words.changes_now] {
            assert!(page.contains(said), "{}: {said}", words.code);
        }
        let file = row(&page, "Attached file");
        assert!(file.contains(words.changes_nothing), "{}", words.code);
        assert!(file.contains("<span class=\"dl-lines\" lang=\"en\" dir=\"ltr\">letter.pdf</span>"));
    }
}

#[tokio::test]
async fn another_carer_is_not_shown_what_the_first_one_read() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let other = [("carer.name", "Bo Other"), ("carer.phone", "07700 900456")];
    robin.send(&format!("{draft}/carer"), &other).await;
    let page = robin.page_to_sign(&draft, "screen").await;
    assert!(row(&page, "07700 900456").contains(Words::english().changes_hidden));
    assert_eq!(page.matches(Words::english().changes_hidden).count(), 2, "the name and the number");
    for earlier in ["Ana Sample", "07700 900123"] {
        assert!(!page.contains(earlier), "{earlier}");
    }
}

#[tokio::test]
async fn a_number_that_was_taken_out_stands_on_no_page_to_sign() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let carer = [("carer.name", "Ana Sample"), ("carer.email", "ana@home.example")];
    robin.send(&format!("{draft}/carer"), &carer).await;
    let page = robin.page_to_sign(&draft, "screen").await;
    assert!(row(&page, "ana@home.example").contains("Nothing"));
    assert!(row(&page, "Contact number").contains(Words::english().changes_hidden));
    assert!(!page.contains("07700 900123"));
}

#[tokio::test]
async fn what_staff_learn_later_asks_nobody_to_sign_again() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.signed().await;
    let id = draft.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a draft's id");
    let mut signatures = Vec::new();
    for answers in [CALM, WORRIED, CALM] {
        let later: Vec<_> = answers.iter().copied().chain([("then", "later")]).collect();
        assert_eq!(robin.send(&format!("{draft}/staff-only"), &later).await, "/referrals");
        let open = drafts::open(&town.site.relay, &robin.person, id).await.expect("opens");
        assert!(open.content.since_agreed(town.site.relay.context()).changes.is_empty());
        assert!(open.content.referrer.is_some(), "the referrer's stands too");
        signatures.push(open.content.agreement.expect("the parent's stands").content_sha256);
        assert!(!robin.page_to_sign(&draft, "screen").await.contains(TITLE));
    }
    assert!(signatures.iter().all(|one| *one == signatures[0]));
}
