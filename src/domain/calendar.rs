//! Working days: not weekends, not England's bank holidays.
//!
//! Clocks such as "not acknowledged in one working day" (DOMAIN section 8) and the meeting slots
//! (section 5) hang on this. The holidays are data, worked out from the rules (Easter, first and
//! last Mondays, substitute days) and checked against them by a test; a day of its own proclaimed
//! later is a new line in the file. Outside the years of the data, weekends alone count, and
//! [`Calendar::covers`] says so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};

const ENGLAND: &str = include_str!("../../data/bank_holidays_england.csv");

/// Bank holidays by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeMap<Date, String>,
}

/// Why a file of bank holidays cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No heading `date,name`.
    #[error("the file of bank holidays must start with the line date,name")]
    Heading,
    /// A line that is not a date and a name.
    #[error("line {0} of the file of bank holidays must be a date such as 2026-12-25, a comma and a name")]
    Line(usize),
    /// No holidays at all.
    #[error("the file of bank holidays has no days in it")]
    Empty,
}

impl Calendar {
    /// England's bank holidays of 2024 to 2028.
    pub fn england() -> &'static Calendar {
        static CALENDAR: LazyLock<Calendar> =
            LazyLock::new(|| Calendar::from_csv(ENGLAND).expect("the shipped file is tested"));
        &CALENDAR
    }

    /// Reads lines of `date,name` below that heading.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut lines = text.lines().zip(1usize..);
        let heading = lines.next().map(|(line, _)| line.trim_start_matches('\u{feff}').trim());
        if heading != Some("date,name") {
            return Err(CalendarError::Heading);
        }
        let mut holidays = BTreeMap::new();
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let (day, name) = line.split_once(',').ok_or(CalendarError::Line(number))?;
            let day: Date = day.trim().parse().map_err(|_| CalendarError::Line(number))?;
            holidays.insert(day, name.trim().to_owned());
        }
        if holidays.is_empty() { Err(CalendarError::Empty) } else { Ok(Self { holidays }) }
    }

    /// The same, with days on which one line does not work either.
    #[must_use]
    pub fn closed_on(&self, days: impl IntoIterator<Item = Date>) -> Self {
        let mut holidays = self.holidays.clone();
        for day in days {
            holidays.entry(day).or_insert_with(|| "Closed".to_owned());
        }
        Self { holidays }
    }

    /// Every day with its name, in order.
    pub fn days(&self) -> impl Iterator<Item = (Date, &str)> {
        self.holidays.iter().map(|(day, name)| (*day, name.as_str()))
    }

    /// The name of the bank holiday on `day`.
    pub fn bank_holiday(&self, day: Date) -> Option<&str> {
        self.holidays.get(&day).map(String::as_str)
    }

    /// Whether the bank holidays of `day`'s year are known.
    pub fn covers(&self, day: Date) -> bool {
        self.holidays.keys().any(|known| known.year() == day.year())
    }

    /// Whether `day` is neither a weekend nor a bank holiday.
    pub fn is_working_day(&self, day: Date) -> bool {
        !is_weekend(day) && self.bank_holiday(day).is_none()
    }

    /// The day that is `days` working days after `from`; `from` itself does not count, so the next
    /// working day is 1. With 0, `from` when it is a working day, else the next that is.
    pub fn add_working_days(&self, from: Date, days: u32) -> Date {
        let (mut day, mut left) = (from, days);
        while left > 0 || !self.is_working_day(day) {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            left -= u32::from(left > 0 && self.is_working_day(day));
        }
        day
    }

    /// How many working days lie after `from`, up to and with `to`; negative the other way round.
    pub fn working_days_between(&self, from: Date, to: Date) -> i32 {
        if to < from {
            return -self.working_days_between(to, from);
        }
        let days = from.series(jiff::Span::new().days(1)).skip(1).take_while(|day| *day <= to);
        days.fold(0, |count, day| count + i32::from(self.is_working_day(day)))
    }
}

/// Saturday or Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// Easter Sunday by the Gregorian rule: golden number, century corrections, full moon, Sunday.
    fn easter(year: i16) -> Date {
        let golden = year % 19 + 1;
        let century = year / 100 + 1;
        let dropped = 3 * century / 4 - 12;
        let moon = (8 * century + 5) / 25 - 5;
        let sunday = 5 * year / 4 - dropped - 10;
        let mut epact = (11 * golden + 20 + moon - dropped).rem_euclid(30);
        if (epact == 25 && golden > 11) || epact == 24 {
            epact += 1;
        }
        let mut full = 44 - epact;
        if full < 21 {
            full += 30;
        }
        let day = full + 7 - (sunday + full) % 7;
        date(year, 3, 1) + i32::from(day - 1).days()
    }

    fn by_the_rules(year: i16) -> Vec<Date> {
        let monday =
            |month, nth| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday).expect("a Monday");
        let mut days = vec![easter(year) - 2.days(), easter(year) + 1.day()];
        days.extend([monday(5, 1), monday(5, -1), monday(8, -1)]);
        for mut day in [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)] {
            while is_weekend(day) || days.contains(&day) {
                day = day.tomorrow().expect("a next day");
            }
            days.push(day);
        }
        days.sort_unstable();
        days
    }

    #[test]
    fn the_shipped_days_are_those_of_the_rules() {
        let shipped: Vec<Date> = Calendar::england().holidays.keys().copied().collect();
        let expected: Vec<Date> = (2024..=2028).flat_map(by_the_rules).collect();
        assert_eq!(shipped, expected);
        assert_eq!(easter(2026), date(2026, 4, 5));
    }

    #[test]
    fn working_days_skip_weekends_and_holidays() {
        let england = Calendar::england();
        let eve = date(2026, 12, 24);
        assert_eq!(england.bank_holiday(date(2026, 12, 28)), Some("Boxing Day (substitute day)"));
        assert_eq!(england.add_working_days(eve, 1), date(2026, 12, 29));
        assert_eq!(england.add_working_days(date(2026, 12, 25), 0), date(2026, 12, 29));
        assert_eq!(england.add_working_days(eve, 0), eve);
        assert_eq!(england.working_days_between(eve, date(2026, 12, 29)), 1);
        assert_eq!(england.working_days_between(date(2026, 12, 29), eve), -1);
        assert!(england.covers(eve) && !england.covers(date(2029, 1, 1)));
    }

    #[test]
    fn a_file_that_is_not_one_is_named() {
        assert_eq!(Calendar::from_csv("2026-01-01,x").unwrap_err(), CalendarError::Heading);
        assert_eq!(Calendar::from_csv("date,name\n").unwrap_err(), CalendarError::Empty);
        assert_eq!(Calendar::from_csv("date,name\n\n2026-02-30,x").unwrap_err(), CalendarError::Line(3));
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(start in 0i32..1400, days in 1u32..60) {
            let england = Calendar::england();
            let from = date(2024, 1, 1) + start.days();
            let to = england.add_working_days(from, days);
            prop_assert!(england.is_working_day(to));
            prop_assert_eq!(england.working_days_between(from, to), i32::try_from(days).expect("small"));
        }
    }
}
