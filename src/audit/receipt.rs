//! A receipt: one event, shown to be in the trail, without the rest of the trail. For a setting that
//! wants proof that its referral was delivered, or a parent who asks who opened it.
//!
//! ```json
//! {"v":1,"event":"{\"v\":1,…}","proof":["base64 hash",…],"checkpoint":"relay.example/log\n…"}
//! ```
//!
//! `event` is the canonical bytes as they are; `proof` the neighbours, lowest first (RFC 9162 section
//! 2.1.3); `checkpoint` the signed note. The leaf's number is the event's own `seq`.

use super::canonical::{EventError, decode};
use super::checkpoint::{Checkpoint, CheckpointError};
use super::event::Event;
use super::key::VerifierKey;
use super::tree::{Hash, inclusion_proof, leaf_hash, verify_inclusion};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The most bytes a receipt may have; ours have about 3,000.
pub const MAX_RECEIPT: usize = 128 * 1024;

/// The version of the JSON form.
const VERSION: u32 = 1;

/// One event, its path to the root, and the signed root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    event: String,
    proof: Vec<Hash>,
    checkpoint: String,
}

/// Why a receipt shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not the JSON of a receipt.
    #[error("this is not a receipt of dutyline: {0}")]
    Form(String),
    /// The event in it is no event.
    #[error("the event in this receipt does not read: {0}")]
    Event(#[from] EventError),
    /// The checkpoint in it is not to be believed.
    #[error("the checkpoint in this receipt does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is of fewer events than this one's number.
    #[error("event {seq} came after the checkpoint, which covers {size} events; take a later one")]
    Later {
        /// The event's number.
        seq: u64,
        /// How many events the checkpoint covers.
        size: u64,
    },
    /// The path does not lead from the event to the signed root.
    #[error("event {seq} is not in the trail that was signed: it, the proof or the checkpoint was changed")]
    NotIncluded {
        /// The event's number.
        seq: u64,
    },
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    v: u32,
    event: String,
    proof: Vec<String>,
    checkpoint: String,
}

impl Receipt {
    /// A receipt for the event with these canonical bytes, from all leaf hashes of the trail (at
    /// least as many as the checkpoint covers). It is verified before it is given out.
    ///
    /// # Errors
    /// Whatever [`Receipt::verify`] would say.
    pub fn make(bytes: &[u8], leaves: &[Hash], note: &str, key: &VerifierKey) -> Result<Self, ReceiptError> {
        let event = decode(bytes)?;
        let checkpoint = Checkpoint::parse_and_verify(note, key)?;
        let (seq, size) = (event.seq, checkpoint.size);
        if seq >= size {
            return Err(ReceiptError::Later { seq, size });
        }
        let proof = inclusion_proof(leaves, seq, size).ok_or(ReceiptError::NotIncluded { seq })?;
        let event = String::from_utf8_lossy(bytes).into_owned();
        let receipt = Self { event, proof, checkpoint: note.to_owned() };
        receipt.verify(key)?;
        Ok(receipt)
    }

    /// Shows that the event is in the trail that `key` signed, and says what the event is.
    ///
    /// # Errors
    /// When anything in the receipt was changed, or it is of another log or key.
    pub fn verify(&self, key: &VerifierKey) -> Result<Event, ReceiptError> {
        let event = decode(self.event.as_bytes())?;
        let checkpoint = Checkpoint::parse_and_verify(&self.checkpoint, key)?;
        let (seq, size) = (event.seq, checkpoint.size);
        if seq >= size {
            return Err(ReceiptError::Later { seq, size });
        }
        let leaf = leaf_hash(self.event.as_bytes());
        if !verify_inclusion(&leaf, seq, size, &self.proof, &checkpoint.root) {
            return Err(ReceiptError::NotIncluded { seq });
        }
        Ok(event)
    }

    /// The signed note inside.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let json = Json {
            v: VERSION,
            event: self.event.clone(),
            proof: self.proof.iter().map(|hash| STANDARD.encode(hash)).collect(),
            checkpoint: self.checkpoint.clone(),
        };
        serde_json::to_string(&json).expect("strings and a number always have a JSON form")
    }

    /// Reads the JSON form; it is not yet verified.
    ///
    /// # Errors
    /// When it is longer than [`MAX_RECEIPT`] bytes or not the JSON of a receipt.
    pub fn from_json(text: &str) -> Result<Self, ReceiptError> {
        let form = |why: &str| ReceiptError::Form(why.to_owned());
        if text.len() > MAX_RECEIPT {
            return Err(form("it is too long"));
        }
        let json: Json = serde_json::from_str(text).map_err(|error| ReceiptError::Form(error.to_string()))?;
        if json.v != VERSION {
            return Err(form("its format version is not 1"));
        }
        let proof = json.proof.iter().map(|hash| STANDARD.decode(hash).ok()?.try_into().ok());
        let proof = proof.collect::<Option<_>>().ok_or_else(|| form("a hash in its proof does not read"))?;
        Ok(Self { event: json.event, proof, checkpoint: json.checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Code, EventDraft, Head, Origin};
    use crate::domain::time::Instant;
    use ed25519_dalek::SigningKey;

    struct Log {
        bytes: Vec<Vec<u8>>,
        leaves: Vec<Hash>,
        note: String,
        key: VerifierKey,
    }

    fn log(count: u64) -> Log {
        let mut head = Head::new();
        let one = |n| head.admit(Instant::from_micros(5), EventDraft::sample().extra("n", Code::number(n)));
        let (bytes, leaves) = (0..count).map(one).map(|a| (a.bytes, a.leaf_hash)).unzip();
        let origin = Origin::parse("relay.example/log").unwrap();
        let secret = SigningKey::from_bytes(&[3; 32]);
        let checkpoint = Checkpoint { origin: origin.clone(), size: count, root: head.root() };
        Log { bytes, leaves, note: checkpoint.sign(&secret), key: VerifierKey::of(origin, &secret) }
    }

    #[test]
    fn every_event_of_a_log_has_a_receipt_that_holds() {
        let log = log(21);
        for bytes in &log.bytes {
            let receipt = Receipt::make(bytes, &log.leaves, &log.note, &log.key).unwrap();
            let again = Receipt::from_json(&receipt.to_json()).unwrap();
            assert_eq!(again, receipt);
            assert_eq!(again.verify(&log.key), Ok(decode(bytes).unwrap()));
        }
    }

    #[test]
    fn a_changed_receipt_shows_nothing() {
        let log = log(21);
        let json = Receipt::make(&log.bytes[4], &log.leaves, &log.note, &log.key).unwrap().to_json();
        let verify = |json: &str| Receipt::from_json(json).and_then(|receipt| receipt.verify(&log.key));
        let not_included = Err(ReceiptError::NotIncluded { seq: 4 });
        assert_eq!(verify(&json.replace("duty-practitioner", "duty-lead")), not_included);
        assert_eq!(
            verify(&json.replacen("\\\"seq\\\":4", "\\\"seq\\\":5", 1)),
            Err(ReceiptError::NotIncluded { seq: 5 })
        );
        let later = verify(&json.replacen("\\\"seq\\\":4", "\\\"seq\\\":21", 1));
        assert_eq!(later, Err(ReceiptError::Later { seq: 21, size: 21 }));
        let signature = Err(ReceiptError::Checkpoint(CheckpointError::Signature));
        assert_eq!(verify(&json.replace("\\n21\\n", "\\n22\\n")), signature);
        assert!(matches!(
            verify(&json.replace("\"v\":1,\"event", "\"v\":2,\"event")),
            Err(ReceiptError::Form(_))
        ));
        assert!(matches!(verify(&json.replace("\"proof\"", "\"path\"")), Err(ReceiptError::Form(_))));
        let other = VerifierKey::of(log.key.origin().clone(), &SigningKey::from_bytes(&[4; 32]));
        let unsigned = ReceiptError::Checkpoint(CheckpointError::Unsigned(Box::new(other.clone())));
        assert_eq!(Receipt::from_json(&json).unwrap().verify(&other), Err(unsigned));
    }

    #[test]
    fn no_receipt_is_made_that_would_not_hold() {
        let log = log(6);
        let mut leaves = log.leaves.clone();
        leaves[2] = [0; 32];
        let made = Receipt::make(&log.bytes[4], &leaves, &log.note, &log.key);
        assert_eq!(made, Err(ReceiptError::NotIncluded { seq: 4 }));
        let short = Receipt::make(&log.bytes[4], &leaves[..5], &log.note, &log.key);
        assert_eq!(short, Err(ReceiptError::NotIncluded { seq: 4 }));
    }
}
