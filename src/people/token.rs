//! The secret that a cookie or a link carries.

use sha2::{Digest, Sha256};

use crate::domain::ids::LetterId;
use crate::relay::Relay;

/// A secret that a browser or a mail carries: 64 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one, by chance.
    pub(super) fn new(relay: &Relay) -> Self {
        Self(relay.chance::<32>())
    }

    /// The token of the link in a letter, for one purpose.
    pub(super) fn of_letter(relay: &Relay, purpose: &str, letter: LetterId) -> Self {
        Self(relay.letter_token(purpose, letter))
    }

    /// Reads a token as it was sent; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        let sound =
            text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        sound.then(|| Self(text.to_owned()))
    }

    /// For the cookie or the link; never for a log.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}
