//! Codes of joining: why a right is declined, how a setting was checked, why it was declined. And what an
//! organisation may be called.

use std::fmt;

use super::kept::is_blank;
use super::people::coded;

coded! {
    /// Why a clinical right is declined.
    DeclineReason {
        /// Nobody on the line knows them.
        NotKnown = "not-known", "I do not know this person";
        /// They work elsewhere.
        WrongLine = "wrong-line", "They do not work with this duty line";
        /// Their work does not need it.
        NotNeeded = "not-needed", "Their work does not need it";
        /// They have left or are leaving.
        Leaving = "leaving", "They have left, or are leaving";
        /// It was a slip.
        Mistake = "mistake", "It was asked for by mistake";
    }
}

coded! {
    /// How somebody knows that a setting that signed itself up is the setting.
    HowChecked {
        /// The register's number was rung.
        RangRegister = "rang-register", "I rang them on the number in Ofsted’s register";
        /// Known from before.
        Known = "known", "I know them and heard it from them in person";
        /// Somebody was there.
        Visited = "visited", "One of us visited them";
        /// The council said so.
        Council = "council", "The council’s early years team confirmed it";
    }
}

coded! {
    /// Why a setting that signed itself up is declined.
    SettingDecline {
        /// Somebody else used its number.
        NotThem = "not-them", "The setting says that it was not them";
        /// There is no such setting.
        NoSetting = "no-setting", "There is no such setting";
        /// It is here under another number.
        Twice = "twice", "The setting is here already under another number";
        /// The setting wants it.
        Asked = "asked", "The setting asked for it";
    }
}

/// The longest name of an organisation, in characters.
pub const MAX: usize = 120;

/// An organisation's name, kept as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationName(String);

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationNameError {
    /// Nothing was typed.
    #[error("Enter the name of the setting")]
    Empty,
    /// More than [`MAX`] characters.
    #[error("The name of a setting can have at most {MAX} characters")]
    TooLong,
    /// Line breaks or what cannot be seen.
    #[error("Enter the name on one line, without hidden characters")]
    Unprintable,
    /// No letter at all.
    #[error("Enter the name in letters")]
    NoLetter,
    /// An address of a page: it would become a link in somebody's mail.
    #[error("Enter the name of the setting, not its website")]
    Website,
}

impl OrganisationName {
    /// Reads a name; only the blanks at either end are taken off.
    pub fn parse(text: &str) -> Result<Self, OrganisationNameError> {
        let name = text.trim_matches(is_blank);
        if name.is_empty() {
            return Err(OrganisationNameError::Empty);
        }
        if name.chars().count() > MAX {
            return Err(OrganisationNameError::TooLong);
        }
        let hidden =
            |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if name.chars().any(hidden) {
            return Err(OrganisationNameError::Unprintable);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(OrganisationNameError::NoLetter);
        }
        let small = name.to_lowercase();
        if small.contains("://") || small.contains("www.") {
            return Err(OrganisationNameError::Website);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self::parse("Meadow Nursery").expect("the sample is a name")
    }
}

impl fmt::Display for OrganisationName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_register_pass_and_what_breaks_a_letter_does_not() {
        for name in ["St. Mary's Nursery", "Tots @ The Hall", "1st Steps (Deal) & Co/Ltd", "Żłobek"] {
            assert_eq!(OrganisationName::parse(name).expect(name).as_str(), name);
        }
        use OrganisationNameError::*;
        for (bad, why) in [
            (" ", Empty),
            ("123", NoLetter),
            ("A\nB", Unprintable),
            ("A\u{202e}B", Unprintable),
            ("See https://evil.example", Website),
            ("WWW.evil.example", Website),
            (&"a".repeat(121), TooLong),
        ] {
            assert_eq!(OrganisationName::parse(bad).unwrap_err(), why, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_name_comes_back(text in "\\PC{0,130}") {
            if let Ok(name) = OrganisationName::parse(&text) {
                prop_assert_eq!(OrganisationName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
