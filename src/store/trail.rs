//! The trail's rows: appended to by every unit of work, read by pages for auditors, checked whole.
//!
//! The canonical bytes are the event; the other columns only serve filters and are re-derived and
//! compared by [`verify`]. The head row is touched last in a unit and never cached: it is the lock
//! and the number on both engines.

mod rows;
mod untrue;
mod verify;

pub use untrue::Untrue;

use super::{Sees, StoreError, Unit, marks, seen};
use crate::audit::{
    Admitted, Checked, Checkpoint, Columns, Edge, EventDraft, Head, StoredEvent, VerifierKey,
};
use crate::domain::time::Instant;

/// Most events of one page of the trail.
pub const PAGE: i64 = 100;
/// Events read at once while the whole trail is checked.
const BLOCK: i64 = 5_000;

/// Numbers the events of a unit and writes them, the head row last.
pub(super) async fn append(unit: &mut Unit, events: Vec<EventDraft>) -> Result<(), StoreError> {
    let now = unit.now();
    let mut head = lock_head(unit).await?;
    for draft in events {
        let draft = marks::marked(unit, draft).await?;
        let admitted = head.admit(now, draft);
        let shown = std::mem::take(&mut unit.shown);
        seen::insert(unit, signed(admitted.columns().seq), &shown).await?;
        insert(unit, &admitted).await?;
    }
    change!(
        unit,
        "UPDATE audit_head SET size = $1, last_at = $2, edge = $3 WHERE id = 1",
        signed(head.size()),
        head.last_at().micros(),
        head.edge().encode()
    )?;
    Ok(())
}

async fn lock_head(unit: &mut Unit) -> Result<Head, StoreError> {
    let fresh = Head::new();
    change!(
        unit,
        "INSERT INTO audit_head (id, size, last_at, edge) VALUES (1, 0, 0, $1) ON CONFLICT (id) DO NOTHING",
        fresh.edge().encode()
    )?;
    change!(unit, "UPDATE audit_head SET size = size WHERE id = 1")?;
    head(unit).await
}

/// The head of the trail as it stands.
pub async fn head(door: &mut impl Sees) -> Result<Head, StoreError> {
    let row: Option<(i64, i64, Vec<u8>)> =
        one!(door, (i64, i64, Vec<u8>), "SELECT size, last_at, edge FROM audit_head WHERE id = 1")?;
    let Some((size, last_at, edge)) = row else { return Ok(Head::new()) };
    let bad = |_| StoreError::Row { table: "audit_head", column: "edge", id: "1".to_owned() };
    Head::from_row(unsigned(size), Instant::from_micros(last_at), &edge).map_err(bad)
}

async fn insert(unit: &mut Unit, admitted: &Admitted) -> Result<(), StoreError> {
    let columns = admitted.columns();
    change!(
        unit,
        "INSERT INTO audit_event (seq, bytes, leaf, at, act, actor_id, actor_role, organisation, object_kind,
           object_id, reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        signed(columns.seq),
        admitted.bytes.clone(),
        admitted.leaf_hash.to_vec(),
        columns.at.micros(),
        columns.act,
        columns.actor_id,
        columns.actor_role,
        columns.organisation,
        columns.object_kind,
        columns.object_id,
        columns.reference
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    bytes: Vec<u8>,
    leaf: Vec<u8>,
    at: i64,
    act: String,
    actor_id: String,
    actor_role: String,
    organisation: String,
    object_kind: String,
    object_id: String,
    reference: String,
}

impl From<Row> for StoredEvent {
    fn from(row: Row) -> Self {
        Self {
            seq: unsigned(row.seq),
            bytes: row.bytes,
            // A hash of the wrong length fits no event: the check names it.
            leaf_hash: row.leaf.try_into().unwrap_or([0; 32]),
            columns: Columns {
                seq: unsigned(row.seq),
                at: Instant::from_micros(row.at),
                act: row.act,
                actor_id: row.actor_id,
                actor_role: row.actor_role,
                organisation: row.organisation,
                object_kind: row.object_kind,
                object_id: row.object_id,
                reference: row.reference,
            },
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, bytes, leaf, at, act, actor_id, actor_role, organisation, object_kind, object_id,
             reference FROM audit_event ",
            $rest
        )
    };
}

/// What an auditor asks for; empty means any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// A referral's reference: events about it, and lists that showed it.
    pub reference: String,
    /// A person's id.
    pub actor: String,
    /// An act's code.
    pub act: String,
    /// From this moment on, microseconds; 0 means from the beginning.
    pub from: i64,
    /// Before this moment, microseconds; `i64::MAX` means to the end.
    pub until: i64,
    /// Events with a number below this; `i64::MAX` means the newest.
    pub below: i64,
}

impl Default for Filter {
    /// Everything, from the newest on.
    fn default() -> Self {
        let any = String::new;
        Self { reference: any(), actor: any(), act: any(), from: 0, until: i64::MAX, below: i64::MAX }
    }
}

/// The newest events that fit, newest first; at most [`PAGE`].
pub async fn page(door: &mut impl Sees, filter: &Filter) -> Result<Vec<StoredEvent>, StoreError> {
    let f = filter.clone();
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!(
            "WHERE ($1 = '' OR reference = $1 OR seq IN (SELECT seq FROM seen_case WHERE case_id =
               (SELECT case_id FROM referral WHERE reference = $1))) AND ($2 = '' OR actor_id = $2) AND ($3 = '' OR act = $3)
             AND at >= $4 AND at < $5 AND seq < $6 ORDER BY seq DESC LIMIT $7"
        ),
        f.reference,
        f.actor,
        f.act,
        f.from,
        f.until,
        f.below,
        PAGE
    )?;
    Ok(rows.into_iter().map(StoredEvent::from).collect())
}

/// How many events of a person have this act, from a moment on.
pub async fn count(door: &mut impl Sees, actor: &str, act: &str, from: Instant) -> Result<u64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM audit_event WHERE actor_id = $1 AND act = $2 AND at >= $3",
        actor.to_owned(),
        act.to_owned(),
        from.micros()
    )?;
    Ok(row.map_or(0, |(n,)| unsigned(n)))
}

/// Who has opened a referral's content: role and organisation, first and last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderRow {
    /// The role's code.
    pub role: String,
    /// The organisation's id.
    pub organisation: String,
    /// The first opening.
    pub first: Instant,
    /// The last.
    pub last: Instant,
}

/// The readers of a referral by role and organisation, the first reader first. Openings of the restricted
/// part are other acts, and not among them.
pub async fn readers(door: &mut impl Sees, reference: &str) -> Result<Vec<ReaderRow>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> = all!(
        door,
        (String, String, i64, i64),
        "SELECT actor_role, organisation, MIN(at), MAX(at) FROM audit_event
         WHERE reference = $1 AND act = 'referral-opened' AND actor_id <> ''
         GROUP BY actor_role, organisation ORDER BY MIN(at), actor_role, organisation",
        reference.to_owned()
    )?;
    let at = Instant::from_micros;
    let row = |(role, organisation, first, last)| ReaderRow {
        role,
        organisation,
        first: at(first),
        last: at(last),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A block of events from a number on, in order.
pub async fn block(door: &mut impl Sees, from: u64) -> Result<Vec<StoredEvent>, StoreError> {
    let rows: Vec<Row> =
        all!(door, Row, select!("WHERE seq >= $1 ORDER BY seq LIMIT $2"), signed(from), BLOCK)?;
    Ok(rows.into_iter().map(StoredEvent::from).collect())
}

/// Changes an event's column behind the trail's back, as somebody with the database in hand would.
#[cfg(test)]
pub(crate) async fn forge(unit: &mut Unit, seq: u64, actor: &str) -> Result<(), StoreError> {
    unit.unaudited("a test plays somebody who tampers");
    change!(unit, "UPDATE audit_event SET actor_id = $1 WHERE seq = $2", actor.to_owned(), signed(seq))?;
    Ok(())
}

/// Stores a signed checkpoint; one per size.
pub async fn put_checkpoint(unit: &mut Unit, checkpoint: &Checkpoint, note: &str) -> Result<(), StoreError> {
    let now = unit.now().micros();
    unit.unaudited("a checkpoint is about events, not an event");
    change!(
        unit,
        "INSERT INTO checkpoint (size, note, at) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING",
        signed(checkpoint.size),
        note.to_owned(),
        now
    )?;
    Ok(())
}

/// All signed notes, smallest first.
pub async fn notes(door: &mut impl Sees) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = all!(door, (String,), "SELECT note FROM checkpoint ORDER BY size")?;
    Ok(rows.into_iter().map(|(note,)| note).collect())
}

/// Re-derives the whole trail, compares it with head, checkpoints and every row that it speaks of.
///
/// Gives the number of events; needs no key but the log's public one (already used on `checkpoints`).
///
/// # Errors
/// The first thing that does not fit.
pub async fn verify(door: &mut impl Sees, checkpoints: &[Checkpoint]) -> Result<u64, Untrue> {
    Ok(check(door, checkpoints).await?.events)
}

/// As [`verify`], with how many of the events a signed checkpoint covers.
///
/// # Errors
/// The first thing that does not fit.
pub async fn check(door: &mut impl Sees, checkpoints: &[Checkpoint]) -> Result<Checked, Untrue> {
    verify::check(door, checkpoints).await
}

/// How many events there are and are signed, or the sentence that names the first misfit.
pub type Verdict = Result<Checked, String>;

/// Said of events that fit each other and that nobody has vouched for.
const UNSIGNED: &str = "The events fit each other, but no signed checkpoint covers any of them: whoever can write \
                        the database could have written them all. A relay signs when it starts.";

/// The whole check against the stored checkpoints and the one that the relay keeps outside its database.
///
/// # Errors
/// The database's own; what does not fit is a [`Verdict`].
pub async fn verdict(
    door: &mut impl Sees,
    key: &VerifierKey,
    outside: Option<String>,
) -> Result<Verdict, StoreError> {
    let mut notes = notes(door).await?;
    notes.extend(outside);
    let signed: Result<Vec<Checkpoint>, _> =
        notes.iter().map(|note| Checkpoint::parse_and_verify(note, key)).collect();
    let checkpoints = match signed {
        Ok(checkpoints) => checkpoints,
        Err(fault) => return Ok(Err(format!("a kept checkpoint does not hold: {fault}"))),
    };
    match check(door, &checkpoints).await {
        Ok(Checked { events: 1.., signed: 0 }) => Ok(Err(UNSIGNED.to_owned())),
        Ok(checked) => Ok(Ok(checked)),
        Err(Untrue::Store(fault)) => Err(fault),
        Err(misfit) => Ok(Err(misfit.to_string())),
    }
}

/// Appends the stored leaf hashes to an edge until it has `until` of them, or there are no more.
pub async fn extend(door: &mut impl Sees, edge: &mut Edge, until: u64) -> Result<(), StoreError> {
    while edge.size() < until {
        let leaves: Vec<(Vec<u8>,)> = all!(
            door,
            (Vec<u8>,),
            "SELECT leaf FROM audit_event WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT $3",
            signed(edge.size()),
            signed(until),
            BLOCK
        )?;
        if leaves.is_empty() {
            break;
        }
        // A hash of the wrong length fits no root.
        leaves.into_iter().for_each(|(leaf,)| edge.append(leaf.try_into().unwrap_or([0; 32])));
    }
    Ok(())
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
