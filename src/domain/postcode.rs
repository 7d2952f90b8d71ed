//! Postcodes: the six shapes, as people type them.
//!
//! A postcode decides which duty line hears about a child (DOMAIN section 4), so it is read
//! forgivingly (any case, any spacing, no-break spaces, dashes; DOMAIN section 7), shown with
//! one space, and kept as typed. It is packed into 32 bits so that a whole county's table fits
//! in a processor's cache. Being well formed says nothing about whether a postcode exists.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text, masked_debug};

/// The longest text kept as typed, in characters.
pub const MAX_TYPED: usize = 40;

/// Packed keys in one sector: two inward letters.
const SECTOR: u32 = 26 * 26;
/// Packed keys in one outward code: a digit and two letters.
const OUTCODE: u32 = 10 * SECTOR;

/// A well-formed postcode. Two are equal when they are the same place, however they were typed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode {
    typed: String,
    shown: String,
    key: u32,
}

/// Postcodes that the NHS writes where there is no postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// `ZZ99 3VZ`: no fixed abode.
    NoFixedAbode,
    /// `ZZ99 3WZ`: the address is not known.
    NotKnown,
    /// Any other `ZZ99` code (countries, mostly).
    Other,
}

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostcodeError {
    /// Nothing was typed.
    #[error("Enter a postcode, or say that it is not known")]
    Empty,
    /// More than [`MAX_TYPED`] characters.
    #[error("Enter one postcode only, such as CT1 2EH")]
    TooLong,
    /// Something that no postcode has.
    #[error("A postcode has only letters and numbers: take out ‘{0}’")]
    BadCharacter(char),
    /// A character that cannot be seen or printed.
    #[error("A postcode has only letters and numbers: type it again")]
    Unprintable,
    /// Letters and numbers, in an order that no postcode has.
    #[error("Enter a full postcode, such as CT1 2EH")]
    Shape,
    /// As [`PostcodeError::Shape`], but one swap of O and 0, or I and 1, makes it right.
    #[error("Check the postcode: did you mean {0}?")]
    Lookalike(String),
}

impl Postcode {
    /// Reads a postcode as a person types it.
    pub fn parse(text: &str) -> Result<Self, PostcodeError> {
        let typed = text.trim_matches(is_blank);
        if typed.is_empty() {
            return Err(PostcodeError::Empty);
        }
        if typed.chars().count() > MAX_TYPED {
            return Err(PostcodeError::TooLong);
        }
        let compact = compact(typed)?;
        let key = pack(&compact).ok_or_else(|| shape_error(&compact))?;
        Ok(Self { typed: typed.to_owned(), shown: spaced(&compact), key })
    }

    /// Exactly what was typed, without the blanks at either end.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// Upper case with one space: `CT1 2EH`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The outward code: `CT1`.
    pub fn outcode(&self) -> &str {
        &self.shown[..self.shown.len() - 4]
    }

    /// The sector: `CT1 2`.
    pub fn sector(&self) -> &str {
        &self.shown[..self.shown.len() - 2]
    }

    /// The key for look-ups. Keys sort as the written postcodes do, so a sector is one run of keys.
    pub fn pack(&self) -> u32 {
        self.key
    }

    /// The keys of every postcode that this one's sector can have.
    pub fn sector_keys(&self) -> Range<u32> {
        let first = self.key - self.key % SECTOR;
        first..first + SECTOR
    }

    /// The keys of every postcode that this one's outward code can have.
    pub fn outcode_keys(&self) -> Range<u32> {
        let first = self.key - self.key % OUTCODE;
        first..first + OUTCODE
    }

    /// Whether this stands for "no postcode", and which kind (DOMAIN section 4).
    pub fn pseudo(&self) -> Option<Pseudo> {
        match (self.outcode(), self.shown.as_str()) {
            (_, "ZZ99 3VZ") => Some(Pseudo::NoFixedAbode),
            (_, "ZZ99 3WZ") => Some(Pseudo::NotKnown),
            ("ZZ99", _) => Some(Pseudo::Other),
            _ => None,
        }
    }

    /// Sample data: a postcode in Canterbury.
    pub fn sample() -> Self {
        Self::parse("CT1 2EH").expect("the sample is well formed")
    }

    fn kept(&self) -> &str {
        &self.typed
    }
}

/// What a form holds where a postcode is asked for: a postcode, "not known", or something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeInput {
    /// A well-formed postcode.
    Given(Postcode),
    /// The sender says that it is not known.
    NotKnown,
    /// What was typed is not a postcode; kept, because nothing typed is lost.
    Malformed {
        /// What was typed.
        typed: String,
        /// Why it is not a postcode.
        fault: PostcodeError,
    },
}

impl PostcodeInput {
    /// Reads what was typed. "Not known" is a box to tick, so no text means it.
    pub fn read(text: &str) -> Self {
        match Postcode::parse(text) {
            Ok(postcode) => Self::Given(postcode),
            Err(fault) => Self::Malformed { typed: text.trim_matches(is_blank).to_owned(), fault },
        }
    }
}

/// The packed key of upper-case letters and digits without a space, such as `CT12EH`.
///
/// `None` unless they have one of the six shapes: A9, A99, A9A, AA9, AA99 or AA9A, then 9AA.
pub fn pack(compact: &str) -> Option<u32> {
    let bytes = compact.as_bytes();
    if !(5..=7).contains(&bytes.len()) {
        return None;
    }
    let (outward, inward) = bytes.split_at(bytes.len() - 3);
    let (area, district) = match outward {
        [a, rest @ ..] if rest.first()?.is_ascii_digit() => (letter(*a)? * 27, rest),
        [a, b, rest @ ..] => (letter(*a)? * 27 + letter(*b)? + 1, rest),
        _ => return None,
    };
    let district = match district {
        [d] => digit(*d)? * 37,
        [d, e] if e.is_ascii_digit() => digit(*d)? * 37 + 1 + digit(*e)?,
        [d, e] => digit(*d)? * 37 + 11 + letter(*e)?,
        _ => return None,
    };
    let inward = digit(inward[0])? * SECTOR + letter(inward[1])? * 26 + letter(inward[2])?;
    Some((area * 370 + district) * OUTCODE + inward)
}

fn letter(byte: u8) -> Option<u32> {
    if byte.is_ascii_uppercase() { Some(u32::from(byte - b'A')) } else { None }
}

fn digit(byte: u8) -> Option<u32> {
    if byte.is_ascii_digit() { Some(u32::from(byte - b'0')) } else { None }
}

/// Upper case, without blanks and dashes.
fn compact(typed: &str) -> Result<String, PostcodeError> {
    let mut out = String::with_capacity(8);
    for c in typed.chars() {
        match c {
            '\n' | '\r' => return Err(PostcodeError::TooLong),
            c if is_blank(c) || is_dash(c) => {}
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_uppercase()),
            c if c.is_control() => return Err(PostcodeError::Unprintable),
            c => return Err(PostcodeError::BadCharacter(c)),
        }
    }
    Ok(out)
}

fn spaced(compact: &str) -> String {
    let (outward, inward) = compact.split_at(compact.len() - 3);
    format!("{outward} {inward}")
}

/// Looks for one wrong O, 0, I or 1; says what was probably meant, and corrects nothing.
fn shape_error(compact: &str) -> PostcodeError {
    for (at, c) in compact.char_indices() {
        let Some(other) = lookalike(c) else { continue };
        let mut guess = compact.to_owned();
        guess.replace_range(at..=at, other);
        if pack(&guess).is_some() {
            return PostcodeError::Lookalike(spaced(&guess));
        }
    }
    PostcodeError::Shape
}

fn lookalike(c: char) -> Option<&'static str> {
    match c {
        'O' => Some("0"),
        '0' => Some("O"),
        'I' => Some("1"),
        '1' => Some("I"),
        _ => None,
    }
}

impl PartialEq for Postcode {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Postcode {}

impl Hash for Postcode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.shown)
    }
}

kept_as_text!(Postcode, PostcodeError);
masked_debug!(Postcode);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_six_shapes_are_read_in_any_dress() {
        for (typed, shown) in [
            ("m1 1aa", "M1 1AA"),
            ("B338TH", "B33 8TH"),
            ("ct1\u{a0}2eh", "CT1 2EH"),
            ("DN55-1pt", "DN55 1PT"),
            (" w1 a 0ax ", "W1A 0AX"),
            ("EC1A\t1BB", "EC1A 1BB"),
        ] {
            let postcode = Postcode::parse(typed).expect(typed);
            assert_eq!(postcode.shown(), shown);
            assert_eq!(postcode.as_typed(), typed.trim());
        }
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        assert_eq!(Postcode::parse(" \u{a0}").unwrap_err(), PostcodeError::Empty);
        assert_eq!(Postcode::parse("CT1 2E?").unwrap_err(), PostcodeError::BadCharacter('?'));
        assert_eq!(Postcode::parse("CT1 2É").unwrap_err(), PostcodeError::BadCharacter('É'));
        assert_eq!(Postcode::parse("CT1 2E\u{7}").unwrap_err(), PostcodeError::Unprintable);
        assert_eq!(Postcode::parse("CT1").unwrap_err(), PostcodeError::Shape);
        assert_eq!(Postcode::parse("CT1 2EH\nCT1 2EH").unwrap_err(), PostcodeError::TooLong);
        assert_eq!(Postcode::parse(&"A".repeat(41)).unwrap_err(), PostcodeError::TooLong);
        assert_eq!(
            Postcode::parse("CTI 2EH").unwrap_err().to_string(),
            "Check the postcode: did you mean CT1 2EH?"
        );
    }

    #[test]
    fn the_parts_and_the_stand_ins_are_known() {
        let postcode = Postcode::parse("tn119aa").expect("well formed");
        assert_eq!((postcode.outcode(), postcode.sector()), ("TN11", "TN11 9"));
        let pseudo = |text| Postcode::parse(text).expect("well formed").pseudo();
        assert_eq!(pseudo("zz993vz"), Some(Pseudo::NoFixedAbode));
        assert_eq!(pseudo("ZZ99 3WZ"), Some(Pseudo::NotKnown));
        assert_eq!(pseudo("ZZ99 1AA"), Some(Pseudo::Other));
        assert_eq!(pseudo("CT1 2EH"), None);
    }

    proptest! {
        #[test]
        fn keys_sort_as_postcodes_do_and_never_collide(
            a in "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}", b in "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}",
        ) {
            let (x, y) = (Postcode::parse(&a).expect("a shape"), Postcode::parse(&b).expect("a shape"));
            prop_assert_eq!(a.cmp(&b), x.pack().cmp(&y.pack()));
            prop_assert_eq!(x.sector() == y.sector(), x.sector_keys().contains(&y.pack()));
            prop_assert_eq!(x.outcode() == y.outcode(), x.outcode_keys().contains(&y.pack()));
        }

        #[test]
        fn any_text_is_answered_and_what_is_kept_comes_back(text in "\\PC{0,45}") {
            if let Ok(postcode) = Postcode::parse(&text) {
                let kept = serde_json::to_string(&postcode).expect("text");
                let back: Postcode = serde_json::from_str(&kept).expect("what was kept parses");
                prop_assert_eq!(back.as_typed(), postcode.as_typed());
                prop_assert_eq!(back, postcode);
            }
        }
    }
}
