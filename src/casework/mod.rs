//! After delivery, people at work: a duty line opens, reads the restricted part, acknowledges,
//! approves words for print; the intake desk picks a line.
//!
//! Every function here checks *whose* the referral is beside the data: "not yours" and "not there"
//! look alike. Reads are recorded first. Whoever reads what is not theirs gives a reason before, and
//! has it open for a time ([`Reach`]): they read, and change nothing.

mod asks;
mod children;
mod desk;
mod erase;
mod evidence;
mod family;
mod later;
mod line;
mod open;
mod opening;
mod print;
mod reach;
mod reason;
mod signed_paper;

pub use asks::{OpenAsk, open_ask, open_asks, settle_ask};
pub use children::{LookedUp, Matched, look_up, looked_up_today};
pub use desk::{OpenMail, choose_line, close_mail, open_mail};
pub use erase::{Certificate, erase, erase_again};
pub use evidence::{EvidenceOpened, open_evidence};
pub use family::{Given, end_link, give_page, may_give, page_links};
pub use later::{change_restricted, may_change_restricted};
pub use line::{NO_FAMILY_PAPER, acknowledge, approve_for_print, may_approve};
pub use open::{Label, Opened, RestrictedOpened, labels, open, open_attachment, open_restricted};
pub use opening::{Reason, break_glass, govern, open_restricted_elsewhere, read_reason};
pub use print::{Paper, printed};
pub use reach::{Reach, by_reference};
pub use reason::give_reason;
pub use signed_paper::{open_signed_paper, signed_pages};

use crate::audit::{Act, Code, EventDraft, Object};
use crate::domain::people::{Person, Role};
use crate::domain::referral::State;
use crate::relay::actor;
use crate::store::StoreError;
use crate::store::referrals::Referral;

/// What can go wrong at work.
#[derive(Debug, thiserror::Error)]
pub enum CaseworkError {
    /// Not there, or not the asker's: they look alike.
    #[error("not found")]
    Missing,
    /// It was there and was destroyed.
    #[error("the content was erased")]
    Erased,
    /// Somebody else was first: look again.
    #[error("changed meanwhile")]
    Conflict,
    /// Not now; the sentence is for the page.
    #[error("{0}")]
    Refused(&'static str),
    /// What is stored is not what was sealed.
    #[error("the record cannot be shown: {0}")]
    Tampered(String),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for CaseworkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_) => CaseworkError::Missing,
            StoreError::Conflict(_) => CaseworkError::Conflict,
            StoreError::Tampered(what) => CaseworkError::Tampered(what),
            other => CaseworkError::Store(other),
        }
    }
}

impl From<crate::relay::links::ContactError> for CaseworkError {
    fn from(error: crate::relay::links::ContactError) -> Self {
        use crate::relay::links::ContactError::{Missing, Seal, Store};
        match error {
            Store(error) => error.into(),
            Seal(error) => error.into(),
            Missing => CaseworkError::Missing,
        }
    }
}

impl From<crate::seal::SealError> for CaseworkError {
    fn from(error: crate::seal::SealError) -> Self {
        CaseworkError::Tampered(error.to_string())
    }
}

/// Whether this person may read this referral's content (the restricted part apart).
///
/// A setting its own; a line what was delivered to its locality; the intake desk what waits for a
/// line; the IG lead what was shared, once they have said why ([`Reach`]). What is held or was refused
/// stays with its setting, which answers a family's request about it (docs/decisions.md). Auditors, commissioners
/// and administrators none.
pub fn may_read(person: &Person, referral: &Referral) -> bool {
    match person.role {
        Role::Practitioner | Role::Manager | Role::SafeguardingLead => {
            referral.organisation == person.organisation
        }
        Role::Duty | Role::DutyLead => referral.state.shared_with_line() && person.works(&referral.locality),
        Role::IntakeDesk => referral.state == State::IntakeDesk,
        Role::IgLead => {
            !matches!(referral.state, State::Held | State::Refused | State::Withdrawn | State::Erased)
        }
        Role::Auditor | Role::Commissioner | Role::Administrator => false,
    }
}

/// Whether this person may open the restricted part: the line that holds the referral; in the
/// setting its author and the safeguarding lead; the IG lead with a typed reason. Who wrote it and moved
/// to another setting is its author no longer.
pub fn may_read_restricted(person: &Person, referral: &Referral) -> bool {
    match person.role {
        Role::Practitioner | Role::Manager => person.id == referral.person && may_read(person, referral),
        Role::SafeguardingLead | Role::Duty | Role::DutyLead | Role::IgLead => may_read(person, referral),
        _ => false,
    }
}

/// An event that changes a referral, with the state that results: only for units that write its row.
fn event(act: Act, person: &Person, referral: &Referral) -> EventDraft {
    seen(act, person, referral).state(Code::of(referral.state.code()))
}

/// An event that reads a referral. It says no state: by the time it has its number, somebody else may
/// have moved the referral on, and the trail would contradict the row.
fn seen(act: Act, person: &Person, referral: &Referral) -> EventDraft {
    EventDraft::new(act, actor(person))
        .on(Object::new("referral", Code::of(&referral.id.to_string())).version(referral.content_version))
        .reference(Code::of(&referral.reference))
}
