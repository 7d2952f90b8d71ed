//! What somebody must implement to receive mail from this door.
//!
//! [`Intake::begin`] is asked when DATA begins and may say no. Its [`Sink`] gets the message in pieces and is
//! then told to commit. A sink that is dropped without a commit must leave nothing that counts as received:
//! the client has not been told that it was.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;

use thiserror::Error;

/// Takes messages. Called from many connections at once.
pub trait Intake: Send + Sync + 'static {
    /// Where the bytes of one message go.
    type Sink: Sink;

    /// Called when DATA begins, before the client is told to send. An error is the answer to DATA: 451, 452
    /// or 552.
    fn begin(&self, envelope: Envelope) -> impl Future<Output = Result<Self::Sink, Refusal>> + Send;
}

/// Takes the bytes of one message. Dropped without [`Sink::commit`], it was not received.
pub trait Sink: Send {
    /// The next bytes of the message, dots unstuffed, line ends as sent; 32 KiB at most in one call. The first
    /// call carries our own `Received:` header. After an error nothing more is written and nothing committed;
    /// the client hears of it after its final dot.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Commits what was received. `Ok` means durable, and is answered 250 with this queue id; it must carry
    /// nothing about a family.
    fn commit(self) -> impl Future<Output = Result<String, Refusal>> + Send;
}

/// Why a message cannot be taken, for now or for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// 451 4.3.0: the store is not there at the moment.
    #[error("the store cannot take mail at the moment")]
    Busy,
    /// 452 4.3.1: below the floor of free disk.
    #[error("not enough free disk")]
    DiskFull,
    /// 452 4.7.0: the peer brought as much as it may in one hour.
    #[error("the peer has had enough for this hour")]
    PeerLimit,
    /// 552 5.3.4: larger than we take.
    #[error("the message is too large")]
    TooLarge,
    /// 451 4.3.0: a commit whose outcome nobody knows. The sender tries again; idempotency sorts it out.
    #[error("the outcome of the commit is not known")]
    Unknown,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// The cipher suite by its registered name, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
}

/// What the dialogue said about one message. Its `Debug` shows no address, because an address may be a
/// family's.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path as the client gave it, without angle brackets; empty for the null return path `<>`.
    pub from: String,
    /// Which of our addresses it is for, as our configuration spells them; at least one, none twice.
    pub recipients: Vec<String>,
    /// What the client calls itself, letters, digits and `.-_:[]` only.
    pub helo: String,
    /// Where the connection comes from.
    pub peer: IpAddr,
    /// How it is encrypted; `None` in clear.
    pub tls: Option<TlsInfo>,
    /// Whether the message was announced with SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("from", &if self.from.is_empty() { "<>" } else { "<masked>" })
            .field("recipients", &self.recipients.len())
            .field("tls", &self.tls)
            .field("smtputf8", &self.smtputf8)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_address() {
        let envelope = Envelope {
            from: "amina@nursery.example".into(),
            recipients: vec!["referrals@relay.example".into()],
            helo: "aminas-phone".into(),
            peer: IpAddr::from([192, 0, 2, 7]),
            tls: None,
            smtputf8: false,
        };
        let shown = format!("{envelope:?}");
        for secret in ["amina", "nursery", "referrals", "192.0"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("recipients: 1"), "{shown}");
    }
}
