//! An event before it has number and time: what the other rooms hand to the store.

use super::code::Code;
use super::event::{Actor, Event, Object};
use super::tree::Hash;
use super::vocabulary::{Act, ActorKind, Door, Outcome};
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// What happened, still without number and time.
///
/// ```
/// use dutyline::audit::{Act, Actor, Code, Door, EventDraft, Object};
/// let nurse = Actor::person(Code::fixed("p-17"), Code::fixed("duty-practitioner"), Code::fixed("line-4"));
/// let draft = EventDraft::new(Act::ReferralOpened, nurse)
///     .on(Object::new("referral", Code::fixed("r-81")).version(1))
///     .reference(Code::fixed("K7M2-QX9"))
///     .purpose(Code::fixed("triage"));
/// assert_eq!(draft.door(), Door::Web);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft(Event);

impl EventDraft {
    /// `actor` did `act`: done, on nothing in particular, by the door that is usual for the kind of
    /// actor (people, families and strangers: web; senders: mail; operators: command; the relay: system).
    pub fn new(act: Act, actor: Actor) -> Self {
        let door = match actor.kind {
            ActorKind::Person | ActorKind::Family | ActorKind::Stranger => Door::Web,
            ActorKind::Sender => Door::Mail,
            ActorKind::Operator => Door::Command,
            ActorKind::System => Door::System,
        };
        Self(Event {
            seq: 0,
            at: Instant::from_micros(0),
            door,
            actor,
            act,
            object: Object::default(),
            reference: None,
            state: None,
            digest: None,
            commitment: None,
            outcome: Outcome::Done,
            purpose: None,
            extra: BTreeMap::new(),
        })
    }

    /// By another door than the usual one.
    #[must_use]
    pub fn through(mut self, door: Door) -> Self {
        self.0.door = door;
        self
    }

    /// What was acted on.
    #[must_use]
    pub fn on(mut self, object: Object) -> Self {
        self.0.object = object;
        self
    }

    /// The referral's public reference.
    #[must_use]
    pub fn reference(mut self, reference: Code) -> Self {
        self.0.reference = some(reference);
        self
    }

    /// The state that resulted.
    #[must_use]
    pub fn state(mut self, state: Code) -> Self {
        self.0.state = some(state);
        self
    }

    /// SHA-256 of the sealed bytes that were written or read.
    #[must_use]
    pub fn digest(mut self, digest: Hash) -> Self {
        self.0.digest = Some(digest);
        self
    }

    /// A salted commitment to what is sealed elsewhere.
    #[must_use]
    pub fn commitment(mut self, commitment: Hash) -> Self {
        self.0.commitment = Some(commitment);
        self
    }

    /// How it ended, when not [`Outcome::Done`].
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// Why.
    #[must_use]
    pub fn purpose(mut self, purpose: Code) -> Self {
        self.0.purpose = some(purpose);
        self
    }

    /// One thing more; the same key again replaces the first.
    ///
    /// # Panics
    /// When the literal `key` is not a code.
    #[must_use]
    pub fn extra(mut self, key: &'static str, value: Code) -> Self {
        self.0.extra.insert(Code::fixed(key), value);
        self
    }

    /// What was done.
    pub fn act(&self) -> Act {
        self.0.act
    }

    /// Who did it.
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// By which door.
    pub fn door(&self) -> Door {
        self.0.door
    }

    /// What was acted on.
    pub fn object(&self) -> &Object {
        &self.0.object
    }

    /// Whether it says the state that resulted: then it changed its object.
    pub fn says_state(&self) -> bool {
        self.0.state.is_some()
    }

    /// The event, with its number and time; only [`super::Head::admit`] may say these.
    pub(super) fn numbered(self, seq: u64, at: Instant) -> Event {
        Event { seq, at, ..self.0 }
    }

    /// A made-up one, for tests, pages and the demo.
    pub fn sample() -> Self {
        let person = Code::fixed("01900000-0000-7000-8000-000000000001");
        Self::new(
            Act::ReferralOpened,
            Actor::person(person, Code::fixed("duty-practitioner"), Code::fixed("kent-ashford")),
        )
        .on(Object::new("referral", Code::fixed("01900000-0000-7000-8000-0000000000aa")).version(1))
        .reference(Code::fixed("K7M2-QX9"))
        .state(Code::fixed("opened"))
        .digest([0x5a; 32])
        .purpose(Code::fixed("triage"))
        .extra("list", Code::fixed("inbox"))
    }
}

/// "Empty" and "none" have one form only, or two events that say the same would differ in bytes.
fn some(code: Code) -> Option<Code> {
    if code.is_empty() { None } else { Some(code) }
}
