//! What administrators decide and load: localities with their mailboxes, postcode editions, and
//! the few facts about the database itself.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Sees, StoreError, Unit, lines};
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

/// The rows that hold on day $1.
macro_rules! select_in_force {
    ($rest:literal) => {
        concat!(
            "SELECT locality AS id, name, phones, mailbox, lad_codes, confirmed_at FROM locality_change
             WHERE version = (SELECT MAX(version) FROM locality_change AS other
               WHERE other.locality = locality_change.locality AND other.valid_from <= $1) ",
            $rest
        )
    };
}

/// Stores a locality, or its new details, from today on. A changed mailbox has to be confirmed again.
/// What is there already changes nothing; a change that was planned for a later day is superseded.
pub async fn put_locality(unit: &mut Unit, who: &Actor, locality: &LocalityRow) -> Result<(), StoreError> {
    let l = locality;
    let last = lines::history(unit, &l.id).await?.pop();
    let line = lines::LineDetails {
        name: l.name.clone(),
        phones: l.phones.clone(),
        mailbox: l.mailbox.clone(),
        address: last.as_ref().map_or_else(String::new, |last| last.details.address.clone()),
        lad_codes: l.lad_codes.clone(),
    };
    if last.as_ref().is_some_and(|last| last.details == line) {
        unit.unaudited("the locality is already as it is to be");
        return Ok(());
    }
    let version = last.map_or(0, |last| last.version);
    let today = unit.now().day();
    lines::insert(unit, who, &l.id, version, (today, &line)).await
}

/// All localities as they are on a day, by name.
pub async fn localities(door: &mut impl Sees, day: Date) -> Result<Vec<LocalityRow>, StoreError> {
    all!(door, LocalityRow, select_in_force!("ORDER BY name, locality"), day.to_string())
}

/// The locality with this id, as it is on a day.
pub async fn locality(door: &mut impl Sees, id: &str, day: Date) -> Result<Option<LocalityRow>, StoreError> {
    one!(door, LocalityRow, select_in_force!("AND locality = $2"), day.to_string(), id.to_owned())
}

/// Marks a mailbox as confirmed without a click: the demo's own made-up mailboxes, whose mail is captured.
pub async fn confirm_for_demo(unit: &mut Unit, id: &str) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let rows: Vec<(String,)> = all!(
        unit,
        (String,),
        "UPDATE locality_change SET confirmed_at = $1 WHERE locality = $2 AND mailbox LIKE '%.example'
         RETURNING id",
        now,
        id.to_owned()
    )?;
    confirmed(unit, Actor::operator(), rows);
    Ok(())
}

/// Every row of a line whose mailbox was confirmed, for the trail.
fn confirmed(unit: &mut Unit, who: Actor, rows: Vec<(String,)>) {
    for (id,) in rows {
        let on = Object::new("locality", Code::of(&id));
        unit.record(EventDraft::new(Act::MailboxConfirmed, who.clone()).on(on));
    }
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

/// The click: the mailbox goes live if it is still the one that was tested, in force or planned for a
/// later day. Gives the locality.
pub async fn confirm_mailbox(unit: &mut Unit, hash: [u8; 32]) -> Result<Option<String>, StoreError> {
    let now = unit.now();
    let row: Option<(String, String)> = one!(
        unit,
        (String, String),
        "DELETE FROM mailbox_test WHERE token_hash = $1 AND ends_at > $2 RETURNING locality, mailbox",
        hash.to_vec(),
        now.micros()
    )?;
    let Some((locality, mailbox)) = row else { return Ok(None) };
    let rows: Vec<(String,)> = all!(
        unit,
        (String,),
        "UPDATE locality_change SET confirmed_at = $1 WHERE locality = $2 AND mailbox = $3 AND version >=
           (SELECT COALESCE(MAX(version), 0) FROM locality_change WHERE locality = $2 AND valid_from <= $4)
         RETURNING id",
        now.micros(),
        locality.clone(),
        mailbox,
        now.day().to_string()
    )?;
    let live = !rows.is_empty();
    confirmed(unit, Actor::stranger(), rows);
    Ok(live.then_some(locality))
}

/// The mailboxes of a locality whose test notice waits for its click, and until when, microseconds.
pub async fn mailbox_tests(door: &mut impl Sees) -> Result<Vec<(String, String, i64)>, StoreError> {
    all!(
        door,
        (String, String, i64),
        "SELECT locality, mailbox, MAX(ends_at) FROM mailbox_test GROUP BY locality, mailbox ORDER BY locality"
    )
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
