//! What people sign in with: passwords, authenticator secrets, recovery codes, codes by mail.
//!
//! Nothing here can be used by who reads a stolen backup: a password is an argon2id string, a secret is
//! sealed to the relay, a recovery code an HMAC, and a mailed code is not here at all. What can be used
//! once is used by one UPDATE whose row count decides, so that of two uses at once one wins.

use super::{Sees, StoreError, Unit};
use crate::domain::ids::{LetterId, PersonId};
use crate::domain::time::{DAY, Instant};

/// An authenticator's row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Totp {
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// The session in which it is being set up; empty when it is in use.
    pub session: String,
    /// The last time step whose code was used; 0 before the first.
    pub last_step: i64,
    /// When it was made, microseconds.
    pub made_at: i64,
}

/// How far an authenticator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpState {
    /// Shown to its owner, and no code of it seen yet.
    Pending,
    /// In use.
    Live,
}

impl TotpState {
    const fn code(self) -> &'static str {
        match self {
            TotpState::Pending => "pending",
            TotpState::Live => "live",
        }
    }
}

/// The PHC string of a person's password, if they have one. Nobody's is asked for by the same statement:
/// whether an account exists must not be told by the work.
pub async fn password(door: &mut impl Sees, person: Option<PersonId>) -> Result<Option<String>, StoreError> {
    let id = person.map(|id| id.to_string()).unwrap_or_default();
    let row: Option<(String,)> = one!(door, (String,), "SELECT phc FROM password WHERE person_id = $1", id)?;
    Ok(row.map(|(phc,)| phc))
}

/// Sets a person's password.
pub async fn set_password(unit: &mut Unit, person: PersonId, phc: &str) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO password (person_id, phc, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET phc = excluded.phc, changed_at = excluded.changed_at",
        person.to_string(),
        phc.to_owned(),
        now
    )?;
    Ok(())
}

/// A person's authenticator, in use or being set up.
pub async fn totp(
    door: &mut impl Sees,
    person: PersonId,
    state: TotpState,
) -> Result<Option<Totp>, StoreError> {
    one!(
        door,
        Totp,
        "SELECT sealed, session, last_step, made_at FROM totp WHERE person_id = $1 AND state = $2",
        person.to_string(),
        state.code()
    )
}

/// Keeps the secret of an authenticator that is being set up, in the place of an earlier such one.
pub async fn put_pending_totp(
    unit: &mut Unit,
    person: PersonId,
    session: &str,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO totp (person_id, state, session, sealed, last_step, made_at)
         VALUES ($1, 'pending', $2, $3, 0, $4)
         ON CONFLICT (person_id, state) DO UPDATE
           SET session = excluded.session, sealed = excluded.sealed, made_at = excluded.made_at",
        person.to_string(),
        session.to_owned(),
        sealed.to_vec(),
        now
    )?;
    Ok(())
}

/// Takes the authenticator that is being set up in a session into use, in the place of an earlier one;
/// `step` is that of the code that was shown. Whether there was one: of two tabs at once, one wins.
pub async fn confirm_totp(
    unit: &mut Unit,
    person: PersonId,
    session: &str,
    step: i64,
) -> Result<bool, StoreError> {
    let waits: Option<(String,)> = one!(
        unit,
        (String,),
        "SELECT session FROM totp WHERE person_id = $1 AND state = 'pending' AND session = $2",
        person.to_string(),
        session.to_owned()
    )?;
    if waits.is_none() {
        return Ok(false);
    }
    change!(unit, "DELETE FROM totp WHERE person_id = $1 AND state = 'live'", person.to_string())?;
    let done = change!(
        unit,
        "UPDATE totp SET state = 'live', session = '', last_step = $1
         WHERE person_id = $2 AND state = 'pending' AND session = $3",
        step,
        person.to_string(),
        session.to_owned()
    )?;
    if done == 1 { Ok(true) } else { Err(StoreError::Conflict("totp")) }
}

/// Uses a time step's code up; whether it was still to be used.
pub async fn use_totp_step(unit: &mut Unit, person: PersonId, step: i64) -> Result<bool, StoreError> {
    let done = change!(
        unit,
        "UPDATE totp SET last_step = $1 WHERE person_id = $2 AND state = 'live' AND last_step < $1",
        step,
        person.to_string()
    )?;
    Ok(done == 1)
}

/// Takes a person's authenticator away; how many there were.
pub async fn remove_totp(unit: &mut Unit, person: PersonId) -> Result<u64, StoreError> {
    change!(unit, "DELETE FROM totp WHERE person_id = $1 AND state = 'live'", person.to_string())
}

/// Gives a person recovery codes (their HMACs) in the place of all earlier ones.
pub async fn put_recovery_codes(
    unit: &mut Unit,
    person: PersonId,
    macs: &[[u8; 32]],
) -> Result<(), StoreError> {
    change!(unit, "DELETE FROM recovery_code WHERE person_id = $1", person.to_string())?;
    for mac in macs {
        change!(
            unit,
            "INSERT INTO recovery_code (person_id, mac, used_at) VALUES ($1, $2, 0)",
            person.to_string(),
            mac.to_vec()
        )?;
    }
    Ok(())
}

/// How many recovery codes a person has left.
pub async fn recovery_codes_left(door: &mut impl Sees, person: PersonId) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM recovery_code WHERE person_id = $1 AND used_at = 0",
        person.to_string()
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Uses a recovery code up; whether it was one, and not used before.
pub async fn use_recovery_code(unit: &mut Unit, person: PersonId, mac: [u8; 32]) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE recovery_code SET used_at = $1 WHERE person_id = $2 AND mac = $3 AND used_at = 0",
        now,
        person.to_string(),
        mac.to_vec()
    )?;
    Ok(done == 1)
}

/// Notes that a code was mailed for a session.
pub async fn insert_mailed_code(
    unit: &mut Unit,
    letter: LetterId,
    person: PersonId,
    session: &str,
    ends: Instant,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO mailed_code (letter_id, person_id, session, made_at, ends_at, tries, used_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0)",
        letter.to_string(),
        person.to_string(),
        session.to_owned(),
        now,
        ends.micros()
    )?;
    Ok(())
}

/// How many codes were mailed to a person since a moment.
pub async fn mailed_codes_since(
    door: &mut impl Sees,
    person: PersonId,
    since: Instant,
) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = one!(
        door,
        (i64,),
        "SELECT COUNT(*) FROM mailed_code WHERE person_id = $1 AND made_at > $2",
        person.to_string(),
        since.micros()
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// The letter with the newest code that was asked for in a session, used or not, ended or not.
pub async fn mailed_code(
    door: &mut impl Sees,
    person: PersonId,
    session: &str,
) -> Result<Option<LetterId>, StoreError> {
    let row: Option<(String,)> = one!(
        door,
        (String,),
        "SELECT letter_id FROM mailed_code WHERE person_id = $1 AND session = $2
         ORDER BY made_at DESC, letter_id DESC LIMIT 1",
        person.to_string(),
        session.to_owned()
    )?;
    let bad = |id: String| StoreError::Row { table: "mailed_code", column: "letter_id", id };
    row.map(|(id,)| id.parse().map_err(|_| bad(id))).transpose()
}

/// Counts a try at a mailed code; whether one was left and the code not used or ended.
pub async fn try_mailed_code(unit: &mut Unit, letter: LetterId, most: i64) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE mailed_code SET tries = tries + 1
         WHERE letter_id = $1 AND used_at = 0 AND ends_at > $2 AND tries < $3",
        letter.to_string(),
        now,
        most
    )?;
    Ok(done == 1)
}

/// Uses a mailed code up; whether it was not used before.
pub async fn use_mailed_code(unit: &mut Unit, letter: LetterId) -> Result<bool, StoreError> {
    let now = unit.now().micros();
    let done = change!(
        unit,
        "UPDATE mailed_code SET used_at = $1 WHERE letter_id = $2 AND used_at = 0",
        now,
        letter.to_string()
    )?;
    Ok(done == 1)
}

/// Takes every way of signing in from a person, and every browser that was known: before a new start.
/// Passkeys belong here too, once there are some.
pub async fn clear(unit: &mut Unit, person: PersonId) -> Result<(), StoreError> {
    let id = || person.to_string();
    change!(unit, "DELETE FROM password WHERE person_id = $1", id())?;
    change!(unit, "DELETE FROM totp WHERE person_id = $1", id())?;
    change!(unit, "DELETE FROM recovery_code WHERE person_id = $1", id())?;
    change!(unit, "DELETE FROM mailed_code WHERE person_id = $1", id())?;
    change!(unit, "DELETE FROM device WHERE person_id = $1", id())?;
    Ok(())
}

/// Takes away mailed codes, and authenticators that were never confirmed, older than a day.
pub async fn sweep(unit: &mut Unit) -> Result<u64, StoreError> {
    let before = unit.now().plus(-DAY).micros();
    let codes = change!(unit, "DELETE FROM mailed_code WHERE made_at <= $1", before)?;
    let secrets = change!(unit, "DELETE FROM totp WHERE state = 'pending' AND made_at <= $1", before)?;
    Ok(codes + secrets)
}
