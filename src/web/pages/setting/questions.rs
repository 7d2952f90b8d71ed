//! From the field list to what a page asks: each kind of field has one kind of question, with what
//! was typed before, exactly as it was, and what is wrong with it.

use super::super::super::field::{Answer, Asked, Choice, DateField, Field, error_list};
use crate::domain::day::Day;
use crate::domain::form::{self, Fault, Kind, Part, Raw, spec};
use crate::domain::slot_time::parse_time;

/// One question of a page.
pub enum Question {
    /// One line.
    Line(Field),
    /// Several lines.
    Long(Field),
    /// A date in three boxes.
    Date(DateField),
    /// A date and a time.
    Slot(DateField, Field),
    /// One of several.
    One(Choice),
    /// Any of several.
    Any(Choice),
}

/// The answers of a question with two short ones stand side by side.
const SIDE_BY_SIDE: usize = 2;

impl Asked for Question {
    fn fault(&self) -> Option<(String, String)> {
        match self {
            Question::Line(field) | Question::Long(field) => field.fault(),
            Question::Date(date) => date.fault(),
            Question::Slot(date, time) => date.fault().or_else(|| time.fault()),
            Question::One(choice) | Question::Any(choice) => choice.fault(),
        }
    }
}

/// The questions of a part, in the order of the list.
pub fn of(part: Part, raw: &Raw, said: &[Fault]) -> Vec<Question> {
    spec::fields_of(part).map(|field| question(field, raw, said)).collect()
}

/// What the summary at the top says.
pub fn errors(questions: &[Question]) -> Vec<(String, String)> {
    error_list(&questions.iter().map(|question| question as &dyn Asked).collect::<Vec<_>>())
}

fn question(field: &form::Field, raw: &Raw, said: &[Fault]) -> Question {
    let error = error_of(field.path, said);
    match field.kind {
        Kind::Text(most) => Question::Long(long(field, raw, most).error(error)),
        Kind::Birth | Kind::PastDate => Question::Date(date(field, raw).error(error)),
        Kind::Slot => slot(field, raw, error),
        Kind::One(options) => {
            let choice = choice(field, raw).error(error);
            let short = options.len() == SIDE_BY_SIDE && options.iter().all(|(_, words)| words.len() < 5);
            Question::One(if short { choice.inline() } else { choice })
        }
        Kind::Any(_) => Question::Any(choice(field, raw).error(error)),
        _ => Question::Line(line(field, raw).error(error)),
    }
}

/// Everything that stops this answer, as one text.
fn error_of(path: &str, said: &[Fault]) -> Option<String> {
    let mine: Vec<&str> = said
        .iter()
        .filter(|fault| fault.path == path && !fault.warning)
        .map(|fault| fault.sentence.as_str())
        .collect();
    (!mine.is_empty()).then(|| mine.join(". "))
}

fn line(field: &form::Field, raw: &Raw) -> Field {
    let plain = hinted(Field::new(field.path, label(field)), field.hint, Field::hint)
        .value(raw.get(field.path))
        .autocomplete(field.autocomplete)
        .label_size("s");
    match field.kind {
        Kind::Phone => plain.telephone(),
        Kind::Email => plain.email(),
        Kind::NhsNumber => plain.width(20).numeric(),
        Kind::Postcode | Kind::Urn => plain.width(10),
        _ => plain,
    }
}

fn long(field: &form::Field, raw: &Raw, most: usize) -> Field {
    let rows = if most <= 500 {
        3
    } else if most <= 1_000 {
        4
    } else {
        8
    };
    hinted(Field::new(field.path, label(field)), field.hint, Field::hint)
        .value(raw.get(field.path))
        .limit(u32::try_from(most).unwrap_or(u32::MAX))
        .rows(rows)
        .label_size("s")
}

fn date(field: &form::Field, raw: &Raw) -> DateField {
    let [day, month, year] = typed_day(field.path, raw);
    hinted(DateField::new(field.path, label(field)), field.hint, DateField::hint).typed(day, month, year)
}

/// A slot's error stands beside the part that is wrong: the time, when the date can be read.
fn slot(field: &form::Field, raw: &Raw, error: Option<String>) -> Question {
    let date = date(field, raw).hint("For example, 8 12 2026");
    let time =
        Field::new(format!("{}-time", field.path), format!("Time of the {}", field.label.to_lowercase()))
            .hint("For example, 10am or 14:30")
            .value(typed_time(field.path, raw))
            .autocomplete("off")
            .width(10);
    let day_reads = Day::from_fields(&date.day, &date.month, &date.year).is_ok();
    match day_reads && parse_time(&time.value).is_err() {
        true => Question::Slot(date, time.error(error)),
        false => Question::Slot(date.error(error), time),
    }
}

fn choice(field: &form::Field, raw: &Raw) -> Choice {
    let answer = |(code, words): &spec::Option_| {
        hinted(Answer::new(*code, *words), spec::choice_hint(field.path, code), Answer::hint)
    };
    let answers = field.kind.options().iter().map(answer).collect();
    hinted(Choice::new(field.path, label(field), answers), field.hint, Choice::hint)
        .chosen(raw.all(field.path).iter().cloned())
}

/// The questions that follow from a yes say so.
const AFTER_YES: [&str; 9] = [
    "safeguarding.detail",
    "safeguarding.referred",
    "safeguarding.referred_on",
    "safeguarding.outcome",
    "abuse.safe_contact",
    "abuse.safe_times",
    "abuse.perpetrator_name",
    "abuse.perpetrator_birth",
    "abuse.at_home",
];

fn label(field: &form::Field) -> String {
    match AFTER_YES.contains(&field.path) {
        true => format!("If yes: {}", form::lower_first(field.label)),
        false => field.label.to_owned(),
    }
}

fn hinted<T>(question: T, hint: &str, with: impl Fn(T, String) -> T) -> T {
    if hint.is_empty() { question } else { with(question, hint.to_owned()) }
}

/// Three boxes as they were typed; a date that came whole (filled in, or by mail) is taken apart, and
/// one that cannot be stands in the first box, so that nothing is lost.
fn typed_day(path: &str, raw: &Raw) -> [String; 3] {
    let boxes = ["day", "month", "year"].map(|piece| raw.get(&format!("{path}-{piece}")).to_owned());
    let whole = raw.get(path).trim();
    if whole.is_empty() || boxes.iter().any(|typed| !typed.is_empty()) {
        return boxes;
    }
    match whole.get(..10).and_then(|day| day.parse::<jiff::civil::Date>().ok()) {
        Some(day) => [day.day().to_string(), day.month().to_string(), day.year().to_string()],
        None => [whole.to_owned(), String::new(), String::new()],
    }
}

fn typed_time(path: &str, raw: &Raw) -> String {
    match raw.get(&format!("{path}-time")) {
        "" => {
            let time = raw.get(path).split_once('T').and_then(|(_, time)| time.get(..5));
            time.unwrap_or_default().to_owned()
        }
        typed => typed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_list_has_a_question_that_bears_its_name() {
        let parts = Part::FAMILY.iter().chain([&Part::Restricted]);
        let ids: Vec<String> = parts
            .flat_map(|part| of(*part, &Raw::default(), &[]))
            .map(|question| match question {
                Question::Line(f) | Question::Long(f) => f.id,
                Question::Date(d) | Question::Slot(d, _) => d.id,
                Question::One(c) | Question::Any(c) => c.id,
            })
            .collect();
        let paths: Vec<&str> = form::FIELDS.iter().map(|field| field.path).collect();
        assert_eq!(ids, paths);
    }

    #[test]
    fn what_follows_from_a_yes_says_so_and_a_choice_says_what_it_means() {
        let questions = of(Part::Restricted, &Raw::default(), &[]);
        let labels: Vec<String> = questions
            .iter()
            .map(|question| match question {
                Question::Line(f) | Question::Long(f) => f.label.clone(),
                Question::Date(d) | Question::Slot(d, _) => d.legend.clone(),
                Question::One(c) | Question::Any(c) => c.legend.clone(),
            })
            .collect();
        let first: Vec<&String> = labels.iter().filter(|label| !label.starts_with("If yes: ")).collect();
        assert_eq!(first.len(), 3, "{first:?}");
        assert!(labels.contains(&"If yes: what social care decided".to_owned()), "{labels:?}");
        let Some(Question::One(urgency)) = questions.last() else { panic!("the urgency comes last") };
        let hints: Vec<Option<&str>> = urgency.answers.iter().map(|one| one.hint.as_deref()).collect();
        assert_eq!(
            hints,
            [Some("No hurry"), Some("Within two weeks"), None, Some("Also ring the duty line now")]
        );
    }

    #[test]
    fn a_date_that_came_whole_is_taken_apart_and_what_cannot_be_is_kept() {
        let mut raw = Raw::default();
        raw.set("meeting.slot_1", "2026-12-08T10:00:00");
        assert_eq!(typed_day("meeting.slot_1", &raw), ["8", "12", "2026"]);
        assert_eq!(typed_time("meeting.slot_1", &raw), "10:00");
        raw.set("child.date_of_birth", "last Easter");
        assert_eq!(typed_day("child.date_of_birth", &raw), ["last Easter", "", ""]);
        raw.set("child.date_of_birth-day", " 31x ");
        assert_eq!(typed_day("child.date_of_birth", &raw), [" 31x ", "", ""]);
    }

    #[test]
    fn a_slots_error_stands_where_it_is_wrong() {
        let field = form::field("meeting.slot_1").expect("in the list");
        let mut raw = Raw::default();
        for (piece, typed) in [("day", "8"), ("month", "12"), ("year", "2026"), ("time", "ten")] {
            raw.set(&format!("meeting.slot_1-{piece}"), typed);
        }
        let told = || Some("Wrong".to_owned());
        assert_eq!(slot(field, &raw, told()).fault().expect("told").0, "meeting.slot_1-time");
        raw.set("meeting.slot_1-time", "10am");
        assert_eq!(slot(field, &raw, told()).fault().expect("told").0, "meeting.slot_1-day");
    }
}
