//! Who signs: the log's own key and name, from which checkpoints and the verifier key follow.

use ed25519_dalek::SigningKey;

use super::{Checkpoint, Head, Origin, VerifierKey};

/// The log's signing key with the log's name. No `Debug`: it holds the key.
pub struct Signer {
    key: SigningKey,
    origin: Origin,
}

impl Signer {
    /// Of a log's secret seed and name.
    pub fn new(seed: &[u8; 32], origin: Origin) -> Self {
        Self { key: SigningKey::from_bytes(seed), origin }
    }

    /// The verifier key: the trust anchor that auditors get some other way.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::of(self.origin.clone(), &self.key)
    }

    /// The checkpoint of a head and its signed note.
    pub fn sign(&self, head: &Head) -> (Checkpoint, String) {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: head.size(), root: head.root() };
        let note = checkpoint.sign(&self.key);
        (checkpoint, note)
    }
}
