//! What keeps a database whole: a copy of one moment, the scrubbing of what was erased, and whether
//! what it commits is on disk when it says so.

use super::{Read, StoreError};

/// Writes a copy of a SQLite database to a file that is not there or empty, in one consistent state;
/// the relay may go on meanwhile. `false` for PostgreSQL, which has `pg_dump`. The caller makes the
/// file durable.
///
/// # Errors
/// A file that holds something, or a disk that is full.
pub async fn copy_to(read: &mut Read, file: &str) -> Result<bool, StoreError> {
    if matches!(read, Read::Postgres(_)) {
        return Ok(false);
    }
    change!(read, "VACUUM INTO $1", file.to_owned())?;
    Ok(true)
}

/// Whether what was erased is out of the database's own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrubbed {
    /// It is.
    Done,
    /// Not yet: a reader holds an older state; try later.
    InUse,
    /// PostgreSQL keeps old pages and its write-ahead log until it uses their place again.
    Server,
}

/// Takes what was erased out of the database's own files: deleted pages are overwritten at once
/// (`secure_delete`), but a write-ahead log keeps old pages until it is emptied, and PostgreSQL keeps
/// old rows until they are vacuumed.
pub async fn scrub(read: &mut Read) -> Result<Scrubbed, StoreError> {
    if matches!(read, Read::Postgres(_)) {
        change!(read, "VACUUM case_file")?;
        return Ok(Scrubbed::Server);
    }
    let done: Option<(i64,)> = one!(read, (i64,), "PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(if done.is_some_and(|(busy,)| busy == 0) { Scrubbed::Done } else { Scrubbed::InUse })
}

/// Whether a commit is on disk before it is answered: SQLite is always opened so, PostgreSQL may
/// have been configured otherwise (`synchronous_commit = off`).
pub async fn commits_are_durable(read: &mut Read) -> Result<bool, StoreError> {
    if matches!(read, Read::Sqlite(_)) {
        let level: Option<(i64,)> = one!(read, (i64,), "PRAGMA synchronous")?;
        return Ok(level.is_some_and(|(level,)| level >= 2));
    }
    let setting: Option<(String,)> = one!(read, (String,), "SHOW synchronous_commit")?;
    Ok(setting.is_some_and(|(setting,)| setting != "off"))
}
