//! The form that a parent or carer reads and signs on paper.
//!
//! The family part as it stands, the agreement statement word for word, and boxes to write into. By its
//! type it cannot hold a restricted answer: only [`FamilyAnswers`] go in, and only the fields of
//! `Part::FAMILY` are looked up (DOMAIN section 3). The square code on each page says which form and which
//! words these are ([`crate::domain::paper`]), so that a scan is compared exactly.

use super::answers;
use super::content::{Block, Document, Field, Footer, Level, Notice, Page, WriteIn};
use super::facts::{Attached, FamilyAnswers};
use super::referral::attachments;
use crate::domain::agreement::Statement;
use crate::domain::form::Answers;
use crate::domain::paper::PaperMark;
use crate::domain::time::Instant;

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;

/// Everything that the form says.
pub struct PaperForm<'a> {
    /// The answers, without the restricted ones.
    pub family: FamilyAnswers<'a>,
    /// Files that go with it.
    pub attachments: Vec<Attached>,
    /// The statement, in the signer's language.
    pub statement: &'a Statement,
    /// The English one, when that is another.
    pub beside: Option<&'a Statement>,
    /// The setting that prints it.
    pub setting: &'a str,
    /// Which form, with which words.
    pub mark: PaperMark,
    /// When it was printed.
    pub printed: Instant,
}

/// The form.
pub fn paper_form(form: &PaperForm<'_>) -> Document {
    let family = form.family.0;
    let mut blocks = vec![
        Block::Heading(Level::One, "Referral to health visiting: read and sign".to_owned()),
        Block::Paragraph(format!(
            "{} asks the health visiting service for help and advice. Please read this, or ask somebody to read it to you. Sign on the last page only if you agree.",
            form.setting
        )),
        Block::Fields(first_rows(family)),
    ];
    blocks.extend(answers::family(family));
    blocks.extend(attachments(&form.attachments));
    blocks.extend(agreement(form));
    Document {
        title: format!("Form to sign, {}", form.mark.reference()),
        subject: "Referral to health visiting, to be signed on paper".to_owned(),
        lang: "en-GB".to_owned(),
        made_at: form.printed,
        page: Page::ToSign(form.mark),
        header_line: String::new(),
        footer: Footer::default(),
        mark: None,
        blocks,
    }
}

/// Whom it is about and what is asked for.
fn first_rows(family: &Answers) -> Vec<Field> {
    let row = |label: &str, value| Field { label: label.to_owned(), value };
    let mut rows = vec![row("Child", family.child_name())];
    rows.extend(family.shown("request.kind").map(|asked| row("Asked for", asked)));
    rows.extend(family.shown("team.base_address").map(|address| row("Team written to", address)));
    rows
}

/// The statement and the boxes; these stay on one page.
fn agreement(form: &PaperForm<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::section("Your agreement")];
    blocks.extend(words(form.statement));
    if let Some(english) = form.beside {
        blocks.push(Block::Heading(Level::Three, "The same in English".to_owned()));
        blocks.extend(words(english));
    }
    blocks.push(Block::Notice(Notice {
        heading: None,
        text: "You do not have to sign. You can change your mind at any time: tell the setting or the health visiting service.".to_owned(),
    }));
    let box_of =
        |label: &str, millimetres: f32| WriteIn { label: label.to_owned(), height: millimetres * MM };
    blocks.push(Block::KeepTogether(vec![
        Block::section("Sign here"),
        Block::WriteIn(vec![
            box_of("Your name, in capital letters", 11.0),
            box_of("How you are related to the child (such as mother, grandfather, foster carer)", 11.0),
            box_of("Do you have parental responsibility? Write yes, no or not sure", 11.0),
            box_of("Your signature", 22.0),
            box_of("Today's date: day, month, year", 11.0),
        ]),
    ]));
    blocks
}

fn words(statement: &Statement) -> impl Iterator<Item = Block> {
    let paragraphs = statement.text.split("\n\n").map(str::trim).filter(|words| !words.is_empty());
    paragraphs.map(|words| Block::Paragraph(words.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::domain::form::Part;

    fn form(sample: &Sample) -> PaperForm<'_> {
        PaperForm {
            family: FamilyAnswers(&sample.family),
            attachments: sample.attachments.clone(),
            statement: &sample.agreement.statement,
            beside: None,
            setting: "Little Acorns Nursery",
            mark: PaperMark::new([7; 8], &"a1".repeat(32), &sample.agreement.statement).expect("a mark"),
            printed: sample.facts.received,
        }
    }

    #[test]
    fn it_has_every_family_answer_the_statement_and_the_boxes_and_nothing_restricted() {
        let sample = Sample::new();
        let texts = paper_form(&form(&sample)).texts().join("\n");
        for part in Part::FAMILY {
            for (field, words) in sample.family.shown_part(*part) {
                assert!(field.path == "carer.postcode_known" || texts.contains(&words), "{}", field.path);
            }
        }
        for words in sample.agreement.statement.text.split("\n\n") {
            assert!(texts.contains(words), "{words}");
        }
        for label in ["Your name, in capital letters", "Your signature", "Today's date"] {
            assert!(texts.contains(label));
        }
        for (field, words) in sample.restricted.shown_part(Part::Restricted) {
            assert!(words.len() < 8 || !texts.contains(&words), "{}", field.path);
        }
    }

    #[test]
    fn the_statement_in_another_language_stands_before_the_english_one() {
        let sample = Sample::new();
        let polish = Statement { text: "Zgadzam się.".to_owned(), ..sample.agreement.statement.clone() };
        let both =
            PaperForm { statement: &polish, beside: Some(&sample.agreement.statement), ..form(&sample) };
        let texts = paper_form(&both).texts().join("\n");
        assert!(texts.find("Zgadzam się.") < texts.find("The same in English"));
    }

    #[test]
    fn every_page_has_its_code_and_the_twin_has_one() {
        let sample = Sample::new();
        let document = paper_form(&form(&sample));
        let rendered = super::super::render(&document).expect("rendered");
        assert!(rendered.pages >= 2);
        let twin = super::super::html(&document);
        assert!(twin.contains("paper__square") && twin.contains("Paper reference: P-"));
        assert!(!twin.contains("style="));
    }
}
