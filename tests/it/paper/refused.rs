//! What bad files get: each a sentence on the page, a reason code in the trail, and nothing lost.

use dutyline::domain::form::Part;
use dutyline::pipeline::drafts;

use super::files::{
    blurred, empty_pages, empty_sheet, locked, pdf, pdf_with_picture, png_bomb, with_script, with_segment,
};
use super::{Nursery, files};
use crate::support::{form, given_a_draft};

#[tokio::test]
async fn every_bad_file_has_its_sentence_and_its_code() {
    let nursery = Nursery::with_a_draft().await;
    let sheet = nursery.sheets().await.remove(0).jpeg;
    let cut = &sheet[..sheet.len() / 2];
    let heic = b"\0\0\0\x24ftypheic\0\0\0\0mif1heicmore of it".to_vec();
    let no_page = pdf(
        &["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), "<< /Type /Pages /Count 0 /Kids [] >>".to_owned()],
        "",
    );
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("nothing", Vec::new(), "this one is empty", "scan-empty"),
        ("an iPhone photo", heic, "Take the photo as JPEG", "scan-heic"),
        ("a program", b"MZ\x90\x00 and more".to_vec(), "must be a photo (JPEG or PNG) or a PDF", "scan-kind"),
        ("a page that names itself a PDF", b"<html>%PDF-1.7".to_vec(), "must be a photo", "scan-kind"),
        ("half a photo", cut.to_vec(), "damaged or incomplete", "scan-damaged"),
        ("a PNG without its picture", png_bomb(64), "damaged or incomplete", "scan-damaged"),
        ("a PNG that would fill the memory", png_bomb(60_000), "too large to be read", "scan-pixels"),
        ("a PDF with a password", locked(), "locked with a password", "scan-locked"),
        ("400 pages", empty_pages(400), "more than 20 pages", "scan-pages"),
        ("a broken PDF", b"%PDF-1.7\nand nothing more".to_vec(), "damaged or incomplete", "scan-damaged"),
        ("a PDF without a page", no_page, "no page in this PDF", "scan-no-pages"),
        ("an empty page", empty_pages(1), "could not find the square code", "paper-no-code"),
        ("an empty sheet", empty_sheet(), "could not find the square code", "paper-no-code"),
        ("a blurred photo", blurred(&sheet), "could not find the square code", "paper-no-code"),
    ];
    let mut wanted = Vec::new();
    for (what, file, sentence, code) in cases {
        let answer = nursery.send(&file, false).await;
        let text = answer.text();
        assert!(answer.status == 422 && text.contains(sentence), "{what}: {} {text}", answer.status);
        assert_eq!(text.contains("I compared both"), code == "paper-no-code", "{what}");
        wanted.push(code);
        assert_eq!(nursery.refusals().await, wanted, "{what}");
    }
}

#[tokio::test]
async fn a_file_that_takes_all_the_memory_ends_the_child_and_nothing_else() {
    let nursery = Nursery::with_a_draft().await;
    let answer = nursery.send(&pdf_with_picture(40_000), false).await;
    assert_eq!(answer.status, 422);
    assert!(!nursery.refusals().await.is_empty());
    assert_eq!(nursery.get(&nursery.at("paper")).await.status, 200);
}

#[tokio::test]
async fn another_form_an_older_one_and_a_missing_page_are_told_apart() {
    let nursery = Nursery::with_a_draft().await;
    let sheets = nursery.sheets().await;
    assert!(sheets.len() >= 2, "the form has more than one page");
    let mut other = Nursery { draft: given_a_draft(&nursery.world, &form(|_| {})).await, ..nursery };
    let answer = other.send(&sheets[0].jpeg, false).await;
    assert!(answer.status == 422 && answer.text().contains("This is another form"), "{}", answer.text());
    let own = other.sheets().await;
    assert_eq!(other.send(&own[0].jpeg, false).await.location, other.at("paper"));
    let page = other.get(&other.at("paper")).await.text();
    assert!(page.contains("Page 1 is here") && page.contains("missing. Send"), "{page}");
    assert_eq!(other.get(&other.at("paper/confirm")).await.location, other.at("paper"));
    // A refusal loses nothing.
    other.send(b"MZ", false).await;
    assert!(other.get(&other.at("paper")).await.text().contains("Page 1 is here"));
    let changed = form(|raw| raw.set("reason.concerns", "Other words."));
    let relay = &other.world.relay;
    drafts::save_part(relay, &other.world.sender, other.draft, Part::Reason, &changed).await.expect("saved");
    let page = other.get(&other.at("paper")).await.text();
    assert!(page.contains("older version of this form") && !page.contains("Page 1 is here"), "{page}");
    let answer = other.send(&own[0].jpeg, false).await;
    assert!(answer.status == 422 && answer.text().contains("older version of this form"));
    assert_eq!(
        other.refusals().await,
        ["paper-other-form", "scan-kind", "paper-older-words"],
        "in the order in which they were sent"
    );
    other.draft = given_a_draft(&other.world, &form(|_| {})).await;
    let both = other.send(&other.printed().await, false).await;
    assert_eq!(both.location, other.at("paper/confirm"), "all pages at once");
}

#[tokio::test]
async fn what_hides_in_a_file_stays_behind() {
    let nursery = Nursery::with_a_draft().await;
    let sheet = nursery.sheets().await.remove(0).jpeg;
    let placed = with_segment(&sheet, 0xe1, &files::exif_with_place());
    let commented = with_segment(&placed, 0xfe, b"<script>alert('COMMENT')</script>");
    let both = [&commented[..], b"PK\x03\x04<html><script>POLYGLOT</script>"].concat();
    assert_eq!(nursery.send(&both, false).await.status, 303);
    assert_eq!(nursery.send(&with_script(&nursery.printed().await), false).await.status, 303);
    let page = nursery.get(&nursery.at("paper")).await.text();
    let mut seen = 0;
    for number in 1..10 {
        let path = nursery.at(&format!("paper/{number}"));
        let answer = nursery.get(&path).await;
        if answer.status != 200 {
            assert!(!page.contains(&format!("{path}\"")), "{path} is linked");
            continue;
        }
        seen += 1;
        assert!(
            answer.bytes.starts_with(b"\xff\xd8\xff\xe0\0\x10JFIF") && answer.bytes.ends_with(&[0xff, 0xd9])
        );
        for hidden in
            ["SPYCAMERA", "PLACE 51", "Exif", "COMMENT", "POLYGLOT", "<html", "JavaScript", "SCRIPT-RAN"]
        {
            let hidden = hidden.as_bytes();
            assert!(!answer.bytes.windows(hidden.len()).any(|bytes| bytes == hidden), "{hidden:?}");
        }
    }
    assert!(seen >= 2);
    for file in nursery.world.database.files() {
        assert!(!file.windows(6).any(|bytes| bytes == b"\0\x10JFIF"), "no picture lies in clear");
    }
}
