//! Schema steps: two folders with the same names (a test compares them), one number.
//!
//! A copy of the program refuses a schema that is newer than its own; an older one is brought
//! forward by one migrator at a time (sqlx takes a lock on PostgreSQL).

use super::backend::Db;
use super::{Read, StoreError};

/// The schema that this program knows.
pub const SCHEMA: i64 = 1;

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("src/store/migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// Brings the schema up to [`SCHEMA`], or says why it cannot.
pub(super) async fn migrate(db: &Db) -> Result<(), StoreError> {
    let done = match db {
        Db::Sqlite(pool) => SQLITE.run(pool).await,
        Db::Postgres { write, .. } => POSTGRES.run(write).await,
    };
    done.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(version) => too_new(version),
        other => StoreError::Schema(other.to_string()),
    })
}

/// The schema of a database as it stands; 0 when it has none yet.
///
/// # Errors
/// [`StoreError::Schema`] when it is newer than [`SCHEMA`].
pub(super) async fn schema_of(read: &mut Read) -> Result<i64, StoreError> {
    let there: Option<(i64,)> = match read {
        Read::Sqlite(_) => {
            one!(read, (i64,), "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")?
        }
        Read::Postgres(_) => one!(
            read,
            (i64,),
            "SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('_sqlx_migrations')"
        )?,
    };
    if there.is_none_or(|(tables,)| tables == 0) {
        return Ok(0);
    }
    let newest: Option<(i64,)> =
        one!(read, (i64,), "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations")?;
    match newest.map_or(0, |(version,)| version) {
        version if version > SCHEMA => Err(too_new(version)),
        version => Ok(version),
    }
}

fn too_new(version: i64) -> StoreError {
    StoreError::Schema(format!(
        "the database has schema {version} and this program knows {SCHEMA}: start a newer dutyline"
    ))
}
