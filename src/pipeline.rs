//! THE STORY: a referral arrives, is judged, finds its line and is handed over.
//!
//! ```text
//!  web:   drafts::open … drafts::save … drafts::sign_* ─> submit(draft) ─────────────┐
//!  link:  by_link::open ─> by_link::answer ───────────────────────────────────────────┤
//!                                                                                     ├─> place ─> one unit:
//!  mail:  receive (sealed chunks, `received`, then 250) ─> judge(mail) ─> Submission ─┘    sealed parts, verdict,
//!                                                              └─> held, with its code     route, deliveries to
//!                                                                                          make, every event
//! ```
//!
//! Only this module knows the order of the stages. The sender is answered after the commit. A crash
//! before it leaves a draft or a received mail as they were; both steps may run twice.

pub mod by_link;
pub mod drafts;
mod from_mail;
pub mod lawful;
pub mod papers;
mod place;
pub mod receive;

use crate::domain::ids::{DraftId, PersonId, ReferralId};
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::seal::SealError;
use crate::store::{StoreError, people};

pub use from_mail::{Finding, judge};
pub use place::Placed;

/// What can go wrong in the story.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// Not there, or not the asker's: they look alike.
    #[error("not found")]
    Missing,
    /// Another tab or another person was first: look again.
    #[error("changed meanwhile")]
    Conflict,
    /// The draft was sent: this is its referral. Its words are gone; the referral has them.
    #[error("sent already")]
    Sent(ReferralId),
    /// The case was erased.
    #[error("the content was erased")]
    Erased,
    /// Something typed cannot be taken; the sentence is for the page.
    #[error("{0}")]
    Refused(String),
    /// What is stored is not what was sealed.
    #[error("the record cannot be shown: {0}")]
    Tampered(String),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PipelineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_) => PipelineError::Missing,
            // A reference, a case or a sealed version that is taken: somebody was first.
            StoreError::Conflict(_) | StoreError::Constraint(_) => PipelineError::Conflict,
            StoreError::Tampered(what) => PipelineError::Tampered(what),
            other => PipelineError::Store(other),
        }
    }
}

impl From<SealError> for PipelineError {
    fn from(error: SealError) -> Self {
        PipelineError::Tampered(error.to_string())
    }
}

/// Sends a draft: judged, routed, handed over or held, in one commit. Sent twice, by two tabs or
/// after a lost answer, it is one referral and the second answer names the first.
pub async fn submit(relay: &Relay, person: &Person, draft: DraftId) -> Result<ReferralId, PipelineError> {
    for _ in 0..3 {
        let open = match drafts::open(relay, person, draft).await {
            Err(PipelineError::Sent(referral)) => return Ok(referral),
            open => open?,
        };
        let submission = open.content.submission(relay.context());
        let told = address_of(relay, &open, person).await?;
        let origin = place::Origin::of_draft(&open, actor(person), told);
        match place::place(relay, origin, submission).await {
            Ok(placed) => return Ok(placed.referral),
            Err(PipelineError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(PipelineError::Conflict)
}

/// Whether a link to sign may go to the recorded contact, or to the safe one in its place.
pub fn may_send(later: &crate::intake::Later, submission: &crate::intake::Submission) -> bool {
    place::links::allowed(later, submission).is_some()
}

/// Where the setting is told that a referral is held: its author's registered address; where that is
/// gone, the address of whoever sends it.
async fn address_of(relay: &Relay, open: &drafts::Open, sends: &Person) -> Result<String, PipelineError> {
    let address = told(relay, open.row.person).await?;
    Ok(address.unwrap_or_else(|| sends.email.clone()))
}

/// The registered address of somebody, if there is one.
async fn told(relay: &Relay, person: PersonId) -> Result<Option<String>, PipelineError> {
    let mut read = relay.store.read().await?;
    let author = people::find(&mut read, person).await?;
    Ok(author.map(|author| author.email).filter(|address| !address.is_empty()))
}
