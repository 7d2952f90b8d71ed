//! Days, as people type them: three fields with the month in figures or words, or one line.
//!
//! A wrong date here moves a meeting or a child's age, so nothing is guessed: two-figure years
//! are refused, 30 February is named as no date, and each error says which field to mark.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::kept::is_blank;
use super::time::day_for_people;

/// The first year accepted: nobody's birth date lies before it.
pub const FIRST_YEAR: i16 = 1900;
/// The last year accepted.
pub const LAST_YEAR: i16 = 2100;

/// A civil date in the accepted years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// One of the three fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Day of the month.
    Day,
    /// Month.
    Month,
    /// Year.
    Year,
}

/// What is wrong with what was typed; the sentence stands beside the fields.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Nothing was typed.
    #[error("Enter the date, such as 27 3 2024")]
    Empty,
    /// Some of the three fields are empty.
    #[error("The date needs {}", listed(.0))]
    Missing(Vec<Part>),
    /// The day is not a number from 1 to 31.
    #[error("The day must be a number from 1 to 31")]
    BadDay,
    /// The month is neither a number from 1 to 12 nor a month's name.
    #[error("The month must be a number from 1 to 12, or its name")]
    BadMonth,
    /// The year does not have four figures.
    #[error("The year must have 4 figures, such as 2024")]
    BadYear,
    /// The year lies outside the accepted ones.
    #[error("The year must be from {FIRST_YEAR} to {LAST_YEAR}")]
    YearOutOfRange,
    /// The three do not make a date.
    #[error("{0} is not a date: check the day and the month")]
    NotReal(String),
    /// One line of text that is not a date.
    #[error("Enter the date as day, month and year, such as 27 3 2024")]
    Unreadable,
    /// It must not lie after today.
    #[error("The date must be today or in the past")]
    InFuture,
    /// It must not lie before today.
    #[error("The date must be today or in the future")]
    InPast,
}

impl DayError {
    /// The fields to mark.
    pub fn parts(&self) -> Vec<Part> {
        match self {
            Self::Missing(parts) => parts.clone(),
            Self::BadDay => vec![Part::Day],
            Self::BadMonth => vec![Part::Month],
            Self::BadYear | Self::YearOutOfRange => vec![Part::Year],
            Self::NotReal(_) => vec![Part::Day, Part::Month],
            Self::Empty | Self::Unreadable | Self::InFuture | Self::InPast => {
                vec![Part::Day, Part::Month, Part::Year]
            }
        }
    }
}

fn listed(parts: &[Part]) -> String {
    let words: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Part::Day => "a day",
            Part::Month => "a month",
            Part::Year => "a year",
        })
        .collect();
    words.join(" and ")
}

impl Day {
    /// Reads three fields; the month may be `6`, `jun` or `June`.
    pub fn from_fields(day: &str, month: &str, year: &str) -> Result<Self, DayError> {
        let [day, month, year] = [day, month, year].map(|text| text.trim_matches(is_blank));
        let fields = [(day, Part::Day), (month, Part::Month), (year, Part::Year)];
        let missing: Vec<Part> =
            fields.iter().filter(|(text, _)| text.is_empty()).map(|(_, part)| *part).collect();
        match missing.len() {
            0 => {}
            3 => return Err(DayError::Empty),
            _ => return Err(DayError::Missing(missing)),
        }
        let day = number(day).filter(|d| (1..=31).contains(d)).ok_or(DayError::BadDay)?;
        let month = month_number(month).ok_or(DayError::BadMonth)?;
        let year = Some(year).filter(|y| y.len() == 4).and_then(number).ok_or(DayError::BadYear)?;
        Self::from_numbers(day, month, year)
    }

    /// Reads one line: `2024-03-27`, `27/3/2024`, `27 March 2024`.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Err(DayError::Empty);
        }
        let separates = |c: char| is_blank(c) || matches!(c, '-' | '/' | '.' | ',');
        let parts: Vec<&str> = text.split(separates).filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [year, month, day] if year.len() == 4 => Self::from_fields(day, month, year),
            [day, month, year] => Self::from_fields(day, month, year),
            _ => Err(DayError::Unreadable),
        }
    }

    /// From day of the month, month and year.
    fn from_numbers(day: i16, month: i16, year: i16) -> Result<Self, DayError> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(DayError::YearOutOfRange);
        }
        let narrow = |n: i16| i8::try_from(n).unwrap_or(i8::MAX);
        Date::new(year, narrow(month), narrow(day))
            .map(Self)
            .map_err(|_| DayError::NotReal(format!("{day} {}", month_name(month))))
    }

    /// The date, for reckoning.
    pub fn date(self) -> Date {
        self.0
    }

    /// The same day when it is today or earlier.
    pub fn not_after(self, today: Date) -> Result<Self, DayError> {
        if self.0 > today { Err(DayError::InFuture) } else { Ok(self) }
    }

    /// The same day when it is today or later.
    pub fn not_before(self, today: Date) -> Result<Self, DayError> {
        if self.0 < today { Err(DayError::InPast) } else { Ok(self) }
    }

    /// For machines and the store: `2024-03-27`.
    pub fn iso(self) -> String {
        self.0.to_string()
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self(jiff::civil::date(2024, 3, 27))
    }
}

fn number(text: &str) -> Option<i16> {
    (text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `6`, `06`, `jun`, `June`, `Sept.`: figures, or at least the first three letters of a name.
fn month_number(text: &str) -> Option<i16> {
    if let Some(number) = number(text) {
        return (1..=12).contains(&number).then_some(number);
    }
    let word = text.trim_end_matches('.').to_ascii_lowercase();
    let named = |name: &&str| word.len() >= 3 && name.to_ascii_lowercase().starts_with(&word);
    (1i16..).zip(MONTHS).find(|(_, name)| named(name)).map(|(at, _)| at)
}

fn month_name(month: i16) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("?")
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&day_for_people(self.0))
    }
}

impl TryFrom<Date> for Day {
    type Error = DayError;

    fn try_from(date: Date) -> Result<Self, DayError> {
        Self::from_numbers(i16::from(date.day()), i16::from(date.month()), date.year())
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.iso()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_may_be_figures_or_words() {
        for month in ["6", "06", "jun", "June", "JUNE", " june ", "Jun."] {
            assert_eq!(Day::from_fields("30", month, "2024").expect(month).date(), date(2024, 6, 30));
        }
        assert_eq!(Day::from_fields("1", "Sept", "2024").expect("September").iso(), "2024-09-01");
        for text in ["2024-03-27", "27/3/2024", "27 March 2024", "27.03.2024", "27\u{a0}mar, 2024"] {
            assert_eq!(Day::parse(text), Ok(Day::sample()), "{text}");
        }
        assert_eq!(Day::sample().to_string(), "27 March 2024");
    }

    #[test]
    fn each_fault_says_which_field() {
        use Part::{Day as D, Month as M, Year as Y};
        for (d, m, y, fault, parts) in [
            ("", "", " ", DayError::Empty, vec![D, M, Y]),
            ("", "6", "2024", DayError::Missing(vec![D]), vec![D]),
            ("1", "", "", DayError::Missing(vec![M, Y]), vec![M, Y]),
            ("32", "6", "2024", DayError::BadDay, vec![D]),
            ("-1", "6", "2024", DayError::BadDay, vec![D]),
            ("1", "13", "2024", DayError::BadMonth, vec![M]),
            ("1", "ju", "2024", DayError::BadMonth, vec![M]),
            ("1", "6", "24", DayError::BadYear, vec![Y]),
            ("1", "6", "1024", DayError::YearOutOfRange, vec![Y]),
            ("30", "2", "2024", DayError::NotReal("30 February".into()), vec![D, M]),
        ] {
            let found = Day::from_fields(d, m, y).unwrap_err();
            assert_eq!((found.parts(), found), (parts, fault), "{d}/{m}/{y}");
        }
        assert_eq!(DayError::Missing(vec![M, Y]).to_string(), "The date needs a month and a year");
        assert_eq!(Day::parse("tomorrow").unwrap_err(), DayError::Unreadable);
    }

    #[test]
    fn past_and_future_are_asked_for_by_the_caller() {
        let day = Day::sample();
        let (before, after) = (date(2024, 3, 26), date(2024, 3, 28));
        assert_eq!(day.not_after(before), Err(DayError::InFuture));
        assert_eq!(day.not_before(after), Err(DayError::InPast));
        assert_eq!(day.not_after(day.date()), Ok(day));
        assert_eq!(day.not_before(day.date()), Ok(day));
    }

    proptest! {
        #[test]
        fn every_day_comes_back_from_every_form(d in 1i8..=31, m in 1i8..=12, y in FIRST_YEAR..=LAST_YEAR) {
            let typed = Day::from_fields(&d.to_string(), MONTHS[m as usize - 1], &y.to_string());
            prop_assert_eq!(typed.is_ok(), Date::new(y, m, d).is_ok());
            if let Ok(day) = typed {
                prop_assert_eq!(Day::parse(&day.iso()), Ok(day));
                prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
            }
        }

        #[test]
        fn any_text_is_answered(a in "\\PC{0,6}", b in "\\PC{0,6}", c in "\\PC{0,6}", line in "\\PC{0,20}") {
            let _ = Day::from_fields(&a, &b, &c);
            if let Ok(day) = Day::parse(&line) {
                prop_assert_eq!(Day::try_from(day.date()), Ok(day));
            }
        }
    }
}
