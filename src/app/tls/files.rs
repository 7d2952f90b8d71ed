//! Certificate files, replaced while the relay runs: by a person, by a tool that renews them.
//!
//! They are looked at each minute and on SIGHUP. A change is told by inode, length and times, which an
//! editor, `cp`, `mv` and a turned symbolic link all alter. What was put there has to be as good as what is
//! in use: readable, a pair, not run out, for the same names. If it is not, one line says so and the old
//! pair stays; the next change is looked at again, so that replacing two files one after the other works.
//! In the last fourteen days of the pair in use one line a day says so. Nothing is written here, so a crash
//! loses nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::sync::watch as signal;

use super::pair::{Pair, PairError};
use super::resolver::Resolver;
use crate::clock::Clock;
use crate::config;
use crate::domain::time::DAY;

/// Days before its end from which a pair from files is mentioned.
pub const SOON: i64 = 14;

/// Inode, length, and the times of content and of inode, seconds and nanoseconds.
type Stamp = (u64, u64, (i64, i64), (i64, i64));

/// Two files that are one pair, and where it is shown.
pub struct FilePair {
    files: config::Tls,
    names: Vec<String>,
    clock: Clock,
    resolver: Arc<Resolver>,
    seen: [Option<Stamp>; 2],
    /// The day on which its end was mentioned last.
    mentioned: Option<jiff::civil::Date>,
}

impl FilePair {
    /// Reads the pair and shows it. Names and time are not asked at the start: an operator may have
    /// nothing better yet, and `dutyline doctor` says it.
    ///
    /// # Errors
    /// Files that are no pair.
    pub fn open(files: config::Tls, names: Vec<String>, clock: Clock) -> Result<Self, PairError> {
        let seen = stamps(&files);
        let pair = Pair::from_files(&files)?;
        let resolver = Arc::new(Resolver::default());
        resolver.show(pair);
        Ok(Self { files, names, clock, resolver, seen, mentioned: None })
    }

    /// Where the pair is shown.
    pub fn resolver(&self) -> Arc<Resolver> {
        self.resolver.clone()
    }

    /// Takes up what changed since the last look, or what is there when somebody `asked`. Whether a new
    /// pair is shown now.
    pub fn look(&mut self, asked: bool) -> bool {
        // Stamps first: a change between them and the reading is seen by the next look.
        let stamps = stamps(&self.files);
        if stamps == self.seen && !asked {
            return false;
        }
        self.seen = stamps;
        let file = self.files.certificate.display();
        match Pair::from_files(&self.files).and_then(|pair| self.fit(pair)) {
            Ok(pair) => {
                tracing::info!(%file, until = pair.until.for_people(), "a new certificate is in use");
                self.resolver.show(pair);
                true
            }
            Err(why) => {
                tracing::warn!(cause = %why, "the new certificate is not used; the one before stays in use");
                false
            }
        }
    }

    /// Once a day in its last days, the end of the pair in use. Whether that was now.
    pub fn mention_its_end(&mut self) -> bool {
        let (now, Some(pair)) = (self.clock.now(), self.resolver.current()) else { return false };
        if pair.until > now.plus(SOON * DAY) || self.mentioned == Some(now.day()) {
            return false;
        }
        self.mentioned = Some(now.day());
        let (file, until) = (self.files.certificate.display(), pair.until.for_people());
        tracing::warn!(%file, until, "a certificate runs out and there is no newer one");
        true
    }

    fn fit(&self, new: Pair) -> Result<Pair, PairError> {
        let file = || self.files.certificate.display().to_string();
        if new.until <= self.clock.now() {
            return Err(PairError::RanOut { file: file(), until: new.until.for_people() });
        }
        let lacked = self.resolver.current().map(|old| old.lacks(&self.names)).unwrap_or_default();
        match new.lacks(&self.names).into_iter().find(|name| !lacked.contains(name)) {
            Some(name) => Err(PairError::OtherName { file: file(), name: name.to_owned() }),
            None => Ok(new),
        }
    }
}

fn stamps(files: &config::Tls) -> [Option<Stamp>; 2] {
    [stamp(&files.certificate), stamp(&files.key)]
}

fn stamp(file: &Path) -> Option<Stamp> {
    let meta = fs::metadata(file).ok()?;
    Some((meta.ino(), meta.len(), (meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec())))
}

/// Looks at every pair each `period` and at each hangup, until the signal. Without pairs a hangup is only
/// noted: it must not end the relay, as it would by default.
pub async fn watch(
    mut pairs: Vec<FilePair>,
    mut hangup: Signal,
    period: Duration,
    mut stop: signal::Receiver<bool>,
) {
    loop {
        let asked = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = hangup.recv() => true,
            () = tokio::time::sleep(period) => false,
        };
        if asked {
            tracing::info!(pairs = pairs.len(), "asked to look at certificate files");
        }
        for pair in &mut pairs {
            pair.look(asked);
            pair.mention_its_end();
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::domain::time::Instant;

    /// 21 November 2026, noon, UTC.
    const NOON: i64 = 1_795_262_400_000_000;

    struct Made {
        dir: TempDir,
        files: config::Tls,
    }

    impl Made {
        fn new() -> Self {
            let dir = TempDir::new().unwrap();
            let files =
                config::Tls { certificate: dir.path().join("web.pem"), key: dir.path().join("web.key") };
            Self { dir, files }
        }

        /// Puts a new pair there; the year in which it runs out.
        fn put(&self, name: &str, until: i32) {
            later();
            let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
            let key = rcgen::KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            fs::write(&self.files.certificate, certificate.pem()).unwrap();
            fs::write(&self.files.key, key.serialize_pem()).unwrap();
        }

        fn open(&self) -> FilePair {
            let clock = Clock::fixed(Instant::from_micros(NOON));
            FilePair::open(self.files.clone(), vec!["relay.example".to_owned()], clock).unwrap()
        }

        fn refusal(&self, pair: &FilePair) -> String {
            Pair::from_files(&self.files).and_then(|new| pair.fit(new)).unwrap_err().to_string()
        }
    }

    /// File systems write times in steps of some milliseconds.
    fn later() {
        std::thread::sleep(Duration::from_millis(20));
    }

    fn shown(pair: &FilePair) -> Vec<u8> {
        pair.resolver.current().unwrap().shown.cert[0].to_vec()
    }

    #[test]
    fn a_new_pair_is_taken_up_and_an_unchanged_one_is_not_read_again() {
        let made = Made::new();
        made.put("relay.example", 2030);
        let mut pair = made.open();
        let first = shown(&pair);
        assert!(!pair.look(false), "nothing changed");
        assert!(pair.look(true) && shown(&pair) == first, "read again when asked");
        made.put("relay.example", 2031);
        assert!(pair.look(false) && shown(&pair) != first);
        assert!(!pair.look(false));
    }

    #[test]
    fn what_is_worse_than_the_pair_in_use_is_refused_with_its_reason() {
        let made = Made::new();
        made.put("relay.example", 2030);
        let mut pair = made.open();
        let first = shown(&pair);
        let mut refused = |change: &dyn Fn(), words: &str| {
            later();
            change();
            let said = made.refusal(&pair);
            assert!(said.contains(words), "{words}: {said}");
            assert!(!pair.look(false) && shown(&pair) == first, "{words}");
            assert!(!pair.look(false), "said once");
        };
        refused(&|| made.put("relay.example", 2026), "ran out on 1 January 2026");
        refused(&|| made.put("other.example", 2030), "is not for relay.example");
        refused(&|| fs::write(&made.files.certificate, "-----BEGIN").unwrap(), "holds no certificate");
        refused(&|| fs::remove_file(&made.files.certificate).unwrap(), "cannot be read");
        let other = Made::new();
        other.put("relay.example", 2030);
        let half = || {
            fs::copy(&other.files.certificate, &made.files.certificate).unwrap();
        };
        refused(&half, "does not belong to the certificate");
        refused(&|| fs::write(&made.files.key, "no key").unwrap(), "holds no private key");
        later();
        fs::copy(&other.files.key, &made.files.key).unwrap();
        assert!(pair.look(false) && shown(&pair) != first, "the second half makes it whole");
    }

    #[test]
    fn its_end_is_mentioned_once_a_day_in_the_last_days() {
        let made = Made::new();
        made.put("relay.example", 2027); // 1 January, 41 days on
        let mut pair = made.open();
        let mut said_after = |days: i64| {
            pair.clock.advance(days * DAY);
            pair.mention_its_end()
        };
        assert_eq!([0, 20, 10, 0, 1, 20].map(&mut said_after), [false, false, true, false, true, true]);
        made.put("relay.example", 2030);
        assert!(pair.look(false) && !pair.mention_its_end());
    }

    #[tokio::test]
    async fn a_change_is_found_from_time_to_time_without_a_signal() {
        let made = Made::new();
        made.put("relay.example", 2030);
        let pair = made.open();
        let resolver = pair.resolver();
        let own = move || resolver.current().unwrap().shown.cert[0].to_vec();
        let first = own();
        let hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
        let (stop, stopped) = signal::channel(false);
        let watching = tokio::spawn(watch(vec![pair], hangup, Duration::from_millis(20), stopped));
        made.put("relay.example", 2031);
        for _ in 0..500 {
            if own() != first {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_ne!(own(), first, "within ten seconds");
        stop.send(true).unwrap();
        watching.await.unwrap();
    }

    #[test]
    fn a_turned_symbolic_link_is_a_change() {
        let (made, newer) = (Made::new(), Made::new());
        made.put("relay.example", 2030);
        newer.put("relay.example", 2031);
        let link = Made::new();
        for (name, from) in [("web.pem", &made), ("web.key", &made)] {
            std::os::unix::fs::symlink(from.dir.path().join(name), link.dir.path().join(name)).unwrap();
        }
        let mut pair = link.open();
        for name in ["web.pem", "web.key"] {
            let at = link.dir.path().join(name);
            fs::remove_file(&at).unwrap();
            std::os::unix::fs::symlink(newer.dir.path().join(name), &at).unwrap();
        }
        assert!(pair.look(false));
        assert_eq!(fs::read(&newer.files.certificate).unwrap(), fs::read(&link.files.certificate).unwrap());
    }

    #[test]
    fn a_pair_is_due_when_a_third_of_its_life_is_left() {
        let made = Made::new();
        let mut params = rcgen::CertificateParams::new(vec!["relay.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
        let pair = Pair::from_pem(pem.as_bytes(), pem.as_bytes(), &made.files).unwrap();
        assert_eq!(pair.due().for_people(), "2 March 2026, 12:00am");
        let names = ["relay.example", "RELAY.example", "duty.example", "192.0.2.1", "no name"];
        assert_eq!(pair.lacks(&names.map(str::to_owned)), ["duty.example", "192.0.2.1", "no name"]);
    }
}
