//! What every step of the story and every act of a person needs, in one value: made by `app`, handed
//! to everybody else. It decides nothing.

use std::sync::Arc;

use crate::audit::{Actor, Code};
use crate::clock::{Clock, Rng};
use crate::domain::calendar::Calendar;
use crate::domain::form::Context;
use crate::domain::ids::LetterId;
use crate::domain::people::Person;
use crate::domain::sign_in::SignInRules;
use crate::domain::slots::SlotRules;
use crate::domain::time::Instant;
use crate::gate::GateRules;
use crate::routing::Places;
use crate::seal::KeySet;
use crate::store::Store;

/// The store, the keys, time, chance, the rules and the places of one relay.
pub struct Relay {
    /// The store.
    pub store: Store,
    /// The key set.
    pub keys: Arc<KeySet>,
    /// Time.
    pub clock: Clock,
    /// Chance, for ids and tokens.
    pub rng: Rng,
    /// The gate's numbers.
    pub gate: GateRules,
    /// What lines allow for meetings.
    pub slots: SlotRules,
    /// The rules of signing in.
    pub sign_in: SignInRules,
    /// Postcodes, localities, districts.
    pub places: Arc<Places>,
    /// Rings when a mail waits to be judged or a letter to be sent.
    pub bell: tokio::sync::Notify,
    /// Free space is below the floor: nothing more is taken in.
    pub low_disk: std::sync::atomic::AtomicBool,
    /// The trail does not go on from what was signed before: nothing more is taken in, nothing signed.
    pub distrusted: std::sync::atomic::AtomicBool,
}

impl Relay {
    /// A relay with the default rules; callers change what their deployment decides otherwise.
    pub fn new(store: Store, keys: KeySet, clock: Clock, rng: Rng, places: Places) -> Self {
        Self {
            store,
            keys: Arc::new(keys),
            clock,
            rng,
            gate: GateRules::default(),
            slots: SlotRules::default(),
            sign_in: SignInRules::default(),
            places: Arc::new(places),
            bell: tokio::sync::Notify::new(),
            low_disk: std::sync::atomic::AtomicBool::new(false),
            distrusted: std::sync::atomic::AtomicBool::new(false),
        }
    }

    /// What reading a form needs to know today.
    pub fn context(&self) -> Context<'_> {
        Context {
            today: self.clock.now().day(),
            rules: &self.slots,
            calendar: Calendar::england(),
            oldest_months: self.gate.oldest_months,
        }
    }

    /// Runs what takes the processor for seconds, such as reading a large mail, beside the others' work.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        }
    }

    /// The secret of a mailed link or code: HMAC(index key, letter id) for one purpose. Neither the
    /// letter's row nor a backup holds it; the letter's writer works it out again when it is sent.
    pub fn letter_secret(&self, purpose: &str, letter: LetterId) -> [u8; 32] {
        self.keys.index_mac(purpose, letter.to_string().as_bytes())
    }

    /// [`Relay::letter_secret`] as a link carries it: 64 hexadecimal digits.
    pub fn letter_token(&self, purpose: &str, letter: LetterId) -> String {
        self.letter_secret(purpose, letter).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A new id from time and chance.
    pub fn fresh<T>(&self, make: impl Fn(Instant, [u8; 10]) -> T) -> T {
        make(self.clock.now(), self.rng.bytes())
    }
}

/// The actor under which a signed-in person's acts and reads are recorded.
pub fn actor(person: &Person) -> Actor {
    Actor::person(
        Code::of(&person.id.to_string()),
        Code::of(person.role.code()),
        Code::of(&person.organisation.to_string()),
    )
}
