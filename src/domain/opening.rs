//! Openings by reason: somebody whose referral it is not writes why, and reads that one referral for a
//! time (DOMAIN sections 3 and 9). A lead opens another line's; the governance lead opens for a purpose.

use super::ids::{PersonId, ReferralId};
use super::people::coded;
use super::time::Instant;

coded! {
    /// Why a referral was opened by somebody whose it is not.
    Purpose {
        /// A duty lead, across localities.
        BreakGlass = "break-glass", "Another line’s referral";
        /// The governance lead decides about sharing without agreement.
        LawfulRoute = "lawful-route", "Lawful route without agreement";
        /// The governance lead answers somebody who asks for their data.
        SubjectAccess = "subject-access", "Subject access request";
        /// The governance lead has something put right.
        Correction = "correction", "Correction";
        /// The governance lead looks into a complaint.
        Complaint = "complaint", "Complaint";
    }
}

impl Purpose {
    /// What the governance lead may choose.
    pub const GOVERNANCE: [Purpose; 4] =
        [Purpose::LawfulRoute, Purpose::SubjectAccess, Purpose::Correction, Purpose::Complaint];
}

coded! {
    /// What of a referral was opened.
    Part {
        /// All but the restricted part.
        Referral = "referral", "The referral";
        /// The restricted part: an act of its own, with a reason of its own.
        Restricted = "restricted", "The restricted part";
    }
}

/// One opening by reason. The reason itself is sealed to the referral's case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its name.
    pub id: String,
    /// Who.
    pub person: PersonId,
    /// Which referral.
    pub referral: ReferralId,
    /// The line that held the referral then.
    pub locality: String,
    /// Why, as a code.
    pub purpose: Purpose,
    /// What.
    pub part: Part,
    /// The version of the sealed reason.
    pub note: u64,
    /// When.
    pub at: Instant,
    /// Until when it stays open to them.
    pub ends: Instant,
}
