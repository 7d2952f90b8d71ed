use super::*;
use crate::audit::{EventDraft, Head};
use proptest::option;
use proptest::prelude::*;

fn any_code() -> impl Strategy<Value = Code> {
    "[A-Za-z0-9_.:-]{0,64}".prop_map(|text| Code::new(&text).unwrap())
}

fn some_code() -> impl Strategy<Value = Option<Code>> {
    option::of("[A-Za-z0-9_.:-]{1,64}".prop_map(|text| Code::new(&text).unwrap()))
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn any_event() -> impl Strategy<Value = Event> {
    let when = (any::<u64>(), any::<i64>(), one_of(Door::ALL), one_of(Act::ALL), one_of(Outcome::ALL));
    let actor = (one_of(ActorKind::ALL), any_code(), any_code(), any_code());
    let object = (any_code(), any_code(), any::<u64>());
    let codes = (some_code(), some_code(), some_code());
    let hashes = (option::of(any::<[u8; 32]>()), option::of(any::<[u8; 32]>()));
    let extra = proptest::collection::btree_map(any_code(), any_code(), 0..4);
    (when, actor, object, codes, hashes, extra).prop_map(|(w, a, o, c, h, extra)| Event {
        seq: w.0,
        at: Instant::from_micros(w.1),
        door: w.2,
        act: w.3,
        outcome: w.4,
        actor: Actor { kind: a.0, id: a.1, role: a.2, organisation: a.3 },
        object: Object { kind: o.0, id: o.1, version: o.2 },
        reference: c.0,
        state: c.1,
        purpose: c.2,
        digest: h.0,
        commitment: h.1,
        extra,
    })
}

fn sample() -> String {
    let admitted = Head::new().admit(Instant::from_micros(1_790_000_000_000_000), EventDraft::sample());
    String::from_utf8(admitted.bytes).unwrap()
}

fn changed(from: &str, to: &str) -> Result<Event, EventError> {
    let text = sample();
    assert!(text.contains(from), "{from} is not in {text}");
    decode(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn the_form_is_this_and_stays_this() {
    let digest = "5a".repeat(32);
    let wanted = [
        r#"{"v":1,"seq":0,"at":1790000000000000,"door":"web","actor":{"kind":"person","#,
        r#""id":"01900000-0000-7000-8000-000000000001","role":"duty-practitioner","organisation":"kent-ashford"},"#,
        r#""act":"referral-opened","object":{"kind":"referral","id":"01900000-0000-7000-8000-0000000000aa","#,
        r#""version":1},"reference":"K7M2-QX9","state":"opened","digest":""#,
        &digest,
        r#"","commitment":"","outcome":"done","purpose":"triage","extra":{"list":"inbox"}}"#,
    ];
    assert_eq!(sample(), wanted.concat());
    assert!(serde_json::from_str::<serde_json::Value>(&sample()).is_ok());
}

#[test]
fn another_way_of_writing_the_same_is_refused() {
    for (from, to) in [
        ("\"seq\":0", "\"seq\":00"),
        ("\"seq\":0", "\"seq\":-0"),
        ("\"seq\":0", "\"seq\":0.0"),
        ("\"seq\":0", "\"seq\": 0"),
        ("\"at\":1790000000000000", "\"at\":179e13"),
        ("\"web\"", "\"\\u0077eb\""),
        ("5a5a", "5A5a"),
        ("5a5a", "5a"),
        ("5a5a", "5a5a5a"),
        ("\"list\":\"inbox\"", "\"list\":\"inbox\","),
        ("\"list\":\"inbox\"", "\"list\":\"inbox\",\"list\":\"inbox\""),
        ("\"list\":\"inbox\"", "\"list\":\"inbox\",\"a\":\"b\""),
        ("}}", "}}\n"),
        ("}}", "},\"more\":\"\"}"),
        ("\"reference\":\"K7M2-QX9\",", ""),
        ("K7M2-QX9", "K7M2 QX9"),
        ("K7M2-QX9", "K7M2-Q\u{d8}9"),
        ("{\"v\":1,", "{ \"v\":1,"),
    ] {
        assert!(changed(from, to).is_err(), "{from} written as {to} was accepted");
    }
}

#[test]
fn the_fault_is_named() {
    assert_eq!(changed("\"v\":1", "\"v\":2"), Err(EventError::Version(2)));
    let unknown = changed("referral-opened", "referral-eaten").unwrap_err();
    assert!(unknown.to_string().ends_with("unknown act"), "{unknown}");
    assert_eq!(changed("\"seq\":0", "\"seq\":00"), Err(EventError::NotCanonical));
    assert_eq!(decode(b""), Err(EventError::Expected { at: 0, wanted: "{\"v\":" }));
    assert!(decode(&[0xff; 100]).is_err());
}

proptest! {
    #[test]
    fn every_event_reads_back(event in any_event()) {
        let bytes = encode(&event);
        prop_assert!(bytes.is_ascii() && !bytes.contains(&b' ') && !bytes.contains(&b'\n'));
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        prop_assert_eq!(decode(&bytes), Ok(event));
    }

    #[test]
    fn what_is_accepted_is_what_would_be_written(
        event in any_event(), at in any::<proptest::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = encode(&event);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = decode(&bytes) {
            prop_assert_eq!(encode(&read), bytes);
        }
    }

    #[test]
    fn half_an_event_is_none(event in any_event(), cut in any::<proptest::sample::Index>()) {
        let bytes = encode(&event);
        prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn noise_is_refused_without_panic(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&noise).is_err());
    }
}
