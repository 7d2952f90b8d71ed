//! The parent's end: `dutyline decode` is started for each file, given its bytes, and gone when it has
//! answered or its time is over.
//!
//! The child gets an empty environment, `/` as its folder, two pipes and nothing else; what it may use
//! it limits itself, before it reads a byte (`cli/decode.rs`). Here the time on the wall, the size of its
//! answer and the number at once are limited, so that nobody's file keeps the others waiting. Whatever
//! the child does wrong is the same sentence for the person, with a code for the trail.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{LARGEST, ScanError, ScannedPage, frame};

/// Longest time on the wall for one file, and longest that a file waits for its turn.
pub const LONGEST: Duration = Duration::from_secs(10);
/// Most children at once.
pub const AT_ONCE: usize = 2;

/// Starts the children. Without a program, every file is unreadable: only `app` says which one it is.
pub struct Decoder {
    program: OnceLock<PathBuf>,
    longest: OnceLock<Duration>,
    turns: Semaphore,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { program: OnceLock::new(), longest: OnceLock::new(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Decoder {
    /// Says which program decodes: this one, by its path. The first answer holds.
    pub fn runs(&self, program: &Path) {
        // Whoever came first has chosen: the program does not change while it runs.
        let _ = self.program.set(program.to_owned());
    }

    /// Waits so long on the wall for one file, and not [`LONGEST`]. The first answer holds.
    pub fn waits(&self, longest: Duration) {
        let _ = self.longest.set(longest);
    }

    /// Reads a file in a child of its own.
    ///
    /// # Errors
    /// What the file is not, or what became of the child: [`ScanError::Unreadable`] when it died,
    /// [`ScanError::TooSlow`] when it was killed, [`ScanError::Busy`] when its turn did not come.
    pub async fn read(&self, bytes: &[u8]) -> Result<Vec<ScannedPage>, ScanError> {
        match bytes.len() {
            0 => return Err(ScanError::Empty),
            1..=LARGEST => {}
            _ => return Err(ScanError::TooLarge),
        }
        let program = self.program.get().ok_or(ScanError::Unreadable)?;
        let longest = self.longest.get().copied().unwrap_or(LONGEST);
        let turn = timeout(longest, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| ScanError::Busy)?.map_err(|_| ScanError::Busy)?;
        let mut child = started(program).map_err(|error| unreadable("could not be started", &error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(ScanError::Unreadable);
        };
        let answer = timeout(longest, exchange(input, output, bytes)).await;
        ended(&mut child).await;
        match answer {
            Ok(Ok(answer)) => frame::read(&answer),
            Ok(Err(error)) => Err(unreadable("did not answer", &error)),
            Err(_) => Err(ScanError::TooSlow),
        }
    }
}

fn unreadable(what: &'static str, error: &std::io::Error) -> ScanError {
    tracing::warn!(%error, "the decoding child {what}");
    ScanError::Unreadable
}

/// A child with two pipes and nothing else; killed when this end goes away.
fn started(program: &Path) -> std::io::Result<Child> {
    Command::new(program)
        .arg("decode")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

/// Writes the file and reads the answer, both at once: neither end waits for the other's pipe. Whoever has
/// answered need not have read all of it.
async fn exchange(mut input: ChildStdin, output: ChildStdout, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let write = async move {
        // A child that has seen enough closes its end; what it says counts.
        let _ = input.write_all(bytes).await;
        drop(input);
    };
    let mut answer = Vec::new();
    {
        let mut output = output.take(frame::LARGEST as u64 + 1);
        let read = output.read_to_end(&mut answer);
        tokio::pin!(write, read);
        tokio::select! {
            read = &mut read => read?,
            () = &mut write => read.await?,
        };
    }
    Ok(answer)
}

/// Killed, if it still runs, and reaped.
async fn ended(child: &mut Child) {
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "the decoding child could not be ended");
    }
}
