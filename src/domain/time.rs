//! Moments and days. A moment is whole microseconds since 1970 (UTC); a day is a civil date.

use serde::{Deserialize, Serialize};

/// A moment: whole microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// The zone in which settings and duty lines live (DOMAIN section 5).
pub const ZONE: &str = "Europe/London";

impl Instant {
    /// A moment from whole microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Whole microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment `micros` later (or earlier, when negative).
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The day and time of day in London.
    pub fn london(self) -> jiff::Zoned {
        let at = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        at.in_tz(ZONE).expect("jiff carries Europe/London")
    }

    /// The day in London.
    pub fn day(self) -> jiff::civil::Date {
        self.london().date()
    }

    /// For people: `21 November 2026, 9:05am`, London time.
    pub fn for_people(self) -> String {
        let z = self.london();
        let (hour, half) = match z.hour() {
            0 => (12, "am"),
            h @ 1..=11 => (h, "am"),
            12 => (12, "pm"),
            h => (h - 12, "pm"),
        };
        format!("{}, {hour}:{:02}{half}", day_for_people(z.date()), z.minute())
    }

    /// For machines and logs: RFC 3339, UTC, whole microseconds.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
    }
}

/// For people: `21 November 2026`.
pub fn day_for_people(day: jiff::civil::Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}
