//! Organisations: settings, services, trusts. A URN belongs to one.

use super::{AdministrationError, Faults, kept, refused, words};
use crate::domain::form::Raw;
use crate::domain::ids::OrganisationId;
use crate::domain::people::Person;
use crate::domain::phone::Phone;
use crate::domain::postcode::Postcode;
use crate::domain::urn::Urn;
use crate::relay::{Relay, actor};
use crate::store::organisations;
use crate::store::people::{self, Organisation};
use crate::store::{Sees, StoreError, Unit};

/// Most characters of a name.
const NAME: usize = 120;
/// What an organisation can be: code and words.
pub const KINDS: [(&str, &str); 3] =
    [("setting", "Early years setting"), ("service", "Health visiting service"), ("trust", "Trust")];

/// What was typed about an organisation, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// `setting`, `service`, `trust`; only for a new one.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its Ofsted URN, or empty.
    pub urn: String,
    /// Its postcode, or empty.
    pub postcode: String,
    /// Its telephone, or empty.
    pub phone: String,
}

/// Reads what was typed; every fault at once. `kind` is what it is already, empty for a new one.
///
/// # Errors
/// The faults by field: `kind`, `name`, `urn`, `postcode`, `phone`.
pub fn read(form: &Raw, kind: &str) -> Result<Details, Faults> {
    let mut faults = Faults::new();
    let chosen = if kind.is_empty() { form.get("kind") } else { kind };
    let known = KINDS.iter().any(|(code, _)| *code == chosen);
    let kind = known.then(|| chosen.to_owned()).ok_or_else(|| "Choose what it is".to_owned());
    let kind = kept(&mut faults, "kind", kind);
    let name = kept(&mut faults, "name", words(form.get("name"), "the organisation’s name", NAME));
    let urn = kept(
        &mut faults,
        "urn",
        optional(form.get("urn"), |text| {
            Urn::parse(text).map(|urn| urn.as_str().to_owned()).map_err(|fault| fault.to_string())
        }),
    );
    let postcode = kept(
        &mut faults,
        "postcode",
        optional(form.get("postcode"), |text| {
            Postcode::parse(text)
                .map(|postcode| postcode.shown().to_owned())
                .map_err(|fault| fault.to_string())
        }),
    );
    let phone = kept(
        &mut faults,
        "phone",
        optional(form.get("phone"), |text| {
            Phone::parse(text).map(|phone| phone.as_typed().to_owned()).map_err(|fault| fault.to_string())
        }),
    );
    match (kind, name, urn, postcode, phone) {
        (Some(kind), Some(name), Some(urn), Some(postcode), Some(phone)) => {
            Ok(Details { kind, name, urn, postcode, phone })
        }
        _ => Err(faults),
    }
}

fn optional(text: &str, read: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if text.trim().is_empty() { Ok(String::new()) } else { read(text.trim()) }
}

fn row(id: OrganisationId, details: &Details) -> Organisation {
    let Details { kind, name, urn, postcode, phone } = details.clone();
    Organisation { id, kind, name, urn, postcode, phone }
}

/// The name and the URN belong to nobody else.
async fn free(door: &mut impl Sees, new: &Organisation) -> Result<(), AdministrationError> {
    let named = people::organisation_named(door, &new.name).await?;
    if named.is_some_and(|other| other.id != new.id) {
        let words = "Another organisation has this name: give this one a name that tells them apart";
        return Err(refused("name", words));
    }
    if new.urn.is_empty() {
        return Ok(());
    }
    match people::organisation_with_urn(door, &new.urn).await?.filter(|other| other.id != new.id) {
        Some(other) => Err(refused("urn", format!("{} has this URN already: check both", other.name))),
        None => Ok(()),
    }
}

/// Adds one. The same form twice (a double click) adds one: `id` is made with the form.
///
/// # Errors
/// `Refused` when the name or the URN is another's.
pub async fn add(
    relay: &Relay,
    person: &Person,
    id: OrganisationId,
    details: &Details,
) -> Result<(), AdministrationError> {
    let new = row(id, details);
    let mut read = relay.store.read().await?;
    if let Some(there) = people::organisation(&mut read, id).await? {
        return if there == new { Ok(()) } else { Err(AdministrationError::Changed) };
    }
    free(&mut read, &new).await?;
    drop(read);
    let who = actor(person);
    let done = relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                taken_meanwhile(unit, &new).await?;
                people::insert_organisation(unit, &who, &new).await
            })
        })
        .await;
    match done {
        Err(StoreError::Constraint(_)) => Ok(()),
        other => Ok(other?),
    }
}

/// As [`free`], inside the unit: somebody else may have been a moment earlier.
async fn taken_meanwhile(unit: &mut Unit, new: &Organisation) -> Result<(), StoreError> {
    match free(unit, new).await {
        Ok(()) => Ok(()),
        Err(AdministrationError::Store(error)) => Err(error),
        Err(_) => Err(StoreError::Conflict("organisation")),
    }
}

/// Gives one other details. The same change twice (a double click) is one.
///
/// # Errors
/// `Missing`; `Changed` when somebody changed it since; `Refused` when nothing differs, or when the name or
/// the URN is another's.
pub async fn change(
    relay: &Relay,
    person: &Person,
    id: OrganisationId,
    seen: i64,
    details: &Details,
) -> Result<(), AdministrationError> {
    let mut read = relay.store.read().await?;
    let there = people::organisation(&mut read, id).await?.ok_or(AdministrationError::Missing)?;
    let new = row(id, &Details { kind: there.kind.clone(), ..details.clone() });
    let last = organisations::history(&mut read, id).await?.pop();
    let known = last.as_ref().map_or(0, |last| last.version);
    let who = actor(person);
    if there == new {
        let mine = last.is_some_and(|last| last.version == seen + 1 && last.decided_by == who.id.as_str());
        return if mine {
            Ok(())
        } else {
            Err(refused("name", "Nothing here differs from what is kept already"))
        };
    }
    if known != seen {
        return Err(AdministrationError::Changed);
    }
    free(&mut read, &new).await?;
    drop(read);
    relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                taken_meanwhile(unit, &new).await?;
                organisations::change(unit, &who, seen, &new).await
            })
        })
        .await?;
    Ok(())
}
