//! How often somebody tried, which browsers are known, and what strangers were refused: shared by every
//! copy of the relay, because a guesser may ask each of them.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::PersonId;
use crate::domain::time::{DAY, Instant, MINUTE};

/// Refusals of one kind are told to the trail at most so often, microseconds.
const TOLD_EVERY: i64 = MINUTE;

/// The tries that were made under one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Bucket {
    /// How many.
    pub tries: i64,
    /// When the next is allowed, microseconds.
    pub next_at: i64,
    /// When the last was made, microseconds.
    pub last_at: i64,
}

/// The bucket of a key, as it stands.
pub async fn look(door: &mut impl Sees, key: [u8; 32]) -> Result<Bucket, StoreError> {
    let row: Option<Bucket> =
        one!(door, Bucket, "SELECT tries, next_at, last_at FROM throttle WHERE key = $1", key.to_vec())?;
    Ok(row.unwrap_or_default())
}

/// The bucket of a key, held until the unit's end: nobody else counts in between.
pub async fn hold(unit: &mut Unit, key: [u8; 32]) -> Result<Bucket, StoreError> {
    change!(
        unit,
        "INSERT INTO throttle (key, tries, next_at, last_at) VALUES ($1, 0, 0, 0) ON CONFLICT (key) DO NOTHING",
        key.to_vec()
    )?;
    change!(unit, "UPDATE throttle SET tries = tries WHERE key = $1", key.to_vec())?;
    look(unit, key).await
}

/// Writes a bucket that is held.
pub async fn put(unit: &mut Unit, key: [u8; 32], bucket: Bucket) -> Result<(), StoreError> {
    change!(
        unit,
        "UPDATE throttle SET tries = $1, next_at = $2, last_at = $3 WHERE key = $4",
        bucket.tries,
        bucket.next_at,
        bucket.last_at,
        key.to_vec()
    )?;
    Ok(())
}

/// Forgets a bucket: who tried was right.
pub async fn forget(unit: &mut Unit, key: [u8; 32]) -> Result<(), StoreError> {
    change!(unit, "DELETE FROM throttle WHERE key = $1", key.to_vec())?;
    Ok(())
}

/// Takes one try back out of a bucket that many share: who tried was right.
pub async fn give_back(unit: &mut Unit, key: [u8; 32]) -> Result<(), StoreError> {
    change!(unit, "UPDATE throttle SET tries = tries - 1 WHERE key = $1 AND tries > 0", key.to_vec())?;
    Ok(())
}

/// Counts a refusal of a stranger. Gives how many there were since the trail was last told, when that is
/// a minute ago; they are then told.
pub async fn count_refusal(unit: &mut Unit, kind: &'static str) -> Result<Option<u64>, StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO refusal (kind, n, told_at) VALUES ($1, 1, 0)
         ON CONFLICT (kind) DO UPDATE SET n = refusal.n + 1",
        kind
    )?;
    let row: Option<(i64, i64)> =
        one!(unit, (i64, i64), "SELECT n, told_at FROM refusal WHERE kind = $1", kind)?;
    let Some((n, _)) = row.filter(|(_, told)| now - told >= TOLD_EVERY) else { return Ok(None) };
    change!(unit, "UPDATE refusal SET n = 0, told_at = $1 WHERE kind = $2", now, kind)?;
    Ok(Some(n.unsigned_abs()))
}

/// Remembers a browser in which a person signed in; only its token's hash is kept.
pub async fn insert_device(
    unit: &mut Unit,
    hash: [u8; 32],
    person: PersonId,
    ends: Instant,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO device (token_hash, person_id, made_at, ends_at) VALUES ($1, $2, $3, $4)",
        hash.to_vec(),
        person.to_string(),
        now,
        ends.micros()
    )?;
    Ok(())
}

/// Who signed in before in the browser with this token's hash.
pub async fn device(
    door: &mut impl Sees,
    hash: [u8; 32],
    now: Instant,
) -> Result<Option<PersonId>, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT person_id FROM device WHERE token_hash = $1 AND ends_at > $2",
        hash.to_vec(),
        now.micros()
    )?;
    let bad = |id: String| StoreError::Row { table: "device", column: "person_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}

/// Takes away buckets in which nobody tried for a day, and browsers that are no longer known.
pub async fn sweep(unit: &mut Unit) -> Result<u64, StoreError> {
    let now = unit.now();
    let before = now.plus(-DAY).micros();
    let buckets = change!(unit, "DELETE FROM throttle WHERE last_at <= $1 AND last_at > 0", before)?;
    let devices = change!(unit, "DELETE FROM device WHERE ends_at <= $1", now.micros())?;
    Ok(buckets + devices)
}
