//! Mail out: what a letter says, and handing it to the next mail server. The only user of lettre.
//!
//! Ordinary mail carries no child data (DOMAIN section 8). Here that is a matter of types: a letter
//! is made of fixed words, a [`Reference`](crate::domain::reference::Reference), a locality's name
//! and numbers, and a link. Reasons are looked up by their code ([`advice`]); a sentence from a row
//! never gets in.
//!
//! Every letter is automatic, so it has a null return path and says so in its headers (RFC 3834
//! sections 3 and 5): nobody's holiday notice or bounce comes back to be answered again. A bounce
//! that arrives after the server has taken a letter is therefore not seen; that a referral is not
//! *acknowledged* is watched elsewhere.
//!
//! A crash while sending may leave a letter with the server although nobody here knows. It is sent
//! again with the same Message-ID, by which receivers can fold the copies.

pub mod advice;
pub mod letters;
mod memory;
pub mod message;
mod smtp;

pub use advice::Advice;
pub use letters::{FAMILY_PATH, Heading, Kind, LetterContext, LetterError, Line, render};
pub use memory::{MOST_KEPT, Memory};
pub use message::{Automatic, Message};
pub use smtp::{Smtp, SmtpServer, SmtpTls};

/// How letters leave.
pub enum Mailer {
    /// To a mail server, over verified TLS.
    Smtp(Box<Smtp>),
    /// Into memory: the demo's page and tests.
    Memory(Memory),
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The next server has it.
    Sent {
        /// Its reply code, or the name of the mailer.
        code: String,
    },
    /// Not now: trying again may help.
    Temporary {
        /// A reply code, or one word such as `timeout` or `tls`.
        code: String,
    },
    /// The server refused the recipient or the letter for good.
    Permanent {
        /// A reply code, or one word.
        code: String,
    },
}

impl SendOutcome {
    pub(crate) fn sent(code: impl Into<String>) -> Self {
        Self::Sent { code: code.into() }
    }

    pub(crate) fn temporary(code: impl Into<String>) -> Self {
        Self::Temporary { code: code.into() }
    }

    pub(crate) fn permanent(code: impl Into<String>) -> Self {
        Self::Permanent { code: code.into() }
    }
}

/// What can go wrong before a server is asked.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address that lettre does not take.
    #[error("an address in the letter cannot be written to")]
    Address,
    /// The message cannot be put together.
    #[error("the message cannot be built: {0}")]
    Build(#[from] lettre::error::Error),
    /// The certificate file or the TLS settings cannot be used.
    #[error("TLS for mail cannot be set up: {0}. Check the certificate file and the server's name")]
    Tls(lettre::transport::smtp::Error),
    /// The certificate file holds no certificate.
    #[error("the certificate file for mail holds no certificate: it has to be PEM")]
    NoCertificate,
    /// The server cannot be reached or signed in to.
    #[error("the mail server cannot be used: {0}")]
    Server(String),
}

impl Mailer {
    /// Hands one letter over; takes at most about a minute. Never an error: the outcome says
    /// whether to try again.
    pub async fn send(&self, message: &Message) -> SendOutcome {
        let (envelope, bytes) = match message.built() {
            Ok(built) => built,
            Err(error) => {
                tracing::warn!(letter = %message.id, %error, "a letter could not be built");
                return SendOutcome::permanent("not-built");
            }
        };
        match self {
            Mailer::Smtp(smtp) => smtp.send(&envelope, &bytes).await,
            Mailer::Memory(memory) => memory.send(message),
        }
    }

    /// Tries the way out without sending anything, for `dutyline doctor`: connects and signs in.
    ///
    /// # Errors
    /// [`MailError::Server`], with the cause.
    pub async fn check(&self) -> Result<(), MailError> {
        match self {
            Mailer::Smtp(smtp) => smtp.check().await,
            Mailer::Memory(_) => Ok(()),
        }
    }
}
