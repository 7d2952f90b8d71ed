//! What every step of the story and every act of a person needs, in one value: made by `app`, handed
//! to everybody else. It decides nothing.

pub mod behind;
pub mod decided;
pub mod links;
pub mod live;

use std::sync::Arc;

use crate::audit::{Actor, Code};
use crate::clock::{Clock, Rng};
use crate::domain::calendar::Calendar;
use crate::domain::family::FamilyRules;
use crate::domain::form::Context;
use crate::domain::ids::LetterId;
use crate::domain::lawful::LawfulRules;
use crate::domain::notice::Notice;
use crate::domain::people::Person;
use crate::domain::rights::RightsRules;
use crate::domain::sign_in::SignInRules;
use crate::domain::time::Instant;
use crate::gate::statements::Version;
use crate::gate::{GateRules, Statements};
use crate::routing::Places;
use crate::scan::Decoder;
use crate::seal::KeySet;
use crate::store::Store;
use live::{Calendars, LivePlaces, Rules, Schedule};

/// Sets mailed codes apart from every other use of the index key.
const MAILED_CODE: &str = "mailed-code";
/// What a reset link opens; also sets its token apart.
pub const RESET: &str = "reset";

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
    /// The gate's numbers and the meeting times that hold today: see [`Relay::gate`].
    pub rules: Schedule<&'static Rules>,
    /// Those of the configuration, which hold until an administrator decides.
    pub defaults: &'static Rules,
    /// The agreement statements that are known here: see [`Relay::statements`].
    statements: Arc<Statements>,
    /// The privacy notice: see [`Relay::notice`].
    notice: Arc<Notice>,
    /// Each line's working days.
    pub calendars: Calendars,
    /// How many decisions of administrators are in force or planned here.
    decisions: std::sync::atomic::AtomicI64,
    /// The rules of signing in.
    pub sign_in: SignInRules,
    /// How long families' links live.
    pub family: FamilyRules,
    /// The limits of cover, of openings by reason and of look-ups.
    pub rights: RightsRules,
    /// Whether a referral may go on without agreement, and on which bases.
    pub lawful: LawfulRules,
    /// Postcodes, localities, districts.
    pub places: LivePlaces,
    /// Who reads uploaded pictures and PDFs: a child process for each.
    pub decoder: Decoder,
    /// What goes on behind answers that do not wait for it.
    pub behind: behind::Behind,
    /// Rings when a mail waits to be judged or a letter to be sent.
    pub bell: tokio::sync::Notify,
    /// Free space is below the floor: nothing more is taken in.
    pub low_disk: std::sync::atomic::AtomicBool,
    /// The trail does not go on from what was signed before: nothing more is taken in, nothing signed.
    pub distrusted: std::sync::atomic::AtomicBool,
}

impl Relay {
    /// A relay with the default rules; callers change what their deployment decides otherwise
    /// ([`Relay::with_gate`]) and read what administrators decided ([`Relay::refresh`]).
    pub fn new(store: Store, keys: KeySet, clock: Clock, rng: Rng, places: Places) -> Self {
        let defaults = Rules::default().kept();
        Self {
            store,
            keys: Arc::new(keys),
            rng,
            rules: Schedule::always(clock.clone(), defaults),
            defaults,
            statements: Arc::new(Statements::shipped()),
            notice: Arc::default(),
            calendars: Calendars::default(),
            decisions: std::sync::atomic::AtomicI64::new(0),
            sign_in: SignInRules::default(),
            family: FamilyRules::default(),
            rights: RightsRules::default(),
            lawful: LawfulRules::default(),
            places: LivePlaces(Schedule::always(clock.clone(), Arc::new(places))),
            clock,
            decoder: Decoder::default(),
            behind: behind::Behind::default(),
            bell: tokio::sync::Notify::new(),
            low_disk: std::sync::atomic::AtomicBool::new(false),
            distrusted: std::sync::atomic::AtomicBool::new(false),
        }
    }

    /// The same with the gate's numbers of a configuration.
    #[must_use]
    pub fn with_gate(mut self, gate: GateRules) -> Self {
        self.defaults = Rules { gate, ..Rules::default() }.kept();
        self.rules = Schedule::always(self.clock.clone(), self.defaults);
        self
    }

    /// The same with a trust's own statements.
    #[must_use]
    pub fn with_statements(mut self, statements: Statements) -> Self {
        self.statements = Arc::new(statements);
        self
    }

    /// The same with the privacy notice of a configuration.
    #[must_use]
    pub fn with_notice(mut self, notice: Notice) -> Self {
        self.notice = Arc::new(notice);
        self
    }

    /// Every agreement statement that is known here.
    pub fn statements(&self) -> &Statements {
        &self.statements
    }

    /// The version of the statement that is shown today, in all its languages.
    pub fn statement(&self) -> &Version {
        self.statements.current(self.clock.now().day())
    }

    /// The privacy notice; its [`Notice::id`] is kept with every agreement.
    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    /// The gate's numbers that hold today.
    pub fn gate(&self) -> &'static GateRules {
        &self.rules.today().gate
    }

    /// What reading a form needs to know today.
    pub fn context(&self) -> Context<'_> {
        let rules = self.rules.today();
        Context {
            today: self.clock.now().day(),
            rules: &rules.slots,
            calendar: Calendar::england(),
            oldest_months: rules.gate.oldest_months,
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

    /// The token of a mailed link: [`Relay::letter_secret`] as 64 hexadecimal digits.
    pub fn letter_token(&self, purpose: &str, letter: LetterId) -> String {
        self.letter_secret(purpose, letter).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The six digits of a mailed code, from [`Relay::letter_secret`].
    pub fn letter_code(&self, letter: LetterId) -> String {
        self.code(MAILED_CODE, letter)
    }

    /// The six digits of a code that a letter or a text carries for one purpose.
    pub fn code(&self, purpose: &str, letter: LetterId) -> String {
        let secret = self.letter_secret(purpose, letter);
        let number = secret.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }

    /// So many bytes of chance as hexadecimal digits: names of rows, leases, tokens.
    pub fn chance<const N: usize>(&self) -> String {
        self.rng.bytes::<N>().iter().map(|byte| format!("{byte:02x}")).collect()
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
