//! A mark for every field of the form and for everything that is typed beside it: words that stand
//! nowhere else, and how they would look when they were written down in clear.

use std::sync::LazyLock;

use dutyline::clock::Clock;
use dutyline::domain::calendar::Calendar;
use dutyline::domain::form::{FIELDS, Field, Kind, Part};
use dutyline::domain::nhs_number::NhsNumber;
use dutyline::domain::time::day_for_people;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

/// A word that stands nowhere else; every field and every other place gets its own ending.
pub const MARKER: &str = "Quokkazimt";
/// Answered with today, because the gate asks for it: today stands in every log.
const TODAY: &str = "referrer.date";
/// A postcode of the area in which none of the sample's settings lies.
const POSTCODE: &str = "CT12 4AE";

/// The marker word of a place.
pub fn word(ending: &str) -> String {
    format!("{MARKER}{ending}")
}

/// One field's answer.
pub struct Mark {
    pub field: &'static Field,
    /// As it is typed, or as the document has it.
    pub value: String,
    /// How it would look in clear, lower case; none when it is the marker word, or one of the form's
    /// own choices, which stand in the program anyway.
    needles: Vec<String>,
}

/// Every field of the form.
pub fn marks() -> Vec<Mark> {
    let marks: Vec<Mark> = FIELDS.iter().enumerate().map(|(n, field)| mark(n, field)).collect();
    for mark in &marks {
        let chosen = matches!(mark.field.kind, Kind::One(_) | Kind::Any(_)) || mark.field.path == TODAY;
        let marked = mark.is_word() || !mark.needles.is_empty();
        assert!(chosen || marked, "{} has no mark", mark.field.path);
    }
    marks
}

fn mark(n: usize, field: &'static Field) -> Mark {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).expect("small"));
    let word = word(&format!("{}{}", letter(n / 26), letter(n)));
    let (value, needles) = match field.kind {
        Kind::Line(_) | Kind::Text(_) | Kind::Name => (word, Vec::new()),
        Kind::Email => (format!("{}@family.example", word.to_lowercase()), Vec::new()),
        Kind::Urn => spaced(&format!("EY77{n:04}")),
        Kind::Phone => spaced(&format!("07700 900{}", 200 + n)),
        Kind::Postcode => spaced(POSTCODE),
        Kind::NhsNumber => spaced(&nhs_number()),
        Kind::Birth | Kind::PastDate | Kind::Slot => dated(n, field),
        Kind::One(_) | Kind::Any(_) => (chosen(field).to_owned(), Vec::new()),
    };
    Mark { field, value, needles }
}

/// As it is typed, and that with and without its spaces.
fn spaced(text: &str) -> (String, Vec<String>) {
    let lower = text.to_lowercase();
    let bare = lower.replace(' ', "");
    (text.to_owned(), vec![lower, bare])
}

fn nhs_number() -> String {
    let valid = |n: &u64| NhsNumber::parse(&n.to_string()).is_ok();
    let number = (9_990_007_000..9_990_008_000_u64).find(valid).expect("one in eleven is valid");
    NhsNumber::parse(&number.to_string()).expect("valid").to_string()
}

fn dated(n: usize, field: &Field) -> (String, Vec<String>) {
    let today = Clock::System.now().day();
    let day = match field.path {
        TODAY => return (today.to_string(), Vec::new()),
        "child.date_of_birth" => Date::constant(2024, 2, 29),
        _ if field.kind == Kind::Birth => Date::constant(1987, 3, 17),
        _ if field.kind == Kind::PastDate => today.saturating_sub(40.days()),
        _ => slot_day(today, n),
    };
    let needles = vec![day.to_string(), day_for_people(day).to_lowercase()];
    let value = if field.kind == Kind::Slot { format!("{day}T10:00") } else { day.to_string() };
    (value, needles)
}

/// A working day far enough ahead, another for each of the three choices.
fn slot_day(today: Date, n: usize) -> Date {
    let days = 30 + u32::try_from(n % 3).expect("small");
    Calendar::england().add_working_days(today, days)
}

fn chosen(field: &Field) -> &'static str {
    match field.path {
        "request.kind" => "referral-and-meeting",
        "request.urgency" => "soon",
        "safeguarding.concerns" | "abuse.concerns" => "yes",
        _ => field.kind.options()[0].0,
    }
}

/// Everything that is looked for, lower case.
pub static NEEDLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut needles = vec![MARKER.to_lowercase()];
    needles.extend(marks().into_iter().flat_map(|mark| mark.needles));
    needles
});

impl Mark {
    /// Whether the marker word is in it.
    pub fn is_word(&self) -> bool {
        self.value.to_lowercase().contains(&MARKER.to_lowercase())
    }

    /// As a page's form sends it: dates in their pieces.
    pub fn typed(&self) -> Vec<(String, String)> {
        let path = self.field.path;
        if !matches!(self.field.kind, Kind::Birth | Kind::PastDate | Kind::Slot) {
            return vec![(path.to_owned(), self.value.clone())];
        }
        let (day, time) = self.value.split_once('T').unwrap_or((&self.value, ""));
        let pieces = ["year", "month", "day"].iter().zip(day.split('-'));
        let mut typed: Vec<(String, String)> =
            pieces.map(|(piece, text)| (format!("{path}-{piece}"), text.to_owned())).collect();
        if !time.is_empty() {
            typed.push((format!("{path}-time"), time.to_owned()));
        }
        typed
    }
}

/// A file whose name and bytes are marked.
pub fn file() -> (String, Vec<u8>) {
    (format!("{}.pdf", word("zname")), format!("%PDF-1.7 {}", word("zbytes")).into_bytes())
}

/// A whole sealed document in which everything that can be marked is marked.
pub fn document(id: &str) -> Value {
    let today = Clock::System.now().day().to_string();
    let (mut answers, mut restricted) = (json!({}), json!({}));
    for Mark { field, value, .. } in marks() {
        let place = if field.part == Part::Restricted { &mut restricted } else { &mut answers };
        let (group, name) = field.path.split_once('.').expect("a dotted path");
        place[group][name] =
            if matches!(field.kind, Kind::Any(_)) { json!([value]) } else { Value::String(value) };
    }
    let (name, bytes) = file();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    json!({
        "format": "dutyline-referral", "version": 1, "submission_id": id,
        "answers": answers, "restricted": restricted,
        "agreement": {
            "given": true, "printed_name": word("zsigner"), "relationship": word("zrelation"),
            "parental_responsibility": "yes", "method": "typed", "statement_version": "default-2026-11",
            "statement_language": "en", "signed_on": today, "present": word("zpresent"),
            "checked_how": word("zchecked")
        },
        "referrer_signature": {"printed_name": word("zreferrer"), "signed_on": today},
        "attachments": [{"name": name, "base64": base64}]
    })
}
