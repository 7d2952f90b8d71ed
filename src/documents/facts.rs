//! What the builders are told besides the answers, and the lines that several documents share.
//!
//! Plain values of the field: whoever asks for a document has read them through the store's doors
//! already, so an unrecorded print cannot be made here (DESIGN section 4). Nothing in this file
//! comes from the restricted part but the sender's urgency, which the duty line's own print shows
//! and no other does.

use jiff::civil::Date;

use super::answers::NOT_ANSWERED;
use super::content::Footer;
use crate::domain::agreement::{Agreement, ReferrerSignature};
use crate::domain::birth::BirthDate;
use crate::domain::form::Answers;
use crate::domain::locality::Locality;
use crate::domain::reference::Reference;
use crate::domain::referral::{Door, Urgency};
use crate::domain::time::{Instant, day_for_people};

/// What is known of a referral besides its content.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Its reference.
    pub reference: Reference,
    /// Which version of the content, from 1.
    pub version: u64,
    /// When the relay received this version; also the dates of the file.
    pub received: Instant,
    /// The door it came by.
    pub door: Door,
    /// The setting that sent it.
    pub setting: String,
    /// Whose duty line; none while the intake desk is choosing.
    pub line: Option<DutyLine>,
    /// Why this line, in one sentence with the table's edition; empty for none.
    pub routed_by: String,
    /// How soon the sender asks the line to look. On the duty line's own prints only.
    pub urgency: Urgency,
    /// It was sent without agreement: who decided and checked, and whether the parent knows.
    pub without_agreement: Option<String>,
}

/// A duty line as it is named on paper.
#[derive(Clone, Debug)]
pub struct DutyLine {
    /// The locality's name.
    pub name: String,
    /// Telephone numbers, in the order to try them.
    pub phones: Vec<String>,
}

impl From<&Locality> for DutyLine {
    fn from(locality: &Locality) -> Self {
        let phones = locality.phones.iter().map(ToString::to_string).collect();
        Self { name: locality.name.clone(), phones }
    }
}

/// A file that came with the referral.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The name it came with, cleaned.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub kind: String,
    /// Bytes.
    pub size: usize,
}

/// All that a document of the family part is made from. It has no place for restricted answers.
#[derive(Clone, Debug)]
pub struct ReferralPrint<'a> {
    /// What is known besides the content.
    pub facts: &'a Facts,
    /// The family part's answers; answers of other parts are never printed.
    pub family: FamilyAnswers<'a>,
    /// The parent's signature, if it was given.
    pub agreement: Option<&'a Agreement>,
    /// The referrer's signature, if it was given.
    pub referrer: Option<&'a ReferrerSignature>,
    /// The files that came with it.
    pub attachments: Vec<Attached>,
}

/// The family part's answers: a wrapper with a `Debug` that says nothing.
#[derive(Clone, Copy)]
pub struct FamilyAnswers<'a>(pub &'a Answers);

impl std::fmt::Debug for FamilyAnswers<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("FamilyAnswers(…)")
    }
}

/// Who printed a document and when: written on the restricted sheet.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The person's name.
    pub by: String,
    /// When.
    pub at: Instant,
}

impl DutyLine {
    /// `Canterbury and Coastal health visiting duty line`.
    pub fn title(&self) -> String {
        format!("{} health visiting duty line", self.name)
    }

    /// The numbers in one line, or that there is none.
    pub fn numbers(&self) -> String {
        if self.phones.is_empty() { "No number given".to_owned() } else { self.phones.join(" or ") }
    }
}

impl Facts {
    /// The line's title, or who is choosing one.
    pub fn line_title(&self) -> String {
        let waiting = || "The intake desk is choosing the duty line".to_owned();
        self.line.as_ref().map_or_else(waiting, DutyLine::title)
    }

    /// The foot of each page.
    pub(super) fn footer(&self) -> Footer {
        Footer { reference: self.reference.to_string(), version: format!("version {}", self.version) }
    }
}

impl ReferralPrint<'_> {
    pub(super) fn answers(&self) -> &Answers {
        self.family.0
    }

    /// The day on which ages are counted: the day of the referral.
    pub(super) fn day(&self) -> Date {
        self.answers().date("referrer.date").unwrap_or_else(|| self.facts.received.day())
    }

    /// `Child: Zofia Nowak, born 27 March 2024`: on each page of clinical paper, so that a loose
    /// page finds its way back. Starts with an English word to read from the left in any script.
    pub(super) fn child_line(&self) -> String {
        let born = self.answers().shown("child.date_of_birth");
        let born = born.map_or_else(String::new, |born| format!(", born {born}"));
        format!("Child: {}{born}", self.answers().child_name())
    }

    /// The date of birth in words.
    pub(super) fn born(&self) -> String {
        self.answers().shown("child.date_of_birth").unwrap_or_else(|| NOT_ANSWERED.to_owned())
    }

    /// The birth date, if it reads.
    pub(super) fn birth(&self) -> Option<BirthDate> {
        BirthDate::parse(self.answers().get("child.date_of_birth"), self.day()).ok()
    }

    /// `27 March 2024 (2 years 6 months on 21 November 2026)`.
    pub(super) fn born_with_age(&self) -> String {
        let age = |birth: BirthDate| {
            format!("{} ({} on {})", self.born(), birth.age_at(self.day()), day_for_people(self.day()))
        };
        self.birth().map_or_else(|| self.born(), age)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    #[test]
    fn a_line_without_a_number_says_so_and_an_unrouted_referral_names_the_desk() {
        let mut facts = Sample::new().facts;
        assert_eq!(facts.line_title(), "Canterbury and Coastal health visiting duty line");
        facts.line = Some(DutyLine { name: "Swale".into(), phones: vec![] });
        assert_eq!(facts.line.as_ref().expect("a line").numbers(), "No number given");
        facts.line = None;
        assert_eq!(facts.line_title(), "The intake desk is choosing the duty line");
    }

    #[test]
    fn answers_do_not_show_themselves_in_a_log() {
        let sample = Sample::new();
        let shown = format!("{:?}", sample.print().family);
        assert_eq!(shown, "FamilyAnswers(…)");
    }
}
