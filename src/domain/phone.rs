//! Telephone numbers: any United Kingdom form, kept and shown as typed (DOMAIN section 7).
//!
//! People group digits as they say them, so the typed form stays; the bare digits serve links
//! and comparison. Whether a number is safe to ring is not known here: see the restricted part.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text, masked_debug};

/// The longest text kept, in characters.
pub const MAX_TYPED: usize = 40;

/// A United Kingdom telephone number, with its extension if it has one.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone {
    typed: String,
    national: String,
    extension: Option<String>,
}

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("Enter a telephone number")]
    Empty,
    /// More than [`MAX_TYPED`] characters.
    #[error("Enter one telephone number only")]
    TooLong,
    /// Something that no telephone number has.
    #[error("A telephone number has only digits: take out ‘{0}’")]
    BadCharacter(char),
    /// Starts with another country's code.
    #[error("Enter a UK telephone number: one that starts with 0 or +44")]
    NotUk,
    /// Does not start with 0 or +44.
    #[error("A telephone number starts with 0 or +44: add the area code")]
    NoAreaCode,
    /// No UK number starts so.
    #[error("No UK telephone number starts with {0}: check the first digits")]
    NoSuchRange(String),
    /// Too few or too many digits.
    #[error("A UK telephone number has 10 or 11 digits; this one has {0}")]
    Length(usize),
    /// An extension without digits, or with more than six.
    #[error("Enter the extension as 1 to 6 digits, such as 01632 960001 ext 12")]
    Extension,
}

impl Phone {
    /// Reads a number as a person types it: `+44`, `(0)`, spaces, dots, dashes, `ext 12`.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let typed = text.trim_matches(is_blank);
        if typed.is_empty() {
            return Err(PhoneError::Empty);
        }
        if typed.chars().count() > MAX_TYPED {
            return Err(PhoneError::TooLong);
        }
        let (number, extension) = split_extension(typed)?;
        let national = national(&digits(&number)?)?;
        Ok(Self { typed: typed.to_owned(), national, extension })
    }

    /// Exactly what was typed, without the blanks at either end.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// Digits only, starting with 0, without the extension: `01632960001`.
    pub fn digits(&self) -> &str {
        &self.national
    }

    /// The extension's digits.
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// For a link that dials (RFC 3966): `tel:+441632960001;ext=12`.
    pub fn link(&self) -> String {
        let extension = self.extension.as_ref().map_or(String::new(), |e| format!(";ext={e}"));
        format!("tel:+44{}{extension}", &self.national[1..])
    }

    /// The number as machines write it (ITU-T E.164), without the extension: `+441632960001`.
    pub fn e164(&self) -> String {
        format!("+44{}", &self.national[1..])
    }

    /// Whether texts can be sent to it: a mobile, which begins with 07, but not with 070 (numbers that
    /// forward) or 076 (pagers; 07624 is the Isle of Man's mobiles). An extension is no mobile's.
    pub fn takes_texts(&self) -> bool {
        let number = self.national.as_str();
        let mobile = number.starts_with("07") && number.len() == 11;
        let other = ["070", "076"].iter().any(|start| number.starts_with(start));
        mobile && (!other || number.starts_with("07624")) && self.extension.is_none()
    }

    /// Whether both ring the same line, however they were typed.
    pub fn same_line(&self, other: &Self) -> bool {
        self.national == other.national && self.extension == other.extension
    }

    /// Sample data: a number from the range kept for drama.
    pub fn sample() -> Self {
        Self::parse("01632 960001").expect("the sample is a UK number")
    }

    fn kept(&self) -> &str {
        &self.typed
    }
}

/// Parts `ext 12`, `extension 12`, `x12` or `#12` from the number before it.
fn split_extension(typed: &str) -> Result<(String, Option<String>), PhoneError> {
    let lower = typed.to_ascii_lowercase();
    let Some(at) = lower.find(['e', 'x', '#']) else { return Ok((lower, None)) };
    let (number, rest) = lower.split_at(at);
    let mark = ["extension", "extn", "ext", "ex", "x", "#"].into_iter().find(|mark| rest.starts_with(mark));
    let Some(mark) = mark else {
        return Err(PhoneError::BadCharacter('e'));
    };
    let extension = rest[mark.len()..].trim_matches(|c: char| is_blank(c) || matches!(c, '.' | ':'));
    if !(1..=6).contains(&extension.len()) || !extension.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PhoneError::Extension);
    }
    Ok((number.to_owned(), Some(extension.to_owned())))
}

/// A leading + and the digits; what people put between them falls away.
fn digits(number: &str) -> Result<String, PhoneError> {
    let mut out = String::with_capacity(16);
    for c in number.chars() {
        match c {
            '0'..='9' => out.push(c),
            '+' if out.is_empty() => out.push(c),
            c if is_blank(c) || is_dash(c) || matches!(c, '.' | '(' | ')' | '/') => {}
            c => return Err(PhoneError::BadCharacter(c)),
        }
    }
    Ok(out)
}

/// The national form, starting with 0, checked for range and length.
fn national(digits: &str) -> Result<String, PhoneError> {
    let abroad = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"));
    let national = match abroad.map(|rest| rest.strip_prefix("44")) {
        Some(Some(rest)) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        Some(None) => return Err(PhoneError::NotUk),
        None => digits.to_owned(),
    };
    if !national.starts_with('0') {
        return Err(PhoneError::NoAreaCode);
    }
    if !matches!(national.len(), 10 | 11) {
        return Err(PhoneError::Length(national.len()));
    }
    if matches!(national.as_bytes()[1], b'0' | b'4' | b'6') {
        return Err(PhoneError::NoSuchRange(national[..2].to_owned()));
    }
    Ok(national)
}

impl fmt::Display for Phone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.typed)
    }
}

kept_as_text!(Phone, PhoneError);
masked_debug!(Phone);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_of_writing_a_number_rings_the_same_line() {
        for typed in [
            "01632 960001",
            "(01632) 960-001",
            "+44 (0)1632 960001",
            "0044 1632 960001",
            "+44\u{a0}1632.960001",
        ] {
            let phone = Phone::parse(typed).expect(typed);
            assert_eq!(phone.digits(), "01632960001", "{typed}");
            assert_eq!(phone.as_typed(), typed);
            assert!(phone.same_line(&Phone::sample()));
        }
    }

    #[test]
    fn texts_go_to_mobiles_and_machines_read_one_form() {
        for typed in ["07700 900123", "+44 (0)7700 900 123", "0044 7700 900123"] {
            let phone = Phone::parse(typed).expect(typed);
            assert_eq!((phone.e164().as_str(), phone.takes_texts()), ("+447700900123", true), "{typed}");
        }
        for (typed, takes) in [
            ("01632 960001", false),
            ("07012 345678", false),
            ("07600 123456", false),
            ("07624 123456", true),
            ("07700 900123 ext 4", false),
            ("0800 123456", false),
        ] {
            assert_eq!(Phone::parse(typed).expect(typed).takes_texts(), takes, "{typed}");
        }
    }

    #[test]
    fn an_extension_is_kept_apart() {
        for typed in
            ["01632 960001 ext 12", "01632 960001x12", "01632 960001 Extension: 12", "01632960001 #12"]
        {
            assert_eq!(Phone::parse(typed).expect(typed).link(), "tel:+441632960001;ext=12", "{typed}");
        }
        assert_eq!(Phone::parse("01632 960001 ext").unwrap_err(), PhoneError::Extension);
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        for (typed, fault) in [
            ("  ", PhoneError::Empty),
            ("960001", PhoneError::NoAreaCode),
            ("+33 1 23 45 67 89", PhoneError::NotUk),
            ("01632 960", PhoneError::Length(8)),
            ("01632 9600011", PhoneError::Length(12)),
            ("07700 900123 (mum)", PhoneError::BadCharacter('m')),
            ("east", PhoneError::BadCharacter('e')),
            ("04632 960001", PhoneError::NoSuchRange("04".into())),
        ] {
            assert_eq!(Phone::parse(typed).unwrap_err(), fault, "{typed}");
        }
        assert_eq!(Phone::parse(&"0".repeat(41)).unwrap_err(), PhoneError::TooLong);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_kept_comes_back(text in "[-+0-9 ().extb#\u{a0}é]{0,45}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert!(phone.digits().bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(Phone::parse(phone.as_typed()), Ok(phone));
            }
        }

        #[test]
        fn grouping_never_matters(tail in "[0-9]{3}", gap in "[ .-]{0,2}") {
            let phone = Phone::parse(&format!("07700{gap}900{gap}{tail}")).expect("a mobile");
            prop_assert_eq!(phone.digits(), format!("07700900{tail}"));
        }
    }
}
