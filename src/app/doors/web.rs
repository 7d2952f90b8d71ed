//! The web door's connections: how many, how slow, how long. What is asked and answered is the router's.
//!
//! Anybody may connect, so a connection must cost a bounded amount: it has a place among all and among its
//! peer's, a time for the TLS handshake and for each request's headers, and an age. A connection past the
//! places is closed at once. Peers on this machine and the proxies that were named have no share of their
//! own, because a reverse proxy speaks for everybody. Where a proxy ends TLS, nobody else on the network is
//! heard in clear. A panic or a cut costs one connection; what a handler committed stays.
//!
//! Each request is marked with whose it is ([`Peer`]), and loses every header in which a proxy, or whoever
//! plays one, says such things. What is no HTTP at all hyper answers by itself, with an empty 400, 414 or
//! 431, and closes.

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

use super::super::tls::CHALLENGE_PROTOCOL;
use crate::smtp::{Slot, Slots};
use crate::web::peer::{Peer, client_of, forget_forwarding};

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

/// What stands between the network and the pages.
#[derive(Clone, Default)]
pub struct Front {
    /// Its own TLS; none in the demo, and where a proxy ends TLS.
    pub tls: Option<TlsAcceptor>,
    /// The proxies in front, IPv4 written as IPv4: only these are asked whose request it is.
    pub proxies: Vec<IpAddr>,
}

impl Front {
    fn speaks_for_many(&self, peer: IpAddr) -> bool {
        peer.is_loopback() || self.proxies.contains(&peer)
    }

    /// Where a proxy ends TLS, whoever comes past it would send a family's words in clear.
    fn hears(&self, peer: IpAddr) -> bool {
        self.tls.is_some() || self.proxies.is_empty() || self.speaks_for_many(peer)
    }
}

/// Answers by `service` until the signal, then lets what was begun finish.
pub async fn serve<S, B>(
    listener: TcpListener,
    front: Arc<Front>,
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
                let Some(slot) = place(&slots, &front, peer) else { continue };
                let service = Addressed { service: service.clone(), front: front.clone(), peer };
                let connection = Connection { service, stop: signal.clone(), limits, slot };
                tasks.spawn(connection.run(stream, front.tls.clone()));
            }
        }
    }
    drop(listener);
    while let Some(done) = tasks.join_next().await {
        report(done);
    }
}

fn place(slots: &Arc<Slots>, front: &Front, peer: IpAddr) -> Option<Slot> {
    match () {
        () if !front.hears(peer) => None,
        () if front.speaks_for_many(peer) => slots.take_for_many(),
        () => slots.take(peer),
    }
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

/// The service behind one connection: it learns whose each request is.
struct Addressed<S> {
    service: S,
    front: Arc<Front>,
    /// The socket's other end.
    peer: IpAddr,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Addressed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<Incoming>) -> S::Future {
        let client = client_of(self.peer, &self.front.proxies, request.headers());
        forget_forwarding(request.headers_mut());
        request.extensions_mut().insert(Peer(client));
        self.service.call(request)
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
                // The handshake was the answer to a certificate authority's question (RFC 8737, section 3).
                Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(CHALLENGE_PROTOCOL) => return,
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
