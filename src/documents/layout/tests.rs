use proptest::prelude::*;

use super::*;
use crate::documents::content::{Block, Column, Footer, Level, Notice, Page, Signature, Strokes, Table};
use crate::domain::time::Instant;

fn document(page: Page, blocks: Vec<Block>) -> Document {
    Document {
        title: "Referral form".into(),
        subject: "A sample".into(),
        lang: "en-GB".into(),
        made_at: Instant::from_micros(0),
        page,
        header_line: "Sample duty line".into(),
        footer: Footer { reference: "DL-7K3M".into(), version: "version 1".into() },
        mark: None,
        blocks,
    }
}

/// The ink of a line: left, right, top, bottom.
fn extent(item: &Item) -> Option<(f32, f32, f32, f32)> {
    let Mark::Text(line) = &item.mark else { return None };
    let top = line.runs.iter().map(|run| run.top).fold(0.0, f32::max);
    let bottom = line.runs.iter().map(|run| run.bottom).fold(0.0, f32::max);
    Some((item.x, item.x + line.width, item.y - top, item.y + bottom))
}

fn check(layout: &Layout) -> Result<(), TestCaseError> {
    for (index, page) in layout.pages.iter().enumerate() {
        let frame = layout.sheet.frame(index);
        let boxes: Vec<_> = page.items.iter().filter_map(extent).collect();
        for (left, right, top, bottom) in &boxes {
            prop_assert!(
                *left >= frame.left - 0.1 && *right <= frame.left + frame.width + 0.1,
                "{left} {right}"
            );
            prop_assert!(
                *top >= frame.top - 0.1 && *bottom <= frame.top + frame.height + 0.1,
                "{top} {bottom}"
            );
        }
        for (index, a) in boxes.iter().enumerate() {
            for b in &boxes[index + 1..] {
                let across = a.0 < b.1 - 0.1 && b.0 < a.1 - 0.1;
                let along = a.2 < b.3 - 0.1 && b.2 < a.3 - 0.1;
                prop_assert!(!(across && along), "overlap {a:?} {b:?}");
            }
        }
    }
    Ok(())
}

/// Text as people and attackers type it.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zA-Zżółćęńśźąгґїєщ]{1,12} ",
        "[\u{621}-\u{64A}\u{64B}-\u{652}]{1,14} ",
        "[\u{905}-\u{939}\u{93E}-\u{94D}]{1,12} ",
        "[A-Za-z0-9]{60,140}",
        "[\u{300}-\u{36F}]{1,9}",
        "[\u{0}-\u{1F}\u{7F}-\u{9F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{200B}-\u{200F}]{1,4}",
        "[😀-🙏王芳ਅਆ\u{FDFA}\u{FDFD}]{1,3}",
        "[0-9/.,()'-]{1,8} ",
        Just("\n".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

fn table(titles: [String; 3], rows: Vec<Vec<String>>) -> Block {
    let columns = titles.into_iter().zip([1, 2, 3]).map(|(title, share)| Column { title, share }).collect();
    Block::Table(Table { columns, rows })
}

fn block() -> impl Strategy<Value = Block> {
    let rows = prop::collection::vec(prop::collection::vec(text(), 0..=3), 0..5);
    prop_oneof![
        text().prop_map(|text| Block::Heading(Level::Two, text)),
        text().prop_map(Block::Paragraph),
        prop::collection::vec((text(), text()), 0..5).prop_map(Block::fields),
        prop::collection::vec(text(), 0..4).prop_map(Block::Bullets),
        (prop::option::of(text()), text())
            .prop_map(|(heading, text)| Block::Notice(Notice { heading, text })),
        ([text(), text(), text()], rows).prop_map(|(titles, rows)| table(titles, rows)),
        (text(), text(), any::<f32>()).prop_map(|(name, method, aspect)| {
            let paths = vec![vec![(0.0, 2.0), (aspect, 0.5)], vec![]];
            let strokes = Some(Strokes { paths, aspect });
            Block::Signature(Signature {
                label: "Parent".into(),
                printed_name: name,
                when: "".into(),
                method,
                strokes,
            })
        }),
    ]
}

fn page() -> impl Strategy<Value = Page> {
    prop_oneof![Just(Page::A4), Just(Page::A5Insert), Just(Page::A5TwoUpOnA4)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_typed_stays_within_the_margins_and_nothing_overlaps(
        page in page(),
        blocks in prop::collection::vec(block(), 1..6),
        mark in prop::option::of("[A-Z ]{1,80}"),
    ) {
        let layout = lay_out(&Document { mark, ..document(page, blocks) });
        prop_assume!(layout != Err(LayoutError::NoRoom));
        check(&layout.expect("rows are no longer than the header"))?;
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.pages.len() == other.pages.len()
    }
}

fn texts(page: &PageLayout) -> Vec<String> {
    let line = |item: &Item| match &item.mark {
        Mark::Text(line) => Some(
            line.runs.iter().flat_map(|run| run.glyphs.iter().map(|glyph| glyph.text.as_str())).collect(),
        ),
        _ => None,
    };
    page.items.iter().filter_map(line).collect()
}

#[test]
fn pages_are_numbered_of_how_many() {
    let paragraph = "The setting has talked with the parent about speech and play. ".repeat(12);
    let layout = lay_out(&document(Page::A4, vec![Block::Paragraph(paragraph); 12])).expect("laid out");
    let count = layout.pages.len();
    assert!(count >= 2);
    for (index, page) in layout.pages.iter().enumerate() {
        let texts = texts(page);
        assert!(texts.contains(&format!("Page {} of {count}", index + 1)), "{texts:?}");
        assert!(texts.contains(&"DL-7K3M · version 1".to_owned()));
    }
}

#[test]
fn a_heading_is_never_the_last_on_its_page() {
    for lines in 1..60 {
        let blocks = vec![
            Block::Paragraph(["line"; 80][..lines].join("\n")),
            Block::Heading(Level::Two, "What happens next".into()),
            Block::fields([("When", "Tomorrow"), ("Where", "Here")]),
        ];
        let layout = lay_out(&document(Page::A4, blocks)).expect("laid out");
        let page =
            layout.pages.iter().map(texts).find(|texts| texts.contains(&"What happens next".to_owned()));
        assert!(page.expect("the heading is printed").contains(&"When".to_owned()), "{lines} lines before");
    }
}

#[test]
fn a_long_row_goes_on_and_a_table_repeats_its_header() {
    let cell = "Noticed at play, at meals and at the door. ".repeat(60);
    let row = vec!["1".to_owned(), cell.clone(), cell];
    let block = table(["No".into(), "What".into(), "Where".into()], vec![row; 2]);
    let layout = lay_out(&document(Page::A5Insert, vec![block])).expect("laid out");
    assert!(layout.pages.len() >= 3);
    assert!(layout.pages.iter().all(|page| texts(page).contains(&"What".to_owned())));
    check(&layout).expect("within the margins");
}

#[test]
fn arabic_answers_stand_at_the_right_edge_of_their_cell() {
    let layout = lay_out(&document(Page::A4, vec![Block::fields([("Name", "مُحَمَّد"), ("Name", "Anna")])]));
    let layout = layout.expect("laid out");
    let (frame, lines): (_, Vec<_>) =
        (layout.sheet.frame(0), layout.pages[0].items.iter().filter_map(extent).collect());
    let right = frame.left + frame.width;
    assert_eq!(lines.iter().filter(|(_, end, top, _)| (end - right).abs() < 0.2 && *top < 700.0).count(), 1);
}

#[test]
fn two_marks_of_a_wrong_table_are_told() {
    let block = table(["a".into(), "b".into(), "c".into()], vec![vec![], vec!["x".into(); 4]]);
    let error = lay_out(&document(Page::A4, vec![block])).expect_err("too long");
    assert_eq!(error, LayoutError::TableShape { row: 2, cells: 4, columns: 3 });
    let banner = Document { mark: Some("RESTRICTED ".repeat(400)), ..document(Page::A5Insert, vec![]) };
    assert_eq!(lay_out(&banner).expect_err("no room"), LayoutError::NoRoom);
}
