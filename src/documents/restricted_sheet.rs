//! The restricted sheet: safe contact, domestic abuse and safeguarding, apart from the referral.
//!
//! On one paper the alleged perpetrator's name would stand beside the parent's signature (DOMAIN
//! section 3). So this is a document of its own, marked on every page, that says who printed it
//! and when. Making it takes answers that only a recorded act of reading has opened.

use super::answers::{NOT_ANSWERED, list};
use super::content::{Block, Document, Field, Level, Notice, Page};
use super::facts::{Printed, ReferralPrint};
use crate::domain::form::Answers;
use crate::domain::form::spec::{self, FIELDS, Part};

/// Where the paper belongs.
const PLACE: &str =
    "File in the safeguarding record only. Not in the Red Book, not with copies for the family.";

/// The sheet for the duty line.
pub fn restricted_sheet(print: &ReferralPrint, restricted: &Answers, printed: &Printed) -> Document {
    let facts = print.facts;
    let mut blocks = vec![Block::Heading(Level::One, "Restricted sheet".to_owned())];
    blocks.push(identity(print));
    blocks.extend(safe_contact(print, restricted));
    blocks.extend(section(restricted, "Domestic abuse", "abuse."));
    blocks.extend(section(restricted, "Safeguarding", "safeguarding."));
    blocks.push(handling(printed));
    Document {
        title: format!("Restricted sheet {}", facts.reference),
        subject: "To be kept apart from the referral".to_owned(),
        lang: "en-GB".to_owned(),
        made_at: printed.at,
        page: Page::A4,
        header_line: print.child_line(),
        footer: facts.footer(),
        mark: Some("RESTRICTED · for the safeguarding record only · not for the family".to_owned()),
        blocks,
    }
}

fn identity(print: &ReferralPrint) -> Block {
    Block::fields([
        ("Reference", print.facts.reference.to_string()),
        ("Child", print.answers().child_name()),
        ("Born", print.born_with_age()),
        ("How soon", print.facts.urgency.label().to_owned()),
    ])
}

fn safe_contact(print: &ReferralPrint, restricted: &Answers) -> Vec<Block> {
    let mut blocks = vec![Block::section("Safe contact")];
    let (number, times) = (restricted.get("abuse.safe_contact"), restricted.get("abuse.safe_times"));
    match number {
        "" => blocks.push(Block::Notice(no_safe_contact(print))),
        number => blocks.push(Block::Large(number.to_owned())),
    }
    if !times.is_empty() {
        blocks.push(Block::fields([("When and how", times)]));
    } else if !number.is_empty() {
        blocks.push(Block::Paragraph("When it is safe to ring was not told.".to_owned()));
    }
    if !number.is_empty() {
        blocks.push(Block::Paragraph(
            "Use nothing else: no other number, letter, text message or email.".to_owned(),
        ));
    }
    vec![Block::KeepTogether(blocks)]
}

/// Nobody is rung on a guess: the setting knows the family.
fn no_safe_contact(print: &ReferralPrint) -> Notice {
    let family = print.answers();
    let setting = match family.get("referrer.phone") {
        "" => print.facts.setting.clone(),
        phone => format!("{}, {phone}", print.facts.setting),
    };
    Notice {
        heading: Some("No safe contact was given".to_owned()),
        text: format!(
            "If an answer below is yes, not asked or not safe to ask, speak with the setting before you ring, text or write to the family: {setting}."
        ),
    }
}

/// The answers below a path, the contact left out, what was not answered in one line.
fn section(restricted: &Answers, heading: &str, below: &str) -> Vec<Block> {
    let above = ["abuse.safe_contact", "abuse.safe_times"];
    let asked = FIELDS.iter().filter(|field| field.part == Part::Restricted);
    let asked = asked.filter(|field| field.path.starts_with(below) && !above.contains(&field.path));
    let (mut rows, mut unanswered) = (vec![], vec![]);
    for field in asked {
        let label = label(field);
        match restricted.shown(field.path) {
            Some(value) => rows.push(Field { label: label.to_owned(), value }),
            None => unanswered.push(label),
        }
    }
    let mut blocks = vec![Block::section(heading), Block::Fields(rows)];
    if !unanswered.is_empty() {
        blocks.push(Block::Paragraph(format!("{NOT_ANSWERED}: {}.", list(&unanswered))));
    }
    blocks
}

/// Short words beside an answer, under the section's heading.
fn label(field: &spec::Field) -> &'static str {
    match field.path {
        "abuse.concerns" | "safeguarding.concerns" => "Concerns",
        "abuse.at_home" => "Living at the home",
        "safeguarding.detail" => "What they are",
        "safeguarding.referred" => "Referred to social care",
        "safeguarding.referred_on" => "Date of referral",
        _ => field.label,
    }
}

fn handling(printed: &Printed) -> Block {
    Block::Notice(Notice {
        heading: Some(format!(
            "Printed by {} on {}. This print is recorded.",
            printed.by,
            printed.at.for_people()
        )),
        text: PLACE.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, answers};
    use super::*;

    fn sheet(restricted: &Answers) -> Document {
        let sample = Sample::new();
        restricted_sheet(&sample.print(), restricted, &sample.printed)
    }

    #[test]
    fn every_restricted_answer_is_printed_and_the_safe_contact_comes_first() {
        let sample = Sample::new();
        let document = sheet(&sample.restricted);
        let texts = document.texts().join("\n");
        for (field, words) in sample.restricted.shown_part(Part::Restricted) {
            assert!(texts.contains(&words), "{} is missing", field.path);
        }
        let at = |words: &str| texts.find(words).expect("it is printed");
        assert!(at("07700 900555") < at("Domestic abuse") && at("07700 900555") < at("Safeguarding"));
        assert!(!texts.contains(sample.family.get("carer.phone")), "the ordinary number is not on the sheet");
    }

    #[test]
    fn it_is_marked_and_says_who_printed_it() {
        let document = sheet(&Sample::new().restricted);
        let mark = document.mark.as_deref().unwrap_or_default();
        assert!(mark.starts_with("RESTRICTED") && mark.contains("safeguarding record only"));
        let texts = document.texts().join("\n");
        assert!(texts.contains("Printed by Dana Duty on 21 November 2026, 10:02am. This print is recorded."));
        let place =
            "File in the safeguarding record only. Not in the Red Book, not with copies for the family.";
        assert!(texts.contains(place), "{texts}");
    }

    #[test]
    fn without_a_safe_contact_the_setting_is_rung_first() {
        let document = sheet(&answers(&[("abuse.concerns", "yes"), ("safeguarding.concerns", "not-safe")]));
        let texts = document.texts().join("\n");
        assert!(texts.contains("speak with the setting before") && texts.contains("01632 960111"));
        assert!(texts.contains("Not safe to ask") && texts.contains("Not answered: what they are"));
    }
}
