//! One client, from greeting to goodbye: joins the [`Session`] (what to say) with the [`Wire`] (bytes) and
//! the intake (where messages go).
//!
//! A crash here loses one connection. The sink of a mail in flight is dropped uncommitted, and its sender,
//! who has not seen a 250, sends again.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info};

use super::command;
use super::data::Receiver;
use super::handover::{Envelope, Intake, Refusal, Sink, TlsInfo};
use super::lines::Line;
use super::listener::Config;
use super::rates::Rates;
use super::reply::{self, Reply};
use super::session::{Effect, Session};
use super::slots::Slot;
use super::trace::{self, Protocol};
use super::wire::{Cut, Wire};

/// Room for one read of a message, and the most that one write to a sink carries, in bytes.
const DATA_READ: usize = 32 * 1024;

/// What a dialogue ends with.
enum Next {
    /// Say this, if there is something to say, and hang up.
    Part(Option<Reply>),
    /// Turn to TLS.
    StartTls,
}

/// One client's connection.
pub struct Connection<I> {
    /// Counts connections since the process started; the log knows a client by it.
    pub number: u64,
    /// How the door is set up.
    pub config: Arc<Config>,
    /// Where messages go.
    pub intake: Arc<I>,
    /// Turns true when the service stops.
    pub stop: watch::Receiver<bool>,
    /// The client's place.
    pub slot: Slot,
    /// What each peer brings in an hour.
    pub rates: Arc<Rates>,
}

struct Dialogue<I> {
    number: u64,
    config: Arc<Config>,
    intake: Arc<I>,
    stop: watch::Receiver<bool>,
    rates: Arc<Rates>,
    peer: IpAddr,
    session: Session,
    opened: Instant,
    earlier_bytes: u64,
}

impl<I: Intake> Connection<I> {
    /// Talks to the client until one of us hangs up.
    pub async fn run(self, stream: TcpStream, peer: IpAddr) {
        let Connection { number, config, intake, stop, slot, rates } = self;
        debug!(connection = number, "mail connection opened");
        stream.set_nodelay(true).ok(); // a slower reply is not worth a refusal
        let mut wire = Wire::new(stream, config.limits.command_time);
        let session = Session::new(Arc::clone(&config), peer);
        wire.say(&session.greeting());
        let opened = Instant::now();
        let mut dialogue =
            Dialogue { number, config, intake, stop, rates, peer, session, opened, earlier_bytes: 0 };
        match dialogue.hold(&mut wire).await {
            Next::Part(last) => part(wire, last, slot).await,
            Next::StartTls => dialogue.secured(wire, slot).await,
        }
        debug!(connection = number, "mail connection closed");
    }
}

/// Says the last word. The place is given back first: a client that has read our goodbye may come again at
/// once.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(mut wire: Wire<S>, last: Option<Reply>, slot: Slot) {
    drop(slot);
    if let Some(reply) = last {
        wire.say(&reply);
        wire.close().await;
    }
}

impl<I: Intake> Dialogue<I> {
    /// Goes on through TLS. A client whose handshake fails is hung up on; there is no way back to clear text.
    async fn secured(mut self, wire: Wire<TcpStream>, slot: Slot) {
        let Some(tls) = self.config.tls.clone() else { return };
        self.earlier_bytes = wire.read_bytes;
        let handshake = TlsAcceptor::from(tls).accept(wire.into_stream());
        let stream = match timeout(self.config.limits.handshake_time, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) | Err(_) => return debug!(connection = self.number, "TLS handshake failed"),
        };
        self.session.tls_started(tls_info(&stream));
        let mut wire = Wire::new(stream, self.config.limits.command_time);
        if let Next::Part(last) = self.hold(&mut wire).await {
            part(wire, last, slot).await;
        }
    }

    async fn hold<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> Next {
        match self.converse(wire).await {
            Ok(next) => next,
            Err(cut) => {
                debug!(connection = self.number, %cut, "mail connection cut");
                Next::Part(cut.farewell())
            }
        }
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> Result<Next, Cut> {
        loop {
            let line = match self.next_line(wire).await? {
                Ok(line) => line,
                Err(farewell) => return Ok(Next::Part(Some(farewell))),
            };
            let (reply, effect) = match self.answer(&line) {
                (go_ahead, Effect::Receive(envelope, protocol)) => {
                    self.mail(wire, go_ahead, envelope, protocol).await?
                }
                step => step,
            };
            match effect {
                Effect::Close => return Ok(Next::Part(Some(reply))),
                Effect::CloseIfTalking if !wire.input.waiting().is_empty() => {
                    return Ok(Next::Part(Some(reply)));
                }
                Effect::StartTls => {
                    wire.say(&reply);
                    wire.flush().await?;
                    return Ok(Next::StartTls);
                }
                Effect::Continue | Effect::CloseIfTalking | Effect::Receive(..) => wire.say(&reply),
            }
        }
    }

    /// The next line, or what to say in place of an answer to it: between mails is where a session ends that
    /// has had enough, was silent too long, or meets the service stopping.
    async fn next_line<S>(&mut self, wire: &mut Wire<S>) -> Result<Result<Line, Reply>, Cut>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let limits = &self.config.limits;
        if *self.stop.borrow() {
            return Ok(Err(reply::stopping()));
        }
        let bytes = self.earlier_bytes + wire.read_bytes;
        if bytes > limits.session_bytes || self.opened.elapsed() > limits.session_time {
            return Ok(Err(reply::session_spent()));
        }
        tokio::select! {
            line = timeout(limits.command_time, wire.next_line()) => line.map_err(|_| Cut::TooSlow)?.map(Ok),
            // A sender of the signal that is gone means that the service is, too.
            _ = self.stop.wait_for(|stop| *stop) => Ok(Err(reply::stopping())),
        }
    }

    fn answer(&mut self, line: &Line) -> (Reply, Effect) {
        let verb = match line {
            Line::Command(bytes) => command::verb(bytes),
            Line::TooLong | Line::BareLf => "?",
        };
        let step = self.session.line(line);
        debug!(connection = self.number, verb, code = step.0.code(), "mail command");
        step
    }

    /// Takes one message: looks at the peer's hour, asks the intake, receives, commits. The 250 exists only
    /// after the commit.
    async fn mail<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        wire: &mut Wire<S>,
        go_ahead: Reply,
        envelope: Envelope,
        protocol: Protocol,
    ) -> Result<(Reply, Effect), Cut> {
        let now = self.config.clock.now();
        let header = trace::received(&envelope, protocol, &self.config.hostname, now);
        let begun = match self.rates.mail(self.peer, now) {
            true => self.intake.begin(envelope).await,
            false => Err(Refusal::PeerLimit),
        };
        let sink = match begun {
            Ok(sink) => sink,
            Err(refusal) => {
                info!(connection = self.number, %refusal, "mail refused at DATA");
                return Ok(self.session.not_begun(refusal));
            }
        };
        wire.say(&go_ahead);
        let mut pour = Pour { sink: Ok(sink), most: self.config.limits.message_bytes };
        pour.write(header.as_bytes()).await;
        let bytes = self.receive(wire, &mut pour).await?;
        let outcome = match pour.sink {
            Ok(sink) => sink.commit().await,
            Err(refusal) => Err(refusal),
        };
        let step = self.session.received(outcome);
        info!(connection = self.number, bytes, code = step.0.code(), "mail received");
        Ok(step)
    }

    /// Receives to the end of the message, also when it is not wanted any more; says how large it was.
    async fn receive<S, K>(&self, wire: &mut Wire<S>, pour: &mut Pour<K>) -> Result<u64, Cut>
    where
        S: AsyncRead + AsyncWrite + Unpin,
        K: Sink,
    {
        let limits = &self.config.limits;
        let mut receiver = Receiver::default();
        let mut content = Vec::with_capacity(DATA_READ);
        let mut waited = Duration::ZERO;
        loop {
            let piece = wire.input.waiting();
            let used = receiver.feed(&piece[..piece.len().min(DATA_READ)], &mut content);
            wire.input.consume(used);
            if !self.rates.bytes(self.peer, self.config.clock.now(), content.len()) {
                pour.refuse(Refusal::PeerLimit);
            }
            pour.content(&content, receiver.size()).await;
            content.clear();
            if receiver.ended() {
                return Ok(receiver.size());
            }
            if receiver.size() > limits.message_bytes + limits.drain_bytes {
                return Err(Cut::Endless);
            }
            if wire.input.waiting().is_empty() {
                waited +=
                    self.wait(wire, limits.data_allowance(receiver.size()).saturating_sub(waited)).await?;
            }
        }
    }

    /// Waits for more of a message, and says how long that took. Only waiting for the client counts, not what
    /// our own disk takes.
    async fn wait<S>(&self, wire: &mut Wire<S>, allowed: Duration) -> Result<Duration, Cut>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let began = Instant::now();
        let read = timeout(allowed.min(self.config.limits.data_time), wire.read(DATA_READ));
        read.await.map_err(|_| Cut::TooSlow)??;
        Ok(began.elapsed())
    }
}

/// A sink until something goes wrong with it. The first refusal drops it, and stands.
struct Pour<K> {
    sink: Result<K, Refusal>,
    most: u64,
}

impl<K: Sink> Pour<K> {
    async fn write(&mut self, bytes: &[u8]) {
        if let Ok(sink) = &mut self.sink
            && let Err(refusal) = sink.write(bytes).await
        {
            self.sink = Err(refusal);
        }
    }

    /// Drops the sink, if there still is one.
    fn refuse(&mut self, refusal: Refusal) {
        if self.sink.is_ok() {
            self.sink = Err(refusal);
        }
    }

    /// The next content, of a message that has `size` bytes with it.
    async fn content(&mut self, bytes: &[u8], size: u64) {
        if size > self.most {
            self.refuse(Refusal::TooLarge);
        }
        if !bytes.is_empty() {
            self.write(bytes).await;
        }
    }
}

/// The registered names of what was negotiated; the library marks the suites of TLS 1.3 in its own way.
fn tls_info(stream: &TlsStream<TcpStream>) -> TlsInfo {
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version().and_then(|v| v.as_str()).unwrap_or("TLS");
    let cipher = connection.negotiated_cipher_suite().and_then(|c| c.suite().as_str()).unwrap_or("unknown");
    TlsInfo { version: version.replace('_', "."), cipher: cipher.replace("TLS13_", "TLS_") }
}
