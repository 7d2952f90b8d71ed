//! A code by mail, for roles whose rules allow it: settings whose rooms ban telephones.
//!
//! The six digits are worked out from the letter's id and the index key, by whoever writes the letter and
//! again by whoever checks it; no row and no backup holds them. A code works once, for ten minutes, five
//! tries, and only in the session that asked for it: somebody who can read the mailbox and not the session
//! can do nothing with it.

use subtle::ConstantTimeEq as _;

use super::SignedIn;
use crate::audit::EventDraft;
use crate::domain::ids::LetterId;
use crate::domain::time::{HOUR, MINUTE};
use crate::mail::Kind;
use crate::relay::{Relay, actor};
use crate::store::letters::{self, NewLetter};
use crate::store::{StoreError, credentials, throttle};

/// How long a code works, microseconds.
pub const LASTS: i64 = 10 * MINUTE;
/// How often one code may be tried.
const TRIES: i64 = 5;
/// How many codes somebody may ask for in an hour.
pub const AN_HOUR: i64 = 5;

/// Mails a code to the person of a session, with the letter's event. `false` when they asked too often.
pub async fn ask(relay: &Relay, now: &SignedIn) -> Result<bool, StoreError> {
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: Kind::MailedCode.code(),
        recipient: now.person.email.clone(),
        locality: String::new(),
        reference: String::new(),
        params: "{}".to_owned(),
    };
    let (person, session, who) = (now.person.id, now.session.id.clone(), actor(&now.person));
    let turn = relay.keys.index_mac("turn-mailed-code", person.to_string().as_bytes());
    let asked = relay.store.write(move |unit| {
        Box::pin(async move {
            // One at a time: two requests at once would both see the same count.
            throttle::hold(unit, turn).await?;
            let (since, ends) = (unit.now().plus(-HOUR), unit.now().plus(LASTS));
            if credentials::mailed_codes_since(unit, person, since).await? >= AN_HOUR {
                unit.unaudited("asked too often: nothing is sent");
                return Ok(false);
            }
            credentials::insert_mailed_code(unit, letter.id, person, &session, ends).await?;
            letters::queue(unit, &who, &letter).await?;
            Ok(true)
        })
    });
    let asked = asked.await?;
    relay.bell.notify_waiters();
    Ok(asked)
}

/// Whether a code was asked for in this session.
pub async fn was_asked(relay: &Relay, now: &SignedIn) -> Result<bool, StoreError> {
    let mut read = relay.store.read().await?;
    Ok(credentials::mailed_code(&mut read, now.person.id, &now.session.id).await?.is_some())
}

/// Whether this is the newest code of the session, not used, ended or tried too often; it is used up, with
/// `event`.
pub(super) async fn check(
    relay: &Relay,
    now: &SignedIn,
    typed: &str,
    event: EventDraft,
) -> Result<bool, StoreError> {
    let mut read = relay.store.read().await?;
    let letter = credentials::mailed_code(&mut read, now.person.id, &now.session.id).await?;
    drop(read);
    let Some(letter) = letter else { return Ok(false) };
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let right = bool::from(digits.as_bytes().ct_eq(relay.letter_code(letter).as_bytes()));
    let used = relay.store.write(move |unit| {
        Box::pin(async move {
            let may = credentials::try_mailed_code(unit, letter, TRIES).await?;
            let used = may && right && credentials::use_mailed_code(unit, letter).await?;
            match used {
                true => unit.record(event),
                false => unit.unaudited("a try at a code is counted; the refusal is recorded"),
            }
            Ok(used)
        })
    });
    used.await
}
