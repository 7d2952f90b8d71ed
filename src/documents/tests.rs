use lopdf::{Document as File, Object};

use super::*;
use crate::domain::time::Instant;

/// A document with every kind of block, in four scripts.
fn sample(page: Page) -> Document {
    Document {
        title: "Referral to the health visiting duty line".into(),
        subject: "Sample with made-up people".into(),
        lang: "en-GB".into(),
        made_at: Instant::from_micros(1_795_253_400_000_000),
        page,
        header_line: "Referral to the health visiting duty line · Canterbury and Coastal".into(),
        footer: Footer { reference: "DL-7K3M-Q2".into(), version: "version 1, 21 November 2026".into() },
        mark: None,
        blocks: vec![
            Block::Heading(Level::One, "Referral to the health visiting duty line".into()),
            Block::Paragraph("Sent by Little Acorns Nursery on 21 November 2026, 9:30am. The parent agreed to this sharing of information and signed below.".into()),
            Block::Notice(Notice {
                heading: Some("Safe contact".into()),
                text: "Ring only between 10am and 2pm. Do not leave a message and do not write to the home address.".into(),
            }),
            Block::Heading(Level::Two, "The child and the family".into()),
            Block::fields([
                ("Child's name", "Zażółć Gęślą-Jaźń"),
                ("Also known as", "Ґанна Їжакевич-Щур"),
                ("Name in the family's own letters", "सिर्जना श्रेष्ठ (जन्म: काठमाडौँ)"),
                ("Father's name", "مُحَمَّدٌ بْنُ عَبْدِ ٱللَّٰهِ ٱلتَّمِيمِيُّ"),
                ("Address", "شقة 12، Maidstone Road 45, CT1 2EH"),
                ("NHS number", "999 012 3456"),
                ("Date of birth", "3 May 2024 (2 years 6 months)"),
                ("Languages at home", "Polish, Ukrainian, Nepali, Arabic; with Nan mostly English ☺"),
            ]),
            Block::Heading(Level::Two, "Why now".into()),
            Block::Paragraph("Says about ten words, all nouns. Understands simple requests at snack time; points to show what she wants. Her key person has noticed little change since the summer, and her mother worries about it too.\nशिशु घरमा नेपाली बोल्छिन् र नर्सरीमा अङ्ग्रेजी सुन्छिन्। उनी गीत मन पराउँछिन्।\nهِيَ تُحِبُّ ٱلْقِصَصَ وَتَضْحَكُ كَثِيرًا. تتكلم في البيت باللغة العربية مع جدتها (أم والدها) منذ 3 سنوات.".into()),
            Block::Heading(Level::Three, "What helps already".into()),
            Block::Bullets(vec![
                "Songs with gestures, twice a day in a small group.".into(),
                "A picture board at the door, so that she can choose where to play and tell her grandmother about it in the afternoon.".into(),
                "القراءة مع الجدة كل مساء".into(),
            ]),
        ]
        .into_iter()
        .chain(last_blocks())
        .collect(),
    }
}

/// Table and signatures.
fn last_blocks() -> Vec<Block> {
    let strokes = (0..40).map(|step| {
        let t = step as f32 / 39.0;
        (0.05 + 0.9 * t, 0.5 + 0.35 * (t * 19.0).sin() * (1.0 - 0.6 * t))
    });
    vec![
        Block::Heading(Level::Two, "Meeting times offered".into()),
        Block::Table(Table {
            columns: vec![
                Column { title: "Day".into(), share: 3 },
                Column { title: "From".into(), share: 2 },
                Column { title: "Where and with whom".into(), share: 5 },
            ],
            rows: vec![
                vec![
                    "Tuesday 1 December 2026".into(),
                    "9:30am".into(),
                    "At the nursery, with Joanna Sample, her key person".into(),
                ],
                vec!["Thursday 3 December 2026".into(), "2:00pm".into(), "At the children's centre".into()],
                vec!["Friday 4 December 2026".into(), "11:15am".into(), "By telephone, 01632 960123".into()],
            ],
        }),
        Block::Heading(Level::Two, "Agreement and signatures".into()),
        Block::Signature(Signature {
            label: "Parent or carer".into(),
            printed_name: "Олена Їжакевич".into(),
            when: "21 November 2026, 9:12am".into(),
            method: "Drawn on the nursery's tablet; statement en-3".into(),
            strokes: Some(Strokes { paths: vec![strokes.collect(), vec![(0.5, 0.1)]], aspect: 3.2 }),
        }),
        Block::Signature(Signature {
            label: "Referrer".into(),
            printed_name: "Joanna Sample".into(),
            when: "21 November 2026, 9:28am".into(),
            method: "Typed, signed in with a second factor".into(),
            strokes: None,
        }),
    ]
}

fn file(document: &Document) -> File {
    File::load_mem(&render(document).expect("rendered").pdf).expect("a readable file")
}

/// The tags below an element, with their children in brackets.
fn outline(file: &File, element: &Object) -> String {
    let Ok(Object::Dictionary(element)) = file.dereference(element).map(|(_, object)| object) else {
        return String::new();
    };
    let Ok(name) = element.get(b"S").and_then(Object::as_name) else { return String::new() };
    let kids = element.get(b"K").and_then(Object::as_array).cloned().unwrap_or_default();
    let kids: Vec<String> = kids.iter().map(|kid| outline(file, kid)).filter(|kid| !kid.is_empty()).collect();
    let name = String::from_utf8_lossy(name);
    if kids.is_empty() { name.into_owned() } else { format!("{name}({})", kids.join(" ")) }
}

fn catalog_outline(file: &File) -> String {
    let root = file.catalog().and_then(|catalog| catalog.get(b"StructTreeRoot")).expect("a structure");
    let root = file.dereference(root).expect("its root").1.as_dict().expect("a dictionary");
    outline(file, &root.get(b"K").and_then(Object::as_array).expect("a document")[0])
}

#[test]
fn the_file_is_tagged_titled_and_in_a_language() {
    let mut document = sample(Page::A4);
    document.blocks.truncate(5);
    let Block::Fields(fields) = &mut document.blocks[4] else { panic!("fields") };
    fields.truncate(1);
    let file = file(&document);
    assert_eq!(catalog_outline(&file), "Document(H1 P Div(P P) H2 Table(TR(TH TD)))");
    let catalog = file.catalog().expect("a catalog");
    assert_eq!(catalog.get(b"Lang").and_then(Object::as_str).expect("a language"), b"en-GB");
    assert!(catalog.has(b"MarkInfo") && catalog.has(b"Metadata") && catalog.has(b"ViewerPreferences"));
    assert_eq!(file.version, "1.7");
}

#[test]
fn lists_headers_and_figures_have_their_tags() {
    let outline = catalog_outline(&file(&sample(Page::A4)));
    assert!(outline.contains("L(LI(Lbl LBody) LI(Lbl LBody) LI(Lbl LBody))"), "{outline}");
    assert!(outline.contains("Table(TR(TH TH TH) TR(TD TD TD) TR(TD TD TD) TR(TD TD TD))"), "{outline}");
    assert!(outline.contains("Div(P Figure P P P)"), "{outline}");
}

#[test]
fn vowel_signs_are_drawn_outside_the_structure_so_that_names_stay_whole() {
    let mut document = sample(Page::A4);
    document.blocks = vec![Block::Paragraph("مُحَمَّد".into())];
    let file = file(&document);
    let page = *file.get_pages().values().next().expect("a page");
    let content = String::from_utf8_lossy(&file.get_page_content(page)).into_owned();
    let (letters, signs) = content.split_once("ActualText<FEFF>").expect("silent signs");
    let letters = letters.rsplit_once("MCID 0").expect("the paragraph").1;
    assert_eq!(letters.matches("TJ").count(), 1, "all letters in one piece: {letters}");
    assert!(letters.contains("EMC") && letters.contains("/Artifact") && signs.matches("TJ").count() >= 2);
}

#[test]
fn properties_hold_what_the_caller_passed_and_nothing_of_the_child() {
    let file = file(&sample(Page::A4));
    let info = file.trailer.get(b"Info").and_then(Object::as_reference).expect("properties");
    let info = file.get_dictionary(info).expect("a dictionary");
    let mut keys: Vec<&[u8]> = info.iter().map(|(key, _)| key.as_slice()).collect();
    keys.sort();
    assert_eq!(keys, [&b"CreationDate"[..], b"ModDate", b"Producer", b"Subject", b"Title"]);
    assert_eq!(info.get(b"CreationDate").and_then(Object::as_str).expect("a date"), b"D:20261121093000Z");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let document = sample(Page::A4);
    assert_eq!(render(&document).expect("once").pdf, render(&document).expect("twice").pdf);
}

#[test]
fn every_script_on_board_is_shown() {
    for page in [Page::A4, Page::A5Insert, Page::A5TwoUpOnA4] {
        let rendered = render(&sample(page)).expect("rendered");
        assert_eq!(rendered.missing, Vec::<char>::new());
        assert!(rendered.pages >= 2 && rendered.pdf.len() < 200_000, "{}", rendered.pdf.len());
    }
}

#[test]
fn letters_that_no_font_has_are_named_and_the_reader_is_warned() {
    let mut document = sample(Page::A4);
    let notices = |document: &Document| catalog_outline(&file(document)).matches("P").count();
    let before = notices(&document);
    document.blocks.push(Block::Paragraph("王芳 ਅਮਨ 🙂".into()));
    let missing = render(&document).expect("rendered").missing;
    assert_eq!(missing, ['ਅ', 'ਨ', 'ਮ', '王', '芳', '🙂']);
    assert!(notices(&document) > before + 1, "one more paragraph than was asked for");
    let last = with_warning(&document).blocks.pop();
    assert!(matches!(last, Some(Block::Notice(notice)) if notice.text.contains("empty boxes")));
}

#[test]
fn two_pages_lie_on_each_sheet_of_a4() {
    let rendered = render(&sample(Page::A5TwoUpOnA4)).expect("rendered");
    let file = File::load_mem(&rendered.pdf).expect("a readable file");
    assert_eq!(file.get_pages().len(), rendered.pages.div_ceil(2));
}

#[test]
fn the_banner_is_read_once_and_stands_on_every_page() {
    let document =
        Document { mark: Some("RESTRICTED: duty line staff only".into()), ..sample(Page::A5Insert) };
    assert!(catalog_outline(&file(&document)).starts_with("Document(P H1 "));
}
