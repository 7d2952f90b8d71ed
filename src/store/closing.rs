//! Days on which one duty line does not work, besides weekends and bank holidays: one row a decision, the
//! last about a day holds. Removing a day is a decision too; nothing is taken out of the table.

use jiff::civil::Date;

use super::lines::taken;
use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};

/// One decision about one day of one line.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ClosingDay {
    /// Which line.
    pub locality: String,
    /// The day, such as `2026-12-24`.
    pub day: String,
    /// 1 for the first decision about this day.
    pub version: i64,
    /// 1 when the line is closed, 0 when that was taken back.
    pub closed: i64,
    /// The person's id; empty for the command line.
    pub decided_by: String,
    /// When, microseconds.
    pub decided_at: i64,
}

/// Every decision, by line and day, the oldest of each first.
pub async fn all(door: &mut impl Sees) -> Result<Vec<ClosingDay>, StoreError> {
    all!(
        door,
        ClosingDay,
        "SELECT locality, day, version, closed, decided_by, decided_at FROM closing_day
         ORDER BY locality, day, version"
    )
}

/// The days on which lines are closed: the last decision about each day, of all in their order.
pub fn closed(decisions: &[ClosingDay]) -> Vec<&ClosingDay> {
    let superseded = |at: usize, one: &ClosingDay| {
        decisions.get(at + 1).is_some_and(|next| (&next.locality, &next.day) == (&one.locality, &one.day))
    };
    let last = decisions.iter().enumerate().filter(|(at, one)| !superseded(*at, one));
    last.map(|(_, one)| one).filter(|one| one.closed == 1).collect()
}

/// Closes a line on a day, or takes that back. What is so already changes nothing; tells whether it was
/// changed.
pub async fn decide(
    unit: &mut Unit,
    who: &Actor,
    locality: &str,
    (day, close): (Date, bool),
) -> Result<bool, StoreError> {
    let day = day.to_string();
    let last: Option<(i64, i64)> = one!(
        unit,
        (i64, i64),
        "SELECT version, closed FROM closing_day WHERE locality = $1 AND day = $2 ORDER BY version DESC LIMIT 1",
        locality.to_owned(),
        day.clone()
    )?;
    let (version, closed) = last.unwrap_or((0, 0));
    if (closed == 1) == close {
        unit.unaudited("the day is already as it is to be");
        return Ok(false);
    }
    let id = format!("{locality}:{day}:{}", version + 1);
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO closing_day (id, locality, day, version, closed, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id.clone(),
        locality.to_owned(),
        day.clone(),
        version + 1,
        i64::from(close),
        who.id.to_string(),
        now
    )
    .map_err(taken)?;
    let word = |closed: bool| if closed { Code::fixed("closed") } else { Code::fixed("open") };
    let event = EventDraft::new(Act::CalendarChanged, who.clone())
        .on(Object::new("closing-day", Code::of(&id)))
        .extra("changed", Code::of(&day));
    unit.record(event.extra("from", word(!close)).extra("to", word(close)));
    Ok(true)
}
