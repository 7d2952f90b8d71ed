//! What administrators decide: duty lines, numbers, organisations, closing days. They see no content.
//!
//! Every decision is a dated row with its events in one unit of work, made against the version that the
//! administrator saw: of two at once the second is told. A decision is in force in this process when its
//! call returns, and in every other copy within seconds ([`crate::relay::live`]). Nothing is typed into
//! the trail: codes stand in the events, words in the rows that the events mark.

pub mod closing;
pub mod lines;
pub mod numbers;
pub mod organisations;

use jiff::civil::Date;

use crate::domain::day::Day;
use crate::domain::form::Raw;
use crate::domain::time::day_for_people;
use crate::relay::Relay;
use crate::relay::decided::DecidedError;
use crate::store::StoreError;

/// What is wrong with what was typed: the field's name and the sentence.
pub type Faults = Vec<(&'static str, String)>;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// There is no such thing.
    #[error("no such thing")]
    Missing,
    /// Somebody else decided first: look again.
    #[error("changed meanwhile")]
    Changed,
    /// Something that was typed cannot be so.
    #[error("refused")]
    Refused(Faults),
    /// It can be so, and what follows has to be said first.
    #[error("warned")]
    Warned(Vec<String>),
    /// What was decided before contradicts itself.
    #[error("{0}")]
    Unusable(String),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AdministrationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::Changed,
            StoreError::Missing(_) => Self::Missing,
            other => Self::Store(other),
        }
    }
}

impl From<DecidedError> for AdministrationError {
    fn from(error: DecidedError) -> Self {
        match error {
            DecidedError::Store(error) => error.into(),
            DecidedError::Unusable(why) => Self::Unusable(why),
        }
    }
}

fn refused(field: &'static str, sentence: impl Into<String>) -> AdministrationError {
    AdministrationError::Refused(vec![(field, sentence.into())])
}

/// Farthest day from which a change may hold, from today.
const FARTHEST_DAYS: i32 = 730;

/// The day from which a change holds, typed as `from-day`, `from-month`, `from-year`; nothing typed means
/// today. Not before today, nor before what is planned already.
fn from_day(relay: &Relay, form: &Raw, planned: Option<Date>) -> Result<Date, String> {
    let today = relay.clock.now().day();
    let typed = ["from-day", "from-month", "from-year"].map(|name| form.get(name));
    if typed.iter().all(|text| text.trim().is_empty()) {
        return checked_from(today, today, planned);
    }
    let day = Day::from_fields(typed[0], typed[1], typed[2]).map_err(|fault| fault.to_string())?;
    checked_from(day.date(), today, planned)
}

fn checked_from(day: Date, today: Date, planned: Option<Date>) -> Result<Date, String> {
    if day < today {
        return Err("A change can hold from today or a later day on, not from a day that is over".to_owned());
    }
    if (day - today).get_days() > FARTHEST_DAYS {
        return Err("Choose a day within the next two years".to_owned());
    }
    match planned.filter(|planned| *planned > day) {
        Some(planned) => Err(format!(
            "A change from {} on is planned already. Take it back first, or choose that day or a later one",
            day_for_people(planned)
        )),
        None => Ok(day),
    }
}

/// A whole number within bounds, or the sentence.
fn number(text: &str, least: i32, most: i32, unit: &str) -> Result<i32, String> {
    let read = text.trim().parse::<i32>().ok().filter(|number| (least..=most).contains(number));
    read.ok_or_else(|| format!("Write a whole number from {least} to {most} {unit}"))
}

/// One line of words for people, of limited length, or the sentence that says what it lacks.
fn words(text: &str, what: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(format!("Write {what}")),
        long if long > most => Err(format!("Write {what} in {most} characters or fewer")),
        _ if text.chars().any(char::is_control) => Err(format!("Write {what} on one line")),
        _ => Ok(text.to_owned()),
    }
}

/// The value, or its fault into the list.
fn kept<T>(faults: &mut Faults, field: &'static str, read: Result<T, String>) -> Option<T> {
    read.map_err(|sentence| faults.push((field, sentence))).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_change_holds_from_today_on_or_later_and_not_before_what_is_planned() {
        let today = date(2026, 9, 7);
        assert_eq!(checked_from(today, today, None), Ok(today));
        assert_eq!(checked_from(date(2026, 9, 8), today, Some(date(2026, 9, 8))), Ok(date(2026, 9, 8)));
        for (day, planned, words) in [
            (date(2026, 9, 6), None, "not from a day that is over"),
            (date(2029, 9, 8), None, "within the next two years"),
            (date(2026, 9, 7), Some(date(2026, 9, 8)), "from 8 September 2026 on is planned already"),
        ] {
            assert!(checked_from(day, today, planned).unwrap_err().contains(words), "{words}");
        }
    }

    #[test]
    fn numbers_and_words_have_bounds() {
        assert_eq!(number(" 28 ", 1, 366, "days"), Ok(28));
        for text in ["", "0", "367", "28.5", "two"] {
            assert_eq!(
                number(text, 1, 366, "days"),
                Err("Write a whole number from 1 to 366 days".to_owned())
            );
        }
        assert_eq!(words(" Swale ", "the name", 10), Ok("Swale".to_owned()));
        assert!(words("", "the name", 10).is_err() && words("a\nb", "the name", 10).is_err());
        assert!(words("more than ten", "the name", 10).is_err());
    }
}
