//! 1: what arrives becomes a [`Submission`], whichever door it came by.
//!
//! - [`draft`]: what a setting is still writing, and how it becomes a submission;
//! - [`changes`]: what differs between two family parts, for whoever is asked to sign again;
//! - [`document`]: the sealed referral, a versioned JSON document (`docs/referral-format.md`);
//! - [`mail`]: what a mail holds: an age file, or a reason why there is none.
//!
//! Nothing here decides whether a submission may pass: that is the gate's.

pub mod attachment;
pub mod changes;
pub mod document;
pub mod draft;
pub mod mail;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::agreement::{Agreement, ReferrerSignature};
use crate::domain::form::{Answers, Fault};
use crate::domain::lawful::Decision;
use crate::domain::restricted::Restricted;

pub use attachment::{Attachment, AttachmentError};
pub use draft::Later;

/// The family part: what the parent sees and signs. Its canonical bytes are sealed as they are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Version of this content's form.
    pub format: u32,
    /// The answers.
    pub answers: Answers,
    /// What is attached.
    pub attachments: Vec<Attachment>,
}

impl Family {
    /// A family part of today's form.
    pub fn new(answers: Answers, attachments: Vec<Attachment>) -> Self {
        Self { format: 1, answers, attachments }
    }

    /// The exact bytes that signatures are given for and that are sealed.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("answers and attachments are JSON")
    }

    /// Reads sealed bytes again.
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Lower-case hex SHA-256 of the canonical bytes.
    pub fn sha256(&self) -> String {
        sha256_hex(&self.canonical())
    }
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Both signatures, kept as evidence beside the family part.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The parent's, carer's or young person's agreement.
    pub agreement: Option<Agreement>,
    /// The referrer's signature.
    pub referrer: Option<ReferrerSignature>,
    /// The decision that it goes on although nobody agreed.
    #[serde(default)]
    pub lawful: Option<Decision>,
    /// The day on which the parent or carer said no.
    #[serde(default)]
    pub refused_on: Option<Date>,
}

/// What a door hands to the gate.
pub struct Submission {
    /// The family part, as far as it could be read.
    pub family: Family,
    /// The staff-only part.
    pub restricted: Restricted<Answers>,
    /// The signatures.
    pub evidence: Evidence,
    /// The parent said no: nothing identifying leaves the setting.
    pub refused: bool,
    /// The parent is asked to sign by link; only while nobody has signed.
    pub later: Option<Later>,
    /// What is wrong with the answers; empty when all read.
    pub faults: Vec<Fault>,
}
