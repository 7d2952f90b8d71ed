//! Requests for a reset of signing in that another person decides. A person has one at most.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;

/// Most requests on one list.
const MOST: i64 = 200;

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its name.
    pub id: String,
    /// Whose signing in.
    pub person: PersonId,
    /// When it was asked for.
    pub asked_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    person_id: String,
    asked_at: i64,
}

impl TryFrom<Row> for Request {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = || StoreError::Row { table: "reset_request", column: "person_id", id: row.id.clone() };
        let person = row.person_id.parse().map_err(|_| bad())?;
        Ok(Self { person, id: row.id, asked_at: Instant::from_micros(row.asked_at) })
    }
}

/// Asks for a reset; whether that is new: a request that waits stays as it is.
pub async fn ask(unit: &mut Unit, id: &str, person: PersonId) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "INSERT INTO reset_request (person_id, id, state, asked_at, decided_by, decided_at)
         VALUES ($1, $2, 'open', $3, '', 0)
         ON CONFLICT (person_id) DO UPDATE
           SET id = excluded.id, state = 'open', asked_at = excluded.asked_at, decided_by = '', decided_at = 0
         WHERE reset_request.state <> 'open'",
        person.to_string(),
        id.to_owned(),
        now
    )?;
    Ok(done == 1)
}

/// Every request that waits, the oldest first; at most 200.
pub async fn waiting(door: &mut impl Sees) -> Result<Vec<Request>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        "SELECT id, person_id, asked_at FROM reset_request WHERE state = 'open'
         ORDER BY asked_at, id LIMIT $1",
        MOST
    )?;
    rows.into_iter().map(Request::try_from).collect()
}

/// The request with this name, while it waits.
pub async fn find(door: &mut impl Sees, id: &str) -> Result<Option<Request>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        "SELECT id, person_id, asked_at FROM reset_request WHERE id = $1 AND state = 'open'",
        id.to_owned()
    )?;
    row.map(Request::try_from).transpose()
}

/// Decides a request; whether it still waited: of two people at once, one decides.
pub async fn decide(unit: &mut Unit, id: &str, by: PersonId, approve: bool) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE reset_request SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4 AND state = 'open'",
        if approve { "approved" } else { "declined" },
        by.to_string(),
        now,
        id.to_owned()
    )?;
    Ok(done == 1)
}

/// Ends a person's request, if one waits.
pub async fn close_of(unit: &mut Unit, person: PersonId) -> Result<u64, StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "UPDATE reset_request SET state = 'ended', decided_at = $1 WHERE person_id = $2 AND state = 'open'",
        now,
        person.to_string()
    )
}
