use jiff::civil::date;

use super::*;
use crate::domain::agreement::{Agreement, Method, ParentalResponsibility};
use crate::domain::time::Instant;

const HASH: &str = "ab";

fn agreement() -> Agreement {
    Agreement {
        printed_name: "Ana Sample".to_owned(),
        relationship: "Mother".to_owned(),
        parental_responsibility: ParentalResponsibility::Yes,
        method: Method::Typed,
        strokes: None,
        statement: statements::current(),
        content_sha256: HASH.to_owned(),
        signed_on: date(2026, 11, 20),
        recorded_at: Instant::from_micros(0),
        present: String::new(),
        checked_how: String::new(),
        browser: String::new(),
    }
}

fn codes(change: impl Fn(&mut Agreement), alter: impl Fn(&mut Facts<'_>)) -> (String, Vec<String>, bool) {
    let mut signed = agreement();
    change(&mut signed);
    let mut facts = Facts {
        faults: &[],
        refused: false,
        agreement: Some(&signed),
        content_sha256: HASH,
        referrer_signed: Some(HASH),
        perpetrator: "",
        out_of_area: None,
        withdrawn: false,
        today: date(2026, 11, 21),
    };
    alter(&mut facts);
    let judged = judge(&facts, &GateRules::default());
    let codes = judged.verdict.reasons().iter().map(|reason| reason.code.clone()).collect();
    (judged.verdict.code().to_owned(), codes, judged.signer_is_perpetrator)
}

#[test]
fn a_whole_form_passes() {
    assert_eq!(codes(|_| {}, |_| {}), ("pass".to_owned(), vec![], false));
}

#[test]
fn every_check_has_its_own_code() {
    let one = |change: fn(&mut Agreement)| codes(change, |_| {}).1;
    assert_eq!(one(|a| a.printed_name = "  ".to_owned()), ["signer-name-missing"]);
    assert_eq!(one(|a| a.method = Method::Drawn), ["signature-missing"]);
    assert_eq!(one(|a| a.statement.text.push('!')), ["statement-unknown"]);
    assert_eq!(one(|a| a.signed_on = date(2026, 11, 22)), ["signature-in-future"]);
    assert_eq!(one(|a| a.signed_on = date(2026, 10, 23)), ["signature-too-old"]);
    assert_eq!(one(|a| a.signed_on = date(2026, 10, 24)), Vec::<String>::new());
    assert_eq!(one(|a| a.content_sha256 = "cd".to_owned()), ["content-changed"]);
    assert_eq!(one(|a| a.method = Method::ToldToStaff), ["signature-to-check"]);
}

#[test]
fn all_reasons_come_at_once() {
    let (verdict, codes, _) = codes(
        |a| {
            a.printed_name.clear();
            a.signed_on = date(2026, 1, 1);
        },
        |facts| facts.referrer_signed = None,
    );
    assert_eq!(verdict, "hold");
    assert_eq!(codes, ["signer-name-missing", "signature-too-old", "referrer-signature-missing"]);
}

#[test]
fn a_refusal_stays_with_the_setting_and_names_the_way_forward() {
    let (verdict, codes, _) = codes(|_| {}, |facts| facts.refused = true);
    assert_eq!((verdict.as_str(), codes.as_slice()), ("refuse", ["agreement-refused".to_owned()].as_slice()));
    let (verdict, codes, _) = self::codes(|_| {}, |facts| facts.out_of_area = Some("Bromley"));
    assert_eq!((verdict.as_str(), codes.as_slice()), ("refuse", ["out-of-area".to_owned()].as_slice()));
}

#[test]
fn the_alleged_perpetrators_signature_is_held_under_a_neutral_reason() {
    let (verdict, codes, true_reason) = codes(|_| {}, |facts| facts.perpetrator = "SAMPLE, Ana");
    assert_eq!((verdict.as_str(), codes.as_slice()), ("hold", ["signature-to-check".to_owned()].as_slice()));
    assert!(true_reason);
}
