//! The A5 insert for the Red Book, of our own design (DOMAIN section 6).
//!
//! It goes home with the family and is read by whoever opens the book. So it is built from a short
//! list of answers, one by one, and nothing else can come on it: no other agencies, no address, no
//! telephone number of the family, no free text about working with them, nothing restricted. What
//! was not answered is left out: an empty heading in a child's own book reads like a reproach. A
//! named person reads all of it before it may be printed (DOMAIN section 3).

use super::content::{Block, Column, Document, Level, Page, Table};
use super::facts::ReferralPrint;
use crate::domain::agreement::Agreement;
use crate::domain::form::spec::{Kind, field};
use crate::domain::time::day_for_people;

const STRENGTHS: &str = "reason.strengths";
const PARENT_GOALS: &str = "reason.parent_goals";
const REFERRER_GOALS: &str = "reason.referrer_goals";
const AREAS: &str = "reason.areas";

/// Says what the page is for, and nothing that anyone who opens the book should not read in a heading.
const TITLE: &str = "Red Book page: early years and health visiting";

/// The insert: [`Page::A5Insert`], or two pages a sheet with [`Page::A5TwoUpOnA4`].
pub fn red_book_insert(print: &ReferralPrint, page: Page) -> Document {
    let facts = print.facts;
    let mut blocks = vec![Block::Heading(Level::One, TITLE.to_owned()), child(print)];
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

fn child(print: &ReferralPrint) -> Block {
    let family = print.answers();
    let mut rows = vec![("Child", family.child_name())];
    rows.extend(family.shown("child.date_of_birth").map(|born| ("Born", born)));
    rows.extend(print.birth().map(|birth| ("Age", months(birth.months_at(print.day())))));
    rows.extend(family.shown("child.nhs_number").map(|number| ("NHS number", number)));
    rows.push(("Date", day_for_people(print.day())));
    rows.push(("Place", print.facts.setting.clone()));
    rows.extend(present(print.agreement).map(|present| ("Present at signing", present)));
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
    let words = print.answers().shown(path);
    words.map_or_else(Vec::new, |words| vec![Block::section(heading), Block::Paragraph(words)])
}

/// All three prime areas in words, so that an area without a concern is seen to have none; nothing
/// when the question was not answered.
fn areas(print: &ReferralPrint) -> Vec<Block> {
    let chosen = print.answers().all(AREAS);
    if chosen.is_empty() {
        return Vec::new();
    }
    let options = field(AREAS).map_or(&[][..], |field| match field.kind {
        Kind::Any(options) => options,
        _ => &[],
    });
    let row = |(code, words): &(&str, &str)| {
        let asked = chosen.iter().any(|chosen| chosen == code);
        let value = if asked { "Help is asked for" } else { "No concern named" };
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
    fn an_area_without_a_concern_is_seen_to_have_none() {
        let mut sample = Sample::new();
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(texts.contains("Communication and language\nHelp is asked for"));
        assert!(texts.contains("Physical development\nNo concern named"));
        sample.family = answers(&[]);
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(!texts.contains("Physical development") && !texts.contains("No concern named"));
    }

    #[test]
    fn what_was_not_answered_is_left_out_with_its_heading() {
        let mut sample = Sample::new();
        let parts =
            ["Strengths, and what has been tried", "What the parent or carer hopes for", "Prime areas"];
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(parts.iter().all(|part| texts.contains(part)), "{texts}");
        assert!(texts.contains("Present at signing\nJoanna Sample"), "{texts}");
        sample.family = answers(&[("child.forename", "Zofia")]);
        let texts = red_book_insert(&sample.print(), Page::A5Insert).texts().join("\n");
        assert!(!parts.iter().any(|part| texts.contains(part)) && !texts.contains("Not "), "{texts}");
        assert!(texts.contains("Agreed actions") && texts.contains("What happens next"));
    }

    #[test]
    fn it_has_a_title_of_its_own() {
        let sample = Sample::new();
        let title = |document: &Document| match &document.blocks[0] {
            Block::Heading(Level::One, title) => title.clone(),
            _ => String::new(),
        };
        let insert = title(&red_book_insert(&sample.print(), Page::A5Insert));
        assert!(insert.starts_with("Red Book page"));
        assert_ne!(insert, title(&super::super::referral(&sample.print())));
    }

    #[test]
    fn age_is_in_completed_months_and_the_nhs_number_in_groups() {
        let texts = red_book_insert(&Sample::new().print(), Page::A5Insert).texts().join("\n");
        assert!(texts.contains("Age\n31 months") && texts.contains("NHS number\n999 000 0018"), "{texts}");
    }
}
