//! One-time codes: sent to the recorded contact when the family asks on the link's page, or read out by
//! staff. Six digits worked out from an id and the index key; they stand nowhere. Five wrong tries end the
//! link: a setting sends another.

use subtle::ConstantTimeEq as _;

use super::door::{Browser, open};
use super::kept::contact;
use super::{FamilyError, on_link};
use crate::audit::{Act, Actor, Outcome};
use crate::domain::agreement::CodeBy;
use crate::domain::family::{CODE, CODES, Channel, TRIES};
use crate::domain::ids::{LetterId, LinkId};
use crate::domain::people::Person;
use crate::relay::links::RECIPIENT;
use crate::relay::{Relay, actor};
use crate::store::family::{self, Link};
use crate::store::letters::{self, NewLetter};

/// What came of a try at a code.
pub enum Checked {
    /// Right: the browser that has the link open now.
    Open(Browser),
    /// Wrong, too late, or none was made; it can be tried again.
    Wrong,
    /// Tried too often: the link has ended.
    Ended,
}

/// Sends a code to the recorded contact. `false` when staff read codes out, or too many were sent.
pub async fn ask_code(relay: &Relay, link: &Link) -> Result<bool, FamilyError> {
    let there = contact(relay, link, Actor::system()).await?;
    let Some(channel) = there.code_channel() else { return Ok(false) };
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: match channel {
            Channel::Mail => "family-code",
            Channel::Text => "text-code",
        },
        recipient: format!("{RECIPIENT}{}", link.id),
        locality: String::new(),
        reference: String::new(),
        params: "{}".to_owned(),
    };
    let sent = make(relay, link.id, letter.id, Actor::family(), Some(letter)).await?;
    relay.bell.notify_waiters();
    Ok(sent)
}

/// Makes a code for staff to read out to the recorded number; `None` when the link has ended, or codes are
/// sent by the relay.
pub async fn code_to_read(
    relay: &Relay,
    person: &Person,
    link: &Link,
) -> Result<Option<String>, FamilyError> {
    if contact(relay, link, actor(person)).await?.code_by != CodeBy::ReadOut {
        return Ok(None);
    }
    let id = relay.fresh(LetterId::new);
    let made = make(relay, link.id, id, actor(person), None).await?;
    Ok(made.then(|| relay.family_code(id)))
}

async fn make(
    relay: &Relay,
    link: LinkId,
    code: LetterId,
    who: Actor,
    letter: Option<NewLetter>,
) -> Result<bool, FamilyError> {
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            let ends = unit.now().plus(CODE);
            if !family::set_code(unit, &who, link, code, ends, CODES).await? {
                unit.unaudited("the link has ended, or had its codes: nothing is sent");
                return Ok(false);
            }
            if let Some(letter) = letter {
                letters::queue(unit, &who, &letter).await?;
            }
            Ok(true)
        })
    });
    Ok(made.await?)
}

/// Tries a code. Each try is counted before it is looked at; a right one opens the link in a new browser.
pub async fn check_code(relay: &Relay, link: &Link, typed: &str) -> Result<Checked, FamilyError> {
    let id = link.id;
    let counted = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a try at a code is counted; what came of it is recorded");
            family::count_try(unit, id, TRIES).await
        })
    });
    let counted = counted.await?;
    let now = relay.clock.now();
    let mut read = relay.store.read().await?;
    let row = family::find(&mut read, id).await?;
    drop(read);
    let Some(row) = row.filter(|row| row.lives(now)) else { return Ok(Checked::Ended) };
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let right = row
        .code
        .filter(|_| now.micros() < row.code_ends_at && counted)
        .is_some_and(|code| bool::from(digits.as_bytes().ct_eq(relay.family_code(code).as_bytes())));
    match right {
        true => Ok(Checked::Open(open(relay, &row, false).await?)),
        false => wrong(relay, &row).await,
    }
}

/// Records a wrong try; the last one that is allowed ends the link.
async fn wrong(relay: &Relay, link: &Link) -> Result<Checked, FamilyError> {
    let last = link.tries >= TRIES;
    let (id, event) = (link.id, on_link(Act::FamilyCodeRefused, link).outcome(Outcome::Refused));
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.record(event);
            if last {
                family::end(unit, &Actor::system(), id).await?;
            }
            Ok(())
        })
    });
    written.await?;
    Ok(if last { Checked::Ended } else { Checked::Wrong })
}
