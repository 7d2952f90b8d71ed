//! The outbox: letters that are to go out. A letter holds codes and a reference only; its words are
//! made when it is sent. A queue is a lease: look, claim with one statement, work, settle.

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome};
use crate::domain::ids::LetterId;
use crate::domain::time::{Instant, MINUTE};

/// How long a claimed letter is left alone before another worker may take it, microseconds.
pub const LEASE: i64 = 5 * MINUTE;

/// A letter to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// Which.
    pub id: LetterId,
    /// Which letter: the folder under `templates/letters/`.
    pub kind: &'static str,
    /// To whom.
    pub recipient: String,
    /// The locality it is about, or empty.
    pub locality: String,
    /// The reference it is about, or empty.
    pub reference: String,
    /// Codes for its words, as JSON; never typed text.
    pub params: String,
}

/// A letter's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Letter {
    /// Which.
    pub id: String,
    /// Which letter.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// The locality, or empty.
    pub locality: String,
    /// The reference, or empty.
    pub reference: String,
    /// Codes for its words, as JSON.
    pub params: String,
    /// `queued`, `sent`, `failed` or `suppressed`.
    pub state: String,
    /// When the next attempt is due, microseconds.
    pub due_at: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// The last answer's code, or empty.
    pub last_code: String,
    /// When it was queued, microseconds.
    pub created_at: i64,
    /// When it was handed over, microseconds; 0 before.
    pub sent_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, recipient, locality, reference, params, state, due_at, attempts, last_code,
             created_at, sent_at FROM letter ",
            $rest
        )
    };
}

/// Queues a letter, due at once, with its event.
pub async fn queue(unit: &mut Unit, who: &Actor, letter: &NewLetter) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO letter (id, kind, recipient, locality, reference, params, state, due_at, leased_until, lease,
           attempts, last_code, created_at, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, 0, '', 0, '', $7, 0)",
        letter.id.to_string(),
        letter.kind,
        letter.recipient.clone(),
        letter.locality.clone(),
        letter.reference.clone(),
        letter.params.clone(),
        now
    )?;
    let event = EventDraft::new(Act::NoticeQueued, who.clone())
        .on(Object::new("letter", Code::of(&letter.id.to_string())))
        .reference(Code::of(&letter.reference))
        .extra("letter", Code::fixed(letter.kind))
        .extra("locality", Code::of(&letter.locality));
    unit.record(event);
    Ok(())
}

/// Stops the letters of some kinds about a reference that have not gone out, with an event each.
pub async fn stop(
    unit: &mut Unit,
    reference: &str,
    kinds: &[&str],
    code: &'static str,
) -> Result<(), StoreError> {
    let queued: Vec<(String, String)> = all!(
        unit,
        (String, String),
        "SELECT id, kind FROM letter WHERE reference = $1 AND state = 'queued'",
        reference.to_owned()
    )?;
    for (id, kind) in queued.into_iter().filter(|(_, kind)| kinds.contains(&kind.as_str())) {
        change!(
            unit,
            "UPDATE letter SET state = 'suppressed', last_code = $1, lease = '', leased_until = 0
             WHERE id = $2 AND state = 'queued'",
            code,
            id.clone()
        )?;
        let event = EventDraft::new(Act::NoticeFailed, Actor::system())
            .on(Object::new("letter", Code::of(&id)))
            .reference(Code::of(reference))
            .outcome(Outcome::Refused)
            .extra("letter", Code::of(&kind))
            .extra("code", Code::fixed(code));
        unit.record(event);
    }
    Ok(())
}

/// Whether any letter is due.
pub async fn any_due(door: &mut impl Sees, now: Instant) -> Result<bool, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT id FROM letter WHERE state = 'queued' AND due_at <= $1 AND leased_until <= $1 LIMIT 1",
        now.micros()
    )?;
    Ok(row.is_some())
}

/// Claims the letter that has been due longest, for [`LEASE`], and counts the attempt before it is made.
pub async fn claim(unit: &mut Unit, lease: &str) -> Result<Option<Letter>, StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "UPDATE letter SET leased_until = $1, lease = $2, attempts = attempts + 1
         WHERE id = (SELECT id FROM letter WHERE state = 'queued' AND due_at <= $3 AND leased_until <= $3
                     ORDER BY due_at, id LIMIT 1)
           AND leased_until <= $3",
        now + LEASE,
        lease.to_owned(),
        now
    )?;
    one!(unit, Letter, select!("WHERE lease = $1 AND state = 'queued'"), lease.to_owned())
}

/// How an attempt ended.
pub enum Attempt {
    /// Handed over to the next mail server.
    Sent,
    /// Not now: again at this moment.
    Retry(Instant),
    /// Never: the recipient or the letter was refused for good.
    Failed,
    /// Not sent on purpose: the mailbox is not confirmed.
    Suppressed,
}

/// Settles a claimed letter.
///
/// # Errors
/// [`StoreError::Conflict`] when the lease ran out and another worker took it.
pub async fn settle(
    unit: &mut Unit,
    id: &str,
    lease: &str,
    attempt: &Attempt,
    code: &str,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let (state, due, sent) = match attempt {
        Attempt::Sent => ("sent", 0, now),
        Attempt::Retry(at) => ("queued", at.micros(), 0),
        Attempt::Failed => ("failed", 0, 0),
        Attempt::Suppressed => ("suppressed", 0, 0),
    };
    let done = change!(
        unit,
        "UPDATE letter SET state = $1, due_at = $2, sent_at = $3, last_code = $4, leased_until = 0, lease = ''
         WHERE id = $5 AND lease = $6",
        state,
        due,
        sent,
        code.to_owned(),
        id.to_owned(),
        lease.to_owned()
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("letter")) }
}

/// The letters about a reference, oldest first.
pub async fn about(door: &mut impl Sees, reference: &str) -> Result<Vec<Letter>, StoreError> {
    all!(door, Letter, select!("WHERE reference = $1 ORDER BY created_at, id"), reference.to_owned())
}

/// Letters that failed or were suppressed, newest first; at most 100.
pub async fn undelivered(door: &mut impl Sees) -> Result<Vec<Letter>, StoreError> {
    all!(
        door,
        Letter,
        select!("WHERE state IN ('failed', 'suppressed') ORDER BY created_at DESC, id LIMIT 100")
    )
}
