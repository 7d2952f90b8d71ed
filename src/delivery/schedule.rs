//! When a letter that could not be handed over is tried again.

use crate::domain::time::{DAY, HOUR, Instant, MINUTE};

/// The waits after the first attempts, microseconds.
const FIRST: [i64; 4] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR];
/// The wait after every later attempt, microseconds.
const LATER: i64 = HOUR;
/// How long after it was queued a letter is still tried, microseconds: the five days after which
/// something undelivered is reported (DOMAIN section 8; RFC 5321 section 4.5.4.1 has the same).
pub const GIVE_UP: i64 = 5 * DAY;
/// The most attempts that are begun. The schedule ends before; only a letter that stops its worker
/// each time, and so is never settled, gets here.
pub const MOST_ATTEMPTS: i64 = 150;

/// When to try again after `attempts` attempts (from 1) at a letter queued at `queued`, or `None` to
/// give up.
///
/// | after attempt | wait |
/// |---|---|
/// | 1 | 1 minute |
/// | 2 | 5 minutes |
/// | 3 | 15 minutes |
/// | 4 | 1 hour |
/// | 5 and on | 1 hour, as long as that falls within five days of queueing |
///
/// The first four waits are granted even to a letter that is older, or one evening's fault after a
/// week's stop would fail everything that waited.
pub fn next_attempt(attempts: i64, queued: Instant, now: Instant) -> Option<Instant> {
    let before = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
    match FIRST.get(before) {
        Some(wait) => Some(now.plus(*wait)),
        None => Some(now.plus(LATER)).filter(|next| *next <= queued.plus(GIVE_UP)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUED: Instant = Instant::from_micros(1_795_251_900_000_000);

    fn waits_from(start: Instant) -> Vec<i64> {
        let (mut now, mut waits) = (start, Vec::new());
        for attempts in 1.. {
            let Some(next) = next_attempt(attempts, QUEUED, now) else { break };
            waits.push(next.micros() - now.micros());
            now = next;
        }
        waits
    }

    #[test]
    fn a_letter_is_tried_often_at_first_and_hourly_for_five_days() {
        let waits = waits_from(QUEUED);
        assert_eq!(waits[..5], [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR]);
        assert!(waits[4..].iter().all(|wait| *wait == HOUR));
        let tried: i64 = waits.iter().sum();
        assert!(tried <= GIVE_UP && tried > GIVE_UP - HOUR, "{tried}");
        assert!(i64::try_from(waits.len()).unwrap() + 1 < MOST_ATTEMPTS);
    }

    #[test]
    fn a_letter_that_waited_too_long_still_has_five_attempts() {
        assert_eq!(waits_from(QUEUED.plus(7 * DAY)), FIRST);
    }

    #[test]
    fn the_last_hour_counts_to_the_microsecond() {
        let last = QUEUED.plus(GIVE_UP - HOUR);
        assert_eq!(next_attempt(50, QUEUED, last), Some(QUEUED.plus(GIVE_UP)));
        assert_eq!(next_attempt(50, QUEUED, last.plus(1)), None);
        assert_eq!(next_attempt(0, QUEUED, QUEUED), Some(QUEUED.plus(MINUTE)));
    }
}
