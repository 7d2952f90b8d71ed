//! Texts out: short messages to a telephone, through a gateway that has the shape of GOV.UK Notify's API.
//!
//! A text carries no child data (DOMAIN section 8): its words are fixed, and what is filled in is a code or
//! a link of one length. The words that are sent stand at the gateway, as it wants them; the same words are
//! in `templates/letters/text-*/body.txt`, for the demo, for tests and to be copied there.
//!
//! A crash while sending may leave a text with the gateway although nobody here knows. It is sent again
//! then, under the same reference: somebody gets the same code twice, which is better than never.

mod http;
pub mod key;
mod kinds;
mod memory;
mod notify;

pub use key::{ApiKey, KeyError};
pub use kinds::{CODE_MINUTES, Given, Kind};
pub use memory::{Captured, MOST_KEPT, Memory};
pub use notify::{Notify, NotifySettings};

use crate::domain::ids::LetterId;
use crate::domain::phone::Phone;
use crate::domain::time::Instant;

/// One text as it goes out. No `Debug`: what is filled in may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The letter it is; the gateway is told it as the reference.
    pub id: LetterId,
    /// Which words.
    pub kind: Kind,
    /// To whom.
    pub to: Phone,
    /// What is filled in.
    pub given: Given,
    /// When this attempt is made.
    pub date: Instant,
}

/// How texts leave.
pub enum Texter {
    /// To the gateway, over verified TLS.
    Notify(Box<Notify>),
    /// Into memory: the demo's page and tests.
    Memory(Memory),
}

/// What became of one attempt; the code is what the trail keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextOutcome {
    /// The gateway has it.
    Sent {
        /// Its status, or the name of the texter.
        code: String,
    },
    /// Not now: trying again may help.
    Temporary {
        /// A status and a word, or one word such as `timeout`.
        code: String,
    },
    /// The gateway refuses this number or this text for good.
    Permanent {
        /// A status and a word, or one word.
        code: String,
    },
}

impl TextOutcome {
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

/// What can go wrong before the gateway is asked for a text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The gateway's address is not one that is asked.
    #[error("its address has to begin with https://, or lead to this machine itself")]
    Address,
    /// The certificate file cannot be used.
    #[error("certificates: {0}")]
    Certificates(String),
    /// The gateway cannot be reached or does not know us.
    #[error("the text gateway cannot be used: {0}")]
    Gateway(String),
}

impl Texter {
    /// Hands one text over; takes at most ten seconds. Never an error: the outcome says whether to try again.
    pub async fn send(&self, text: &Text) -> TextOutcome {
        if !text.to.takes_texts() {
            return TextOutcome::permanent("no-mobile");
        }
        match self {
            Texter::Notify(notify) => notify.send(text).await,
            Texter::Memory(memory) => memory.send(text),
        }
    }

    /// Tries the way out without sending anything, for `dutyline doctor`: whether the gateway knows our key
    /// and has the templates.
    ///
    /// # Errors
    /// [`TextError::Gateway`], with the cause.
    pub async fn check(&self, now: Instant) -> Result<(), TextError> {
        match self {
            Texter::Notify(notify) => notify.check(now).await,
            Texter::Memory(_) => Ok(()),
        }
    }
}
