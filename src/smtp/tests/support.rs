//! An intake that keeps mail in memory and fails when told to, a door on port 0, and a client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::domain::time::Instant;
use crate::smtp::{Addresses, Config, Envelope, Intake, Limits, Refusal, Sink, serve};

/// Longer than anything here takes, in case something never happens.
const PATIENCE: Duration = Duration::from_secs(20);

pub const MAIL: &str = "MAIL FROM:<nursery@setting.example>\r\n";
pub const RCPT: &str = "RCPT TO:<referrals@relay.example>\r\n";

/// The configuration of every test: two addresses, no TLS, a clock that stands still.
pub fn config() -> Config {
    Config {
        hostname: "relay.example".into(),
        addresses: Addresses::new(["referrals@relay.example", "postmaster@relay.example"]).unwrap(),
        tls: None,
        clock: Clock::fixed(Instant::from_micros(1_795_251_900_000_000)),
        limits: Limits::default(),
    }
}

/// What the memory intake was told to do wrong.
#[derive(Clone, Copy, Default)]
pub struct Faults {
    pub begin: Option<Refusal>,
    /// Refuses the write that would exceed so many bytes.
    pub write_after: Option<(usize, Refusal)>,
    pub commit: Option<Refusal>,
    pub panic: bool,
}

#[derive(Default)]
pub struct Memory {
    pub kept: Mutex<Vec<(Envelope, Vec<u8>)>>,
    pub faults: Mutex<Faults>,
    /// Sinks that exist and were neither committed nor dropped.
    pub open: AtomicUsize,
    /// Commits wait for a permit when there is one of these.
    pub gate: Option<Semaphore>,
}

pub struct MemorySink {
    memory: Arc<Memory>,
    envelope: Envelope,
    bytes: Vec<u8>,
}

impl Drop for MemorySink {
    fn drop(&mut self) {
        self.memory.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// `Arc<Memory>` behind a type of ours, since a sink must find its way back.
pub struct Door(pub Arc<Memory>);

impl Intake for Door {
    type Sink = MemorySink;

    async fn begin(&self, envelope: Envelope) -> Result<MemorySink, Refusal> {
        if let Some(refusal) = self.0.faults.lock().unwrap().begin {
            return Err(refusal);
        }
        self.0.open.fetch_add(1, Ordering::SeqCst);
        Ok(MemorySink { memory: Arc::clone(&self.0), envelope, bytes: Vec::new() })
    }
}

impl Sink for MemorySink {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        assert!(bytes.len() <= 32 * 1024);
        let faults = *self.memory.faults.lock().unwrap();
        match faults.write_after {
            Some((most, refusal)) if self.bytes.len() + bytes.len() > most => Err(refusal),
            _ => {
                self.bytes.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    async fn commit(mut self) -> Result<String, Refusal> {
        if let Some(gate) = &self.memory.gate {
            gate.acquire().await.unwrap().forget();
        }
        let faults = *self.memory.faults.lock().unwrap();
        assert!(!faults.panic, "told to");
        match faults.commit {
            Some(refusal) => Err(refusal),
            None => {
                let mail = (self.envelope.clone(), std::mem::take(&mut self.bytes));
                let mut kept = self.memory.kept.lock().unwrap();
                kept.push(mail);
                Ok(format!("Q{}", kept.len()))
            }
        }
    }
}

/// A door that is open.
pub struct Served {
    pub memory: Arc<Memory>,
    pub stop: watch::Sender<bool>,
    pub task: JoinHandle<()>,
    pub address: std::net::SocketAddr,
}

impl Served {
    pub async fn start(config: Config) -> Self {
        Self::with(config, Memory::default()).await
    }

    pub async fn with(config: Config, memory: Memory) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let memory = Arc::new(memory);
        let task = tokio::spawn(serve(listener, Arc::new(config), Arc::new(Door(memory.clone())), stopped));
        Self { memory, stop, task, address }
    }

    pub async fn connect(&self) -> Client<TcpStream> {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), unread: Vec::new() }
    }

    /// A client that has been greeted and has said EHLO.
    pub async fn greeted(&self) -> Client<TcpStream> {
        let mut client = self.connect().await;
        client.expect("220 relay.example").await;
        client.ask("EHLO mail.setting.example\r\n", "250").await;
        client
    }

    pub fn set(&self, faults: Faults) {
        *self.memory.faults.lock().unwrap() = faults;
    }

    /// Bodies of what was committed, without our own header.
    pub fn bodies(&self) -> Vec<String> {
        let kept = self.memory.kept.lock().unwrap();
        kept.iter().map(|(_, bytes)| String::from_utf8(without_trace(bytes)).unwrap()).collect()
    }

    /// Waits until no sink is open.
    pub async fn quiet(&self) {
        let wait = async {
            while self.memory.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, wait).await.expect("every sink is committed or dropped");
    }

    /// Waits until `count` sinks are open.
    pub async fn receiving(&self, count: usize) {
        let wait = async {
            while self.memory.open.load(Ordering::SeqCst) != count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, wait).await.expect("the sinks are open");
    }
}

fn without_trace(bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.starts_with(b"Received: from "), "our own header comes first");
    let mut lines = bytes.split_inclusive(|&b| b == b'\n');
    lines.by_ref().nth(2).expect("the header has three lines");
    lines.flatten().copied().collect()
}

pub struct Client<S> {
    pub stream: S,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn over(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        let write = async {
            self.stream.write_all(text.as_ref()).await.unwrap();
            self.stream.flush().await.unwrap();
        };
        timeout(PATIENCE, write).await.expect("the server reads");
    }

    /// One whole reply, its lines joined; empty when the server has hung up.
    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        while let Some(line) = self.line().await {
            let more = line.as_bytes()[3] == b'-';
            reply.push_str(&line);
            if !more {
                break;
            }
        }
        reply
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.unread.iter().position(|&b| b == b'\n') {
                let line = self.unread.drain(..=at).collect();
                return Some(String::from_utf8(line).unwrap());
            }
            let read = timeout(PATIENCE, self.stream.read_buf(&mut self.unread)).await;
            if read.expect("the server answers").unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// The next reply, which must begin like this.
    pub async fn expect(&mut self, beginning: &str) -> String {
        let reply = self.reply().await;
        assert!(reply.starts_with(beginning), "wanted {beginning:?}, got {reply:?}");
        reply
    }

    pub async fn ask(&mut self, text: &str, beginning: &str) -> String {
        self.send(text).await;
        self.expect(beginning).await
    }

    /// Goes as far as the 354.
    pub async fn begin_mail(&mut self) {
        self.ask(MAIL, "250 2.1.0").await;
        self.ask(RCPT, "250 2.1.5").await;
        self.ask("DATA\r\n", "354").await;
    }

    /// The server says nothing more and hangs up.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.reply().await, "");
    }
}
