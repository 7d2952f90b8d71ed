//! Covers as a line's lead sees them: who covers what until when, and ending one at once. Whom a cover
//! lets in is asked at every request (`sessions::find`), so an end is felt in open sessions too.

use super::people::{PersonRow, select_person};
use super::sessions::Cover;
use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::time::Instant;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    person_id: String,
    locality: String,
    granted_by: String,
    from_at: i64,
    ends_at: i64,
}

/// A cover, and who granted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The cover.
    pub cover: Cover,
    /// The lead who granted it.
    pub by: PersonId,
}

impl TryFrom<Row> for Granted {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "cover", column, id: row.id.clone() };
        let by = row.granted_by.parse().map_err(|_| bad("granted_by"))?;
        let person = row.person_id.parse().map_err(|_| bad("person_id"))?;
        let (from, ends) = (Instant::from_micros(row.from_at), Instant::from_micros(row.ends_at));
        Ok(Self { cover: Cover { id: row.id, person, locality: row.locality, from, ends }, by })
    }
}

/// How events name a cover.
pub(super) fn of_cover(id: &str) -> Object {
    Object::new("cover", Code::of(id))
}

/// The covers of a line that have not ended, the next to end first.
pub async fn of_line(door: &mut impl Sees, locality: &str, now: Instant) -> Result<Vec<Granted>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        "SELECT id, person_id, locality, granted_by, from_at, ends_at FROM cover
         WHERE locality = $1 AND ends_at > $2 ORDER BY ends_at, id",
        locality.to_owned(),
        now.micros()
    )?;
    rows.into_iter().map(Granted::try_from).collect()
}

/// The cover with this name, ended or not.
pub async fn find(door: &mut impl Sees, id: &str) -> Result<Option<Granted>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        "SELECT id, person_id, locality, granted_by, from_at, ends_at FROM cover WHERE id = $1",
        id.to_owned()
    )?;
    row.map(Granted::try_from).transpose()
}

/// Ends a cover at once, with the event.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such cover or it has ended.
pub async fn end(unit: &mut Unit, who: &Actor, cover: &Cover) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done =
        change!(unit, "UPDATE cover SET ends_at = $1 WHERE id = $2 AND ends_at > $1", now, cover.id.clone())?;
    if done != 1 {
        return Err(StoreError::Missing("cover"));
    }
    unit.record(
        EventDraft::new(Act::CoverEnded, who.clone())
            .on(of_cover(&cover.id))
            .extra("person", Code::of(&cover.person.to_string()))
            .extra("locality", Code::of(&cover.locality)),
    );
    Ok(())
}

/// Everybody who works a duty line and may sign in, by name.
pub async fn workers(door: &mut impl Sees) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = all!(
        door,
        PersonRow,
        select_person!(
            "WHERE person.role IN ('duty', 'duty-lead') AND person.disabled_at = 0 ORDER BY person.name, person.id"
        )
    )?;
    rows.into_iter().map(Person::try_from).collect()
}

/// The leads of a line: it is their own, and not theirs by cover.
pub async fn leads(door: &mut impl Sees, locality: &str) -> Result<Vec<Person>, StoreError> {
    let mut leads = workers(door).await?;
    leads.retain(|one| {
        one.role == crate::domain::people::Role::DutyLead && one.lines.iter().any(|own| own == locality)
    });
    Ok(leads)
}
