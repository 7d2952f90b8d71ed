use std::sync::LazyLock;

use jiff::civil::date;

use super::*;
use crate::domain::agreement::{
    Agreement, Method, ParentalResponsibility, ReferrerSignature, Signatory, Statement, Told, Way,
};
use crate::domain::lawful::{Actor, Basis, Check};
use crate::domain::time::Instant;

const HASH: &str = "ab";

fn agreement() -> Agreement {
    Agreement {
        printed_name: "Ana Sample".to_owned(),
        relationship: "Mother".to_owned(),
        signatory: Signatory::Parent,
        parental_responsibility: ParentalResponsibility::Yes,
        method: Method::Typed,
        strokes: None,
        statement: statements::sample(),
        beside: None,
        content_sha256: HASH.to_owned(),
        signed_on: date(2026, 11, 20),
        recorded_at: Instant::from_micros(0),
        present: String::new(),
        checked_how: String::new(),
        browser: String::new(),
        address: String::new(),
        way: Way::Screen,
        notice: String::new(),
    }
}

fn heard(taken_by: &str, witness: &str) -> Told {
    Told {
        taken_by: taken_by.to_owned(),
        witness: witness.to_owned(),
        interpreter: String::new(),
        spoken: "On the telephone".to_owned(),
    }
}

fn told(agreement: &mut Agreement) {
    agreement.method = Method::ToldToStaff;
    agreement.way = Way::Told(heard("Jo Sample", "Sam Sample"));
}

fn referrer_signature() -> ReferrerSignature {
    ReferrerSignature {
        printed_name: "Jo Sample".to_owned(),
        content_sha256: HASH.to_owned(),
        signed_on: date(2026, 11, 20),
        recorded_at: Instant::from_micros(0),
    }
}

/// What came with the program, made once.
fn shipped() -> &'static Statements {
    static SHIPPED: std::sync::LazyLock<Statements> = std::sync::LazyLock::new(Statements::shipped);
    &SHIPPED
}

fn rules(on: bool) -> LawfulRules {
    LawfulRules { on, ..LawfulRules::default() }
}

fn off() -> &'static LawfulRules {
    static OFF: LazyLock<LawfulRules> = LazyLock::new(LawfulRules::default);
    &OFF
}

fn facts<'a>(agreement: &'a Agreement, referrer: &'a ReferrerSignature) -> Facts<'a> {
    Facts {
        faults: &[],
        refused: false,
        waiting: false,
        agreement: Some(agreement),
        content_sha256: HASH,
        referrer: Some(referrer),
        perpetrator: "",
        out_of_area: None,
        lawful: (None, off()),
        withdrawn: false,
        statements: shipped(),
        today: date(2026, 11, 21),
    }
}

fn codes(change: impl Fn(&mut Agreement), alter: impl Fn(&mut Facts<'_>)) -> (String, Vec<String>, bool) {
    let mut signed = agreement();
    change(&mut signed);
    let by_referrer = referrer_signature();
    let mut facts = facts(&signed, &by_referrer);
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
    assert_eq!(one(told), ["signature-to-check"]);
    let unheard: [fn(&mut Agreement); 3] = [
        |a| a.method = Method::ToldToStaff,
        |a| {
            told(a);
            a.way = Way::Told(heard("Jo Sample", " "));
        },
        |a| {
            told(a);
            a.way = Way::Told(heard("Jo Sample", "jo  SAMPLE"));
        },
    ];
    for change in unheard {
        assert_eq!(one(change), ["witness-missing", "signature-to-check"]);
    }
}

#[test]
fn another_language_is_signed_beside_the_english_statement_of_the_same_version() {
    let (polish, beside) = shipped().current(date(2026, 11, 21)).signed("pl");
    let with = |other: Option<Statement>| {
        let polish = polish.clone();
        codes(move |a| (a.statement, a.beside) = (polish.clone(), other.clone()), |_| {}).1
    };
    assert_eq!(with(beside.clone()), Vec::<String>::new());
    let unknown = ["statement-unknown"];
    assert_eq!(with(None), unknown, "English has to stand beside it");
    assert_eq!(with(Some(polish.clone())), unknown, "itself is not beside it");
    let english = beside.expect("beside Polish");
    assert_eq!(with(Some(Statement { text: format!("{}!", english.text), ..english.clone() })), unknown);
    assert_eq!(with(Some(Statement { version: "default-1999".to_owned(), ..english })), unknown);
}

#[test]
fn a_signature_for_an_older_statement_of_the_trust_stays_good_and_a_removed_one_is_unknown() {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let of = |version: &str| {
        [file(&format!("{version}.en.txt"), "I agree."), file(&format!("{version}.en.plain.txt"), "Yes.")]
    };
    let (older, newer) = (of("trust-2026-01-01"), of("trust-2026-11-20"));
    let both = Statements::with(&[older.clone(), newer.clone()].concat()).expect("whole");
    let without = Statements::with(&newer).expect("whole");
    let signed = both.version("trust-2026-01-01").expect("known").signed("en").0;
    let agreement = Agreement { statement: signed, ..agreement() };
    let by_referrer = referrer_signature();
    let verdict = |statements| {
        let facts = Facts { statements, ..facts(&agreement, &by_referrer) };
        judge(&facts, &GateRules::default()).verdict.code().to_owned()
    };
    assert_eq!((verdict(&both).as_str(), verdict(&without).as_str()), ("pass", "hold"));
    assert_eq!(both.current(date(2026, 11, 21)).name(), "trust-2026-11-20");
}

/// The verdict's word and codes when the referrer signed like this.
fn referrer_codes(change: fn(&mut ReferrerSignature)) -> (String, Vec<String>) {
    let mut signature = referrer_signature();
    change(&mut signature);
    let agreement = agreement();
    let verdict = judge(&facts(&agreement, &signature), &GateRules::default()).verdict;
    (verdict.code().to_owned(), verdict.reasons().iter().map(|reason| reason.code.clone()).collect())
}

#[test]
fn the_referrers_signature_has_the_same_checks_of_its_date() {
    let held = |code: &str| ("hold".to_owned(), vec![code.to_owned()]);
    let one = referrer_codes;
    assert_eq!(one(|r| r.signed_on = date(2026, 11, 22)), held("referrer-signature-in-future"));
    assert_eq!(one(|r| r.signed_on = date(2026, 10, 23)), held("referrer-signature-too-old"));
    assert_eq!(one(|r| r.signed_on = date(2026, 10, 24)).0, "pass");
    assert_eq!(one(|r| r.signed_on = date(2026, 11, 21)).0, "pass");
    assert_eq!(one(|r| r.content_sha256 = "cd".to_owned()), held("referrer-signature-stale"));
    let both = one(|r| {
        r.signed_on = date(2026, 1, 1);
        r.content_sha256 = "cd".to_owned();
    });
    assert_eq!(both.1, ["referrer-signature-too-old", "referrer-signature-stale"]);
}

#[test]
fn whoever_has_a_link_is_waited_for_under_a_reason_of_its_own() {
    let without = |waiting| {
        let (verdict, codes, _) = codes(
            |_| {},
            |facts| {
                facts.agreement = None;
                facts.waiting = waiting;
            },
        );
        (verdict, codes)
    };
    assert_eq!(without(true), ("hold".to_owned(), vec!["agreement-waiting".to_owned()]));
    assert_eq!(without(false), ("hold".to_owned(), vec!["agreement-missing".to_owned()]));
}

#[test]
fn a_withdrawn_agreement_refuses_whatever_else_is_wrong() {
    let (verdict, codes, _) = codes(|a| a.printed_name.clear(), |facts| facts.withdrawn = true);
    assert_eq!(
        (verdict.as_str(), codes.as_slice()),
        ("refuse", ["agreement-withdrawn".to_owned()].as_slice())
    );
}

#[test]
fn a_signature_to_check_reads_the_same_whatever_the_cause_and_tips_nobody_off() {
    let words = |change: fn(&mut Agreement), perpetrator: &str| {
        let mut signed = agreement();
        change(&mut signed);
        let by_referrer = referrer_signature();
        let facts = Facts { perpetrator, ..facts(&signed, &by_referrer) };
        judge(&facts, &GateRules::default()).verdict
    };
    let told = words(told, "");
    let matched = words(|_| {}, "Ana Sample");
    assert_eq!(told, matched);
    let reason = &told.reasons()[0];
    assert!(reason.way_forward.starts_with("Do not ask anyone to sign again yet."), "{reason:?}");
    assert!(reason.way_forward.contains("When you are alone"), "{reason:?}");
}

#[test]
fn all_reasons_come_at_once() {
    let (verdict, codes, _) = codes(
        |a| {
            a.printed_name.clear();
            a.signed_on = date(2026, 1, 1);
        },
        |facts| facts.referrer = None,
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

fn somebody(id: &str) -> Actor {
    Actor { id: id.to_owned(), name: format!("Name {id}"), role: "Setting manager".to_owned() }
}

fn decision() -> Decision {
    let at = Instant::from_micros(0);
    Decision {
        by: somebody("one"),
        at,
        basis: Basis { code: "court-order".to_owned(), words: "A court has ordered it".to_owned() },
        reason: "Written down".to_owned(),
        parent_told: false,
        not_told_because: "Not safe".to_owned(),
        content_sha256: HASH.to_owned(),
        check: Some(Check { by: somebody("two"), at, confirmed: true, words: String::new() }),
    }
}

/// The verdict's word and codes of a referral without agreement, decided like this.
fn decided(on: bool, change: fn(&mut Decision)) -> (String, Vec<String>) {
    let mut decision = decision();
    change(&mut decision);
    let (signed, by_referrer, rules) = (agreement(), referrer_signature(), rules(on));
    let facts = Facts { agreement: None, lawful: (Some(&decision), &rules), ..facts(&signed, &by_referrer) };
    let verdict = judge(&facts, &GateRules::default()).verdict;
    (verdict.code().to_owned(), verdict.reasons().iter().map(|reason| reason.code.clone()).collect())
}

#[test]
fn the_lawful_route_passes_only_turned_on_decided_and_checked_by_another_for_these_words() {
    let held = |code: &str| ("hold".to_owned(), vec![code.to_owned()]);
    assert_eq!(decided(true, |_| {}), ("lawful-route".to_owned(), Vec::new()));
    assert_eq!(decided(false, |_| {}), held("agreement-missing"), "it is off");
    assert_eq!(decided(true, |d| d.check = None), held("lawful-route-unchecked"));
    let own: fn(&mut Decision) = |d| d.check.iter_mut().for_each(|check| check.by = somebody("one"));
    assert_eq!(decided(true, own), held("lawful-route-unchecked"), "nobody checks their own");
    let declined: fn(&mut Decision) = |d| d.check.iter_mut().for_each(|check| check.confirmed = false);
    assert_eq!(decided(true, declined), held("lawful-route-declined"));
    assert_eq!(decided(true, |d| d.content_sha256 = "cd".to_owned()), held("lawful-route-stale"));
    assert_eq!(
        decided(true, |d| d.basis.code = "convenience".to_owned()),
        held("lawful-route-basis-unknown")
    );
}

#[test]
fn a_decision_does_not_stand_in_for_a_signature_that_is_there() {
    let (decision, rules) = (decision(), rules(true));
    let (signed, by_referrer) = (agreement(), referrer_signature());
    let facts = Facts { lawful: (Some(&decision), &rules), ..facts(&signed, &by_referrer) };
    assert_eq!(judge(&facts, &GateRules::default()).verdict, Verdict::Pass);
}

#[test]
fn what_the_verdict_says_of_a_decision_has_no_typed_reason() {
    let (decision, rules) = (decision(), rules(true));
    let (signed, by_referrer) = (agreement(), referrer_signature());
    let facts = Facts { agreement: None, lawful: (Some(&decision), &rules), ..facts(&signed, &by_referrer) };
    let verdict = serde_json::to_string(&judge(&facts, &GateRules::default()).verdict).expect("JSON");
    assert!(verdict.contains("Name one, setting manager") && verdict.contains("Name two"));
    assert!(!verdict.contains("Written down") && !verdict.contains("Not safe"));
}
