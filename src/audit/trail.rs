//! The whole trail checked from beginning to end, naming the first event that does not fit.
//!
//! ```text
//!  who           has                                       uses           finds
//!  an outsider   canonical bytes, a signed checkpoint      verify_events  gap, order, form, time, root
//!  the relay     the same, with leaf hashes, columns,      TrailCheck     the same, the very event whose bytes
//!                the head row, checkpoints                                or columns were changed, and the head
//! ```
//!
//! Both go through [`Replay`], which admits the events again. The relay's check is a push, an event
//! at a time, so that the store can read the trail in pages; memory does not grow with the trail.

use super::canonical::{EventError, decode};
use super::checkpoint::Checkpoint;
use super::event::{Columns, Event, columns};
use super::head::Head;
use super::tree::{Hash, leaf_hash};
use crate::domain::time::Instant;

/// The first thing in a trail that does not fit. Numbers of events count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Another number stands where this one should: dropped, swapped or put in between.
    #[error("event {seq} is missing: event {found} stands in its place")]
    Order {
        /// The number that should stand here.
        seq: u64,
        /// The number that does.
        found: u64,
    },
    /// Bytes that are no event.
    #[error("event {seq} is not an event in canonical form: {why}")]
    Form {
        /// Its number.
        seq: u64,
        /// What is wrong with it.
        why: EventError,
    },
    /// Earlier than the event before it.
    #[error("event {seq} is earlier than the event before it")]
    Time {
        /// Its number.
        seq: u64,
    },
    /// The bytes do not hash to the leaf hash stored beside them.
    #[error("event {seq} was changed: its bytes do not have the hash that was stored with it")]
    Changed {
        /// Its number.
        seq: u64,
    },
    /// A column says something else than the event.
    #[error("event {seq} was changed: the column {column} does not say what the event says")]
    Column {
        /// Its number.
        seq: u64,
        /// The first column that differs.
        column: &'static str,
    },
    /// Fewer events than a checkpoint or the head row promises.
    #[error("event {seq} is missing: the trail ends before it, but {promised} events were recorded")]
    Short {
        /// The first that is missing.
        seq: u64,
        /// How many there should be.
        promised: u64,
    },
    /// More events than the checkpoint or the head row knows of.
    #[error("event {seq} was added: the trail had only {seq} events, numbered from 0, when it was closed")]
    Beyond {
        /// The first that is too many.
        seq: u64,
    },
    /// Every event is well formed, but together they are not what was recorded.
    #[error(
        "between event {seq} and event {last} something was changed: they do not add up to the recorded root"
    )]
    Root {
        /// The first that may be at fault: all before it are covered by a checkpoint that fits.
        seq: u64,
        /// The last that may be at fault.
        last: u64,
    },
    /// The head row has another time than the last event.
    #[error("the head row was changed: its time is not that of event {seq}, the last")]
    HeadTime {
        /// The number of the last event.
        seq: u64,
    },
}

impl Misfit {
    /// The number of the first event that does not fit, or that may be the one.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Order { seq, .. } | Self::Form { seq, .. } | Self::Time { seq } | Self::Changed { seq } => {
                *seq
            }
            Self::Column { seq, .. } | Self::Short { seq, .. } | Self::Beyond { seq } => *seq,
            Self::Root { seq, .. } | Self::HeadTime { seq } => *seq,
        }
    }
}

/// Admits recorded events again, in order.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    head: Head,
    /// So many events are covered by a checkpoint that fits.
    signed: u64,
}

impl Replay {
    /// Before the first event.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events have been taken.
    pub fn size(&self) -> u64 {
        self.head.size()
    }

    /// The time of the last event taken; 1970 before the first.
    pub fn last_at(&self) -> Instant {
        self.head.last_at()
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// When the bytes are not canonical, the number is not the next, or the time goes back.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Event, Misfit> {
        self.take(bytes, leaf_hash(bytes))
    }

    fn take(&mut self, bytes: &[u8], leaf: Hash) -> Result<Event, Misfit> {
        let seq = self.size();
        let event = decode(bytes).map_err(|why| Misfit::Form { seq, why })?;
        if event.seq != seq {
            return Err(Misfit::Order { seq, found: event.seq });
        }
        if event.at < self.head.last_at() {
            return Err(Misfit::Time { seq });
        }
        self.head.take(event.at, leaf);
        Ok(event)
    }

    /// Compares the events taken so far with a checkpoint of as many.
    ///
    /// # Errors
    /// When there are fewer or more, or their root is another.
    pub fn fits(&mut self, checkpoint: &Checkpoint) -> Result<(), Misfit> {
        self.same(checkpoint.size, checkpoint.root)?;
        self.signed = checkpoint.size;
        Ok(())
    }

    fn same(&self, size: u64, root: Hash) -> Result<(), Misfit> {
        let found = self.size();
        if found < size {
            return Err(Misfit::Short { seq: found, promised: size });
        }
        if found > size {
            return Err(Misfit::Beyond { seq: size });
        }
        if self.head.root() != root {
            return Err(Misfit::Root { seq: self.signed, last: size.saturating_sub(1) });
        }
        Ok(())
    }
}

/// Checks exported events against the checkpoint that closes them, and says how many there are.
/// The checkpoint's signature is checked where it is read: [`Checkpoint::parse_and_verify`].
///
/// # Errors
/// The first event that is out of order, not canonical, too early or too many, or the root.
pub fn verify_events<B: AsRef<[u8]>>(
    events: impl IntoIterator<Item = B>,
    checkpoint: &Checkpoint,
) -> Result<u64, Misfit> {
    let mut replay = Replay::new();
    for bytes in events {
        if replay.size() == checkpoint.size {
            replay.fits(checkpoint)?;
            return Err(Misfit::Beyond { seq: checkpoint.size });
        }
        replay.push(bytes.as_ref())?;
    }
    replay.fits(checkpoint)?;
    Ok(replay.size())
}

/// An event as the store has it: nothing in it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// The number under which it is stored.
    pub seq: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The leaf hash beside them.
    pub leaf_hash: Hash,
    /// The columns beside them.
    pub columns: Columns,
}

/// What a check of the store's trail found when everything fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many events there are.
    pub events: u64,
    /// How many of them a signed checkpoint covers. The rest (at most those since the last
    /// checkpoint) fit the head row only, which whoever can write the database can write too.
    pub signed: u64,
}

/// The check of the store's trail, an event at a time.
#[derive(Debug)]
pub struct TrailCheck<'a> {
    replay: Replay,
    /// Checkpoints not reached yet, the nearest last.
    ahead: Vec<&'a Checkpoint>,
}

impl<'a> TrailCheck<'a> {
    /// A check against these checkpoints, whose signatures were verified: the latest one at least;
    /// the more there are, the closer a change is named. Any order.
    pub fn new(checkpoints: &'a [Checkpoint]) -> Self {
        let mut ahead: Vec<_> = checkpoints.iter().collect();
        ahead.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        Self { replay: Replay::new(), ahead }
    }

    /// Takes the next stored event, and gives it back decoded (for comparing digests with content).
    ///
    /// # Errors
    /// What does not fit about this event, or the range up to it when a checkpoint does not.
    pub fn push(&mut self, stored: &StoredEvent) -> Result<Event, Misfit> {
        self.compare()?;
        let seq = self.replay.size();
        if stored.seq != seq {
            return Err(Misfit::Order { seq, found: stored.seq });
        }
        let leaf = leaf_hash(&stored.bytes);
        if leaf != stored.leaf_hash {
            return Err(Misfit::Changed { seq });
        }
        let event = self.replay.take(&stored.bytes, leaf)?;
        if let Some(column) = columns(&event).first_difference(&stored.columns) {
            return Err(Misfit::Column { seq, column });
        }
        Ok(event)
    }

    /// Compares the end with the head row.
    ///
    /// # Errors
    /// When a checkpoint or the head promises more, fewer or other events.
    pub fn finish(mut self, head: &Head) -> Result<Checked, Misfit> {
        self.compare()?;
        if let Some(longest) = self.ahead.first() {
            return Err(Misfit::Short { seq: self.replay.size(), promised: longest.size });
        }
        self.replay.same(head.size(), head.root())?;
        let events = self.replay.size();
        if self.replay.head.last_at() != head.last_at() {
            return Err(Misfit::HeadTime { seq: events.saturating_sub(1) });
        }
        Ok(Checked { events, signed: self.replay.signed })
    }

    /// Compares with every checkpoint of exactly as many events as were taken.
    fn compare(&mut self) -> Result<(), Misfit> {
        while let Some(next) = self.ahead.pop_if(|next| next.size == self.replay.size()) {
            self.replay.fits(next)?;
        }
        Ok(())
    }
}

/// The whole check in one go: the first event of a stored trail that does not fit its bytes, its
/// columns, its place, the checkpoints (see [`TrailCheck::new`]) or the head.
///
/// # Errors
/// That first misfit.
pub fn first_misfit(
    stored: impl IntoIterator<Item = StoredEvent>,
    head: &Head,
    checkpoints: &[Checkpoint],
) -> Result<Checked, Misfit> {
    let mut check = TrailCheck::new(checkpoints);
    for event in stored {
        check.push(&event)?;
    }
    check.finish(head)
}

#[cfg(test)]
mod tests;
