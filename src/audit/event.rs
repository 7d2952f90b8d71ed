//! One event: who, what, on what, when, by which door, with what outcome. Ids and codes only.

use super::code::Code;
use super::tree::Hash;
use super::vocabulary::{Act, ActorKind, Door, Outcome};
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// Something that happened. Number and time are given by [`super::Head::admit`], nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, counted from 0 without a gap; also its leaf index in the tree.
    pub seq: u64,
    /// When: never earlier than the event before it.
    pub at: Instant,
    /// By which way it came in.
    pub door: Door,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub act: Act,
    /// To what.
    pub object: Object,
    /// The referral's short public reference, where there is one.
    pub reference: Option<Code>,
    /// The state that resulted.
    pub state: Option<Code>,
    /// SHA-256 of the sealed bytes that this act wrote or read.
    pub digest: Option<Hash>,
    /// Salted commitment to content that is sealed elsewhere, such as a typed reason.
    pub commitment: Option<Hash>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, as a code, such as `triage`.
    pub purpose: Option<Code>,
    /// Anything more that is a code: rule, edition, count.
    pub extra: BTreeMap<Code, Code>,
}

/// Who acted. Empty codes mean "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What sort of someone.
    pub kind: ActorKind,
    /// The account's or sender's id.
    pub id: Code,
    /// The role in which they acted.
    pub role: Code,
    /// The organisation for which they acted.
    pub organisation: Code,
}

/// What was acted on. The default is "nothing in particular".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// What it is, such as `referral`, `draft`, `mail`, `account`.
    pub kind: Code,
    /// Its id.
    pub id: Code,
    /// Its version, from 1; 0 when it has none.
    pub version: u64,
}

impl Actor {
    /// Someone signed in.
    pub fn person(id: Code, role: Code, organisation: Code) -> Self {
        Self { kind: ActorKind::Person, id, role, organisation }
    }

    /// A registered mail sender.
    pub fn sender(id: Code, organisation: Code) -> Self {
        Self { kind: ActorKind::Sender, id, role: Code::EMPTY, organisation }
    }

    /// A parent or carer on a page meant for them.
    pub fn family() -> Self {
        Self::of_kind(ActorKind::Family)
    }

    /// Nobody we know.
    pub fn stranger() -> Self {
        Self::of_kind(ActorKind::Stranger)
    }

    /// Whoever works at the command line.
    pub fn operator() -> Self {
        Self::of_kind(ActorKind::Operator)
    }

    /// The relay itself.
    pub fn system() -> Self {
        Self::of_kind(ActorKind::System)
    }

    fn of_kind(kind: ActorKind) -> Self {
        Self { kind, id: Code::EMPTY, role: Code::EMPTY, organisation: Code::EMPTY }
    }
}

impl Object {
    /// An object without versions.
    ///
    /// # Panics
    /// When the literal `kind` is not a code.
    pub fn new(kind: &'static str, id: impl Into<Code>) -> Self {
        Self { kind: Code::fixed(kind), id: id.into(), version: 0 }
    }

    /// The same object at a version, from 1.
    pub fn version(self, version: u64) -> Self {
        Self { version, ..self }
    }
}

/// What the store keeps beside the canonical bytes so that a trail can be filtered. Text, not
/// codes: when read back it is whatever the database says, to be compared, never believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The event's number.
    pub seq: u64,
    /// The event's time.
    pub at: Instant,
    /// The act's code.
    pub act: String,
    /// The actor's id, or empty.
    pub actor_id: String,
    /// The actor's role, or empty.
    pub actor_role: String,
    /// The actor's organisation, or empty.
    pub organisation: String,
    /// The object's kind, or empty.
    pub object_kind: String,
    /// The object's id, or empty.
    pub object_id: String,
    /// The referral's reference, or empty.
    pub reference: String,
}

/// The columns that belong to `event`: a pure function of it, so `verify` can re-derive them.
pub fn columns(event: &Event) -> Columns {
    Columns {
        seq: event.seq,
        at: event.at,
        act: event.act.code().to_owned(),
        actor_id: event.actor.id.to_string(),
        actor_role: event.actor.role.to_string(),
        organisation: event.actor.organisation.to_string(),
        object_kind: event.object.kind.to_string(),
        object_id: event.object.id.to_string(),
        reference: event.reference.as_ref().map_or_else(String::new, Code::to_string),
    }
}

impl Columns {
    /// The name of the first column that differs from `other`'s, in the order of declaration.
    pub fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let pairs = [
            ("seq", self.seq == other.seq),
            ("at", self.at == other.at),
            ("act", self.act == other.act),
            ("actor_id", self.actor_id == other.actor_id),
            ("actor_role", self.actor_role == other.actor_role),
            ("organisation", self.organisation == other.organisation),
            ("object_kind", self.object_kind == other.object_kind),
            ("object_id", self.object_id == other.object_id),
            ("reference", self.reference == other.reference),
        ];
        pairs.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
    }
}
