//! Passkeys, and the ceremonies that wait for a browser's answer.
//!
//! A ceremony's row is taken once: whoever takes it has the only copy of its state. One that nobody
//! came back for is swept away when the next one begins.

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;

/// A passkey's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its name in addresses and in the trail, which signs nobody in.
    pub id: String,
    /// Whose it is.
    pub person: PersonId,
    /// What they call it, such as `Office computer`.
    pub name: String,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// SHA-256 of credential id and public key, as hex: what the trail vouches for.
    pub key_hash: String,
    /// The public key with its counter, as JSON.
    pub credential: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last used; the epoch if never.
    pub used_at: Instant,
}

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: String,
    person_id: String,
    name: String,
    credential_id: Vec<u8>,
    key_hash: String,
    credential: String,
    created_at: i64,
    used_at: i64,
}

impl TryFrom<PasskeyRow> for Passkey {
    type Error = StoreError;
    fn try_from(row: PasskeyRow) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "passkey", column, id: row.id.clone() };
        Ok(Self {
            person: row.person_id.parse().map_err(|_| bad("person_id"))?,
            id: row.id,
            name: row.name,
            credential_id: row.credential_id,
            key_hash: row.key_hash,
            credential: row.credential,
            created_at: Instant::from_micros(row.created_at),
            used_at: Instant::from_micros(row.used_at),
        })
    }
}

macro_rules! select_passkey {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, name, credential_id, key_hash, credential, created_at, used_at FROM passkey ",
            $rest
        )
    };
}

/// A question to an authenticator that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ceremony {
    /// What it is for.
    pub kind: String,
    /// For whom; empty when that is to be found out.
    pub person_id: String,
    /// What the answer is checked against, as JSON.
    pub state: String,
    /// When it ends, microseconds.
    pub ends_at: i64,
}

/// Stores a passkey, with its event. A credential that is there already, whosever it is, fails with
/// [`StoreError::Constraint`].
pub async fn insert(unit: &mut Unit, who: &Actor, passkey: &Passkey) -> Result<(), StoreError> {
    let p = passkey;
    change!(
        unit,
        "INSERT INTO passkey (id, person_id, name, credential_id, key_hash, credential, created_at, used_at,
           removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        p.id.clone(),
        p.person.to_string(),
        p.name.clone(),
        p.credential_id.clone(),
        p.key_hash.clone(),
        p.credential.clone(),
        p.created_at.micros(),
        p.used_at.micros()
    )?;
    unit.record(event(Act::FactorAdded, who, &p.id, p.person));
    Ok(())
}

fn event(act: Act, who: &Actor, id: &str, person: PersonId) -> EventDraft {
    EventDraft::new(act, who.clone())
        .on(Object::new("passkey", Code::of(id)))
        .extra("kind", Code::fixed("passkey"))
        .extra("person", Code::of(&person.to_string()))
}

/// The passkeys of a person, the oldest first.
pub async fn of(door: &mut impl Sees, person: PersonId) -> Result<Vec<Passkey>, StoreError> {
    let rows: Vec<PasskeyRow> = all!(
        door,
        PasskeyRow,
        select_passkey!("WHERE person_id = $1 AND removed_at = 0 ORDER BY created_at, id"),
        person.to_string()
    )?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// The passkey that an authenticator calls so, unless it was removed.
pub async fn by_credential(
    door: &mut impl Sees,
    credential_id: &[u8],
) -> Result<Option<Passkey>, StoreError> {
    let row: Option<PasskeyRow> = one!(
        door,
        PasskeyRow,
        select_passkey!("WHERE credential_id = $1 AND removed_at = 0"),
        credential_id.to_vec()
    )?;
    row.map(Passkey::try_from).transpose()
}

/// Notes that a passkey was used just now, and its new counter. Of two uses at once that saw the same
/// counter the second fails with [`StoreError::Conflict`].
pub async fn used(unit: &mut Unit, before: &Passkey, credential: String) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE passkey SET credential = $1, used_at = $2 WHERE id = $3 AND credential = $4 AND removed_at = 0",
        credential,
        now,
        before.id.clone(),
        before.credential.clone()
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("the passkey")) }
}

/// Takes a passkey of a person away for good, with the event. Somebody else's is as good as none.
pub async fn remove(unit: &mut Unit, who: &Actor, person: PersonId, id: &str) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE passkey SET removed_at = $1, credential = '' WHERE id = $2 AND person_id = $3 AND removed_at = 0",
        now,
        id.to_owned(),
        person.to_string()
    )?;
    if done != 1 {
        return Err(StoreError::Missing("passkey"));
    }
    unit.record(event(Act::FactorRemoved, who, id, person));
    Ok(())
}

/// Keeps a ceremony until its answer comes; only the handle's hash is kept. Those that have ended go.
pub async fn begin_ceremony(unit: &mut Unit, hash: [u8; 32], ceremony: &Ceremony) -> Result<(), StoreError> {
    let (c, now) = (ceremony, unit.now().micros());
    change!(unit, "DELETE FROM ceremony WHERE ends_at <= $1", now)?;
    change!(
        unit,
        "INSERT INTO ceremony (handle_hash, kind, person_id, state, ends_at) VALUES ($1, $2, $3, $4, $5)",
        hash.to_vec(),
        c.kind.clone(),
        c.person_id.clone(),
        c.state.clone(),
        c.ends_at
    )?;
    Ok(())
}

/// Takes a ceremony: it is gone afterwards, whatever its answer is worth. Of two at once, one gets it.
pub async fn take_ceremony(unit: &mut Unit, hash: [u8; 32]) -> Result<Option<Ceremony>, StoreError> {
    let row: Option<Ceremony> = one!(
        unit,
        Ceremony,
        "DELETE FROM ceremony WHERE handle_hash = $1 RETURNING kind, person_id, state, ends_at",
        hash.to_vec()
    )?;
    let now = unit.now().micros();
    Ok(row.filter(|ceremony| now < ceremony.ends_at))
}
