//! A setting signs itself up (issue 3, "Join").
//!
//! ```text
//!  number, name, address typed ──> letter with a link ──> link used: setting (not verified), person, session for setting up
//!                             └──> known already: a letter to who is known, and the same answer
//! ```
//!
//! Nothing is an account before the address is confirmed. The answer never tells whether a setting or an
//! address is known. Tries are counted by network address, number and mail address, as keyed hashes that
//! are kept for an hour.

use std::net::IpAddr;

use super::invitations::set_up;
use super::sessions::begin;
use super::token::Token;
use crate::audit::Actor;
use crate::domain::ids::{LetterId, OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::letters::{self, NewLetter};
use crate::store::people::{self, Organisation};
use crate::store::sign_ups::{self, SignUp};
use crate::store::{Sees, StoreError, Unit, joiners, settings};

/// How long the link that confirms an address can be used, microseconds.
pub const CONFIRM: i64 = DAY;
/// Most sign-ups from one network address in an hour: a council's office may help several settings.
const FROM_ADDRESS: i64 = 10;
/// Most sign-ups of one setting, and to one mail address, in an hour.
const FOR_ONE: i64 = 5;
/// What the link opens; also the kind of its letter.
const PURPOSE: &str = "sign-up";
/// The letter to who is known already.
const KNOWN: &str = "sign-up-known";
/// Most people of a known setting who are written to.
const MOST_TOLD: usize = 3;

/// What a unit of work needs for a sign-up and cannot make.
struct Prepared {
    sign_up: SignUp,
    macs: [([u8; 32], i64, i64); 3],
    link: NewLetter,
    hash: [u8; 32],
    told: [LetterId; MOST_TOLD],
}

/// Takes a sign-up: a letter goes out. `false` when there were too many tries: nothing goes out. The
/// answer is the same whether the setting or the address is known.
pub async fn sign_up(relay: &Relay, from: IpAddr, sign_up: SignUp) -> Result<bool, StoreError> {
    let prepared = prepare(relay, from, sign_up);
    let ends = relay.clock.now().plus(CONFIRM);
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a sign-up is no account yet; its letter is recorded");
            if too_many(unit, &prepared).await? {
                return Ok(false);
            }
            match known(unit, &prepared.sign_up).await? {
                None => {
                    sign_ups::insert(unit, prepared.hash, &prepared.sign_up, ends).await?;
                    letters::queue(unit, &Actor::stranger(), &prepared.link).await?;
                }
                Some(addresses) => tell(unit, &prepared.told, addresses).await?,
            }
            Ok(true)
        })
    });
    let taken = done.await?;
    relay.bell.notify_waiters();
    Ok(taken)
}

fn prepare(relay: &Relay, from: IpAddr, sign_up: SignUp) -> Prepared {
    let id = relay.fresh(LetterId::new);
    let mac =
        |what: &str, value: &str| relay.keys.index_mac("sign-up-try", format!("{what} {value}").as_bytes());
    let chance = || i64::from_be_bytes(relay.rng.bytes());
    Prepared {
        macs: [
            (mac("from", &network(from)), FROM_ADDRESS, chance()),
            (mac("urn", &sign_up.urn), FOR_ONE, chance()),
            (mac("to", &sign_up.email), FOR_ONE, chance()),
        ],
        link: letter(id, PURPOSE, sign_up.email.clone()),
        hash: Token::of_letter(relay, PURPOSE, id).hash(),
        told: std::array::from_fn(|_| relay.fresh(LetterId::new)),
        sign_up,
    }
}

/// The network that counts as one: an IPv4 address, or the 64 bits of an IPv6 network.
fn network(from: IpAddr) -> String {
    match from.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

fn letter(id: LetterId, kind: &'static str, recipient: String) -> NewLetter {
    let (locality, reference, params) = (String::new(), String::new(), "{}".to_owned());
    NewLetter { id, kind, recipient, locality, reference, params }
}

/// Whether there were too many tries; else notes this one.
async fn too_many(unit: &mut Unit, prepared: &Prepared) -> Result<bool, StoreError> {
    let now = unit.now();
    for (mac, most, _) in prepared.macs {
        if sign_ups::tries(unit, mac, now).await? >= most {
            return Ok(true);
        }
    }
    for (mac, _, id) in prepared.macs {
        sign_ups::note_try(unit, id, mac).await?;
    }
    Ok(false)
}

/// Who is to be told when the address or the setting is known: the address itself, and else the managers
/// of the setting, or whoever is there. `None` when neither is known.
async fn known(door: &mut impl Sees, sign_up: &SignUp) -> Result<Option<Vec<String>>, StoreError> {
    if people::address_is_taken(door, &sign_up.email).await? {
        return Ok(Some(vec![sign_up.email.clone()]));
    }
    let Some(setting) = people::organisation_with_urn(door, &sign_up.urn).await? else { return Ok(None) };
    let mut staff = Vec::new();
    for id in settings::people_of(door, setting.id).await? {
        staff.extend(people::find(door, id).await?);
    }
    if staff.is_empty() {
        return Ok(None);
    }
    let managers: Vec<&Person> = staff.iter().filter(|one| one.role == Role::Manager).collect();
    let told = if managers.is_empty() { staff.iter().collect() } else { managers };
    let addresses = told.into_iter().map(|one| one.email.clone()).filter(|email| !email.is_empty());
    Ok(Some(addresses.take(MOST_TOLD).collect()))
}

async fn tell(unit: &mut Unit, ids: &[LetterId], addresses: Vec<String>) -> Result<(), StoreError> {
    for (id, address) in ids.iter().zip(addresses) {
        letters::queue(unit, &Actor::stranger(), &letter(*id, KNOWN, address)).await?;
    }
    Ok(())
}

/// What using a confirmation link gave.
pub enum Confirmed {
    /// A session for setting up.
    Begun(Token),
    /// Somebody else of the setting was quicker: their manager can invite.
    Known,
    /// The link is unknown, used or ended.
    Ended,
}

/// The sign-up of a link that can still be used: for the page that asks. Looking uses nothing up.
pub async fn look(relay: &Relay, link: &Token) -> Result<Option<SignUp>, StoreError> {
    sign_ups::look(&mut relay.store.read().await?, link.hash(), relay.clock.now()).await
}

enum Used {
    Made(PersonId),
    Known,
    Ended,
}

/// Uses a confirmation link up: the setting is there, not verified, with its first person, who goes on to
/// set up how they sign in. Of two uses at once, one wins.
pub async fn confirm(relay: &Relay, link: &Token, browser: &str) -> Result<Confirmed, StoreError> {
    let hash = link.hash();
    let ids = (relay.fresh(OrganisationId::new), relay.fresh(PersonId::new));
    let used = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("an unknown link, or one that comes too late, changes nothing");
            joiners::one_at_a_time(unit).await?;
            let Some(sign_up) = sign_ups::take(unit, hash).await? else { return Ok(Used::Ended) };
            match known(unit, &sign_up).await? {
                Some(_) => Ok(Used::Known),
                None => make(unit, ids, sign_up).await.map(Used::Made),
            }
        })
    });
    match used.await? {
        Used::Made(person) => {
            let session = begin(relay, person, set_up(browser)).await?;
            Ok(session.map_or(Confirmed::Ended, Confirmed::Begun))
        }
        Used::Known => Ok(Confirmed::Known),
        Used::Ended => Ok(Confirmed::Ended),
    }
}

/// Makes the setting and its first person. A setting that was loaded from a list and has nobody is taken
/// over, and is to be checked from then on.
async fn make(
    unit: &mut Unit,
    (organisation, id): (OrganisationId, PersonId),
    sign_up: SignUp,
) -> Result<PersonId, StoreError> {
    let SignUp { urn, setting, postcode, phone, name, email, role } = sign_up;
    let who = Actor::stranger();
    let organisation = match people::organisation_with_urn(unit, &urn).await? {
        Some(loaded) => {
            settings::unverify(unit, &who, loaded.id).await?;
            loaded
        }
        None => {
            let kind = "setting".to_owned();
            let new = Organisation { id: organisation, kind, name: setting, urn, postcode, phone };
            people::insert_organisation(unit, &who, &new).await?;
            new
        }
    };
    let person = Person {
        id,
        organisation: organisation.id,
        organisation_name: organisation.name,
        name,
        role,
        lines: Vec::new(),
        covers: Vec::new(),
        email,
    };
    people::insert(unit, &who, &person).await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_house_is_one_network() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
    }
}
