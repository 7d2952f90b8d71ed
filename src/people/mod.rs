//! Who is at the door: sessions and sign-in links. A token is 256 random bits; the database keeps its
//! SHA-256 only, so a stolen backup signs nobody in.

use sha2::{Digest, Sha256};

use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::time::{HOUR, MINUTE};
use crate::relay::{Relay, actor};
use crate::store::{StoreError, people};

/// How long a session lasts, microseconds (10 hours: a working day on a shared computer).
pub const SESSION: i64 = 10 * HOUR;
/// How long a sign-in link from the command line lasts, microseconds.
pub const LINK: i64 = 15 * MINUTE;

/// A secret that a browser or a mail carries: 64 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    fn new(relay: &Relay) -> Self {
        Self(relay.rng.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Reads a token as it was sent; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        let sound =
            text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        sound.then(|| Self(text.to_owned()))
    }

    /// For the cookie or the link; never for a log.
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// Begins a session for a person who has shown who they are.
pub async fn sign_in(relay: &Relay, person: PersonId) -> Result<Option<Token>, StoreError> {
    let mut read = relay.store.read().await?;
    let Some(person) = people::find(&mut read, person).await? else { return Ok(None) };
    let token = Token::new(relay);
    let (hash, ends) = (token.hash(), relay.clock.now().plus(SESSION));
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                people::insert_session(unit, hash, person.id, ends).await?;
                unit.record(EventDraft::new(Act::SignedIn, actor(&person)));
                Ok(())
            })
        })
        .await?;
    Ok(Some(token))
}

/// Who has this session, if it has not ended.
pub async fn whose(relay: &Relay, token: &Token) -> Result<Option<Person>, StoreError> {
    let mut read = relay.store.read().await?;
    people::in_session(&mut read, token.hash(), relay.clock.now()).await
}

/// Ends a session at once.
pub async fn sign_out(relay: &Relay, token: &Token, person: &Person) -> Result<(), StoreError> {
    let (hash, who) = (token.hash(), actor(person));
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                people::end_session(unit, hash).await?;
                unit.record(EventDraft::new(Act::SignedOut, who));
                Ok(())
            })
        })
        .await
}

/// Makes a single-use sign-in link for a person, on the word of whoever works at the machine.
pub async fn link(relay: &Relay, person: PersonId) -> Result<Token, StoreError> {
    let token = Token::new(relay);
    let (hash, ends) = (token.hash(), relay.clock.now().plus(LINK));
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                people::insert_link(unit, hash, person, ends).await?;
                let on = Object::new("person", Code::of(&person.to_string()));
                unit.record(EventDraft::new(Act::SignInLinkMade, Actor::operator()).on(on));
                Ok(())
            })
        })
        .await?;
    Ok(token)
}

/// Uses a sign-in link up; of two uses at once, one wins.
pub async fn use_link(relay: &Relay, link: &Token) -> Result<Option<Token>, StoreError> {
    let hash = link.hash();
    let used = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                unit.unaudited("the session that follows is recorded; an unused link changes nothing");
                people::use_link(unit, hash).await
            })
        })
        .await?;
    match used {
        Some(person) => sign_in(relay, person).await,
        None => Ok(None),
    }
}

/// Takes away what has ended. Called from time to time.
pub async fn sweep(relay: &Relay) -> Result<u64, StoreError> {
    relay
        .store
        .write(|unit| {
            Box::pin(async move {
                unit.unaudited("sessions and links that have ended are housekeeping");
                people::sweep_sessions(unit).await
            })
        })
        .await
}
