//! Who is at the door: sessions, links, ways of signing in, rights.
//!
//! ```text
//! link, password, passkey or single sign-on ─> session (second step · setting up · full) ─> Person
//! ```
//!
//! A token is 256 random bits; the database keeps its SHA-256 only, so a stolen backup signs nobody in.
//! Whenever somebody comes further (the second step, a new password) the session gets another token,
//! so a token that was planted or seen before is worth nothing afterwards.

pub mod by_password;
mod covers;
pub mod devices;
pub mod factors;
mod links;
pub mod mailed_code;
mod own;
pub mod passkeys;
pub mod password;
pub mod recovery;
pub mod reset;
mod sessions;
pub mod sso;
mod throttle;
mod token;
pub mod totp;

pub use by_password::{Attempt, FirstStep, by_password};
pub use covers::{CoverError, Covering, covers_of, end_cover, grant_cover, who_may_cover};
// Joiners, movers, leavers
pub mod approval;
pub mod import;
mod invitations;
pub mod joining;
pub mod looking_after;
mod notices;
mod refused;
pub mod waiting;

pub use links::{LINK, link, use_link};
pub use own::{Ends, end_own, own_sessions};
pub use sessions::{
    Begin, SignedIn, advance, begin, checked, rested, sign_in, sign_in_to_demo, sign_out, stay, sweep, whose,
};
pub use token::Token;

pub use invitations::{INVITATION, accept, invited, send_again, withdraw};
pub use refused::PeopleError;

use crate::audit::{Code, Object};
use crate::domain::ids::PersonId;

/// A person as the object of an event.
fn of_person(id: PersonId) -> Object {
    Object::new("person", Code::of(&id.to_string()))
}
