//! The gate's answer: pass, hold, lawful route or refuse, with *all* reasons at once.
//!
//! Each reason is a stable code and two sentences: what is wrong and what to do (DOMAIN section 3).
//! The codes go into the trail and into mail; neither they nor the sentences say anything about a child.

use serde::{Deserialize, Serialize};

use super::form::{Part, field};

/// The code under which a signature is held that a person has to look at, whatever the cause.
pub const SIGNATURE_TO_CHECK: &str = "signature-to-check";
/// The one code that stands in clear for every reason that only some may know.
pub const TO_CHECK: &str = "to-check";

/// Why a submission does not pass as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code, `[a-z0-9-]`.
    pub code: String,
    /// The field that is meant, as its dotted path, or empty.
    pub field: String,
    /// What is wrong, in a sentence without child data.
    pub sentence: String,
    /// What to do about it.
    pub way_forward: String,
}

impl Reason {
    /// A reason about the whole submission.
    pub fn whole(code: &str, sentence: &str, way_forward: &str) -> Self {
        Self {
            code: code.to_owned(),
            field: String::new(),
            sentence: sentence.to_owned(),
            way_forward: way_forward.to_owned(),
        }
    }

    /// A reason about one field.
    pub fn field(code: &str, field: &str, sentence: &str) -> Self {
        Self {
            code: code.to_owned(),
            field: field.to_owned(),
            sentence: sentence.to_owned(),
            way_forward: "Correct this answer and send again.".to_owned(),
        }
    }
}

impl Reason {
    /// Whether this tells, or lets somebody guess, what stands in the staff-only part: everything about
    /// one of its questions, and a signature to check, which may be the alleged perpetrator's.
    pub fn is_staff_only(&self) -> bool {
        if self.field.is_empty() {
            return self.code == SIGNATURE_TO_CHECK;
        }
        field(&self.field).is_none_or(|field| field.part == Part::Restricted)
    }

    /// What may stand in clear, in a letter's row: the code and, for the family's own questions, which
    /// one. No sentence is kept: it may name a council. What is staff-only becomes [`TO_CHECK`];
    /// several reasons go through [`Verdict::in_clear`], so that nobody can count them.
    pub fn in_clear(&self) -> Self {
        let (code, field) = if self.is_staff_only() { (TO_CHECK, "") } else { (&*self.code, &*self.field) };
        Self {
            code: code.to_owned(),
            field: field.to_owned(),
            sentence: String::new(),
            way_forward: String::new(),
        }
    }
}

/// The lawful route without agreement (DOMAIN section 3), as far as the verdict says it: the reasons, as
/// they were typed, stay with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawfulRoute {
    /// Who decided, with the role.
    pub decided_by: String,
    /// Which basis of the configured list.
    pub basis: String,
    /// Whether the parent was told; if not, why is sealed with the case.
    pub parent_told: bool,
    /// The second person who checked, with the role.
    pub checked_by: String,
}

/// What the gate says about one submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It may go on to its duty line.
    Pass,
    /// It is kept, sealed, until what is missing is there.
    Hold {
        /// What is missing: never empty.
        reasons: Vec<Reason>,
    },
    /// It goes on without agreement, by a named decision.
    LawfulRoute(LawfulRoute),
    /// It does not go on; it stays with the setting, with the way forward.
    Refuse {
        /// Why: never empty.
        reasons: Vec<Reason>,
    },
}

impl Verdict {
    /// The stable word for rows, events and the one JSON line of `dutyline ingest`.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Hold { .. } => "hold",
            Verdict::LawfulRoute(_) => "lawful-route",
            Verdict::Refuse { .. } => "refuse",
        }
    }

    /// All reasons; empty for a pass.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Verdict::Hold { reasons } | Verdict::Refuse { reasons } => reasons,
            Verdict::Pass | Verdict::LawfulRoute(_) => &[],
        }
    }

    /// The reasons as they may stand in clear. However many are staff-only, they are one entry, the
    /// last, so that neither their number nor their place tells which they are.
    pub fn in_clear(&self) -> Vec<Reason> {
        let clear = self.reasons().iter().map(Reason::in_clear);
        let (staff, mut open): (Vec<_>, Vec<_>) = clear.partition(|reason| reason.code == TO_CHECK);
        open.extend(staff.into_iter().next());
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::FIELDS;

    fn clear(reasons: Vec<Reason>) -> Vec<(String, String)> {
        let verdict = Verdict::Hold { reasons };
        let clear = verdict.in_clear();
        assert!(clear.iter().all(|reason| reason.sentence.is_empty() && reason.way_forward.is_empty()));
        clear.into_iter().map(|reason| (reason.code, reason.field)).collect()
    }

    fn one(code: &str, field: &str) -> (String, String) {
        (code.to_owned(), field.to_owned())
    }

    #[test]
    fn every_staff_only_question_and_a_signature_to_check_look_alike_in_clear() {
        for field in FIELDS.iter().filter(|field| field.part == Part::Restricted) {
            for code in ["field-missing", "field-malformed"] {
                let reasons = vec![Reason::field(code, field.path, "Marker")];
                assert_eq!(clear(reasons), [one(TO_CHECK, "")], "{}", field.path);
            }
        }
        let signature = || Reason::whole(SIGNATURE_TO_CHECK, "Marker", "Marker");
        assert_eq!(clear(vec![signature()]), [one(TO_CHECK, "")]);
        assert_eq!(clear(vec![Reason::field("field-missing", "no.such.field", "")]), [one(TO_CHECK, "")]);
    }

    #[test]
    fn in_clear_they_are_one_and_the_last_however_many() {
        let restricted = || Reason::field("field-malformed", "abuse.safe_contact", "Marker");
        let open = || Reason::field("field-missing", "child.surname", "Marker");
        let unsigned = || Reason::whole("agreement-missing", "Marker", "Marker");
        let signature = || Reason::whole(SIGNATURE_TO_CHECK, "Marker", "Marker");
        let expected =
            [one("field-missing", "child.surname"), one("agreement-missing", ""), one(TO_CHECK, "")];
        assert_eq!(clear(vec![open(), restricted(), unsigned()]), expected);
        assert_eq!(clear(vec![open(), unsigned(), signature()]), expected);
        assert_eq!(clear(vec![restricted(), open(), restricted(), unsigned(), signature()]), expected);
        assert_eq!(clear(vec![open(), unsigned()]), expected[..2]);
    }
}
