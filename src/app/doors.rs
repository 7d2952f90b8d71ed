//! The two doors and the judge, joined to the pipeline.

mod redirect;
mod web;

pub use redirect::redirect;
pub use web::Front;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch as signal;

use crate::domain::ids::MailId;
use crate::pipeline::receive::Receiving;
use crate::pipeline::{PipelineError, judge};
use crate::relay::Relay;
use crate::smtp::{Envelope, Intake, Refusal, Sink};
use crate::store::{StoreError, mails};

/// How often received mail is looked for even when no bell rang.
const LOOK: Duration = Duration::from_secs(15);

/// Serves pages until the signal, then finishes what was begun.
pub async fn web(listener: TcpListener, front: Front, router: axum::Router, stop: signal::Receiver<bool>) {
    let service = TowerToHyperService::new(router);
    web::serve(listener, Arc::new(front), service, stop, web::Limits::default()).await;
}

/// The mail door's way into the pipeline.
pub struct MailDoor {
    /// Everything behind it.
    pub relay: Arc<Relay>,
}

/// A mail that is arriving by the mail door.
pub struct Arriving(Receiving);

impl Intake for MailDoor {
    type Sink = Arriving;

    async fn begin(&self, envelope: Envelope) -> Result<Arriving, Refusal> {
        if self.relay.low_disk.load(Ordering::Relaxed) {
            return Err(Refusal::DiskFull);
        }
        if self.relay.distrusted.load(Ordering::Relaxed) {
            return Err(Refusal::Busy);
        }
        let tls = envelope.tls.as_ref().map_or("", |tls| tls.version.as_str()).replace(' ', "");
        Ok(Arriving(Receiving::begin(self.relay.clone(), &envelope.from, &tls)))
    }
}

impl Sink for Arriving {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.0.write(bytes).await.map_err(|error| refusal(&error))
    }

    async fn commit(self) -> Result<String, Refusal> {
        match self.0.commit().await {
            Ok(id) => Ok(id.to_string()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

fn refusal(error: &PipelineError) -> Refusal {
    tracing::error!(cause = %error, "a mail could not be kept; it was not acknowledged");
    match error {
        PipelineError::Store(StoreError::Unknown(_)) => Refusal::Unknown,
        _ => Refusal::Busy,
    }
}

/// After a crash, the leases of the process that died would keep its mails waiting.
async fn let_go_of_leases(relay: &Relay) {
    let done = relay
        .store
        .write(|unit| {
            Box::pin(async move {
                unit.unaudited("leases of a process that is no more");
                mails::let_go(unit).await
            })
        })
        .await;
    if let Err(error) = done {
        tracing::warn!(cause = %error, "old leases run out by themselves");
    }
}

/// Judges received mail, one at a time, as long as the relay runs. The store says in which order.
pub async fn judge_mail(relay: Arc<Relay>, mut stop: signal::Receiver<bool>) {
    if relay.store.embedded() {
        let_go_of_leases(&relay).await;
    }
    loop {
        let rung = relay.bell.notified();
        judge_all(&relay, &stop).await;
        tokio::select! {
            () = rung => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Judges everything that waits now, each mail once. After a large one it looks again, because a smaller
/// one that came meanwhile goes first.
pub async fn judge_all(relay: &Arc<Relay>, stop: &signal::Receiver<bool>) {
    let mut tried = HashSet::new();
    loop {
        let mut waiting = waiting(relay).await;
        waiting.retain(|mail| !tried.contains(&mail.id));
        if waiting.is_empty() {
            return;
        }
        for mail in waiting {
            if *stop.borrow() {
                return;
            }
            tried.insert(mail.id);
            judge_one(relay, mail.id).await;
            if mail.size > mails::SMALL {
                break;
            }
        }
    }
}

async fn waiting(relay: &Relay) -> Vec<mails::Mail> {
    let waiting = match relay.store.read().await {
        Ok(mut read) => mails::waiting(&mut read, relay.clock.now()).await,
        Err(error) => Err(error),
    };
    waiting.unwrap_or_else(|error| {
        tracing::error!(cause = %error, "received mail cannot be looked for");
        Vec::new()
    })
}

/// A task of its own: a mail that makes its judge panic ends that task only, keeps its lease and is held
/// after the second attempt.
async fn judge_one(relay: &Arc<Relay>, id: MailId) {
    let relay = relay.clone();
    match tokio::spawn(async move { judge(&relay, id).await }).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(cause = %error, mail = %id, "a mail could not be judged yet"),
        Err(_) => tracing::error!(mail = %id, "judging a mail panicked"),
    }
}
