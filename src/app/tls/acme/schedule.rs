//! How long to wait after failures in a row.
//!
//! ```text
//!  failure   1      2      3      4      5       6      …   9 and more
//!  wait    2 min  4 min  8 min  16 min  32 min  64 min  …   8 h 32 min
//! ```
//!
//! Five failures take over an hour, because public directories stop listening after five in an hour for
//! one name. With a third of ninety days left there are some eighty attempts before a certificate runs out.

use crate::domain::time::MINUTE;

/// The wait after the first failure, microseconds.
const FIRST: i64 = 2 * MINUTE;
/// How often it doubles.
const DOUBLINGS: u32 = 8;

/// How long to wait after so many failures in a row, microseconds.
pub(super) fn delay(failures: u32) -> i64 {
    FIRST << failures.saturating_sub(1).min(DOUBLINGS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{DAY, HOUR};

    #[test]
    fn waits_grow_and_stop_growing() {
        let minutes = |failures| delay(failures) / MINUTE;
        assert_eq!([1, 2, 3, 4, 5].map(minutes), [2, 4, 8, 16, 32]);
        assert_eq!(minutes(9), minutes(1_000_000));
        assert!(delay(u32::MAX) < 12 * HOUR, "at least twice a day");
        let first_five: i64 = (1..=5).map(delay).sum();
        assert!(first_five > HOUR, "no more than five failures in an hour");
        let attempts = 30 * DAY / delay(u32::MAX);
        assert!(attempts > 80, "{attempts}");
    }
}
