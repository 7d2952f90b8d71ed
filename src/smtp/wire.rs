//! One connection's bytes, in clear or through TLS: lines in, replies out.
//!
//! Replies are gathered and sent when there is nothing left to read, so that a pipelining client (RFC 2920)
//! gets them together. Every future here may be dropped half-way without losing or doubling a byte.

use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::limits::LINGER_TIME;
use super::lines::{Line, Lines};
use super::reply::{self, Reply};

/// Room for one read of commands, in bytes.
const COMMAND_READ: usize = 2 * 1024;
/// Most bytes that are read and thrown away while waiting for the client to hang up.
const LINGER_BYTES: usize = 1024 * 1024;

/// Why a connection ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Cut {
    /// The client hung up, or the network did.
    #[error("the client is gone")]
    Gone,
    /// The client took too long.
    #[error("the client was too slow")]
    TooSlow,
    /// The message went on and on after it was too large.
    #[error("the message had no end in sight")]
    Endless,
}

impl Cut {
    /// What can still be said.
    pub fn farewell(self) -> Option<Reply> {
        match self {
            Cut::Gone => None,
            Cut::TooSlow => Some(reply::too_slow()),
            Cut::Endless => Some(reply::too_large()),
        }
    }
}

impl From<std::io::Error> for Cut {
    fn from(_: std::io::Error) -> Self {
        Cut::Gone
    }
}

/// A connection with what was read and not used, and what was said and not sent.
pub struct Wire<S> {
    stream: S,
    /// What was read and not used.
    pub input: Lines,
    /// Bytes read since the wire was made.
    pub read_bytes: u64,
    unsent: Vec<u8>,
    patience: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A wire over `stream`; a client that leaves our replies unread for longer than `patience` is cut.
    pub fn new(stream: S, patience: Duration) -> Self {
        Self { stream, input: Lines::default(), read_bytes: 0, unsent: Vec::new(), patience }
    }

    /// The stream, without what was read and not used: after STARTTLS that is what somebody may have slipped
    /// in (RFC 3207 section 4.2).
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Says a reply; it is sent with the next read or [`Wire::flush`].
    pub fn say(&mut self, reply: &Reply) {
        reply.write_to(&mut self.unsent);
    }

    /// Sends what was said.
    pub async fn flush(&mut self) -> Result<(), Cut> {
        while !self.unsent.is_empty() {
            let write = timeout(self.patience, self.stream.write(&self.unsent));
            match write.await.map_err(|_| Cut::TooSlow)?? {
                0 => return Err(Cut::Gone),
                sent => drop(self.unsent.drain(..sent)),
            }
        }
        timeout(self.patience, self.stream.flush()).await.map_err(|_| Cut::TooSlow)??;
        Ok(())
    }

    /// Sends what was said, then waits for more bytes and reads them: `room` of them or a few more.
    pub async fn read(&mut self, room: usize) -> Result<(), Cut> {
        self.flush().await?;
        match self.stream.read_buf(self.input.room(room)).await? {
            0 => Err(Cut::Gone),
            count => {
                self.read_bytes += count as u64;
                Ok(())
            }
        }
    }

    /// The next line.
    pub async fn next_line(&mut self) -> Result<Line, Cut> {
        loop {
            if let Some(line) = self.input.next_line() {
                return Ok(line);
            }
            self.read(COMMAND_READ).await?;
        }
    }

    /// Sends what was said and hangs up, but lets the client read it first: closing a socket with unread bytes
    /// would take our last reply with it.
    pub async fn close(mut self) {
        if self.flush().await.is_ok() {
            // What happens now is the client's business; there is nobody left to tell.
            timeout(LINGER_TIME, self.linger()).await.ok();
        }
    }

    async fn linger(&mut self) -> std::io::Result<()> {
        self.stream.shutdown().await?;
        let (mut dropped, mut scrap) = (0, vec![0; COMMAND_READ]);
        while dropped < LINGER_BYTES {
            match self.stream.read(&mut scrap).await? {
                0 => break,
                count => dropped += count,
            }
        }
        Ok(())
    }
}
