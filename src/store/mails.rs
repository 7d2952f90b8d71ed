//! Mail that came in: received, judged by lease, held where a named role sees it.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::{CaseId, MailId, ReferralId};
use crate::domain::time::{Instant, MINUTE};

/// How long a claimed mail is left alone before another worker may take it, microseconds.
pub const LEASE: i64 = 5 * MINUTE;

/// A mail that crashes its judge this often goes to *mail to look at* unread.
pub const MOST_ATTEMPTS: i64 = 2;

/// A mail's row. The envelope and the words are sealed to its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Which.
    pub id: MailId,
    /// Its case file.
    pub case: CaseId,
    /// `received`, `judged`, `held` or `closed`.
    pub state: String,
    /// TLS version of the connection, or empty.
    pub tls: String,
    /// Clear length in bytes.
    pub size: i64,
    /// The setting that sent it, once known.
    pub organisation: String,
    /// The referral that it made, once judged.
    pub referral: String,
    /// The stable code of what the judge found.
    pub code: String,
    /// Microseconds.
    pub received_at: i64,
    /// How often judging began.
    pub attempts: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    case_id: String,
    state: String,
    tls: String,
    size: i64,
    organisation_id: String,
    referral_id: String,
    code: String,
    received_at: i64,
    attempts: i64,
}

impl TryFrom<Row> for Mail {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "mail_in", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            case: row.case_id.parse().map_err(|_| bad("case_id"))?,
            state: row.state,
            tls: row.tls,
            size: row.size,
            organisation: row.organisation_id,
            referral: row.referral_id,
            code: row.code,
            received_at: row.received_at,
            attempts: row.attempts,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, state, tls, size, organisation_id, referral_id, code, received_at, attempts
             FROM mail_in ",
            $rest
        )
    };
}

/// Stores the row of a mail that has come in whole.
pub async fn insert(
    unit: &mut Unit,
    id: MailId,
    case: CaseId,
    tls: &str,
    size: i64,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO mail_in (id, case_id, state, tls, size, organisation_id, referral_id, code, received_at,
           leased_until, lease, attempts)
         VALUES ($1, $2, 'received', $3, $4, '', '', '', $5, 0, '', 0)",
        id.to_string(),
        case.to_string(),
        tls.to_owned(),
        size,
        now
    )?;
    Ok(())
}

/// How long a large mail may be overtaken by smaller ones, microseconds.
pub const PATIENCE: i64 = 10 * MINUTE;

/// Largest mail that is judged before larger ones, bytes (1 MiB): a sealed form without attachments.
pub const SMALL: i64 = 1024 * 1024;

/// The mails that wait to be judged and are not being judged now; at most 100. First what waited for
/// [`PATIENCE`], oldest first, then what is [`SMALL`], then the rest: so that a few large mails do not
/// hold up everybody's referrals, and none of them waits for ever.
pub async fn waiting(door: &mut impl Sees, now: Instant) -> Result<Vec<Mail>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!(
            "WHERE state = 'received' AND leased_until <= $1
             ORDER BY CASE WHEN received_at <= $2 THEN 0 WHEN size <= $3 THEN 1 ELSE 2 END, received_at, id
             LIMIT 100"
        ),
        now.micros(),
        now.plus(-PATIENCE).micros(),
        SMALL
    )?;
    rows.into_iter().map(Mail::try_from).collect()
}

/// Claims one mail for judging, for [`LEASE`], and counts the attempt before it is made.
pub async fn claim(unit: &mut Unit, id: MailId, lease: &str) -> Result<Option<Mail>, StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "UPDATE mail_in SET leased_until = $1, lease = $2, attempts = attempts + 1
         WHERE id = $3 AND state = 'received' AND leased_until <= $4",
        now + LEASE,
        lease.to_owned(),
        id.to_string(),
        now
    )?;
    let row: Option<Row> =
        one!(unit, Row, select!("WHERE id = $1 AND lease = $2"), id.to_string(), lease.to_owned())?;
    row.map(Mail::try_from).transpose()
}

/// Lets go of every lease: for the one process of an embedded database, which has just begun, and so
/// holds none. Gives the number of mails that wait again.
pub async fn let_go(unit: &mut Unit) -> Result<u64, StoreError> {
    change!(unit, "UPDATE mail_in SET leased_until = 0, lease = '' WHERE state = 'received' AND lease <> ''")
}

/// The cases of mails that brought a referral again, apart from its own, as far as they are not erased.
pub async fn repeats_of(
    door: &mut impl Sees,
    referral: ReferralId,
    own: CaseId,
) -> Result<Vec<CaseId>, StoreError> {
    let rows: Vec<(String,)> = all!(
        door,
        (String,),
        "SELECT DISTINCT mail_in.case_id FROM mail_in JOIN case_file ON case_file.case_id = mail_in.case_id
         WHERE mail_in.referral_id = $1 AND mail_in.case_id <> $2 AND case_file.erased_at = 0",
        referral.to_string(),
        own.to_string()
    )?;
    let bad = |id: &str| StoreError::Row { table: "mail_in", column: "case_id", id: id.to_owned() };
    rows.into_iter().map(|(id,)| id.parse().map_err(|_| bad(&id))).collect()
}

/// What the judge found.
pub struct Found {
    /// `judged` when a referral came of it, else `held`.
    pub state: &'static str,
    /// Stable code.
    pub code: String,
    /// The setting that sent it, or empty.
    pub organisation: String,
    /// The referral that came of it, or empty.
    pub referral: String,
}

/// Settles a claimed mail.
///
/// # Errors
/// [`StoreError::Conflict`] when the lease ran out and another judge took it.
pub async fn settle(unit: &mut Unit, id: MailId, lease: &str, found: &Found) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE mail_in SET state = $1, code = $2, organisation_id = $3, referral_id = $4, leased_until = 0,
           lease = '' WHERE id = $5 AND lease = $6",
        found.state,
        found.code.clone(),
        found.organisation.clone(),
        found.referral.clone(),
        id.to_string(),
        lease.to_owned()
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("mail")) }
}

/// Marks a held mail as dealt with by a person.
pub async fn close(unit: &mut Unit, id: MailId) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE mail_in SET state = 'closed' WHERE id = $1 AND state = 'held'",
        id.to_string()
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("mail")) }
}

/// Mail to look at, oldest first.
pub async fn held(door: &mut impl Sees, skip: i64) -> Result<Vec<Mail>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!("WHERE state = 'held' ORDER BY received_at, id LIMIT $1 OFFSET $2"),
        super::referrals::PAGE,
        skip
    )?;
    rows.into_iter().map(Mail::try_from).collect()
}

/// The mail with this id.
pub async fn find(door: &mut impl Sees, id: MailId) -> Result<Option<Mail>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1"), id.to_string())?;
    row.map(Mail::try_from).transpose()
}
