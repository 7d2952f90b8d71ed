//! 4: get it there and know that it arrived.
//!
//! A referral is in its line's inbox with the commit that placed it; what is delivered here are the
//! letters that the commit left behind. A letter's life:
//!
//! ```text
//!  queued ──claim (lease, attempt counted)──> sending ──> sent        the next server has it
//!    ^                                          │ │ └───> failed      refused for good, or tried long enough
//!    └────────── Retry(at): the schedule ───────┘ └─────> suppressed  the mailbox is not confirmed
//! ```
//!
//! The attempt is recorded before it is made (HOUSE_STYLE 14), no transaction is open while a server
//! is spoken to, and the end of a letter is an event. A crash before sending loses nothing: the lease
//! ends after five minutes and the letter is taken again. A crash between sending and settling sends
//! it twice, with one Message-ID, by which receivers can fold the copies; the other order could lose
//! it, which is worse.
//!
//! A letter whose kind begins with `text-` leaves as a text, through the gateway; everything else is the same.
//!
//! A notice goes to a locality's mailbox only while that very address is confirmed (DESIGN section 8):
//! the published mailboxes are real. A suppressed notice is not sent later; the referral stands in the
//! line's inbox all the same, and an administrator sees what was suppressed.

mod family;
mod letter;
mod mailbox;
mod post;
mod run;
mod schedule;
mod texts;
mod worker;

#[cfg(test)]
mod tests;

pub use mailbox::{TEST_DAYS, confirm_mailbox, queue_mailbox_test};
pub use post::{Post, Ways};
pub use run::{Ran, run_one};
pub use schedule::{GIVE_UP, next_attempt};
pub use worker::worker;

use crate::domain::email::EmailAddress;
use crate::store::StoreError;

/// What letters say about this relay.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The relay's address on the web, such as `https://relay.example`.
    pub base_url: String,
    /// The relay's name in mail, the right half of every Message-ID.
    pub host: String,
    /// The address in `From`.
    pub from: EmailAddress,
    /// The name beside it.
    pub from_name: String,
}

/// What can go wrong in delivery; a letter that is only refused is not an error.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// No locality with this id.
    #[error("there is no such duty line")]
    NoLocality,
    /// The locality's mailbox is not an address.
    #[error("the duty line's mailbox is not an address that can be written to")]
    NoAddress,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
