//! Erasing: the case file goes, and with it the only key to what was sealed to it.

use sha2::{Digest, Sha256};

use super::cases::object_of;
use super::{Sees, StoreError, Unit};
use crate::audit::EventDraft;
use crate::domain::ids::CaseId;

/// Destroys a case file: what was sealed to it can never be opened again here (DESIGN section 5).
/// `event` says who, why and under which reference; it gets the case and the digest of nothing. What a
/// file of the database still holds of it goes by [`super::backup::scrub`].
///
/// # Errors
/// [`StoreError::Missing`] when there is no such case or it was erased before.
pub async fn erase(unit: &mut Unit, event: EventDraft, case: CaseId) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let gone = change!(
        unit,
        "UPDATE case_file SET bytes = $1, digest = $2, erased_at = $3 WHERE case_id = $4 AND erased_at = 0",
        Vec::<u8>::new(),
        Sha256::digest(b"").to_vec(),
        now,
        case.to_string()
    )?;
    if gone != 1 {
        return Err(StoreError::Missing("case"));
    }
    let on = object_of("case", &case.to_string(), 2);
    unit.record(event.on(on).digest(Sha256::digest(b"").into()));
    Ok(())
}

/// The cases whose files were destroyed, by id.
pub async fn erased(door: &mut impl Sees) -> Result<Vec<CaseId>, StoreError> {
    let rows: Vec<(String,)> =
        all!(door, (String,), "SELECT case_id FROM case_file WHERE erased_at <> 0 ORDER BY case_id")?;
    let bad = |id: &str| StoreError::Row { table: "case_file", column: "case_id", id: id.to_owned() };
    rows.into_iter().map(|(id,)| id.parse().map_err(|_| bad(&id))).collect()
}

/// Whether there is such a case and its file was not destroyed.
pub async fn is_there(door: &mut impl Sees, case: CaseId) -> Result<bool, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT case_id FROM case_file WHERE case_id = $1 AND erased_at = 0",
        case.to_string()
    )?;
    Ok(row.is_some())
}
