//! Work that goes on behind an answer which must not wait for it, so that the answer's time tells nothing. What
//! must not be lost does not belong here: a crash loses it.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// What goes on behind the answers.
#[derive(Default)]
pub struct Behind(Mutex<JoinSet<()>>);

impl Behind {
    /// Goes on with `work` by itself.
    pub fn run(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while parts.try_join_next().is_some() {}
        parts.spawn(work);
    }

    /// Waits until all that was begun has ended: before a stop, and in tests.
    pub async fn ended(&self) {
        let mut parts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        while parts.join_next().await.is_some() {}
    }
}
