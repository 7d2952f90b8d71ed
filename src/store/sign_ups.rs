//! Sign-ups of settings whose address is not confirmed yet, and how often somebody tried. Nothing here is
//! an account: what is not confirmed in time goes without a trace.

use super::{Sees, StoreError, Unit};
use crate::domain::people::Role;
use crate::domain::time::{HOUR, Instant};

/// What somebody said who signs a setting up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUp {
    /// The setting's number, as `Urn` writes it.
    pub urn: String,
    /// Its name: the register's, or else as typed.
    pub setting: String,
    /// Its postcode: the register's, or else as typed.
    pub postcode: String,
    /// Its telephone: the register's, or else as typed; may be empty.
    pub phone: String,
    /// The person's name.
    pub name: String,
    /// Their work address, in small letters.
    pub email: String,
    /// What they do there.
    pub role: Role,
}

#[derive(sqlx::FromRow)]
struct Row {
    urn: String,
    setting: String,
    postcode: String,
    phone: String,
    name: String,
    email: String,
    role: String,
}

impl TryFrom<Row> for SignUp {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Row { urn, setting, postcode, phone, name, email, role } = row;
        let bad = StoreError::Row { table: "sign_up", column: "role", id: urn.clone() };
        Ok(Self { role: Role::from_code(&role).ok_or(bad)?, urn, setting, postcode, phone, name, email })
    }
}

/// Keeps a sign-up under its link's hash until `ends`.
pub async fn insert(
    unit: &mut Unit,
    hash: [u8; 32],
    sign_up: &SignUp,
    ends: Instant,
) -> Result<(), StoreError> {
    let s = sign_up;
    change!(
        unit,
        "INSERT INTO sign_up (token_hash, urn, setting, postcode, phone, name, email, role, ends_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        hash.to_vec(),
        s.urn.clone(),
        s.setting.clone(),
        s.postcode.clone(),
        s.phone.clone(),
        s.name.clone(),
        s.email.clone(),
        s.role.code(),
        ends.micros()
    )?;
    Ok(())
}

/// The sign-up of a link that can still be used: for the page that asks before using it.
pub async fn look(door: &mut impl Sees, hash: [u8; 32], now: Instant) -> Result<Option<SignUp>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        "SELECT urn, setting, postcode, phone, name, email, role FROM sign_up
         WHERE token_hash = $1 AND used_at = 0 AND ends_at > $2",
        hash.to_vec(),
        now.micros()
    )?;
    row.map(SignUp::try_from).transpose()
}

/// Uses a sign-up's link up. Of two uses at once, one gets it.
pub async fn take(unit: &mut Unit, hash: [u8; 32]) -> Result<Option<SignUp>, StoreError> {
    let now = unit.now().micros();
    let row: Option<Row> = one!(
        unit,
        Row,
        "UPDATE sign_up SET used_at = $1 WHERE token_hash = $2 AND used_at = 0 AND ends_at > $1
         RETURNING urn, setting, postcode, phone, name, email, role",
        now,
        hash.to_vec()
    )?;
    row.map(SignUp::try_from).transpose()
}

/// Notes a try, under a keyed hash; `id` is chance.
pub async fn note_try(unit: &mut Unit, id: i64, mac: [u8; 32]) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(unit, "INSERT INTO sign_up_try (id, mac, at) VALUES ($1, $2, $3)", id, mac.to_vec(), now)?;
    Ok(())
}

/// How many tries there were under a keyed hash in the last hour.
pub async fn tries(door: &mut impl Sees, mac: [u8; 32], now: Instant) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM sign_up_try WHERE mac = $1 AND at > $2",
        mac.to_vec(),
        now.plus(-HOUR).micros()
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Takes away what has ended, used or not, and tries older than an hour.
pub async fn sweep(unit: &mut Unit) -> Result<u64, StoreError> {
    let now = unit.now();
    let ended = change!(unit, "DELETE FROM sign_up WHERE ends_at <= $1", now.micros())?;
    let old = change!(unit, "DELETE FROM sign_up_try WHERE at <= $1", now.plus(-HOUR).micros())?;
    Ok(ended + old)
}
