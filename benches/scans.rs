//! Photos of printed forms: how many are read right, how long one takes, what memory the child needs.
//!
//! Not by criterion: the first question is a share, not a time. Forms are printed as PDF, drawn as
//! pictures and photographed 300 times (turned, slanted, unevenly lit, blurred, noisy, squeezed), as the
//! tests do it (`tests/it/paper/photo.rs`), at a phone's size. Each photo is read by the program itself in
//! a child of its own, whose peak of memory is asked for while it runs. `cargo bench --bench scans` takes
//! some minutes. Without `--bench`, as the tests run it, it reads two, so that it keeps working.

#[path = "../tests/it/paper/photo.rs"]
mod photo;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dutyline::documents::facts::FamilyAnswers;
use dutyline::documents::sample::Sample;
use dutyline::documents::{PaperForm, paper_form, render};
use dutyline::domain::paper::{PaperCode, PaperMark};
use dutyline::scan::{self, frame};
use photo::{Chance, Photo, as_picture, blank};
use pixels::image::GrayImage;

/// A phone's picture of 8 megapixels.
const SIZE: (u32, u32) = (2_448, 3_264);

/// What became of the photos.
#[derive(Default)]
struct Tally {
    right: usize,
    wrong: usize,
    unread: usize,
    times: Vec<Duration>,
    /// Peak of resident memory and of address space, KiB.
    resident: u64,
    space: u64,
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| asked.iter().any(|one| one == word);
    // Test runners ask what there is to run, and what is skipped otherwise.
    match (has("--list"), has("--ignored")) {
        (true, true) => return,
        (true, false) => return say("scans: benchmark"),
        _ => {}
    }
    let whole = has("--bench");
    measure("reasonable photos", if whole { 300 } else { 2 }, Photo::reasonable);
    if whole {
        measure("bad photos", 100, Photo::hard);
        worst();
    }
}

fn measure(what: &str, count: usize, how: fn(&mut Chance) -> Photo) {
    let mut chance = Chance::seeded(20_261_122);
    let sheets: Vec<(GrayImage, PaperCode)> = (1..=4).flat_map(sheets).collect();
    let mut tally = Tally::default();
    for at in 0..count {
        let (sheet, code) = &sheets[at % sheets.len()];
        let photo = how(&mut chance).of(sheet, SIZE, &mut chance);
        match decoded(&photo, &mut tally) {
            Some(read) if read == *code => tally.right += 1,
            Some(_) => tally.wrong += 1,
            None => tally.unread += 1,
        }
    }
    let share = 100.0 * tally.right as f64 / count as f64;
    say(&format!(
        "{what}: {count}, read right {} ({share:.1} %), not read {}, read wrong {}",
        tally.right, tally.unread, tally.wrong
    ));
    report(&mut tally);
}

/// The largest picture that is taken, without a code: every size is looked at in vain.
fn worst() {
    let mut tally = Tally::default();
    let largest = photo::as_jpeg(&blank(7_000, 7_100), 80);
    let found = decoded(&largest, &mut tally);
    say(&format!("an empty sheet of 50 megapixels: {}", if found.is_none() { "no code" } else { "a code" }));
    report(&mut tally);
}

fn report(tally: &mut Tally) {
    tally.times.sort();
    let at = |share: usize| tally.times[(tally.times.len() - 1) * share / 100].as_millis();
    say(&format!("  a child: median {} ms, p95 {} ms, longest {} ms", at(50), at(95), at(100)));
    let (resident, space) = (tally.resident / 1_024, tally.space / 1_024);
    say(&format!("  its memory: {resident} MiB resident, {space} MiB of address space, of 256"));
}

/// Every page of a form, as it comes out of the printer.
fn sheets(draft: u8) -> Vec<(GrayImage, PaperCode)> {
    let sample = Sample::new();
    let statement = &sample.agreement.statement;
    let form = PaperForm {
        family: FamilyAnswers(&sample.family),
        attachments: sample.attachments.clone(),
        statement,
        beside: None,
        setting: "Little Acorns Nursery",
        mark: PaperMark::new([draft; 8], &format!("{draft:02x}").repeat(32), statement).expect("a mark"),
        printed: sample.facts.received,
    };
    let pdf = render(&paper_form(&form)).expect("prints").pdf;
    let pages = scan::read(&pdf).expect("reads").into_iter();
    pages.map(|page| (as_picture(&page.jpeg), page.code.expect("clean print is read"))).collect()
}

/// What the program reads in one photo; a file that it does not take counts as not read.
#[expect(clippy::disallowed_methods, reason = "a bench looks at the machine's clock")]
fn decoded(photo: &[u8], tally: &mut Tally) -> Option<PaperCode> {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_dutyline"))
        .arg("decode")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let status = format!("/proc/{}/status", child.id());
    // A child that dies early closes its end: then nothing is read, and that is counted.
    let _ = child.stdin.take().expect("piped").write_all(photo);
    let mut output = child.stdout.take().expect("piped");
    let answer = std::thread::spawn(move || {
        let mut answer = Vec::new();
        output.read_to_end(&mut answer).map(|_| answer)
    });
    while !answer.is_finished() {
        look(&status, tally);
        std::thread::sleep(Duration::from_millis(3));
    }
    child.wait().expect("ends");
    tally.times.push(begun.elapsed());
    let answer = answer.join().expect("joined").expect("reads");
    frame::read(&answer).ok()?.first()?.code
}

fn look(status: &str, tally: &mut Tally) {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    tally.resident = tally.resident.max(value("VmHWM:"));
    tally.space = tally.space.max(value("VmPeak:"));
}

/// One line of the report.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the report is read");
}
