//! The seal: every encrypted byte of dutyline, and the only room that speaks age.
//!
//! A child's record stays sensitive for a lifetime, so what dutyline writes for itself is
//! sealed with age's hybrid post-quantum recipient (`mlkem768x25519`) from the first day
//! (DESIGN section 5). What strangers send may be sealed to the older, classic kind of
//! key as well, because their tools may know no other; it is sealed again on arrival.
//!
//! | What | Sealed to | Why |
//! |---|---|---|
//! | case file ([`CaseFile`]) | relay key + offline recovery key | one small file opens a case; destroying it erases the case; the recovery key survives the loss of the relay |
//! | form, attachment, thread ([`seal_object`]) | the case's own key | nothing opens without the case file |
//! | restricted part ([`seal_padded`]) | the case's own key, padded | a full one and an empty one cannot be told apart by their length |
//! | mail and uploads as they arrive ([`ChunkSealer`]) | the case's own key, streamed and padded | never a clear temporary file, never a whole message in memory; and its length does not tell what the restricted part adds |
//! | what outsiders send ([`open_from_outside`]) | intake key (classic) or relay key (hybrid) | anyone with an age tool can write to us |
//!
//! ```text
//!  relay.key ─┐
//!             ├─> case file ─> case key ─> form · restricted part · attachments · mail chunks
//!  recovery ──┘      └──────> commitment salt ─> what the audit trail may remember
//! ```
//!
//! age says that bytes are whole; it does not say who sent them. A sender is known by
//! session, registered address or sender key, never by having sealed something.
//! Keys, case seeds and salts always come from the operating system: a repeatable
//! [`Rng`](crate::clock::Rng) would give away every case, so none can be handed in here.
//! A crash in this room loses what was not yet acknowledged and nothing else: no function
//! here changes anything outside itself, save [`KeySet::create`].

mod case;
mod envelope;
mod hybrid;
mod intake;
mod key_files;
mod keys;
mod sealed;
mod stream;

pub use case::{Case, CaseFile, OpenCase, commit};
pub use envelope::{SealError, SizeClasses};
pub use hybrid::{HybridIdentity, HybridRecipient, ParseKeyError};
pub use intake::{OutsideError, is_age, open_from_outside, seal_to_published};
pub use key_files::KeyError;
pub use keys::{KeySet, read_recovery_identity};
pub use sealed::{RESTRICTED_CLASSES, SMALL_CLASSES, open_object, open_padded, seal_object, seal_padded};
pub use stream::{CHUNK_LIMIT, ChunkSealer, SealedChunk, SealedStream, open_streamed};
