//! Links that work once. The token of a mailed link is HMAC(index key, letter id), so neither the
//! letter's row nor a backup holds it; that of a printed one is chance.

use super::sessions::{Begin, begin};
use super::token::Token;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::sign_in::{Method, Stage};
use crate::domain::time::MINUTE;
use crate::relay::Relay;
use crate::store::{StoreError, sessions};

/// How long a sign-in link from the command line lasts, microseconds.
pub const LINK: i64 = 15 * MINUTE;
/// What a link from the command line opens.
const SIGN_IN: &str = "sign-in";

/// Makes a single-use sign-in link for a person, on the word of whoever works at the machine.
pub async fn link(relay: &Relay, person: PersonId) -> Result<Token, StoreError> {
    let token = Token::new(relay);
    let (hash, ends) = (token.hash(), relay.clock.now().plus(LINK));
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                sessions::insert_link(unit, hash, person, SIGN_IN, ends).await?;
                let on = Object::new("person", Code::of(&person.to_string()));
                unit.record(EventDraft::new(Act::SignInLinkMade, Actor::operator()).on(on));
                Ok(())
            })
        })
        .await?;
    Ok(token)
}

/// Uses a sign-in link up; of two uses at once, one wins.
pub async fn use_link(relay: &Relay, link: &Token, browser: &str) -> Result<Option<Token>, StoreError> {
    let hash = link.hash();
    let used = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                unit.unaudited("the session that follows is recorded; an unused link changes nothing");
                sessions::use_link(unit, hash, SIGN_IN).await
            })
        })
        .await?;
    let by_link =
        Begin { stage: Stage::Full, method: Method::Link, checked: None, browser: browser.to_owned() };
    match used {
        Some(person) => begin(relay, person, by_link).await,
        None => Ok(None),
    }
}
