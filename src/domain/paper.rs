//! What the square code on a printed form says: which form, which page, which very words.
//!
//! `DL1:7K3M9QX3:2:3:…:…:…`: a prefix with the version of this layout, the paper's reference, page and
//! pages, the first 128 bits of the family part's SHA-256, 20 bits of the statement's, and 35 bits over
//! all of it. None of it says anything about the child: the reference is a keyed digest of the draft's
//! id (DOMAIN section 7). The code's own error correction may, rarely, mend a damaged code into another
//! one; the last group is there so that such a reading is none, and never a wrong one.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::agreement::Statement;
use super::reference::Reference;

/// Sets our codes, and this layout of them, apart from every other.
const PREFIX: &str = "DL1";
/// 32 symbols that a square code packs tightly; no I, L, O or U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of the family part's digest: 130 bits hold 128.
const WORDS: usize = 26;
/// Symbols of the statement's digest.
const STATEMENT: usize = 4;
/// Symbols of the check.
const CHECK: usize = 7;
/// Most pages of a form.
pub const MOST_PAGES: u8 = 20;

/// The sheet, A4: width and height in millimetres.
pub const SHEET: (f32, f32) = (210.0, 297.0);
/// A side of the square code without its white margin, in millimetres: about one for each square.
pub const CODE_SIDE: f32 = 32.0;
/// From the sheet's left edge to the code, in millimetres.
pub const CODE_LEFT: f32 = 22.0;
/// From the sheet's top edge to the code, in millimetres.
pub const CODE_TOP: f32 = 247.0;

/// What every page of one printed form shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PaperMark {
    /// The eight symbols of the paper's reference, without the dash.
    reference: [u8; 8],
    /// The first 128 bits of the family part's SHA-256.
    words: [u8; 16],
    /// The first 20 bits of the SHA-256 of the statement's version, language and text.
    statement: u32,
}

/// What one page's square code says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PaperCode {
    /// Which form, with which words.
    pub mark: PaperMark,
    /// Page, from 1.
    pub page: u8,
    /// Pages of the form, at most [`MOST_PAGES`].
    pub pages: u8,
}

/// How a scanned page stands to a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    /// This very form.
    Same,
    /// This form, printed before its words or its statement were changed.
    OtherWords,
    /// Another form.
    OtherForm,
}

impl PaperMark {
    /// The mark of a form: eight bytes of a keyed digest of its draft's id, the family part's SHA-256 in
    /// lower-case hexadecimal digits, and the statement that is printed. `None` when the digest is none.
    pub fn new(keyed: [u8; 8], content_sha256: &str, statement: &Statement) -> Option<Self> {
        let mut reference = [0; 8];
        let symbols = Reference::from_random(keyed).as_str().replace('-', "");
        reference.copy_from_slice(symbols.as_bytes().get(..8)?);
        let mut words = [0; 16];
        for (byte, at) in words.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(content_sha256.get(at..at + 2)?, 16).ok()?;
        }
        let said = [&statement.version, &statement.language, &statement.text];
        let digest = Sha256::digest(said.map(String::as_str).join("\n"));
        let statement = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> 12;
        Some(Self { reference, words, statement })
    }

    /// What is printed beside the code and compared by eye: `P-7K3M-9QX3`.
    pub fn reference(&self) -> String {
        let symbols = String::from_utf8_lossy(&self.reference);
        format!("P-{}-{}", &symbols[..4], &symbols[4..])
    }

    /// The words' short form, compared by eye with the reference: `4F7K-2M9Q`.
    pub fn version(&self) -> String {
        let symbols = in_symbols(&self.words, WORDS);
        format!("{}-{}", &symbols[..4], &symbols[4..8])
    }

    /// How a page that was read stands to this form.
    pub fn compare(&self, read: &PaperMark) -> Match {
        match (self.reference == read.reference, self == read) {
            (_, true) => Match::Same,
            (true, false) => Match::OtherWords,
            (false, false) => Match::OtherForm,
        }
    }
}

impl PaperCode {
    /// The text that the square code holds.
    pub fn text(&self) -> String {
        let body = self.body();
        let check = check(&body);
        format!("{body}:{check}")
    }

    fn body(&self) -> String {
        let PaperCode { mark, page, pages } = self;
        let reference = String::from_utf8_lossy(&mark.reference);
        let words = in_symbols(&mark.words, WORDS);
        let statement = in_symbols(&(mark.statement << 12).to_be_bytes(), STATEMENT);
        format!("{PREFIX}:{reference}:{page}:{pages}:{words}:{statement}")
    }

    /// Reads what a square code holds; `None` for anything that is not exactly one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split(':').collect();
        let [PREFIX, reference, page, pages, words, statement, _] = groups[..] else { return None };
        let number = |text: &str| text.parse().ok().filter(|n| (1..=MOST_PAGES).contains(n));
        let (page, pages) = (number(page)?, number(pages)?);
        let reference = Reference::parse(reference).ok()?.as_str().replace('-', "");
        let statement: [u8; 4] = from_symbols(statement, STATEMENT)?;
        let mark = PaperMark {
            reference: reference.as_bytes().try_into().ok()?,
            words: from_symbols(words, WORDS)?,
            statement: u32::from_be_bytes(statement) >> 12,
        };
        let code = Self { mark, page, pages };
        (page <= pages && code.text() == text).then_some(code)
    }
}

impl fmt::Display for PaperMark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} · {}", self.reference(), self.version())
    }
}

/// Seven symbols over the rest of a code.
fn check(body: &str) -> String {
    in_symbols(&Sha256::digest(body), CHECK)
}

/// The first `count` groups of five bits; bits past the end are nought.
fn in_symbols(bytes: &[u8], count: usize) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
    let value = |group: usize| (0..5).fold(0, |value, at| value << 1 | bit(group * 5 + at));
    (0..count).map(|group| char::from(SYMBOLS[usize::from(value(group))])).collect()
}

/// The bytes back; `None` for another number of symbols or a symbol that is none.
fn from_symbols<const N: usize>(text: &str, count: usize) -> Option<[u8; N]> {
    if text.len() != count {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (group, symbol) in text.bytes().enumerate() {
        let value = SYMBOLS.iter().position(|one| *one == symbol)?;
        for at in 0..5 {
            let place = group * 5 + at;
            if value >> (4 - at) & 1 == 1 {
                *bytes.get_mut(place / 8)? |= 0x80 >> (place % 8);
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statement(text: &str) -> Statement {
        Statement { version: "v1".to_owned(), language: "en".to_owned(), text: text.to_owned() }
    }

    fn mark(keyed: u8, hex: &str) -> PaperMark {
        PaperMark::new([keyed; 8], &hex.repeat(32), &statement("I agree.")).expect("a mark")
    }

    #[test]
    fn another_form_older_words_and_another_statement_are_told_apart() {
        let form = mark(7, "a1");
        assert_eq!(form.compare(&mark(7, "a1")), Match::Same);
        assert_eq!(form.compare(&mark(7, "a2")), Match::OtherWords);
        assert_eq!(form.compare(&mark(8, "a1")), Match::OtherForm);
        let reworded = PaperMark::new([7; 8], &"a1".repeat(32), &statement("I agree!")).expect("a mark");
        assert_eq!(form.compare(&reworded), Match::OtherWords);
        assert!(PaperMark::new([7; 8], "short", &statement("")).is_none());
    }

    #[test]
    fn what_is_printed_beside_it_is_short() {
        let form = mark(7, "a1");
        assert_eq!((form.reference().len(), form.version().len()), (11, 9));
        assert_eq!(form.to_string(), format!("{} · {}", form.reference(), form.version()));
    }

    proptest! {
        #[test]
        fn every_code_comes_back_and_one_wrong_symbol_is_none(
            keyed in any::<[u8; 8]>(), words in any::<[u8; 32]>(), pages in 1..=MOST_PAGES, page in 1..=MOST_PAGES,
            at in any::<prop::sample::Index>(), with in any::<prop::sample::Index>(),
        ) {
            let hex: String = words.iter().map(|byte| format!("{byte:02x}")).collect();
            let mark = PaperMark::new(keyed, &hex, &statement("I agree.")).expect("a mark");
            let code = PaperCode { mark, page: page.min(pages), pages };
            let text = code.text();
            prop_assert!(text.len() <= 60, "{text}");
            prop_assert_eq!(PaperCode::parse(&text), Some(code));
            let mut wrong: Vec<char> = text.chars().collect();
            let at = at.index(wrong.len());
            let with = char::from(SYMBOLS[with.index(32)]);
            if wrong[at] != with {
                wrong[at] = with;
                prop_assert_eq!(PaperCode::parse(&wrong.iter().collect::<String>()), None);
            }
        }

        #[test]
        fn anything_else_is_none(text in "\\PC{0,70}") {
            prop_assert_eq!(PaperCode::parse(&text), None);
        }
    }
}
