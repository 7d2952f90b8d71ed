//! Who a person is at an identity provider, and the single sign-ons that are under way.

use super::people::of_person;
use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::Person;
use crate::domain::time::Instant;

/// Who a person is at a provider. There is one person for an issuer's subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its name in the trail.
    pub id: String,
    /// Whose it is.
    pub person: PersonId,
    /// The provider's issuer.
    pub issuer: String,
    /// The provider's own word for them.
    pub subject: String,
}

/// A single sign-on that is under way: hashes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// SHA-256 of the state in the address.
    pub state: [u8; 32],
    /// SHA-256 of the secret in the browser's cookie.
    pub browser: [u8; 32],
    /// Which provider was asked.
    pub provider: String,
    /// The hash of the session whose holder shows again who they are; empty when signing in.
    pub session: Vec<u8>,
    /// The page to go to afterwards.
    pub next: String,
    /// When it began.
    pub begun_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
}

/// Somebody with an address, as linking needs to know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Whose people they are.
    pub organisation: OrganisationId,
    /// Whether their access was ended.
    pub disabled: bool,
    /// Whether they are known at the provider, under whatever subject.
    pub linked: bool,
    /// When the address was last changed; the epoch if never.
    pub address_changed_at: Instant,
}

/// Links a person to who they are at a provider, with the event.
pub async fn insert(unit: &mut Unit, who: &Actor, identity: &Identity) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let i = identity;
    change!(
        unit,
        "INSERT INTO identity (id, person_id, issuer, subject, created_at) VALUES ($1, $2, $3, $4, $5)",
        i.id.clone(),
        i.person.to_string(),
        i.issuer.clone(),
        i.subject.clone(),
        now
    )?;
    let event = EventDraft::new(Act::IdentityLinked, who.clone());
    let event = event.on(Object::new("identity", Code::of(&i.id)));
    unit.record(event.extra("person", Code::of(&i.person.to_string())));
    Ok(())
}

/// Whose identity this is, disabled or not.
pub async fn find(door: &mut impl Sees, issuer: &str, subject: &str) -> Result<Option<PersonId>, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT person_id FROM identity WHERE issuer = $1 AND subject = $2",
        issuer.to_owned(),
        subject.to_owned()
    )?;
    let bad = |id: String| StoreError::Row { table: "identity", column: "person_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}

/// Everybody with this address (small letters), disabled or not, and whether they are linked to an
/// issuer.
pub async fn holders_of(
    door: &mut impl Sees,
    address: &str,
    issuer: &str,
) -> Result<Vec<Holder>, StoreError> {
    let rows: Vec<(String, String, i64, i64, i64)> = all!(
        door,
        (String, String, i64, i64, i64),
        "SELECT id, organisation_id, disabled_at, address_changed_at,
           (SELECT COUNT(*) FROM identity WHERE identity.person_id = person.id AND identity.issuer = $2)
         FROM person WHERE email = $1 AND email <> '' ORDER BY id",
        address.to_owned(),
        issuer.to_owned()
    )?;
    let bad = |column, id: &str| StoreError::Row { table: "person", column, id: id.to_owned() };
    let holder = |(id, organisation, disabled, moved, linked): (String, String, i64, i64, i64)| {
        Ok(Holder {
            person: id.parse().map_err(|_| bad("id", &id))?,
            organisation: organisation.parse().map_err(|_| bad("organisation_id", &id))?,
            disabled: disabled != 0,
            linked: linked != 0,
            address_changed_at: Instant::from_micros(moved),
        })
    };
    rows.into_iter().map(holder).collect()
}

/// Gives a person other rights, with the old and the new ones in the event.
pub async fn change_rights(
    unit: &mut Unit,
    who: &Actor,
    before: &Person,
    after: &Person,
) -> Result<(), StoreError> {
    let changed = change!(
        unit,
        "UPDATE person SET role = $1, lines = $2 WHERE id = $3 AND role = $4 AND lines = $5 AND disabled_at = 0",
        after.role.code(),
        after.lines.join(" "),
        before.id.to_string(),
        before.role.code(),
        before.lines.join(" ")
    )?;
    if changed != 1 {
        return Err(StoreError::Conflict("person"));
    }
    let lines = |person: &Person| {
        Code::new(&person.lines.join(":")).unwrap_or_else(|_| Code::number(person.lines.len() as u64))
    };
    let event = EventDraft::new(Act::RightsChanged, who.clone()).on(of_person(before.id));
    let event = event.extra("role-before", Code::of(before.role.code())).extra("lines-before", lines(before));
    unit.record(event.extra("role", Code::of(after.role.code())).extra("lines", lines(after)));
    Ok(())
}

/// Keeps a single sign-on that has begun.
pub async fn insert_ceremony(unit: &mut Unit, ceremony: &Ceremony) -> Result<(), StoreError> {
    let c = ceremony;
    change!(
        unit,
        "INSERT INTO sso_ceremony (state_hash, browser_hash, provider, session_hash, next, begun_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        c.state.to_vec(),
        c.browser.to_vec(),
        c.provider.clone(),
        c.session.clone(),
        c.next.clone(),
        c.begun_at.micros(),
        c.ends_at.micros()
    )?;
    Ok(())
}

/// Takes a single sign-on out, in the browser that began it and at the provider that was asked. `None`
/// when there is none such: unknown, another's, used or ended look alike. Of two uses at once, one gets it.
pub async fn take_ceremony(
    unit: &mut Unit,
    state: [u8; 32],
    browser: [u8; 32],
    provider: &str,
) -> Result<Option<Ceremony>, StoreError> {
    let now = unit.now().micros();
    let row: Option<(Vec<u8>, String, i64, i64)> = one!(
        unit,
        (Vec<u8>, String, i64, i64),
        "DELETE FROM sso_ceremony WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3
           AND ends_at > $4 RETURNING session_hash, next, begun_at, ends_at",
        state.to_vec(),
        browser.to_vec(),
        provider.to_owned(),
        now
    )?;
    Ok(row.map(|(session, next, begun_at, ends_at)| Ceremony {
        state,
        browser,
        provider: provider.to_owned(),
        session,
        next,
        begun_at: Instant::from_micros(begun_at),
        ends_at: Instant::from_micros(ends_at),
    }))
}

/// Takes away single sign-ons that nobody finished in time.
pub async fn sweep_ceremonies(unit: &mut Unit) -> Result<u64, StoreError> {
    let now = unit.now().micros();
    change!(unit, "DELETE FROM sso_ceremony WHERE ends_at <= $1", now)
}
