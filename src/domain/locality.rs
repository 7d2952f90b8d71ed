//! A locality: the place that one duty line serves, with what reaches the line.
//!
//! Which districts make a locality is configuration (DOMAIN section 4). The published mailboxes
//! are real: nothing is sent to one until a click in a test notice has confirmed it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::email::EmailAddress;
use super::kept::kept_as_text;
use super::phone::Phone;

/// The longest locality id, in characters.
pub const MAX_ID: usize = 40;

/// A locality's short name in addresses and files: `tonbridge-malling`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalityId(String);

/// A local authority district's code in the Government Statistical Service's scheme: `E07000106`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DistrictCode(String);

/// What is wrong with an id or a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalityError {
    /// Not a locality's id.
    #[error("a locality's id has 1 to {MAX_ID} small letters, digits and hyphens, unlike ‘{0}’")]
    Id(String),
    /// Not a district's code.
    #[error("a district's code is one letter and eight digits such as E07000106, unlike ‘{0}’")]
    District(String),
}

/// One locality and its duty line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locality {
    /// Its id, stable over editions.
    pub id: LocalityId,
    /// Its name for people.
    pub name: String,
    /// The duty line's numbers, in the order to try them.
    pub phones: Vec<Phone>,
    /// The duty line's shared mailbox.
    pub email: EmailAddress,
    /// The districts whose children it serves.
    #[serde(rename = "lad_codes")]
    pub districts: Vec<DistrictCode>,
}

impl LocalityId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, LocalityError> {
        let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let bounded = !text.starts_with('-') && !text.ends_with('-') && (1..=MAX_ID).contains(&text.len());
        if bounded && text.bytes().all(sound) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LocalityError::Id(text.chars().take(MAX_ID).collect()))
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self::parse("canterbury").expect("the sample is an id")
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

impl DistrictCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, LocalityError> {
        match text.as_bytes() {
            [b'A'..=b'Z', digits @ ..] if digits.len() == 8 && digits.iter().all(u8::is_ascii_digit) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(LocalityError::District(text.chars().take(MAX_ID).collect())),
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

impl Locality {
    /// Sample data: the made-up line of a real district, with numbers and domains kept for examples.
    pub fn sample() -> Self {
        Self {
            id: LocalityId::sample(),
            name: "Canterbury and Coastal".to_owned(),
            phones: vec![Phone::sample()],
            email: EmailAddress::parse("duty@line.example").expect("the sample is an address"),
            districts: vec![DistrictCode::parse("E07000106").expect("the sample is a code")],
        }
    }
}

impl fmt::Display for LocalityId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

kept_as_text!(LocalityId, LocalityError);
kept_as_text!(DistrictCode, LocalityError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_and_codes_have_their_shapes() {
        assert_eq!(LocalityId::parse("tonbridge-malling").expect("an id").as_str(), "tonbridge-malling");
        for wrong in ["", "-a", "a-", "Kent", "a b", "a/b", "é"] {
            assert_eq!(LocalityId::parse(wrong), Err(LocalityError::Id(wrong.to_owned())));
        }
        assert_eq!(DistrictCode::parse("E07000106").expect("a code").to_string(), "E07000106");
        for wrong in ["", "E0700010", "E070001066", "e07000106", "E0700010X", "É7000106"] {
            assert_eq!(DistrictCode::parse(wrong), Err(LocalityError::District(wrong.to_owned())));
        }
    }

    #[test]
    fn a_locality_comes_back_from_text() {
        let kept = serde_json::to_string(&Locality::sample()).expect("text");
        assert_eq!(serde_json::from_str::<Locality>(&kept).expect("it comes back"), Locality::sample());
        assert!(serde_json::from_str::<Locality>(&kept.replace("E07000106", "Canterbury")).is_err());
    }

    proptest! {
        #[test]
        fn an_id_can_stand_in_an_address(text in "\\PC{0,45}") {
            if let Ok(id) = LocalityId::parse(&text) {
                prop_assert!(id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }
}
