//! Counts for whoever pays for the service: no number below five, and none that can be worked out
//! (DOMAIN section 9: whole-area counts, small numbers suppressed).
//!
//! Three things keep a small number from being worked out:
//!
//! - **From a total.** All tables of a page count the same referrals, so their sum is known to whoever
//!   sees one table whole. What is left out of a table therefore adds up to five or more, and is never
//!   one cell alone ([`shown`]). Which cells are left out beside the small ones hangs on a secret order:
//!   by size, or by place, the choice itself would tell something.
//! - **From the difference of two pages.** Pages are about quarters that are over and share no referral
//!   ([`Quarter`]), and tell how things stood at the end of the quarter: the same page never changes.
//! - **From two tables.** Each table is along one thing only, and no cell of one is a cell of another.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::time::{Instant, ZONE};

/// Numbers below this are not shown.
pub const SMALLEST: u64 = 5;

/// Three months from January, April, July or October on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i16,
    /// 1 to 4.
    number: i8,
}

impl Quarter {
    /// The quarter that a day lies in.
    pub fn of(day: Date) -> Self {
        Self { year: day.year(), number: (day.month() - 1) / 3 + 1 }
    }

    /// The quarter before.
    #[must_use]
    pub fn before(self) -> Self {
        match self.number {
            1 => Self { year: self.year - 1, number: 4 },
            number => Self { number: number - 1, ..self },
        }
    }

    /// The last `most` quarters that are over on a day, the newest first.
    pub fn over(today: Date, most: usize) -> Vec<Self> {
        std::iter::successors(Some(Self::of(today).before()), |one| Some(one.before())).take(most).collect()
    }

    /// For addresses and the trail: `2026-q3`.
    pub fn code(self) -> String {
        format!("{}-q{}", self.year, self.number)
    }

    /// For people: `July to September 2026`.
    pub fn label(self) -> String {
        let [first, _, last, _] = self.months();
        format!("{} to {}", first.strftime("%B"), last.strftime("%B %Y"))
    }

    /// The first days of its three months, and of the month after.
    pub fn months(self) -> [Date; 4] {
        let first = date(self.year, self.number * 3 - 2, 1);
        [0, 1, 2, 3].map(|later: i32| first.saturating_add(later.months()))
    }

    /// The same as moments: midnights in London.
    pub fn moments(self) -> [Instant; 4] {
        self.months().map(|day| {
            let start = day.in_tz(ZONE).map_or(0, |midnight| midnight.timestamp().as_microsecond());
            Instant::from_micros(start)
        })
    }
}

/// What may be shown of a table's cells: `None` where a number is left out. Each cell comes with its
/// place in an order that only the relay knows.
///
/// Small cells are left out, noughts among them; then further cells in that order, until two or more
/// are left out that add up to [`SMALLEST`] at least. A table that cannot come to that shows nothing.
pub fn shown(cells: &[(u64, [u8; 32])]) -> Vec<Option<u64>> {
    let mut open: Vec<bool> = cells.iter().map(|(count, _)| *count >= SMALLEST).collect();
    let mut order: Vec<usize> = (0..cells.len()).filter(|at| open[*at]).collect();
    order.sort_by_key(|at| cells[*at].1);
    for at in order {
        let hidden = open.iter().filter(|open| !**open).count();
        let sum: u64 = cells.iter().zip(&open).filter(|(_, open)| !**open).map(|((n, _), _)| n).sum();
        if hidden == 0 || (hidden >= 2 && sum >= SMALLEST) {
            break;
        }
        open[at] = false;
    }
    cells.iter().zip(open).map(|((count, _), open)| open.then_some(*count)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_order(counts: &[u64], order: &[u8]) -> Vec<Option<u64>> {
        let cells: Vec<(u64, [u8; 32])> = counts.iter().zip(order).map(|(n, key)| (*n, [*key; 32])).collect();
        shown(&cells)
    }

    /// Every order of three cells.
    const ORDERS: [[u8; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    /// Every three numbers with the same sum that some order shows in the same way: what somebody who
    /// knows the sum and these rules, and not the order, has to believe possible.
    fn possible(seen: &[Option<u64>], sum: u64) -> Vec<[u64; 3]> {
        let mut worlds = Vec::new();
        for a in 0..=sum {
            for b in 0..=sum - a {
                let world = [a, b, sum - a - b];
                if ORDERS.iter().any(|order| with_order(&world, order) == seen) {
                    worlds.push(world);
                }
            }
        }
        worlds
    }

    #[test]
    fn numbers_that_are_large_enough_are_all_shown() {
        assert_eq!(with_order(&[5, 12, 7], &[0, 1, 2]), [Some(5), Some(12), Some(7)]);
    }

    #[test]
    fn one_small_number_takes_another_with_it_and_small_ones_alone_take_a_third() {
        assert_eq!(with_order(&[3, 12, 7], &[0, 1, 2]), [None, None, Some(7)]);
        assert_eq!(with_order(&[3, 12, 7], &[0, 2, 1]), [None, Some(12), None]);
        assert_eq!(with_order(&[2, 2, 9], &[0, 1, 2]), [None, None, None], "four is a small number too");
        assert_eq!(with_order(&[4, 4, 9], &[0, 1, 2]), [None, None, Some(9)]);
        assert_eq!(with_order(&[0, 12, 7], &[0, 2, 1]), [None, Some(12), None], "nought is small");
        assert_eq!(with_order(&[0, 0, 0], &[0, 1, 2]), [None, None, None]);
    }

    #[test]
    fn quarters_are_named_follow_each_other_and_share_nothing() {
        let autumn = Quarter::of(date(2026, 11, 22));
        assert_eq!(autumn.code(), "2026-q4");
        let over = Quarter::over(date(2026, 11, 22), 4);
        let codes: Vec<String> = over.iter().map(|one| one.code()).collect();
        assert_eq!(codes, ["2026-q3", "2026-q2", "2026-q1", "2025-q4"]);
        assert_eq!(over[0].label(), "July to September 2026");
        assert!(over.windows(2).all(|two| two[1].moments()[3] == two[0].moments()[0]));
        let summer = Quarter::of(date(2026, 4, 1)).moments()[0];
        assert_eq!(summer.rfc3339(), "2026-03-31T23:00:00Z", "midnight in London");
    }

    proptest! {
        #[test]
        fn no_small_number_can_be_worked_out(counts in prop::array::uniform3(0u64..14), at in 0usize..6) {
            let seen = with_order(&counts, &ORDERS[at]);
            let sum: u64 = counts.iter().sum();
            prop_assume!(sum >= SMALLEST);
            let worlds = possible(&seen, sum);
            for (cell, count) in counts.iter().enumerate() {
                if *count >= SMALLEST {
                    continue;
                }
                prop_assert_eq!(seen[cell], None);
                let mut values: Vec<u64> = worlds.iter().map(|world| world[cell]).collect();
                values.sort_unstable();
                values.dedup();
                prop_assert!(values.len() >= 5, "{:?} of {:?} leaves {:?}", seen, counts, values);
            }
        }

        #[test]
        fn what_is_shown_is_true(counts in prop::collection::vec(0u64..40, 2..14)) {
            let cells: Vec<(u64, [u8; 32])> =
                counts.iter().enumerate().map(|(at, n)| (*n, [u8::try_from(at).unwrap(); 32])).collect();
            let seen = shown(&cells);
            prop_assert!(seen.iter().zip(&counts).all(|(seen, n)| seen.is_none_or(|seen| seen == *n && seen >= SMALLEST)));
            let hidden: Vec<u64> = seen.iter().zip(&counts).filter(|(seen, _)| seen.is_none()).map(|(_, n)| *n).collect();
            let enough = hidden.len() >= 2 && hidden.iter().sum::<u64>() >= SMALLEST;
            prop_assert!(hidden.is_empty() || enough || hidden.len() == counts.len());
        }
    }
}
