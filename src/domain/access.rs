//! Proof that a read was recorded before it happened.
//!
//! The store commits the access event first and returns one of these; content can be opened only
//! against it, so an unrecorded read does not compile (DESIGN section 4).

use super::ids::CaseId;

/// The trail holds the event of this read.
#[derive(Debug)]
pub struct Recorded {
    cases: Vec<CaseId>,
}

impl Recorded {
    /// Made by the store after its commit, by nobody else (`tests/it/architecture.rs`).
    pub(crate) fn after_commit(cases: Vec<CaseId>) -> Self {
        Self { cases }
    }

    /// Whether the recorded read covers this case.
    pub fn covers(&self, case: CaseId) -> bool {
        self.cases.contains(&case)
    }
}

/// The trail holds the event of reading this one case's restricted part.
#[derive(Debug)]
pub struct RestrictedRecorded {
    case: CaseId,
}

impl RestrictedRecorded {
    /// Made by the store after its commit, by nobody else (`tests/it/architecture.rs`).
    pub(crate) fn after_commit(case: CaseId) -> Self {
        Self { case }
    }

    /// Whether the recorded read covers this case.
    pub fn covers(&self, case: CaseId) -> bool {
        self.case == case
    }
}
