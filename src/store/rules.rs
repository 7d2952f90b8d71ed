//! The gate's numbers and the meeting times as administrators decided them: one row a decision, with the
//! day from which it holds, never changed afterwards. Until the first, the configuration's hold.

use jiff::civil::Date;

use super::lines::taken;
use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::agreement::Signatory;
use crate::domain::allowed::Allowed;

/// The numbers, as rows hold them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RulesRow {
    /// Days that a signature holds.
    pub signature_days: i64,
    /// Ways of signing that pass, as [`Allowed::text`] writes them.
    pub methods: String,
    /// Oldest age the service sees, completed months.
    pub oldest_months: i64,
    /// No meeting starts before, such as `08:00`.
    pub opens: String,
    /// No meeting ends after.
    pub closes: String,
    /// Days from today to the first day that may be offered.
    pub notice_days: i64,
    /// Months from today to the last day that may be offered.
    pub horizon_months: i64,
    /// Busy times, such as `08:30-09:30:arrival`, separated by spaces.
    pub busy: String,
    /// 1 when the busy times are walls, else 0.
    pub busy_is_wall: i64,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RulesChange {
    /// 1 for the first decision.
    pub version: i64,
    /// The day from which it holds, such as `2026-12-01`.
    pub valid_from: String,
    /// What was decided.
    #[sqlx(flatten)]
    pub rules: RulesRow,
    /// The person's id; empty for the command line.
    pub decided_by: String,
    /// When, microseconds.
    pub decided_at: i64,
}

impl RulesRow {
    /// The numbers in which this differs from what was before: name, old and new value.
    pub fn differs(&self, before: &RulesRow) -> Vec<(&'static str, String, String)> {
        let (old, new) = (before.columns(), self.columns());
        let pairs = old.into_iter().zip(new).filter(|((_, old), (_, new))| old != new);
        pairs.map(|((name, old), (_, new))| (name, old, new)).collect()
    }

    fn columns(&self) -> [(&'static str, String); 11] {
        let methods = Allowed::from_text(&self.methods);
        [
            ("signature-days", self.signature_days.to_string()),
            ("methods-parent", methods.word(Signatory::Parent)),
            ("methods-carer", methods.word(Signatory::Carer)),
            ("methods-young-person", methods.word(Signatory::YoungPerson)),
            ("oldest-months", self.oldest_months.to_string()),
            ("opens", self.opens.clone()),
            ("closes", self.closes.clone()),
            ("notice-days", self.notice_days.to_string()),
            ("horizon-months", self.horizon_months.to_string()),
            ("busy", self.busy.replace(' ', "_")),
            ("busy-is-wall", self.busy_is_wall.to_string()),
        ]
    }
}

/// Every decision, the oldest first.
pub async fn history(door: &mut impl Sees) -> Result<Vec<RulesChange>, StoreError> {
    all!(
        door,
        RulesChange,
        "SELECT version, valid_from, signature_days, methods, oldest_months, opens, closes, notice_days,
           horizon_months, busy, busy_is_wall, decided_by, decided_at FROM rules_change ORDER BY version"
    )
}

/// Stores the next decision; `before` is what held until then, for the events.
///
/// # Errors
/// [`StoreError::Conflict`] when `seen`, the number of the last decision that the asker knew (0 for none),
/// is not the last any more.
pub async fn insert(
    unit: &mut Unit,
    who: &Actor,
    seen: i64,
    from: Date,
    (before, new): (&RulesRow, &RulesRow),
) -> Result<(), StoreError> {
    let last = history(unit).await?.pop().map_or(0, |last| last.version);
    if last != seen {
        return Err(StoreError::Conflict("numbers"));
    }
    let decided_at = unit.now().micros();
    let row = RulesChange {
        version: seen + 1,
        valid_from: from.to_string(),
        rules: new.clone(),
        decided_by: who.id.to_string(),
        decided_at,
    };
    put(unit, &row).await?;
    let event = || {
        EventDraft::new(Act::RulesChanged, who.clone())
            .on(Object::new("rules", Code::of(&row.version.to_string())))
            .extra("since", Code::of(&row.valid_from))
    };
    let changed = new.differs(before);
    if changed.is_empty() {
        unit.record(event().extra("changed", Code::fixed("date")));
    }
    for (name, from, to) in changed {
        let (from, to) = (Code::of(&from), Code::of(&to));
        unit.record(event().extra("changed", Code::fixed(name)).extra("from", from).extra("to", to));
    }
    Ok(())
}

async fn put(unit: &mut Unit, row: &RulesChange) -> Result<(), StoreError> {
    let rules = row.rules.clone();
    change!(
        unit,
        "INSERT INTO rules_change (id, version, valid_from, signature_days, methods, oldest_months, opens,
           closes, notice_days, horizon_months, busy, busy_is_wall, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        row.version.to_string(),
        row.version,
        row.valid_from.clone(),
        rules.signature_days,
        rules.methods,
        rules.oldest_months,
        rules.opens,
        rules.closes,
        rules.notice_days,
        rules.horizon_months,
        rules.busy,
        rules.busy_is_wall,
        row.decided_by.clone(),
        row.decided_at
    )
    .map_err(taken)?;
    Ok(())
}
