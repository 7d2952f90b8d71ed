//! What families asked for from their own pages: a correction, a copy of all that is held, a complaint.
//! The words are sealed to the case; here stand what, when and by when.

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::Ask;
use crate::domain::ids::{AskId, LinkId, ReferralId};
use crate::domain::time::Instant;

/// A request's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub id: AskId,
    /// About which referral.
    pub referral: ReferralId,
    /// By which link.
    pub link: LinkId,
    /// What.
    pub kind: Ask,
    /// The number of the sealed words.
    pub note: u64,
    /// When.
    pub asked: Instant,
    /// By when it has to be answered.
    pub due: Instant,
    /// When it was settled; microseconds, 0 means not yet.
    pub settled_at: i64,
    /// By whom; empty before.
    pub settled_by: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    referral_id: String,
    link_id: String,
    kind: String,
    note: i64,
    asked_at: i64,
    due_at: i64,
    settled_at: i64,
    settled_by: String,
}

impl TryFrom<Row> for Asked {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "family_ask", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            referral: row.referral_id.parse().map_err(|_| bad("referral_id"))?,
            link: row.link_id.parse().map_err(|_| bad("link_id"))?,
            kind: Ask::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
            note: u64::try_from(row.note).map_err(|_| bad("note"))?,
            asked: Instant::from_micros(row.asked_at),
            due: Instant::from_micros(row.due_at),
            settled_at: row.settled_at,
            settled_by: row.settled_by,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, referral_id, link_id, kind, note, asked_at, due_at, settled_at, settled_by
             FROM family_ask ",
            $rest
        )
    };
}

/// Keeps what was asked for, with its event.
pub async fn insert(unit: &mut Unit, reference: &str, asked: &Asked) -> Result<(), StoreError> {
    change!(
        unit,
        "INSERT INTO family_ask (id, referral_id, link_id, kind, note, asked_at, due_at, settled_at, settled_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '')",
        asked.id.to_string(),
        asked.referral.to_string(),
        asked.link.to_string(),
        asked.kind.code(),
        i64::try_from(asked.note).unwrap_or(i64::MAX),
        asked.asked.micros(),
        asked.due.micros()
    )?;
    unit.record(event(Act::FamilyAsked, Actor::family(), reference, asked));
    Ok(())
}

fn event(act: Act, who: Actor, reference: &str, asked: &Asked) -> EventDraft {
    EventDraft::new(act, who)
        .on(Object::new("family-ask", Code::of(&asked.id.to_string())))
        .reference(Code::of(reference))
        .extra("kind", Code::fixed(asked.kind.code()))
}

/// The request with this id.
pub async fn find(door: &mut impl Sees, id: AskId) -> Result<Option<Asked>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1"), id.to_string())?;
    row.map(Asked::try_from).transpose()
}

/// What is open, whoever asked, the soonest due first; at most 100.
pub async fn open(door: &mut impl Sees) -> Result<Vec<Asked>, StoreError> {
    let rows: Vec<Row> = all!(door, Row, select!("WHERE settled_at = 0 ORDER BY due_at, id LIMIT 100"))?;
    rows.into_iter().map(Asked::try_from).collect()
}

/// What was asked by one link, newest first; at most 50.
pub async fn of_link(door: &mut impl Sees, link: LinkId) -> Result<Vec<Asked>, StoreError> {
    let rows: Vec<Row> =
        all!(door, Row, select!("WHERE link_id = $1 ORDER BY asked_at DESC, id LIMIT 50"), link.to_string())?;
    rows.into_iter().map(Asked::try_from).collect()
}

/// Notes that a request was settled, with its event.
///
/// # Errors
/// [`StoreError::Conflict`] when it was settled before.
pub async fn settle(unit: &mut Unit, who: &Actor, reference: &str, asked: &Asked) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE family_ask SET settled_at = $1, settled_by = $2 WHERE id = $3 AND settled_at = 0",
        now,
        who.id.to_string(),
        asked.id.to_string()
    )?;
    if done != 1 {
        return Err(StoreError::Conflict("family's request"));
    }
    unit.record(event(Act::FamilyAskSettled, who.clone(), reference, asked));
    Ok(())
}
