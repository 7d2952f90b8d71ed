//! How many may be at the door at one moment, in all and from one peer.
//!
//! A peer is an IPv4 address, or an IPv6 /64, which is what one customer gets. A slot is given back when it
//! is dropped, a panic included. The web door counts its connections with the same slots.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Counts {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// The places there are.
pub struct Slots {
    all: usize,
    per_peer: usize,
    counts: Mutex<Counts>,
}

/// One place, taken until it is dropped.
pub struct Slot {
    slots: Arc<Slots>,
    peer: Option<IpAddr>,
}

impl Slots {
    /// So many places in all, and so many for one peer.
    pub fn new(all: usize, per_peer: usize) -> Arc<Self> {
        Arc::new(Self { all, per_peer, counts: Mutex::default() })
    }

    /// Takes a place, if there is one.
    pub fn take(self: &Arc<Self>, from: IpAddr) -> Option<Slot> {
        let peer = peer_of(from);
        let mut counts = self.lock();
        let at_peer = counts.by_peer.get(&peer).copied().unwrap_or(0);
        if counts.all >= self.all || at_peer >= self.per_peer {
            return None;
        }
        counts.all += 1;
        counts.by_peer.insert(peer, at_peer + 1);
        Some(Slot { slots: Arc::clone(self), peer: Some(peer) })
    }

    /// Takes a place, if there is one, for a peer that speaks for many: a proxy.
    pub fn take_for_many(self: &Arc<Self>) -> Option<Slot> {
        let mut counts = self.lock();
        if counts.all >= self.all {
            return None;
        }
        counts.all += 1;
        Some(Slot { slots: Arc::clone(self), peer: None })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.lock();
        counts.all -= 1;
        let Some(peer) = self.peer else { return };
        match counts.by_peer.get_mut(&peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.by_peer.remove(&peer)),
        }
    }
}

/// Whom an address belongs to.
pub fn peer_of(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_has_its_share_and_all_have_theirs() {
        let slots = Slots::new(3, 2);
        let first = slots.take(ip("192.0.2.1")).unwrap();
        let _second = slots.take(ip("::ffff:192.0.2.1")).unwrap();
        assert!(slots.take(ip("192.0.2.1")).is_none());
        let third = slots.take(ip("192.0.2.2")).unwrap();
        assert!(slots.take(ip("192.0.2.3")).is_none());
        drop(first);
        let _again = slots.take(ip("192.0.2.1")).unwrap();
        assert!(slots.take(ip("192.0.2.2")).is_none());
        drop(third);
        assert!(slots.take(ip("192.0.2.2")).is_some());
    }

    #[test]
    fn a_proxy_has_no_share_of_its_own_and_is_one_of_all() {
        let slots = Slots::new(3, 1);
        let first = slots.take_for_many().unwrap();
        let _more = (slots.take_for_many().unwrap(), slots.take(ip("192.0.2.1")).unwrap());
        assert!(slots.take_for_many().is_none() && slots.take(ip("192.0.2.2")).is_none());
        drop(first);
        assert!(slots.take_for_many().is_some());
    }

    #[test]
    fn an_ipv6_customer_is_one_peer() {
        let slots = Slots::new(9, 1);
        let _one = slots.take(ip("2001:db8:0:1::1")).unwrap();
        assert!(slots.take(ip("2001:db8:0:1:ffff::2")).is_none());
        assert!(slots.take(ip("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn nothing_is_remembered_of_peers_that_left() {
        let slots = Slots::new(9, 9);
        drop(slots.take(ip("192.0.2.1")));
        let counts = slots.lock();
        assert!(counts.by_peer.is_empty() && counts.all == 0);
    }
}
