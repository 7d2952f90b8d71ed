//! What administrators decide and load: localities with their mailboxes, postcode editions, and
//! the few facts about the database itself.

use super::{Sees, StoreError, Unit};
use sha2::{Digest, Sha256};

use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::time::Instant;

/// A locality's row: its duty line.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LocalityRow {
    /// Short id, such as `canterbury`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Telephone numbers, one a line.
    pub phones: String,
    /// The duty line's mailbox.
    pub mailbox: String,
    /// District codes, separated by spaces.
    pub lad_codes: String,
    /// When a click in a test notice confirmed the mailbox, microseconds; 0 means not live.
    pub confirmed_at: i64,
}

/// Stores a locality, or its new details. A changed mailbox has to be confirmed again.
pub async fn put_locality(unit: &mut Unit, who: &Actor, locality: &LocalityRow) -> Result<(), StoreError> {
    let l = locality;
    change!(
        unit,
        "INSERT INTO locality (id, name, phones, mailbox, lad_codes, confirmed_at) VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, phones = excluded.phones,
           lad_codes = excluded.lad_codes,
           confirmed_at = CASE WHEN locality.mailbox = excluded.mailbox THEN locality.confirmed_at ELSE 0 END,
           mailbox = excluded.mailbox",
        l.id.clone(),
        l.name.clone(),
        l.phones.clone(),
        l.mailbox.clone(),
        l.lad_codes.clone()
    )?;
    let on = Object::new("locality", Code::of(&l.id));
    unit.record(EventDraft::new(Act::LocalityChanged, who.clone()).on(on));
    Ok(())
}

/// All localities, by name.
pub async fn localities(door: &mut impl Sees) -> Result<Vec<LocalityRow>, StoreError> {
    all!(
        door,
        LocalityRow,
        "SELECT id, name, phones, mailbox, lad_codes, confirmed_at FROM locality ORDER BY name, id"
    )
}

/// The locality with this id.
pub async fn locality(door: &mut impl Sees, id: &str) -> Result<Option<LocalityRow>, StoreError> {
    one!(
        door,
        LocalityRow,
        "SELECT id, name, phones, mailbox, lad_codes, confirmed_at FROM locality WHERE id = $1",
        id.to_owned()
    )
}

/// Marks a mailbox as confirmed without a click: the demo's own made-up mailboxes, whose mail is captured.
pub async fn confirm_for_demo(unit: &mut Unit, id: &str) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let sql = "UPDATE locality SET confirmed_at = $1 WHERE id = $2 AND mailbox LIKE '%.example'";
    change!(unit, sql, now, id.to_owned())?;
    Ok(())
}

/// Remembers a test notice: the click with this token confirms this mailbox of this locality.
pub async fn insert_mailbox_test(
    unit: &mut Unit,
    hash: [u8; 32],
    locality: &str,
    mailbox: &str,
    ends: Instant,
) -> Result<(), StoreError> {
    change!(
        unit,
        "INSERT INTO mailbox_test (token_hash, locality, mailbox, ends_at) VALUES ($1, $2, $3, $4)",
        hash.to_vec(),
        locality.to_owned(),
        mailbox.to_owned(),
        ends.micros()
    )?;
    Ok(())
}

/// The click: the mailbox goes live if it is still the one that was tested. Gives the locality.
pub async fn confirm_mailbox(unit: &mut Unit, hash: [u8; 32]) -> Result<Option<String>, StoreError> {
    let now = unit.now().micros();
    let row: Option<(String, String)> = one!(
        unit,
        (String, String),
        "DELETE FROM mailbox_test WHERE token_hash = $1 AND ends_at > $2 RETURNING locality, mailbox",
        hash.to_vec(),
        now
    )?;
    let Some((locality, mailbox)) = row else { return Ok(None) };
    let done = change!(
        unit,
        "UPDATE locality SET confirmed_at = $1 WHERE id = $2 AND mailbox = $3",
        now,
        locality.clone(),
        mailbox
    )?;
    Ok((done == 1).then_some(locality))
}

/// A loaded postcode edition: the two CSV files as they were loaded.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Edition {
    /// Its name, such as `2025.4`.
    pub edition: String,
    /// Live postcodes, CSV.
    pub live: Vec<u8>,
    /// Retired postcodes, CSV; may be empty.
    pub retired: Vec<u8>,
}

/// Stores an edition; it is the one in use from now on.
pub async fn insert_edition(
    unit: &mut Unit,
    who: &Actor,
    edition: &Edition,
    postcodes: u64,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO postcode_edition (edition, loaded_at, live, retired) VALUES ($1, $2, $3, $4)
         ON CONFLICT (edition) DO UPDATE SET loaded_at = excluded.loaded_at, live = excluded.live,
           retired = excluded.retired",
        edition.edition.clone(),
        now,
        edition.live.clone(),
        edition.retired.clone()
    )?;
    let event = EventDraft::new(Act::PostcodesLoaded, who.clone())
        .on(Object::new("edition", Code::of(&edition.edition)))
        .digest(edition.digest());
    unit.record(event.extra("postcodes", Code::number(postcodes)));
    Ok(())
}

impl Edition {
    /// What the trail remembers of it: SHA-256 over both files, each behind its length.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for file in [&self.live, &self.retired] {
            hash.update((file.len() as u64).to_be_bytes());
            hash.update(file);
        }
        hash.finalize().into()
    }
}

/// The names of all editions.
pub(super) async fn editions(door: &mut impl Sees) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> =
        all!(door, (String,), "SELECT edition FROM postcode_edition ORDER BY edition")?;
    Ok(rows.into_iter().map(|(edition,)| edition).collect())
}

/// The edition with this name.
pub(super) async fn edition(door: &mut impl Sees, name: &str) -> Result<Option<Edition>, StoreError> {
    one!(
        door,
        Edition,
        "SELECT edition, live, retired FROM postcode_edition WHERE edition = $1",
        name.to_owned()
    )
}

/// The edition that was loaded last.
pub async fn newest_edition(door: &mut impl Sees) -> Result<Option<Edition>, StoreError> {
    one!(
        door,
        Edition,
        "SELECT edition, live, retired FROM postcode_edition ORDER BY loaded_at DESC, edition DESC LIMIT 1"
    )
}

/// A fact about the database itself, such as the key set's fingerprint.
pub async fn meta(door: &mut impl Sees, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        one!(door, (String,), "SELECT value FROM meta WHERE name = $1", name.to_owned())?;
    Ok(row.map(|(value,)| value))
}

/// Stores such a fact once; a different value that is already there stays and is given back.
pub async fn put_meta_once(unit: &mut Unit, name: &str, value: &str) -> Result<String, StoreError> {
    change!(
        unit,
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        name.to_owned(),
        value.to_owned()
    )?;
    Ok(meta(unit, name).await?.unwrap_or_default())
}
