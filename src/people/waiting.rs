//! Settings that signed themselves up and wait to be checked. Until then they can submit, and the line
//! sees "sender not verified"; whoever checks takes the mark away, or declines, and then their people have
//! no access any more.

use super::refused::PeopleError;
use crate::domain::ids::OrganisationId;
use crate::domain::joining::{HowChecked, SettingDecline};
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::store::people;
use crate::store::settings;

/// Takes the mark away.
///
/// # Errors
/// [`PeopleError::Conflict`] when it does not wait any more; [`PeopleError::Missing`] for one's own.
pub async fn verify(
    relay: &Relay,
    who: &Person,
    id: OrganisationId,
    how: HowChecked,
) -> Result<(), PeopleError> {
    not_ones_own(who, id)?;
    let who = actor(who);
    let done = relay
        .store
        .write(move |unit| Box::pin(async move { settings::verify(unit, &who, id, how.code()).await }));
    Ok(done.await?)
}

/// Declines it; the access of its people ends at once.
///
/// # Errors
/// As [`verify`].
pub async fn decline(
    relay: &Relay,
    who: &Person,
    id: OrganisationId,
    why: SettingDecline,
) -> Result<(), PeopleError> {
    not_ones_own(who, id)?;
    let who = actor(who);
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            settings::decline(unit, &who, id, why.code()).await?;
            for person in settings::people_of(unit, id).await? {
                people::disable(unit, &who, person).await?;
            }
            Ok(())
        })
    });
    Ok(done.await?)
}

fn not_ones_own(who: &Person, id: OrganisationId) -> Result<(), PeopleError> {
    if who.organisation == id { Err(PeopleError::Missing) } else { Ok(()) }
}
