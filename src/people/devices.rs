//! Browsers in which somebody signed in before: they have tries of their own, so that nobody's guessing
//! makes an account's owner wait. A device cookie signs nobody in.

use super::token::Token;
use crate::domain::ids::PersonId;
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::{StoreError, throttle};

/// How long a browser is known, days.
pub const DEVICE_DAYS: i64 = 180;

/// Remembers the browser in which a person has just signed in. Gives the cookie to set, or nothing when the
/// one that it `carries` says so already.
pub async fn remember(
    relay: &Relay,
    person: PersonId,
    carries: Option<&Token>,
) -> Result<Option<Token>, StoreError> {
    if is_known(relay, person, carries).await?.is_some() {
        return Ok(None);
    }
    let token = Token::new(relay);
    let (hash, ends) = (token.hash(), relay.clock.now().plus(DEVICE_DAYS * DAY));
    let kept = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a known browser signs nobody in; signing in is recorded");
            throttle::insert_device(unit, hash, person, ends).await
        })
    });
    kept.await?;
    Ok(Some(token))
}

/// The device cookie, when it is one of this person's.
pub(super) async fn is_known<'t>(
    relay: &Relay,
    person: PersonId,
    carries: Option<&'t Token>,
) -> Result<Option<&'t Token>, StoreError> {
    let Some(token) = carries else { return Ok(None) };
    let mut read = relay.store.read().await?;
    let whose = throttle::device(&mut read, token.hash(), relay.clock.now()).await?;
    Ok((whose == Some(person)).then_some(token))
}
