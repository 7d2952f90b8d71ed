//! When the sample referrals were sent: on working days, while settings are open, the last of them
//! shortly before the demo was first started; and some in a quarter that is over.

use crate::domain::calendar::Calendar;
use crate::domain::counts::Quarter;
use crate::domain::time::{DAY, HOUR, Instant, MINUTE};

/// Between two referrals; what a line does with one takes less.
const APART: i64 = 2 * HOUR + 50 * MINUTE;
/// Longer before today than all that is not earlier.
const WEEKS: i64 = 28 * DAY;
/// Settings are open from this hour to before that one, London time.
const OPEN: std::ops::Range<i8> = 8..17;

/// So many moments before `now`, the earliest first.
pub fn moments(now: Instant, count: usize) -> Vec<Instant> {
    let mut moments: Vec<Instant> = Vec::with_capacity(count);
    let mut at = now.plus(-APART);
    for _ in 0..count {
        while !is_open(at) {
            at = at.plus(-10 * MINUTE);
        }
        moments.push(at);
        at = at.plus(-APART);
    }
    moments.reverse();
    moments
}

/// So many moments, five days apart, in the newest quarter that was over before the last weeks began.
pub fn earlier(now: Instant, count: usize) -> Vec<Instant> {
    let [first, ..] = quarter(now).moments();
    let mut moments = Vec::with_capacity(count);
    let mut at = first.plus(10 * HOUR);
    for _ in 0..count {
        let mut open = at;
        while !is_open(open) {
            open = open.plus(HOUR);
        }
        moments.push(open);
        at = at.plus(5 * DAY);
    }
    moments
}

/// A moment after that quarter.
pub fn after_the_earlier(now: Instant) -> Instant {
    let [.., end] = quarter(now).moments();
    end.plus(10 * HOUR)
}

fn quarter(now: Instant) -> Quarter {
    Quarter::of(now.plus(-WEEKS).day()).before()
}

fn is_open(at: Instant) -> bool {
    Calendar::england().is_working_day(at.day()) && OPEN.contains(&at.london().hour())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest that a signature holds: what is held can still be completed.
    const LONGEST: i64 = 28 * DAY;

    #[test]
    fn referrals_are_sent_while_settings_are_open_and_not_too_long_ago() {
        // A Sunday night, New Year's Day, a Wednesday noon.
        for now in [1_795_316_400_000_000, 1_798_761_600_000_000, 1_795_608_000_000_000] {
            let now = Instant::from_micros(now);
            let before = earlier(now, super::super::EARLIER);
            assert!(before.iter().all(|at| is_open(*at)) && before.is_sorted());
            let moments = moments(now, super::super::REFERRALS);
            assert!(*before.last().unwrap() < after_the_earlier(now) && after_the_earlier(now) < moments[0]);
            assert!(moments.iter().all(|at| is_open(*at)) && moments.is_sorted());
            assert!(moments[0] > now.plus(-LONGEST) && *moments.last().unwrap() < now);
        }
    }
}
