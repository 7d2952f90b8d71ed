//! The loop around [`run_one`]: thin, because everything that matters is in there.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{Post, Ran, Settings, run_one};
use crate::relay::Relay;

/// How long the worker sleeps when nothing rings: letters that are due again, or that another process
/// queued, wait at most this long.
const SLEEP: Duration = Duration::from_secs(30);

/// Delivers letters until `stop` says true or its sender is gone.
///
/// It registers for the bell before it looks, so a letter queued in between wakes it. A letter that is
/// being sent when the stop comes is finished first (at most 60 seconds); if the process ends sooner,
/// the letter goes out again when its lease ends.
pub async fn worker(
    relay: Arc<Relay>,
    post: impl Into<Post>,
    settings: Settings,
    mut stop: watch::Receiver<bool>,
) {
    let post = post.into();
    loop {
        let mut rung = pin!(relay.bell.notified());
        rung.as_mut().enable();
        if *stop.borrow_and_update() {
            return;
        }
        match run_one(&relay, &post, &settings).await {
            Ok(Ran::Nothing) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!(%error, "letters cannot be delivered now"),
        }
        tokio::select! {
            () = &mut rung => {}
            () = tokio::time::sleep(SLEEP) => {}
            changed = stop.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}
