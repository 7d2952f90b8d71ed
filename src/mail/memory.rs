//! Letters kept in memory: the demo shows them on a page, tests look at them. Nothing leaves the
//! machine, so the published mailboxes of real duty lines never get mail from either.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Message, SendOutcome};

/// How many messages are kept; older ones fall out.
pub const MOST_KEPT: usize = 500;

/// Captured messages. Clones share them.
#[derive(Clone, Default)]
pub struct Memory {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    kept: VecDeque<Message>,
    answers: VecDeque<SendOutcome>,
}

impl Memory {
    /// Everything that was sent, oldest first, at most [`MOST_KEPT`].
    pub fn kept(&self) -> Vec<Message> {
        self.inner().kept.iter().cloned().collect()
    }

    /// The next attempt that has no answer yet is answered like this, to show or test a server that
    /// refuses.
    pub fn answer_next(&self, outcome: SendOutcome) {
        self.inner().answers.push_back(outcome);
    }

    pub(super) fn send(&self, message: &Message) -> SendOutcome {
        let mut inner = self.inner();
        let outcome = inner.answers.pop_front().unwrap_or_else(|| SendOutcome::sent("memory"));
        if matches!(outcome, SendOutcome::Sent { .. }) {
            if inner.kept.len() == MOST_KEPT {
                inner.kept.pop_front();
            }
            inner.kept.push_back(message.clone());
        }
        outcome
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mailer, message::sample};
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_last_five_hundred_and_answers_as_told() {
        let memory = Memory::default();
        let mailer = Mailer::Memory(memory.clone());
        memory.answer_next(SendOutcome::temporary("451"));
        assert_eq!(mailer.send(&sample()).await, SendOutcome::temporary("451"));
        assert!(memory.kept().is_empty(), "what was refused was not sent");
        for n in 0..=MOST_KEPT {
            let message = Message { subject: n.to_string(), ..sample() };
            assert_eq!(mailer.send(&message).await, SendOutcome::sent("memory"));
        }
        let kept = memory.kept();
        assert_eq!(kept.len(), MOST_KEPT);
        assert_eq!((kept[0].subject.as_str(), kept[MOST_KEPT - 1].subject.as_str()), ("1", "500"));
    }
}
