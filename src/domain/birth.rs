//! Birth dates, and ages in completed months (DOMAIN section 7).
//!
//! A month is completed on the same day of a later month; somebody born on the 31st completes a
//! shorter month on the 1st of the next. An age above the service's is a warning only: the setting
//! may have good reason.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::day::{Day, DayError};
use super::kept::masked_debug;

/// The greatest age believed, in years.
pub const MAX_YEARS: i16 = 120;

/// A birth date that lay in the past when it was typed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(Day);

/// What is wrong with what was typed; the sentence stands beside the fields.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BirthError {
    /// It is not a date.
    #[error(transparent)]
    Day(#[from] DayError),
    /// It is today or later.
    #[error("The date of birth must be in the past")]
    NotPast,
    /// More than [`MAX_YEARS`] ago.
    #[error("The date of birth must be within the last {MAX_YEARS} years: check the year")]
    TooLongAgo,
}

impl BirthDate {
    /// Reads three fields, as of `today` in London.
    pub fn from_fields(day: &str, month: &str, year: &str, today: Date) -> Result<Self, BirthError> {
        Self::on(Day::from_fields(day, month, year)?, today)
    }

    /// Reads one line, such as `2024-03-27`, as of `today` in London.
    pub fn parse(text: &str, today: Date) -> Result<Self, BirthError> {
        Self::on(Day::parse(text)?, today)
    }

    /// Takes a day as a birth date, as of `today` in London.
    pub fn on(day: Day, today: Date) -> Result<Self, BirthError> {
        if day.date() >= today {
            return Err(BirthError::NotPast);
        }
        if months_between(day.date(), today) > i32::from(MAX_YEARS) * 12 {
            return Err(BirthError::TooLongAgo);
        }
        Ok(Self(day))
    }

    /// The day.
    pub fn day(self) -> Day {
        self.0
    }

    /// Completed months on `day`; negative before birth.
    pub fn months_at(self, day: Date) -> i32 {
        months_between(self.0.date(), day)
    }

    /// Whole days on `day`; negative before birth.
    pub fn days_at(self, day: Date) -> i32 {
        (day - self.0.date()).get_days()
    }

    /// The age on `day` in words: `2 years 3 months`, below two years `23 months`.
    pub fn age_at(self, day: Date) -> String {
        age_in_words(self.months_at(day))
    }

    /// A sentence of warning when the child is older on `day` than the service sees, in completed
    /// months. It never blocks.
    pub fn too_old(self, day: Date, oldest_months: i32) -> Option<String> {
        let age = self.age_at(day);
        (self.months_at(day) > oldest_months).then(|| {
            let limit = age_in_words(oldest_months);
            format!("The child is {age} old, and this service sees children up to {limit}: check the year of birth")
        })
    }

    /// Sample data: 27 March 2024.
    pub fn sample() -> Self {
        Self(Day::sample())
    }
}

fn months_between(from: Date, to: Date) -> i32 {
    let months = |d: Date| i32::from(d.year()) * 12 + i32::from(d.month());
    months(to) - months(from) - i32::from(to.day() < from.day())
}

/// `2 years 3 months`, `5 years`; below two years `23 months`.
fn age_in_words(months: i32) -> String {
    match (months / 12, months % 12) {
        _ if months < 24 => counted(months, "month"),
        (years, 0) => counted(years, "year"),
        (years, rest) => format!("{} {}", counted(years, "year"), counted(rest, "month")),
    }
}

fn counted(number: i32, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

impl fmt::Display for BirthDate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

masked_debug!(BirthDate);

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 8, 21);

    fn born(text: &str) -> BirthDate {
        BirthDate::parse(text, TODAY).expect(text)
    }

    #[test]
    fn a_birth_lies_in_the_past() {
        assert_eq!(BirthDate::from_fields("21", "8", "2026", TODAY).unwrap_err(), BirthError::NotPast);
        assert_eq!(BirthDate::from_fields("22", "Aug", "2026", TODAY).unwrap_err(), BirthError::NotPast);
        assert!(BirthDate::from_fields("20", "8", "2026", TODAY).is_ok());
        assert_eq!(BirthDate::parse("1906-07-21", TODAY).unwrap_err(), BirthError::TooLongAgo);
        assert!(BirthDate::parse("1906-08-21", TODAY).is_ok());
        let missing = BirthDate::from_fields("", "8", "2024", TODAY).unwrap_err();
        assert_eq!(missing.to_string(), "The date needs a day");
    }

    #[test]
    fn age_is_in_completed_months() {
        for (birth, day, months) in [
            ("2024-03-27", date(2026, 3, 26), 23),
            ("2024-03-27", date(2026, 3, 27), 24),
            ("2024-01-31", date(2024, 2, 29), 0),
            ("2024-01-31", date(2024, 3, 1), 1),
            ("2024-02-29", date(2025, 2, 28), 11),
            ("2024-02-29", date(2025, 3, 1), 12),
        ] {
            assert_eq!(born(birth).months_at(day), months, "{birth} on {day}");
        }
        assert_eq!(born("2024-03-27").days_at(date(2024, 4, 1)), 5);
    }

    #[test]
    fn ages_are_said_in_words() {
        assert_eq!(born("2026-07-20").age_at(TODAY), "1 month");
        assert_eq!(born("2024-09-21").age_at(TODAY), "23 months");
        assert_eq!(born("2024-08-21").age_at(TODAY), "2 years");
        assert_eq!(born("2024-05-01").age_at(TODAY), "2 years 3 months");
    }

    #[test]
    fn an_age_above_the_services_is_a_warning() {
        assert_eq!(born("2024-05-01").too_old(TODAY, 27), None);
        let sentence = born("2024-05-01").too_old(TODAY, 26).expect("older than 26 months");
        assert!(sentence.starts_with("The child is 2 years 3 months old"), "{sentence}");
        assert!(sentence.contains("up to 2 years 2 months:"), "{sentence}");
    }

    proptest! {
        #[test]
        fn a_later_day_is_never_a_younger_age(born_before in 1i32..2000, later in 0i32..2000) {
            let day = Day::try_from(TODAY - born_before.days()).expect("an accepted year");
            let birth = BirthDate::on(day, TODAY).expect("in the past");
            let then = TODAY + later.days();
            prop_assert!(birth.months_at(then) >= birth.months_at(TODAY));
            prop_assert_eq!(birth.days_at(then), born_before + later);
            let kept = serde_json::to_string(&birth).expect("text");
            prop_assert_eq!(serde_json::from_str::<BirthDate>(&kept).expect("it comes back"), birth);
        }
    }
}
