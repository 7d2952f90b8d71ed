//! Drafts: a referral that its setting is still writing. The content is a sealed object of the
//! draft's own case; the row knows whose it is and how far it got.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::{CaseId, DraftId, OrganisationId, PersonId, ReferralId};

/// A draft's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which.
    pub id: DraftId,
    /// Its case file.
    pub case: CaseId,
    /// Who writes it.
    pub person: PersonId,
    /// The writer's setting.
    pub organisation: OrganisationId,
    /// Version of the sealed content, from 1.
    pub version: u64,
    /// The referral it became, once sent.
    pub sent_as: Option<ReferralId>,
    /// When it was last saved, microseconds.
    pub updated_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    case_id: String,
    person_id: String,
    organisation_id: String,
    version: i64,
    sent_as: String,
    updated_at: i64,
}

impl TryFrom<Row> for Draft {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "draft", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            case: row.case_id.parse().map_err(|_| bad("case_id"))?,
            person: row.person_id.parse().map_err(|_| bad("person_id"))?,
            organisation: row.organisation_id.parse().map_err(|_| bad("organisation_id"))?,
            version: u64::try_from(row.version).map_err(|_| bad("version"))?,
            sent_as: match row.sent_as.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| bad("sent_as"))?),
            },
            updated_at: row.updated_at,
        })
    }
}

/// Stores a new draft's row.
pub async fn insert(unit: &mut Unit, draft: &Draft) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO draft (id, case_id, person_id, organisation_id, version, sent_as, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, '', $6, $6)",
        draft.id.to_string(),
        draft.case.to_string(),
        draft.person.to_string(),
        draft.organisation.to_string(),
        i64::try_from(draft.version).unwrap_or(i64::MAX),
        now
    )?;
    Ok(())
}

/// Marks that the content moved from one version to the next.
///
/// # Errors
/// [`StoreError::Conflict`] when another tab saved first or the draft was sent.
pub async fn saved(unit: &mut Unit, id: DraftId, from: u64) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let done = change!(
        unit,
        "UPDATE draft SET version = $1, updated_at = $2 WHERE id = $3 AND version = $4 AND sent_as = ''",
        from.saturating_add(1),
        now,
        id.to_string(),
        from
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("draft")) }
}

/// Makes sure that a draft is still as it was read: it is being judged, and will stay open.
///
/// # Errors
/// [`StoreError::Conflict`] when it was saved or sent meanwhile.
pub async fn unchanged(unit: &mut Unit, id: DraftId, version: u64) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE draft SET version = version WHERE id = $1 AND sent_as = '' AND version = $2",
        id.to_string(),
        i64::try_from(version).unwrap_or(i64::MAX)
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("draft")) }
}

/// Marks a draft as sent.
///
/// # Errors
/// [`StoreError::Conflict`] when it was sent already, or changed since `version` was read.
pub async fn sent(
    unit: &mut Unit,
    id: DraftId,
    version: u64,
    referral: ReferralId,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE draft SET sent_as = $1, updated_at = $2 WHERE id = $3 AND sent_as = '' AND version = $4",
        referral.to_string(),
        now,
        id.to_string(),
        i64::try_from(version).unwrap_or(i64::MAX)
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("draft")) }
}

/// The draft with this id.
pub async fn find(door: &mut impl Sees, id: DraftId) -> Result<Option<Draft>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        "SELECT id, case_id, person_id, organisation_id, version, sent_as, updated_at FROM draft WHERE id = $1",
        id.to_string()
    )?;
    row.map(Draft::try_from).transpose()
}

/// The draft of a case: what a held referral is completed by.
pub async fn by_case(door: &mut impl Sees, case: CaseId) -> Result<Option<Draft>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        "SELECT id, case_id, person_id, organisation_id, version, sent_as, updated_at FROM draft WHERE case_id = $1",
        case.to_string()
    )?;
    row.map(Draft::try_from).transpose()
}

/// A person's drafts that never were sent, last saved first; at most 50.
pub async fn unsent_of(door: &mut impl Sees, person: PersonId) -> Result<Vec<Draft>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        "SELECT id, case_id, person_id, organisation_id, version, sent_as, updated_at FROM draft
         WHERE person_id = $1 AND sent_as = '' AND case_id NOT IN (SELECT case_id FROM referral) ORDER BY updated_at DESC LIMIT 50",
        person.to_string()
    )?;
    rows.into_iter().map(Draft::try_from).collect()
}
