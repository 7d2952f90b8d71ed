//! How far rights that are lent for a time may reach: cover, openings by reason, look-ups (DOMAIN
//! section 9). The numbers are \[ours\], and a deployment may choose others.

use super::time::{DAY, HOUR};

/// The limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsRules {
    /// The last day of a cover is at most so many days from today.
    pub cover_days: i32,
    /// A referral that was opened by reason stays open to whoever gave it for so long, microseconds.
    pub opening: i64,
    /// So many children may one auditor look up in a day.
    pub look_ups: u64,
}

impl Default for RightsRules {
    fn default() -> Self {
        Self { cover_days: 28, opening: DAY, look_ups: 50 }
    }
}

impl RightsRules {
    /// How long an opening lasts, in whole hours, for the words of a page.
    pub fn opening_hours(&self) -> i64 {
        self.opening / HOUR
    }
}
