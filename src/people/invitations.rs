//! Invitations: a letter with a link that works once, for [`INVITATION`]. The link's token is HMAC(index
//! key, letter id), so neither the letter's row nor a backup holds it. Looking at the link uses nothing up:
//! mail scanners open links.
//!
//! A crash between the use of the link and the session leaves a link that is used: whoever may invite
//! sends it again.

use super::refused::PeopleError;
use super::sessions::{Begin, begin};
use super::token::Token;
use crate::audit::{Act, Actor, EventDraft};
use crate::domain::ids::{LetterId, PersonId};
use crate::domain::people::Person;
use crate::domain::sign_in::{Method, Stage};
use crate::domain::time::{DAY, Instant};
use crate::relay::Relay;
use crate::store::letters::{self, NewLetter};
use crate::store::{StoreError, Unit, people, sessions};

/// How long an invitation can be used, microseconds.
pub const INVITATION: i64 = 7 * DAY;
/// What its link opens; also the kind of its letter.
const PURPOSE: &str = "invitation";

/// An invitation before it is written: everything that a unit of work cannot make.
#[derive(Clone)]
pub(super) struct Prepared {
    person: PersonId,
    letter: NewLetter,
    hash: [u8; 32],
    ends: Instant,
}

/// Prepares an invitation; `by` is named in it.
pub(super) fn prepare(relay: &Relay, by: Option<PersonId>, to: &Person) -> Prepared {
    let id = relay.fresh(LetterId::new);
    let by = by.map_or_else(String::new, |id| id.to_string());
    let params = serde_json::json!({ "by": by, "organisation": to.organisation.to_string() });
    Prepared {
        person: to.id,
        hash: Token::of_letter(relay, PURPOSE, id).hash(),
        ends: relay.clock.now().plus(INVITATION),
        letter: NewLetter {
            id,
            kind: PURPOSE,
            recipient: to.email.clone(),
            locality: String::new(),
            reference: String::new(),
            params: params.to_string(),
        },
    }
}

/// Writes an invitation; an earlier one ends. The caller rings the bell after the commit.
pub(super) async fn put(unit: &mut Unit, who: &Actor, prepared: &Prepared) -> Result<(), StoreError> {
    let Prepared { person, letter, hash, ends } = prepared;
    sessions::drop_links(unit, *person, PURPOSE).await?;
    sessions::insert_link(unit, *hash, *person, PURPOSE, *ends).await?;
    letters::queue(unit, who, letter).await?;
    unit.record(EventDraft::new(Act::InvitationSent, who.clone()).on(super::of_person(*person)));
    Ok(())
}

/// Takes a person's invitation back; `false` when there was none.
pub(super) async fn take_back(unit: &mut Unit, who: &Actor, person: PersonId) -> Result<bool, StoreError> {
    let dropped = sessions::drop_links(unit, person, PURPOSE).await?;
    match dropped {
        0 => unit.unaudited("there was no invitation: nothing is changed"),
        _ => unit.record(EventDraft::new(Act::InvitationWithdrawn, who.clone()).on(super::of_person(person))),
    }
    Ok(dropped > 0)
}

/// Whose invitation this is, while it can be used: for the page that asks.
pub async fn invited(relay: &Relay, link: &Token) -> Result<Option<Person>, StoreError> {
    let mut read = relay.store.read().await?;
    let now = relay.clock.now();
    match sessions::look_at_link(&mut read, link.hash(), PURPOSE, now).await? {
        Some(id) => people::find(&mut read, id).await,
        None => Ok(None),
    }
}

/// Accepts an invitation: its link is used up, and a session begins in which a password or passkey is set
/// up. `None` when the link is unknown, used or ended; of two uses at once, one wins.
pub async fn accept(relay: &Relay, link: &Token, browser: &str) -> Result<Option<Token>, StoreError> {
    let hash = link.hash();
    let used = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("the session that follows is recorded; an unused link changes nothing");
            sessions::use_link(unit, hash, PURPOSE).await
        })
    });
    match used.await? {
        Some(person) => begin(relay, person, set_up(browser)).await,
        None => Ok(None),
    }
}

/// The session of somebody who came by a mailed link: only for setting up.
pub(super) fn set_up(browser: &str) -> Begin {
    Begin { stage: Stage::SetUp, method: Method::Link, checked: None, browser: browser.to_owned() }
}

/// Sends a person's invitation again; the earlier link ends.
///
/// # Errors
/// [`PeopleError::Missing`] when they are not the asker's to look after or have no access,
/// [`PeopleError::Refused`] when they have signed in before.
pub async fn send_again(relay: &Relay, who: &Person, id: PersonId) -> Result<(), PeopleError> {
    let listed = super::looking_after::find(relay, who, id).await?;
    if listed.disabled_at != 0 {
        return Err(PeopleError::Missing);
    }
    if listed.signed_in_at != 0 {
        return Err(PeopleError::Refused("They have signed in before and do not need an invitation"));
    }
    let (actor, prepared) = (crate::relay::actor(who), prepare(relay, Some(who.id), &listed.person));
    let sent = relay.store.write(move |unit| Box::pin(async move { put(unit, &actor, &prepared).await }));
    sent.await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// Withdraws a person's invitation: its link does nothing any more.
///
/// # Errors
/// [`PeopleError::Missing`] when they are not the asker's, [`PeopleError::Refused`] without an invitation.
pub async fn withdraw(relay: &Relay, who: &Person, id: PersonId) -> Result<(), PeopleError> {
    super::looking_after::find(relay, who, id).await?;
    let actor = crate::relay::actor(who);
    let taken = relay.store.write(move |unit| Box::pin(async move { take_back(unit, &actor, id).await }));
    let taken = taken.await?;
    taken.then_some(()).ok_or(PeopleError::Refused("There is no invitation that could be used"))
}
