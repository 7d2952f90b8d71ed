//! Guessing made slow: how long somebody waits between tries.
//!
//! Each try is counted *before* it is looked at, under keys in the database, so that neither many requests at
//! once nor several copies of the relay give a guesser more tries. What is counted against whom:
//!
//! | who tries | counted under |
//! |---|---|
//! | a browser that signed in as this account before | a key of its own: nobody else can make it wait |
//! | any other browser | the address that was typed, whether there is such an account or not; and its network |
//!
//! Nobody is ever locked out: the wait ends, and is at most five minutes. Keys are HMACs, so that the table
//! tells nobody who tried to sign in. Peers on this machine have no key, because a proxy there speaks for
//! everybody.

use std::net::{IpAddr, Ipv6Addr};

use super::token::Token;
use crate::domain::ids::PersonId;
use crate::domain::time::{HOUR, MINUTE, SECOND};
use crate::relay::Relay;
use crate::store::throttle::{self, Bucket};
use crate::store::{StoreError, Unit};

/// How long after the last try a bucket starts from nothing, microseconds.
const FORGET: i64 = HOUR;

/// How many tries are free, and how the wait grows afterwards. Times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Tries without a wait.
    free: i64,
    /// The first wait; each further one is twice as long.
    first: i64,
    /// The longest wait.
    most: i64,
}

/// Passwords and second factors of one account.
const ACCOUNT: Rule = Rule { free: 3, first: 2 * SECOND, most: 5 * MINUTE };
/// A network: a whole setting may sign in from behind one address at eight in the morning.
const NETWORK: Rule = Rule { free: 30, first: 2 * SECOND, most: 5 * MINUTE };
/// Mails that a stranger can have sent to somebody.
const LETTERS: Rule = Rule { free: 2, first: 10 * MINUTE, most: HOUR };

/// One key under which a try is counted.
#[derive(Clone, Copy)]
pub(super) struct Guard {
    key: [u8; 32],
    rule: Rule,
    /// Others try under it too: somebody who was right takes back only their own try.
    shared: bool,
}

impl Rule {
    /// How long to wait after so many tries, microseconds.
    fn wait(self, tries: i64) -> i64 {
        let over = tries - self.free;
        if over < 0 {
            return 0;
        }
        let doubled = u32::try_from(over).ok().and_then(|over| 2_i64.checked_pow(over));
        doubled
            .and_then(|factor| self.first.checked_mul(factor))
            .map_or(self.most, |wait| wait.min(self.most))
    }

    fn after_a_try(self, bucket: Bucket, now: i64) -> Bucket {
        let fresh = now - bucket.last_at.max(bucket.next_at) > FORGET;
        let tries = if fresh { 1 } else { bucket.tries + 1 };
        Bucket { tries, next_at: now + self.wait(tries), last_at: now }
    }
}

fn own(relay: &Relay, label: &str, of: &[u8], rule: Rule) -> Guard {
    Guard { key: relay.keys.index_mac(label, of), rule, shared: false }
}

/// What counts a try at a password: the browser's own bucket when it is `known` as that account's, else the
/// typed address's and the network's.
pub(super) fn for_password(relay: &Relay, address: &str, peer: IpAddr, known: Option<&Token>) -> Vec<Guard> {
    match known {
        Some(device) => vec![own(relay, "tries-device", &device.hash(), ACCOUNT)],
        None => with_network(relay, own(relay, "tries-account", address.as_bytes(), ACCOUNT), peer),
    }
}

/// What counts a try at a second factor: only who knows the password comes so far.
pub(super) fn for_factor(relay: &Relay, person: PersonId, known: Option<&Token>) -> Vec<Guard> {
    match known {
        Some(device) => vec![own(relay, "tries-factor-device", &device.hash(), ACCOUNT)],
        None => vec![own(relay, "tries-factor", person.to_string().as_bytes(), ACCOUNT)],
    }
}

/// What counts a request to have a link mailed to an address.
pub(super) fn for_letter(relay: &Relay, address: &str) -> Vec<Guard> {
    vec![own(relay, "tries-letter", address.as_bytes(), LETTERS)]
}

/// The network alone.
pub(super) fn for_network(relay: &Relay, peer: IpAddr) -> Vec<Guard> {
    network(peer)
        .map(|network| Guard { shared: true, ..own(relay, "tries-network", &network, NETWORK) })
        .into_iter()
        .collect()
}

fn with_network(relay: &Relay, guard: Guard, peer: IpAddr) -> Vec<Guard> {
    let mut guards = for_network(relay, peer);
    guards.push(guard);
    guards
}

/// What of an address one customer has: all of IPv4's, the first half of IPv6's. None for this machine.
fn network(peer: IpAddr) -> Option<Vec<u8>> {
    match peer.to_canonical() {
        peer if peer.is_loopback() => None,
        IpAddr::V4(v4) => Some(v4.octets().to_vec()),
        IpAddr::V6(v6) => Some(Ipv6Addr::octets(&v6)[..8].to_vec()),
    }
}

/// Counts a try under every key, or counts nothing and gives how many whole seconds to wait.
pub(super) async fn take(relay: &Relay, guards: &[Guard]) -> Result<Option<i64>, StoreError> {
    let now = relay.clock.now().micros();
    let mut read = relay.store.read().await?;
    let mut waits = 0;
    for guard in guards {
        waits = waits.max(throttle::look(&mut read, guard.key).await?.next_at - now);
    }
    drop(read);
    if waits > 0 {
        return Ok(Some(seconds(waits)));
    }
    // Held in one order, so that two tries never wait for each other.
    let mut guards = guards.to_vec();
    guards.sort_by_key(|guard| guard.key);
    let counted = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("tries are counted; what they lead to is recorded");
            count(unit, &guards).await
        })
    });
    counted.await
}

async fn count(unit: &mut Unit, guards: &[Guard]) -> Result<Option<i64>, StoreError> {
    let now = unit.now().micros();
    let (mut waits, mut held) = (0, Vec::with_capacity(guards.len()));
    for guard in guards {
        let bucket = throttle::hold(unit, guard.key).await?;
        waits = waits.max(bucket.next_at - now);
        held.push((guard, bucket));
    }
    if waits > 0 {
        return Ok(Some(seconds(waits)));
    }
    for (guard, bucket) in held {
        throttle::put(unit, guard.key, guard.rule.after_a_try(bucket, now)).await?;
    }
    Ok(None)
}

/// Whole seconds, upwards.
fn seconds(micros: i64) -> i64 {
    (micros + SECOND - 1) / SECOND
}

/// Who tried was right: their own tries are forgotten, and among others' this one does not count.
pub(super) async fn right(unit: &mut Unit, guards: &[Guard]) -> Result<(), StoreError> {
    for guard in guards {
        match guard.shared {
            true => throttle::give_back(unit, guard.key).await?,
            false => throttle::forget(unit, guard.key).await?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_never_becomes_a_lock() {
        let waits: Vec<i64> = (1..=12).map(|tries| ACCOUNT.wait(tries) / SECOND).collect();
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(ACCOUNT.wait(i64::MAX), ACCOUNT.most);
        assert_eq!(NETWORK.wait(29), 0);
    }

    #[test]
    fn an_hour_after_the_last_wait_tries_are_forgotten() {
        let now = 10 * HOUR;
        let bucket = Bucket { tries: 9, next_at: now + MINUTE, last_at: now };
        assert_eq!(ACCOUNT.after_a_try(bucket, now + MINUTE + FORGET).tries, 10);
        assert_eq!(ACCOUNT.after_a_try(bucket, now + MINUTE + FORGET + 1).tries, 1);
    }

    #[test]
    fn a_network_is_what_one_customer_has() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("192.0.2.7"), Some(vec![192, 0, 2, 7]));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!((of("127.0.0.1"), of("::1")), (None, None));
    }
}
