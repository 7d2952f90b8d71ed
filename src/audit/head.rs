//! The head of the trail: how many events there are, the time of the last, and the tree's edge.
//! [`Head::admit`] is the single place where an event gets its number and time.
//!
//! The store keeps it as one row that every writing unit touches last, reads it under that row's
//! lock and never caches it (DESIGN section 6). A crash between admitting and committing admits
//! nothing: the row still says what it said.

use super::canonical::encode;
use super::draft::EventDraft;
use super::event::{Columns, Event, columns};
use super::tree::{Edge, EdgeError, Hash, leaf_hash};
use crate::domain::time::Instant;

/// Where the trail has got to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    last_at: Instant,
    edge: Edge,
}

/// An event with all that the store writes for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The event, numbered and timed.
    pub event: Event,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub leaf_hash: Hash,
}

impl Admitted {
    /// The columns that stand beside the bytes.
    pub fn columns(&self) -> Columns {
        columns(&self.event)
    }
}

impl Default for Head {
    fn default() -> Self {
        Self::new()
    }
}

impl Head {
    /// The head of an empty trail; its time is 1970, so no event is earlier.
    pub fn new() -> Self {
        Self { last_at: Instant::from_micros(0), edge: Edge::new() }
    }

    /// The head as its row holds it: size, time of the last event, [`Edge::encode`]'s bytes.
    ///
    /// # Errors
    /// When the edge's bytes do not read, or speak of another size than the row.
    pub fn from_row(size: u64, last_at: Instant, edge: &[u8]) -> Result<Self, EdgeError> {
        let edge = Edge::decode(edge)?;
        if edge.size() != size {
            return Err(EdgeError::Size { inside: edge.size(), beside: size });
        }
        Ok(Self { last_at, edge })
    }

    /// How many events there are; also the number of the next one.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The time of the last event; 1970 when there is none.
    pub fn last_at(&self) -> Instant {
        self.last_at
    }

    /// The tree's edge.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// Takes an event into the trail: gives it the next number and a time that is `now`, or the last
    /// event's time when the clock has gone back, and appends it to the edge.
    pub fn admit(&mut self, now: Instant, draft: EventDraft) -> Admitted {
        let event = draft.numbered(self.size(), now.max(self.last_at));
        let bytes = encode(&event);
        let leaf_hash = leaf_hash(&bytes);
        self.take(event.at, leaf_hash);
        Admitted { event, bytes, leaf_hash }
    }

    /// Appends an event that was admitted before, while a trail is checked.
    pub(super) fn take(&mut self, at: Instant, leaf: Hash) {
        self.last_at = at;
        self.edge.append(leaf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::decode;

    #[test]
    fn numbers_have_no_gap_and_time_never_goes_back() {
        let mut head = Head::new();
        let clock = [50, 70, 20, 70, 71].map(Instant::from_micros);
        let admitted = clock.map(|now| head.admit(now, EventDraft::sample()));
        assert_eq!(admitted.each_ref().map(|a| a.event.seq), [0, 1, 2, 3, 4]);
        assert_eq!(admitted.each_ref().map(|a| a.event.at.micros()), [50, 70, 70, 70, 71]);
        assert_eq!(head.last_at().micros(), 71);
        assert_eq!(head.root(), crate::audit::tree::root(&admitted.each_ref().map(|a| a.leaf_hash)));
        for a in &admitted {
            assert_eq!(decode(&a.bytes).as_ref(), Ok(&a.event));
            assert_eq!(a.columns().seq, a.event.seq);
        }
    }

    #[test]
    fn a_head_goes_on_from_its_row() {
        let mut head = Head::new();
        (0..7).for_each(|_| drop(head.admit(Instant::from_micros(9), EventDraft::sample())));
        let row = head.edge().encode();
        let mut again = Head::from_row(7, Instant::from_micros(9), &row).unwrap();
        assert_eq!(again, head);
        let next = again.admit(Instant::from_micros(3), EventDraft::sample());
        assert_eq!((next.event.seq, next.event.at.micros()), (7, 9));
        let wrong = Head::from_row(8, Instant::from_micros(9), &row);
        assert_eq!(wrong, Err(EdgeError::Size { inside: 7, beside: 8 }));
    }
}
