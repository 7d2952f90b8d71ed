//! Referrals: what may be seen in clear of each, the lists of lines and settings, idempotency and
//! the index by which a child is found.

mod index;

use super::{Sees, StoreError, Unit};
use crate::domain::ids::{CaseId, OrganisationId, PersonId, ReferralId};
use crate::domain::referral::{Door, State, Urgency};

pub use index::{Seen, by_index, forget, index_child, seen, take_key};

/// Most rows of one page of a list.
pub const PAGE: i64 = 50;

/// A referral's row: clear columns only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Which.
    pub id: ReferralId,
    /// The short public reference.
    pub reference: String,
    /// Its case file.
    pub case: CaseId,
    /// The sending setting.
    pub organisation: OrganisationId,
    /// Who sent it.
    pub person: PersonId,
    /// By which door.
    pub door: Door,
    /// Where it stands.
    pub state: State,
    /// The locality whose line holds it; empty while it has none.
    pub locality: String,
    /// How soon, as the sender asked.
    pub urgency: Urgency,
    /// Version of the sealed content, from 1.
    pub content_version: u64,
    /// Version of the row: what a decision hangs on.
    pub version: i64,
    /// Microseconds; 0 means not yet.
    pub submitted_at: i64,
    /// Microseconds; 0 means not yet.
    pub delivered_at: i64,
    /// Microseconds; 0 means not yet.
    pub opened_at: i64,
    /// Microseconds; 0 means not yet.
    pub acknowledged_at: i64,
    /// Who acknowledged; empty before.
    pub acknowledged_by: String,
    /// When the line first read the restricted part, microseconds; 0 means not yet.
    pub restricted_read_at: i64,
    /// Who approved the words for print; empty before.
    pub print_approved_by: String,
    /// When the family took its agreement back, microseconds; 0 means not.
    pub withdrawn_at: i64,
    /// What it covers: [`crate::domain::family::Scope`]'s code; empty before.
    pub withdrawn: String,
    /// It went on although nobody agreed: the lawful route (DOMAIN section 3).
    pub without_agreement: bool,
}

impl Referral {
    /// Whether it went on to somebody: a held or refused one did not, and an erased one has no content.
    pub fn was_sent(&self) -> bool {
        !matches!(self.state, State::Held | State::Refused | State::Withdrawn | State::Erased)
    }

    /// When it was sent, microseconds: one that was held first was not sent before it was completed.
    pub fn sent_at(&self) -> i64 {
        if self.content_version > 1 { self.submitted_at.max(self.delivered_at) } else { self.submitted_at }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    reference: String,
    case_id: String,
    organisation_id: String,
    person_id: String,
    door: String,
    state: String,
    locality: String,
    urgency: i64,
    content_version: i64,
    version: i64,
    submitted_at: i64,
    delivered_at: i64,
    opened_at: i64,
    acknowledged_at: i64,
    acknowledged_by: String,
    restricted_read_at: i64,
    print_approved_by: String,
    withdrawn_at: i64,
    withdrawn: String,
    without_agreement: i64,
}

impl TryFrom<Row> for Referral {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "referral", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            case: row.case_id.parse().map_err(|_| bad("case_id"))?,
            organisation: row.organisation_id.parse().map_err(|_| bad("organisation_id"))?,
            person: row.person_id.parse().map_err(|_| bad("person_id"))?,
            door: Door::from_code(&row.door).ok_or_else(|| bad("door"))?,
            state: State::from_code(&row.state).ok_or_else(|| bad("state"))?,
            urgency: Urgency::from_band(row.urgency),
            content_version: u64::try_from(row.content_version).map_err(|_| bad("content_version"))?,
            reference: row.reference,
            locality: row.locality,
            version: row.version,
            submitted_at: row.submitted_at,
            delivered_at: row.delivered_at,
            opened_at: row.opened_at,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by,
            restricted_read_at: row.restricted_read_at,
            print_approved_by: row.print_approved_by,
            withdrawn_at: row.withdrawn_at,
            withdrawn: row.withdrawn,
            without_agreement: row.without_agreement != 0,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, reference, case_id, organisation_id, person_id, door, state, locality, urgency,
             content_version, version, submitted_at, delivered_at, opened_at, acknowledged_at,
             acknowledged_by, restricted_read_at, print_approved_by, withdrawn_at, withdrawn,
             without_agreement FROM referral ",
            $rest
        )
    };
}

/// Stores a new referral.
pub async fn insert(unit: &mut Unit, referral: &Referral) -> Result<(), StoreError> {
    let r = referral;
    change!(
        unit,
        "INSERT INTO referral (id, reference, case_id, organisation_id, person_id, door, state, locality,
           urgency, content_version, version, submitted_at, delivered_at, opened_at, acknowledged_at,
           acknowledged_by, restricted_read_at, print_approved_by, withdrawn_at, withdrawn,
           without_agreement)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, 0, 0, '', 0, '', 0, '', $13)",
        r.id.to_string(),
        r.reference.clone(),
        r.case.to_string(),
        r.organisation.to_string(),
        r.person.to_string(),
        r.door.code(),
        r.state.code(),
        r.locality.clone(),
        r.urgency.band(),
        i64::try_from(r.content_version).unwrap_or(i64::MAX),
        r.submitted_at,
        r.delivered_at,
        i64::from(r.without_agreement)
    )?;
    Ok(())
}

/// Writes the changed row over the one that was read.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else changed it since.
pub async fn update(unit: &mut Unit, referral: &Referral) -> Result<(), StoreError> {
    let r = referral;
    let done = change!(
        unit,
        "UPDATE referral SET state = $1, locality = $2, urgency = $3, content_version = $4, version = version + 1,
           delivered_at = $5, opened_at = $6, acknowledged_at = $7, acknowledged_by = $8,
           restricted_read_at = $9, print_approved_by = $10, withdrawn_at = $11, withdrawn = $12,
           without_agreement = $13
         WHERE id = $14 AND version = $15",
        r.state.code(),
        r.locality.clone(),
        r.urgency.band(),
        i64::try_from(r.content_version).unwrap_or(i64::MAX),
        r.delivered_at,
        r.opened_at,
        r.acknowledged_at,
        r.acknowledged_by.clone(),
        r.restricted_read_at,
        r.print_approved_by.clone(),
        r.withdrawn_at,
        r.withdrawn.clone(),
        i64::from(r.without_agreement),
        r.id.to_string(),
        r.version
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("referral")) }
}

/// The referral with this id.
pub async fn find(door: &mut impl Sees, id: ReferralId) -> Result<Option<Referral>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1"), id.to_string())?;
    row.map(Referral::try_from).transpose()
}

/// The referral with this reference.
pub async fn by_reference(door: &mut impl Sees, reference: &str) -> Result<Option<Referral>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE reference = $1"), reference.to_owned())?;
    row.map(Referral::try_from).transpose()
}

/// The referral of a case.
pub async fn by_case(door: &mut impl Sees, case: CaseId) -> Result<Option<Referral>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE case_id = $1"), case.to_string())?;
    row.map(Referral::try_from).transpose()
}

/// A line's open items: most urgent first, then longest waiting; `skip` rows left out.
pub async fn inbox(door: &mut impl Sees, locality: &str, skip: i64) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!(
            "WHERE locality = $1 AND state IN ('delivered', 'opened')
             ORDER BY urgency DESC, submitted_at, id LIMIT $2 OFFSET $3"
        ),
        locality.to_owned(),
        PAGE,
        skip
    )?)
}

/// A line's acknowledged items, newest first.
pub async fn acknowledged(
    door: &mut impl Sees,
    locality: &str,
    skip: i64,
) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!(
            "WHERE locality = $1 AND state = 'acknowledged' ORDER BY submitted_at DESC, id LIMIT $2 OFFSET $3"
        ),
        locality.to_owned(),
        PAGE,
        skip
    )?)
}

/// What a line may know of the held: reference, setting and age come from these rows and no more.
pub async fn held_for(door: &mut impl Sees, locality: &str, skip: i64) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!("WHERE locality = $1 AND state = 'held' ORDER BY submitted_at, id LIMIT $2 OFFSET $3"),
        locality.to_owned(),
        PAGE,
        skip
    )?)
}

/// What families took back of what a line has or had: newest first.
pub async fn withdrawn_for(
    door: &mut impl Sees,
    locality: &str,
    skip: i64,
) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!(
            "WHERE locality = $1 AND withdrawn_at > 0 AND delivered_at > 0
             ORDER BY withdrawn_at DESC, id LIMIT $2 OFFSET $3"
        ),
        locality.to_owned(),
        PAGE,
        skip
    )?)
}

/// The held that no line's list has, because their postcode leads to none: reference, setting and age
/// come from these rows and no more, so that how urgent they are does not order them.
pub async fn held_without_line(door: &mut impl Sees, skip: i64) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!("WHERE locality = '' AND state = 'held' ORDER BY submitted_at, id LIMIT $1 OFFSET $2"),
        PAGE,
        skip
    )?)
}

/// What waits for the intake desk: most urgent first, then longest waiting.
pub async fn intake_desk(door: &mut impl Sees, skip: i64) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!("WHERE state = 'intake-desk' ORDER BY urgency DESC, submitted_at, id LIMIT $1 OFFSET $2"),
        PAGE,
        skip
    )?)
}

/// A setting's own: the held first, because they wait for the setting; then newest first.
pub async fn of_setting(
    door: &mut impl Sees,
    organisation: OrganisationId,
    skip: i64,
) -> Result<Vec<Referral>, StoreError> {
    rows(all!(
        door,
        Row,
        select!(
            "WHERE organisation_id = $1
             ORDER BY CASE WHEN state = 'held' THEN 0 ELSE 1 END, submitted_at DESC, id LIMIT $2 OFFSET $3"
        ),
        organisation.to_string(),
        PAGE,
        skip
    )?)
}

/// How many referrals of a line stand in a state, counted up to 100.
pub async fn count(door: &mut impl Sees, locality: &str, state: State) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM (SELECT 1 FROM referral WHERE locality = $1 AND state = $2 LIMIT 100) AS some_rows",
        locality.to_owned(),
        state.code()
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

fn rows(rows: Vec<Row>) -> Result<Vec<Referral>, StoreError> {
    rows.into_iter().map(Referral::try_from).collect()
}
