//! Forgotten: how somebody who cannot sign in comes back.
//!
//! ```text
//! setting:      address typed ─> link by mail, one hour, once ─> everything old ends ─> setting up
//! strong roles: address typed ─> a request ─> another person who has spoken with them approves ─> link by mail …
//! ```
//!
//! In a setting too another person approves while the address was changed less than [`SETTLED`] ago: whoever can
//! change an address does not get into an account by it.
//!
//! Whoever types an address learns nothing: the answer is the same and goes out before the address is looked up.
//! An address that is nobody's is counted. A request or a mail for one address comes at most a few times an hour. Looking at a link uses
//! nothing up, because mail filters open links; its token is worked out from the letter's id.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::by_password::{folded, refuse};
use super::sessions::{Begin, begin};
use super::throttle;
use super::token::Token;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{LetterId, PersonId};
use crate::domain::people::{Person, Role};
use crate::domain::sign_in::{Method, Stage};
use crate::domain::time::{DAY, HOUR, Instant};
use crate::mail::Kind;
use crate::relay::{RESET, Relay, actor};
use crate::store::letters::{self, NewLetter};
use crate::store::resets::{self, Request};
use crate::store::{Sees, StoreError, Unit, credentials, joiners, passkeys, people, sessions};

/// How long a reset link works, microseconds.
pub const LASTS: i64 = HOUR;
/// How long an address has to have been the same before a link goes to it unasked, microseconds: its holder before
/// that was told of the change, and has so long to object.
pub const SETTLED: i64 = 3 * DAY;

/// How long after the answer its work begins: beside it, it would still be felt in the answer's time.
const LATER: Duration = Duration::from_millis(250);

/// A request that somebody may decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub id: String,
    /// Who cannot sign in.
    pub person: Person,
    /// When they asked.
    pub asked_at: Instant,
    /// Their address was changed a short while ago.
    pub moved: bool,
}

/// What becomes of an address that was typed.
pub enum Taken {
    /// Too many tries from this network: again in so many seconds.
    Wait(i64),
    /// What is to be done, if anything, is done behind the answer, which so takes no longer for an address that
    /// has an account. A crash loses it, as it loses a page that was not sent: they ask again.
    Behind,
}

/// Takes an address of somebody who cannot sign in.
pub async fn forgotten(relay: &Arc<Relay>, typed: &str, peer: IpAddr) -> Result<Taken, StoreError> {
    let address = folded(typed);
    if let Some(seconds) = throttle::take(relay, &throttle::for_network(relay, peer)).await? {
        return Ok(Taken::Wait(seconds));
    }
    let often = throttle::take(relay, &throttle::for_letter(relay, &address)).await?.is_some();
    let same = Arc::clone(relay);
    relay.behind.run(async move {
        tokio::time::sleep(LATER).await;
        if !often && let Err(error) = answer(&same, &address).await {
            tracing::error!(%error, "a forgotten password could not be followed up");
        }
    });
    Ok(Taken::Behind)
}

async fn answer(relay: &Relay, address: &str) -> Result<(), StoreError> {
    let mut read = relay.store.read().await?;
    let person = if address.is_empty() { None } else { people::by_email(&mut read, address).await? };
    let Some(person) = person else {
        drop(read);
        return refuse(relay, "forgotten").await;
    };
    let moved = moved(relay, &mut read, &person).await?;
    drop(read);
    match person.role.in_setting() && !moved {
        true => mail_link(relay, &person).await,
        false => queue(relay, &person).await,
    }
}

/// Whether somebody's address was changed a short while ago.
async fn moved(relay: &Relay, read: &mut impl Sees, person: &Person) -> Result<bool, StoreError> {
    Ok(is_new(relay, joiners::address_changed_at(read, person.id).await?))
}

/// Whether an address that was changed then is not settled yet; the epoch stands for never.
pub(super) fn is_new(relay: &Relay, changed_at: Instant) -> bool {
    changed_at.micros() != 0 && relay.clock.now() < changed_at.plus(SETTLED)
}

fn event(act: Act, who: Actor, person: PersonId) -> EventDraft {
    EventDraft::new(act, who).on(Object::new("person", Code::of(&person.to_string())))
}

/// A setting's person gets the link at once.
async fn mail_link(relay: &Relay, person: &Person) -> Result<(), StoreError> {
    let link = Link::new(relay, person);
    let event = event(Act::ResetAsked, Actor::stranger(), person.id);
    let mailed = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.record(event);
            link.mail(unit, &Actor::stranger()).await
        })
    });
    mailed.await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// A request of somebody whose reset another person approves.
async fn queue(relay: &Relay, person: &Person) -> Result<(), StoreError> {
    let id: String = relay.chance::<8>();
    let (person, event) = (person.id, event(Act::ResetAsked, Actor::stranger(), person.id));
    let queued = relay.store.write(move |unit| {
        Box::pin(async move {
            match resets::ask(unit, &id, person).await? {
                true => unit.record(event),
                false => unit.unaudited("a request that waits already stays as it is"),
            }
            Ok(())
        })
    });
    queued.await
}

/// A reset link on its way to somebody.
struct Link {
    hash: [u8; 32],
    person: PersonId,
    ends: Instant,
    letter: NewLetter,
}

impl Link {
    fn new(relay: &Relay, person: &Person) -> Self {
        let id = relay.fresh(LetterId::new);
        let letter = NewLetter {
            id,
            kind: Kind::Reset.code(),
            recipient: person.email.clone(),
            locality: String::new(),
            reference: String::new(),
            params: "{}".to_owned(),
        };
        let token = Token::parse(&relay.letter_token(RESET, id)).expect("a letter's token is 64 hex digits");
        Self { hash: token.hash(), person: person.id, ends: relay.clock.now().plus(LASTS), letter }
    }

    /// An earlier link that was not used ends.
    async fn mail(self, unit: &mut Unit, who: &Actor) -> Result<(), StoreError> {
        sessions::drop_links(unit, self.person, RESET).await?;
        sessions::insert_link(unit, self.hash, self.person, RESET, self.ends).await?;
        letters::queue(unit, who, &self.letter).await
    }
}

/// Whether a reset link can still be used; looking uses nothing up.
pub async fn look(relay: &Relay, link: &Token) -> Result<bool, StoreError> {
    let mut read = relay.store.read().await?;
    let person = sessions::look_at_link(&mut read, link.hash(), RESET, relay.clock.now()).await?;
    Ok(person.is_some())
}

/// Uses a reset link up: everything old ends, and a session for setting up begins. Of two uses at once, one
/// wins. `None` when the link is unknown, used or ended, or its person disabled.
pub async fn open(relay: &Relay, link: &Token, browser: &str) -> Result<Option<Token>, StoreError> {
    let hash = link.hash();
    let opened = relay.store.write(move |unit| {
        Box::pin(async move {
            let Some(person) = sessions::use_link(unit, hash, RESET).await? else {
                unit.unaudited("a link that opens nothing changes nothing");
                return Ok(None);
            };
            credentials::clear(unit, person).await?;
            for passkey in passkeys::of(unit, person).await? {
                passkeys::remove(unit, &Actor::stranger(), person, &passkey.id).await?;
            }
            resets::close_of(unit, person).await?;
            let ended = sessions::end_others(unit, person, "").await?;
            unit.record(event(Act::ResetUsed, Actor::stranger(), person).extra("ended", Code::number(ended)));
            Ok(Some(person))
        })
    });
    let how = Begin { stage: Stage::SetUp, method: Method::Link, checked: None, browser: browser.to_owned() };
    match opened.await? {
        Some(person) => begin(relay, person, how).await,
        None => Ok(None),
    }
}

/// Whether somebody may approve a person's reset: a duty lead that of people of their own lines; the
/// information governance lead everybody's; an administrator that of whoever sees no content, unless the
/// address was `moved` a short while ago, so that nobody gets in by an address that they changed. Nobody
/// their own.
pub fn may_decide(asker: &Person, person: &Person, moved: bool) -> bool {
    let theirs = match asker.role {
        Role::Administrator => {
            !moved && matches!(person.role, Role::Administrator | Role::Auditor | Role::Commissioner)
        }
        Role::DutyLead => person.role.on_line() && person.lines.iter().any(|line| asker.lines.contains(line)),
        Role::IgLead => true,
        _ => false,
    };
    theirs && asker.id != person.id
}

/// The requests that somebody may decide, the oldest first.
pub async fn waiting(relay: &Relay, asker: &Person) -> Result<Vec<Waiting>, StoreError> {
    let mut read = relay.store.read().await?;
    let mut found = Vec::new();
    for Request { id, person, asked_at } in resets::waiting(&mut read).await? {
        let Some(person) = people::find(&mut read, person).await? else { continue };
        let moved = moved(relay, &mut read, &person).await?;
        if may_decide(asker, &person, moved) {
            found.push(Waiting { id, person, asked_at, moved });
        }
    }
    Ok(found)
}

/// One request, if this person may decide it.
pub async fn find(relay: &Relay, asker: &Person, id: &str) -> Result<Option<Waiting>, StoreError> {
    let mut read = relay.store.read().await?;
    let Some(Request { id, person, asked_at }) = resets::find(&mut read, id).await? else { return Ok(None) };
    let Some(person) = people::find(&mut read, person).await? else { return Ok(None) };
    let moved = moved(relay, &mut read, &person).await?;
    Ok(may_decide(asker, &person, moved).then_some(Waiting { id, person, asked_at, moved }))
}

/// Approves or declines a request, with the event; an approved one's link is mailed. Whether it still
/// waited: of two people at once, one decides.
pub async fn decide(
    relay: &Relay,
    asker: &Person,
    asked: &Waiting,
    approve: bool,
) -> Result<bool, StoreError> {
    if !may_decide(asker, &asked.person, asked.moved) {
        return Err(StoreError::Missing("request"));
    }
    let (id, by, who) = (asked.id.clone(), asker.id, actor(asker));
    let act = if approve { Act::ResetApproved } else { Act::ResetDeclined };
    let (link, event) = (Link::new(relay, &asked.person), event(act, who.clone(), asked.person.id));
    let decided = relay.store.write(move |unit| {
        Box::pin(async move {
            if !resets::decide(unit, &id, by, approve).await? {
                unit.unaudited("somebody else decided first");
                return Ok(false);
            }
            unit.record(event);
            if approve {
                link.mail(unit, &who).await?;
            }
            Ok(true)
        })
    });
    let decided = decided.await?;
    relay.bell.notify_waiters();
    Ok(decided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrganisationId;

    fn person(n: u8, role: Role, lines: &[&str]) -> Person {
        let at = Instant::from_micros(0);
        Person {
            id: PersonId::new(at, [n; 10]),
            organisation: OrganisationId::new(at, [0; 10]),
            organisation_name: String::new(),
            name: String::new(),
            role,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            covers: vec!["swale".to_owned()],
            email: String::new(),
        }
    }

    #[test]
    fn nobody_decides_their_own_and_a_lead_only_their_lines() {
        let admin = person(1, Role::Administrator, &[]);
        let (lead, ig) = (person(2, Role::DutyLead, &["canterbury"]), person(3, Role::IgLead, &[]));
        let (here, there) = (person(4, Role::Duty, &["canterbury"]), person(5, Role::Duty, &["swale"]));
        let (auditor, other) = (person(6, Role::Auditor, &[]), person(7, Role::Administrator, &[]));
        for someone in [&lead, &ig, &here, &there, &auditor, &other] {
            let sees_content = someone.role.on_line() || someone.role == Role::IgLead;
            assert_eq!(may_decide(&admin, someone, false), !sees_content, "{:?}", someone.role);
            assert!(!may_decide(someone, someone, false), "{:?}", someone.role);
        }
        assert!(!may_decide(&admin, &admin, false));
        assert!(
            may_decide(&lead, &here, false)
                && !may_decide(&lead, &there, false)
                && !may_decide(&lead, &auditor, false)
        );
        assert!(
            may_decide(&ig, &auditor, false)
                && may_decide(&ig, &admin, false)
                && may_decide(&ig, &here, false)
        );
        for moved in [&auditor, &other] {
            assert!(!may_decide(&admin, moved, true), "an administrator can change the address");
            assert!(may_decide(&ig, moved, true));
        }
        let manager = person(9, Role::Manager, &[]);
        assert!(may_decide(&ig, &manager, false), "when their address was changed a short while ago");
        assert!(!may_decide(&admin, &manager, false) && !may_decide(&lead, &manager, false));
        for nobody in [&here, &auditor, &person(8, Role::Manager, &[])] {
            assert!(!may_decide(nobody, &there, false));
        }
    }
}
