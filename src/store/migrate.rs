//! Schema steps: two folders with the same names (a test compares them), one number.
//!
//! A copy of the program refuses a schema that is newer than its own; an older one is brought
//! forward by one migrator at a time (sqlx takes a lock on PostgreSQL).

use super::StoreError;
use super::backend::Db;

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
        sqlx::migrate::MigrateError::VersionMissing(version) => StoreError::Schema(format!(
            "the database has schema {version} and this program knows {SCHEMA}: start a newer dutyline"
        )),
        other => StoreError::Schema(other.to_string()),
    })
}
