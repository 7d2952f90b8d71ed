//! Case files and what is sealed to them: the only way to sealed bytes, always against a
//! [`Recorded`] read, always with the stored digest checked.

use sha2::{Digest, Sha256};

use super::{Recorded, RestrictedRecorded, Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{CaseId, ObjectId};

/// Most bytes in one sealed chunk row.
pub const CHUNK: usize = 256 * 1024;

/// The kind of the restricted part's objects: handed out against [`RestrictedRecorded`] only.
pub const RESTRICTED_KINDS: &[&str] = &["restricted", "restricted-note"];

/// A sealed thing about to be stored.
pub struct NewObject {
    /// Its id.
    pub id: ObjectId,
    /// Whose case.
    pub case: CaseId,
    /// What it is: `family`, `restricted`, `evidence`, `verdict`, `draft`, `attachment-…`, `mail`.
    pub kind: String,
    /// From 1.
    pub version: u64,
    /// The sealed bytes, in chunks of at most [`CHUNK`].
    pub chunks: Vec<Vec<u8>>,
}

impl NewObject {
    /// A sealed thing from bytes in one piece.
    pub fn whole(id: ObjectId, case: CaseId, kind: &str, version: u64, sealed: &[u8]) -> Self {
        let chunks = sealed.chunks(CHUNK).map(<[u8]>::to_vec).collect();
        Self { id, case, kind: kind.to_owned(), version, chunks }
    }
}

/// What the store knows of a sealed thing without opening it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ObjectRow {
    /// Its id.
    pub id: String,
    /// Whose case.
    pub case_id: String,
    /// What it is.
    pub kind: String,
    /// From 1.
    pub version: i64,
    /// SHA-256 of the sealed bytes.
    pub digest: Vec<u8>,
    /// Sealed length in bytes.
    pub size: i64,
}

/// A sealed thing with its bytes, digest checked.
pub struct SealedBytes {
    /// Which.
    pub id: ObjectId,
    /// From 1.
    pub version: u64,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// Stores a new case file and its event.
pub async fn insert_case(
    unit: &mut Unit,
    actor: &Actor,
    case: CaseId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let digest: [u8; 32] = Sha256::digest(sealed).into();
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO case_file (case_id, bytes, digest, created_at, erased_at) VALUES ($1, $2, $3, $4, 0)",
        case.to_string(),
        sealed.to_vec(),
        digest.to_vec(),
        now
    )?;
    unit.record(
        EventDraft::new(Act::CaseMade, actor.clone())
            .on(object_of("case", &case.to_string(), 1))
            .digest(digest),
    );
    Ok(())
}

/// Stores a case file anew (its label changed), with its event. What is sealed to the case stays readable.
pub async fn replace_case(
    unit: &mut Unit,
    actor: &Actor,
    case: CaseId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let digest: [u8; 32] = Sha256::digest(sealed).into();
    let done = change!(
        unit,
        "UPDATE case_file SET bytes = $1, digest = $2 WHERE case_id = $3 AND erased_at = 0",
        sealed.to_vec(),
        digest.to_vec(),
        case.to_string()
    )?;
    if done != 1 {
        return Err(StoreError::Missing("case"));
    }
    unit.record(
        EventDraft::new(Act::CaseMade, actor.clone())
            .on(object_of("case", &case.to_string(), 2))
            .digest(digest),
    );
    Ok(())
}

/// Stores a sealed thing and its event.
pub async fn put(unit: &mut Unit, actor: &Actor, object: NewObject) -> Result<(), StoreError> {
    let (digest, size) = digest_of(&object.chunks);
    put_row(unit, actor, &object, digest, size).await?;
    add_chunks(unit, &object.id.to_string(), 0, object.chunks).await
}

/// Stores a new version of a sealed thing in place of the last (a draft being written), and its event.
///
/// # Errors
/// [`StoreError::Conflict`] when the version stored is not the one before this.
pub async fn replace(unit: &mut Unit, actor: &Actor, object: NewObject) -> Result<(), StoreError> {
    let (digest, size) = digest_of(&object.chunks);
    let (id, version, event) =
        (object.id.to_string(), signed(object.version), sealed_event(actor, &object, digest));
    change!(unit, "DELETE FROM sealed_chunk WHERE object_id = $1", id.clone())?;
    let written = change!(
        unit,
        "UPDATE sealed_object SET version = $1, digest = $2, size = $3
         WHERE id = $4 AND version = $5 AND case_id = $6 AND kind = $7",
        version,
        digest.to_vec(),
        signed(size),
        id.clone(),
        version - 1,
        object.case.to_string(),
        object.kind.clone()
    )?;
    if written != 1 {
        return Err(StoreError::Conflict("sealed object"));
    }
    add_chunks(unit, &id, 0, object.chunks).await?;
    unit.record(event);
    Ok(())
}

/// Adds chunks to an object whose row comes later (a mail that is still arriving), from number `first`.
pub async fn add_chunks(
    unit: &mut Unit,
    id: &str,
    first: i64,
    chunks: Vec<Vec<u8>>,
) -> Result<(), StoreError> {
    for (n, bytes) in (first..).zip(chunks) {
        change!(
            unit,
            "INSERT INTO sealed_chunk (object_id, n, bytes) VALUES ($1, $2, $3)",
            id.to_owned(),
            n,
            bytes
        )?;
    }
    Ok(())
}

/// Stores the row of an object whose chunks are already there, and its event.
pub async fn put_row(
    unit: &mut Unit,
    actor: &Actor,
    object: &NewObject,
    digest: [u8; 32],
    size: u64,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO sealed_object (id, case_id, kind, version, digest, size, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        object.id.to_string(),
        object.case.to_string(),
        object.kind.clone(),
        signed(object.version),
        digest.to_vec(),
        signed(size),
        now
    )?;
    unit.record(sealed_event(actor, object, digest));
    Ok(())
}

/// Takes away a sealed thing that its owner removed (an attachment of a draft), with its event.
pub async fn remove(unit: &mut Unit, actor: &Actor, id: ObjectId) -> Result<(), StoreError> {
    change!(unit, "DELETE FROM sealed_chunk WHERE object_id = $1", id.to_string())?;
    let gone = change!(unit, "DELETE FROM sealed_object WHERE id = $1", id.to_string())?;
    if gone != 1 {
        return Err(StoreError::Missing("sealed object"));
    }
    unit.record(EventDraft::new(Act::Erased, actor.clone()).on(object_of("object", &id.to_string(), 0)));
    Ok(())
}

/// Chunks that no object row owns, because a mail never came to its end, and whose id is older than
/// `before` (ids begin with their time): taken away. Gives the number of rows.
pub async fn sweep_orphan_chunks(unit: &mut Unit, before: ObjectId) -> Result<u64, StoreError> {
    change!(
        unit,
        "DELETE FROM sealed_chunk WHERE object_id < $1 AND object_id NOT IN (SELECT id FROM sealed_object)",
        before.to_string()
    )
}

/// The case file's sealed bytes. `None` when it was erased.
pub async fn case_file(
    door: &mut impl Sees,
    recorded: &Recorded,
    case: CaseId,
) -> Result<Option<Vec<u8>>, StoreError> {
    if !recorded.covers(case) {
        return Err(StoreError::Missing("recorded read"));
    }
    case_bytes(door, case).await
}

/// The case file's sealed bytes for a recorded read of the restricted part.
pub async fn case_file_restricted(
    door: &mut impl Sees,
    recorded: &RestrictedRecorded,
    case: CaseId,
) -> Result<Option<Vec<u8>>, StoreError> {
    if !recorded.covers(case) {
        return Err(StoreError::Missing("recorded read"));
    }
    case_bytes(door, case).await
}

async fn case_bytes(door: &mut impl Sees, case: CaseId) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>, i64)> = one!(
        door,
        (Vec<u8>, Vec<u8>, i64),
        "SELECT bytes, digest, erased_at FROM case_file WHERE case_id = $1",
        case.to_string()
    )?;
    let (bytes, digest, erased) = row.ok_or(StoreError::Missing("case"))?;
    if Sha256::digest(&bytes).as_slice() != digest.as_slice() {
        return Err(StoreError::Tampered(format!("case_file {case}")));
    }
    Ok((erased == 0).then_some(bytes))
}

/// The rows of everything sealed to a case, oldest first; no bytes.
pub async fn objects(door: &mut impl Sees, case: CaseId) -> Result<Vec<ObjectRow>, StoreError> {
    all!(
        door,
        ObjectRow,
        "SELECT id, case_id, kind, version, digest, size FROM sealed_object WHERE case_id = $1
         ORDER BY created_at, id",
        case.to_string()
    )
}

/// The newest object of a kind, with its bytes. Restricted kinds are not handed out here.
pub async fn newest(
    door: &mut impl Sees,
    recorded: &Recorded,
    case: CaseId,
    kind: &str,
) -> Result<Option<SealedBytes>, StoreError> {
    if !recorded.covers(case) || RESTRICTED_KINDS.contains(&kind) {
        return Err(StoreError::Missing("recorded read"));
    }
    newest_of_kind(door, case, kind).await
}

/// The newest object of a restricted kind, against a restricted read.
pub async fn newest_restricted(
    door: &mut impl Sees,
    recorded: &RestrictedRecorded,
    case: CaseId,
    kind: &str,
) -> Result<Option<SealedBytes>, StoreError> {
    if !recorded.covers(case) {
        return Err(StoreError::Missing("recorded read"));
    }
    newest_of_kind(door, case, kind).await
}

/// The object of a kind with this version, with its bytes. Restricted kinds are not handed out here.
pub async fn numbered(
    door: &mut impl Sees,
    recorded: &Recorded,
    case: CaseId,
    kind: &str,
    version: u64,
) -> Result<Option<SealedBytes>, StoreError> {
    if !recorded.covers(case) || RESTRICTED_KINDS.contains(&kind) {
        return Err(StoreError::Missing("recorded read"));
    }
    let row: Option<ObjectRow> = one!(
        door,
        ObjectRow,
        "SELECT id, case_id, kind, version, digest, size FROM sealed_object
         WHERE case_id = $1 AND kind = $2 AND version = $3",
        case.to_string(),
        kind.to_owned(),
        signed(version)
    )?;
    let Some(row) = row else { return Ok(None) };
    with_bytes(door, row).await.map(Some)
}

async fn newest_of_kind(
    door: &mut impl Sees,
    case: CaseId,
    kind: &str,
) -> Result<Option<SealedBytes>, StoreError> {
    let row: Option<ObjectRow> = one!(
        door,
        ObjectRow,
        "SELECT id, case_id, kind, version, digest, size FROM sealed_object
         WHERE case_id = $1 AND kind = $2 ORDER BY version DESC LIMIT 1",
        case.to_string(),
        kind.to_owned()
    )?;
    let Some(row) = row else { return Ok(None) };
    with_bytes(door, row).await.map(Some)
}

async fn with_bytes(door: &mut impl Sees, row: ObjectRow) -> Result<SealedBytes, StoreError> {
    let bytes = chunks_of(door, &row.id).await?;
    if Sha256::digest(&bytes).as_slice() != row.digest.as_slice() {
        return Err(StoreError::Tampered(format!("sealed_object {}", row.id)));
    }
    let id =
        row.id.parse().map_err(|_| StoreError::Row { table: "sealed_object", column: "id", id: row.id })?;
    Ok(SealedBytes { id, version: u64::try_from(row.version).unwrap_or(0), bytes })
}

/// All chunks of an object, one after the other; empty when there are none. Sealed bytes without a
/// key are nobody's content: `audit verify` reads them too.
pub(super) async fn chunks_of(door: &mut impl Sees, id: &str) -> Result<Vec<u8>, StoreError> {
    let rows: Vec<(Vec<u8>,)> = all!(
        door,
        (Vec<u8>,),
        "SELECT bytes FROM sealed_chunk WHERE object_id = $1 ORDER BY n",
        id.to_owned()
    )?;
    Ok(rows.into_iter().flat_map(|(bytes,)| bytes).collect())
}

fn digest_of(chunks: &[Vec<u8>]) -> ([u8; 32], u64) {
    let mut hash = Sha256::new();
    chunks.iter().for_each(|chunk| hash.update(chunk));
    (hash.finalize().into(), chunks.iter().map(|chunk| chunk.len() as u64).sum())
}

/// Says all that the row says, so that a row given to another case or kind is found out.
fn sealed_event(actor: &Actor, object: &NewObject, digest: [u8; 32]) -> EventDraft {
    EventDraft::new(Act::ContentSealed, actor.clone())
        .on(object_of("object", &object.id.to_string(), object.version))
        .digest(digest)
        .extra("kind", Code::of(&object.kind))
        .extra("case", Code::of(&object.case.to_string()))
}

pub(super) fn object_of(kind: &'static str, id: &str, version: u64) -> Object {
    Object::new(kind, Code::of(id)).version(version)
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
