//! What a duty line does with a referral: acknowledge it, approve its words for print.

use super::{CaseworkError, event, may_read, may_read_restricted};
use crate::audit::Act;
use crate::domain::ids::ReferralId;
use crate::domain::people::{Person, Role};
use crate::domain::referral::State;
use crate::relay::Relay;
use crate::store::referrals::{self, Referral};

/// A person takes a referral on. One at a time, by somebody who opened it and its restricted part
/// (DOMAIN section 3 asks that of flagged ones). It is asked of every referral: were it asked of the
/// flagged ones only, the refusal and the trail would tell which they are (docs/decisions.md).
///
/// # Errors
/// [`CaseworkError::Refused`] with the sentence for the page; [`CaseworkError::Conflict`] when it
/// changed since `version` was shown. Acknowledged already is not an error: the first one counts.
pub async fn acknowledge(relay: &Relay, person: &Person, id: ReferralId) -> Result<Referral, CaseworkError> {
    let mut read = relay.store.read().await?;
    let referral = referrals::find(&mut read, id).await?;
    let referral = referral.filter(|row| person.role.on_line() && may_read(person, row));
    let mut referral = referral.ok_or(CaseworkError::Missing)?;
    match referral.state {
        State::Acknowledged => return Ok(referral),
        State::Opened => {}
        _ => return Err(CaseworkError::Refused("Open the referral before you acknowledge it.")),
    }
    if referral.restricted_read_at == 0 {
        return Err(CaseworkError::Refused("Open the restricted part before you acknowledge this referral."));
    }
    referral.state = State::Acknowledged;
    referral.acknowledged_at = relay.clock.now().micros();
    referral.acknowledged_by = person.id.to_string();
    let (changed, who) = (referral.clone(), person.clone());
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                referrals::update(unit, &changed).await?;
                unit.record(event(Act::ReferralAcknowledged, &who, &changed));
                Ok(())
            })
        })
        .await?;
    Ok(referral)
}

/// Why there is no paper for a family that was not asked.
pub const NO_FAMILY_PAPER: &str = "There is no copy and no Red Book insert: this was sent without the parent\u{2019}s agreement, and they may not know of it.";

/// Whether this person may approve the words of this referral for print: somebody who may read the
/// restricted part and knows it, for nobody else can tell which words may harm (DOMAIN section 3). In
/// the setting that is who sent it or the safeguarding lead; on the line anybody, once the restricted
/// part was opened there. It is the same for every referral, so that it tells nothing about one.
///
/// # Errors
/// The sentence for the page.
pub fn may_approve(person: &Person, referral: &Referral) -> Result<(), &'static str> {
    if !referral.was_sent() {
        return Err("There is no copy yet: this referral has not been sent.");
    }
    if referral.without_agreement {
        return Err(NO_FAMILY_PAPER);
    }
    match person.role {
        Role::Duty | Role::DutyLead if referral.restricted_read_at == 0 => {
            Err("Open the restricted part first.")
        }
        Role::Duty | Role::DutyLead => Ok(()),
        Role::Practitioner | Role::Manager | Role::SafeguardingLead => may_read_restricted(person, referral)
            .then_some(())
            .ok_or("The person who sent this, or your safeguarding lead, approves the words."),
        _ => Err("The setting that sent this, or its duty line, approves the words."),
    }
}

/// A named person has read the words of one version and approves them for print: `version` is the
/// content version that was shown, so that words which nobody read are never approved.
///
/// It is asked for every referral, flagged or not, so that neither the asking nor the event tells
/// that there is a reason for it (docs/decisions.md). Approved already is not an error.
///
/// # Errors
/// [`CaseworkError::Refused`] as [`may_approve`] says; [`CaseworkError::Conflict`] when the content
/// is another than was shown.
pub async fn approve_for_print(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    version: u64,
) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let referral = referrals::find(&mut read, id).await?.filter(|row| may_read(person, row));
    let mut referral = referral.ok_or(CaseworkError::Missing)?;
    may_approve(person, &referral).map_err(CaseworkError::Refused)?;
    if referral.content_version != version {
        return Err(CaseworkError::Conflict);
    }
    if !referral.print_approved_by.is_empty() {
        return Ok(());
    }
    referral.print_approved_by = person.id.to_string();
    let who = person.clone();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                referrals::update(unit, &referral).await?;
                unit.record(event(Act::TextApproved, &who, &referral));
                Ok(())
            })
        })
        .await?;
    Ok(())
}
