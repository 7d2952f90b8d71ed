//! Sessions, single-use links, and the covers that say which other lines somebody works just now.

use super::covers::of_cover;
use super::people::{PersonRow, select_person};
use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::sign_in::{Method, Session, Stage};
use crate::domain::time::Instant;

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    person_id: String,
    stage: String,
    method: String,
    browser: String,
    created_at: i64,
    seen_at: i64,
    ends_at: i64,
    checked_at: i64,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;
    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "session", column, id: row.id.clone() };
        Ok(Self {
            stage: Stage::from_code(&row.stage).ok_or_else(|| bad("stage"))?,
            method: Method::from_code(&row.method).ok_or_else(|| bad("method"))?,
            id: row.id,
            browser: row.browser,
            created_at: Instant::from_micros(row.created_at),
            seen_at: Instant::from_micros(row.seen_at),
            ends_at: Instant::from_micros(row.ends_at),
            checked_at: Instant::from_micros(row.checked_at),
        })
    }
}

macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, stage, method, browser, created_at, seen_at, ends_at, checked_at FROM session ",
            $rest
        )
    };
}

/// Stores a session; only the token's hash is kept. Notes when its person last signed in, once they have
/// come all the way.
pub async fn insert(
    unit: &mut Unit,
    hash: [u8; 32],
    person: PersonId,
    session: &Session,
) -> Result<(), StoreError> {
    let s = session;
    change!(
        unit,
        "INSERT INTO session (token_hash, id, person_id, stage, method, browser, created_at, seen_at, ends_at,
           checked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        hash.to_vec(),
        s.id.clone(),
        person.to_string(),
        s.stage.code(),
        s.method.code(),
        s.browser.clone(),
        s.created_at.micros(),
        s.seen_at.micros(),
        s.ends_at.micros(),
        s.checked_at.micros()
    )?;
    if s.stage == Stage::Full {
        let (at, id) = (s.created_at.micros(), person.to_string());
        change!(unit, "UPDATE person SET signed_in_at = $1 WHERE id = $2", at, id)?;
    }
    Ok(())
}

/// Who has the session with this token's hash, unless its person is disabled. Whether its time is
/// over, the caller says: it knows the rules of the role.
pub async fn find(
    door: &mut impl Sees,
    hash: [u8; 32],
    now: Instant,
) -> Result<Option<(Person, Session)>, StoreError> {
    let row: Option<SessionRow> =
        one!(door, SessionRow, select_session!("WHERE token_hash = $1"), hash.to_vec())?;
    let Some(row) = row else { return Ok(None) };
    let person: Option<PersonRow> = one!(
        door,
        PersonRow,
        select_person!("WHERE person.id = $1 AND person.disabled_at = 0"),
        row.person_id.clone()
    )?;
    let Some(mut person) = person.map(Person::try_from).transpose()? else { return Ok(None) };
    if person.role.on_line() {
        person.covers = covered(door, person.id, now).await?;
    }
    Ok(Some((person, Session::try_from(row)?)))
}

/// The lines that a person covers at a moment.
pub async fn covered(door: &mut impl Sees, id: PersonId, now: Instant) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = all!(
        door,
        (String,),
        "SELECT DISTINCT locality FROM cover WHERE person_id = $1 AND from_at <= $2 AND ends_at > $2
         ORDER BY locality",
        id.to_string(),
        now.micros()
    )?;
    Ok(rows.into_iter().map(|(locality,)| locality).collect())
}

/// The sessions of a person, the newest first.
pub async fn of(door: &mut impl Sees, person: PersonId) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<SessionRow> = all!(
        door,
        SessionRow,
        select_session!("WHERE person_id = $1 ORDER BY created_at DESC, id"),
        person.to_string()
    )?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Notes that a session's holder asked for something.
pub async fn seen(unit: &mut Unit, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(unit, "UPDATE session SET seen_at = $1 WHERE token_hash = $2", now, hash.to_vec())?;
    Ok(())
}

/// Notes that a second factor was checked in a session just now.
pub async fn checked(unit: &mut Unit, hash: [u8; 32]) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(unit, "UPDATE session SET checked_at = $1 WHERE token_hash = $2", now, hash.to_vec())?;
    Ok(())
}

/// Ends a session by its token's hash; how many ended (none, when another was first).
pub async fn end(unit: &mut Unit, hash: [u8; 32]) -> Result<u64, StoreError> {
    change!(unit, "DELETE FROM session WHERE token_hash = $1", hash.to_vec())
}

/// Ends one session of a person by its name; how many ended.
pub async fn end_named(unit: &mut Unit, person: PersonId, id: &str) -> Result<u64, StoreError> {
    change!(unit, "DELETE FROM session WHERE person_id = $1 AND id = $2", person.to_string(), id.to_owned())
}

/// Ends every session of a person but the one with this name (empty: every one); how many ended.
pub async fn end_others(unit: &mut Unit, person: PersonId, but: &str) -> Result<u64, StoreError> {
    change!(unit, "DELETE FROM session WHERE person_id = $1 AND id <> $2", person.to_string(), but.to_owned())
}

/// Takes away sessions and links that have ended.
pub async fn sweep(unit: &mut Unit) -> Result<u64, StoreError> {
    let now = unit.now().micros();
    let sessions = change!(unit, "DELETE FROM session WHERE ends_at <= $1", now)?;
    let links = change!(unit, "DELETE FROM sign_in_link WHERE ends_at <= $1", now)?;
    Ok(sessions + links)
}

/// Stores a single-use link; only the token's hash is kept. `purpose` says what it opens.
pub async fn insert_link(
    unit: &mut Unit,
    hash: [u8; 32],
    person: PersonId,
    purpose: &'static str,
    ends: Instant,
) -> Result<(), StoreError> {
    change!(
        unit,
        "INSERT INTO sign_in_link (token_hash, person_id, purpose, ends_at, used_at) VALUES ($1, $2, $3, $4, 0)",
        hash.to_vec(),
        person.to_string(),
        purpose,
        ends.micros()
    )?;
    Ok(())
}

/// Uses a link of a purpose up. `None` when it is unknown, of another purpose, used or ended: they look
/// alike. Of two uses at once, one gets the person.
pub async fn use_link(
    unit: &mut Unit,
    hash: [u8; 32],
    purpose: &'static str,
) -> Result<Option<PersonId>, StoreError> {
    let now = unit.now().micros();
    let row: Option<(String,)> = one!(
        unit,
        (String,),
        "UPDATE sign_in_link SET used_at = $1 WHERE token_hash = $2 AND purpose = $3 AND used_at = 0
           AND ends_at > $1 RETURNING person_id",
        now,
        hash.to_vec(),
        purpose
    )?;
    let bad = |id: String| StoreError::Row { table: "sign_in_link", column: "person_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}

/// Whose link of a purpose this is, while it can still be used: for the page that asks before using it.
pub async fn look_at_link(
    door: &mut impl Sees,
    hash: [u8; 32],
    purpose: &'static str,
    now: Instant,
) -> Result<Option<PersonId>, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT person_id FROM sign_in_link
         WHERE token_hash = $1 AND purpose = $2 AND used_at = 0 AND ends_at > $3",
        hash.to_vec(),
        purpose,
        now.micros()
    )?;
    let bad = |id: String| StoreError::Row { table: "sign_in_link", column: "person_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}

/// Takes away every link of a person that was not used, of one purpose.
pub async fn drop_links(unit: &mut Unit, person: PersonId, purpose: &'static str) -> Result<u64, StoreError> {
    change!(
        unit,
        "DELETE FROM sign_in_link WHERE person_id = $1 AND purpose = $2 AND used_at = 0",
        person.to_string(),
        purpose
    )
}

/// Lets a person work another line for a time, with the event.
pub async fn insert_cover(
    unit: &mut Unit,
    who: &Actor,
    by: PersonId,
    cover: &Cover,
) -> Result<(), StoreError> {
    let c = cover;
    change!(
        unit,
        "INSERT INTO cover (id, person_id, locality, granted_by, from_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        c.id.clone(),
        c.person.to_string(),
        c.locality.clone(),
        by.to_string(),
        c.from.micros(),
        c.ends.micros()
    )?;
    let event = EventDraft::new(Act::CoverGranted, who.clone()).on(of_cover(&c.id));
    unit.record(
        event
            .extra("person", Code::of(&c.person.to_string()))
            .extra("locality", Code::of(&c.locality))
            .extra("until", Code::number(c.ends.micros().unsigned_abs())),
    );
    Ok(())
}

/// A cover: somebody works another line for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Its name.
    pub id: String,
    /// Who covers.
    pub person: PersonId,
    /// Which line.
    pub locality: String,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub ends: Instant,
}
