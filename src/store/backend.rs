//! Two real pools behind one enum, and the macro that type-checks a statement against both drivers.
//!
//! Not `sqlx::Any` (no BOOLEAN on SQLite, no WAL settings), not two implementations (they drift).

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::StoreError;

/// How long a statement waits for another writer of the same SQLite file.
const BUSY: Duration = Duration::from_secs(10);
/// Most connections that read at once.
const READERS: u32 = 16;

/// The pools that reads use, and on PostgreSQL writes too.
pub enum Db {
    /// The embedded engine.
    Sqlite(SqlitePool),
    /// The engine for several copies. Writes have a pool of their own: whoever holds a reading
    /// connection never waits for one that another reader holds.
    Postgres {
        /// For reads.
        read: PgPool,
        /// For units of work.
        write: PgPool,
    },
}

/// A connection of either engine, borrowed for one statement.
pub enum Conn<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut PgConnection),
}

/// Runs one expression on whichever engine is there; both arms are type-checked.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::backend::Conn::Sqlite($c) => $body,
            $crate::store::backend::Conn::Postgres($c) => $body,
        }
    };
}

/// Runs a statement that changes rows; gives the number of rows changed.
macro_rules! change {
    ($door:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        on!($crate::store::Sees::conn($door), c => sqlx::query($sql)$(.bind($bind))*.execute(&mut *c).await
            .map(|done| done.rows_affected()).map_err($crate::store::StoreError::from))
    };
}

/// Fetches at most one row as `$row`.
macro_rules! one {
    ($door:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        on!($crate::store::Sees::conn($door), c => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*
            .fetch_optional(&mut *c).await.map_err($crate::store::StoreError::from))
    };
}

/// Fetches all rows as `$row`.
macro_rules! all {
    ($door:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        on!($crate::store::Sees::conn($door), c => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*
            .fetch_all(&mut *c).await.map_err($crate::store::StoreError::from))
    };
}

/// Makes a new database file for its owner alone; SQLite gives its logs the same permissions. What keeps
/// it from being made is SQLite's to say.
fn private(file: &Path) {
    let named = file.parent().is_some_and(Path::is_dir);
    if named && !file.exists() {
        let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    }
}

/// What a database URL asks for.
pub(super) enum Target {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Target {
    /// Reads `sqlite:PATH` or `postgres:…`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let unreadable = |error: sqlx::Error| StoreError::Unavailable(format!("database URL: {error}"));
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return PgConnectOptions::from_str(url).map(Target::Postgres).map_err(unreadable);
        }
        let options = SqliteConnectOptions::from_str(url).map_err(unreadable)?;
        Ok(Target::Sqlite(options.synchronous(SqliteSynchronous::Full).foreign_keys(true).busy_timeout(BUSY)))
    }

    /// Connections that change nothing, not even an empty file into a database: for a check.
    pub(super) async fn pool_to_look(&self) -> Result<Db, StoreError> {
        Ok(match self {
            Target::Sqlite(options) => {
                let options = options.clone().read_only(true);
                Db::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
            }
            Target::Postgres(options) => {
                let options = durable(options).options([("default_transaction_read_only", "on")]);
                // One connection says why there is none; a pool would try until its time is up.
                let connecting = PgConnection::connect_with(&options);
                let connected = tokio::time::timeout(BUSY, connecting).await;
                connected.map_err(|_| sqlx::Error::PoolTimedOut)??.close().await?;
                let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(BUSY);
                let pool = pool.connect_with(options).await?;
                Db::Postgres { read: pool.clone(), write: pool }
            }
        })
    }

    pub(super) async fn pool(&self) -> Result<Db, StoreError> {
        if let Target::Sqlite(options) = self {
            private(options.get_filename());
        }
        Ok(match self {
            Target::Sqlite(options) => Db::Sqlite(
                SqlitePoolOptions::new().max_connections(READERS).connect_with(written(options)).await?,
            ),
            Target::Postgres(options) => {
                let options = durable(options);
                let pool = || PgPoolOptions::new().max_connections(READERS).acquire_timeout(BUSY);
                Db::Postgres {
                    read: pool().connect_with(options.clone()).await?,
                    write: pool().connect_with(options).await?,
                }
            }
        })
    }

    /// The one connection through which SQLite is written.
    pub(super) async fn writer(&self) -> Result<Option<SqliteConnection>, StoreError> {
        match self {
            Target::Sqlite(options) => Ok(Some(SqliteConnection::connect_with(&written(options)).await?)),
            Target::Postgres(_) => Ok(None),
        }
    }
}

/// As a SQLite database is opened that is written to.
fn written(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    let options = options.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    options.pragma("secure_delete", "ON")
}

/// A commit is on disk before it is answered.
fn durable(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options([("synchronous_commit", "on")])
}
