//! Which texts there are, and their words.
//!
//! | kind | goes to | when |
//! |---|---|---|
//! | `text-code` | the number that the setting recorded | a link waits to be opened |
//!
//! The words of one kind differ in what is filled in alone, and that has one length: how long a text is
//! tells nothing about a family. Each fits into one message of 160 characters in the alphabet of telephones
//! (GSM 03.38); a letter outside it would halve that.

use askama::Template;

/// How long a code works, minutes: a text that could not be sent by then is not sent any more.
pub const CODE_MINUTES: i64 = 10;

/// What is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Six digits, or empty.
    pub code: String,
}

/// What the templates see.
struct Words<'a> {
    code: &'a str,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "letters/text-code/body.txt", escape = "none")]
struct TextCode<'a> {
    c: &'a Words<'a>,
}

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A one-time code that opens a link.
    TextCode,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Kind] = &[Kind::TextCode];

    /// The code in the letter's row; also the folder under `templates/letters/` and the key of the gateway's
    /// template in the configuration. Every one begins with `text-`.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::TextCode => "text-code",
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
        }
    }

    /// The names under which the gateway's template has what is filled in, with their values.
    pub fn personalisation(self, given: &Given) -> Vec<(&'static str, String)> {
        match self {
            Kind::TextCode => {
                vec![("code", given.code.clone()), ("minutes", CODE_MINUTES.to_string())]
            }
        }
    }

    /// The words, filled in.
    ///
    /// # Errors
    /// The template's.
    pub fn words(self, given: &Given) -> Result<String, askama::Error> {
        let words = Words { code: &given.code, minutes: CODE_MINUTES };
        let text = match self {
            Kind::TextCode => TextCode { c: &words }.render()?,
        };
        Ok(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_one_message_of_one_length() {
        for kind in Kind::ALL {
            assert!(kind.code().starts_with("text-"));
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
            let words = |code: &str| kind.words(&Given { code: code.to_owned() }).expect("fills in");
            let (one, other) = (words("000000"), words("987654"));
            assert_eq!(one.chars().count(), other.chars().count());
            assert!(one.chars().count() <= 160, "{}: {}", kind.code(), one.chars().count());
            assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || " .,:/?-()".contains(c)), "{one}");
            assert!(!one.contains('\n') && one.contains("000000"));
        }
        assert_eq!(Kind::from_code("text-other"), None);
    }

    #[test]
    fn the_words_to_copy_to_the_gateway_are_these_words() {
        let manual = include_str!("../../docs/operations.md");
        let words = include_str!("../../templates/letters/text-code/body.txt");
        let there = words.trim().replace("{{ c.", "((").replace(" }}", "))");
        assert!(manual.contains(&there), "{there}");
        let given = Given { code: "123456".to_owned() };
        let filled = Kind::TextCode.personalisation(&given).into_iter();
        let filled = filled.fold(there, |text, (name, value)| text.replace(&format!("(({name}))"), &value));
        assert_eq!(filled, Kind::TextCode.words(&given).expect("fills in"), "every mark has a value");
    }
}
