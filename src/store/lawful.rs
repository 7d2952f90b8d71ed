//! Which drafts wait for a decision on the lawful route, or for its check. The row says whose draft and how
//! far it is; what was decided and why is sealed with the draft.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::{DraftId, OrganisationId, PersonId};

/// One draft on the lawful route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which draft.
    pub draft: DraftId,
    /// Who writes it.
    pub author: PersonId,
    /// `asked` (a decision is asked for) or `decided` (a check is).
    pub state: String,
    /// Since when, microseconds.
    pub since: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    draft_id: String,
    person_id: String,
    state: String,
    changed_at: i64,
}

impl TryFrom<Row> for Waiting {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "lawful_route", column, id: row.draft_id.clone() };
        Ok(Self {
            draft: row.draft_id.parse().map_err(|_| bad("draft_id"))?,
            author: row.person_id.parse().map_err(|_| bad("person_id"))?,
            state: row.state,
            since: row.changed_at,
        })
    }
}

/// Writes how far a draft is on the lawful route: `asked`, `decided`, `checked` or `declined`.
pub async fn put(
    unit: &mut Unit,
    draft: DraftId,
    organisation: OrganisationId,
    state: &'static str,
    by: PersonId,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO lawful_route (draft_id, organisation_id, state, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (draft_id) DO UPDATE SET state = $3, changed_by = $4, changed_at = $5",
        draft.to_string(),
        organisation.to_string(),
        state,
        by.to_string(),
        now
    )?;
    Ok(())
}

/// The drafts of a setting that wait for a decision or a check, longest waiting first; at most 50.
pub async fn waiting(door: &mut impl Sees, organisation: OrganisationId) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        "SELECT lawful_route.draft_id, draft.person_id, lawful_route.state, lawful_route.changed_at
         FROM lawful_route INNER JOIN draft ON draft.id = lawful_route.draft_id
         WHERE lawful_route.organisation_id = $1 AND lawful_route.state IN ('asked', 'decided')
           AND draft.sent_as = ''
         ORDER BY lawful_route.changed_at, lawful_route.draft_id LIMIT 50",
        organisation.to_string()
    )?;
    rows.into_iter().map(Waiting::try_from).collect()
}
