//! Which cases a list showed, so that the trail of one referral can say who saw its name in a list and
//! not only who opened it (DESIGN section 1, promise 4).
//!
//! An event has no room for fifty ids: they stand in a side table under the event's number, written by
//! the unit that writes the event, and the event holds a digest over them. `verify` compares the two.

use sha2::{Digest, Sha256};

use super::{Sees, StoreError, Unit};
use crate::audit::Code;
use crate::domain::ids::CaseId;

/// The name of the digest among an event's extras.
pub(super) const SEEN: &str = "seen";
/// Numbers of events, each with a case that it showed.
type Rows = Vec<(i64, String)>;

/// The digest over the ids, whatever their order.
pub(super) fn digest(ids: impl IntoIterator<Item = String>) -> Code {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    let hash = Sha256::digest(ids.join(" "));
    Code::of(&hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Writes down which cases the event with this number showed.
pub(super) async fn insert(unit: &mut Unit, seq: i64, cases: &[CaseId]) -> Result<(), StoreError> {
    for case in cases {
        change!(
            unit,
            "INSERT INTO seen_case (case_id, seq) VALUES ($1, $2) ON CONFLICT (case_id, seq) DO NOTHING",
            case.to_string(),
            seq
        )?;
    }
    Ok(())
}

/// Number and case of what the events from `from` to before `until` showed, in order of the number.
pub(super) async fn between(door: &mut impl Sees, from: i64, until: i64) -> Result<Rows, StoreError> {
    all!(
        door,
        (i64, String),
        "SELECT seq, case_id FROM seen_case WHERE seq >= $1 AND seq < $2 ORDER BY seq, case_id",
        from,
        until
    )
}

/// The number of an event that there is not, for which something is written down.
pub(super) async fn beyond(door: &mut impl Sees, size: i64) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> =
        one!(door, (i64,), "SELECT seq FROM seen_case WHERE seq < 0 OR seq >= $1 LIMIT 1", size)?;
    Ok(row.map(|(seq,)| seq))
}
