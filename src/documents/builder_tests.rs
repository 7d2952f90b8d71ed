//! What holds for every document that the builders make.

use std::collections::BTreeMap;

use super::layout::{Mark, lay_out};
use super::sample::{Sample, answers};
use super::*;
use crate::domain::form::spec::{FIELDS, Kind, Part};

fn all(sample: &Sample) -> Vec<Document> {
    let print = sample.print();
    vec![
        referral(&print),
        senders_copy(&print),
        red_book_insert(&print, Page::A5Insert),
        red_book_insert(&print, Page::A5TwoUpOnA4),
        restricted_sheet(&print, &sample.restricted, &sample.printed),
    ]
}

/// The letters on the pages, without blanks: all of them counted, and the words of each line.
fn on_paper(document: &Document) -> (BTreeMap<char, usize>, String) {
    let layout = lay_out(document).expect("laid out");
    let mut words = String::new();
    for item in layout.pages.iter().flat_map(|page| &page.items) {
        if let Mark::Text(line) = &item.mark {
            words.extend(line.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.text.as_str()));
            words.push(' ');
        }
    }
    (letters(&words), words)
}

fn letters(text: &str) -> BTreeMap<char, usize> {
    let mut count = BTreeMap::new();
    text.chars().filter(|c| !c.is_whitespace()).for_each(|c| *count.entry(c).or_default() += 1);
    count
}

#[test]
fn every_text_is_on_paper_and_on_screen() {
    for document in all(&Sample::new()) {
        let (count, words) = on_paper(&document);
        let twin = html(&document);
        for (letter, times) in letters(&document.texts().concat()) {
            assert!(
                count.get(&letter).is_some_and(|found| *found >= times),
                "{letter} in {}",
                document.title
            );
        }
        for text in document.texts() {
            for word in text.split_whitespace().filter(|word| word.is_ascii()) {
                assert!(words.contains(word), "{word} in {}", document.title);
            }
            for line in text.lines().filter(|line| !line.is_empty()) {
                assert!(
                    twin.contains(&line.replace('\'', "&#39;")),
                    "{line} in the twin of {}",
                    document.title
                );
            }
        }
    }
}

#[test]
fn every_letter_has_a_font_and_no_document_runs_on() {
    for (document, most) in all(&Sample::new()).iter().zip([4, 4, 2, 2, 1]) {
        let rendered = render(document).expect("rendered");
        assert_eq!(rendered.missing, Vec::<char>::new(), "{}", document.title);
        assert!((1..=most).contains(&rendered.pages), "{} has {} pages", document.title, rendered.pages);
    }
}

#[test]
fn restricted_answers_come_on_the_restricted_sheet_alone() {
    let mut sample = Sample::new();
    let free = |kind| !matches!(kind, Kind::One(_) | Kind::Any(_));
    let restricted = FIELDS.iter().filter(|field| field.part == Part::Restricted && free(field.kind));
    let marked: Vec<(&str, String)> =
        restricted.map(|field| (field.path, format!("marker-{}", field.path))).collect();
    let pairs: Vec<(&str, &str)> = marked.iter().map(|(path, words)| (*path, words.as_str())).collect();
    sample.restricted = answers(&pairs);
    // Even answers that were mixed up on the way are not printed in the wrong place.
    let mixed = [("child.forename", "Zofia")].into_iter().chain(pairs.iter().copied());
    sample.family = answers(&mixed.collect::<Vec<_>>());
    let documents = all(&sample);
    let (sheet, others) = documents.split_last().expect("five documents");
    for (path, words) in &marked {
        assert!(sheet.texts().iter().any(|text| text.contains(words)), "{path}");
        assert!(!others.iter().any(|document| html(document).contains(words)), "{path}");
    }
}

#[test]
fn file_properties_hold_nothing_of_the_child() {
    let sample = Sample::new();
    for document in all(&sample) {
        let properties = format!("{} {}", document.title, document.subject);
        for word in sample.family.child_name().split_whitespace() {
            assert!(!properties.contains(word));
        }
        assert!(properties.contains(sample.facts.reference.as_str()) && document.lang == "en-GB");
    }
}

#[test]
fn an_empty_referral_still_prints() {
    let sample =
        Sample { family: answers(&[]), restricted: answers(&[]), attachments: vec![], ..Sample::new() };
    let print = ReferralPrint { agreement: None, referrer: None, ..sample.print() };
    for document in [
        referral(&print),
        senders_copy(&print),
        red_book_insert(&print, Page::A5Insert),
        restricted_sheet(&print, &sample.restricted, &sample.printed),
    ] {
        let rendered = render(&document).expect("rendered");
        assert!(rendered.missing.is_empty() && (1..=2).contains(&rendered.pages), "{}", document.title);
    }
}
