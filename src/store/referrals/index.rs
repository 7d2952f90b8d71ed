//! Submission keys, which make twice once, and the keyed index by which a child is found.

use super::super::{Sees, StoreError, Unit};
use crate::domain::ids::{CaseId, ReferralId};

/// What a submission key already stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The content tag that came with it.
    pub tag: Vec<u8>,
    /// The referral that it made.
    pub referral: ReferralId,
}

/// Takes a submission key, or says what took it before.
pub async fn take_key(
    unit: &mut Unit,
    key: [u8; 32],
    tag: [u8; 32],
    referral: ReferralId,
) -> Result<Option<Seen>, StoreError> {
    let now = unit.now().micros();
    let taken = change!(
        unit,
        "INSERT INTO idempotency (key, tag, referral_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO NOTHING",
        key.to_vec(),
        tag.to_vec(),
        referral.to_string(),
        now
    )?;
    if taken == 1 { Ok(None) } else { seen(unit, key).await }
}

/// What a submission key stands for, if it was used.
pub async fn seen(door: &mut impl Sees, key: [u8; 32]) -> Result<Option<Seen>, StoreError> {
    let row: Option<(Vec<u8>, String)> = one!(
        door,
        (Vec<u8>, String),
        "SELECT tag, referral_id FROM idempotency WHERE key = $1",
        key.to_vec()
    )?;
    let bad = |id: String| StoreError::Row { table: "idempotency", column: "referral_id", id };
    row.map(|(tag, id)| Ok(Seen { tag, referral: id.parse().map_err(|_| bad(id))? })).transpose()
}

/// Puts a child's keyed index entries beside a referral.
pub async fn index_child(
    unit: &mut Unit,
    referral: ReferralId,
    kind: &'static str,
    mac: [u8; 32],
) -> Result<(), StoreError> {
    change!(
        unit,
        "INSERT INTO child_index (mac, kind, key_version, referral_id) VALUES ($1, $2, 1, $3)
         ON CONFLICT (mac, kind, referral_id) DO NOTHING",
        mac.to_vec(),
        kind,
        referral.to_string()
    )?;
    Ok(())
}

/// The referrals under an index entry; at most 200.
pub async fn by_index(
    door: &mut impl Sees,
    kind: &str,
    mac: [u8; 32],
) -> Result<Vec<ReferralId>, StoreError> {
    let rows: Vec<(String,)> = all!(
        door,
        (String,),
        "SELECT referral_id FROM child_index WHERE mac = $1 AND kind = $2 ORDER BY referral_id LIMIT 200",
        mac.to_vec(),
        kind.to_owned()
    )?;
    let bad = |id: &str| StoreError::Row { table: "child_index", column: "referral_id", id: id.to_owned() };
    rows.into_iter().map(|(id,)| id.parse().map_err(|_| bad(&id))).collect()
}

/// Takes away what would find an erased case: index entries, submission keys, the draft that would
/// complete it.
pub async fn forget(unit: &mut Unit, referral: ReferralId, case: CaseId) -> Result<(), StoreError> {
    change!(unit, "DELETE FROM child_index WHERE referral_id = $1", referral.to_string())?;
    change!(unit, "DELETE FROM idempotency WHERE referral_id = $1", referral.to_string())?;
    change!(
        unit,
        "DELETE FROM lawful_route WHERE draft_id IN (SELECT id FROM draft WHERE case_id = $1)",
        case.to_string()
    )?;
    change!(unit, "DELETE FROM draft WHERE case_id = $1", case.to_string())?;
    Ok(())
}
