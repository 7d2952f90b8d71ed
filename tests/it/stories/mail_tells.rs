//! What a mail and its answers tell whoever may not read them: nothing of the staff-only part.

use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::domain::ids::MailId;
use dutyline::domain::referral::State;
use dutyline::pipeline::{Finding, judge};
use dutyline::seal::{CaseFile, open_streamed};
use dutyline::store::{View, cases, letters, mails};
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::by_mail::{document, mail, receive, sealed, when_it_arrives};
use crate::support::World;

/// Every length that the store shows of a mailed referral: of the mail, of each sealed object and chunk, of
/// the case file. The family's own part and the evidence are the same in both, but for age's random filler.
async fn lengths(world: &World, mail: MailId) -> Vec<(String, i64, i64, i64)> {
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    let rows = sqlx::query_as(
        "SELECT o.kind, o.size, c.n, length(c.bytes) FROM mail_in m JOIN sealed_object o ON o.case_id = m.case_id
           JOIN sealed_chunk c ON c.object_id = o.id WHERE m.id = $1 AND o.kind NOT IN ('family', 'evidence')
         UNION ALL SELECT 'case', m.size, 0, length(f.bytes) FROM mail_in m
           JOIN case_file f ON f.case_id = m.case_id WHERE m.id = $1 ORDER BY 1, 2, 3",
    );
    rows.bind(mail.to_string()).fetch_all(&mut conn).await.expect("reads")
}

/// The raw mail carries the restricted answers as well, and its length must not tell of them.
#[tokio::test]
async fn restricted_answers_show_in_no_length_and_the_mail_opens_as_it_came() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let mut flagged = document("b");
    flagged["restricted"] = json!({
        "safeguarding": {"concerns": "yes", "referred": "no", "detail": "x".repeat(2_000)},
        "abuse": {"concerns": "yes", "safe_contact": "07700 900456", "perpetrator_name": "A. N. Other"},
        "request": {"urgency": "soon"}
    });
    let mut seen = Vec::new();
    for value in [document("a"), flagged] {
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let id = receive(&world, &raw, "jo@setting1.example").await;
        let before = lengths(&world, id).await;
        assert!(matches!(judge(&world.relay, id).await, Ok(Finding::Placed(_))));
        seen.push((raw.len(), before, lengths(&world, id).await));
        assert_eq!(opened(&world, id).await, raw);
    }
    assert!(seen[1].0 > seen[0].0 + 2_000, "the mails themselves differ");
    assert!(seen[0].1.iter().any(|(kind, ..)| kind == "mail") && seen[0].2.len() > 3, "{:?}", seen[0]);
    assert_eq!((&seen[0].1, &seen[0].2), (&seen[1].1, &seen[1].2));
}

async fn opened(world: &World, id: MailId) -> Vec<u8> {
    let mut read = world.relay.store.read().await.expect("reads");
    let case = mails::find(&mut read, id).await.expect("reads").expect("there").case;
    let event = EventDraft::new(Act::MailOpened, Actor::system());
    let recorded = world.relay.store.view(View { event, cases: vec![case] }).await.expect("is recorded");
    let file = cases::case_file(&mut read, &recorded, case).await.expect("reads").expect("not erased");
    let open = CaseFile::open(&file, case, &world.relay.keys).expect("opens");
    let bytes = cases::newest(&mut read, &recorded, case, "mail").await.expect("reads").expect("there").bytes;
    open_streamed(open.case.identity(), &bytes).expect("opens").to_vec()
}

/// What the letters to the sender say of some documents, the reference left out, with their rows.
async fn told_about(world: &World, documents: Vec<Value>) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for value in documents {
        let raw = mail("jo@setting1.example", &sealed(world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(world, &raw).await else { panic!("not kept") };
        assert_eq!(placed.state, State::Held);
        let sent = super::by_web::delivered(world).await;
        let [message] = sent.as_slice() else { panic!("{} letters", sent.len()) };
        let mut read = world.relay.store.read().await.expect("reads");
        let rows = letters::about(&mut read, &placed.reference).await.expect("reads");
        let row = rows.into_iter().find(|letter| letter.kind == "sender-held").expect("a letter");
        let text = format!("{}\n{}", message.subject, message.text);
        told.push((text.replace(&placed.reference, ""), row.params));
    }
    told
}

/// A hold that only a flagged form can have would be the flag (DOMAIN section 3).
#[tokio::test]
async fn a_letter_about_a_held_referral_does_not_tell_that_there_are_concerns() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let unsigned = |id: &str, concerns: &str| {
        let mut value = document(id);
        value["agreement"] = Value::Null;
        value["restricted"]["safeguarding"]["concerns"] = concerns.into();
        value
    };
    let told = told_about(&world, vec![unsigned("plain", "no"), unsigned("flagged", "yes")]).await;
    assert_eq!(told[0], told[1]);
    assert!(told[0].0.contains("The parent or carer has not agreed and signed."), "{}", told[0].0);
}

/// Whatever of the staff-only part is wrong, and whoever signed: one entry, one sentence.
#[tokio::test]
async fn what_is_staff_only_is_one_entry_in_a_letter_whatever_and_however_many() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let wrong = |value: &mut Value| value["restricted"]["abuse"]["safe_contact"] = "not a number".into();
    let matching = |value: &mut Value| {
        value["restricted"]["abuse"]["concerns"] = "yes".into();
        value["restricted"]["abuse"]["perpetrator_name"] = "SAMPLE, Niamh".into();
    };
    let mut documents: Vec<Value> =
        ["wrong", "matching", "told", "missing", "several"].map(document).to_vec();
    wrong(&mut documents[0]);
    matching(&mut documents[1]);
    documents[2]["agreement"]["method"] = "told-to-staff".into();
    documents[2]["agreement"]["taken_by"] = "Jo Sample".into();
    documents[2]["agreement"]["witness"] = "Sam Sample".into();
    documents[3]["restricted"]["safeguarding"] = Value::Null;
    wrong(&mut documents[4]);
    matching(&mut documents[4]);
    let told = told_about(&world, documents).await;
    for one in &told {
        assert_eq!(*one, told[0]);
    }
    let (text, params) = &told[0];
    let clear: Value = serde_json::from_str(params).expect("JSON");
    assert_eq!(clear, json!([{"code": "to-check", "field": "", "sentence": "", "way_forward": ""}]));
    assert!(text.contains("Something in this referral has to be checked or completed."), "{text}");
    assert!(text.contains("Do not ask anyone to sign again before that."), "{text}");
}

/// By mail too, the referrer's signature has a date that counts.
#[tokio::test]
async fn an_old_signature_of_the_referrer_is_held() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let mut value = document("old");
    value["referrer_signature"]["signed_on"] = "2026-10-23".into();
    let told = told_about(&world, vec![value]).await;
    assert!(told[0].0.contains("The referrer's signature is too old."), "{}", told[0].0);
}
