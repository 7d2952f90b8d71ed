//! The mail door: how an encrypted referral arrives by SMTP.
//!
//! A setting's mail server (or `swaks`, or a script) connects, says who the mail is for and hands over the
//! message. This room answers the dialogue, finds where the message ends, and pours its bytes into a
//! [`Sink`] that somebody else provides. It understands nothing of what the message means.
//!
//! The one promise (DESIGN section 1): **a 250 after the final dot is said only when the sink has
//! committed.** A crash, a cut line or a failed write before that drops the sink; nothing was acknowledged,
//! and the sender's own queue tries again. A crash between commit and 250 means that the sender sends the
//! same mail twice, which the pipeline's idempotency turns into one referral.
//!
//! ```text
//!             HELO/EHLO            MAIL FROM           RCPT TO (1..100)
//!   New ────────────────> Greeted ──────────> Mail ───────────────┐
//!    ^                     ^  ^ ^              │ ^────────────────┘
//!    │ STARTTLS            │  │ └─── RSET ─────┤
//!    │ (all forgotten,     │  └── HELO/EHLO ────┤
//!    │  unread plaintext   │                   │ DATA, intake agrees: 354
//!    │  dropped)           │                   v
//!    └─ any state          └── 250 or 4xx/5xx ── content until CR LF . CR LF
//!
//!   421 and close, from any state: too many errors or commands, too slow, the service stops.
//! ```
//!
//! Where things are, each testable without the ones after it:
//!
//! - [`limits`]: every number, with its unit
//! - [`reply`]: what we say; never an echo of what the client sent
//! - [`address`]: mailboxes, and the few that exist here (no relaying)
//! - [`command`]: one line becomes a command or a fault
//! - [`session`]: the dialogue, no IO: a line in, a reply and an effect out
//! - [`lines`], [`data`]: where a command line and a message end, no IO
//! - [`handover`]: what the pipeline implements to receive mail
//! - [`trace`]: the `Received:` header put before the content
//! - `wire`, `connection`, `slots`, `rates`, [`listener`]: sockets, time and counting
//!
//! RFC 5321 (SMTP), 1870 (SIZE), 2034 and 3463 (enhanced codes), 2920 (pipelining), 3207 (STARTTLS), 6152
//! (8BITMIME), 6531 (SMTPUTF8). On smuggling: only CR LF . CR LF ends a message, a bare LF never ends a
//! command, and bytes sent ahead of a refused DATA are never read as commands.

pub mod limits;

pub mod reply;

pub mod address;

pub mod command;

pub mod handover;

pub mod session;

pub mod lines;

pub mod data;

pub mod trace;

mod wire;

mod slots;

mod rates;

mod connection;

pub mod listener;

pub use address::Addresses;
pub use handover::{Envelope, Intake, Refusal, Sink, TlsInfo};
pub use limits::Limits;
pub use listener::{Config, serve};
pub use slots::{Slot, Slots};

#[cfg(test)]
mod tests;
