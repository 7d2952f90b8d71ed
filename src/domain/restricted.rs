//! What must not leak is a type.
//!
//! On paper the alleged perpetrator's name stands beside the parent's signature. Here the
//! staff-only answers live in a wrapper that cannot be printed, logged, compared on a page or
//! serialised by accident: it has no `Debug`, no `Display`, no `Serialize` (DOMAIN section 3).

use super::access::RestrictedRecorded;

/// Answers that only a separately recorded act may open.
pub struct Restricted<T>(T);

impl<T> Restricted<T> {
    /// Wraps what must not leak.
    pub fn new(inner: T) -> Self {
        Self(inner)
    }

    /// Opens the wrapper for a reader whose act is already in the trail.
    pub fn open(&self, _recorded: &RestrictedRecorded) -> &T {
        &self.0
    }

    /// Opens the wrapper for sealing and for the gate's own checks; never for showing.
    /// `tests/it/architecture.rs` lists the few callers.
    pub(crate) fn for_sealing(&self) -> &T {
        &self.0
    }
}
