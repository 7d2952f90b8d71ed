//! How much one peer may bring in an hour, so that nobody fills the disk or the judge's queue alone.
//!
//! A peer is what it is in [`super::slots`]: an IPv4 address or an IPv6 /64. Its hour begins with its first
//! mail. What is over is refused for now (452) and comes again later: a referral is delayed and never lost.
//! A peer on this machine is a mail server or a proxy that speaks for everybody, and is not counted.
//!
//! The table is bounded: when it is full, the peer whose hour began first makes room. Whoever has that many
//! addresses is not stopped by counting them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::limits::Limits;
use super::slots::peer_of;
use crate::domain::time::{HOUR, Instant};

/// What a peer has brought in its hour.
struct Window {
    began: Instant,
    mails: u32,
    bytes: u64,
}

impl Window {
    fn over(&self, now: Instant) -> bool {
        now >= self.began.plus(HOUR)
    }
}

/// Every peer's hour.
pub struct Rates {
    mails: u32,
    bytes: u64,
    peers: usize,
    local_too: bool,
    gateways: Vec<IpAddr>,
    windows: Mutex<HashMap<IpAddr, Window>>,
}

impl Rates {
    /// With the numbers of the table of limits, and nobody known yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            mails: limits.mails_an_hour,
            bytes: limits.bytes_an_hour,
            peers: limits.peers_counted,
            local_too: limits.local_counted,
            gateways: limits.gateways.iter().map(IpAddr::to_canonical).collect(),
            windows: Mutex::default(),
        }
    }

    /// Counts a mail that begins; `false` when the peer has had enough for this hour.
    pub fn mail(&self, from: IpAddr, now: Instant) -> bool {
        self.counted(from, now, |rates, window| {
            let fits = window.mails < rates.mails && window.bytes < rates.bytes;
            window.mails += u32::from(fits);
            fits
        })
    }

    /// Counts bytes of a mail; `false` when they are too many for this hour.
    pub fn bytes(&self, from: IpAddr, now: Instant, bytes: usize) -> bool {
        self.counted(from, now, |rates, window| {
            window.bytes = window.bytes.saturating_add(bytes as u64);
            window.bytes <= rates.bytes
        })
    }

    fn counted(&self, from: IpAddr, now: Instant, count: impl FnOnce(&Self, &mut Window) -> bool) -> bool {
        let address = from.to_canonical();
        if (address.is_loopback() && !self.local_too) || self.gateways.contains(&address) {
            return true;
        }
        let peer = peer_of(from);
        let mut windows = self.lock();
        if windows.get(&peer).is_none_or(|window| window.over(now)) {
            self.make_room(&mut windows, now);
            windows.insert(peer, Window { began: now, mails: 0, bytes: 0 });
        }
        windows.get_mut(&peer).is_none_or(|window| count(self, window))
    }

    /// Room for one more: hours that are over go, else the one that began first.
    fn make_room(&self, windows: &mut HashMap<IpAddr, Window>, now: Instant) {
        if windows.len() < self.peers {
            return;
        }
        windows.retain(|_, window| !window.over(now));
        if windows.len() < self.peers {
            return;
        }
        let first = windows.iter().min_by_key(|(_, window)| window.began).map(|(peer, _)| *peer);
        first.and_then(|peer| windows.remove(&peer));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn rates(mails: u32, bytes: u64) -> Rates {
        let numbers =
            Limits { mails_an_hour: mails, bytes_an_hour: bytes, peers_counted: 3, ..Limits::default() };
        Rates::new(&numbers)
    }

    const NOON: Instant = Instant::from_micros(1_795_262_400_000_000);

    #[test]
    fn a_peer_has_so_many_mails_an_hour_and_others_have_theirs() {
        let rates = rates(2, 100);
        let mail = |from, at| rates.mail(ip(from), at);
        assert!(mail("192.0.2.1", NOON) && mail("::ffff:192.0.2.1", NOON));
        assert!(!mail("192.0.2.1", NOON.plus(HOUR - 1)));
        assert!(mail("192.0.2.2", NOON));
        assert!(mail("192.0.2.1", NOON.plus(HOUR)), "a new hour");
        assert!(mail("2001:db8:0:1::1", NOON) && mail("2001:db8:0:1::2", NOON));
        assert!(!mail("2001:db8:0:1::3", NOON), "an IPv6 customer is one peer");
    }

    #[test]
    fn a_mail_server_in_front_speaks_for_everybody() {
        let gateways = vec![ip("192.0.2.25")];
        let rates = Rates::new(&Limits { mails_an_hour: 1, gateways, ..Limits::default() });
        for from in ["192.0.2.25", "::ffff:192.0.2.25", "192.0.2.25"] {
            assert!(rates.mail(ip(from), NOON), "{from}");
        }
        assert!(rates.mail(ip("192.0.2.26"), NOON) && !rates.mail(ip("192.0.2.26"), NOON));
    }

    #[test]
    fn bytes_count_while_they_arrive() {
        let rates = rates(9, 100);
        assert!(rates.mail(ip("192.0.2.1"), NOON));
        assert!(rates.bytes(ip("192.0.2.1"), NOON, 100));
        assert!(!rates.bytes(ip("192.0.2.1"), NOON, 1));
        assert!(!rates.mail(ip("192.0.2.1"), NOON));
        assert!(rates.mail(ip("192.0.2.1"), NOON.plus(HOUR)));
    }

    #[test]
    fn the_table_is_bounded_and_this_machine_is_not_in_it() {
        let rates = rates(1, 100);
        for last in 1..=200_u8 {
            assert!(rates.mail(IpAddr::from([192, 0, 2, last]), NOON.plus(i64::from(last))));
        }
        assert_eq!(rates.lock().len(), 3);
        assert!(!rates.mail(ip("192.0.2.200"), NOON.plus(300)), "the newest are known");
        for local in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(rates.mail(ip(local), NOON) && rates.mail(ip(local), NOON));
        }
        assert!(rates.mail(ip("198.51.100.1"), NOON.plus(HOUR + 300)));
        assert_eq!(rates.lock().len(), 1, "hours that are over are forgotten");
    }
}
