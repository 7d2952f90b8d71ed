//! What each handshake is shown: the certificate of the moment, or to a certificate authority that asks
//! whether a name is ours, the answer made for it (RFC 8737). A lock is held for as long as an `Arc` takes
//! to copy. Nothing is on disk here; a crash forgets open questions, and the next order asks anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::CHALLENGE_PROTOCOL;
use super::pair::Pair;

/// The certificates that a door shows.
#[derive(Debug, Default)]
pub struct Resolver {
    current: RwLock<Option<Pair>>,
    /// By name, in lower case.
    challenges: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Resolver {
    /// The pair of the moment, if there is one yet.
    pub fn current(&self) -> Option<Pair> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows this pair from now on.
    pub fn show(&self, pair: Pair) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(pair);
    }

    /// What to show to an authority that asks about a name.
    pub fn answer(&self, name: &str, shown: Arc<CertifiedKey>) {
        self.challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_ascii_lowercase(), shown);
    }

    /// Nobody is asked any more.
    pub fn forget_answers(&self) {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn answer_for(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name.to_ascii_lowercase())
            .cloned()
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if asks_whose_name(&hello) {
            return self.answer_for(hello.server_name()?);
        }
        self.current().map(|pair| pair.shown)
    }
}

/// An authority offers its one protocol and nothing beside it (RFC 8737, section 3).
fn asks_whose_name(hello: &ClientHello<'_>) -> bool {
    let Some(mut offered) = hello.alpn() else { return false };
    offered.next() == Some(CHALLENGE_PROTOCOL) && offered.next().is_none()
}
