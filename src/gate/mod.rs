//! 2: may it pass? Facts are gathered first, then [`judge`] decides in one pure function and gives
//! *all* reasons at once (DOMAIN section 3).
//!
//! One reason is told apart: a signer who matches the alleged perpetrator is held under the neutral
//! code `signature-to-check`; the true reason goes into the restricted note, for restricted readers.
//! Even that code does not stand in clear: [`Verdict::in_clear`].

mod lawful;
pub mod rules;
pub mod statements;

use jiff::civil::Date;

use crate::domain::agreement::{Agreement, Method, ReferrerSignature, Way};
use crate::domain::form::Fault;
use crate::domain::lawful::{Decision, LawfulRules};
use crate::domain::name::{is_same_full_name, may_be_same_person};
use crate::domain::verdict::{Reason, SIGNATURE_TO_CHECK, Verdict};

pub use rules::GateRules;
pub use statements::Statements;

/// Everything the decision hangs on.
pub struct Facts<'a> {
    /// What is wrong with the answers.
    pub faults: &'a [Fault],
    /// The parent said no.
    pub refused: bool,
    /// The parent or carer has a link to sign by.
    pub waiting: bool,
    /// The agreement, if there is one.
    pub agreement: Option<&'a Agreement>,
    /// Hash of the family part as it is now.
    pub content_sha256: &'a str,
    /// The referrer's signature, if there is one.
    pub referrer: Option<&'a ReferrerSignature>,
    /// The alleged perpetrator's name, from the restricted part; empty when none.
    pub perpetrator: &'a str,
    /// The child lives in an area that no line here serves: its council's name.
    pub out_of_area: Option<&'a str>,
    /// The decision that it goes on without agreement, and what the deployment says of that route.
    pub lawful: (Option<&'a Decision>, &'a LawfulRules),
    /// The agreement was withdrawn.
    pub withdrawn: bool,
    /// The statements that are known here.
    pub statements: &'a Statements,
    /// The day in London.
    pub today: Date,
}

/// A verdict, with what only restricted readers may know of it.
#[derive(Debug, PartialEq)]
pub struct Judged {
    /// What everybody concerned may know.
    pub verdict: Verdict,
    /// The signer has the name of the alleged perpetrator.
    pub signer_is_perpetrator: bool,
}

/// Decides.
pub fn judge(facts: &Facts<'_>, rules: &GateRules) -> Judged {
    let signer_is_perpetrator = !facts.perpetrator.is_empty()
        && facts.agreement.is_some_and(|a| may_be_same_person(&a.printed_name, facts.perpetrator));
    let refusals = refusals(facts);
    if !refusals.is_empty() {
        return Judged { verdict: Verdict::Refuse { reasons: refusals }, signer_is_perpetrator };
    }
    let mut reasons: Vec<Reason> =
        facts.faults.iter().map(|fault| Reason::field(fault.code, fault.path, &fault.sentence)).collect();
    let decision = lawful::decision(facts);
    match (facts.agreement, decision) {
        (Some(agreement), _) => reasons.extend(signature(agreement, facts, rules)),
        (None, Some(decision)) => reasons.extend(lawful::reasons(decision, facts)),
        (None, None) if facts.waiting => reasons.push(Reason::whole(
            "agreement-waiting",
            "The parent or carer has a link and has not signed yet.",
            "Wait, or ask them whether they found the message. It goes on by itself when they sign.",
        )),
        (None, None) => reasons.push(Reason::whole(
            "agreement-missing",
            "The parent or carer has not agreed and signed.",
            "Show the referral to the parent or carer and ask them to sign.",
        )),
    }
    reasons.extend(referrer(facts, rules));
    let unusual =
        facts.agreement.is_some_and(|signed| !rules.methods.allows(signed.signatory, signed.method));
    if signer_is_perpetrator || unusual {
        reasons.push(to_check());
    }
    let verdict = match decision.filter(|_| facts.agreement.is_none()) {
        _ if !reasons.is_empty() => Verdict::Hold { reasons },
        Some(decision) => Verdict::LawfulRoute(lawful::route(decision)),
        None => Verdict::Pass,
    };
    Judged { verdict, signer_is_perpetrator }
}

/// One code and one sentence for every signature that somebody has to look at, so that they tell
/// nothing about the reason. The signer may be dangerous and may stand beside the reader: so nobody is
/// asked to sign again, and the telephone waits until the reader is alone.
fn to_check() -> Reason {
    Reason::whole(
        SIGNATURE_TO_CHECK,
        "Something about the signature has to be checked before this can go on.",
        "Do not ask anyone to sign again yet. When you are alone, ring the duty line and say the reference.",
    )
}

fn refusals(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if facts.refused {
        reasons.push(Reason::whole(
            "agreement-refused",
            "The parent or carer did not agree, so the referral was not sent.",
            "You can still offer your own support. If you are worried about a child's safety, ring children's social care.",
        ));
    }
    if facts.withdrawn {
        reasons.push(Reason::whole(
            "agreement-withdrawn",
            "The parent or carer has withdrawn their agreement.",
            "Talk with the family. A new referral needs a new agreement.",
        ));
    }
    if let Some(council) = facts.out_of_area {
        reasons.push(Reason::whole(
            "out-of-area",
            &format!("The child lives in {council}, which this service does not cover."),
            &format!("Send the referral to the health visiting service for {council}."),
        ));
    }
    reasons
}

fn signature(agreement: &Agreement, facts: &Facts<'_>, rules: &GateRules) -> Vec<Reason> {
    let again = "Ask the parent or carer to sign again.";
    let age = days_since(agreement.signed_on, facts.today);
    let drawn = agreement.method == Method::Drawn;
    let unwitnessed = agreement.method == Method::ToldToStaff && !witnessed(&agreement.way);
    let checks = [
        (
            agreement.printed_name.trim().is_empty(),
            "signer-name-missing",
            "The signer's printed name is missing.",
        ),
        (drawn && agreement.strokes.is_none(), "signature-missing", "There is no signature."),
        (
            !facts.statements.known_both(agreement),
            "statement-unknown",
            "The agreement statement that was signed is not one of this service's.",
        ),
        (age < 0, "signature-in-future", "The signature has a date in the future."),
        (age > rules.signature_days, "signature-too-old", "The signature is too old."),
        (
            agreement.content_sha256 != facts.content_sha256,
            "content-changed",
            "The referral was changed after it was signed.",
        ),
        (
            unwitnessed,
            "witness-missing",
            "What was told to staff needs the names of two people who heard it.",
        ),
    ];
    checks
        .into_iter()
        .filter(|(wrong, _, _)| *wrong)
        .map(|(_, code, words)| Reason::whole(code, words, again))
        .collect()
}

/// Whether two different people are named who heard it.
fn witnessed(way: &Way) -> bool {
    let Way::Told(told) = way else { return false };
    let [first, second] = [told.taken_by.trim(), told.witness.trim()];
    !first.is_empty() && !second.is_empty() && !is_same_full_name(first, second)
}

/// Whole days from the day of signing to the day of judging; negative for a date in the future.
fn days_since(signed_on: Date, today: Date) -> i32 {
    today.since(signed_on).map_or(0, |span| span.get_days())
}

fn referrer(facts: &Facts<'_>, rules: &GateRules) -> Vec<Reason> {
    let again = "The referrer signs the referral as it is now.";
    let Some(signature) = facts.referrer else {
        return vec![Reason::whole("referrer-signature-missing", "The referrer has not signed.", again)];
    };
    let age = days_since(signature.signed_on, facts.today);
    let checks = [
        (age < 0, "referrer-signature-in-future", "The referrer's signature has a date in the future."),
        (age > rules.signature_days, "referrer-signature-too-old", "The referrer's signature is too old."),
        (
            signature.content_sha256 != facts.content_sha256,
            "referrer-signature-stale",
            "The referral was changed after the referrer signed it.",
        ),
    ];
    let wrong = checks.into_iter().filter(|(wrong, _, _)| *wrong);
    wrong.map(|(_, code, words)| Reason::whole(code, words, again)).collect()
}

#[cfg(test)]
mod tests;
