//! When the sample referrals were sent: on working days, while settings are open, the last of them
//! shortly before the demo was first started.

use crate::domain::calendar::Calendar;
use crate::domain::time::{HOUR, Instant, MINUTE};

/// Between two referrals; what a line does with one takes less.
const APART: i64 = 2 * HOUR + 50 * MINUTE;
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

fn is_open(at: Instant) -> bool {
    Calendar::england().is_working_day(at.day()) && OPEN.contains(&at.london().hour())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY;

    /// The longest that a signature holds: what is held can still be completed.
    const LONGEST: i64 = 28 * DAY;

    #[test]
    fn referrals_are_sent_while_settings_are_open_and_not_too_long_ago() {
        // A Sunday night, New Year's Day, a Wednesday noon.
        for now in [1_795_316_400_000_000, 1_798_761_600_000_000, 1_795_608_000_000_000] {
            let now = Instant::from_micros(now);
            let moments = moments(now, super::super::REFERRALS);
            assert!(moments.iter().all(|at| is_open(*at)) && moments.is_sorted());
            assert!(moments[0] > now.plus(-LONGEST) && *moments.last().unwrap() < now);
        }
    }
}
