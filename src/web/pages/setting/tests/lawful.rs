//! The lawful route: off unless it is turned on, decided by one, checked by another, marked everywhere.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::people::Role;
use crate::domain::referral::State;

const MARK: &str = "Sent without the parent’s agreement";
const DECISION: [(&str, &str); 4] = [
    ("basis", "ca2004-s16la"),
    ("reason", "XMARKERWHY she was seen with marks"),
    ("told", "no"),
    ("because", "XMARKERNOT safe"),
];

/// A setting with an author, two who may decide, and a town where it is turned on.
async fn people() -> (Town, Visitor, Visitor, Visitor) {
    let town = Town::lawful().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let of = robin.person.organisation;
    let jo = town.colleague("Jo Lead", "Little Oaks", of, Role::SafeguardingLead).await;
    let sam = town.colleague("Sam Manager", "Little Oaks", of, Role::Manager).await;
    (town, robin, jo, sam)
}

impl Visitor {
    pub async fn decides(&self, draft: &str) -> String {
        let path = format!("{draft}/lawful");
        let page = self.page(&path).await;
        let content = hidden(&page, "content").to_owned();
        let fields: Vec<_> = DECISION.into_iter().chain([("content", content.as_str())]).collect();
        self.send(&path, &fields).await
    }

    pub async fn says(&self, draft: &str, decision: &str, words: &str) -> Answer {
        let page = self.page(&format!("{draft}/lawful")).await;
        let shown = page.contains("name=\"content\"").then(|| hidden(&page, "content").to_owned());
        let content = shown.unwrap_or_default();
        let fields = [("content", content.as_str()), ("decision", decision), ("words", words)];
        self.post(&format!("{draft}/lawful/check"), &fields).await
    }

    pub async fn signs_and_sends(&self, draft: &str) -> String {
        let page = self.page(&format!("{draft}/sign?staff=yes")).await;
        let fields = [("content", hidden(&page, "content")), ("signature", "Robin Teacher")];
        self.send(&format!("{draft}/sign"), &fields).await;
        self.send(&format!("{draft}/staff-only"), CALM).await
    }
}

#[tokio::test]
async fn it_is_not_there_unless_the_deployment_turned_it_on() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let jo =
        town.colleague("Jo Lead", "Little Oaks", robin.person.organisation, Role::SafeguardingLead).await;
    let draft = robin.written().await;
    robin.send(&format!("{draft}/agreement"), &[("signatory", "parent")]).await;
    assert!(!robin.page(&format!("{draft}/how")).await.contains("the law lets us share"));
    assert!(!robin.page(&format!("{draft}/not-agreed?staff=yes")).await.contains("/lawful"));
    for path in [format!("{draft}/lawful"), "/setting/decisions".to_owned()] {
        assert_eq!(jo.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let fields: Vec<_> = DECISION.into_iter().chain([("content", "x")]).collect();
    assert_eq!(jo.post(&format!("{draft}/lawful"), &fields).await.status, StatusCode::NOT_FOUND);
    assert!(!jo.page("/referrals").await.contains("/setting/decisions"));
}

#[tokio::test]
async fn a_practitioner_asks_one_decides_another_checks_and_it_goes_on_marked() {
    let (town, robin, jo, sam) = people().await;
    let draft = robin.written().await;
    let to = robin.before_signing(&draft, "parent", "lawful").await;
    assert_eq!(to, format!("{draft}/lawful"));
    assert!(robin.page(&to).await.contains("Ask for a decision"));
    robin.send(&to, &[]).await;
    assert!(jo.page("/setting/decisions").await.contains("To decide, written by Robin Teacher"));
    assert_eq!(robin.get(&format!("{draft}/sign")).await.to, format!("{draft}/agreement"), "not decided yet");
    jo.decides(&draft).await;
    assert!(jo.page(&to).await.contains("waits for a second person"), "nobody checks their own");
    let content = hidden(&sam.page(&to).await, "content").to_owned();
    let fields = [("content", content.as_str()), ("decision", "confirm"), ("words", "")];
    let own = jo.post(&format!("{to}/check"), &fields).await;
    assert!(own.status == StatusCode::UNPROCESSABLE_ENTITY && own.body.contains("nobody checks their own"));
    assert!(!robin.page(&to).await.contains("XMARKER"), "who asks reads no reasons");

    let sent = robin.signs_and_sends(&draft).await;
    let page = robin.page(&sent).await;
    assert!(
        page.contains("Not sent yet") && page.contains("A second person has not confirmed yet"),
        "{page}"
    );
    assert_eq!(town.sent_by(&robin).await[0].state, State::Held);
    assert!(sam.page("/setting/decisions").await.contains("To check, written by Robin Teacher"));
    assert!(sam.page(&to).await.contains("XMARKERWHY"));
    let checked = sam.says(&draft, "confirm", "").await;
    assert_eq!(checked.status, StatusCode::SEE_OTHER, "{}", errors(&checked.body));
    let row = town.sent_by(&robin).await.remove(0);
    assert_eq!((row.state, row.without_agreement), (State::Delivered, true));
    assert!(sam.page("/setting/decisions").await.contains("Nothing is waiting"));
    for path in [checked.to, format!("/referrals/{}", row.id), "/referrals".to_owned()] {
        let page = robin.page(&path).await;
        assert!(page.contains(MARK) || page.contains("Sent without the parent’s agreement."), "{path}");
        assert!(!page.contains("XMARKER") && !page.contains("/copy"), "{path}");
    }
}

#[tokio::test]
async fn a_change_of_the_words_makes_decision_and_check_stale() {
    let (town, robin, jo, sam) = people().await;
    let draft = robin.written().await;
    jo.decides(&draft).await;
    assert_eq!(sam.says(&draft, "confirm", "").await.to, "/setting/decisions");
    assert!(jo.page(&format!("{draft}/lawful")).await.contains("It is decided and checked"));
    robin.send(&format!("{draft}/support"), &[("gp.name", "Dr Another")]).await;
    let page = jo.page(&format!("{draft}/lawful")).await;
    assert!(page.contains("The referral was changed after this was decided") && page.contains("XMARKERWHY"));
    assert_eq!(robin.get(&format!("{draft}/sign")).await.to, format!("{draft}/agreement"));
    jo.decides(&draft).await;
    let sent = robin.signs_and_sends(&draft).await;
    assert!(robin.page(&sent).await.contains("Not sent yet"), "the check was for other words");
    assert_eq!(sam.says(&draft, "confirm", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.sent_by(&robin).await[0].state, State::Delivered);
}

#[tokio::test]
async fn a_second_person_can_decline_and_a_signature_ends_the_route() {
    let (town, robin, jo, sam) = people().await;
    let draft = robin.written().await;
    jo.decides(&draft).await;
    let bare = sam.says(&draft, "decline", " ").await;
    assert!(bare.status == StatusCode::UNPROCESSABLE_ENTITY && bare.body.contains("Write why you do not"));
    sam.says(&draft, "decline", "Ask her first").await;
    assert!(jo.page(&format!("{draft}/lawful")).await.contains("did not confirm the last decision"));
    assert_eq!(robin.get(&format!("{draft}/sign")).await.to, format!("{draft}/agreement"));
    robin.sign_by_name(&draft, "Ana Sample").await;
    robin.send(&format!("{draft}/staff-only"), CALM).await;
    let row = town.sent_by(&robin).await.remove(0);
    assert_eq!((row.state, row.without_agreement), (State::Delivered, false));
    let opened = crate::casework::open(&town.site.relay, &robin.person, row.id).await.expect("its own");
    assert!(opened.evidence.lawful.is_none(), "what was decided gave way to the signature");
}

#[tokio::test]
async fn a_decision_needs_every_answer_and_a_practitioner_cannot_make_one() {
    let (town, robin, jo, _) = people().await;
    let draft = robin.written().await;
    let path = format!("{draft}/lawful");
    let content = hidden(&jo.page(&path).await, "content").to_owned();
    for (left_out, said) in [
        ("basis", "Choose which law"),
        ("reason", "Write why it is right"),
        ("told", "Say whether the parent"),
        ("because", "Write why the parent has not been told"),
    ] {
        let fields = DECISION.into_iter().filter(|(name, _)| *name != left_out);
        let fields: Vec<_> = fields.chain([("content", content.as_str())]).collect();
        let answer = jo.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{left_out}");
        assert!(answer.body.contains(said), "{left_out}");
    }
    let fields: Vec<_> = DECISION.into_iter().chain([("content", content.as_str())]).collect();
    assert!(robin.send(&path, &fields).await.ends_with("?asked=yes"), "it only asks");
    let open = crate::pipeline::drafts::open(&town.site.relay, &robin.person, id_of(&draft)).await;
    assert!(open.ok().is_some_and(|open| open.content.lawful.is_none()));
}

#[tokio::test]
async fn the_line_sees_the_mark_and_no_paper_for_a_family_that_was_not_asked() {
    let (town, robin, jo, sam) = people().await;
    let draft = robin.written().await;
    jo.decides(&draft).await;
    sam.says(&draft, "confirm", "").await;
    robin.signs_and_sends(&draft).await;
    let id = town.sent_by(&robin).await[0].id;
    let duty = town.on_line("Dee Duty", "canterbury", Role::Duty).await;
    assert!(duty.get("/inbox").await.body.contains(MARK));
    let page = duty.get(&format!("/referrals/{id}")).await.body;
    assert!(page.contains(MARK) && page.contains("Decided by Jo Lead, designated safeguarding lead"));
    assert!(page.contains("The parent was not told") && !page.contains("XMARKER"));
    assert!(page.contains("There is no Red Book insert and no copy"));
    assert!(duty.get(&format!("/referrals/{id}/print")).await.body.contains(MARK));
    for paper in ["copy", "red-book", "copy.pdf", "red-book.pdf", "red-book-2up.pdf"] {
        let answer = duty.get(&format!("/referrals/{id}/{paper}")).await;
        assert!(answer.to.contains("/approve"), "{paper} leads to {}", answer.to);
    }
    for reader in [&duty, &robin] {
        let why = reader.get(&format!("/referrals/{id}/approve")).await.body;
        assert!(why.contains("There is no copy and no Red Book insert"), "{why}");
    }
}
