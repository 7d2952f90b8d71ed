//! What administrators decided about duty lines: one row a decision, with the day from which it holds.
//!
//! On a day holds the last decision whose day has come, so that a change planned for 1 December takes
//! effect then by itself, and yesterday's words stay readable. A row is never changed afterwards but for
//! the click that confirms its mailbox. Each row is marked in the trail (`store::marks`): the events
//! name the columns, the rows keep the words.

use jiff::civil::Date;

use super::{Sees, StoreError, Unit, places};
use crate::audit::{Act, Actor, Code, EventDraft, Object};

/// The words of a duty line, as rows hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct LineDetails {
    /// Its name.
    pub name: String,
    /// Telephone numbers, one a line.
    pub phones: String,
    /// Its mailbox.
    pub mailbox: String,
    /// Its postal address, one a line; may be empty.
    pub address: String,
    /// District codes, separated by spaces.
    pub lad_codes: String,
}

/// One decision about a line.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LineChange {
    /// Which line.
    pub locality: String,
    /// 1 for the first decision about this line, 2 for the next.
    pub version: i64,
    /// The day from which it holds, such as `2026-12-01`.
    pub valid_from: String,
    /// What was decided.
    #[sqlx(flatten)]
    pub details: LineDetails,
    /// When a click in a test notice confirmed the mailbox, microseconds; 0 means not live.
    pub confirmed_at: i64,
    /// The person's id; empty for the command line.
    pub decided_by: String,
    /// When, microseconds.
    pub decided_at: i64,
}

impl LineDetails {
    /// The columns in which this differs from what was before, by the names that events use.
    pub fn differs(&self, before: &LineDetails) -> Vec<&'static str> {
        let columns = [
            ("name", &self.name, &before.name),
            ("phones", &self.phones, &before.phones),
            ("mailbox", &self.mailbox, &before.mailbox),
            ("address", &self.address, &before.address),
            ("districts", &self.lad_codes, &before.lad_codes),
        ];
        columns.into_iter().filter(|(_, new, old)| new != old).map(|(name, ..)| name).collect()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT locality, version, valid_from, name, phones, mailbox, address, lad_codes, confirmed_at,
               decided_by, decided_at FROM locality_change ",
            $rest
        )
    };
}

/// Every decision about every line, the oldest of each first.
pub async fn all(door: &mut impl Sees) -> Result<Vec<LineChange>, StoreError> {
    all!(door, LineChange, select!("ORDER BY locality, version"))
}

/// Every decision about one line, the oldest first.
pub async fn history(door: &mut impl Sees, locality: &str) -> Result<Vec<LineChange>, StoreError> {
    all!(door, LineChange, select!("WHERE locality = $1 ORDER BY version"), locality.to_owned())
}

/// How many decisions there are, about lines, numbers and closing days together: a number that only grows,
/// by which a running copy sees that another one changed something.
pub async fn count(door: &mut impl Sees) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT (SELECT COUNT(*) FROM locality_change) + (SELECT COUNT(*) FROM rules_change)
           + (SELECT COUNT(*) FROM closing_day)"
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Lets one unit at a time decide about lines, and only one that knows every decision there is: two that
/// give one district to two lines would each look well alone.
///
/// # Errors
/// [`StoreError::Conflict`] when there are not `known` decisions ([`count`]) any more.
pub async fn alone(unit: &mut Unit, known: i64) -> Result<(), StoreError> {
    places::put_meta_once(unit, "decisions", "").await?;
    change!(unit, "UPDATE meta SET value = $1 WHERE name = 'decisions'", known.to_string())?;
    if count(unit).await? == known { Ok(()) } else { Err(StoreError::Conflict("duty lines")) }
}

/// The decision that holds on a day, of one line's decisions in their order.
pub fn in_force(decisions: &[LineChange], day: Date) -> Option<&LineChange> {
    let day = day.to_string();
    decisions.iter().rfind(|one| one.valid_from <= day)
}

/// Stores the next decision about a line: what holds from a day on. The mailbox stays live when it is the
/// one in force or planned, and live.
///
/// # Errors
/// [`StoreError::Conflict`] when `seen`, the number of the last decision that the asker knew (0 for none),
/// is not the last any more.
pub async fn insert(
    unit: &mut Unit,
    who: &Actor,
    locality: &str,
    seen: i64,
    (from, new): (Date, &LineDetails),
) -> Result<(), StoreError> {
    let decisions = history(unit, locality).await?;
    let last = decisions.last();
    if last.map_or(0, |last| last.version) != seen {
        return Err(StoreError::Conflict("duty line"));
    }
    let now = in_force(&decisions, unit.now().day()).map_or(0, |one| one.version);
    let kept = decisions.iter().rfind(|one| one.version >= now && one.details.mailbox == new.mailbox);
    let row = LineChange {
        locality: locality.to_owned(),
        version: seen + 1,
        valid_from: from.to_string(),
        details: new.clone(),
        confirmed_at: kept.map_or(0, |last| last.confirmed_at),
        decided_by: who.id.to_string(),
        decided_at: unit.now().micros(),
    };
    put(unit, &row).await?;
    events(unit, who, &row, last);
    Ok(())
}

async fn put(unit: &mut Unit, row: &LineChange) -> Result<(), StoreError> {
    let (line, at) = (&row.details, format!("{}:{}", row.locality, row.version));
    change!(
        unit,
        "INSERT INTO locality_change (id, locality, version, valid_from, name, phones, mailbox, address,
           lad_codes, confirmed_at, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        at,
        row.locality.clone(),
        row.version,
        row.valid_from.clone(),
        line.name.clone(),
        line.phones.clone(),
        line.mailbox.clone(),
        line.address.clone(),
        line.lad_codes.clone(),
        row.confirmed_at,
        row.decided_by.clone(),
        row.decided_at
    )
    .map_err(taken)?;
    Ok(())
}

/// Two decisions with one number: somebody else's came first.
pub(super) fn taken(error: StoreError) -> StoreError {
    match error {
        StoreError::Constraint(_) => StoreError::Conflict("decision"),
        other => other,
    }
}

/// One event for each column. Districts are codes and stand in it; of words only which column.
fn events(unit: &mut Unit, who: &Actor, row: &LineChange, last: Option<&LineChange>) {
    let id = format!("{}:{}", row.locality, row.version);
    let event = || {
        EventDraft::new(Act::LocalityChanged, who.clone())
            .on(Object::new("locality", Code::of(&id)))
            .extra("since", Code::of(&row.valid_from))
    };
    let Some(last) = last else {
        let new = event().extra("changed", Code::fixed("new"));
        return unit.record(new.extra("to", codes(&row.details.lad_codes)));
    };
    let columns = row.details.differs(&last.details);
    if columns.is_empty() {
        return unit.record(event().extra("changed", Code::fixed("date")));
    }
    for column in columns {
        let changed = event().extra("changed", Code::fixed(column));
        unit.record(if column == "districts" {
            let (from, to) = (codes(&last.details.lad_codes), codes(&row.details.lad_codes));
            changed.extra("from", from).extra("to", to)
        } else {
            changed
        });
    }
}

/// District codes as one code; how many, when they are too many for one.
fn codes(lad_codes: &str) -> Code {
    let joined = lad_codes.split_whitespace().collect::<Vec<_>>().join(":");
    Code::new(&joined).unwrap_or_else(|_| Code::number(lad_codes.split_whitespace().count() as u64))
}
