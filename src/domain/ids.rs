//! Ids: newtypes over UUID version 7 (RFC 9562 section 5.7), so that a referral's id can never
//! be handed to something that wants a person's, and rows come in the order of their making.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::time::Instant;

/// A text that is not an id: what should have been one, and which kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id of a {0}")]
pub struct NotAnId(&'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from the moment (milliseconds) and ten random bytes.
            pub fn new(at: Instant, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
                Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Its sixteen bytes.
            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The moment it was made, in whole milliseconds.
            pub fn made_at(self) -> Instant {
                let millis = i64::try_from(self.0.as_u128() >> 80).unwrap_or(0);
                Instant::from_micros(millis * 1000)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId($what))
            }
        }
    )+};
}

ids! {
    /// One referral, from the moment it was sent.
    ReferralId = "referral";
    /// One case file: the key to everything sealed about one child's referral.
    CaseId = "case";
    /// One sealed thing: a form, a restricted part, an attachment, a raw mail.
    ObjectId = "sealed object";
    /// A referral that its setting is still writing.
    DraftId = "draft";
    /// One mail that came in.
    MailId = "mail";
    /// One letter that is to go out.
    LetterId = "letter";
    /// A person who may sign in.
    PersonId = "person";
    /// A setting, a health visiting service, an auditor's office.
    OrganisationId = "organisation";
    /// A link for a family: to sign, or to see what was shared.
    LinkId = "family link";
    /// What a family asked for: a correction, a copy of all that is held, a complaint.
    AskId = "family's request";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_moment_they_were_made_and_come_back_from_text() {
        let early = ReferralId::new(Instant::from_micros(1_000_000), [255; 10]);
        let late = ReferralId::new(Instant::from_micros(2_000_000), [0; 10]);
        assert!(early < late);
        assert_eq!(late.made_at(), Instant::from_micros(2_000_000));
        assert_eq!(late.to_string().parse(), Ok(late));
        assert_eq!("nonsense".parse::<ReferralId>(), Err(NotAnId("referral")));
    }
}
