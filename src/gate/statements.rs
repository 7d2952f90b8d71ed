//! The agreement statements that this deployment knows: versioned files, word for word, one a language.
//!
//! ```text
//!  {version}.{language}.txt         what a parent or carer signs, paragraphs with an empty line between
//!  {version}.{language}.plain.txt   the same in plain words, a point a line; never in its place
//!  {language}.name.txt              the language's own name, where the program has no words in it
//! ```
//!
//! The shipped version is our own wording of the points of DOMAIN section 3. A trust loads its own from a
//! folder; from the first day that one of them holds, the shipped one is shown no more. A version may end in
//! the day from which it holds (`trust-2027-01-01`, or `trust-2027-01` for the first of the month); without
//! one it holds from ever. What was once shown stays known, so a signature for it stays good: old files stay
//! in the folder, unchanged.

mod read;

use jiff::civil::Date;

use crate::domain::agreement::{Agreement, Statement};
use crate::domain::words::Words;

pub use read::{Named, Problem};

/// One version in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// BCP 47 language, such as `en`.
    pub language: String,
    /// The language's own name.
    pub name: String,
    /// The statement, word for word.
    pub text: String,
    /// The same in plain words, a point each.
    pub plain: Vec<String>,
}

impl Wording {
    /// The statement's paragraphs.
    pub fn paragraphs(&self) -> Vec<String> {
        paragraphs(&self.text)
    }
}

/// The paragraphs of a statement's text.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// One version in all its languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    name: String,
    from: Date,
    shipped: bool,
    /// English first, the others by their codes.
    wordings: Vec<Wording>,
}

impl Version {
    /// The version's name, such as `default-2026-11`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first day on which it is shown; `Date::MIN` for ever.
    pub fn from(&self) -> Date {
        self.from
    }

    /// Whether it came with the program.
    pub fn is_shipped(&self) -> bool {
        self.shipped
    }

    /// Every language that it is written in, English first.
    pub fn wordings(&self) -> &[Wording] {
        &self.wordings
    }

    /// The words in a language; the English ones where there are none.
    pub fn wording(&self, language: &str) -> &Wording {
        self.in_language(language).unwrap_or(&self.wordings[0])
    }

    fn in_language(&self, language: &str) -> Option<&Wording> {
        self.wordings.iter().find(|one| one.language.eq_ignore_ascii_case(language))
    }

    /// What is signed in a language, and the English statement that stands beside it when that is another.
    pub fn signed(&self, language: &str) -> (Statement, Option<Statement>) {
        let (chosen, english) = (self.wording(language), &self.wordings[0]);
        (self.statement(chosen), (chosen != english).then(|| self.statement(english)))
    }

    fn statement(&self, wording: &Wording) -> Statement {
        Statement {
            version: self.name.clone(),
            language: wording.language.clone(),
            text: wording.text.clone(),
        }
    }
}

/// Every version that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statements {
    /// The shipped ones first, then the trust's; each kind by day.
    versions: Vec<Version>,
}

impl Statements {
    /// Every version: what is shown next comes last.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The version that is shown on a day: the trust's newest whose day has come, or else the shipped one.
    pub fn current(&self, today: Date) -> &Version {
        self.versions.iter().rfind(|one| one.from <= today).unwrap_or(&self.versions[0])
    }

    /// The statement of a version and language, if it is one of ours.
    pub fn find(&self, version: &str, language: &str) -> Option<Statement> {
        let version = self.version(version)?;
        version.in_language(language).map(|wording| version.statement(wording))
    }

    /// The version with this name.
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.name == name)
    }

    /// The English statement that stands beside one in another language.
    pub fn beside(&self, statement: &Statement) -> Option<Statement> {
        self.version(&statement.version)?.signed(&statement.language).1
    }

    /// Whether a signed statement is one of ours, word for word.
    pub fn known(&self, statement: &Statement) -> bool {
        self.find(&statement.version, &statement.language).is_some_and(|known| known.text == statement.text)
    }

    /// Whether what was signed is one of ours and, in another language than English, stood beside the
    /// English statement of the same version.
    pub fn known_both(&self, agreement: &Agreement) -> bool {
        let (signed, english) = (&agreement.statement, Words::english().code);
        self.known(signed)
            && match &agreement.beside {
                None => signed.language == english,
                Some(beside) => {
                    beside.language == english && beside.version == signed.version && self.known(beside)
                }
            }
    }
}

/// The shipped statement in English, for samples and tests.
pub fn sample() -> Statement {
    Statements::shipped().versions[0].signed(Words::english().code).0
}

#[cfg(test)]
mod tests;
