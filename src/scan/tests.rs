//! Files as they come: each is a page, or a sentence.

use pixels::image::{self, DynamicImage, GrayImage};

use super::*;
use crate::documents::facts::FamilyAnswers;
use crate::documents::sample::Sample;
use crate::documents::{PaperForm, paper_form, render};
use crate::domain::paper::PaperMark;

/// The first page of a printed form, and what its code says.
fn printed() -> (Vec<ScannedPage>, PaperMark) {
    let sample = Sample::new();
    let statement = &sample.agreement.statement;
    let mark = PaperMark::new([3; 8], &"5c".repeat(32), statement).expect("a mark");
    let form = PaperForm {
        family: FamilyAnswers(&sample.family),
        attachments: sample.attachments.clone(),
        statement,
        beside: None,
        setting: "Little Acorns Nursery",
        mark,
        printed: sample.facts.received,
    };
    let file = render(&paper_form(&form)).expect("prints").pdf;
    (read(&file).expect("reads"), mark)
}

fn grey(jpeg: &[u8]) -> DynamicImage {
    DynamicImage::ImageLuma8(image::load_from_memory(jpeg).expect("decodes").into_luma8())
}

fn jpeg(picture: &DynamicImage) -> Vec<u8> {
    picture::as_jpeg(&picture.to_rgb8()).expect("encodes")
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("encodes");
    bytes.into_inner()
}

#[test]
fn every_page_that_is_printed_is_read_with_its_number() {
    let (pages, mark) = printed();
    let count = u8::try_from(pages.len()).expect("few");
    assert!(count >= 2);
    for (page, number) in pages.iter().zip(1..) {
        assert_eq!(page.code, Some(PaperCode { mark, page: number, pages: count }));
        let picture = grey(&page.jpeg);
        assert!(picture.height().abs_diff(LONGEST_SIDE) < 3);
    }
}

#[test]
fn a_page_on_its_side_or_head_is_turned_upright() {
    let (pages, _) = printed();
    let sheet = grey(&pages[0].jpeg).thumbnail(1_200, 1_200);
    let dark_corner = |jpeg: &[u8]| {
        let picture = grey(jpeg).into_luma8();
        let (width, height) = picture.dimensions();
        let dark = |left: u32, top: u32| {
            let (w, h) = (width / 4, height / 6);
            let inside = (top..top + h).flat_map(|y| (left..left + w).map(move |x| (x, y)));
            inside.filter(|(x, y)| picture.get_pixel(*x, *y).0[0] < 100).count()
        };
        let corners = [
            dark(0, 0),
            dark(width - width / 4, 0),
            dark(width - width / 4, height - height / 6),
            dark(0, height - height / 6),
        ];
        (0..4).max_by_key(|at| corners[*at]).expect("four")
    };
    for turned in [sheet.clone(), sheet.rotate90(), sheet.rotate180(), sheet.rotate270()] {
        let page = read(&jpeg(&turned)).expect("reads").remove(0);
        assert_eq!(page.code, pages[0].code);
        assert_eq!(dark_corner(&page.jpeg), 3, "the code is at the lower left");
        let picture = grey(&page.jpeg);
        assert!(picture.height() > picture.width());
    }
}

#[test]
fn the_table_round_a_page_is_cropped_and_the_page_is_not() {
    let (pages, _) = printed();
    let sheet = grey(&pages[0].jpeg).thumbnail(900, 900).into_luma8();
    let mut table = GrayImage::from_pixel(2_000, 2_000, image::Luma([70]));
    image::imageops::replace(&mut table, &sheet, 700, 600);
    let page = read(&jpeg(&DynamicImage::ImageLuma8(table))).expect("reads").remove(0);
    assert_eq!(page.code, pages[0].code);
    let picture = grey(&page.jpeg);
    let (width, height) = (picture.width(), picture.height());
    assert!(width < 1_200 && height < 1_400, "{width} by {height}");
    assert!(width > sheet.width() + 200 && height > sheet.height() + 200, "{width} by {height}");
}

#[test]
fn what_is_clear_in_a_png_is_paper() {
    let (pages, _) = printed();
    let sheet = grey(&pages[0].jpeg).thumbnail(1_000, 1_000);
    let mut ink = sheet.to_rgba8();
    for pixel in ink.pixels_mut() {
        let [dark, ..] = pixel.0;
        pixel.0 = [0, 0, 0, 255 - dark];
    }
    let page = read(&png(&DynamicImage::ImageRgba8(ink))).expect("reads").remove(0);
    assert_eq!(page.code, pages[0].code);
}

#[test]
fn a_picture_without_a_code_is_kept_as_it_is_and_bounded() {
    let plain = DynamicImage::ImageLuma8(GrayImage::from_pixel(3_000, 500, image::Luma([200])));
    let page = read(&jpeg(&plain)).expect("reads").remove(0);
    let picture = grey(&page.jpeg);
    assert_eq!((page.code, picture.width()), (None, LONGEST_SIDE));
    assert_eq!(picture.height(), LONGEST_SIDE / 6);
    let tiny = read(&png(&DynamicImage::new_luma8(1, 1))).expect("reads").remove(0);
    assert_eq!(tiny.code, None);
}

#[test]
fn half_a_file_is_damaged_and_never_half_a_page() {
    let (pages, _) = printed();
    let sheet = grey(&pages[0].jpeg).thumbnail(400, 400);
    for whole in [jpeg(&sheet), png(&sheet)] {
        for share in [1, 2, 3] {
            let cut = &whole[..whole.len() * share / 4];
            assert_eq!(read(cut).err(), Some(ScanError::Damaged), "{share} quarters");
        }
    }
}

#[test]
fn every_reason_has_one_code_and_one_sentence() {
    let codes: std::collections::BTreeSet<&str> = ScanError::ALL.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), ScanError::ALL.len());
    for error in ScanError::ALL {
        assert_eq!(ScanError::from_code(error.code()), Some(error));
        assert!(error.to_string().ends_with('.'), "{error}");
    }
    assert_eq!(ScanError::from_code("no-such"), None);
}
