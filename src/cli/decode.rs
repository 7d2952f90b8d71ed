//! `dutyline decode`: the child that reads uploaded files (`scan::child` starts it; nobody else has to).
//!
//! A file from stdin, one frame to stdout, nothing else: no configuration, no keys, no database, no log.
//! Before it reads a byte it gives up what a decoder that was led astray could use: memory, processor
//! time, new files and processes, every descriptor but its own three. It may be killed at any moment; nothing is lost.

use std::io::Read as _;

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, setrlimit};

use super::{Ended, Terminal};
use crate::scan::{self, frame};

/// Address space, bytes (256 MiB).
const MEMORY: u64 = 256 * 1024 * 1024;
/// Processor time, seconds: less than the parent waits, so that it ends by itself.
const SECONDS: u64 = 9;
/// Descriptors: stdin, stdout, stderr.
const DESCRIPTORS: u64 = 3;

/// What is given up, for good: the hard limit goes with the soft one.
const LIMITS: [(Resource, u64); 6] = [
    (Resource::As, MEMORY),
    (Resource::Cpu, SECONDS),
    (Resource::Fsize, 0),
    (Resource::Nofile, DESCRIPTORS),
    (Resource::Nproc, 0),
    (Resource::Core, 0),
];

/// Reads one file and answers.
///
/// # Errors
/// A limit that cannot be set: then no byte is read.
pub(super) fn run(terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    for (resource, most) in LIMITS {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).context("a limit could not be set")?;
    }
    let mut bytes = Vec::new();
    // One byte more than is taken tells that there is more.
    (&mut terminal.input).take(scan::LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    terminal.out.write_all(&frame::written(&scan::read(&bytes)))?;
    Ok(Ended::Done)
}
