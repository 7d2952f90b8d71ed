//! NHS numbers: ten digits of which the last is a check (DOMAIN section 7).
//!
//! Weights 10 to 2, modulus 11: a remainder that gives 11 is written 0, one that gives 10 is
//! never issued. All-same digits pass the sum and are refused. The number is never required
//! and nobody is found by it alone; a wrong one here would put a record beside the wrong child.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text, masked_debug};

/// A valid NHS number.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NhsNumber(String);

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NhsNumberError {
    /// Nothing was typed.
    #[error("Enter the NHS number, or leave it as not known")]
    Empty,
    /// Two letters, six digits and a letter.
    #[error("This is a National Insurance number. An NHS number has 10 digits, such as 999 000 0018")]
    NationalInsurance,
    /// Something other than digits, spaces and dashes.
    #[error("An NHS number has only digits: take out ‘{0}’")]
    BadCharacter(char),
    /// Not ten digits.
    #[error("An NHS number has 10 digits; this one has {0}")]
    Length(usize),
    /// `000 000 0000` and its like.
    #[error("This is not an NHS number: all its digits are the same")]
    AllTheSame,
    /// The check digit does not fit.
    #[error("This is not a valid NHS number: check each digit against the Red Book or a letter")]
    CheckDigit,
}

impl NhsNumber {
    /// Reads ten digits with any spaces and dashes.
    pub fn parse(text: &str) -> Result<Self, NhsNumberError> {
        let bare: String = text.chars().filter(|c| !is_blank(*c) && !is_dash(*c)).collect();
        if bare.is_empty() {
            return Err(NhsNumberError::Empty);
        }
        if is_national_insurance(&bare) {
            return Err(NhsNumberError::NationalInsurance);
        }
        if let Some(c) = bare.chars().find(|c| !c.is_ascii_digit()) {
            return Err(NhsNumberError::BadCharacter(c));
        }
        let digits: Vec<u32> = bare.bytes().map(|b| u32::from(b - b'0')).collect();
        match digits.as_slice() {
            d if d.len() != 10 => Err(NhsNumberError::Length(d.len())),
            d if d.iter().all(|x| *x == d[0]) => Err(NhsNumberError::AllTheSame),
            d if check_digit(d) != Some(d[9]) => Err(NhsNumberError::CheckDigit),
            _ => Ok(Self(bare)),
        }
    }

    /// The ten digits, for systems.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Sample data: a number from the range that is never issued.
    pub fn sample() -> Self {
        Self::parse("999 000 0018").expect("the sample is valid")
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

/// The tenth digit that the first nine call for; `None` when no number has those nine.
fn check_digit(digits: &[u32]) -> Option<u32> {
    let sum: u32 = digits.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        check => Some(check),
    }
}

fn is_national_insurance(bare: &str) -> bool {
    let bytes = bare.as_bytes();
    matches!(bytes.len(), 8 | 9)
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..8].iter().all(u8::is_ascii_digit)
        && bytes[8..].iter().all(u8::is_ascii_alphabetic)
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

kept_as_text!(NhsNumber, NhsNumberError);
masked_debug!(NhsNumber);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_valid_number_is_shown_in_threes_and_four() {
        let number = NhsNumber::parse("999-000\u{a0}0018").expect("valid");
        assert_eq!(number.to_string(), "999 000 0018");
        assert_eq!(number.digits(), "9990000018");
        assert_eq!(format!("{number:?}"), "NhsNumber(…)");
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        for (typed, fault) in [
            ("", NhsNumberError::Empty),
            ("QQ 12 34 56 C", NhsNumberError::NationalInsurance),
            ("QQ123456", NhsNumberError::NationalInsurance),
            ("999 000 001O", NhsNumberError::BadCharacter('O')),
            ("٩٩٩ ٠٠٠ ٠٠١٨", NhsNumberError::BadCharacter('٩')),
            ("999 000 001", NhsNumberError::Length(9)),
            ("000 000 0000", NhsNumberError::AllTheSame),
            ("999 123 4567", NhsNumberError::CheckDigit),
        ] {
            assert_eq!(NhsNumber::parse(typed).unwrap_err(), fault, "{typed}");
        }
    }

    #[test]
    fn a_remainder_of_eleven_is_nought_and_ten_is_never_issued() {
        assert_eq!(check_digit(&[9, 9, 9, 0, 0, 0, 0, 0, 9]), Some(3));
        assert_eq!(check_digit(&[0, 0, 0, 0, 0, 0, 0, 0, 0]), Some(0));
        assert_eq!(check_digit(&[0, 0, 0, 0, 0, 0, 0, 0, 6]), None);
    }

    proptest! {
        #[test]
        fn any_one_wrong_digit_is_caught(nine in "999[0-9]{6}", at in 0usize..10, by in 1u32..10) {
            let mut digits: Vec<u32> = nine.bytes().map(|b| u32::from(b - b'0')).collect();
            let Some(check) = check_digit(&digits) else { return Ok(()) };
            digits.push(check);
            let text = |d: &[u32]| d.iter().map(u32::to_string).collect::<String>();
            prop_assert!(digits.iter().all(|d| *d == 9) || NhsNumber::parse(&text(&digits)).is_ok());
            digits[at] = (digits[at] + by) % 10;
            prop_assert!(NhsNumber::parse(&text(&digits)).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            if let Ok(number) = NhsNumber::parse(&text) {
                prop_assert_eq!(NhsNumber::parse(&number.to_string()), Ok(number));
            }
        }
    }
}
