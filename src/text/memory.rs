//! Texts kept in memory: the demo shows them on a page, tests look at them. Nothing leaves the machine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Text, TextOutcome};

/// How many texts are kept; older ones fall out.
pub const MOST_KEPT: usize = 500;

/// A text that was captured. No `Debug`: its words may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Captured {
    /// What was handed over.
    pub text: Text,
    /// The words as somebody would have read them.
    pub words: String,
}

/// Captured texts. Clones share them.
#[derive(Clone, Default)]
pub struct Memory {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    kept: VecDeque<Captured>,
    answers: VecDeque<TextOutcome>,
}

impl Memory {
    /// Everything that was sent, oldest first, at most [`MOST_KEPT`].
    pub fn kept(&self) -> Vec<Captured> {
        self.inner().kept.iter().cloned().collect()
    }

    /// The next attempt that has no answer yet is answered like this, to show or test a gateway that refuses.
    pub fn answer_next(&self, outcome: TextOutcome) {
        self.inner().answers.push_back(outcome);
    }

    pub(super) fn send(&self, text: &Text) -> TextOutcome {
        let Ok(words) = text.kind.words(&text.given) else { return TextOutcome::permanent("not-written") };
        let mut inner = self.inner();
        let outcome = inner.answers.pop_front().unwrap_or_else(|| TextOutcome::sent("memory"));
        if matches!(outcome, TextOutcome::Sent { .. }) {
            if inner.kept.len() == MOST_KEPT {
                inner.kept.pop_front();
            }
            inner.kept.push_back(Captured { text: text.clone(), words });
        }
        outcome
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
