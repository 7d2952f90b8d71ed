//! Time and chance, the two things a decision must be handed and never take.
//!
//! Everything else in the library receives a [`Clock`] and an [`Rng`]; `.clippy.toml`
//! forbids the standard library's own ways to either.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::Instant;

/// Where "now" comes from. Whole microseconds since 1970, UTC.
#[derive(Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test or a demo sets by hand.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn fixed(start: Instant) -> Self {
        Clock::Set(Arc::new(AtomicI64::new(start.micros())))
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that looks at the machine's clock")]
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => Instant::from_micros(jiff::Timestamp::now().as_microsecond()),
            Clock::Set(at) => Instant::from_micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a set clock on by whole microseconds; the system's clock is not ours to move.
    pub fn advance(&self, micros: i64) {
        if let Clock::Set(at) = self {
            at.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

/// Where randomness comes from.
#[derive(Clone)]
pub enum Rng {
    /// The operating system.
    System,
    /// A counted, hashed sequence: the same seed gives the same ids (tests and sample data only).
    Seeded(Arc<AtomicI64>),
}

impl Rng {
    /// A repeatable source for tests and sample data. Never for keys.
    pub fn seeded(seed: i64) -> Self {
        Rng::Seeded(Arc::new(AtomicI64::new(seed)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system for chance")]
    /// Fills `buf`. The operating system's source failing is not survivable, and panics.
    pub fn fill(&self, buf: &mut [u8]) {
        match self {
            Rng::System => getrandom::fill(buf).expect("the operating system gives random bytes"),
            Rng::Seeded(counter) => fill_seeded(counter, buf),
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

fn fill_seeded(counter: &AtomicI64, buf: &mut [u8]) {
    use sha2::{Digest, Sha256};
    for piece in buf.chunks_mut(32) {
        let n = counter.fetch_add(1, Ordering::SeqCst);
        let block = Sha256::digest(n.to_be_bytes());
        piece.copy_from_slice(&block[..piece.len()]);
    }
}
