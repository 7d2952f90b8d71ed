//! The A4 referral for the duty line, and the setting's copy of it.
//!
//! Both hold the family part whole, grouped like the paper form (DOMAIN section 2), the words of
//! the agreement and both signatures. Neither holds a restricted answer, nor says whether there
//! is one: only the fields of `Part::FAMILY` are looked up, and what is printed of a flagged
//! referral is what is printed of any other (DESIGN section 1, promise 5). That is also why every
//! print for the line asks to look on screen before the family is rung.

use super::answers;
use super::content::{Block, Column, Document, Field, Level, Notice, Page, Table};
use super::evidence::{self, Reader};
use super::facts::{Attached, ReferralPrint};

/// How a referral is marked to which nobody agreed.
pub const WITHOUT_AGREEMENT: &str = "Sent without the parent\u{2019}s agreement";

/// The whole referral as the duty line files it.
pub fn referral(print: &ReferralPrint) -> Document {
    let mut rows = first_rows(print);
    rows.extend(routing(print));
    rows.push(row("How soon", print.facts.urgency.label()));
    let look = "Before you ring, write or visit, look on screen: it says how to reach this family.";
    let mut blocks = vec![Block::Heading(Level::One, "Referral to health visiting".to_owned())];
    blocks.extend(print.facts.without_agreement.as_ref().map(|words| {
        Block::Notice(Notice { heading: Some(WITHOUT_AGREEMENT.to_owned()), text: words.clone() })
    }));
    blocks.extend([Block::Fields(rows), Block::Notice(Notice { heading: None, text: look.to_owned() })]);
    blocks.extend(content(print, Reader::Line));
    document(print, blocks)
}

/// The same for the setting's own files, with what happens next in place of how it was routed, and
/// without what only machines compare: it may lie about at home.
pub fn senders_copy(print: &ReferralPrint) -> Document {
    let mut blocks = vec![
        Block::Heading(Level::One, "Your copy of a referral to health visiting".to_owned()),
        Block::Fields(first_rows(print)),
        Block::Notice(next(print)),
    ];
    blocks.extend(content(print, Reader::Family));
    document(print, blocks)
}

fn document(print: &ReferralPrint, blocks: Vec<Block>) -> Document {
    let facts = print.facts;
    Document {
        title: format!("Referral {}", facts.reference),
        subject: "Referral to health visiting".to_owned(),
        lang: "en-GB".to_owned(),
        made_at: facts.received,
        page: Page::A4,
        header_line: print.child_line(),
        footer: facts.footer(),
        mark: None,
        blocks,
    }
}

/// What a reader wants to know first.
fn first_rows(print: &ReferralPrint) -> Vec<Field> {
    let (facts, family) = (print.facts, print.answers());
    let asked = family.shown("request.kind").unwrap_or_else(|| "A health referral".to_owned());
    let mut rows = vec![
        row("Reference", facts.reference.as_str()),
        row("Child", family.child_name()),
        row("Born", print.born_with_age()),
        row("From", facts.setting.clone()),
        row("To", to(print)),
        row("Asked for", asked),
    ];
    rows.extend(family.shown("team.base_address").map(|address| row("Team written to", address)));
    rows
}

fn to(print: &ReferralPrint) -> String {
    let line = print.facts.line.as_ref();
    line.map_or_else(|| print.facts.line_title(), |line| format!("{}, {}", line.title(), line.numbers()))
}

/// The family part, the agreement, the signatures and the attachments.
fn content(print: &ReferralPrint, reader: Reader) -> Vec<Block> {
    let answers = answers::family(print.answers()).into_iter();
    answers.chain(attachments(&print.attachments)).chain(evidence::section(print, reader)).collect()
}

pub(super) fn attachments(files: &[Attached]) -> Vec<Block> {
    if files.is_empty() {
        return vec![Block::section("Attachments"), Block::Paragraph("None.".to_owned())];
    }
    let column = |title: &str, share| Column { title: title.to_owned(), share };
    let cells = |file: &Attached| vec![file.name.clone(), kind(&file.kind), size(file.size)];
    let table = Table {
        columns: vec![column("File", 6), column("Kind", 2), column("Size", 2)],
        rows: files.iter().map(cells).collect(),
    };
    vec![Block::section("Attachments"), Block::Table(table)]
}

fn kind(media: &str) -> String {
    match media {
        "application/pdf" => "PDF",
        "image/jpeg" => "Photo (JPEG)",
        "image/png" => "Picture (PNG)",
        other => other,
    }
    .to_owned()
}

/// Whole kilobytes of 1,000 bytes, rounded up; from a megabyte on with one decimal.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        more => format!("{:.1} MB", more as f64 / 1_000_000.0),
    }
}

/// When and how it came, and why to this line.
fn routing(print: &ReferralPrint) -> Vec<Field> {
    let facts = print.facts;
    let received = format!("{}, by {}", facts.received.for_people(), facts.door.label().to_lowercase());
    let mut rows = vec![row("Received", received)];
    if !facts.routed_by.is_empty() {
        rows.push(row("Routed", facts.routed_by.clone()));
    }
    rows
}

fn next(print: &ReferralPrint) -> Notice {
    let received = print.facts.received.for_people();
    let text = match &print.facts.line {
        Some(line) => format!(
            "Received on {received}. The {} reads it next and will be in touch. To ask about it, ring {} and give the reference.",
            line.title(),
            line.numbers()
        ),
        None => format!(
            "Received on {received}. The intake desk is choosing the duty line. You can follow it on screen."
        ),
    };
    let danger = "The duty line does not watch for referrals out of hours. If a child is in immediate danger, ring 999.";
    Notice { heading: Some("What happens next".to_owned()), text: format!("{text}\n{danger}") }
}

fn row(label: &str, value: impl Into<String>) -> Field {
    Field { label: label.to_owned(), value: value.into() }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::domain::form::Part;

    #[test]
    fn every_answered_field_of_the_family_part_is_printed() {
        let sample = Sample::new();
        let print = sample.print();
        for document in [referral(&print), senders_copy(&print)] {
            let texts = document.texts().join("\n");
            for part in Part::FAMILY {
                for (field, words) in sample.family.shown_part(*part) {
                    let hidden = field.path == "carer.postcode_known";
                    assert!(hidden || texts.contains(&words), "{} is missing", field.path);
                }
            }
        }
    }

    #[test]
    fn the_copy_has_no_routing_and_no_urgency() {
        let sample = Sample::new();
        let (line, copy) = (referral(&sample.print()), senders_copy(&sample.print()));
        for inside in ["How soon", "by web form", "look on screen", sample.facts.routed_by.as_str()] {
            assert!(line.texts().iter().any(|text| text.contains(inside)), "{inside}");
            assert!(!copy.texts().iter().any(|text| text.contains(inside)), "{inside}");
        }
        for machine in ["SHA-256", "Firefox 140", "T09:12:00"] {
            assert!(line.texts().iter().any(|text| text.contains(machine)), "{machine}");
            assert!(!copy.texts().iter().any(|text| text.contains(machine)), "{machine}");
        }
        assert!(copy.texts().iter().any(|text| text.contains("What happens next")));
    }

    #[test]
    fn properties_do_not_name_the_child() {
        let sample = Sample::new();
        let document = referral(&sample.print());
        assert_eq!(document.title, format!("Referral {}", sample.facts.reference));
        assert!(!document.subject.contains("Zo") && document.header_line.starts_with("Child: "));
    }

    #[test]
    fn sizes_are_rounded_up_and_kinds_have_words() {
        assert_eq!((size(0), size(1), size(240_100)), ("0 kB".into(), "1 kB".into(), "241 kB".into()));
        assert_eq!(size(3_450_000), "3.5 MB");
        assert_eq!((kind("image/png").as_str(), kind("text/x").as_str()), ("Picture (PNG)", "text/x"));
    }

    #[test]
    fn one_that_nobody_agreed_to_is_marked_at_its_head() {
        let mut sample = Sample::new();
        assert!(!referral(&sample.print()).texts().contains(&WITHOUT_AGREEMENT));
        sample.facts.without_agreement = Some("Decided by Jo Lead, manager.".to_owned());
        let document = referral(&sample.print());
        let texts = document.texts();
        let at = |words: &str| texts.iter().position(|text| *text == words).expect("printed");
        assert!(at(WITHOUT_AGREEMENT) < at("Reference") && texts.contains(&"Decided by Jo Lead, manager."));
    }

    #[test]
    fn an_unrouted_referral_names_the_intake_desk() {
        let mut sample = Sample::new();
        sample.facts.line = None;
        assert!(
            senders_copy(&sample.print())
                .texts()
                .iter()
                .any(|text| text.contains("The intake desk is choosing"))
        );
    }
}
