//! Ofsted's unique reference number of a setting: `EY` or `VC` and six digits, or six to seven
//! digits (DOMAIN section 7). An unusual one is pointed out and never blocks: the register grows
//! new forms, and a referral must not wait for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text};

/// The longest number kept, in characters.
pub const MAX: usize = 20;

/// A setting's number in Ofsted's register: upper case, no spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Urn(String);

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrnError {
    /// Nothing was typed.
    #[error("Enter the Ofsted number, or leave it as not known")]
    Empty,
    /// Longer than any number could be.
    #[error("An Ofsted number has at most {MAX} letters and digits")]
    TooLong,
    /// Something other than letters and digits.
    #[error("An Ofsted number has only letters and digits: take out ‘{0}’")]
    BadCharacter(char),
}

impl Urn {
    /// Reads a number in any case, with any spaces and dashes.
    pub fn parse(text: &str) -> Result<Self, UrnError> {
        let bare: String = text.chars().filter(|c| !is_blank(*c) && !is_dash(*c)).collect();
        if bare.is_empty() {
            return Err(UrnError::Empty);
        }
        if let Some(c) = bare.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(UrnError::BadCharacter(c));
        }
        if bare.len() > MAX {
            return Err(UrnError::TooLong);
        }
        Ok(Self(bare.to_ascii_uppercase()))
    }

    /// The number in a text that may be a name as well: it ends in five digits, as no name does.
    pub fn recognise(text: &str) -> Option<Self> {
        let digits = |urn: &Self| urn.0.bytes().rev().take_while(u8::is_ascii_digit).count();
        Self::parse(text).ok().filter(|urn| digits(urn) >= 5)
    }

    /// A sentence of warning when the number has no known form; the number stands all the same.
    pub fn unusual(&self) -> Option<&'static str> {
        let letters = if self.0.starts_with(char::is_alphabetic) { 2.min(self.0.len()) } else { 0 };
        let (letters, digits) = self.0.split_at(letters);
        let six_or_seven = matches!(digits.len(), 6 | 7);
        let known = match letters {
            "" => six_or_seven,
            "EY" | "VC" => digits.len() == 6,
            _ => false,
        };
        let known = known && digits.bytes().all(|b| b.is_ascii_digit());
        (!known)
            .then_some("Ofsted numbers are usually 6 or 7 digits, or EY or VC and 6 digits: check this one")
    }

    /// The number: upper case, no spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self::parse("EY999999").expect("the sample is well formed")
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Urn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

kept_as_text!(Urn, UrnError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_forms_pass_and_others_are_pointed_out() {
        for known in ["EY999999", "vc 999 999", "127503", "2573689"] {
            assert_eq!(Urn::parse(known).expect(known).unusual(), None, "{known}");
        }
        for odd in ["E", "EY12345", "EY1234567", "12345", "12345678", "AB123456", "12345A"] {
            assert!(Urn::parse(odd).expect(odd).unusual().is_some(), "{odd}");
        }
    }

    #[test]
    fn a_name_is_not_taken_for_a_number() {
        for number in ["EY999999", "vc 999 999", "127503", "12345"] {
            assert_eq!(Urn::recognise(number), Urn::parse(number).ok(), "{number}");
        }
        for name in ["Acorns", "Health visiting", "Nursery 2", "St Mary's 123456", ""] {
            assert_eq!(Urn::recognise(name), None, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_refused() {
        assert_eq!(Urn::parse(" ").unwrap_err(), UrnError::Empty);
        assert_eq!(Urn::parse("EY/12").unwrap_err(), UrnError::BadCharacter('/'));
        assert_eq!(Urn::parse(&"1".repeat(21)).unwrap_err(), UrnError::TooLong);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_number_comes_back(text in "\\PC{0,24}") {
            if let Ok(urn) = Urn::parse(&text) {
                let _ = urn.unusual();
                prop_assert_eq!(Urn::parse(urn.as_str()), Ok(urn));
            }
        }
    }
}
