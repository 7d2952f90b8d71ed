//! Erasing: the case file is destroyed, and with it everything that was sealed to it (DESIGN section 5,
//! DOMAIN section 9). The row stays, in the state `erased`, so that its reference answers "erased" and
//! not "never heard of"; the trail stays too, because it holds commitments and no words.
//!
//! The same mail sent again has a case of its own with the same content: it goes with it.
//!
//! Destroying, forgetting what would find the child, and both events are one commit. A crash after it
//! leaves old pages of the database file unscrubbed: the next erasing, or the next start, scrubs them.

use super::CaseworkError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::CaseId;
use crate::domain::reference::Reference;
use crate::domain::referral::{Ground, State};
use crate::domain::time::Instant;
use crate::relay::Relay;
use crate::store::backup::Scrubbed;
use crate::store::referrals::Referral;
use crate::store::{backup, erasing, mails, referrals};

/// What was destroyed, for whoever has to show that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The referral's reference.
    pub reference: String,
    /// The case, as the trail names it.
    pub case: CaseId,
    /// On what ground.
    pub ground: Ground,
    /// When.
    pub at: Instant,
    /// Whether the old bytes are gone from the database's own files too.
    pub scrubbed: Scrubbed,
}

/// Erases a referral for good. The caller has checked that `who` may.
///
/// # Errors
/// [`CaseworkError::Missing`], [`CaseworkError::Erased`] when it was erased before,
/// [`CaseworkError::Refused`] while a line or the intake desk waits for it,
/// [`CaseworkError::Conflict`] when somebody changed it at the same moment.
pub async fn erase(
    relay: &Relay,
    who: Actor,
    reference: &Reference,
    ground: Ground,
) -> Result<Certificate, CaseworkError> {
    let mut read = relay.store.read().await?;
    let row = referrals::by_reference(&mut read, reference.as_str()).await?;
    let mut referral = row.ok_or(CaseworkError::Missing)?;
    drop(read);
    if referral.state == State::Erased {
        return Err(CaseworkError::Erased);
    }
    if !referral.state.may_become(State::Erased) {
        return Err(CaseworkError::Refused(WAITING));
    }
    let base = EventDraft::new(Act::Erased, who)
        .reference(Code::of(&referral.reference))
        .purpose(Code::fixed(ground.code()));
    referral.state = State::Erased;
    let (case, reference) = (referral.case, referral.reference.clone());
    let at = destroy(relay, base, Some(referral), case).await?;
    let scrubbed = backup::scrub(&mut relay.store.read().await?).await?;
    Ok(Certificate { reference, case, ground, at, scrubbed })
}

/// Erases again what an older copy of the database brought back, in whatever state its referral is
/// there; `false` when there is nothing to do.
///
/// # Errors
/// The store's.
pub async fn erase_again(relay: &Relay, case: CaseId) -> Result<bool, CaseworkError> {
    let mut read = relay.store.read().await?;
    if !erasing::is_there(&mut read, case).await? {
        return Ok(false);
    }
    let referral = referrals::by_case(&mut read, case).await?;
    drop(read);
    let mut base = EventDraft::new(Act::Erased, Actor::system()).purpose(Code::fixed("replayed"));
    let referral = referral.map(|row| Referral { state: State::Erased, ..row });
    if let Some(referral) = &referral {
        base = base.reference(Code::of(&referral.reference));
    }
    destroy(relay, base, referral, case).await?;
    Ok(true)
}

/// One unit: the row's state, the case file, the mails that brought the same again, what would find it.
async fn destroy(
    relay: &Relay,
    base: EventDraft,
    referral: Option<Referral>,
    case: CaseId,
) -> Result<Instant, CaseworkError> {
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            erasing::erase(unit, base.clone(), case).await?;
            let Some(referral) = referral else { return Ok(unit.now()) };
            let id = referral.id;
            referrals::update(unit, &referral).await?;
            let on = Object::new("referral", Code::of(&id.to_string())).version(referral.content_version);
            unit.record(base.clone().on(on).state(Code::fixed(State::Erased.code())));
            for again in mails::repeats_of(unit, id, case).await? {
                erasing::erase(unit, base.clone(), again).await?;
            }
            referrals::forget(unit, id, case).await?;
            Ok(unit.now())
        })
    });
    Ok(written.await?)
}

/// Said when somebody still waits for it.
const WAITING: &str = "A duty line or the intake desk still waits for this referral. It can be erased when it was acknowledged.";
