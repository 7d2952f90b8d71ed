//! The web door's connections: how many, how slow, how long. What is asked and answered is the router's.
//!
//! Anybody may connect, so a connection must cost a bounded amount: it has a place among all and among its
//! peer's, a time for the TLS handshake and for each request's headers, and an age. A connection past the
//! places is closed at once. Peers on this machine have no share of their own, because a reverse proxy there
//! speaks for everybody. A panic or a cut costs one connection; what a handler committed stays.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch as signal;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::smtp::{Slot, Slots};

/// Connections at one moment, from everywhere.
const CONNECTIONS: usize = 1_000;
/// Connections at one moment from one peer: an IPv4 address or an IPv6 /64, but for this machine itself.
const CONNECTIONS_PER_PEER: usize = 100;
/// For the TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// From the end of one answer, or the connection, to the end of the next request's headers.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Age at which a connection takes no further request, and how long its last one may take then.
const AGE: Duration = Duration::from_secs(10 * 60);
/// Pause after the operating system could not give us a connection (out of file handles).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The limits that one door runs with; a test can be impatient.
#[derive(Clone, Copy)]
pub struct Limits {
    /// See [`CONNECTIONS`].
    pub connections: usize,
    /// See [`CONNECTIONS_PER_PEER`].
    pub per_peer: usize,
    /// See [`HANDSHAKE_TIME`].
    pub handshake_time: Duration,
    /// See [`HEADER_TIME`].
    pub header_time: Duration,
    /// See [`AGE`].
    pub age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            per_peer: CONNECTIONS_PER_PEER,
            handshake_time: HANDSHAKE_TIME,
            header_time: HEADER_TIME,
            age: AGE,
        }
    }
}

/// Answers by `service` until the signal, then lets what was begun finish.
pub async fn serve<S, B>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: S,
    mut stop: signal::Receiver<bool>,
    limits: Limits,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let slots = Slots::new(limits.connections, limits.per_peer);
    let mut tasks = JoinSet::new();
    let signal = stop.clone();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(done) = tasks.join_next() => report(done),
            (stream, peer) = accept(&listener) => {
                // Without a place it is closed by being dropped.
                let Some(slot) = place(&slots, peer) else { continue };
                let connection = Connection { service: service.clone(), stop: signal.clone(), limits, slot };
                tasks.spawn(connection.run(stream, tls.clone()));
            }
        }
    }
    drop(listener);
    while let Some(done) = tasks.join_next().await {
        report(done);
    }
}

fn place(slots: &Arc<Slots>, peer: IpAddr) -> Option<Slot> {
    if peer.is_loopback() { slots.take_for_many() } else { slots.take(peer) }
}

/// The next connection. The operating system's refusals are waited out, because they pass.
async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a web connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn report(done: Result<(), JoinError>) {
    if done.is_err_and(|failure| failure.is_panic()) {
        tracing::error!("a web connection panicked");
    }
}

struct Connection<S> {
    service: S,
    stop: signal::Receiver<bool>,
    limits: Limits,
    /// Its place, until it ends.
    slot: Slot,
}

impl<S, B> Connection<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        stream.set_nodelay(true).ok(); // a slower page is not worth a refusal
        let ended = match tls {
            None => self.converse(stream).await,
            Some(tls) => match timeout(self.limits.handshake_time, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.converse(stream).await,
                Ok(Err(_)) | Err(_) => return tracing::debug!("a TLS handshake failed"),
            },
        };
        if let Err(error) = ended {
            tracing::debug!(cause = %error, "a web connection was cut");
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), hyper::Error> {
        let Self { service, mut stop, limits, slot } = self;
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits.header_time);
        let mut conn = pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = conn.as_mut() => return ended,
            _ = stop.wait_for(|stop| *stop) => {}
            () = sleep(limits.age) => {}
        }
        conn.as_mut().graceful_shutdown();
        let ended = timeout(limits.age, conn).await;
        drop(slot);
        ended.unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests;
