//! Ofsted's register, as far as it was loaded: number, name, postcode and telephone of settings. A
//! setting that signs itself up is looked up here, and a line rings it on the number that stands here.
//! The whole register has one digest in the trail, so that no number in it is changed unseen.

use sha2::{Digest, Sha256};

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};

/// A setting as the register has it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RegisterSetting {
    /// Its number, as `Urn` writes it.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Its postcode.
    pub postcode: String,
    /// Its telephone, or empty.
    pub phone: String,
}

/// The setting with this number (as `Urn` writes it), if it was loaded.
pub async fn find(door: &mut impl Sees, urn: &str) -> Result<Option<RegisterSetting>, StoreError> {
    one!(
        door,
        RegisterSetting,
        "SELECT urn, name, postcode, phone FROM register_setting WHERE urn = $1",
        urn.to_owned()
    )
}

/// Every setting that was loaded, by number.
pub async fn everything(door: &mut impl Sees) -> Result<Vec<RegisterSetting>, StoreError> {
    all!(door, RegisterSetting, "SELECT urn, name, postcode, phone FROM register_setting ORDER BY urn")
}

/// Adds and changes settings, with one event for all. A telephone that the new row does not have is kept.
pub async fn load(unit: &mut Unit, who: &Actor, rows: &[RegisterSetting]) -> Result<(), StoreError> {
    for row in rows {
        change!(
            unit,
            "INSERT INTO register_setting (urn, name, postcode, phone) VALUES ($1, $2, $3, $4)
             ON CONFLICT (urn) DO UPDATE SET name = excluded.name, postcode = excluded.postcode,
               phone = CASE WHEN excluded.phone = '' THEN register_setting.phone ELSE excluded.phone END",
            row.urn.clone(),
            row.name.clone(),
            row.postcode.clone(),
            row.phone.clone()
        )?;
    }
    let digest = digest(unit).await?;
    let on = Object::new("register", Code::fixed("settings"));
    let event = EventDraft::new(Act::RegisterLoaded, who.clone()).on(on).digest(digest);
    unit.record(event.extra("rows", Code::number(rows.len() as u64)));
    Ok(())
}

/// SHA-256 over every row's values by number, each behind its length.
pub(super) async fn digest(door: &mut impl Sees) -> Result<[u8; 32], StoreError> {
    let mut rows = everything(door).await?;
    // Engines differ in how they sort text.
    rows.sort_by(|a, b| a.urn.cmp(&b.urn));
    let mut hash = Sha256::new();
    for row in &rows {
        for value in [&row.urn, &row.name, &row.postcode, &row.phone] {
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value);
        }
    }
    Ok(hash.finalize().into())
}

/// The digest of an empty register.
pub(super) fn nothing() -> [u8; 32] {
    Sha256::new().finalize().into()
}
