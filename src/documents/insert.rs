//! The A5 insert for the Red Book, of our own design (DOMAIN section 6).
//!
//! It goes home with the family and is read by whoever opens the book. So it is built from a short
//! list of answers, one by one, and nothing else can come on it: no other agencies, no address, no
//! telephone number of the family, no free text about working with them, nothing restricted. The
//! free words it does print are named by [`free_words`], for the person who approves them when a
//! flag is set (DOMAIN section 3).

use super::content::{Block, Column, Document, Level, Page, Table};
use super::facts::ReferralPrint;
use crate::domain::agreement::Agreement;
use crate::domain::form::spec::{Kind, field};
use crate::domain::time::day_for_people;

const STRENGTHS: &str = "reason.strengths";
const PARENT_GOALS: &str = "reason.parent_goals";
const REFERRER_GOALS: &str = "reason.referrer_goals";
const AREAS: &str = "reason.areas";

/// Said before a meeting has taken place.
const NOT_FILLED_IN: &str = "Not filled in";

/// The insert: [`Page::A5Insert`], or two pages a sheet with [`Page::A5TwoUpOnA4`].
pub fn red_book_insert(print: &ReferralPrint, page: Page) -> Document {
    let facts = print.facts;
    let mut blocks = vec![Block::Heading(Level::One, "Referral to health visiting".to_owned()), child(print)];
    blocks.extend(strengths(print));
    blocks.extend(areas(print));
    blocks.extend(told(print, "What the parent or carer hopes for", PARENT_GOALS));
    blocks.extend(actions(print));
    blocks.extend(follow_up(print));
    Document {
        title: format!("Red Book insert {}", facts.reference),
        subject: "Insert for the personal child health record".to_owned(),
        lang: "en-GB".to_owned(),
        made_at: facts.received,
        page,
        header_line: print.child_line(),
        footer: facts.footer(),
        mark: None,
        blocks,
    }
}

/// The words on the insert that somebody typed freely, each with its heading: what a named person
/// reads and approves before the insert of a flagged referral may be printed.
pub fn free_words(print: &ReferralPrint) -> Vec<(&'static str, String)> {
    let present = print.agreement.map(|agreement| ("Who was present", agreement.present.clone()));
    let answered = [STRENGTHS, PARENT_GOALS, REFERRER_GOALS].into_iter();
    let answered = answered.filter_map(|path| Some((field(path)?.label, print.answers().shown(path)?)));
    present.into_iter().chain(answered).filter(|(_, words)| !words.trim().is_empty()).collect()
}

fn child(print: &ReferralPrint) -> Block {
    let family = print.answers();
    let mut rows = vec![("Child", family.child_name()), ("Born", print.born())];
    rows.extend(print.birth().map(|birth| ("Age", months(birth.months_at(print.day())))));
    rows.extend(family.shown("child.nhs_number").map(|number| ("NHS number", number)));
    rows.push(("Date", day_for_people(print.day())));
    rows.push(("Place", print.facts.setting.clone()));
    rows.extend(present(print.agreement).map(|present| ("Who was present", present)));
    Block::fields(rows)
}

fn months(age: i32) -> String {
    format!("{age} month{}", if age == 1 { "" } else { "s" })
}

fn present(agreement: Option<&Agreement>) -> Option<String> {
    agreement.map(|agreement| agreement.present.clone()).filter(|present| !present.trim().is_empty())
}

fn strengths(print: &ReferralPrint) -> Vec<Block> {
    told(print, "Strengths, and what has been tried", STRENGTHS)
}

fn told(print: &ReferralPrint, heading: &str, path: &str) -> Vec<Block> {
    let words = print.answers().shown(path).unwrap_or_else(|| NOT_FILLED_IN.to_owned());
    vec![Block::section(heading), Block::Paragraph(words)]
}

/// All three prime areas in words, so that an area without a concern is seen to have none.
fn areas(print: &ReferralPrint) -> Vec<Block> {
    let chosen = print.answers().all(AREAS);
    let options = field(AREAS).map_or(&[][..], |field| match field.kind {
        Kind::Any(options) => options,
        _ => &[],
    });
    let row = |(code, words): &(&str, &str)| {
        let asked = chosen.iter().any(|chosen| chosen == code);
        let value = match (asked, chosen.is_empty()) {
            (true, _) => "Help is asked for",
            (false, true) => NOT_FILLED_IN,
            (false, false) => "No concern named",
        };
        vec![(*words).to_owned(), value.to_owned()]
    };
    let columns = [("Area", 3), ("In this referral", 2)];
    let columns = columns.map(|(title, share)| Column { title: title.to_owned(), share });
    vec![Block::KeepTogether(vec![
        Block::section("Prime areas of development"),
        Block::Table(Table { columns: columns.into(), rows: options.iter().map(row).collect() }),
    ])]
}

fn actions(print: &ReferralPrint) -> Vec<Block> {
    let family = print.answers();
    let to = print
        .facts
        .line
        .as_ref()
        .map_or_else(|| "health visiting".to_owned(), |line| format!("the {}", line.title()));
    let mut items = vec![format!("Referred to {to} on {}.", day_for_people(print.day()))];
    if family.wants_meeting() {
        items.push(format!(
            "A meeting of family, setting and health visiting was asked for, at {}.",
            print.facts.setting
        ));
    }
    let mut blocks = vec![Block::section("Agreed actions"), Block::Bullets(items)];
    if let Some(goals) = family.shown(REFERRER_GOALS) {
        blocks.extend([
            Block::Heading(Level::Three, "What the setting hopes for".to_owned()),
            Block::Paragraph(goals),
        ]);
    }
    blocks
}

fn follow_up(print: &ReferralPrint) -> Vec<Block> {
    let facts = print.facts;
    let mut rows = vec![
        ("Lead professional", format!("{}, until somebody is named", facts.line_title())),
        ("Follow-up", "The health visiting service will be in touch. No date is set yet.".to_owned()),
    ];
    rows.extend(facts.line.as_ref().map(|line| ("Duty line's telephone", line.numbers())));
    vec![Block::KeepTogether(vec![
        Block::section("What happens next"),
        Block::fields(rows),
        Block::Paragraph("Please bring this book to each appointment. In an emergency ring 999.".to_owned()),
    ])]
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, answers};
    use super::*;
    use crate::domain::form::{FIELDS, Part};

    /// What may come on the insert; everything else must not.
    const ALLOWED: [&str; 7] = [
        "child.forename",
        "child.surname",
        "child.date_of_birth",
        "child.nhs_number",
        STRENGTHS,
        PARENT_GOALS,
        REFERRER_GOALS,
    ];

    #[test]
    fn only_the_listed_answers_come_on_it() {
        let mut sample = Sample::new();
        let free = |kind| {
            matches!(
                kind,
                Kind::Line(_) | Kind::Text(_) | Kind::Name | Kind::Phone | Kind::Email | Kind::Postcode
            )
        };
        let marked: Vec<(&str, String)> = FIELDS
            .iter()
            .filter(|field| field.part != Part::Restricted && free(field.kind))
            .map(|field| (field.path, format!("marker-{}", field.path)))
            .collect();
        let pairs: Vec<(&str, &str)> = marked.iter().map(|(path, words)| (*path, words.as_str())).collect();
        sample.family = answers(&pairs);
        let document = red_book_insert(&sample.print(), Page::A5Insert);
        let texts = document.texts().join("\n");
        for (path, words) in &marked {
            assert_eq!(texts.contains(words), ALLOWED.contains(path), "{path}");
        }
    }

    #[test]
    fn free_words_are_those_that_are_printed() {
        let sample = Sample::new();
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        let words = free_words(&sample.print());
        assert_eq!(words.len(), 4);
        assert!(words.iter().all(|(_, words)| texts.contains(words)));
    }

    #[test]
    fn an_area_without_a_concern_is_seen_to_have_none() {
        let mut sample = Sample::new();
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(texts.contains("Communication and language\nHelp is asked for"));
        assert!(texts.contains("Physical development\nNo concern named"));
        sample.family = answers(&[]);
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(texts.contains("Physical development\nNot filled in") && !texts.contains("No concern named"));
    }

    #[test]
    fn age_is_in_completed_months_and_the_nhs_number_in_groups() {
        let texts = red_book_insert(&Sample::new().print(), Page::A5Insert).texts().join("\n");
        assert!(texts.contains("Age\n31 months") && texts.contains("NHS number\n999 000 0018"), "{texts}");
    }
}
