//! What is visible of a flagged referral is what is visible of an unflagged one: its events, the sizes of
//! what is sealed of it, its row, its letters as they leave, by both doors.

use std::sync::Arc;

use dutyline::audit::Actor;
use dutyline::clock::Clock;
use dutyline::delivery::{self, Ran};
use dutyline::domain::agreement::Method;
use dutyline::domain::email::EmailAddress;
use dutyline::domain::form::Raw;
use dutyline::domain::ids::ReferralId;
use dutyline::mail::{Mailer, Memory};
use dutyline::pipeline::receive::Receiving;
use dutyline::pipeline::{Finding, judge, submit};
use dutyline::relay::Relay;
use dutyline::seal::seal_to_published;
use dutyline::store::{Store, cases, mails, places, referrals, trail};
use serde_json::{Value, json};

use crate::stories::by_mail::document;
use crate::support::{Engine, World, agreement, form, given_a_draft, given_a_referral, when_both_sign};

/// What somebody sees who may see everything but what is sealed.
#[derive(Debug, PartialEq)]
struct Visible {
    row: String,
    events: Vec<Value>,
    sizes: Vec<(String, i64)>,
    rows_of_letters: Vec<String>,
    letters: Vec<(String, String, String)>,
}

/// age puts a stanza of chance into every file: what is not padded to a class differs by up to so many
/// bytes though its content is as long. What [`flagged`] adds is longer.
const CHANCE: i64 = 500;
/// What is sealed as long as it is.
const UNPADDED: [&str; 2] = ["evidence", "family"];

impl Visible {
    /// Without the sizes of what the family sees and signed, for referrals that differ in that.
    fn but_for_the_family(mut self) -> Self {
        self.sizes.retain(|(kind, _)| kind != "family" && kind != "evidence");
        self
    }
}

/// Nothing that shows differs.
fn alike(mut one: Visible, mut other: Visible, what: &str) {
    assert_eq!(one.sizes.len(), other.sizes.len(), "{what}");
    for (one, other) in one.sizes.iter_mut().zip(&mut other.sizes) {
        if UNPADDED.contains(&one.0.as_str()) && one.0 == other.0 {
            let by = one.1 - other.1;
            assert!(by.abs() < CHANCE, "{what}: the size of what is sealed as {} differs by {by}", one.0);
            other.1 = one.1;
        }
    }
    assert_eq!(one.row, other.row, "{what}");
    assert_eq!(one.sizes, other.sizes, "{what}");
    assert_eq!(one.rows_of_letters, other.rows_of_letters, "{what}");
    assert_eq!(one.letters, other.letters, "{what}");
    assert_eq!(one.events, other.events, "{what}");
}

/// A world whose line's mailbox is live; letters are kept in memory, none leaves.
async fn world() -> (World, Memory) {
    let (world, memory) = (World::on(Engine::Sqlite).await, Memory::default());
    let line = world.relay.places.locality("canterbury").expect("a line");
    let row = places::LocalityRow {
        id: "canterbury".to_owned(),
        name: line.name.clone(),
        phones: String::new(),
        mailbox: line.email.as_str().to_owned(),
        lad_codes: String::new(),
        confirmed_at: 0,
    };
    crate::store::unit!(world, unit => places::put_locality(unit, &Actor::operator(), &row).await)
        .expect("stored");
    let queued = delivery::queue_mailbox_test(&world.relay, Actor::operator(), "canterbury").await;
    queued.expect("a test notice");
    let sent = delivered(&world.relay, &memory, "/confirm-mailbox/").await;
    let token = sent[0].2.split("REFERENCE").nth(1).expect("a link").chars().take(64).collect::<String>();
    let confirmed = delivery::confirm_mailbox(&world.relay, &token).await.expect("answers");
    assert_eq!(confirmed.as_deref(), Some("canterbury"));
    (world, memory)
}

/// Sends every letter that is due; what was captured of this reference, and that left out.
async fn delivered(relay: &Arc<Relay>, memory: &Memory, reference: &str) -> Vec<(String, String, String)> {
    let settings = delivery::Settings {
        base_url: "https://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@dutyline.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    let mailer = Mailer::Memory(memory.clone());
    while delivery::run_one(relay, &mailer, &settings).await.expect("runs") != Ran::Nothing {}
    let kept = memory.kept().into_iter().filter(|letter| letter.text.contains(reference));
    let bare = |text: &str| text.replace(reference, "REFERENCE");
    let mut letters: Vec<_> = kept
        .map(|letter| (letter.to.as_str().to_owned(), bare(&letter.subject), bare(&letter.text)))
        .collect();
    letters.sort();
    letters
}

/// An event without its number, ids, hashes and the time, which differ between any two.
fn bare(bytes: &[u8]) -> Value {
    let mut event: Value = serde_json::from_slice(bytes).expect("an event is JSON");
    for name in ["seq", "at", "digest", "commitment", "reference"] {
        event[name] = Value::Null;
    }
    event["object"]["id"] = Value::Null;
    // A mark is over the whole row, its id and its times included.
    for name in ["case", "row"] {
        if event["extra"].get(name).is_some() {
            event["extra"][name] = Value::Null;
        }
    }
    event
}

async fn visible(world: &World, memory: &Memory, id: ReferralId) -> Visible {
    let mut read = world.relay.store.read().await.expect("reads");
    let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
    let letters = delivered(&world.relay, memory, &row.reference).await;
    let filter = trail::Filter { reference: row.reference.clone(), ..trail::Filter::default() };
    let events = trail::page(&mut read, &filter).await.expect("reads");
    let objects = cases::objects(&mut read, row.case).await.expect("reads");
    let mut sizes: Vec<(String, i64)> = objects.into_iter().map(|o| (o.kind, o.size)).collect();
    sizes.sort();
    let rows = dutyline::store::letters::about(&mut read, &row.reference).await.expect("reads");
    drop(read);
    let shown = |l: dutyline::store::letters::Letter| {
        format!("{} {} {} {}", l.kind, l.recipient, l.locality, l.params)
    };
    let mut rows_of_letters: Vec<String> = rows.into_iter().map(shown).collect();
    rows_of_letters.sort();
    // Letters of one moment go out in any order.
    let mut events: Vec<Value> = events.into_iter().map(|event| bare(&event.bytes)).collect();
    events.sort_by_key(Value::to_string);
    Visible {
        row: format!(
            "{:?} {:?} {} {} {:?}",
            row.state, row.urgency, row.locality, row.content_version, row.door
        ),
        events,
        sizes,
        rows_of_letters,
        letters,
    }
}

fn flagged(raw: &mut Raw) {
    raw.set("safeguarding.concerns", "yes");
    raw.set("safeguarding.referred", "no");
    raw.set("safeguarding.detail", "x".repeat(2_000));
    raw.set("abuse.concerns", "yes");
    raw.set("abuse.safe_contact", "07700 900456");
    raw.set("abuse.perpetrator_name", "A. N. Other");
}

#[tokio::test]
async fn a_flagged_referral_looks_like_any_other() {
    let (world, memory) = world().await;
    let one = given_a_referral(&world, &form(|_| {})).await;
    let other = given_a_referral(&world, &form(flagged)).await;
    let (one, other) = (visible(&world, &memory, one).await, visible(&world, &memory, other).await);
    assert!(!one.events.is_empty() && one.sizes.len() > 5 && one.letters.len() == 1, "{one:?}");
    alike(one, other, "flagged or not");
}

/// Held: unsigned by the parent, and signed by the alleged perpetrator, differ in nothing that shows.
#[tokio::test]
async fn a_referral_that_its_alleged_perpetrator_signed_looks_like_any_other_that_is_held() {
    let (world, memory) = world().await;
    let perpetrator = form(|raw| {
        raw.set("abuse.concerns", "yes");
        raw.set("abuse.perpetrator_name", "Niamh Sample");
    });
    let mut seen = Vec::new();
    for (raw, sign, method) in [
        (form(|_| {}), false, Method::Typed),
        (form(|_| {}), true, Method::ToldToStaff),
        (perpetrator.clone(), true, Method::Typed),
        (perpetrator, true, Method::Typed),
    ] {
        let draft = given_a_draft(&world, &raw).await;
        if sign {
            when_both_sign(&world, draft, "Niamh Sample").await;
        }
        if method != Method::Typed {
            let open =
                dutyline::pipeline::drafts::open(&world.relay, &world.sender, draft).await.expect("opens");
            let shown = open.content.family(world.relay.context()).sha256();
            let other = dutyline::domain::agreement::Agreement {
                method,
                way: dutyline::domain::agreement::Way::Told(dutyline::domain::agreement::Told {
                    taken_by: "Jo Sample".to_owned(),
                    witness: "Sam Sample".to_owned(),
                    interpreter: String::new(),
                    spoken: "On the telephone".to_owned(),
                }),
                ..agreement(&world, &shown, "Niamh Sample")
            };
            let signed =
                dutyline::pipeline::drafts::sign_agreement(&world.relay, &world.sender, draft, other).await;
            signed.expect("signs");
        }
        let id = submit(&world.relay, &world.sender, draft).await.expect("is held");
        let visible = visible(&world, &memory, id).await.but_for_the_family();
        assert!(visible.row.starts_with("Held") && visible.letters.len() == 2, "{visible:?}");
        seen.push(visible);
    }
    let [unsigned, told, signed, again] = <[Visible; 4]>::try_from(seen).expect("four");
    alike(unsigned, signed, "beside one without a signature");
    alike(told, again, "beside one that was told to staff");
}

/// A mail with this document, judged: the referral, and the row of the mail.
async fn by_mail(world: &World, document: &Value) -> (ReferralId, String) {
    let key = world.relay.keys.published().0;
    let sealed = seal_to_published(&key, document.to_string().as_bytes(), true).expect("seals");
    let armor = String::from_utf8(sealed).expect("armor").replace('\n', "\r\n");
    let raw = format!("From: jo@setting1.example\r\nSubject: Sealed\r\nMIME-Version: 1.0\r\n\r\n{armor}\r\n");
    let mut arriving = Receiving::begin(world.relay.clone(), "jo@setting1.example", "TLSv1.3");
    arriving.write(raw.as_bytes()).await.expect("is taken");
    let id = arriving.commit().await.expect("is kept");
    let Finding::Placed(placed) = judge(&world.relay, id).await.expect("is judged") else {
        panic!("the mail is no referral")
    };
    let mut read = world.relay.store.read().await.expect("reads");
    let row = mails::find(&mut read, id).await.expect("reads").expect("there");
    (placed.referral, format!("{} {} {} {}", row.state, row.code, row.tls, row.size))
}

/// The staff-only answers of [`flagged`], as a document has them.
fn flagged_document(id: &str) -> Value {
    let mut value = document(id);
    value["restricted"]["safeguarding"] =
        json!({"concerns": "yes", "referred": "no", "detail": "x".repeat(2_000)});
    value["restricted"]["abuse"] =
        json!({"concerns": "yes", "safe_contact": "07700 900456", "perpetrator_name": "A. N. Other"});
    value
}

#[tokio::test]
async fn a_flagged_referral_by_mail_looks_like_any_other() {
    let (world, memory) = world().await;
    let (one, mail) = by_mail(&world, &document("one")).await;
    let (other, flagged) = by_mail(&world, &flagged_document("two")).await;
    let (one, other) = (visible(&world, &memory, one).await, visible(&world, &memory, other).await);
    assert_eq!(one.letters.len(), 2, "{one:?}");
    assert_eq!(mail, flagged);
    alike(one, other, "flagged or not");
}

/// The alleged perpetrator signed, or it was told to staff: one code, one sentence, one letter.
#[tokio::test]
async fn a_mail_that_its_alleged_perpetrator_signed_looks_like_any_other_that_is_held() {
    let (world, memory) = world().await;
    let mut told = document("one");
    told["agreement"]["method"] = "told-to-staff".into();
    told["agreement"]["taken_by"] = "Jo Sample".into();
    told["agreement"]["witness"] = "Sam Sample".into();
    let mut signed = document("two");
    signed["restricted"]["abuse"] = json!({"concerns": "yes", "perpetrator_name": "Niamh Sample"});
    let (one, _) = by_mail(&world, &told).await;
    let (other, _) = by_mail(&world, &signed).await;
    let one = visible(&world, &memory, one).await.but_for_the_family();
    let other = visible(&world, &memory, other).await.but_for_the_family();
    assert!(one.row.starts_with("Held") && one.letters.len() == 2, "{one:?}");
    alike(one, other, "signed by whom");
}

/// What is wrong with a staff-only answer is told where staff read it: a letter about it is the letter
/// about any answer, and says nothing by which it is known.
#[tokio::test]
async fn a_letter_about_a_fault_does_not_tell_that_it_is_in_the_staff_only_part() {
    let (world, memory) = world().await;
    let mut seen = Vec::new();
    for (part, path, name) in [("answers", "carer", "other_phone"), ("restricted", "abuse", "safe_contact")] {
        let mut value = document(name);
        value[part][path][name] = "not a number".into();
        let (id, _) = by_mail(&world, &value).await;
        let visible = visible(&world, &memory, id).await;
        assert!(visible.row.starts_with("Held"), "{visible:?}");
        seen.push((visible.events, visible.letters.len()));
        let told: Vec<String> =
            visible.rows_of_letters.into_iter().filter(|l| l.starts_with("sender-held")).collect();
        assert_eq!(told.len(), 1);
        for words in ["abuse", "safe_contact", "perpetrator", "staff-only", "restricted"] {
            assert!(!told[0].contains(words), "{}", told[0]);
            let letters =
                visible.letters.iter().map(|(_, subject, text)| format!("{subject} {text}").to_lowercase());
            assert!(letters.into_iter().all(|letter| !letter.contains(words)), "a letter says {words}");
        }
    }
    assert_eq!(seen[0], seen[1]);
}

/// The case files' lengths tell nothing either.
#[tokio::test]
async fn every_case_file_has_the_same_length() {
    let world = World::on(Engine::Sqlite).await;
    given_a_referral(&world, &form(|_| {})).await;
    given_a_referral(&world, &form(|raw| raw.set("abuse.concerns", "yes"))).await;
    let store = Store::open(&world.database.url, Clock::System).await.expect("opens");
    store.close().await;
    use sqlx::Connection as _;
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    let lengths: Vec<(i64,)> = sqlx::query_as("SELECT DISTINCT length(bytes) FROM case_file")
        .fetch_all(&mut conn)
        .await
        .expect("reads");
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}
