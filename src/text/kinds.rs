//! Which texts there are, and their words.
//!
//! | kind | goes to | when |
//! |---|---|---|
//! | `text-code` | the number that the setting recorded | a link waits to be opened |
//! | `text-sign` | the same | a form waits to be read and signed |
//! | `text-reminder` | the same | it still waits |
//! | `text-see` | the same | the family's own page |
//!
//! None says who sends it or what it is about: somebody else may read the telephone.
//!
//! The words of one kind differ in what is filled in alone, and that has one length: how long a text is
//! tells nothing about a family. Each fits into one message of 160 characters in the alphabet of telephones
//! (GSM 03.38) when the relay's address has 24 characters or fewer; a longer one makes two.

use askama::Template;

use crate::domain::family::CODE;
use crate::domain::time::MINUTE;

/// How long a code works, minutes: a text that could not be sent by then is not sent any more.
pub const CODE_MINUTES: i64 = CODE / MINUTE;

/// What is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Six digits, or empty.
    pub code: String,
    /// The whole address of a link, or empty.
    pub link: String,
}

/// What the templates see.
struct Words<'a> {
    code: &'a str,
    minutes: i64,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "letters/text-code/body.txt", escape = "none")]
struct TextCode<'a> {
    c: &'a Words<'a>,
}

macro_rules! of_a_link {
    ($($name:ident $path:literal),+) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> {
            c: &'a Words<'a>,
        }
    )+};
}

of_a_link!(
    TextSign "letters/text-sign/body.txt",
    TextReminder "letters/text-reminder/body.txt",
    TextSee "letters/text-see/body.txt"
);

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A one-time code that opens a link.
    TextCode,
    /// A form waits to be read and signed.
    TextSign,
    /// It still waits.
    TextReminder,
    /// The family's own page.
    TextSee,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Kind] = &[Kind::TextCode, Kind::TextSign, Kind::TextReminder, Kind::TextSee];

    /// The code in the letter's row; also the folder under `templates/letters/` and the key of the gateway's
    /// template in the configuration. Every one begins with `text-`.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::TextCode => "text-code",
            Kind::TextSign => "text-sign",
            Kind::TextReminder => "text-reminder",
            Kind::TextSee => "text-see",
        }
    }

    /// The kind with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Kind::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// How long after it was queued it is still sent, minutes; `None`: as long as a letter is tried.
    pub const fn lasts_minutes(self) -> Option<i64> {
        match self {
            Kind::TextCode => Some(CODE_MINUTES),
            Kind::TextSign | Kind::TextReminder | Kind::TextSee => None,
        }
    }

    /// The names under which the gateway's template has what is filled in, with their values.
    pub fn personalisation(self, given: &Given) -> Vec<(&'static str, String)> {
        match self {
            Kind::TextCode => {
                vec![("code", given.code.clone()), ("minutes", CODE_MINUTES.to_string())]
            }
            Kind::TextSign | Kind::TextReminder | Kind::TextSee => vec![("link", given.link.clone())],
        }
    }

    /// The words, filled in.
    ///
    /// # Errors
    /// The template's.
    pub fn words(self, given: &Given) -> Result<String, askama::Error> {
        let words = Words { code: &given.code, minutes: CODE_MINUTES, link: &given.link };
        let text = match self {
            Kind::TextCode => TextCode { c: &words }.render()?,
            Kind::TextSign => TextSign { c: &words }.render()?,
            Kind::TextReminder => TextReminder { c: &words }.render()?,
            Kind::TextSee => TextSee { c: &words }.render()?,
        };
        Ok(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code and a link of the usual length, made of one letter.
    fn given(letter: char) -> Given {
        let many = |n| std::iter::repeat_n(letter, n).collect::<String>();
        Given { code: many(6), link: format!("https://relay.example/family/{}", many(64)) }
    }

    #[test]
    fn every_text_is_one_message_of_one_length() {
        for kind in Kind::ALL {
            assert!(kind.code().starts_with("text-"));
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
            let words = |letter| kind.words(&given(letter)).expect("fills in");
            let (one, other) = (words('0'), words('9'));
            assert_eq!(one.chars().count(), other.chars().count());
            assert!(one.chars().count() <= 160, "{}: {}", kind.code(), one.chars().count());
            assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || " .,:/?-()".contains(c)), "{one}");
            assert!(!one.contains('\n') && one.contains("000000"));
            assert!(!one.contains("child") && !one.contains("nurser"), "somebody else may read it: {one}");
        }
        assert_eq!(Kind::from_code("text-other"), None);
    }

    #[test]
    fn the_words_to_copy_to_the_gateway_are_these_words() {
        let manual = include_str!("../../docs/operations.md");
        for kind in Kind::ALL {
            let marks = Given { code: "((code))".to_owned(), link: "((link))".to_owned() };
            let there = kind.words(&marks).expect("fills in");
            let there = there.replace(&format!("for {CODE_MINUTES} minutes"), "for ((minutes)) minutes");
            assert!(manual.contains(&format!("    {there}\n")), "{there}");
            let filled = kind.personalisation(&given('7')).into_iter();
            let filled =
                filled.fold(there, |text, (name, value)| text.replace(&format!("(({name}))"), &value));
            assert_eq!(filled, kind.words(&given('7')).expect("fills in"), "every mark has a value");
        }
    }
}
