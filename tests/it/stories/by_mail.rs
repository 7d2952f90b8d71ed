//! A sealed referral comes by mail: received, judged, answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::casework;
use dutyline::domain::ids::MailId;
use dutyline::domain::reference::Reference;
use dutyline::domain::referral::{Ground, State};
use dutyline::pipeline::receive::Receiving;
use dutyline::pipeline::{Finding, drafts, judge};
use dutyline::seal::seal_to_published;
use dutyline::store::{View, cases, letters, mails, referrals};
use serde_json::{Value, json};

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
pub(super) fn mail(from: &str, body: &str, headers: &str) -> Vec<u8> {
    let text = format!(
        "From: {from}\r\nTo: referrals@dutyline.example\r\nSubject: Sealed\r\n\
         Message-ID: <1@setting1.example>\r\n{headers}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        body.replace('\n', "\r\n")
    );
    text.into_bytes()
}

pub(super) fn sealed(world: &World, value: &Value, hybrid: bool) -> String {
    let (classic, post_quantum) = world.relay.keys.published();
    let key = if hybrid { post_quantum } else { classic };
    let bytes = seal_to_published(&key, value.to_string().as_bytes(), true).expect("seals");
    String::from_utf8(bytes).expect("armor is text")
}

pub(super) async fn receive(world: &World, raw: &[u8], envelope: &str) -> MailId {
    let mut arriving = Receiving::begin(world.relay.clone(), envelope, "TLSv1.3");
    for piece in raw.chunks(7_000) {
        arriving.write(piece).await.expect("is taken");
    }
    arriving.commit().await.expect("is kept")
}

pub async fn when_it_arrives(world: &World, raw: &[u8]) -> Finding {
    let id = receive(world, raw, "jo@setting1.example").await;
    judge(&world.relay, id).await.expect("is judged")
}

pub(super) async fn letters_about(world: &World, reference: &str) -> Vec<String> {
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
