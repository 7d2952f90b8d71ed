//! `[rights]`: how far rights that are lent for a time may reach.

use serde::Deserialize;

use super::Fault;
use super::check::number;
use crate::domain::rights::RightsRules;
use crate::domain::time::HOUR;

/// Limits of lent rights; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rights {
    /// The last day of a cover is at most so many days away.
    pub cover_days: Option<i64>,
    /// What was opened by reason stays open for so long, hours.
    pub opening_hours: Option<i64>,
    /// So many children may one auditor look up in a day.
    pub look_ups: Option<i64>,
}

impl Rights {
    /// The rules; what cannot work was refused before by the check.
    pub fn rules(&self) -> RightsRules {
        let usual = RightsRules::default();
        RightsRules {
            cover_days: self.cover_days.and_then(|days| i32::try_from(days).ok()).unwrap_or(usual.cover_days),
            opening: self.opening_hours.map_or(usual.opening, |hours| hours.saturating_mul(HOUR)),
            look_ups: self.look_ups.and_then(|many| u64::try_from(many).ok()).unwrap_or(usual.look_ups),
        }
    }
}

/// Everything that cannot work.
pub(super) fn check(rights: &Rights) -> Vec<Fault> {
    [
        number("rights.cover_days", rights.cover_days, 366, "days"),
        number("rights.opening_hours", rights.opening_hours, 7 * 24, "hours"),
        number("rights.look_ups", rights.look_ups, 1000, "children"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
