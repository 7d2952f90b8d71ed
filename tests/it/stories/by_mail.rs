//! A sealed referral comes by mail: received, judged, answered; and everything that can be wrong with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::casework;
use dutyline::domain::ids::MailId;
use dutyline::domain::reference::Reference;
use dutyline::domain::referral::{Ground, State};
use dutyline::pipeline::receive::Receiving;
use dutyline::pipeline::{Finding, drafts, judge};
use dutyline::seal::{CaseFile, open_streamed, seal_to_published};
use dutyline::store::{View, cases, letters, mails, referrals};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::store::on_both_engines;
use crate::support::World;

/// A whole document, as a setting's machine would write it.
pub fn document(id: &str) -> Value {
    json!({
        "format": "dutyline-referral", "version": 1, "submission_id": id,
        "answers": {
            "request": {"kind": "referral"},
            "child": {"forename": "Aoife", "surname": "Sample", "date_of_birth": "2024-09-03"},
            "carer": {"name": "Niamh Sample", "postcode_known": "yes", "postcode": "CT1 2EH", "phone": "07700 900123"},
            "reason": {"concerns": "Says about ten words."},
            "referrer": {"name": "Jo Sample", "phone": "01632 960123", "date": "2026-11-21"}
        },
        "restricted": {
            "safeguarding": {"concerns": "no"}, "abuse": {"concerns": "no"}, "request": {"urgency": "soon"}
        },
        "agreement": {
            "given": true, "printed_name": "Niamh Sample", "relationship": "Mother",
            "parental_responsibility": "yes", "method": "typed", "statement_version": "default-2026-11",
            "statement_language": "en", "signed_on": "2026-11-20"
        },
        "referrer_signature": {"printed_name": "Jo Sample", "signed_on": "2026-11-21"}
    })
}

/// The same, signed and dated today: for a relay on the machine's own clock.
pub fn document_of_today(id: &str) -> Value {
    let today = dutyline::clock::Clock::System.now().day().to_string();
    let mut value = document(id);
    for (part, date) in [("agreement", "signed_on"), ("referrer_signature", "signed_on")] {
        value[part][date] = today.as_str().into();
    }
    value["answers"]["referrer"]["date"] = today.into();
    value
}

/// An ordinary mail with an armored body.
fn mail(from: &str, body: &str, headers: &str) -> Vec<u8> {
    let text = format!(
        "From: {from}\r\nTo: referrals@dutyline.example\r\nSubject: Sealed\r\n\
         Message-ID: <1@setting1.example>\r\n{headers}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        body.replace('\n', "\r\n")
    );
    text.into_bytes()
}

fn sealed(world: &World, value: &Value, hybrid: bool) -> String {
    let (classic, post_quantum) = world.relay.keys.published();
    let key = if hybrid { post_quantum } else { classic };
    let bytes = seal_to_published(&key, value.to_string().as_bytes(), true).expect("seals");
    String::from_utf8(bytes).expect("armor is text")
}

async fn receive(world: &World, raw: &[u8], envelope: &str) -> MailId {
    let mut arriving = Receiving::begin(world.relay.clone(), envelope, "TLSv1.3");
    for piece in raw.chunks(7_000) {
        arriving.write(piece).await.expect("is taken");
    }
    arriving.commit().await.expect("is kept")
}

async fn when_it_arrives(world: &World, raw: &[u8]) -> Finding {
    let id = receive(world, raw, "jo@setting1.example").await;
    judge(&world.relay, id).await.expect("is judged")
}

async fn letters_about(world: &World, reference: &str) -> Vec<String> {
    let mut read = world.relay.store.read().await.expect("reads");
    let letters = letters::about(&mut read, reference).await.expect("reads");
    letters.into_iter().map(|letter| format!("{} to {}", letter.kind, letter.recipient)).collect()
}

on_both_engines! {
    a_sealed_referral_reaches_its_line_and_the_sender_is_answered(world) {
        for hybrid in [false, true] {
            let raw = mail("Jo <JO@setting1.example>", &sealed(&world, &document(if hybrid { "h" } else { "c" }), hybrid), "");
            let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not placed") };
            assert_eq!((placed.state, placed.locality.as_str()), (State::Delivered, "canterbury"));
            let sent = letters_about(&world, &placed.reference).await;
            assert!(sent.iter().any(|letter| letter.starts_with("line-notice to")), "{sent:?}");
            assert!(sent.contains(&"sender-accepted to jo@setting1.example".to_owned()), "{sent:?}");
        }
    }

    erasing_a_referral_destroys_the_mails_that_brought_it_again(world) {
        let relay = &world.relay;
        let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
        let Finding::Placed(first) = when_it_arrives(&world, &raw).await else { panic!("not placed") };
        let again = receive(&world, &raw, "jo@setting1.example").await;
        judge(relay, again).await.expect("is judged");
        casework::open(relay, &world.canterbury, first.referral).await.expect("opens");
        casework::open_restricted(relay, &world.canterbury, first.referral, "triage").await.expect("opens");
        casework::acknowledge(relay, &world.canterbury, first.referral).await.expect("acknowledges");
        let reference = Reference::parse(&first.reference).expect("a reference");
        casework::erase(relay, Actor::operator(), &reference, Ground::Request).await.expect("erased");
        let mut read = relay.store.read().await.expect("reads");
        let case = mails::find(&mut read, again).await.expect("reads").expect("there").case;
        let event = EventDraft::new(Act::MailOpened, Actor::system());
        let recorded = relay.store.view(View { event, cases: vec![case] }).await.expect("is recorded");
        assert_eq!(cases::case_file(&mut read, &recorded, case).await.expect("reads"), None, "the copy opens no more");
        dutyline::store::trail::verify(&mut read, &[]).await.expect("verifies");
    }

    the_same_submission_twice_is_one_referral_and_the_answer_names_the_first(world) {
        let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
        let Finding::Placed(first) = when_it_arrives(&world, &raw).await else { panic!("not placed") };
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Repeated(first.reference.clone()));
        let mut other = document("one");
        other["answers"]["reason"]["concerns"] = "Something else.".into();
        let raw = mail("jo@setting1.example", &sealed(&world, &other, false), "");
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held("same-id-other-content".to_owned()));
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(referrals::inbox(&mut read, "canterbury", 0).await.expect("reads").len(), 1);
    }

    a_judged_mail_is_not_judged_again(world) {
        let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
        let id = receive(&world, &raw, "jo@setting1.example").await;
        let (one, two) = tokio::join!(judge(&world.relay, id), judge(&world.relay, id));
        let placed = [one.expect("judged"), two.expect("judged")].iter().filter(|f| matches!(f, Finding::Placed(_))).count();
        assert_eq!(placed, 1);
        assert_eq!(judge(&world.relay, id).await.expect("answers"), Finding::NotMine);
    }

    what_is_missing_is_held_with_every_reason_and_can_be_completed_on_the_web(world) {
        let mut value = document("held");
        value["agreement"] = Value::Null;
        value["answers"]["child"]["date_of_birth"] = "2024-02-31".into();
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not kept") };
        assert_eq!(placed.state, State::Held);
        let codes: Vec<&str> = placed.verdict.reasons().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, ["field-malformed", "agreement-missing"]);
        let sent = letters_about(&world, &placed.reference).await;
        assert!(sent.contains(&"sender-held to jo@setting1.example".to_owned()), "{sent:?}");
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, placed.referral).await.expect("reads").expect("there");
        let draft = dutyline::store::drafts::by_case(&mut read, row.case).await.expect("reads").expect("a draft");
        drop(read);
        let (relay, sender) = (&world.relay, &world.sender);
        let whole = crate::support::form(|_| {});
        dutyline::pipeline::drafts::save_part(relay, sender, draft.id, dutyline::domain::form::Part::Child, &whole).await.expect("corrected");
        crate::support::when_both_sign(&world, draft.id, "Niamh Sample").await;
        let again = dutyline::pipeline::submit(relay, sender, draft.id).await.expect("sent again");
        assert_eq!(again, placed.referral, "the same referral, the same reference");
        let mut read = relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, again).await.expect("reads").expect("there");
        assert_eq!((row.state, row.content_version, row.reference), (State::Delivered, 2, placed.reference));
        assert!(dutyline::store::trail::verify(&mut read, &[]).await.is_ok());
    }

    a_held_mail_with_a_file_can_get_another_on_the_web(world) {
        let mut value = document("files");
        value["agreement"] = Value::Null;
        value["attachments"] = json!([{"name": "one.pdf", "base64": STANDARD.encode(b"%PDF-1.7 one")}]);
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not kept") };
        assert_eq!(placed.state, State::Held);
        let (relay, sender) = (&world.relay, &world.sender);
        let mut read = relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, placed.referral).await.expect("reads").expect("there");
        let draft = dutyline::store::drafts::by_case(&mut read, row.case).await.expect("reads").expect("a draft");
        drop(read);
        drafts::attach(relay, sender, draft.id, "two.pdf", b"%PDF-1.7 two").await.expect("a second file");
        drafts::detach(relay, sender, draft.id, 1).await.expect("the first is taken off");
        drafts::attach(relay, sender, draft.id, "three.pdf", b"%PDF-1.7 three").await.expect("a third file");
        crate::support::when_both_sign(&world, draft.id, "Niamh Sample").await;
        let id = dutyline::pipeline::submit(relay, sender, draft.id).await.expect("sent again");
        for (number, bytes) in [(2, &b"%PDF-1.7 two"[..]), (3, b"%PDF-1.7 three")] {
            let opened = dutyline::casework::open_attachment(relay, &world.canterbury, id, number).await.expect("opens");
            assert_eq!(opened.as_slice(), bytes);
        }
    }

    small_mails_are_judged_first_and_large_ones_do_not_wait_for_ever(world) {
        let large = receive(&world, &vec![b'x'; 2_000_000], "jo@setting1.example").await;
        world.relay.clock.advance(1);
        let small = receive(&world, b"From: jo@setting1.example\r\n\r\nhello", "jo@setting1.example").await;
        let order = async || {
            let mut read = world.relay.store.read().await.expect("reads");
            let waiting = mails::waiting(&mut read, world.relay.clock.now()).await.expect("reads");
            waiting.into_iter().map(|mail| mail.id).collect::<Vec<_>>()
        };
        assert_eq!(order().await, [small, large]);
        world.relay.clock.advance(mails::PATIENCE);
        assert_eq!(order().await, [large, small], "what waited goes first, oldest first");
    }

    a_sender_in_two_from_headers_or_in_a_group_is_nobody(world) {
        for (n, from) in ["x@elsewhere.example\r\nFrom: jo@setting1.example", "undisclosed:jo@setting1.example;"].into_iter().enumerate() {
            let raw = mail(from, &sealed(&world, &document(&format!("from-{n}")), false), "");
            assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held("sender-not-known".to_owned()));
        }
        assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
    }

    an_empty_drawing_is_no_signature(world) {
        let mut value = document("d");
        value["agreement"]["method"] = "drawn".into();
        value["agreement"]["strokes"] = json!([]);
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not kept") };
        assert_eq!(placed.state, State::Held);
        let codes: Vec<&str> = placed.verdict.reasons().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, ["signature-missing"]);
    }

    a_strangers_mail_is_held_and_not_answered(world) {
        let raw = mail("someone@elsewhere.example", &sealed(&world, &document("s"), false), "");
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held("sender-not-known".to_owned()));
        assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(mails::held(&mut read, 0).await.expect("reads").len(), 1);
    }

    a_sender_key_makes_a_stranger_known(world) {
        let mut value = document("k");
        value["sender_key"] = "a-key-that-was-given".into();
        let organisation = world.sender.organisation;
        let hash: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(b"a-key-that-was-given").into();
        crate::store::unit!(world, unit => dutyline::store::people::insert_sender_key(unit, hash, organisation).await).expect("made");
        let raw = mail("shared@mailbox.example", &sealed(&world, &value, false), "");
        assert!(matches!(when_it_arrives(&world, &raw).await, Finding::Placed(_)));
    }

    a_child_out_of_area_is_refused_with_the_councils_name(world) {
        let mut value = document("o");
        value["answers"]["carer"]["postcode"] = "BR1 1AA".into();
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not kept") };
        assert_eq!((placed.state, placed.locality.as_str()), (State::Refused, ""));
        assert!(placed.verdict.reasons()[0].sentence.contains("Bromley"));
    }

    an_unknown_postcode_waits_on_the_desk(world) {
        let mut value = document("u");
        value["answers"]["carer"]["postcode"] = "CT1 9ZV".into();
        let raw = mail("jo@setting1.example", &sealed(&world, &value, false), "");
        let Finding::Placed(placed) = when_it_arrives(&world, &raw).await else { panic!("not kept") };
        assert_eq!(placed.state, State::IntakeDesk);
        let (relay, desk) = (&world.relay, &world.desk);
        dutyline::casework::choose_line(relay, desk, placed.referral, "swale", "New estate").await.expect("placed");
        let opened = dutyline::casework::open(relay, &world.swale, placed.referral).await.expect("opens");
        assert_eq!(opened.referral.state, State::Opened);
        assert!(dutyline::casework::open(relay, &world.canterbury, placed.referral).await.is_err());
    }
}

/// Everything that is no sealed referral: held under its own code, and the known sender is told what to do.
#[tokio::test]
async fn whatever_arrives_is_kept_where_somebody_sees_it() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let good = sealed(&world, &document("x"), false);
    let other_key = {
        let (keys, _) = dutyline::seal::KeySet::generate();
        let bytes = seal_to_published(&keys.published().0, b"{}", true).expect("seals");
        String::from_utf8(bytes).expect("text")
    };
    let cut = good.lines().take(8).chain(["-----END AGE ENCRYPTED FILE-----"]).collect::<Vec<_>>().join("\n");
    let mut future = document("v");
    future["version"] = 9.into();
    let parts = "--b\r\n\r\n".repeat(100_000);
    let many = format!(
        "From: jo@setting1.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}"
    );
    let levels = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let nested = format!("From: jo@setting1.example\r\n{levels}");
    let headers = "a:\n".repeat(200_000);
    let costly = format!(
        "From: jo@setting1.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{headers}\r\n--b--\r\n"
    );
    let mut listed = document("li");
    listed["restricted"]["safeguarding"]["detail"] = json!(["First.", "Second."]);
    let mut long = document("l");
    long["agreement"]["relationship"] = "x".repeat(201).into();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("not-sealed", mail("jo@setting1.example", "Hello, please see our referral.", "")),
        ("not-sealed", mail("jo@setting1.example", "", "")),
        ("sealed-to-another-key", mail("jo@setting1.example", &other_key, "")),
        ("sealed-file-damaged", mail("jo@setting1.example", &cut, "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &future, false), "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &json!({"hello": 1}), false), "")),
        ("mail-broken", many.into_bytes()),
        ("mail-broken", nested.into_bytes()),
        ("mail-broken", costly.into_bytes()),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &listed, false), "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &long, false), "")),
        ("not-sealed", format!("From: jo@setting1.example\r\n\r\n{}", "x".repeat(3_000_000)).into_bytes()),
    ];
    let count = cases.len();
    for (expected, raw) in cases {
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held(expected.to_owned()));
    }
    let mut read = world.relay.store.read().await.expect("reads");
    assert_eq!(mails::held(&mut read, 0).await.expect("reads").len(), count);
    let told = letters::about(&mut read, "").await.expect("reads");
    let reasons = told
        .iter()
        .filter(|letter| letter.kind == "mail-held" && letter.recipient == "jo@setting1.example")
        .count();
    assert_eq!(reasons, count);
}

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

/// RFC 3834 section 2, RFC 5321 section 4.5.5: no answer to what a machine sent.
#[tokio::test]
async fn automatic_mail_lists_and_null_senders_are_not_answered() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    for headers in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <x.example>\r\n"] {
        let raw = mail("jo@setting1.example", "Out of office", headers);
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held("not-sealed".to_owned()));
    }
    let raw = mail("jo@setting1.example", "Out of office", "");
    let id = receive(&world, &raw, "").await;
    assert_eq!(judge(&world.relay, id).await.expect("is judged"), Finding::Held("not-sealed".to_owned()));
    assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
}

/// A judge that dies twice in a mail does not take a third run at it.
#[tokio::test]
async fn a_mail_that_breaks_its_judge_twice_goes_to_mail_to_look_at() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
    let id = receive(&world, &raw, "jo@setting1.example").await;
    for lease in ["first", "second"] {
        let claimed =
            crate::store::unit!(world, unit => mails::claim(unit, id, lease).await).expect("answers");
        assert!(claimed.is_some());
        world.relay.clock.advance(mails::LEASE);
    }
    assert_eq!(judge(&world.relay, id).await.expect("is judged"), Finding::Held("judging-failed".to_owned()));
}

/// Whose bytes are not what was sealed: the desk sees it, instead of nobody.
#[tokio::test]
async fn a_mail_that_cannot_be_opened_goes_to_mail_to_look_at() {
    for (damage, attempts, code) in [
        ("UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))", 0, "cannot-be-opened"),
        ("UPDATE case_file SET bytes = zeroblob(10)", 0, "cannot-be-opened"),
        ("DELETE FROM sealed_chunk", 0, "cannot-be-opened"),
        ("DELETE FROM sealed_object", 0, "cannot-be-opened"),
        ("UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))", mails::MOST_ATTEMPTS, "judging-failed"),
    ] {
        let world = World::on(crate::support::Engine::Sqlite).await;
        let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
        let id = receive(&world, &raw, "jo@setting1.example").await;
        let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
        sqlx::raw_sql(damage).execute(&mut conn).await.expect("runs");
        conn.close().await.expect("closes");
        for _ in 0..attempts {
            crate::store::unit!(world, unit => mails::claim(unit, id, "gone").await).expect("answers");
            world.relay.clock.advance(mails::LEASE);
        }
        assert_eq!(judge(&world.relay, id).await.expect(damage), Finding::Held(code.to_owned()));
        let mut read = world.relay.store.read().await.expect("reads");
        let held = mails::held(&mut read, 0).await.expect("reads");
        assert_eq!(held.iter().map(|mail| (mail.id, mail.code.as_str())).collect::<Vec<_>>(), [(id, code)]);
        assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
        drop(read);
        let shown = dutyline::casework::open_mail(&world.relay, &world.desk, id).await;
        assert!(shown.is_err(), "{damage}");
    }
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
