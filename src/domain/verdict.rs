//! The gate's answer: pass, hold, lawful route or refuse, with *all* reasons at once.
//!
//! Each reason is a stable code and two sentences: what is wrong and what to do (DOMAIN section 3).
//! The codes go into the trail and into mail; neither they nor the sentences say anything about a child.

use serde::{Deserialize, Serialize};

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
    /// What may stand in clear, in a letter's row: the code and, for the family's own questions, which
    /// one. A staff-only question is not named, and no sentence is kept: it may name a council.
    pub fn in_clear(&self) -> Self {
        let family = crate::domain::form::field(&self.field)
            .is_some_and(|field| field.part != crate::domain::form::Part::Restricted);
        Self {
            code: self.code.clone(),
            field: if family { self.field.clone() } else { String::new() },
            sentence: String::new(),
            way_forward: String::new(),
        }
    }
}

/// The lawful route without agreement (DOMAIN section 3). Its place is here; no deployment can
/// turn it on yet, and `gate::judge` never answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawfulRoute {
    /// Who decided, and in which role.
    pub decided_by: String,
    /// Which basis of the configured list.
    pub basis: String,
    /// Whether the parent was told; if not, why is sealed with the case.
    pub parent_told: bool,
    /// The second person who checked.
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
}
