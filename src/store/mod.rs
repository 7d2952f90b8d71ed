//! The only user of sqlx: SQL written once, two engines, three doors (DESIGN section 4).
//!
//! - [`Store::read`] sees clear columns only.
//! - [`Store::view`] commits the access event first and returns a [`Recorded`]; sealed bytes are
//!   handed out only against one, so an unrecorded read does not compile.
//! - [`Store::write`] is a unit of work that refuses to commit without an event.
//!
//! On SQLite one writer commits the units that wait at the same moment together, a savepoint each,
//! one fsync; on PostgreSQL each unit is a transaction that takes the head of the trail last.
//!
//! A crash before the commit leaves nothing of a unit; a crash after it leaves all of it, its event
//! included. A commit whose outcome is unknown is [`StoreError::Unknown`]: the caller answers 451 or
//! 503 and idempotency answers the retry.

#[macro_use]
mod backend;
mod doors;
mod error;
mod migrate;
mod writer;

pub mod backup;
pub mod cases;
pub mod closing;
pub mod counts;
pub mod covers;
pub mod credentials;
pub mod drafts;
pub mod erasing;
pub mod family;
pub mod family_asks;
pub mod identities;
pub mod joiners;
pub mod lawful;
pub mod letters;
pub mod lines;
pub mod mails;
mod marks;
pub mod openings;
pub mod organisations;
pub mod passkeys;
pub mod people;
pub mod places;
pub mod referrals;
pub mod register;
pub mod requests;
pub mod resets;
pub mod rules;
mod seen;
pub mod sessions;
pub mod settings;
pub mod sign_ups;
pub mod throttle;
pub mod trail;

pub use crate::domain::access::{Recorded, RestrictedRecorded};
pub use doors::{Read, Sees, Snapshot, Store, Unit, View};
pub use error::StoreError;
pub use migrate::SCHEMA;

/// A future that a unit of work hands back.
pub type Work<'u, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'u>>;
