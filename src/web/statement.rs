//! The agreement statement as a page shows it: in the language that was chosen, beside the English one, and
//! the languages to choose from. `templates/family/statement.html` and `languages.html` take these.

use crate::domain::words::Words;
use crate::gate::statements::{Version, Wording};

/// One language of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// BCP 47.
    pub language: String,
    /// Its own name.
    pub name: String,
    /// `ltr` or `rtl`; `auto`, by its first letter, for a language that the program has no words in.
    pub dir: &'static str,
    /// The statement.
    pub paragraphs: Vec<String>,
    /// The same in plain words, a point each.
    pub plain: Vec<String>,
}

impl Shown {
    /// As a version has it.
    pub fn of(wording: &Wording) -> Self {
        Self {
            language: wording.language.clone(),
            name: wording.name.clone(),
            dir: Words::of(&wording.language).map_or("auto", |words| words.dir),
            paragraphs: wording.paragraphs(),
            plain: wording.plain.clone(),
        }
    }
}

/// A version in a chosen language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementView {
    /// The version's name: the form sends it back, so that nobody signs other words than were shown.
    pub version: String,
    /// What is signed.
    pub chosen: Shown,
    /// The English statement, when another language was chosen.
    pub english: Option<Shown>,
    /// Every language that there is, the chosen one among them.
    pub languages: Vec<Shown>,
}

impl StatementView {
    /// The version in a language; in English where it has none.
    pub fn of(version: &Version, language: &str) -> Self {
        let languages: Vec<Shown> = version.wordings().iter().map(Shown::of).collect();
        let chosen = Shown::of(version.wording(language));
        let english = languages.first().filter(|first| **first != chosen).cloned();
        Self { version: version.name().to_owned(), chosen, english, languages }
    }

    /// The words for the page around it; English where the program has none in the chosen language.
    pub fn words(&self) -> &'static Words {
        Words::or_english(&self.chosen.language)
    }

    /// Whether there is a choice.
    pub fn many(&self) -> bool {
        self.languages.len() > 1
    }
}
