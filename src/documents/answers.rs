//! The family part's answers as blocks, in the order of the paper form (DOMAIN section 2).
//!
//! Short answers stand in a table of questions and answers, long ones under a heading of their
//! own. A question that matters and was not answered says so in its place; the others are gathered
//! in one line, so that a tired reader need not pass twenty empty rows. "Not known" is an answer that
//! somebody gave, and stands for nothing else.

use super::content::{Block, Field as Row, Level};
use crate::domain::form::Answers;
use crate::domain::form::spec::{Field, Kind, LONG, Part, field, fields_of};

/// Questions whose missing answer is itself worth knowing.
const MATTERS: [&str; 8] = [
    "carer.postcode",
    "child.nhs_number",
    "carer.address",
    "carer.phone",
    "gp.name",
    "needs.sen",
    "needs.interpreter",
    "needs.agencies",
];

/// Said of a question that nobody answered, on every page and paper.
pub const NOT_ANSWERED: &str = "Not answered";

/// Parts with no more short answers than this stay on one page.
const SHORT: usize = 4;

/// The words beside an answer in print: where the form speaks to the sender, the print does not.
pub fn label(field: &Field) -> &'static str {
    match field.path {
        "carer.name" => "Full name",
        "carer.postcode_known" => "Home postcode known",
        "carer.postcode" => "Home postcode",
        "carer.contact" => "Other contact",
        "needs.engagement" => "What helps to work with the family",
        "reason.categories" => "Kinds of concern",
        "reason.referrer_goals" => "What the referrer hopes for",
        "meeting.notes" => "About the meeting",
        "referrer.name" => "Name",
        "referrer.designation" => "Role",
        _ => field.label.trim_end_matches('?'),
    }
}

/// The heading of a part in print.
pub const fn heading(part: Part) -> &'static str {
    match part {
        Part::Referrer => "Referrer",
        part => part.heading(),
    }
}

/// All answers of the family part, then what was not answered.
///
/// The postcode stands with the address, as on paper; what is asked for and the team written to
/// stand at the top of the print ([`super::referral`]).
pub fn family(answers: &Answers) -> Vec<Block> {
    let mut missing = Vec::new();
    let mut blocks = Vec::new();
    for part in Part::FAMILY.iter().filter(|part| **part != Part::Home) {
        let column = column(answers, *part);
        if !column.unanswered.is_empty() {
            missing.push(format!("{}: {}.", heading(*part), list(&column.unanswered)));
        }
        blocks.extend(column.finish(heading(*part)));
    }
    if !missing.is_empty() {
        blocks.push(Block::KeepTogether(vec![
            Block::section(NOT_ANSWERED),
            Block::Paragraph(missing.join(" ")),
        ]));
    }
    blocks
}

fn column(answers: &Answers, part: Part) -> Column {
    let mut column = Column::default();
    for field in in_print(part).filter(|field| applies(answers, field)) {
        match answers.shown(field.path) {
            Some(words) if field.kind == Kind::Text(LONG) => column.long(label(field), words),
            Some(words) => column.short(label(field), words),
            None if MATTERS.contains(&field.path) => column.short(label(field), NOT_ANSWERED.to_owned()),
            None => column.unanswered.push(label(field)),
        }
    }
    column
}

/// A part's fields as the paper has them: the postcode follows the address.
fn in_print(part: Part) -> impl Iterator<Item = &'static Field> {
    fields_of(part).flat_map(|one| {
        let postcode = ["carer.postcode_known", "carer.postcode"].map(field).into_iter().flatten();
        std::iter::once(one).chain(postcode.filter(|_| one.path == "carer.address"))
    })
}

/// Whether a question was asked at all, and its answer says more than the next one does.
pub fn applies(answers: &Answers, field: &Field) -> bool {
    match field.path {
        "team.base_address" => false, // at the top of the print
        "carer.postcode_known" => answers.get(field.path) == "no",
        "carer.postcode" => answers.get("carer.postcode_known") != "no",
        "needs.language" => answers.get("needs.interpreter") == "yes",
        _ => field.part != Part::Meeting || answers.wants_meeting(),
    }
}

#[derive(Default)]
struct Column {
    blocks: Vec<Block>,
    rows: Vec<Row>,
    unanswered: Vec<&'static str>,
}

impl Column {
    fn short(&mut self, label: &str, value: String) {
        self.rows.push(Row { label: label.to_owned(), value });
    }

    fn long(&mut self, label: &str, words: String) {
        self.flush();
        self.blocks.extend([Block::Heading(Level::Three, label.to_owned()), Block::Paragraph(words)]);
    }

    fn flush(&mut self) {
        if !self.rows.is_empty() {
            self.blocks.push(Block::Fields(std::mem::take(&mut self.rows)));
        }
    }

    fn finish(mut self, heading: &str) -> Vec<Block> {
        self.flush();
        if !self.blocks.is_empty() {
            self.blocks.insert(0, Block::section(heading));
        }
        match self.blocks.as_slice() {
            [_, Block::Fields(rows)] if rows.len() <= SHORT => vec![Block::KeepTogether(self.blocks)],
            _ => self.blocks,
        }
    }
}

/// `gender; surgery address`
pub fn list(labels: &[&str]) -> String {
    labels.iter().map(|label| lower_first(label)).collect::<Vec<_>>().join("; ")
}

/// Small first letter, unless the word is an abbreviation or a name.
fn lower_first(label: &str) -> String {
    let second_is_small = label.chars().nth(1).is_some_and(|c| c.is_lowercase() || c == ' ');
    let named = label.starts_with("Ofsted");
    match label.chars().next() {
        Some(first) if second_is_small && !named => {
            format!("{}{}", first.to_lowercase(), &label[first.len_utf8()..])
        }
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::answers;
    use super::*;

    fn text(blocks: &[Block]) -> String {
        format!("{blocks:?}")
    }

    #[test]
    fn what_matters_is_not_answered_in_its_place_and_the_rest_is_one_line() {
        let family = answers(&[("child.forename", "Zofia"), ("child.surname", "Nowak")]);
        let blocks = text(&super::family(&family));
        assert!(blocks.contains("label: \"NHS number\", value: \"Not answered\""), "{blocks}");
        assert!(!blocks.contains("Not known"), "nobody answered that: {blocks}");
        assert!(blocks.contains("The child: date of birth; gender; pre-school, nursery or childminder."));
        assert!(!blocks.contains("Meeting"), "no meeting was asked for");
    }

    #[test]
    fn names_and_abbreviations_keep_their_capitals() {
        assert_eq!(list(&["GP's name", "Ofsted URN", "Home address"]), "GP's name; Ofsted URN; home address");
    }

    #[test]
    fn an_unknown_postcode_is_said_once() {
        let family = answers(&[("carer.postcode_known", "no")]);
        let blocks = text(&column(&family, Part::Carer).finish(""));
        assert!(
            blocks.contains("No, or the family has no fixed address")
                && !blocks.contains("label: \"Home postcode\"")
        );
        let family = answers(&[("carer.postcode_known", "yes"), ("carer.postcode", "CT1 2EH")]);
        let blocks = text(&column(&family, Part::Carer).finish(""));
        assert!(blocks.contains("CT1 2EH") && !blocks.contains("Home postcode known"));
    }

    #[test]
    fn long_answers_stand_under_their_own_heading() {
        let family = answers(&[("reason.concerns", "Ten words."), ("reason.strengths", "Songs.")]);
        let blocks = column(&family, Part::Reason).finish("Reason");
        assert!(matches!(&blocks[1], Block::Heading(Level::Three, text) if text == "Concerns"));
        assert!(matches!(&blocks[2], Block::Paragraph(text) if text == "Ten words."));
    }
}
