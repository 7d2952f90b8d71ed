//! The reference of a referral: what people read out over the telephone.
//!
//! Eight symbols such as `7K3M-9QX3`: seven from chance and one check. It says nothing about the
//! child (DOMAIN section 7). The alphabet has no 0, O, 1, I or L. It has 31 symbols, a prime, so
//! a sum with eight different weights modulo 31 catches every single wrong symbol and every swap
//! of two. There are 27.5 thousand million references; the store's unique constraint settles the
//! rare repeat by drawing again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text};

const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Symbols without the dash.
const LENGTH: usize = 8;
/// Symbols that come from chance.
const RANDOM: usize = 7;

/// A referral's reference, with a check symbol that fits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing was typed.
    #[error("Enter the reference, such as 7K3M-9QX3")]
    Empty,
    /// One of the symbols that references do without.
    #[error("References never have ‘{0}’ in them: look again, it may be another letter or number")]
    Lookalike(char),
    /// Something that is neither letter nor digit.
    #[error("A reference has only letters and numbers: take out ‘{0}’")]
    BadCharacter(char),
    /// Not eight symbols.
    #[error("A reference has 8 letters and numbers; this one has {0}")]
    Length(usize),
    /// The check symbol does not fit.
    #[error("There is a slip in this reference: compare it with the one you were given")]
    Check,
}

impl Reference {
    /// Makes a reference from eight random bytes.
    ///
    /// They are one number, taken modulo 31⁷: no reference is likelier than another by more than
    /// two parts in a thousand million, and no symbol tells anything about the next.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let mut number = u64::from_be_bytes(bytes);
        let mut values = [0u32; LENGTH];
        for value in values.iter_mut().take(RANDOM) {
            *value = u32::try_from(number % 31).unwrap_or_default();
            number /= 31;
        }
        values[RANDOM] = (31 - weighed(&values)) % 31;
        Self(written(&values))
    }

    /// Reads a reference in any case, with any spaces and dashes.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let bare: Vec<char> =
            text.chars().filter(|c| !is_blank(*c) && !is_dash(*c)).map(|c| c.to_ascii_uppercase()).collect();
        if bare.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let values = bare.iter().map(|c| value(*c)).collect::<Result<Vec<u32>, _>>()?;
        let values: [u32; LENGTH] =
            values.try_into().map_err(|v: Vec<u32>| ReferenceError::Length(v.len()))?;
        if weighed(&values) != 0 {
            return Err(ReferenceError::Check);
        }
        Ok(Self(written(&values)))
    }

    /// Upper case with the dash, which is also the stored form: `7K3M-9QX3`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self::from_random([0x2a; 8])
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

fn value(c: char) -> Result<u32, ReferenceError> {
    match c {
        '0' | 'O' | '1' | 'I' | 'L' => Err(ReferenceError::Lookalike(c)),
        c => (0u32..)
            .zip(ALPHABET)
            .find(|(_, symbol)| char::from(**symbol) == c)
            .map(|(at, _)| at)
            .ok_or(ReferenceError::BadCharacter(c)),
    }
}

/// The sum of the symbols' values times 8, 7, … 1, modulo 31; nought for a sound reference.
fn weighed(values: &[u32; LENGTH]) -> u32 {
    values.iter().zip((1..=8).rev()).map(|(value, weight)| value * weight).sum::<u32>() % 31
}

fn written(values: &[u32; LENGTH]) -> String {
    let symbols: String = values.iter().map(|v| char::from(ALPHABET[*v as usize])).collect();
    format!("{}-{}", &symbols[..4], &symbols[4..])
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

kept_as_text!(Reference, ReferenceError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_is_read_in_any_dress() {
        let reference = Reference::sample();
        let bare = reference.as_str().replace('-', "").to_lowercase();
        for typed in [bare.clone(), format!(" {} {} ", &bare[..2], &bare[2..]), bare.replace("", "\u{2013}")]
        {
            assert_eq!(Reference::parse(&typed), Ok(reference.clone()), "{typed}");
        }
        assert_eq!(serde_json::from_str::<Reference>(&format!("\"{reference}\"")).expect("sound"), reference);
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        assert_eq!(Reference::parse(" - ").unwrap_err(), ReferenceError::Empty);
        assert_eq!(Reference::parse("7K3M-9Qx0").unwrap_err(), ReferenceError::Lookalike('0'));
        assert_eq!(Reference::parse("7K3M-9Qxi").unwrap_err(), ReferenceError::Lookalike('I'));
        assert_eq!(Reference::parse("7K3M_9QXC").unwrap_err(), ReferenceError::BadCharacter('_'));
        assert_eq!(Reference::parse("7K3M-9QX").unwrap_err(), ReferenceError::Length(7));
        assert_eq!(Reference::parse("7K3M-9QXCC").unwrap_err(), ReferenceError::Length(9));
    }

    #[test]
    fn the_ends_of_the_range_of_chance_are_sound() {
        for bytes in [[0; 8], [0xff; 8]] {
            let reference = Reference::from_random(bytes);
            assert_eq!(Reference::parse(reference.as_str()), Ok(reference));
        }
    }

    fn symbols(bytes: [u8; 8]) -> Vec<u8> {
        Reference::from_random(bytes).as_str().bytes().filter(|b| *b != b'-').collect()
    }

    fn check(symbols: &[u8]) -> Result<Reference, ReferenceError> {
        Reference::parse(std::str::from_utf8(symbols).expect("ASCII"))
    }

    proptest! {
        #[test]
        fn every_wrong_symbol_is_caught(bytes: [u8; 8]) {
            let sound = symbols(bytes);
            prop_assert!(check(&sound).is_ok());
            for at in 0..LENGTH {
                for wrong in ALPHABET.iter().filter(|symbol| **symbol != sound[at]) {
                    let mut slip = sound.clone();
                    slip[at] = *wrong;
                    prop_assert_eq!(check(&slip), Err(ReferenceError::Check));
                }
            }
        }

        #[test]
        fn every_swap_is_caught(bytes: [u8; 8], a in 0usize..8, b in 0usize..8) {
            let sound = symbols(bytes);
            prop_assume!(sound[a] != sound[b]);
            let mut slip = sound;
            slip.swap(a, b);
            prop_assert_eq!(check(&slip), Err(ReferenceError::Check));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,12}") {
            if let Ok(reference) = Reference::parse(&text) {
                prop_assert_eq!(Reference::parse(reference.as_str()), Ok(reference));
            }
        }
    }
}
