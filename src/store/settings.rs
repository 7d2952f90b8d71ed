//! Settings that signed themselves up: which wait to be checked, and how their number is known without
//! asking them (issue 3, "Join").

use super::people::{Organisation, OrganisationRow, of_organisation, organisation_of};
use super::{Sees, StoreError, Unit, register};
use crate::audit::{Act, Actor, Code, EventDraft};
use crate::domain::ids::{OrganisationId, PersonId};

/// Whether an organisation was checked, and how it can be rung on a number that it did not give itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is what it says.
    Verified,
    /// It signed itself up. The number is the register's, when the register has one.
    Unverified {
        /// From Ofsted's register, never from the setting.
        register_phone: Option<String>,
    },
}

/// How an organisation stands. One that is not there is not verified.
pub async fn standing(door: &mut impl Sees, id: OrganisationId) -> Result<Standing, StoreError> {
    let row: Option<(i64, String)> =
        one!(door, (i64, String), "SELECT verified_at, urn FROM organisation WHERE id = $1", id.to_string())?;
    let urn = match row {
        Some((at, _)) if at > 0 => return Ok(Standing::Verified),
        Some((_, urn)) => urn,
        None => String::new(),
    };
    let listed = register::find(door, &urn).await?;
    let register_phone = listed.map(|setting| setting.phone).filter(|phone| !phone.is_empty());
    Ok(Standing::Unverified { register_phone })
}

/// The organisations that wait to be checked, by name.
pub async fn waiting(door: &mut impl Sees) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<OrganisationRow> = all!(
        door,
        OrganisationRow,
        "SELECT id, kind, name, urn, postcode, phone FROM organisation
         WHERE verified_at = 0 AND declined_at = 0 ORDER BY name, id"
    )?;
    rows.into_iter().map(organisation_of).collect()
}

/// Marks an organisation as checked, with the event; `how` is a code.
///
/// # Errors
/// [`StoreError::Conflict`] when it does not wait any more.
pub async fn verify(
    unit: &mut Unit,
    who: &Actor,
    id: OrganisationId,
    how: &'static str,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE organisation SET verified_at = $1, verified_by = $2
         WHERE id = $3 AND verified_at = 0 AND declined_at = 0",
        now,
        who.id.as_str().to_owned(),
        id.to_string()
    )?;
    settled(unit, done, event(Act::OrganisationVerified, who, id).extra("how", Code::fixed(how)))
}

/// Declines an organisation, with the event; `reason` is a code. Its people are the caller's to disable.
///
/// # Errors
/// [`StoreError::Conflict`] when it does not wait any more.
pub async fn decline(
    unit: &mut Unit,
    who: &Actor,
    id: OrganisationId,
    reason: &'static str,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE organisation SET declined_at = $1 WHERE id = $2 AND verified_at = 0 AND declined_at = 0",
        now,
        id.to_string()
    )?;
    settled(unit, done, event(Act::OrganisationDeclined, who, id).extra("reason", Code::fixed(reason)))
}

/// Somebody signed up for an organisation that had nobody: whether it is them is to be checked.
pub async fn unverify(unit: &mut Unit, who: &Actor, id: OrganisationId) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE organisation SET verified_at = 0, verified_by = '' WHERE id = $1 AND declined_at = 0",
        id.to_string()
    )?;
    settled(unit, done, event(Act::OrganisationChanged, who, id).extra("verified", Code::fixed("no")))
}

/// Changes an organisation's name, postcode and telephone to those given, with the event.
pub async fn change(unit: &mut Unit, who: &Actor, to: &Organisation) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE organisation SET name = $1, postcode = $2, phone = $3 WHERE id = $4 AND declined_at = 0",
        to.name.clone(),
        to.postcode.clone(),
        to.phone.clone(),
        to.id.to_string()
    )?;
    settled(unit, done, event(Act::OrganisationChanged, who, to.id).extra("from", Code::fixed("register")))
}

fn event(act: Act, who: &Actor, id: OrganisationId) -> EventDraft {
    EventDraft::new(act, who.clone()).on(of_organisation(id))
}

fn settled(unit: &mut Unit, done: u64, event: EventDraft) -> Result<(), StoreError> {
    if done != 1 {
        return Err(StoreError::Conflict("organisation"));
    }
    unit.record(event);
    Ok(())
}

/// Every setting with a URN that was not declined, with whether it is verified: for a list that is loaded.
pub async fn with_urn(door: &mut impl Sees) -> Result<Vec<(Organisation, bool)>, StoreError> {
    let rows: Vec<OrganisationRow> = all!(
        door,
        OrganisationRow,
        "SELECT id, kind, name, urn, postcode, phone FROM organisation
         WHERE urn <> '' AND declined_at = 0 ORDER BY id"
    )?;
    let open: Vec<String> = waiting(door).await?.into_iter().map(|one| one.id.to_string()).collect();
    let verified = |one: &Organisation| !open.contains(&one.id.to_string());
    let rows = rows.into_iter().map(organisation_of);
    rows.map(|row| {
        row.map(|one| {
            let yes = verified(&one);
            (one, yes)
        })
    })
    .collect()
}

/// The ids of an organisation's people who have access.
pub async fn people_of(door: &mut impl Sees, id: OrganisationId) -> Result<Vec<PersonId>, StoreError> {
    let rows: Vec<(String,)> = all!(
        door,
        (String,),
        "SELECT id FROM person WHERE organisation_id = $1 AND disabled_at = 0 ORDER BY created_at, id",
        id.to_string()
    )?;
    let bad = |id: String| StoreError::Row { table: "person", column: "id", id };
    rows.into_iter().map(|(id,)| id.parse().map_err(|_| bad(id))).collect()
}
