//! Whether two samples of times can be told apart, as numbers.
//!
//! Nothing is assumed of how the times are spread: significance is found by dealing the same times out
//! again at random, two thousand times. Times are whole nanoseconds, so that ties practically do not happen.

use std::time::Duration;

/// How often the times are dealt out again.
const DEALS: usize = 2_000;
/// How many standard errors a difference must be to be seen at the 5 % level four times in five.
const SEEN: f64 = 1.96 + 0.84;

/// A repeatable sequence of chance (SplitMix64): for orders and deals, not for secrets.
pub struct Dice(pub u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// Times, sorted, milliseconds.
pub struct Times(Vec<f64>);

impl Times {
    pub fn new(times: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = times.iter().map(|time| time.as_nanos() as f64 / 1e6).collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that a share of them does not pass, milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }
}

/// How two samples differ.
pub struct Difference {
    /// How often one of the second takes longer than one of the first (Mann–Whitney's U as a share); 0.5
    /// when neither does.
    pub longer: f64,
    /// How often chance alone gives a share as far from 0.5.
    pub longer_by_chance: f64,
    /// The largest distance of the two distributions (Kolmogorov–Smirnov's D).
    pub distance: f64,
    /// How often chance alone gives one as large.
    pub distance_by_chance: f64,
    /// The smallest shift that samples of this size and spread show four times in five, milliseconds.
    pub visible: f64,
}

pub fn compare(first: &Times, second: &Times, dice: &mut Dice) -> Difference {
    let mut order = in_order(&first.0, &second.0);
    let (longer, distance) = (longer(&order), distance(&order));
    let (mut as_long, mut as_distant) = (0, 0);
    for _ in 0..DEALS {
        dice.shuffle(&mut order);
        as_long += usize::from((self::longer(&order) - 0.5).abs() >= (longer - 0.5).abs());
        as_distant += usize::from(self::distance(&order) >= distance);
    }
    Difference {
        longer,
        longer_by_chance: as_long as f64 / DEALS as f64,
        distance,
        distance_by_chance: as_distant as f64 / DEALS as f64,
        visible: visible(first, second),
    }
}

/// Which of the two each time belongs to, shortest first; `true` is the second.
fn in_order(first: &[f64], second: &[f64]) -> Vec<bool> {
    let mut all: Vec<(f64, bool)> = first.iter().map(|time| (*time, false)).collect();
    all.extend(second.iter().map(|time| (*time, true)));
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    all.into_iter().map(|(_, which)| which).collect()
}

fn longer(order: &[bool]) -> f64 {
    let (mut firsts, mut wins, mut seconds) = (0_u64, 0_u64, 0_u64);
    for second in order {
        match second {
            false => firsts += 1,
            true => (seconds, wins) = (seconds + 1, wins + firsts),
        }
    }
    wins as f64 / (firsts * seconds) as f64
}

fn distance(order: &[bool]) -> f64 {
    let seconds = order.iter().filter(|second| **second).count() as f64;
    let firsts = order.len() as f64 - seconds;
    let (mut apart, mut most) = (0.0_f64, 0.0_f64);
    for second in order {
        apart += if *second { 1.0 / seconds } else { -1.0 / firsts };
        most = most.max(apart.abs());
    }
    most
}

/// Moves the second sample's middle onto the first's, then further, a microsecond at a time.
fn visible(first: &Times, second: &Times) -> f64 {
    let (m, n) = (first.count() as f64, second.count() as f64);
    let error = ((m + n + 1.0) / (12.0 * m * n)).sqrt();
    let centre = first.quantile(0.5) - second.quantile(0.5);
    let seen = |micros: &i32| {
        let shift = centre + f64::from(*micros) / 1e3;
        let moved: Vec<f64> = second.0.iter().map(|time| time + shift).collect();
        longer(&in_order(&first.0, &moved)) - 0.5 > SEEN * error
    };
    (0..10_000).find(seen).map_or(f64::INFINITY, |micros| f64::from(micros) / 1e3)
}
