//! Organisations, people and sender keys.

use super::{Sees, StoreError, Unit, resets};
use crate::audit::{Act, Actor, ActorKind, Code, EventDraft, Object};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};

/// An organisation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Which.
    pub id: OrganisationId,
    /// `setting`, `service`, `trust`.
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

#[derive(sqlx::FromRow)]
pub(super) struct OrganisationRow {
    id: String,
    kind: String,
    name: String,
    urn: String,
    postcode: String,
    phone: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct PersonRow {
    id: String,
    organisation_id: String,
    organisation_name: String,
    name: String,
    role: String,
    lines: String,
    email: String,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;
    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "person", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            organisation: row.organisation_id.parse().map_err(|_| bad("organisation_id"))?,
            role: Role::from_code(&row.role).ok_or_else(|| bad("role"))?,
            organisation_name: row.organisation_name,
            name: row.name,
            lines: row.lines.split_whitespace().map(str::to_owned).collect(),
            covers: Vec::new(),
            email: row.email,
        })
    }
}

macro_rules! select_person {
    ($rest:literal) => {
        concat!(
            "SELECT person.id, person.organisation_id, organisation.name AS organisation_name, person.name,
             person.role, person.lines, person.email
             FROM person JOIN organisation ON organisation.id = person.organisation_id ",
            $rest
        )
    };
}
pub(super) use select_person;

/// Stores an organisation, with its event. One that somebody of ours makes is verified at once; one that
/// signs itself up is not.
pub async fn insert_organisation(
    unit: &mut Unit,
    who: &Actor,
    organisation: &Organisation,
) -> Result<(), StoreError> {
    let o = organisation;
    let (verified_at, verified_by) = match who.kind {
        ActorKind::Stranger => (0, String::new()),
        ActorKind::Person => (unit.now().micros(), who.id.as_str().to_owned()),
        kind => (unit.now().micros(), kind.code().to_owned()),
    };
    change!(
        unit,
        "INSERT INTO organisation (id, kind, name, urn, postcode, phone, verified_at, verified_by, declined_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        o.id.to_string(),
        o.kind.clone(),
        o.name.clone(),
        o.urn.clone(),
        o.postcode.clone(),
        o.phone.clone(),
        verified_at,
        verified_by
    )?;
    let event = EventDraft::new(Act::OrganisationAdded, who.clone()).on(of_organisation(o.id));
    let verified = if verified_at == 0 { "no" } else { "yes" };
    unit.record(event.extra("kind", Code::of(&o.kind)).extra("verified", Code::fixed(verified)));
    Ok(())
}

pub(super) fn of_organisation(id: OrganisationId) -> Object {
    Object::new("organisation", Code::of(&id.to_string()))
}

/// The organisation with this id.
pub async fn organisation(
    door: &mut impl Sees,
    id: OrganisationId,
) -> Result<Option<Organisation>, StoreError> {
    let row: Option<OrganisationRow> = one!(
        door,
        OrganisationRow,
        "SELECT id, kind, name, urn, postcode, phone FROM organisation WHERE id = $1",
        id.to_string()
    )?;
    row.map(organisation_of).transpose()
}

/// The organisation with this name, if there is one.
pub async fn organisation_named(
    door: &mut impl Sees,
    name: &str,
) -> Result<Option<Organisation>, StoreError> {
    let row: Option<OrganisationRow> = one!(
        door,
        OrganisationRow,
        "SELECT id, kind, name, urn, postcode, phone FROM organisation WHERE name = $1 ORDER BY id LIMIT 1",
        name.to_owned()
    )?;
    row.map(organisation_of).transpose()
}

/// The organisation with this Ofsted URN (as `Urn` writes it), if there is one. One that was declined is
/// none: somebody else used the number.
pub async fn organisation_with_urn(
    door: &mut impl Sees,
    urn: &str,
) -> Result<Option<Organisation>, StoreError> {
    let row: Option<OrganisationRow> = one!(
        door,
        OrganisationRow,
        "SELECT id, kind, name, urn, postcode, phone FROM organisation
         WHERE urn = $1 AND urn <> '' AND declined_at = 0 ORDER BY id LIMIT 1",
        urn.to_owned()
    )?;
    row.map(organisation_of).transpose()
}

pub(super) fn organisation_of(row: OrganisationRow) -> Result<Organisation, StoreError> {
    let id = row.id.parse().map_err(|_| StoreError::Row {
        table: "organisation",
        column: "id",
        id: row.id.clone(),
    })?;
    Ok(Organisation {
        id,
        kind: row.kind,
        name: row.name,
        urn: row.urn,
        postcode: row.postcode,
        phone: row.phone,
    })
}

/// Stores a person, with the event.
pub async fn insert(unit: &mut Unit, who: &Actor, person: &Person) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let p = person;
    change!(
        unit,
        "INSERT INTO person (id, organisation_id, name, role, lines, email, created_at, disabled_at, signed_in_at,
           address_changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
        p.id.to_string(),
        p.organisation.to_string(),
        p.name.clone(),
        p.role.code(),
        p.lines.join(" "),
        p.email.clone(),
        now
    )?;
    let event = EventDraft::new(Act::PersonInvited, who.clone()).on(of_person(p.id));
    let event = event.extra("organisation", Code::of(&p.organisation.to_string()));
    unit.record(event.extra("role", Code::of(p.role.code())).extra("lines", lines_code(&p.lines)));
    Ok(())
}

/// The lines of a person as one code of an event, such as `canterbury:swale`; how many, when there are
/// too many for one code (the row's mark holds them all).
pub(super) fn lines_code(lines: &[String]) -> Code {
    Code::new(&lines.join(":")).unwrap_or_else(|_| Code::number(lines.len() as u64))
}

pub(super) fn of_person(id: PersonId) -> Object {
    Object::new("person", Code::of(&id.to_string()))
}

/// Ends a person's access, with the event: sessions, pending links and codes, known browsers and a
/// request for a reset go at once.
pub async fn disable(unit: &mut Unit, who: &Actor, id: PersonId) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE person SET disabled_at = $1 WHERE id = $2 AND disabled_at = 0",
        now,
        id.to_string()
    )?;
    if done != 1 {
        return Err(StoreError::Missing("person"));
    }
    change!(unit, "DELETE FROM session WHERE person_id = $1", id.to_string())?;
    change!(unit, "DELETE FROM sign_in_link WHERE person_id = $1", id.to_string())?;
    change!(unit, "DELETE FROM mailed_code WHERE person_id = $1", id.to_string())?;
    change!(unit, "DELETE FROM device WHERE person_id = $1", id.to_string())?;
    resets::close_of(unit, id).await?;
    unit.record(EventDraft::new(Act::PersonDisabled, who.clone()).on(of_person(id)));
    Ok(())
}

/// The person with this id, unless disabled.
pub async fn find(door: &mut impl Sees, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> = one!(
        door,
        PersonRow,
        select_person!("WHERE person.id = $1 AND person.disabled_at = 0"),
        id.to_string()
    )?;
    row.map(Person::try_from).transpose()
}

/// The person with this id, disabled or not: for saying who did something.
pub async fn whoever(door: &mut impl Sees, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> =
        one!(door, PersonRow, select_person!("WHERE person.id = $1"), id.to_string())?;
    row.map(Person::try_from).transpose()
}

/// The person with this address (small letters), unless disabled. Two people with one address are
/// nobody: the sender of a mail must be one person's.
pub async fn by_email(door: &mut impl Sees, email: &str) -> Result<Option<Person>, StoreError> {
    let rows: Vec<PersonRow> = all!(
        door,
        PersonRow,
        select_person!("WHERE person.email = $1 AND person.disabled_at = 0 LIMIT 2"),
        email.to_owned()
    )?;
    let mut rows = rows.into_iter();
    match (rows.next(), rows.next()) {
        (Some(row), None) => Person::try_from(row).map(Some),
        _ => Ok(None),
    }
}

/// The first person of a setting: in whose name a sealed document with the setting's key is kept.
pub async fn first_of(
    door: &mut impl Sees,
    organisation: OrganisationId,
) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> = one!(
        door,
        PersonRow,
        select_person!(
            "WHERE person.organisation_id = $1 AND person.disabled_at = 0 ORDER BY person.created_at, person.id LIMIT 1"
        ),
        organisation.to_string()
    )?;
    row.map(Person::try_from).transpose()
}

/// Everybody who may sign in, in the order of their making.
pub async fn everybody(door: &mut impl Sees) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = all!(
        door,
        PersonRow,
        select_person!("WHERE person.disabled_at = 0 ORDER BY person.created_at, person.id")
    )?;
    rows.into_iter().map(Person::try_from).collect()
}

/// Whether anybody who may sign in has this address (small letters).
pub async fn address_is_taken(door: &mut impl Sees, email: &str) -> Result<bool, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT id FROM person WHERE email = $1 AND disabled_at = 0 LIMIT 1",
        email.to_owned()
    )?;
    Ok(row.is_some())
}

/// Stores a sender key's hash: evidence of which setting wrote a sealed document.
pub async fn insert_sender_key(
    unit: &mut Unit,
    hash: [u8; 32],
    organisation: OrganisationId,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO sender_key (key_hash, organisation_id, created_at, revoked_at) VALUES ($1, $2, $3, 0)",
        hash.to_vec(),
        organisation.to_string(),
        now
    )?;
    Ok(())
}

/// The setting that holds a sender key, unless revoked.
pub async fn by_sender_key(
    door: &mut impl Sees,
    hash: [u8; 32],
) -> Result<Option<OrganisationId>, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT organisation_id FROM sender_key WHERE key_hash = $1 AND revoked_at = 0",
        hash.to_vec()
    )?;
    let bad = |id: String| StoreError::Row { table: "sender_key", column: "organisation_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}
