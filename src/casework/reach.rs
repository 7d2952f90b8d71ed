//! Whose a referral is to somebody: theirs by role, or open to them by a reason that they gave.
//!
//! [`super::may_read`] says what a role may read at all. The governance lead says why before each
//! referral, and a lead may open one of another line with a reason; both are in a table of openings, and
//! end by themselves. Asked beside the data at every read, so an opening that has ended opens nothing,
//! in an open session either. What changes something asks `may_read` alone: an opening never counts.

use super::{CaseworkError, may_read};
use crate::audit::Code;
use crate::domain::ids::ReferralId;
use crate::domain::opening::{Opening, Purpose};
use crate::domain::people::{Person, Role};
use crate::domain::reference::Reference;
use crate::relay::Relay;
use crate::store::referrals::{self, Referral};
use crate::store::{Read, openings};

/// How somebody comes to a referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is theirs: their setting's, their line's, the desk's.
    Theirs,
    /// It is open to them by a reason that they gave.
    ByReason(Opening),
}

impl Reach {
    /// Whether it is another line's: to be read, and nothing more.
    pub fn elsewhere(&self) -> bool {
        matches!(self, Reach::ByReason(opening) if opening.purpose == Purpose::BreakGlass)
    }

    /// Why it is read, as the trail says it.
    pub(super) fn purpose(&self, person: &Person) -> Code {
        match self {
            Reach::ByReason(opening) => Code::fixed(opening.purpose.code()),
            Reach::Theirs if person.role.on_line() => Code::fixed("triage"),
            Reach::Theirs => Code::fixed("reading"),
        }
    }
}

/// The referral, and how this person comes to it.
///
/// # Errors
/// [`CaseworkError::Missing`] when it is not there, not theirs, or not open to them just now.
pub(super) async fn reached(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    id: ReferralId,
) -> Result<(Referral, Reach), CaseworkError> {
    let row = referrals::find(read, id).await?.ok_or(CaseworkError::Missing)?;
    let theirs = may_read(person, &row);
    // A reason counts for the role in which it was given.
    let purposes: &[Purpose] = match person.role {
        Role::IgLead if theirs => &Purpose::GOVERNANCE,
        // A family that took its agreement back shares nothing more: with no other line either.
        Role::DutyLead if !theirs && row.state.shared_with_line() && row.withdrawn_at == 0 => {
            &[Purpose::BreakGlass]
        }
        _ if theirs => return Ok((row, Reach::Theirs)),
        _ => return Err(CaseworkError::Missing),
    };
    let opening = openings::active(read, person.id, row.id, relay.clock.now()).await?;
    let opening = opening.filter(|one| purposes.contains(&one.purpose));
    Ok((row, Reach::ByReason(opening.ok_or(CaseworkError::Missing)?)))
}

/// The referral with this reference, when this person may open it just now.
///
/// # Errors
/// [`CaseworkError::Missing`] otherwise.
pub async fn by_reference(
    relay: &Relay,
    person: &Person,
    reference: &Reference,
) -> Result<ReferralId, CaseworkError> {
    let mut read = relay.store.read().await?;
    let row = referrals::by_reference(&mut read, reference.as_str()).await?;
    let row = row.ok_or(CaseworkError::Missing)?;
    Ok(reached(relay, &mut read, person, row.id).await?.0.id)
}
