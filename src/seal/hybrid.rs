//! The hybrid key: age's `mlkem768x25519` recipient and identity.
//!
//! The age crate in use knows only the classic X25519 keys, so the post-quantum kind is
//! added here through its two public traits. The file key is wrapped by HPKE (RFC 9180,
//! base mode) with the X-Wing key encapsulation, HKDF-SHA256 and ChaCha20-Poly1305, as
//! the C2SP age specification lays down ("mlkem768x25519 recipient stanza"). Whoever
//! breaks only ML-KEM, or only X25519, has gained nothing.
//!
//! X-Wing never fails on a wrong key: it yields another secret, and the small sealed file
//! key then does not open. A damaged stanza therefore looks like a stanza for somebody
//! else, and both are answered "not mine".

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::secrecy::ExposeSecret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use bech32::{FromBase32, ToBase32, Variant};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::clock::Rng;

/// First argument of the stanza, by which an identity knows its own kind.
const STANZA_TAG: &str = "mlkem768x25519";
/// HPKE's `info`: binds a wrapped key to this use.
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// Label that keeps age from mixing these keys with ones a quantum computer could break.
const LABEL: &str = "postquantum";
/// Human-readable part of a recipient (lower case, as bech32 counts its checksum).
const RECIPIENT_HRP: &str = "age1pq";
/// Human-readable part of an identity; printed in capitals.
const IDENTITY_HRP: &str = "age-secret-key-pq-";
/// Bytes of the seed that is the identity.
const SEED_BYTES: usize = 32;
/// Bytes of the encapsulated key in a stanza.
const ENC_BYTES: usize = 1120;
/// Bytes of the wrapped file key: the key and ChaCha20-Poly1305's tag.
const BODY_BYTES: usize = FILE_KEY_BYTES + 16;
/// Bytes one stanza takes in a header: `-> tag enc\nbody\n` in unpadded base64.
pub(super) const STANZA_BYTES: usize =
    3 + STANZA_TAG.len() + 1 + (ENC_BYTES * 4).div_ceil(3) + 1 + (BODY_BYTES * 4).div_ceil(3) + 1;

type PublicKey = <XWing as Kem>::PublicKey;
type PrivateKey = <XWing as Kem>::PrivateKey;

/// Why a text is not a hybrid key. Says nothing of the text itself, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseKeyError {
    /// A letter is wrong or missing, or the checksum does not match.
    #[error("this is not a complete age key: check that no letter is missing or mistyped")]
    NotBech32,
    /// A sound key of another kind, such as a classic `age1…` one.
    #[error("this is an age key of another kind than the one asked for")]
    OtherKind,
    /// The right kind, but the content is not a possible key.
    #[error("this age key has the wrong content for its kind")]
    BadContent,
}

/// Whom something is sealed to: the public half, written `age1pq1…` (1,959 characters).
#[derive(Clone, PartialEq, Eq)]
pub struct HybridRecipient(PublicKey);

/// Who can open it: the secret half, written `AGE-SECRET-KEY-PQ-1…`. Wiped from memory
/// when dropped; has neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct HybridIdentity {
    secret: PrivateKey,
    public: HybridRecipient,
}

impl HybridIdentity {
    /// A fresh identity from the operating system's randomness.
    pub fn generate() -> Self {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        Rng::System.fill(seed.as_mut());
        let secret = PrivateKey::from_bytes(seed.as_ref()).expect("a seed is any 32 bytes");
        Self::from_secret(secret)
    }

    fn from_secret(secret: PrivateKey) -> Self {
        let public = HybridRecipient(XWing::sk_to_pk(&secret));
        Self { secret, public }
    }

    /// The public half.
    pub fn recipient(&self) -> &HybridRecipient {
        &self.public
    }

    /// The secret as text, for a key file or a case file. The text is wiped when dropped.
    pub fn to_secret_string(&self) -> Zeroizing<String> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        self.secret.write_exact(seed.as_mut());
        let mut text = Zeroizing::new(encode(IDENTITY_HRP, seed.as_ref()));
        text.make_ascii_uppercase();
        text
    }
}

impl FromStr for HybridIdentity {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        let seed = decode(IDENTITY_HRP, text)?;
        let secret = PrivateKey::from_bytes(&seed).map_err(|_| ParseKeyError::BadContent)?;
        Ok(Self::from_secret(secret))
    }
}

impl FromStr for HybridRecipient {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        let bytes = decode(RECIPIENT_HRP, text)?;
        PublicKey::from_bytes(&bytes).map(Self).map_err(|_| ParseKeyError::BadContent)
    }
}

impl fmt::Display for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(RECIPIENT_HRP, &self.0.to_bytes()))
    }
}

/// Only the first letters: a whole recipient would drown a log line.
impl fmt::Debug for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HybridRecipient({:.16}…)", self.to_string())
    }
}

fn encode(hrp: &str, bytes: &[u8]) -> String {
    bech32::encode(hrp, bytes.to_base32(), Variant::Bech32).expect("the two prefixes are valid bech32")
}

fn decode(hrp: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, ParseKeyError> {
    let (found, data, variant) = bech32::decode(text).map_err(|_| ParseKeyError::NotBech32)?;
    if variant != Variant::Bech32 {
        return Err(ParseKeyError::NotBech32);
    }
    if found != hrp {
        return Err(ParseKeyError::OtherKind);
    }
    Vec::from_base32(&data).map(Zeroizing::new).map_err(|_| ParseKeyError::BadContent)
}

impl age::Recipient for HybridRecipient {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (enc, body) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &self.0,
            INFO,
            file_key.expose_secret(),
            b"",
        )
        .map_err(|e| EncryptError::Io(std::io::Error::other(e)))?;
        let stanza = Stanza {
            tag: STANZA_TAG.to_owned(),
            args: vec![BASE64_STANDARD_NO_PAD.encode(enc.to_bytes())],
            body,
        };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

impl age::Identity for HybridIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != STANZA_TAG {
            return None;
        }
        let Some(enc) = encapsulated_key(stanza) else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        // A body that does not open was wrapped for another key: let age try the next stanza.
        let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.secret,
            &enc,
            INFO,
            &stanza.body,
            b"",
        )
        .map(Zeroizing::new)
        .ok()?;
        Some(Ok(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&key))))
    }
}

/// The encapsulated key, when the stanza has exactly the form the specification demands:
/// one canonical base64 argument of 1,120 bytes and a body of 32 (checked before opening,
/// against partitioning attacks).
fn encapsulated_key(stanza: &Stanza) -> Option<<XWing as Kem>::EncappedKey> {
    let [arg] = stanza.args.as_slice() else { return None };
    let enc = BASE64_STANDARD_NO_PAD.decode(arg).ok()?;
    if enc.len() != ENC_BYTES || stanza.body.len() != BODY_BYTES {
        return None;
    }
    <XWing as Kem>::EncappedKey::from_bytes(&enc).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use age::{Identity, Recipient};

    const IDENTITY: &str = include_str!("../../tests/vectors/age/hybrid-identity.txt");
    const RECIPIENT: &str = include_str!("../../tests/vectors/age/hybrid-recipient.txt");

    fn wrapped(to: &HybridRecipient) -> Stanza {
        to.wrap_file_key(&FileKey::new(Box::new([7; FILE_KEY_BYTES]))).unwrap().0.remove(0)
    }

    #[test]
    fn another_implementation_derives_the_same_recipient() {
        let identity: HybridIdentity = IDENTITY.trim().parse().unwrap();
        assert_eq!(identity.recipient().to_string(), RECIPIENT.trim());
        assert_eq!(identity.to_secret_string().as_str(), IDENTITY.trim());
        let recipient: HybridRecipient = RECIPIENT.trim().parse().unwrap();
        assert_eq!(&recipient, identity.recipient());
    }

    #[test]
    fn the_specification_example_holds() {
        let example = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
        let identity: HybridIdentity = example.parse().unwrap();
        let recipient = identity.recipient().to_string();
        assert_eq!(recipient.len(), 1959);
        assert!(recipient.starts_with("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf"));
        assert!(recipient.ends_with("hl53k2ykx3qheyty7saeq0d3fzv49zc0k"));
    }

    #[test]
    fn a_file_key_comes_back_and_the_stanza_has_its_form() {
        let identity = HybridIdentity::generate();
        let (stanzas, labels) =
            identity.recipient().wrap_file_key(&FileKey::new(Box::new([7; FILE_KEY_BYTES]))).unwrap();
        assert_eq!(labels, HashSet::from(["postquantum".to_owned()]));
        let key = identity.unwrap_stanzas(&stanzas).unwrap().ok().unwrap();
        assert_eq!(key.expose_secret(), &[7; FILE_KEY_BYTES]);
    }

    #[test]
    fn strange_stanzas_are_left_alone_and_other_peoples_do_not_open() {
        let (mine, other) = (HybridIdentity::generate(), HybridIdentity::generate());
        let mut stanza = wrapped(mine.recipient());
        assert!(other.unwrap_stanza(&stanza).is_none());
        stanza.tag = "X25519".into();
        assert!(mine.unwrap_stanza(&stanza).is_none());
    }

    #[test]
    fn a_stanza_of_the_wrong_form_is_refused() {
        let mine = HybridIdentity::generate();
        let good = wrapped(mine.recipient());
        let mut bad: Vec<_> = (0..5).map(|_| wrapped(mine.recipient())).collect();
        bad[0].args.clear();
        bad[1].args.push("more".into());
        bad[2].args[0].push('=');
        bad[3].args[0].truncate(1000);
        bad[4].body.push(0);
        for stanza in bad {
            assert!(matches!(mine.unwrap_stanza(&stanza), Some(Err(DecryptError::InvalidHeader))));
        }
        assert!(matches!(mine.unwrap_stanza(&good), Some(Ok(_))));
    }

    #[test]
    fn texts_that_are_no_hybrid_key_are_told_apart() {
        let classic = age::x25519::Identity::generate().to_public().to_string();
        let parse = |text: &str| text.parse::<HybridRecipient>().err();
        assert_eq!(parse(&classic), Some(ParseKeyError::OtherKind));
        assert_eq!(parse(&RECIPIENT.trim()[..1958]), Some(ParseKeyError::NotBech32));
        assert_eq!(parse(""), Some(ParseKeyError::NotBech32));
        let short = encode(RECIPIENT_HRP, &[1; 1215]);
        assert_eq!(parse(&short), Some(ParseKeyError::BadContent));
        assert!(matches!(IDENTITY.trim().parse::<HybridRecipient>(), Err(ParseKeyError::OtherKind)));
    }
}
