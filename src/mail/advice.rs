//! What a sender is told about a reason: fixed words, found by the reason's code.
//!
//! A [`Reason`]'s own sentence is for a page behind a sign-in and may name what mail must not: the
//! council where a child lives, a meeting's time, a question of the staff-only part. Here every word
//! is `&'static str`, so nothing typed can get in, whatever a row holds. What is staff-only comes here
//! as the one code `to-check` (`Verdict::in_clear`), and a code that is not in the table gets words
//! that fit any.

use crate::domain::form::{Part, field};
use crate::domain::verdict::{Reason, TO_CHECK};

/// One reason in mail. Made of fixed words only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What is wrong.
    pub what: &'static str,
    /// The question of the form that is meant, or empty.
    pub answer: &'static str,
    /// What to do. Further lines begin as the letters' lists do.
    pub how: &'static str,
}

const CORRECT: &str = "Correct this answer and send again.";
const SIGN_AGAIN: &str = "Ask the parent or carer to sign again.";
const SIGN_AS_IT_IS: &str = "The referrer signs the referral as it is now.";

/// For any code that the table does not have.
const OTHER: Advice = Advice {
    what: "Something in it has to be looked at.",
    answer: "",
    how: "Sign in to see what, or ring the duty line.",
};

/// For everything that is staff-only: an answer of that part, or a signature to check. The reader may
/// not be alone, and asking somebody to sign again may tell a dangerous one that he was found out.
const STAFF_ONLY: Advice = Advice {
    what: "Something in this referral has to be checked or completed.",
    answer: "",
    how: "Sign in and open it to see what. Do not ask anyone to sign again before that.\n  \
          If you cannot sign in, ring the duty line and say the reference.",
};

/// Code, what is wrong, what to do.
const TABLE: &[(&str, &str, &str)] = &[
    (
        "agreement-missing",
        "The parent or carer has not agreed and signed.",
        "Show the referral to the parent or carer and ask them to sign.",
    ),
    (
        "agreement-refused",
        "The parent or carer did not agree, so the referral was not sent.",
        "You can still offer your own support. If you are worried about a child's safety, ring children's social care.",
    ),
    (
        "agreement-withdrawn",
        "The parent or carer has withdrawn their agreement.",
        "Talk with the family. A new referral needs a new agreement.",
    ),
    (
        "out-of-area",
        "The home is in an area that this service does not cover.",
        "Sign in to see which health visiting service to send it to.",
    ),
    ("signer-name-missing", "The signer's printed name is missing.", SIGN_AGAIN),
    ("signature-missing", "There is no signature.", SIGN_AGAIN),
    (
        "statement-unknown",
        "The agreement statement that was signed is not one of this service's.",
        SIGN_AGAIN,
    ),
    ("signature-in-future", "The signature has a date in the future.", SIGN_AGAIN),
    ("signature-too-old", "The signature is too old.", SIGN_AGAIN),
    ("content-changed", "The referral was changed after it was signed.", SIGN_AGAIN),
    (
        "witness-missing",
        "What was told to staff needs the names of two people who heard it.",
        "Name both in the document, or complete the referral on the web.",
    ),
    (TO_CHECK, STAFF_ONLY.what, STAFF_ONLY.how),
    ("referrer-signature-in-future", "The referrer's signature has a date in the future.", SIGN_AS_IT_IS),
    ("referrer-signature-too-old", "The referrer's signature is too old.", SIGN_AS_IT_IS),
    ("referrer-signature-stale", "The referral was changed after the referrer signed it.", SIGN_AS_IT_IS),
    ("referrer-signature-missing", "The referrer has not signed.", SIGN_AS_IT_IS),
    (
        "mail-broken",
        "The mail is built in a way that cannot be read.",
        "Send it again from your ordinary mail program, with the sealed file attached.",
    ),
    (
        "not-sealed",
        "The mail holds no sealed referral.",
        "Seal the referral with age to this relay's published key and attach it.",
    ),
    (
        "sealed-to-another-key",
        "The referral is sealed to another key than this relay's.",
        "Use the key that this relay publishes now, and send again.",
    ),
    (
        "sealed-file-damaged",
        "The sealed referral is damaged or not complete.",
        "Attach the sealed file again and send it once more.",
    ),
    (
        "sealed-file-too-large",
        "The sealed referral is too large.",
        "Send it with fewer or smaller attachments.",
    ),
    (
        "sealed-with-passphrase",
        "The referral is sealed with a passphrase, not to this relay's key.",
        "Seal it with age -r and this relay's published key, without a passphrase.",
    ),
    (
        "several-sealed-files",
        "The mail holds more than one sealed file.",
        "Send one sealed referral in each mail.",
    ),
    (
        "format-not-read",
        "The sealed file is not a referral in the form and version that this relay reads.",
        "Check the document and its attachments against the referral format, and send again.",
    ),
    (
        "same-id-other-content",
        "A referral with this submission id was sent before, with other content.",
        "Give it a submission id of its own and send it again. A held referral can also be completed on the web.",
    ),
];

impl Advice {
    /// The words for one reason: its code and the field it is about, nothing else of it.
    pub fn of(code: &str, path: &str) -> Self {
        if !path.is_empty() {
            return about_answer(code, path);
        }
        let known = TABLE.iter().find(|(known, _, _)| *known == code);
        known.map_or(OTHER, |(_, what, how)| Self { what, answer: "", how })
    }

    /// The words for all reasons, in their order, each once.
    pub fn all(reasons: &[Reason]) -> Vec<Self> {
        let mut all = Vec::new();
        for advice in reasons.iter().map(|reason| Self::of(&reason.code, &reason.field)) {
            if !all.contains(&advice) {
                all.push(advice);
            }
        }
        all
    }
}

fn about_answer(code: &str, path: &str) -> Advice {
    let Some(field) = field(path).filter(|field| field.part != Part::Restricted) else {
        return STAFF_ONLY;
    };
    let what = match code {
        "field-missing" | "contact-missing" => "An answer is missing:",
        _ if field.part == Part::Meeting => "A meeting time has to be chosen again:",
        _ => "An answer cannot be taken as it is:",
    };
    Advice { what, answer: field.label, how: CORRECT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::FIELDS;

    #[test]
    fn known_codes_have_their_words_and_unknown_ones_words_that_fit_any() {
        assert_eq!(Advice::of("signature-too-old", "").how, SIGN_AGAIN);
        assert_eq!(Advice::of("Mia", ""), OTHER);
        let mut codes: Vec<_> = TABLE.iter().map(|(code, _, _)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
    }

    #[test]
    fn a_question_is_named_unless_only_staff_may_know_of_it() {
        let named = Advice::of("field-missing", "child.forename");
        assert_eq!((named.what, named.answer), ("An answer is missing:", "First name"));
        for field in FIELDS.iter().filter(|field| field.part == Part::Restricted) {
            for code in ["field-missing", "field-malformed", "safe-contact-missing"] {
                assert_eq!(Advice::of(code, field.path), STAFF_ONLY, "{}", field.path);
            }
        }
        assert_eq!(Advice::of("field-missing", "no.such.field"), STAFF_ONLY);
        assert_eq!(Advice::of(TO_CHECK, ""), STAFF_ONLY);
    }

    #[test]
    fn a_signature_to_check_has_no_words_of_its_own() {
        assert_eq!(Advice::of("signature-to-check", ""), OTHER);
        let all = TABLE.iter().map(|(_, what, how)| format!("{what} {how}"));
        assert!(!all.into_iter().any(|words| words.contains("nother person who cares")));
    }

    #[test]
    fn nothing_of_a_reasons_own_sentence_is_repeated() {
        let reason = |field: &str| Reason {
            code: "out-of-area".to_owned(),
            field: field.to_owned(),
            sentence: "The child lives in MARKER".to_owned(),
            way_forward: "Write to MARKER".to_owned(),
        };
        let all = Advice::all(&[
            reason(""),
            reason("abuse.safe_contact"),
            reason("safeguarding.referred"),
            reason("meeting.slot_1"),
        ]);
        assert_eq!(all.len(), 3, "two staff-only answers are one line");
        assert!(!format!("{all:?}").contains("MARKER"));
    }
}
