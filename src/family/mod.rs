//! The family's own door: links, codes, what was shared, taking an agreement back, asking.
//!
//! ```text
//!  link ─> (code, or first on a screen) ─> open in one browser for an hour ─┬─> read and sign   pipeline::by_link
//!                                                                           └─> what was shared ─> withdraw · ask
//! ```
//!
//! No account, no name, no role: whoever has the link *and* the code that went to the recorded contact is the
//! family, for one hour in one browser. A link that has ended, was never there or is kept back looks the
//! same everywhere. The restricted part is nowhere in this room (`tests/it/architecture.rs` looks); the one
//! thing that is worked out from it is whether and where a message may go ([`crate::domain::family::reach`]),
//! by staff who may read it.

mod asks;
mod codes;
mod door;
mod kept;
mod readers;
mod reminders;
mod shared;
mod withdraw;

pub use asks::{LONGEST, ask, asked};
pub use codes::{Checked, ask_code, check_code, code_to_read};
pub use door::{Browser, Door, begin_here, by_short_code, close, look};
pub use kept::contact;
pub use readers::Reader;
pub use reminders::remind;
pub use shared::{Shared, shared};
pub use withdraw::withdraw;

use crate::audit::{Actor, Code, EventDraft, Object};
use crate::seal::SealError;
use crate::store::StoreError;
use crate::store::family::Link;

/// What can go wrong at the family's door.
#[derive(Debug, thiserror::Error)]
pub enum FamilyError {
    /// There is nothing here (any more): they look alike.
    #[error("not found")]
    Missing,
    /// Somebody else was first: look again.
    #[error("changed meanwhile")]
    Conflict,
    /// Something typed cannot be taken; the sentence is for the page.
    #[error("{0}")]
    Refused(&'static str),
    /// What is stored is not what was sealed.
    #[error("the record cannot be shown: {0}")]
    Tampered(String),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for FamilyError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_) => FamilyError::Missing,
            StoreError::Conflict(_) | StoreError::Constraint(_) => FamilyError::Conflict,
            StoreError::Tampered(what) => FamilyError::Tampered(what),
            other => FamilyError::Store(other),
        }
    }
}

impl From<SealError> for FamilyError {
    fn from(error: SealError) -> Self {
        FamilyError::Tampered(error.to_string())
    }
}

impl From<crate::relay::links::ContactError> for FamilyError {
    fn from(error: crate::relay::links::ContactError) -> Self {
        use crate::relay::links::ContactError::{Missing, Seal, Store};
        match error {
            Store(error) => error.into(),
            Seal(error) => error.into(),
            Missing => FamilyError::Missing,
        }
    }
}

/// An event of the family on its link.
fn on_link(act: crate::audit::Act, link: &Link) -> EventDraft {
    EventDraft::new(act, Actor::family()).on(Object::new("family-link", Code::of(&link.id.to_string())))
}
