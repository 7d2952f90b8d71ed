//! The information governance lead writes why the restricted part has to be read. The words are
//! sealed to the case; the trail commits to them.

use super::open::case_of;
use super::reach::reached;
use super::{CaseworkError, may_read_restricted, seen};
use crate::audit::{Act, Code};
use crate::domain::ids::{ObjectId, ReferralId};
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::seal::seal_object;
use crate::store::View;
use crate::store::cases::{self, NewObject};

/// Most characters of a reason.
pub(super) const LONGEST: usize = 1_000;
/// What the sealed words are called in the store.
const KIND: &str = "restricted-reason";

/// What was written, when it is something and not too much; `nothing` is the sentence for an empty one.
pub(super) fn words(typed: &str, nothing: &'static str) -> Result<String, CaseworkError> {
    let words = typed.trim();
    match words.chars().count() {
        0 => Err(CaseworkError::Refused(nothing)),
        1..=LONGEST => Ok(words.to_owned()),
        _ => Err(CaseworkError::Refused("Write the reason in 1,000 characters or fewer.")),
    }
}

/// Seals the typed reason; the restricted part may be opened afterwards.
///
/// # Errors
/// [`CaseworkError::Refused`] with the sentence for the page when nothing, or too much, was written.
pub async fn give_reason(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    reason: &str,
) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let (referral, _) = reached(relay, &mut read, person, id).await?;
    if !may_read_restricted(person, &referral) {
        return Err(CaseworkError::Missing);
    }
    let words = words(reason, "Write why you have to read the restricted part.")?;
    let access = seen(Act::ReferralOpened, person, &referral).purpose(Code::fixed("giving-reason"));
    let recorded = relay.store.view(View { event: access, cases: vec![referral.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let before =
        cases::newest(&mut read, &recorded, referral.case, KIND).await?.map_or(0, |last| last.version);
    let sealed = seal_object(case.recipient(), words.as_bytes());
    let note = NewObject::whole(relay.fresh(ObjectId::new), referral.case, KIND, before + 1, &sealed);
    let given = seen(Act::RestrictedOpened, person, &referral)
        .purpose(Code::fixed("ig-lead"))
        .commitment(case.commit("reason", words.as_bytes()))
        .extra("reason", Code::fixed("sealed"));
    let who = actor(person);
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                cases::put(unit, &who, note).await?;
                unit.record(given);
                Ok(())
            })
        })
        .await?;
    Ok(())
}
