//! Whether somebody may come in by a link, and in which browser.

use super::FamilyError;
use crate::domain::family::{OPEN, Purpose, read_short_code};
use crate::relay::Relay;
use crate::relay::links::hash;
use crate::store::family::{self, Link};

/// The secret that a browser keeps while it has a link open.
#[derive(Clone, PartialEq, Eq)]
pub struct Browser(String);

impl Browser {
    /// A new one, by chance.
    pub(super) fn new(relay: &Relay) -> Self {
        Self(relay.chance::<32>())
    }

    /// Reads one as a cookie carries it; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        sound.then(|| Self(text.to_owned()))
    }

    /// For the cookie; never for a log.
    pub fn secret(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// What stands behind a link's address.
pub enum Door {
    /// Nothing: never there, ended, used, cancelled, kept back. They look alike.
    Ended,
    /// It lives, and this browser has not opened it.
    Closed(Box<Link>),
    /// It is open in this browser.
    Open(Box<Link>),
}

/// Looks at a link by its token, for a browser.
pub async fn look(relay: &Relay, token: &str, browser: Option<&Browser>) -> Result<Door, FamilyError> {
    let now = relay.clock.now();
    let mut read = relay.store.read().await?;
    let link = family::by_token(&mut read, hash(token)).await?;
    let Some(link) = link.filter(|link| link.lives(now)) else { return Ok(Door::Ended) };
    let open = browser.is_some_and(|browser| link.open_in(&browser.hash(), now));
    // On a screen, the first browser is the only one.
    let taken = link.purpose == Purpose::SignHere && link.opened_at > 0;
    Ok(match (open, taken) {
        (true, _) => Door::Open(Box::new(link)),
        (false, true) => Door::Ended,
        (false, false) => Door::Closed(Box::new(link)),
    })
}

/// Opens a link that stands on the setting's screen: in this browser and no other.
///
/// # Errors
/// [`FamilyError::Conflict`] when another was first or it has ended; [`FamilyError::Missing`] for a link
/// that asks for a code.
pub async fn begin_here(relay: &Relay, link: &Link) -> Result<Browser, FamilyError> {
    match link.purpose {
        Purpose::SignHere => open(relay, link, true).await,
        Purpose::SignLater | Purpose::See => Err(FamilyError::Missing),
    }
}

/// Opens a link in a new browser, with its event.
pub(super) async fn open(relay: &Relay, link: &Link, first_only: bool) -> Result<Browser, FamilyError> {
    let browser = Browser::new(relay);
    let (id, hash) = (link.id, browser.hash());
    let until = relay.clock.now().plus(OPEN).min(link.ends);
    let opened = relay
        .store
        .write(move |unit| Box::pin(async move { family::open(unit, id, hash, until, first_only).await }));
    opened.await?;
    Ok(browser)
}

/// Closes a link in the browser that has it open.
pub async fn close(relay: &Relay, link: &Link) -> Result<(), FamilyError> {
    let id = link.id;
    Ok(relay.store.write(move |unit| Box::pin(async move { family::close(unit, id).await })).await?)
}

/// The token of the link with this short code, while it stands on a screen unopened. A wrong one is
/// counted nowhere: 31^8 codes, a handful alive, each for minutes (docs/threat-model.md).
pub async fn by_short_code(relay: &Relay, typed: &str) -> Result<Option<String>, FamilyError> {
    let Some(short) = read_short_code(typed) else { return Ok(None) };
    let mut read = relay.store.read().await?;
    let link = family::by_short(&mut read, relay.family_short_mac(&short), relay.clock.now()).await?;
    Ok(link.map(|link| relay.family_token(link.id)))
}
