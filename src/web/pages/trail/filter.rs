//! What an auditor asks the trail for: reference, person, act, days. Everything in the address is a
//! code, an id or a number.

use jiff::civil::Date;

use crate::audit::Act;
use crate::domain::day::Day;
use crate::domain::form::Raw;
use crate::domain::ids::PersonId;
use crate::domain::reference::Reference;
use crate::domain::time::ZONE;
use crate::store::trail::Filter;
use crate::web::field::{DateField, Field, error_list};

/// The question, with what is wrong with it beside each field.
pub struct Wanted {
    /// For the store.
    pub filter: Filter,
    /// As it was typed.
    pub reference: Field,
    /// The first day.
    pub from: DateField,
    /// The last day.
    pub to: DateField,
    days: [Option<Date>; 2],
}

impl Wanted {
    /// Reads what stands behind the question mark. An unknown person or act asks for nobody's.
    pub fn read(asked: &Raw) -> Self {
        let typed = asked.get("reference").trim();
        let reference = if typed.is_empty() { None } else { Some(Reference::parse(typed)) };
        let wrong = reference.as_ref().and_then(|read| read.as_ref().err().map(ToString::to_string));
        let (from, first) = day(asked, "from", "From");
        let (to, last) = day(asked, "to", "To");
        let filter = Filter {
            reference: reference.and_then(Result::ok).map_or_else(String::new, String::from),
            actor: asked
                .get("person")
                .parse::<PersonId>()
                .map_or_else(|_| String::new(), |id| id.to_string()),
            act: Act::parse(asked.get("act")).map_or("", Act::code).to_owned(),
            from: first.map_or(0, midnight),
            until: last.and_then(|day| day.tomorrow().ok()).map_or(i64::MAX, midnight),
            below: asked.get("below").parse().ok().filter(|below| *below > 0).unwrap_or(i64::MAX),
        };
        let reference =
            Field::new("reference", "Reference").value(typed).width(10).autocomplete("off").error(wrong);
        Self { filter, reference, from, to, days: [first, last] }
    }

    /// What the page's summary lists.
    pub fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.reference, &self.from, &self.to])
    }

    /// Whether it asks for some events only.
    pub fn narrowed(&self) -> bool {
        self.newest() != "/trail"
    }

    /// The address of the same question from its newest event on.
    pub fn newest(&self) -> String {
        let mut parts = Vec::new();
        for (name, value) in
            [("reference", &self.filter.reference), ("person", &self.filter.actor), ("act", &self.filter.act)]
        {
            if !value.is_empty() {
                parts.push(format!("{name}={value}"));
            }
        }
        for (name, day) in ["from", "to"].into_iter().zip(self.days) {
            if let Some(day) = day {
                let (d, m, y) = (day.day(), day.month(), day.year());
                parts.push(format!("{name}-day={d}&{name}-month={m}&{name}-year={y}"));
            }
        }
        if parts.is_empty() { "/trail".to_owned() } else { format!("/trail?{}", parts.join("&")) }
    }

    /// The address of what comes before this event.
    pub fn older_than(&self, seq: u64) -> String {
        let newest = self.newest();
        let joint = if newest.contains('?') { '&' } else { '?' };
        format!("{newest}{joint}below={seq}")
    }
}

fn day(asked: &Raw, name: &'static str, legend: &'static str) -> (DateField, Option<Date>) {
    let part = |part: &str| asked.get(&format!("{name}-{part}")).trim().to_owned();
    let (day, month, year) = (part("day"), part("month"), part("year"));
    let field = DateField::new(name, legend).typed(&day, &month, &year);
    if day.is_empty() && month.is_empty() && year.is_empty() {
        return (field, None);
    }
    match Day::from_fields(&day, &month, &year) {
        Ok(day) => (field, Some(day.date())),
        Err(error) => (field.error(Some(error.to_string())), None),
    }
}

/// The first moment of a day in London, microseconds.
fn midnight(day: Date) -> i64 {
    day.in_tz(ZONE).map_or(0, |start| start.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(pairs: &[(&str, &str)]) -> Wanted {
        let mut raw = Raw::default();
        pairs.iter().for_each(|(name, value)| raw.push(name, *value));
        Wanted::read(&raw)
    }

    #[test]
    fn a_day_in_summer_begins_an_hour_earlier_than_in_greenwich() {
        let asked = [("from-day", "1"), ("from-month", "July"), ("from-year", "2026")];
        let filter = wanted(&asked).filter;
        assert_eq!(
            filter.from,
            "2026-06-30T23:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_microsecond()
        );
        assert_eq!(filter.until, i64::MAX);
        let asked = [("to-day", "1"), ("to-month", "1"), ("to-year", "2026")];
        let end = "2026-01-02T00:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_microsecond();
        assert_eq!(wanted(&asked).filter.until, end);
    }

    #[test]
    fn the_next_page_asks_the_same_question() {
        let reference = Reference::sample();
        let asked = [
            ("reference", reference.as_str()),
            ("act", "printed"),
            ("to-day", "1"),
            ("to-month", "January"),
            ("to-year", "2026"),
        ];
        let link = wanted(&asked).older_than(17);
        let expected =
            format!("/trail?reference={reference}&act=printed&to-day=1&to-month=1&to-year=2026&below=17");
        assert_eq!(link, expected);
        assert_eq!(wanted(&[]).older_than(3), "/trail?below=3");
    }

    #[test]
    fn what_cannot_be_read_is_said_and_never_put_into_a_link() {
        let odd = wanted(&[
            ("reference", "\"><b>"),
            ("from-day", "40"),
            ("from-month", "1"),
            ("from-year", "2026"),
        ]);
        assert_eq!(odd.errors().len(), 2);
        assert_eq!(wanted(&[("person", "a&b"), ("act", "nonsense")]).newest(), "/trail");
    }
}
