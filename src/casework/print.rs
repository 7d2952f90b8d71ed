//! What is put on paper is recorded before it is shown: who, which referral, which document.

use super::{CaseworkError, may_read, seen};
use crate::audit::{Act, Code};
use crate::domain::people::Person;
use crate::relay::Relay;
use crate::store::referrals::{self, Referral};

/// The documents of a referral (DOMAIN section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The clinical referral, A4.
    Referral,
    /// The separate, marked sheet with the restricted part.
    RestrictedSheet,
    /// The insert for the Red Book, A5.
    RedBook,
    /// The setting's copy, without the restricted part.
    Copy,
}

impl Paper {
    /// The stable code in the trail.
    pub const fn code(self) -> &'static str {
        match self {
            Paper::Referral => "referral",
            Paper::RestrictedSheet => "restricted-sheet",
            Paper::RedBook => "red-book",
            Paper::Copy => "copy",
        }
    }

    /// Whether somebody has to approve the words first (DOMAIN section 3): what a family may hold.
    pub const fn needs_approval(self) -> bool {
        matches!(self, Paper::RedBook | Paper::Copy)
    }

    const fn act(self) -> Act {
        match self {
            Paper::Copy => Act::CopyDownloaded,
            _ => Act::Printed,
        }
    }
}

/// Records that a person has a document of a referral that is open before them.
///
/// Whether its words are approved is asked here, after they were opened: an approval counts for the
/// version that was read, and the words may have been completed since.
///
/// # Errors
/// [`CaseworkError::Missing`] for a lead of another line, who reads and makes no paper;
/// [`CaseworkError::Refused`] when it was not sent yet or its words have to be approved first;
/// [`CaseworkError::Conflict`] when the content is another than was opened.
pub async fn printed(
    relay: &Relay,
    person: &Person,
    referral: &Referral,
    paper: Paper,
) -> Result<(), CaseworkError> {
    if !may_read(person, referral) {
        return Err(CaseworkError::Missing);
    }
    if !referral.was_sent() {
        return Err(CaseworkError::Refused("There is no paper yet: this referral has not been sent."));
    }
    if paper.needs_approval() && referral.without_agreement {
        return Err(CaseworkError::Refused(super::line::NO_FAMILY_PAPER));
    }
    if paper.needs_approval() {
        let now = referrals::find(&mut relay.store.read().await?, referral.id).await?;
        let now = now.ok_or(CaseworkError::Missing)?;
        if now.content_version != referral.content_version {
            return Err(CaseworkError::Conflict);
        }
        if now.print_approved_by.is_empty() {
            return Err(CaseworkError::Refused(
                "Somebody has to read the words and approve them for print first.",
            ));
        }
    }
    let event = seen(paper.act(), person, referral).extra("document", Code::fixed(paper.code()));
    Ok(relay.store.record(event).await?)
}
