//! Meeting slots: three dates and times offered for an Integrated Review Meeting (DOMAIN section 5).
//!
//! Each lasts an hour and stands in London time. What a slot must not be is a *wall*; what is
//! better avoided (a setting's arrival and lunch times) is a *warning*, unless the line has made
//! it a wall. All findings come at once, each with a stable code, a sentence, and the nearest time
//! that would do, so that nobody has to guess again.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, is_weekend};
use super::slot_time::time_for_people;
use super::time::{Instant, ZONE, day_for_people};

/// How many slots a request offers.
pub const OFFERED: usize = 3;
/// How long a meeting lasts, in minutes.
pub const LENGTH: i64 = 60;

/// The start of an offered meeting, in London time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slot(DateTime);

/// What a duty line allows; the default is DOMAIN section 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRules {
    /// No meeting starts before.
    pub opens: Time,
    /// No meeting ends after.
    pub closes: Time,
    /// Days from today to the first day that may be offered.
    pub notice_days: i32,
    /// Months from today to the last day that may be offered.
    pub horizon_months: i32,
    /// Times of day that a meeting should not touch: from, to, and what happens then, such as `lunch`.
    pub busy: Vec<(Time, Time, String)>,
    /// Whether the busy times are walls for this line.
    pub busy_is_wall: bool,
}

/// Whether a finding stops the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The slot cannot be offered.
    Wall,
    /// The slot can be offered; the person is told.
    Warning,
}

/// One thing said about the slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which slot, from 0; `None` when it is about all of them.
    pub slot: Option<usize>,
    /// Stable code, such as `slot.weekend`.
    pub code: &'static str,
    /// Whether it stops the request.
    pub weight: Weight,
    /// The sentence beside the field.
    pub sentence: String,
    /// The nearest time that has no finding and is not among the offered ones.
    pub nearest: Option<Slot>,
}

/// What the checks need to know besides the slots.
#[derive(Clone, Copy, Debug)]
pub struct SlotContext<'a> {
    /// The day in London.
    pub today: Date,
    /// What the line allows.
    pub rules: &'a SlotRules,
    /// The bank holidays.
    pub calendar: &'a Calendar,
}

type Fault = (&'static str, Weight, String);

impl Default for SlotRules {
    fn default() -> Self {
        Self {
            opens: time(8, 0, 0, 0),
            closes: time(18, 0, 0, 0),
            notice_days: 14,
            horizon_months: 6,
            busy: vec![
                (time(8, 30, 0, 0), time(9, 30, 0, 0), "arrival".to_owned()),
                (time(12, 0, 0, 0), time(13, 0, 0, 0), "lunch".to_owned()),
            ],
            busy_is_wall: false,
        }
    }
}

impl Slot {
    /// The slot that starts then.
    pub fn new(day: Date, at: Time) -> Self {
        Self(day.to_datetime(at))
    }

    /// Its day.
    pub fn day(self) -> Date {
        self.0.date()
    }

    /// Its time of day.
    pub fn time(self) -> Time {
        self.0.time()
    }

    /// The moment it starts; `None` for a time that the clocks skip.
    pub fn starts(self) -> Option<Instant> {
        let zone = TimeZone::get(ZONE).ok()?;
        let zoned = zone.to_ambiguous_zoned(self.0);
        if matches!(zoned.offset(), AmbiguousOffset::Gap { .. }) {
            return None;
        }
        zoned.compatible().ok().map(|z| Instant::from_micros(z.timestamp().as_microsecond()))
    }

    /// For people: `21 November 2026 at 2pm`.
    pub fn for_people(self) -> String {
        format!("{} at {}", day_for_people(self.day()), time_for_people(self.time()))
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self(jiff::civil::date(2026, 11, 24).at(10, 0, 0, 0))
    }
}

/// Everything that can be said about the offered slots, walls and warnings, in their order.
pub fn check_slots(slots: &[Slot], context: SlotContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if slots.len() != OFFERED {
        let sentence = format!("Offer {OFFERED} dates and times; there are {}", slots.len());
        findings.push(Finding {
            slot: None,
            code: "slots.three",
            weight: Weight::Wall,
            sentence,
            nearest: None,
        });
    }
    for (at, slot) in slots.iter().enumerate() {
        let mut faults = context.faults(*slot);
        faults.extend(clash(&slots[..at], *slot));
        if faults.is_empty() {
            continue;
        }
        let others: Vec<Slot> = [&slots[..at], &slots[at + 1..]].concat();
        let nearest = context.nearest(*slot, &others);
        findings.extend(faults.into_iter().map(|(code, weight, sentence)| Finding {
            slot: Some(at),
            code,
            weight,
            sentence,
            nearest,
        }));
    }
    findings
}

/// Whether the slot is another's twin, or overlaps one.
fn clash(others: &[Slot], slot: Slot) -> Option<Fault> {
    if others.contains(&slot) {
        return Some((
            "slot.repeated",
            Weight::Wall,
            "This date and time is already offered: give another".to_owned(),
        ));
    }
    let overlaps = |other: &Slot| {
        slot.day() == other.day() && (minutes(slot.time()) - minutes(other.time())).abs() < LENGTH
    };
    others.iter().any(overlaps).then(|| {
        (
            "slot.overlaps",
            Weight::Warning,
            "This overlaps another of the times: further apart helps".to_owned(),
        )
    })
}

impl SlotContext<'_> {
    /// What is wrong with one slot by itself.
    fn faults(&self, slot: Slot) -> Vec<Fault> {
        let checks: [fn(&Self, Slot) -> Option<Fault>; 5] =
            [Self::too_soon, Self::too_far, Self::closed_day, Self::outside_hours, Self::skipped_by_clocks];
        checks.iter().filter_map(|check| check(self, slot)).chain(self.busy(slot)).collect()
    }

    fn first_day(&self) -> Date {
        self.today.saturating_add(self.rules.notice_days.days())
    }

    fn last_day(&self) -> Date {
        self.today.saturating_add(self.rules.horizon_months.months())
    }

    fn too_soon(&self, slot: Slot) -> Option<Fault> {
        let first = self.first_day();
        (slot.day() < first).then(|| {
            let sentence = match slot.day() < self.today {
                true => "This date is in the past".to_owned(),
                false => format!("This is too soon: the first day to offer is {}", day_for_people(first)),
            };
            ("slot.too-soon", Weight::Wall, sentence)
        })
    }

    fn too_far(&self, slot: Slot) -> Option<Fault> {
        let last = self.last_day();
        (slot.day() > last).then(|| {
            let sentence =
                format!("This is too far ahead: the last day to offer is {}", day_for_people(last));
            ("slot.too-far", Weight::Wall, sentence)
        })
    }

    fn closed_day(&self, slot: Slot) -> Option<Fault> {
        if is_weekend(slot.day()) {
            let day = slot.day().strftime("%A");
            return Some((
                "slot.weekend",
                Weight::Wall,
                format!("This is a {day}: give a day from Monday to Friday"),
            ));
        }
        let name = self.calendar.bank_holiday(slot.day())?;
        Some((
            "slot.bank-holiday",
            Weight::Wall,
            format!("This is a bank holiday ({name}): give another day"),
        ))
    }

    fn outside_hours(&self, slot: Slot) -> Option<Fault> {
        let fits =
            minutes(slot.time()) + LENGTH <= minutes(self.rules.closes) && slot.time() >= self.rules.opens;
        (!fits).then(|| {
            let (opens, closes) = (time_for_people(self.rules.opens), time_for_people(self.rules.closes));
            let sentence = format!("A meeting takes an hour and lies between {opens} and {closes}");
            ("slot.hours", Weight::Wall, sentence)
        })
    }

    fn skipped_by_clocks(&self, slot: Slot) -> Option<Fault> {
        slot.starts().is_none().then(|| {
            (
                "slot.clock-change",
                Weight::Wall,
                "There is no such time on this day: the clocks go forward".to_owned(),
            )
        })
    }

    /// One finding for each busy time that the hour touches.
    fn busy(&self, slot: Slot) -> Vec<Fault> {
        let (start, end) = (minutes(slot.time()), minutes(slot.time()) + LENGTH);
        let weight = if self.rules.busy_is_wall { Weight::Wall } else { Weight::Warning };
        let touched =
            self.rules.busy.iter().filter(|(from, to, _)| start < minutes(*to) && minutes(*from) < end);
        touched
            .map(|(from, to, what)| {
                let (from, to) = (time_for_people(*from), time_for_people(*to));
                ("slot.busy-time", weight, format!("This overlaps {what}, {from} to {to}"))
            })
            .collect()
    }

    /// The good slot nearest to `wanted` by day, then by time of day, apart from `taken` ones.
    fn nearest(&self, wanted: Slot, taken: &[Slot]) -> Option<Slot> {
        let (first, last) = (self.first_day(), self.last_day());
        if first > last {
            return None;
        }
        let start = wanted.day().clamp(first, last);
        let reach = (last - first).get_days();
        let days = (0..=reach).flat_map(|n| [start.saturating_add(n.days()), start.saturating_sub(n.days())]);
        days.filter(|day| (first..=last).contains(day)).find_map(|day| self.nearest_on(day, wanted, taken))
    }

    fn nearest_on(&self, day: Date, wanted: Slot, taken: &[Slot]) -> Option<Slot> {
        let half_hours = (0..48i8).map(|n| Slot::new(day, time(n / 2, n % 2 * 30, 0, 0)));
        half_hours
            .filter(|slot| self.faults(*slot).is_empty() && clash(taken, *slot).is_none())
            .min_by_key(|slot| (minutes(slot.time()) - minutes(wanted.time())).abs())
    }
}

/// Minutes since midnight.
fn minutes(at: Time) -> i64 {
    i64::from(at.hour()) * 60 + i64::from(at.minute())
}

impl TryFrom<String> for Slot {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> String {
        slot.0.to_string()
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
