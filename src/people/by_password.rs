//! The first step: an address and a password.
//!
//! A stranger learns nothing from it about who has an account: an unknown address, one without a password
//! and a wrong password run the same statements and the same hashing, count under the same keys and get the
//! same answer. What strangers do is in the trail as a count, at most once a minute: they cannot fill it,
//! and it names nobody. A right password is an event of its person (the session that begins).

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::sessions::{Begin, begin};
use super::token::Token;
use super::{password, throttle};
use crate::audit::{Act, Actor, Code, EventDraft, Outcome};
use crate::domain::email::EmailAddress;
use crate::domain::people::Person;
use crate::domain::sign_in::{Method, Stage};
use crate::relay::Relay;
use crate::store::{StoreError, Unit, credentials, people, throttle as rows};

/// What somebody typed, and where from.
pub struct Attempt {
    /// The address, as typed.
    pub address: String,
    /// The password, as typed.
    pub password: Zeroizing<String>,
    /// Their network address.
    pub peer: IpAddr,
    /// The device cookie that their browser carries.
    pub device: Option<Token>,
    /// The browser, from a small fixed list (`web::browser`).
    pub browser: String,
}

/// How the first step ended.
pub enum FirstStep {
    /// Too many tries: again in so many seconds.
    Wait(i64),
    /// No such account, no password, or the wrong one: they look alike.
    Refused,
    /// Right: the session waits for the second step.
    Begun(Token),
}

/// Who that may be.
struct Found {
    person: Option<Person>,
    kept: Option<String>,
    /// The device cookie, when it is one of this person's.
    known: Option<Token>,
}

/// Tries an address and a password.
pub async fn by_password(relay: &Relay, attempt: Attempt) -> Result<FirstStep, StoreError> {
    let address = folded(&attempt.address);
    let found = look(relay, &address, attempt.device).await?;
    let guards = throttle::for_password(relay, &address, attempt.peer, found.known.as_ref());
    if let Some(seconds) = throttle::take(relay, &guards).await? {
        return Ok(FirstStep::Wait(seconds));
    }
    let right = password::verify(found.kept.clone(), &attempt.password).await;
    let (Some(person), Some(kept), true) = (found.person, found.kept, right) else {
        refuse(relay, "sign-in").await?;
        return Ok(FirstStep::Refused);
    };
    let was_right = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("tries are forgotten; the session that begins is recorded");
            throttle::right(unit, &guards).await
        })
    });
    was_right.await?;
    password::renew(relay, &person, &kept, &attempt.password).await?;
    let how =
        Begin { stage: Stage::Second, method: Method::Password, checked: None, browser: attempt.browser };
    Ok(begin(relay, person.id, how).await?.map_or(FirstStep::Refused, FirstStep::Begun))
}

/// An address as accounts have it; what is no address is kept as it is, and is nobody's.
pub(super) fn folded(typed: &str) -> String {
    EmailAddress::parse(typed).map_or_else(|_| typed.trim().to_lowercase(), |address| address.folded())
}

/// The same statements whatever is there.
async fn look(relay: &Relay, address: &str, device: Option<Token>) -> Result<Found, StoreError> {
    let mut read = relay.store.read().await?;
    let typed = if address.is_empty() { "nobody" } else { address };
    let person = people::by_email(&mut read, typed).await?;
    let kept = credentials::password(&mut read, person.as_ref().map(|person| person.id)).await?;
    let hash = device.as_ref().map_or([0; 32], Token::hash);
    let whose = rows::device(&mut read, hash, relay.clock.now()).await?;
    let known = device.filter(|_| whose.is_some() && whose == person.as_ref().map(|person| person.id));
    Ok(Found { person, kept, known })
}

/// Counts a refusal of nobody known.
pub(super) async fn refuse(relay: &Relay, kind: &'static str) -> Result<(), StoreError> {
    let counted = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("strangers' refusals are counted, and told once a minute");
            refused(unit, kind).await
        })
    });
    counted.await
}

async fn refused(unit: &mut Unit, kind: &'static str) -> Result<(), StoreError> {
    if let Some(count) = rows::count_refusal(unit, kind).await? {
        let event = EventDraft::new(Act::RefusalsCounted, Actor::stranger()).outcome(Outcome::Refused);
        unit.record(event.extra("kind", Code::fixed(kind)).extra("count", Code::number(count)));
    }
    Ok(())
}
