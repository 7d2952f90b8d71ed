//! The trail's rows: appended to by every unit of work, read by pages for auditors, checked whole.
//!
//! The canonical bytes are the event; the other columns only serve filters and are re-derived and
//! compared by [`verify`]. The head row is touched last in a unit and never cached: it is the lock
//! and the number on both engines.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::cases::chunks_of;
use super::{Sees, StoreError, Unit};
use crate::audit::{
    Act, Admitted, Checkpoint, Columns, Event, EventDraft, Head, Misfit, StoredEvent, TrailCheck,
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
        let admitted = head.admit(now, draft);
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
    /// A referral's reference.
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
            "WHERE ($1 = '' OR reference = $1) AND ($2 = '' OR actor_id = $2) AND ($3 = '' OR act = $3)
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

/// What does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Untrue {
    /// An event.
    #[error("{0}")]
    Event(#[from] Misfit),
    /// A content row, by the number of the event that sealed it.
    #[error("event {seq} sealed {what} {id}, and what is stored now is not what was sealed")]
    Content {
        /// The event.
        seq: u64,
        /// Case file or sealed object.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A content row that no event knows.
    #[error("{what} {id} is stored, and no event says that it was sealed")]
    Unknown {
        /// Case file or sealed object.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A referral's clear columns.
    #[error("event {seq} left referral {id} as {said}, and its row says {found}")]
    State {
        /// The event.
        seq: u64,
        /// Its id.
        id: String,
        /// State by the trail.
        said: String,
        /// State by the row.
        found: String,
    },
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// What the trail says about content: the last digest of each sealed thing, the last state of each referral.
#[derive(Default)]
struct Said {
    sealed: HashMap<(String, String), (u64, [u8; 32])>,
    states: HashMap<String, (u64, String)>,
}

impl Said {
    fn take(&mut self, event: &Event) {
        let id = event.object.id.as_ref().to_owned();
        let kind = event.object.kind.as_ref().to_owned();
        match (event.act, event.digest) {
            (Act::ContentSealed | Act::CaseMade | Act::Erased, Some(digest)) => {
                self.sealed.insert((kind, id), (event.seq, digest));
            }
            (Act::Erased, None) => {
                self.sealed.remove(&(kind, id));
            }
            _ => {
                if let (Some(state), "referral") = (&event.state, kind.as_str()) {
                    self.states.insert(id, (event.seq, state.as_ref().to_owned()));
                }
            }
        }
    }
}

/// Re-derives the whole trail, compares it with head, checkpoints and every content row.
///
/// Gives the number of events; needs no key but the log's public one (already used on `checkpoints`).
pub async fn verify(door: &mut impl Sees, checkpoints: &[Checkpoint]) -> Result<u64, Untrue> {
    let mut check = TrailCheck::new(checkpoints);
    let mut said = Said::default();
    let mut next = 0;
    loop {
        let events = block(door, next).await?;
        if events.is_empty() {
            break;
        }
        for stored in &events {
            said.take(&check.push(stored)?);
        }
        next += events.len() as u64;
    }
    let checked = check.finish(&head(door).await?)?;
    compare_cases(door, &mut said).await?;
    compare_objects(door, &mut said).await?;
    if let Some(((kind, id), (seq, _))) = said.sealed.into_iter().min_by_key(|(_, (seq, _))| *seq) {
        let what = if kind == "case" { "case file" } else { "sealed object" };
        return Err(Untrue::Content { seq, what, id });
    }
    compare_states(door, said.states).await?;
    Ok(checked.events)
}

async fn compare_cases(door: &mut impl Sees, said: &mut Said) -> Result<(), Untrue> {
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = all!(
        door,
        (String, Vec<u8>, Vec<u8>),
        "SELECT case_id, bytes, digest FROM case_file ORDER BY case_id"
    )?;
    for (id, bytes, digest) in rows {
        compare(said, "case", "case file", id, &bytes, &digest)?;
    }
    Ok(())
}

async fn compare_objects(door: &mut impl Sees, said: &mut Said) -> Result<(), Untrue> {
    let rows: Vec<(String, Vec<u8>)> =
        all!(door, (String, Vec<u8>), "SELECT id, digest FROM sealed_object ORDER BY id")?;
    for (id, digest) in rows {
        let bytes = chunks_of(door, &id).await?;
        compare(said, "object", "sealed object", id, &bytes, &digest)?;
    }
    Ok(())
}

fn compare(
    said: &mut Said,
    kind: &str,
    what: &'static str,
    id: String,
    bytes: &[u8],
    stored: &[u8],
) -> Result<(), Untrue> {
    let Some((seq, digest)) = said.sealed.remove(&(kind.to_owned(), id.clone())) else {
        return Err(Untrue::Unknown { what, id });
    };
    let fits = Sha256::digest(bytes).as_slice() == digest && stored == digest;
    if fits { Ok(()) } else { Err(Untrue::Content { seq, what, id }) }
}

async fn compare_states(door: &mut impl Sees, states: HashMap<String, (u64, String)>) -> Result<(), Untrue> {
    let rows: Vec<(String, String)> =
        all!(door, (String, String), "SELECT id, state FROM referral ORDER BY id")?;
    for (id, found) in rows {
        match states.get(&id) {
            Some((_, said)) if *said == found => {}
            Some((seq, said)) => return Err(Untrue::State { seq: *seq, id, said: said.clone(), found }),
            None => return Err(Untrue::Unknown { what: "referral", id }),
        }
    }
    Ok(())
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
