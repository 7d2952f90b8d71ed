//! Clinical rights that were asked for and wait for the line's lead (DOMAIN section 9). For somebody new
//! the request holds name and address, and the person's row is made when it is approved: nobody has a
//! right before.

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::Role;
use crate::domain::time::Instant;

/// A clinical right that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightRequest {
    /// Its name.
    pub id: String,
    /// For whom; there is no such person yet when they are new.
    pub person: PersonId,
    /// Whose people they are.
    pub organisation: OrganisationId,
    /// Their name.
    pub name: String,
    /// Their work address, in small letters.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The line, for duty roles; empty otherwise.
    pub line: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// When, microseconds.
    pub asked_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    person_id: String,
    organisation_id: String,
    name: String,
    email: String,
    role: String,
    line: String,
    asked_by: String,
    asked_at: i64,
}

impl TryFrom<Row> for RightRequest {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "right_request", column, id: row.id.clone() };
        Ok(Self {
            person: row.person_id.parse().map_err(|_| bad("person_id"))?,
            organisation: row.organisation_id.parse().map_err(|_| bad("organisation_id"))?,
            role: Role::from_code(&row.role).ok_or_else(|| bad("role"))?,
            asked_by: row.asked_by.parse().map_err(|_| bad("asked_by"))?,
            id: row.id,
            name: row.name,
            email: row.email,
            line: row.line,
            asked_at: row.asked_at,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, organisation_id, name, email, role, line, asked_by, asked_at
             FROM right_request ",
            $rest
        )
    };
}

/// Stores a request, with its event.
pub async fn insert(unit: &mut Unit, who: &Actor, request: &RightRequest) -> Result<(), StoreError> {
    let r = request;
    change!(
        unit,
        "INSERT INTO right_request (id, person_id, organisation_id, name, email, role, line, asked_by, asked_at,
           decided_by, decided_at, outcome, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, '', '')",
        r.id.clone(),
        r.person.to_string(),
        r.organisation.to_string(),
        r.name.clone(),
        r.email.clone(),
        r.role.code(),
        r.line.clone(),
        r.asked_by.to_string(),
        r.asked_at
    )?;
    unit.record(event(Act::RightsAsked, who, r));
    Ok(())
}

fn event(act: Act, who: &Actor, request: &RightRequest) -> EventDraft {
    EventDraft::new(act, who.clone())
        .on(Object::new("right-request", Code::of(&request.id)))
        .extra("person", Code::of(&request.person.to_string()))
        .extra("role", Code::of(request.role.code()))
        .extra("lines", Code::of(&request.line))
}

/// Everything that waits, oldest first.
pub async fn waiting(door: &mut impl Sees) -> Result<Vec<RightRequest>, StoreError> {
    let rows: Vec<Row> = all!(door, Row, select!("WHERE decided_at = 0 ORDER BY asked_at, id"))?;
    rows.into_iter().map(RightRequest::try_from).collect()
}

/// A request that waits.
pub async fn find(door: &mut impl Sees, id: &str) -> Result<Option<RightRequest>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1 AND decided_at = 0"), id.to_owned())?;
    row.map(RightRequest::try_from).transpose()
}

/// What waits for a person, oldest first.
pub async fn of(door: &mut impl Sees, person: PersonId) -> Result<Vec<RightRequest>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!("WHERE person_id = $1 AND decided_at = 0 ORDER BY asked_at, id"),
        person.to_string()
    )?;
    rows.into_iter().map(RightRequest::try_from).collect()
}

/// What was declined since then to somebody with this address.
pub async fn declined_since(
    door: &mut impl Sees,
    email: &str,
    since: Instant,
) -> Result<Vec<RightRequest>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!("WHERE email = $1 AND outcome = 'declined' AND decided_at >= $2 ORDER BY decided_at, id"),
        email.to_owned(),
        since.micros()
    )?;
    rows.into_iter().map(RightRequest::try_from).collect()
}

/// Decides a request, with its event: `outcome` and `reason` are codes.
///
/// # Errors
/// [`StoreError::Conflict`] when it was decided meanwhile.
pub async fn decide(
    unit: &mut Unit,
    who: &Actor,
    request: &RightRequest,
    outcome: &'static str,
    reason: &'static str,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE right_request SET decided_by = $1, decided_at = $2, outcome = $3, reason = $4
         WHERE id = $5 AND decided_at = 0",
        who.id.as_str().to_owned(),
        now,
        outcome,
        reason,
        request.id.clone()
    )?;
    if done != 1 {
        return Err(StoreError::Conflict("right_request"));
    }
    let event = event(Act::RightsDecided, who, request);
    unit.record(event.extra("decision", Code::fixed(outcome)).extra("reason", Code::of(reason)));
    Ok(())
}
