//! Names of people: any script, kept as typed, never corrected (DOMAIN section 7).
//!
//! Only what would break a page or a letter is refused: line breaks, control characters, and the
//! marks that turn the direction of the text around them. Comparison is looser than equality,
//! because one name is written in many ways; it serves the check that a signer is not the alleged
//! perpetrator (DOMAIN section 3), where missing a match is worse than holding once too often.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, is_dash, kept_as_text, masked_debug};

/// The longest name, in characters.
pub const MAX: usize = 100;

/// A person's name, or one part of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was typed.
    #[error("Enter the name")]
    Empty,
    /// More than [`MAX`] characters.
    #[error("A name can have at most {MAX} characters; this one has {0}")]
    TooLong(usize),
    /// A line break.
    #[error("Enter the name on one line")]
    LineBreak,
    /// A control character or a mark that overrides the direction of text.
    #[error("The name has a hidden character in it: type it again")]
    Unprintable,
    /// No letter at all.
    #[error("Enter the name in letters")]
    NoLetter,
}

impl PersonName {
    /// Reads a name; only the blanks at either end are taken off.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim_matches(is_blank);
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        let length = name.chars().count();
        if length > MAX {
            return Err(NameError::TooLong(length));
        }
        if name.contains(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Err(NameError::LineBreak);
        }
        if name.chars().any(|c| c.is_control() || overrides_direction(c)) {
            return Err(NameError::Unprintable);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(NameError::NoLetter);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both may be the same person: see [`may_be_same_person`].
    pub fn matches(&self, other: &Self) -> bool {
        may_be_same_person(&self.0, &other.0)
    }

    /// Sample data: a made-up name.
    pub fn sample() -> Self {
        Self::parse("Zofia Nowak-Bąk").expect("the sample is a name")
    }

    fn kept(&self) -> &str {
        &self.0
    }
}

/// Embeddings, overrides and isolates; the plain marks that some scripts need are welcome.
fn overrides_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether two full names may belong to one person.
///
/// Case, accents, hyphens, apostrophes and the order of the words do not count; when both have
/// two words or more, further words (a middle name) on one side do not count either. Initials and
/// nicknames are not matched.
pub fn may_be_same_person(a: &str, b: &str) -> bool {
    let pairs = [(words(a, true), words(b, true)), (words(a, false), words(b, false))];
    pairs.iter().any(|(a, b)| !a.is_empty() && !b.is_empty() && same_words(a, b))
}

/// Whether two texts are the same full name, as somebody types their own twice: case, accents, spaces
/// and punctuation do not count; order and number of the words do.
pub fn is_same_full_name(a: &str, b: &str) -> bool {
    let folded = |name: &str| words(name, true).concat();
    !folded(a).is_empty() && folded(a) == folded(b)
}

fn same_words(a: &[String], b: &[String]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if few.len() == 1 && many.len() > 1 {
        return few[0] == many.concat();
    }
    let mut left = many.to_vec();
    few.iter().all(|word| match left.iter().position(|other| other == word) {
        Some(at) => {
            left.swap_remove(at);
            true
        }
        None => false,
    })
}

/// The folded words; with `split`, hyphens part words, else they vanish (`Anne-Marie`, `Annemarie`).
fn words(name: &str, split: bool) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in name.chars().flat_map(char::to_lowercase) {
        let parts = is_blank(c) || c == ',' || (split && is_dash(c));
        match out.last_mut() {
            Some(word) if !parts => fold(c, word),
            _ => out.push(String::new()),
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

/// Adds the letter under the accents of a lower-case `c`; marks and punctuation add nothing.
fn fold(c: char, word: &mut String) {
    let plain = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | '\u{1EA0}'..='\u{1EB7}' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | '\u{1EB8}'..='\u{1EC7}' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | '\u{1EC8}'..='\u{1ECB}' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' | '\u{1ECC}'..='\u{1EE3}' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' | '\u{1EE4}'..='\u{1EF1}' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | '\u{1EF2}'..='\u{1EF9}' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ё' => "е",
        '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{0652}' => "",
        c if c.is_alphanumeric() => return word.push(c),
        _ => "",
    };
    word.push_str(plain);
}

impl fmt::Display for PersonName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

kept_as_text!(PersonName, NameError);
masked_debug!(PersonName);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).expect(text)
    }

    #[test]
    fn any_script_is_kept_as_typed() {
        for typed in
            ["Zofia Nowak-Bąk", "Олена Шевчук", "सीता थापा", "مُحَمَّد", "O’Neil", "X", "李 小龙", "mcDONALD"]
        {
            assert_eq!(name(typed).as_str(), typed);
        }
        assert_eq!(name(" \u{a0}Zofia ").as_str(), "Zofia");
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        for (typed, fault) in [
            (" ", NameError::Empty),
            ("Zofia\nNowak", NameError::LineBreak),
            ("Zofia\u{2028}Nowak", NameError::LineBreak),
            ("Zofia\u{0}", NameError::Unprintable),
            ("\u{202e}kawoN", NameError::Unprintable),
            ("Zofia\u{2067}", NameError::Unprintable),
            ("123 --", NameError::NoLetter),
        ] {
            assert_eq!(PersonName::parse(typed).unwrap_err(), fault, "{typed:?}");
        }
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(PersonName::parse(&"é".repeat(101)).unwrap_err(), NameError::TooLong(101));
    }

    #[test]
    fn one_person_written_in_many_ways_matches() {
        for (a, b) in [
            ("Zofia Nowak-Bąk", "NOWAK BAK, Zofia"),
            ("Anne-Marie O'Neil", "annemarie oneil"),
            ("José García", "Jose\u{301} Garci\u{301}a"),
            ("John Smith", "John Paul Smith"),
            ("Łukasz Żak", "lukasz zak"),
            ("مُحَمَّد علي", "محمد علي"),
        ] {
            assert!(name(a).matches(&name(b)), "{a} / {b}");
            assert!(name(b).matches(&name(a)), "{b} / {a}");
        }
    }

    #[test]
    fn a_name_typed_twice_is_the_same_in_any_script_and_nobody_elses() {
        for (a, b) in [
            ("Ana Sample", " ana  SAMPLE. "),
            ("Zofia Nowak-Bąk", "zofia nowak bak"),
            ("Олена Шевчук", "олена шевчук"),
            ("सीता थापा", "सीता  थापा"),
            ("مُحَمَّد علي", "محمد علي"),
            ("李 小龙", "李小龙"),
            ("Anne-Marie O’Neil", "Anne Marie O'Neil"),
        ] {
            assert!(is_same_full_name(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("Ana Sample", "Ana"),
            ("Ana Sample", "Sample Ana"),
            ("Ana Sample", "Ana Maria Sample"),
            ("सीता थापा", "गीता थापा"),
            ("--", "--"),
            ("", ""),
        ] {
            assert!(!is_same_full_name(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn other_people_do_not_match() {
        for (a, b) in [
            ("Jane Smith", "John Smith"),
            ("Smith", "Jane Smith"),
            ("John John", "John Smith"),
            ("Олена Шевчук", "Олег Шевчук"),
            ("Ana", "Anna"),
        ] {
            assert!(!name(a).matches(&name(b)), "{a} / {b}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_name_matches_itself(text in "\\PC{0,30}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
                prop_assert_eq!(words(name.as_str(), false).is_empty(), !name.matches(&name));
            }
        }

        #[test]
        fn order_and_case_never_matter(first in "[a-zà-ö]{2,8}", last in "[a-zà-ö]{2,8}") {
            let swapped = format!("{} {}", last.to_uppercase(), first);
            let straight = format!("{first} {last}");
            prop_assert!(may_be_same_person(&straight, &swapped));
        }
    }
}
