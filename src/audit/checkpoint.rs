//! The signed statement "this log has so many events, and this is their root": a C2SP
//! tlog-checkpoint in a C2SP signed note, so that existing tools read it.
//!
//! ```text
//! relay.example/log                                 origin
//! 20852163                                          number of events
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root, base64
//!                                                   (extension lines may stand before this empty line)
//! — relay.example/log Az3grlgtzPICa5OS8npVmf1Myq/…  key id and Ed25519 signature, base64
//! ```
//!
//! Signed after the commit, one per size. A crash in between leaves committed events that the next
//! checkpoint covers.

use super::key::{Origin, VerifierKey};
use super::tree::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};

/// The most bytes a note may have. Ours has about 250; others may add signatures of witnesses.
pub const MAX_NOTE: usize = 64 * 1024;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is.
    pub origin: Origin,
    /// How many events it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a note is not a checkpoint of this log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error("this is not a signed note: a text, an empty line, and lines of signatures")]
    Note,
    /// A signed note, but its text is not a checkpoint.
    #[error("the signed text is not a checkpoint: origin, number of events and root, a line each")]
    Text,
    /// It speaks of another log.
    #[error("this checkpoint is of the log {found}, the key is of {wanted}")]
    Origin {
        /// The origin in the note.
        found: String,
        /// The origin of the key.
        wanted: Origin,
    },
    /// No signature by this key.
    #[error("this checkpoint is not signed by the key {0}")]
    Unsigned(Box<VerifierKey>),
    /// A signature that claims to be by this key and is not.
    #[error("the signature on this checkpoint is wrong: it or the text was changed")]
    Signature,
}

impl Checkpoint {
    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let id = VerifierKey::of(self.origin.clone(), key).id();
        let signature = key.sign(text.as_bytes()).to_bytes();
        let signature = STANDARD.encode([&id[..], &signature].concat());
        format!("{text}\n— {} {signature}\n", self.origin)
    }

    /// Reads a note and checks that `key` signed it. Extension lines and signatures by others are
    /// accepted and left out.
    ///
    /// # Errors
    /// When the note is malformed, of another log, not signed by this key, or was changed.
    pub fn parse_and_verify(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let (text, signatures) = split(note).ok_or(CheckpointError::Note)?;
        let (origin, size, root) = read(text).ok_or(CheckpointError::Text)?;
        if origin != key.origin().as_str() {
            return Err(CheckpointError::Origin { found: origin.to_owned(), wanted: key.origin().clone() });
        }
        let mut signed = false;
        for line in signatures {
            let Some(signature) = ours(line, key)? else { continue };
            if !key.signed(text.as_bytes(), &signature) {
                return Err(CheckpointError::Signature);
            }
            signed = true;
        }
        if !signed {
            return Err(CheckpointError::Unsigned(Box::new(key.clone())));
        }
        Ok(Self { origin: key.origin().clone(), size, root })
    }

    /// The text that is signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }
}

/// The text with its last line feed, and the signature lines.
fn split(note: &str) -> Option<(&str, Vec<&str>)> {
    let control = |c: char| c.is_control() && c != '\n';
    if note.len() > MAX_NOTE || note.contains(control) {
        return None;
    }
    let end = note.rfind("\n\n")?;
    let signatures: Vec<_> = note[end + 2..].strip_suffix('\n')?.split('\n').collect();
    let whole = signatures.iter().all(|line| line.starts_with("— "));
    whole.then(|| (&note[..=end], signatures))
}

/// Origin, size and root of a checkpoint's text; each has one way of being written.
fn read(text: &str) -> Option<(&str, u64, Hash)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    if lines.any(str::is_empty) {
        return None;
    }
    let number: u64 = size.parse().ok()?;
    let root = STANDARD.decode(root).ok()?.try_into().ok()?;
    (number.to_string() == size).then_some((origin, number, root))
}

/// The signature on this line, when it names our key.
fn ours(line: &str, key: &VerifierKey) -> Result<Option<[u8; 64]>, CheckpointError> {
    let rest = line.strip_prefix("— ").ok_or(CheckpointError::Note)?;
    let (name, base64) = rest.split_once(' ').ok_or(CheckpointError::Note)?;
    let bytes = STANDARD.decode(base64).map_err(|_| CheckpointError::Note)?;
    let (id, signature) = bytes.split_first_chunk::<4>().ok_or(CheckpointError::Note)?;
    if name != key.origin().as_str() || *id != key.id() {
        return Ok(None);
    }
    signature.try_into().map(Some).map_err(|_| CheckpointError::Signature)
}

#[cfg(test)]
mod tests;
