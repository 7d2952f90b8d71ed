//! The only text an event can hold: a short code. Names, addresses and typed words have spaces,
//! apostrophes, `@` or letters beyond ASCII, so a mistake in another room fails here and loudly
//! rather than writing a family's words into a trail that is never erased (DESIGN section 6).

use std::borrow::Cow;
use std::fmt;

/// The most bytes a code may have: a SHA-256 in hexadecimal just fits.
pub const MAX_CODE: usize = 64;

/// An id or code: up to [`MAX_CODE`] of `A-Z a-z 0-9 _ . : -`, or empty for "none".
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Cow<'static, str>);

/// Why a text is not a code. The text itself is never repeated: it may be somebody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// More than [`MAX_CODE`] bytes.
    #[error("a code has at most {MAX_CODE} characters, this text has {0} bytes")]
    TooLong(usize),
    /// A byte outside the alphabet; its position, counted from 0.
    #[error("a code has letters, digits and _ . : - only; byte {0} of this text is something else")]
    Character(usize),
}

impl Code {
    /// No code.
    pub const EMPTY: Self = Self(Cow::Borrowed(""));

    /// A code from a text that is not known beforehand.
    ///
    /// # Errors
    /// When the text is too long or has a character that a code may not have.
    pub fn new(text: &str) -> Result<Self, CodeError> {
        match fault(text.as_bytes()) {
            None => Ok(Self(Cow::Owned(text.to_owned()))),
            Some(error) => Err(error),
        }
    }

    /// A code written in the program, such as `Code::fixed("triage")`.
    ///
    /// # Panics
    /// When the literal is not a code: a programming mistake, found at compile time in a `const`
    /// and by the first test that passes otherwise.
    pub const fn fixed(text: &'static str) -> Self {
        assert!(fault(text.as_bytes()).is_none(), "this literal is not a code");
        Self(Cow::Borrowed(text))
    }

    /// A code from text in which the reader of canonical bytes has just looked at every character.
    pub(super) fn scanned(text: &str) -> Self {
        debug_assert!(fault(text.as_bytes()).is_none());
        if text.is_empty() { Self::EMPTY } else { Self(Cow::Owned(text.to_owned())) }
    }

    /// A text that is a code by its making (an id, a reference, a stored code). Anything else,
    /// which only a damaged row could bring here, is recorded as `not-a-code`.
    pub fn of(text: &str) -> Self {
        Self::new(text).unwrap_or(Self::fixed("not-a-code"))
    }

    /// A number as a code, for counts and editions.
    pub fn number(n: u64) -> Self {
        Self(Cow::Owned(n.to_string()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The first thing that keeps `text` from being a code.
const fn fault(text: &[u8]) -> Option<CodeError> {
    if text.len() > MAX_CODE {
        return Some(CodeError::TooLong(text.len()));
    }
    let mut i = 0;
    while i < text.len() {
        if !allowed(text[i]) {
            return Some(CodeError::Character(i));
        }
        i += 1;
    }
    None
}

/// May this byte stand in a code? A table, since every byte of a trail is asked this.
pub(super) const fn allowed(byte: u8) -> bool {
    ALPHABET[byte as usize]
}

const ALPHABET: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
        byte += 1;
    }
    table
};

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<uuid::Uuid> for Code {
    fn from(id: uuid::Uuid) -> Self {
        Self(Cow::Owned(id.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_refused() {
        for typed in
            ["Mia Sample", "o'neill", "a@b.example", "Łucja", "a,b", "two\nlines", "50%", "\"", "a/b", "\0"]
        {
            assert!(matches!(Code::new(typed), Err(CodeError::Character(_))), "{typed:?} got in");
        }
        assert_eq!(Code::new(&"a".repeat(65)), Err(CodeError::TooLong(65)));
        assert_eq!(Code::new("ab cd"), Err(CodeError::Character(2)));
    }

    #[test]
    fn ids_and_codes_pass() {
        let id = uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        assert_eq!(Code::from(id).as_str(), "01900000-0000-7000-8000-000000000001");
        assert_eq!(Code::new("K7-2M:v1.0_x").unwrap().as_str(), "K7-2M:v1.0_x");
        assert_eq!(Code::number(u64::MAX).as_str(), "18446744073709551615");
        assert!(Code::new(&"a".repeat(64)).is_ok());
        assert_eq!(Code::new("").unwrap(), Code::EMPTY);
    }

    #[test]
    #[should_panic(expected = "this literal is not a code")]
    fn a_wrong_literal_is_found() {
        let _ = Code::fixed("not a code");
    }

    proptest! {
        #[test]
        fn a_text_passes_exactly_when_every_character_may(text in ".{0,80}") {
            let may = text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.:-".contains(c));
            prop_assert_eq!(Code::new(&text).is_ok(), may);
        }
    }
}
