//! Whose log it is and with what key it is checked: the C2SP signed-note verifier key,
//! `<origin>+<key id, 8 hex digits>+<base64 of 0x01 ‖ Ed25519 public key>`.
//!
//! This one line is the trust anchor. Whoever checks a trail must have got it some other way than
//! from the folder that is being checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;

/// The note format's number for Ed25519.
const ED25519: u8 = 1;

/// The most bytes an origin may have; ours, the format sets none.
pub const MAX_ORIGIN: usize = 200;

/// The name of one log, such as `relay.example/log`: configuration. A log that starts anew after a
/// restore has another origin, so two histories never pass for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// Why a text is not an origin or not a verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, too long, or with white space, a control character or a plus sign.
    #[error("an origin has 1 to {MAX_ORIGIN} bytes, no spaces and no plus sign, such as relay.example/log")]
    Origin,
    /// Not three parts joined by plus signs.
    #[error("a verifier key is one line: origin, plus sign, 8 hex digits, plus sign, base64")]
    Form,
    /// Another algorithm than Ed25519, or not a point on its curve.
    #[error("this verifier key is not an Ed25519 key")]
    Algorithm,
    /// The key id belongs to other bytes: mistyped, or put together from two keys.
    #[error("the key id in this verifier key does not belong to it; check that it was copied whole")]
    Id,
}

impl Origin {
    /// An origin from configuration.
    ///
    /// # Errors
    /// When it is empty, longer than [`MAX_ORIGIN`] bytes, or has a space, control character or `+`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > MAX_ORIGIN || text.contains(bad) {
            return Err(KeyError::Origin);
        }
        Ok(Self(text.to_owned()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An origin and the public key that signs for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    origin: Origin,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The verifier key of a public key.
    pub fn new(origin: Origin, key: VerifyingKey) -> Self {
        Self { origin, key }
    }

    /// The verifier key that belongs to a signing key.
    pub fn of(origin: Origin, key: &SigningKey) -> Self {
        Self::new(origin, key.verifying_key())
    }

    /// Reads the one-line form; white space around it is ignored.
    ///
    /// # Errors
    /// When the form, the algorithm or the key id is wrong.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (origin, rest) = text.trim().split_once('+').ok_or(KeyError::Form)?;
        let (id, base64) = rest.split_once('+').ok_or(KeyError::Form)?;
        let bytes = STANDARD.decode(base64).map_err(|_| KeyError::Form)?;
        let (algorithm, key) = bytes.split_first().ok_or(KeyError::Form)?;
        let key: &[u8; 32] = key.try_into().map_err(|_| KeyError::Algorithm)?;
        if *algorithm != ED25519 {
            return Err(KeyError::Algorithm);
        }
        let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::Algorithm)?;
        let parsed = Self::new(Origin::parse(origin)?, key);
        if parsed.id_in_hex() == id { Ok(parsed) } else { Err(KeyError::Id) }
    }

    /// Whose log it is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key id: the first four bytes of SHA-256(origin ‖ line feed ‖ 0x01 ‖ public key).
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(self.origin.as_str()).chain_update([b'\n']);
        let hash = hash.chain_update(self.tagged()).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Did this key sign `text`? Strict: a signature has one form, and weak keys sign nothing.
    pub(super) fn signed(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(text, &Signature::from_bytes(signature)).is_ok()
    }

    fn id_in_hex(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id()))
    }

    fn tagged(&self) -> [u8; 33] {
        let mut bytes = [ED25519; 33];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        bytes
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.origin, self.id_in_hex(), STANDARD.encode(self.tagged()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> VerifierKey {
        VerifierKey::of(Origin::parse("relay.example/log").unwrap(), &SigningKey::from_bytes(&[7; 32]))
    }

    #[test]
    fn the_line_is_the_one_that_others_write_and_read() {
        let line = sample().to_string();
        let public = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(line, signed_note::new_ed25519_verifier_key("relay.example/log", &public));
        assert!(signed_note::StandardVerifier::new(&line).is_ok());
        assert_eq!(VerifierKey::parse(&format!("{line}\n")), Ok(sample()));
    }

    #[test]
    fn the_fault_is_named() {
        let line = sample().to_string();
        assert_eq!(VerifierKey::parse(""), Err(KeyError::Form));
        assert_eq!(VerifierKey::parse("relay.example/log+00000000"), Err(KeyError::Form));
        assert_eq!(VerifierKey::parse(&line.replace("relay", "other")), Err(KeyError::Id));
        assert_eq!(VerifierKey::parse(&line.replacen("+", "+0", 1)), Err(KeyError::Id));
        assert_eq!(VerifierKey::parse("a.example+00000000+AQ=="), Err(KeyError::Algorithm));
        let other = format!("a.example+00000000+{}", STANDARD.encode([2; 33]));
        assert_eq!(VerifierKey::parse(&other), Err(KeyError::Algorithm));
        for bad in ["", "two words", "a+b", "a\u{7f}b", "a\nb", &"a".repeat(201)] {
            assert_eq!(Origin::parse(bad), Err(KeyError::Origin), "{bad:?}");
        }
    }
}
