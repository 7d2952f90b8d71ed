//! A printed form, seen by phones of every kind: what is read is exactly right, or it is nothing.

use dutyline::documents::facts::FamilyAnswers;
use dutyline::documents::sample::Sample;
use dutyline::documents::{PaperForm, paper_form, render};
use dutyline::domain::paper::{PaperCode, PaperMark};
use dutyline::scan;
use pixels::image::GrayImage;

use super::photo::{Chance, Photo, as_picture};

/// A page of a form as it comes out of the printer, and what its code says.
pub struct Sheet {
    pub picture: GrayImage,
    pub code: PaperCode,
}

/// Every page of a form for this draft and these words.
pub fn sheets(draft: u8, words: u8) -> Vec<Sheet> {
    let sample = Sample::new();
    let statement = &sample.agreement.statement;
    let mark = PaperMark::new([draft; 8], &format!("{words:02x}").repeat(32), statement).expect("a mark");
    let form = PaperForm {
        family: FamilyAnswers(&sample.family),
        attachments: sample.attachments.clone(),
        statement,
        beside: None,
        setting: "Little Acorns Nursery",
        mark,
        printed: sample.facts.received,
    };
    let printed = render(&paper_form(&form)).expect("prints");
    let pages = scan::read(&printed.pdf).expect("reads");
    assert_eq!(pages.len(), printed.pages);
    let numbered = pages.into_iter().zip(1_u8..);
    let sheet = |(page, number): (scan::ScannedPage, u8)| {
        let code = PaperCode { mark, page: number, pages: u8::try_from(printed.pages).expect("few") };
        assert_eq!(page.code, Some(code), "what comes out of the printer is read");
        Sheet { picture: as_picture(&page.jpeg), code }
    };
    numbered.map(sheet).collect()
}

/// Pixels of a photo as a telephone of ten years ago takes it: six million.
const PHONE: (u32, u32) = (2_250, 3_000);
/// Of one that somebody has made small.
const SMALL: (u32, u32) = (1_600, 1_600);

/// How many of fourteen have to be read at least: which share it is of hundreds, the bench says.
const MOST: usize = 10;

/// Takes so many pictures; gives how many were read. None may be read wrong.
fn read(seed: u64, count: usize, size: (u32, u32), how: fn(&mut Chance) -> Photo) -> usize {
    let mut chance = Chance::seeded(seed);
    let sheets = sheets(seed as u8, 0xa0 | seed as u8);
    let mut right = 0;
    for at in 0..count {
        let sheet = &sheets[at % sheets.len()];
        let photo = how(&mut chance);
        let jpeg = photo.of(&sheet.picture, size, &mut chance);
        let pages = scan::read(&jpeg).expect("a photo is read");
        assert_eq!(pages.len(), 1);
        if let Some(code) = pages[0].code {
            assert_eq!(code, sheet.code, "read wrong: {photo:?}");
            right += 1;
        }
    }
    right
}

#[test]
fn reasonable_photos_are_read_right() {
    let right = read(1, 14, PHONE, Photo::reasonable);
    assert!(right >= MOST, "{right} of 14");
}

#[test]
fn reasonable_photos_of_another_form_too() {
    let right = read(2, 14, PHONE, Photo::reasonable);
    assert!(right >= MOST, "{right} of 14");
}

#[test]
fn bad_photos_are_never_read_wrong() {
    read(3, 14, SMALL, Photo::hard);
}

#[test]
fn bad_photos_of_another_form_neither() {
    read(4, 14, SMALL, Photo::hard);
}
