//! People who join, move and leave: as those see them who look after them, and what is changed.
//!
//! Whoever counts before changing ("is there another administrator?") takes [`one_at_a_time`] first, or
//! two who disable each other at once would both find that the other is still there.

use super::people::{PersonRow, lines_code, of_person};
use super::{Sees, StoreError, Unit, resets};
use crate::audit::{Act, Actor, Code, EventDraft};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::domain::time::Instant;

/// A person as those see them who look after them, disabled or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub person: Person,
    /// When their access ended, microseconds; 0 while they have it.
    pub disabled_at: i64,
    /// When they last signed in, microseconds; 0 for never.
    pub signed_in_at: i64,
    /// Until when their invitation can be used, microseconds; 0 when there is none.
    pub invited_until: i64,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    person: PersonRow,
    disabled_at: i64,
    signed_in_at: i64,
    invited_until: i64,
}

impl TryFrom<ListedRow> for Listed {
    type Error = StoreError;
    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        let ListedRow { person, disabled_at, signed_in_at, invited_until } = row;
        Ok(Self { person: person.try_into()?, disabled_at, signed_in_at, invited_until })
    }
}

macro_rules! select_listed {
    ($rest:literal) => {
        concat!(
            "SELECT person.id, person.organisation_id, organisation.name AS organisation_name, person.name,
             person.role, person.lines, person.email, person.disabled_at, person.signed_in_at,
             (SELECT COALESCE(MAX(l.ends_at), 0) FROM sign_in_link l WHERE l.person_id = person.id
                AND l.purpose = 'invitation' AND l.used_at = 0 AND l.ends_at > $1) AS invited_until
             FROM person JOIN organisation ON organisation.id = person.organisation_id ",
            $rest
        )
    };
}

/// Everybody, by organisation and name; those without access too.
pub async fn everybody(door: &mut impl Sees, now: Instant) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = all!(
        door,
        ListedRow,
        select_listed!("ORDER BY organisation.name, organisation.id, person.name, person.id"),
        now.micros()
    )?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// The people of one organisation, by name; those without access too.
pub async fn of(
    door: &mut impl Sees,
    organisation: OrganisationId,
    now: Instant,
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = all!(
        door,
        ListedRow,
        select_listed!("WHERE person.organisation_id = $2 ORDER BY person.name, person.id"),
        now.micros(),
        organisation.to_string()
    )?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// One person, disabled or not.
pub async fn find(door: &mut impl Sees, id: PersonId, now: Instant) -> Result<Option<Listed>, StoreError> {
    let row: Option<ListedRow> =
        one!(door, ListedRow, select_listed!("WHERE person.id = $2"), now.micros(), id.to_string())?;
    row.map(Listed::try_from).transpose()
}

/// Changes a person's name and address, with the event. Links that were mailed to
/// another address end, and a request for a reset: whoever spoke with its person spoke of the old address.
pub async fn change_details(
    unit: &mut Unit,
    who: &Actor,
    before: &Person,
    name: &str,
    email: &str,
) -> Result<(), StoreError> {
    let id = before.id;
    let moved = before.email != email;
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE person SET name = $1, email = $2,
           address_changed_at = CASE WHEN $4 = 1 THEN $5 ELSE address_changed_at END
         WHERE id = $3 AND disabled_at = 0",
        name.to_owned(),
        email.to_owned(),
        id.to_string(),
        i64::from(moved),
        now
    )?;
    if done != 1 {
        return Err(StoreError::Missing("person"));
    }
    if moved {
        resets::close_of(unit, id).await?;
        change!(unit, "DELETE FROM sign_in_link WHERE person_id = $1 AND used_at = 0", id.to_string())?;
    }
    let yes_no = |yes: bool| Code::fixed(if yes { "changed" } else { "same" });
    let event = EventDraft::new(Act::PersonChanged, who.clone()).on(of_person(id));
    unit.record(event.extra("name", yes_no(before.name != name)).extra("address", yes_no(moved)));
    Ok(())
}

/// Changes a person's role and lines, with the event that has both, old and new. Their sessions end:
/// what was enough for the old role need not be enough for the new one.
///
/// # Errors
/// [`StoreError::Conflict`] when their rights are not the ones in `before` any more.
pub async fn change_rights(
    unit: &mut Unit,
    who: &Actor,
    before: &Person,
    role: Role,
    lines: &[String],
) -> Result<(), StoreError> {
    let id = before.id;
    let done = change!(
        unit,
        "UPDATE person SET role = $1, lines = $2 WHERE id = $3 AND role = $4 AND lines = $5 AND disabled_at = 0",
        role.code(),
        lines.join(" "),
        id.to_string(),
        before.role.code(),
        before.lines.join(" ")
    )?;
    if done != 1 {
        return Err(StoreError::Conflict("person"));
    }
    change!(unit, "DELETE FROM session WHERE person_id = $1", id.to_string())?;
    let event = EventDraft::new(Act::RightsChanged, who.clone()).on(of_person(id));
    let event = event.extra("role-before", Code::of(before.role.code())).extra("role", Code::of(role.code()));
    unit.record(event.extra("lines-before", lines_code(&before.lines)).extra("lines", lines_code(lines)));
    Ok(())
}

/// Lets one unit of work at a time count and change who may do what; the others wait here.
pub async fn one_at_a_time(unit: &mut Unit) -> Result<(), StoreError> {
    change!(unit, "INSERT INTO meta (name, value) VALUES ('people-lock', '') ON CONFLICT (name) DO NOTHING")?;
    change!(unit, "UPDATE meta SET value = value WHERE name = 'people-lock'")?;
    Ok(())
}

/// How many people but this one have the role and have signed in before: those who could again.
pub async fn others_who_can_sign_in(
    door: &mut impl Sees,
    role: Role,
    but: PersonId,
) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM person WHERE role = $1 AND id <> $2 AND disabled_at = 0 AND signed_in_at > 0",
        role.code(),
        but.to_string()
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// How many managers an organisation has besides this person, invited ones included.
pub async fn other_managers(
    door: &mut impl Sees,
    organisation: OrganisationId,
    but: PersonId,
) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM person
         WHERE organisation_id = $1 AND role = 'manager' AND id <> $2 AND disabled_at = 0",
        organisation.to_string(),
        but.to_string()
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The addresses of an organisation's managers who have signed in before.
pub async fn managers(door: &mut impl Sees, organisation: OrganisationId) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = all!(
        door,
        (String,),
        "SELECT email FROM person
         WHERE organisation_id = $1 AND role = 'manager' AND disabled_at = 0 AND signed_in_at > 0 ORDER BY id",
        organisation.to_string()
    )?;
    Ok(rows.into_iter().map(|(email,)| email).collect())
}

/// When somebody's address was last changed; the epoch if never.
pub async fn address_changed_at(door: &mut impl Sees, id: PersonId) -> Result<Instant, StoreError> {
    let row: Option<(i64,)> =
        one!(door, (i64,), "SELECT address_changed_at FROM person WHERE id = $1", id.to_string())?;
    Ok(Instant::from_micros(row.map_or(0, |(at,)| at)))
}

/// Leads of a duty line who have signed in before, as their own line and not by cover.
pub async fn leads_of(door: &mut impl Sees, line: &str) -> Result<Vec<PersonId>, StoreError> {
    let rows: Vec<(String, String)> = all!(
        door,
        (String, String),
        "SELECT id, lines FROM person WHERE role = 'duty-lead' AND disabled_at = 0 AND signed_in_at > 0 ORDER BY id"
    )?;
    let theirs = rows.into_iter().filter(|(_, lines)| lines.split_whitespace().any(|own| own == line));
    let bad = |id: String| StoreError::Row { table: "person", column: "id", id };
    theirs.map(|(id, _)| id.parse().map_err(|_| bad(id))).collect()
}
