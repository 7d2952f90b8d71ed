//! What does not fit between the trail and the rows.

use crate::audit::Misfit;
use crate::store::StoreError;

/// What does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Untrue {
    /// An event.
    #[error("{0}")]
    Event(#[from] Misfit),
    /// A content row, by the number of the event that sealed it.
    #[error("event {seq} sealed {what} {id}, and what is stored now is not what was sealed")]
    Content {
        /// The event.
        seq: u64,
        /// Case file or sealed object.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A row that no event knows.
    #[error("{what} {id} is stored, and no event says how it came there")]
    Unknown {
        /// Case file, sealed object, referral or mail.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// An event whose row is gone.
    #[error("event {seq} speaks of {what} {id}, and no such row is stored")]
    Gone {
        /// The event.
        seq: u64,
        /// Referral or mail.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A column in clear.
    #[error("event {seq} says another {column} of {what} {id} than its row")]
    Column {
        /// The last event about it.
        seq: u64,
        /// Sealed object or referral.
        what: &'static str,
        /// Its id.
        id: String,
        /// The first column that differs.
        column: &'static str,
    },
    /// A row in clear, some column of it.
    #[error("event {seq} left {what} {id} otherwise than its row is now")]
    Row {
        /// The last event that changed it.
        seq: u64,
        /// What sort of row.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A referral's state.
    #[error("event {seq} left referral {id} as {said}, and its row says {found}")]
    State {
        /// The event.
        seq: u64,
        /// Its id.
        id: String,
        /// State by the trail.
        said: String,
        /// State by the row.
        found: String,
    },
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
}
