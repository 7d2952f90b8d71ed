//! Opens the mail door: accepts connections, gives each a place and a task of its own, and closes the door
//! in good order.
//!
//! On a stop (DESIGN section 10) nobody new is let in, sessions between mails get 421, mails in flight have
//! [`limits::STOP_TIME`](super::limits::STOP_TIME) to finish. What has not finished by then is dropped
//! unacknowledged, and its sender tries again.

use std::fmt;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::rustls::ServerConfig;
use tracing::{error, info, warn};

use super::address::Addresses;
use super::connection::Connection;
use super::handover::Intake;
use super::limits::{ACCEPT_PAUSE, LINGER_TIME, Limits};
use super::rates::Rates;
use super::reply;
use super::slots::Slots;
use super::wire::Wire;
use crate::clock::Clock;

/// How the mail door is set up.
pub struct Config {
    /// Our own name, as greeting and `Received:` give it; a host name.
    pub hostname: String,
    /// The addresses that exist here.
    pub addresses: Addresses,
    /// With it STARTTLS is offered. Its certificate resolver may change certificates while we run.
    pub tls: Option<Arc<ServerConfig>>,
    /// What dates the `Received:` header.
    pub clock: Clock,
    /// How much a client may have.
    pub limits: Limits,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("hostname", &self.hostname)
            .field("tls", &self.tls.is_some())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Serves mail on `listener` until `stop` turns true or its sender is dropped, and returns when every
/// connection has ended, [`Limits::stop_time`] later at most.
pub async fn serve(
    listener: TcpListener,
    config: Arc<Config>,
    intake: Arc<impl Intake>,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Slots::new(config.limits.connections, config.limits.connections_per_peer);
    let rates = Arc::new(Rates::new(&config.limits));
    let mut tasks = JoinSet::new();
    let mut number = 0;
    let signal = stop.clone();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(done) = tasks.join_next() => report(done),
            stream = accept(&listener) => {
                number += 1;
                let (stream, peer) = stream;
                let Some(slot) = slots.take(peer) else {
                    warn!(connection = number, "mail connection turned away, too many");
                    tasks.spawn(turn_away(stream));
                    continue;
                };
                let (config, intake, stop) = (Arc::clone(&config), Arc::clone(&intake), signal.clone());
                let rates = Arc::clone(&rates);
                tasks.spawn(Connection { number, config, intake, stop, slot, rates }.run(stream, peer));
            }
        }
    }
    drop(listener);
    finish(tasks, &config.limits).await;
}

/// The next connection. The operating system's refusals are waited out, because they pass.
async fn accept(listener: &TcpListener) -> (TcpStream, std::net::IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip().to_canonical()),
            Err(error) => {
                warn!(kind = ?error.kind(), "mail connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn turn_away(stream: TcpStream) {
    let mut wire = Wire::new(stream, LINGER_TIME);
    wire.say(&reply::too_many_connections());
    wire.close().await;
}

async fn finish(mut tasks: JoinSet<()>, limits: &Limits) {
    info!(connections = tasks.len(), "mail door is closing");
    let all = async {
        while let Some(done) = tasks.join_next().await {
            report(done);
        }
    };
    if timeout(limits.stop_time, all).await.is_err() {
        warn!(connections = tasks.len(), "mails in flight took too long, dropped unacknowledged");
        tasks.shutdown().await;
    }
}

/// A panic costs its own connection only; its message names code, not content.
fn report(done: Result<(), JoinError>) {
    if let Err(failure) = done
        && failure.is_panic()
    {
        error!("a mail connection panicked; its mail was not acknowledged");
    }
}
