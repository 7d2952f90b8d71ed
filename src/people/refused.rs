//! Why something that was asked about a person is not done.

use crate::store::StoreError;

/// What can go wrong when people are looked after.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// There is no such person, or they are not the asker's to look after: it looks alike.
    #[error("no such person")]
    Missing,
    /// Somebody else was first.
    #[error("changed meanwhile")]
    Conflict,
    /// It is not allowed; the sentence is for people.
    #[error("{0}")]
    Refused(&'static str),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_) => PeopleError::Missing,
            StoreError::Conflict(_) => PeopleError::Conflict,
            other => PeopleError::Store(other),
        }
    }
}

/// What a unit of work says: done, or refused with a sentence and nothing changed.
pub(super) type Said<T> = Result<T, &'static str>;
