//! The two doors and the judge, joined to the pipeline.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch as signal;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::pipeline::receive::Receiving;
use crate::pipeline::{PipelineError, judge};
use crate::relay::Relay;
use crate::smtp::{Envelope, Intake, Refusal, Sink};
use crate::store::{StoreError, mails};

/// How often received mail is looked for even when no bell rang.
const LOOK: Duration = Duration::from_secs(15);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves pages until the signal, then finishes what was begun.
pub async fn web(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: axum::Router,
    mut stop: signal::Receiver<bool>,
) {
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let served = match tls {
        None => axum::serve(listener, router).with_graceful_shutdown(stopped).await,
        Some(acceptor) => match TlsListener::start(listener, acceptor) {
            Ok(listener) => axum::serve(listener, router).with_graceful_shutdown(stopped).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = served {
        tracing::error!(cause = %error, "the web door closed");
    }
}

/// Most connections that shake hands at once.
const HANDSHAKES: usize = 64;

/// A listener whose connections have shaken hands, each in a task of its own: a slow one holds up
/// nobody else.
struct TlsListener {
    address: std::net::SocketAddr,
    ready: tokio::sync::mpsc::Receiver<(TlsStream<TcpStream>, std::net::SocketAddr)>,
}

impl TlsListener {
    fn start(listener: TcpListener, acceptor: TlsAcceptor) -> std::io::Result<Self> {
        let (sender, ready) = tokio::sync::mpsc::channel(HANDSHAKES);
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let places = Arc::new(tokio::sync::Semaphore::new(HANDSHAKES));
            while let Ok(place) = places.clone().acquire_owned().await {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = sender.closed() => return,
                };
                let Ok((stream, peer)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                    drop(place);
                });
            }
        });
        Ok(Self { address, ready })
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
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

/// Judges received mail, oldest first, one at a time, as long as the relay runs.
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

/// Judges everything that waits now.
pub async fn judge_all(relay: &Arc<Relay>, stop: &signal::Receiver<bool>) {
    let waiting = match relay.store.read().await {
        Ok(mut read) => mails::waiting(&mut read, relay.clock.now()).await,
        Err(error) => Err(error),
    };
    let waiting = match waiting {
        Ok(waiting) => waiting,
        Err(error) => return tracing::error!(cause = %error, "received mail cannot be looked for"),
    };
    for mail in waiting {
        if *stop.borrow() {
            return;
        }
        let relay = relay.clone();
        // A task of its own: a mail that makes its judge panic ends that task only, keeps its lease
        // and is held after the second attempt.
        match tokio::spawn(async move { judge(&relay, mail.id).await }).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::error!(cause = %error, mail = %mail.id, "a mail could not be judged yet")
            }
            Err(_) => tracing::error!(mail = %mail.id, "judging a mail panicked"),
        }
    }
}
