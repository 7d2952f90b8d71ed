//! Families' links: what may be known of each in clear. The token stands nowhere (HMAC of the link's id);
//! to whom the link went is sealed to the case.

use super::{Sees, StoreError, Unit};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::Purpose;
use crate::domain::ids::{CaseId, LetterId, LinkId};
use crate::domain::time::Instant;

/// A link about to be made.
pub struct NewLink {
    /// Which.
    pub id: LinkId,
    /// Whose case.
    pub case: CaseId,
    /// What it is for.
    pub purpose: Purpose,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
    /// HMAC of its short code, for one that stands on a screen.
    pub short_mac: [u8; 32],
    /// The person who made it; empty for the relay itself.
    pub made_by: String,
    /// When it ends by itself.
    pub ends: Instant,
}

/// A link's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub id: LinkId,
    /// Whose case.
    pub case: CaseId,
    /// What it is for.
    pub purpose: Purpose,
    /// The person who made it; empty for the relay itself.
    pub made_by: String,
    /// When it was made.
    pub created: Instant,
    /// When it ends by itself.
    pub ends: Instant,
    /// When it ended before its time; microseconds, 0 means not.
    pub ended_at: i64,
    /// When it was first opened; microseconds, 0 means not yet.
    pub opened_at: i64,
    /// SHA-256 of the cookie of the browser that has it open; empty before.
    pub browser_hash: Vec<u8>,
    /// Until when it is open there; microseconds.
    pub open_until: i64,
    /// From which id the newest code is worked out, if one was made.
    pub code: Option<LetterId>,
    /// Until when that code works; microseconds.
    pub code_ends_at: i64,
    /// How many codes were made.
    pub codes: i64,
    /// How often a wrong code was tried.
    pub tries: i64,
    /// How many reminders went out.
    pub reminded: i64,
}

impl Link {
    /// Whether it can still be used.
    pub fn lives(&self, now: Instant) -> bool {
        self.ended_at == 0 && now < self.ends
    }

    /// Whether the browser with this cookie has it open.
    pub fn open_in(&self, browser: &[u8; 32], now: Instant) -> bool {
        self.lives(now) && self.browser_hash.as_slice() == browser && now.micros() < self.open_until
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    case_id: String,
    purpose: String,
    made_by: String,
    created_at: i64,
    ends_at: i64,
    ended_at: i64,
    opened_at: i64,
    browser_hash: Vec<u8>,
    open_until: i64,
    code_id: String,
    code_ends_at: i64,
    codes: i64,
    tries: i64,
    reminded: i64,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::Row { table: "family_link", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            case: row.case_id.parse().map_err(|_| bad("case_id"))?,
            purpose: Purpose::from_code(&row.purpose).ok_or_else(|| bad("purpose"))?,
            code: match row.code_id.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| bad("code_id"))?),
            },
            made_by: row.made_by,
            created: Instant::from_micros(row.created_at),
            ends: Instant::from_micros(row.ends_at),
            ended_at: row.ended_at,
            opened_at: row.opened_at,
            browser_hash: row.browser_hash,
            open_until: row.open_until,
            code_ends_at: row.code_ends_at,
            codes: row.codes,
            tries: row.tries,
            reminded: row.reminded,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, purpose, made_by, created_at, ends_at, ended_at, opened_at, browser_hash,
             open_until, code_id, code_ends_at, codes, tries, reminded FROM family_link ",
            $rest
        )
    };
}

fn on(id: LinkId) -> Object {
    Object::new("family-link", Code::of(&id.to_string()))
}

/// Makes a link, with its event.
pub async fn insert(unit: &mut Unit, who: &Actor, link: &NewLink) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO family_link (id, case_id, purpose, token_hash, short_mac, made_by, created_at, ends_at,
           ended_at, opened_at, browser_hash, open_until, code_id, code_ends_at, codes, tries, reminded)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, 0, '', 0, 0, 0, 0)",
        link.id.to_string(),
        link.case.to_string(),
        link.purpose.code(),
        link.token_hash.to_vec(),
        link.short_mac.to_vec(),
        link.made_by.clone(),
        now,
        link.ends.micros(),
        Vec::<u8>::new()
    )?;
    let event = EventDraft::new(Act::FamilyLinkMade, who.clone())
        .on(on(link.id))
        .extra("purpose", Code::fixed(link.purpose.code()))
        .extra("case", Code::of(&link.case.to_string()));
    unit.record(event);
    Ok(())
}

/// The link with this id.
pub async fn find(door: &mut impl Sees, id: LinkId) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE id = $1"), id.to_string())?;
    row.map(Link::try_from).transpose()
}

/// The link with the token of this hash.
pub async fn by_token(door: &mut impl Sees, hash: [u8; 32]) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = one!(door, Row, select!("WHERE token_hash = $1"), hash.to_vec())?;
    row.map(Link::try_from).transpose()
}

/// The link on a screen with this short code, while it lives and nobody has opened it.
pub async fn by_short(door: &mut impl Sees, mac: [u8; 32], now: Instant) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = one!(
        door,
        Row,
        select!(
            "WHERE short_mac = $1 AND ends_at > $2 AND ended_at = 0 AND opened_at = 0
             AND purpose = 'sign-here' LIMIT 1"
        ),
        mac.to_vec(),
        now.micros()
    )?;
    row.map(Link::try_from).transpose()
}

/// Every link of a case, the newest first; at most 100.
pub async fn of_case(door: &mut impl Sees, case: CaseId) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!("WHERE case_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100"),
        case.to_string()
    )?;
    rows.into_iter().map(Link::try_from).collect()
}

/// Opens a link in one browser until `until`; whoever had it open before has not any more.
/// `first_only` is for one without a code: who comes second gets nothing.
///
/// # Errors
/// [`StoreError::Conflict`] when it has ended, or was opened before and may be opened once.
pub async fn open(
    unit: &mut Unit,
    id: LinkId,
    browser: [u8; 32],
    until: Instant,
    first_only: bool,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE family_link SET browser_hash = $1, open_until = $2, code_id = '', code_ends_at = 0,
           opened_at = CASE WHEN opened_at = 0 THEN $3 ELSE opened_at END
         WHERE id = $4 AND ended_at = 0 AND ends_at > $3 AND (opened_at = 0 OR $5 = 0)",
        browser.to_vec(),
        until.micros(),
        now,
        id.to_string(),
        i64::from(first_only)
    )?;
    if done != 1 {
        return Err(StoreError::Conflict("family link"));
    }
    unit.record(EventDraft::new(Act::FamilyLinkOpened, Actor::family()).on(on(id)));
    Ok(())
}

/// Closes a link in its browser: the next opening asks for a new code. With its event.
pub async fn close(unit: &mut Unit, id: LinkId) -> Result<(), StoreError> {
    change!(unit, "UPDATE family_link SET open_until = 0 WHERE id = $1", id.to_string())?;
    unit.record(EventDraft::new(Act::FamilyLinkClosed, Actor::family()).on(on(id)));
    Ok(())
}

/// Makes a code the newest of a link, unless `most` were made before; whether it is.
pub async fn set_code(
    unit: &mut Unit,
    who: &Actor,
    id: LinkId,
    code: LetterId,
    ends: Instant,
    most: i64,
) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE family_link SET code_id = $1, code_ends_at = $2, codes = codes + 1
         WHERE id = $3 AND ended_at = 0 AND ends_at > $4 AND codes < $5",
        code.to_string(),
        ends.micros(),
        id.to_string(),
        now,
        most
    )?;
    if done == 1 {
        unit.record(EventDraft::new(Act::FamilyCodeMade, who.clone()).on(on(id)));
    }
    Ok(done == 1)
}

/// Counts a try at a link's code before it is looked at; `false` when there were `most` already, or the
/// link has ended.
pub async fn count_try(unit: &mut Unit, id: LinkId, most: i64) -> Result<bool, StoreError> {
    let done = change!(
        unit,
        "UPDATE family_link SET tries = tries + 1 WHERE id = $1 AND ended_at = 0 AND tries < $2",
        id.to_string(),
        most
    )?;
    Ok(done == 1)
}

/// Ends a link, with its event; whether it was alive.
pub async fn end(unit: &mut Unit, who: &Actor, id: LinkId) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE family_link SET ended_at = $1 WHERE id = $2 AND ended_at = 0",
        now,
        id.to_string()
    )?;
    if done == 1 {
        unit.record(EventDraft::new(Act::FamilyLinkEnded, who.clone()).on(on(id)));
    }
    Ok(done == 1)
}

/// Ends every link of a case with one of these purposes, with an event each; how many lived.
pub async fn end_all(
    unit: &mut Unit,
    who: &Actor,
    case: CaseId,
    purposes: &[Purpose],
) -> Result<usize, StoreError> {
    let mut ended = 0;
    for link in of_case(unit, case).await? {
        if purposes.contains(&link.purpose) && end(unit, who, link.id).await? {
            ended += 1;
        }
    }
    Ok(ended)
}

/// Links to sign later that live, and for which fewer than `most` reminders went out; at most 100, the
/// oldest first.
pub async fn waiting(door: &mut impl Sees, now: Instant, most: i64) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<Row> = all!(
        door,
        Row,
        select!(
            "WHERE ended_at = 0 AND purpose = 'sign-later' AND ends_at > $1 AND reminded < $2
             ORDER BY created_at, id LIMIT 100"
        ),
        now.micros(),
        most
    )?;
    rows.into_iter().map(Link::try_from).collect()
}

/// Notes that a reminder went out: the `n`th, from 1.
///
/// # Errors
/// [`StoreError::Conflict`] when another process was first, or the link has ended.
pub async fn reminded(unit: &mut Unit, id: LinkId, n: i64) -> Result<(), StoreError> {
    let done = change!(
        unit,
        "UPDATE family_link SET reminded = $1 WHERE id = $2 AND reminded = $1 - 1 AND ended_at = 0",
        n,
        id.to_string()
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict("family link")) }
}
