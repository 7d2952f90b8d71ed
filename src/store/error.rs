//! What can go wrong in the store, without HTTP or SMTP in it: the doors translate.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique, foreign key or check constraint said no: the name tells which.
    #[error("constraint {0}")]
    Constraint(String),
    /// What the decision hung on has changed since it was read: decide again.
    #[error("{0} has changed meanwhile")]
    Conflict(&'static str),
    /// The row is not there (or not the asker's, which looks alike).
    #[error("no such {0}")]
    Missing(&'static str),
    /// A stored value does not parse: table, column and id are named, the value is not.
    #[error("{table}.{column} of {id} cannot be read")]
    Row {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row.
        id: String,
    },
    /// The stored digest of sealed bytes does not match them.
    #[error("the record {0} has been changed outside the relay and cannot be shown")]
    Tampered(String),
    /// A unit of work had nothing for the trail.
    #[error("a unit of work without an event was not committed")]
    Unaudited,
    /// The disk or the database is full or unreachable; nothing was stored.
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    /// The commit may or may not have happened.
    #[error("the outcome of a commit is not known: {0}")]
    Unknown(String),
    /// A statement that should work did not.
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
    /// The schema is newer than this program, or cannot be made.
    #[error("schema: {0}")]
    Schema(String),
}

impl StoreError {
    /// Whether only this unit fails, so that others committed with it may go on.
    pub(super) fn spares_the_batch(&self) -> bool {
        matches!(
            self,
            StoreError::Constraint(_)
                | StoreError::Conflict(_)
                | StoreError::Missing(_)
                | StoreError::Unaudited
        )
    }

    /// A copy for another unit that waited in the same commit.
    pub(super) fn for_the_batch(&self, committing: bool) -> StoreError {
        if committing {
            StoreError::Unknown(self.to_string())
        } else {
            StoreError::Unavailable(self.to_string())
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if !matches!(database.kind(), sqlx::error::ErrorKind::Other) => {
                let name = database.constraint().map_or_else(|| database.message().to_owned(), str::to_owned);
                StoreError::Constraint(name)
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                StoreError::Unavailable(error.to_string())
            }
            sqlx::Error::Database(database) if full(database.message()) => {
                StoreError::Unavailable(database.message().to_owned())
            }
            _ => StoreError::Sql(error),
        }
    }
}

fn full(message: &str) -> bool {
    ["full", "disk I/O error", "No space", "locked"].iter().any(|sign| message.contains(sign))
}
