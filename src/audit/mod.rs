//! 6: what is remembered, and how an outsider checks it (DESIGN section 6; RFC 6962, RFC 9162).
//!
//! Everything that happens in the relay, reads included, is one *event*: who did what to which
//! referral, when, by which door and with what outcome. An event is ids and codes only. No name,
//! no typed text and no search word can get in, because the only text type here ([`Code`]) refuses
//! everything that is not a code.
//!
//! ```text
//!  EventDraft ──> Head::admit(now, draft) ──> Event ──encode──> canonical bytes ──SHA-256──> leaf hash
//!  (other rooms)  the one place that gives     │                 (these ARE the event)          │
//!                 number and time              └─> Columns, for filtering only                  v
//!                                                                                    Edge ──> root
//!                                                                                               │
//!  an outsider:  events.jsonl ──Replay──> root  =?=  checkpoint.txt <── Ed25519 ── Checkpoint <─┘
//!                                                        ^
//!                                                   verifier key, learnt some other way
//! ```
//!
//! - [`code`], [`vocabulary`], [`event`], [`draft`]: what an event may say;
//! - [`canonical`]: its one byte form, and the strict reader of that form;
//! - [`tree`]: the Merkle tree (its right edge, proofs and their verification);
//! - [`head`]: number and time, given in one place;
//! - [`checkpoint`], [`key`]: the signed statement "this many events, this root";
//! - [`trail`]: the whole trail checked, naming the first event that does not fit;
//! - [`receipt`], [`bundle`]: what an outsider gets in the hand.
//!
//! The room is pure: no IO, no clock, no chance. A crash here loses nothing, since the store
//! commits an event in the same transaction as what the event is about.

pub mod code;

pub mod vocabulary;

pub mod event;

pub mod draft;

pub mod canonical;

pub mod tree;

pub mod head;

pub mod key;

pub mod checkpoint;

pub mod trail;

pub mod receipt;

pub mod signer;

pub mod bundle;

pub use canonical::{EventError, decode, encode};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use code::{Code, CodeError};
pub use draft::EventDraft;
pub use event::{Actor, Columns, Event, Object, columns};
pub use head::{Admitted, Head};
pub use key::{KeyError, Origin, VerifierKey};
pub use receipt::{Receipt, ReceiptError};
pub use signer::Signer;
pub use trail::{Checked, Misfit, Replay, StoredEvent, TrailCheck, first_misfit, verify_events};
pub use tree::{Edge, EdgeError, Hash};
pub use vocabulary::{Act, ActorKind, Door, Outcome};
