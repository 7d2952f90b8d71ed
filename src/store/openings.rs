//! Openings by reason: who may read a referral that is not theirs, why and until when. The words of the
//! reason are sealed to the case; here stands which version they are.

use super::{Sees, StoreError, Unit};
use crate::audit::{Code, EventDraft, Object};
use crate::domain::ids::{PersonId, ReferralId};
use crate::domain::opening::{Opening, Part, Purpose};
use crate::domain::time::Instant;

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    person_id: String,
    referral_id: String,
    locality: String,
    purpose: String,
    part: String,
    note: i64,
    at: i64,
    ends_at: i64,
}

impl TryFrom<Row> for Opening {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "opening", column, id: row.id.clone() };
        Ok(Self {
            person: row.person_id.parse().map_err(|_| bad("person_id"))?,
            referral: row.referral_id.parse().map_err(|_| bad("referral_id"))?,
            purpose: Purpose::from_code(&row.purpose).ok_or_else(|| bad("purpose"))?,
            part: Part::from_code(&row.part).ok_or_else(|| bad("part"))?,
            note: u64::try_from(row.note).map_err(|_| bad("note"))?,
            id: row.id,
            locality: row.locality,
            at: Instant::from_micros(row.at),
            ends: Instant::from_micros(row.ends_at),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, referral_id, locality, purpose, part, note, at, ends_at FROM opening ",
            $rest
        )
    };
}

/// Stores an opening. `event` says who, what act, the reference and the commitment to the reason; it
/// gets what the row says.
pub async fn insert(unit: &mut Unit, event: EventDraft, opening: &Opening) -> Result<(), StoreError> {
    let o = opening;
    change!(
        unit,
        "INSERT INTO opening (id, person_id, referral_id, locality, purpose, part, note, at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        o.id.clone(),
        o.person.to_string(),
        o.referral.to_string(),
        o.locality.clone(),
        o.purpose.code(),
        o.part.code(),
        i64::try_from(o.note).unwrap_or(i64::MAX),
        o.at.micros(),
        o.ends.micros()
    )?;
    let event = event.on(Object::new("opening", Code::of(&o.id))).purpose(Code::fixed(o.purpose.code()));
    unit.record(
        event
            .extra("part", Code::fixed(o.part.code()))
            .extra("locality", Code::of(&o.locality))
            .extra("until", Code::number(o.ends.micros().unsigned_abs())),
    );
    Ok(())
}

/// The opening by which a person may read a referral at a moment, the newest of several.
pub async fn active(
    door: &mut impl Sees,
    person: PersonId,
    referral: ReferralId,
    now: Instant,
) -> Result<Option<Opening>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        select!(
            "WHERE person_id = $1 AND referral_id = $2 AND part = 'referral' AND ends_at > $3
             ORDER BY at DESC, id LIMIT 1"
        ),
        person.to_string(),
        referral.to_string(),
        now.micros()
    )?;
    row.map(Opening::try_from).transpose()
}

/// What stands open to a person at a moment, the newest first; at most 100.
pub async fn of_person(
    door: &mut impl Sees,
    person: PersonId,
    now: Instant,
) -> Result<Vec<Opening>, StoreError> {
    rows(all!(
        door,
        Row,
        select!("WHERE person_id = $1 AND part = 'referral' AND ends_at > $2 ORDER BY at DESC, id LIMIT 100"),
        person.to_string(),
        now.micros()
    )?)
}

/// What leads of other lines opened of a line's referrals, the newest first; at most 100.
pub async fn of_line(door: &mut impl Sees, locality: &str) -> Result<Vec<Opening>, StoreError> {
    rows(all!(
        door,
        Row,
        select!("WHERE locality = $1 AND purpose = 'break-glass' ORDER BY at DESC, id LIMIT 100"),
        locality.to_owned()
    )?)
}

/// The opening with this name.
pub async fn find(door: &mut impl Sees, id: &str) -> Result<Option<Opening>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1"), id.to_owned())?;
    row.map(Opening::try_from).transpose()
}

fn rows(rows: Vec<Row>) -> Result<Vec<Opening>, StoreError> {
    rows.into_iter().map(Opening::try_from).collect()
}
