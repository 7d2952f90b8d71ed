//! `dutyline audit verify`: the relay's own trail with every content row, or an exported folder.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::key_in;
use crate::audit::bundle::{BundleError, CHECKPOINT, EVENTS, KEY};
use crate::audit::{
    Act, Actor, Checked, Checkpoint, Code, EventDraft, Outcome, Signer, VerifierKey, verify_events,
};
use crate::cli::place::{Found, Place};
use crate::cli::{Ended, Terminal};
use crate::seal::KeySet;
use crate::store::trail::{self, Verdict};
use crate::store::{Store, StoreError};

/// What is verified with which key.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The log's verifier key, one line, got some other way: the trust anchor.
    #[arg(long, value_name = "FILE", conflicts_with = "keys")]
    key: Option<PathBuf>,
    /// An exported folder, in place of a relay.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["data", "config", "database", "keys", "origin"])]
    bundle: Option<PathBuf>,
}

/// Prints `ok N events (M signed)`, or the first thing that does not fit, which is a finding.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let found = match &options.bundle {
        Some(folder) => in_folder(folder, options.key.as_deref(), terminal)?,
        None => in_relay(options, terminal).await?,
    };
    match found {
        Ok(Checked { events, signed }) => {
            writeln!(terminal.out, "ok {events} events ({signed} signed)")?;
            Ok(Ended::Done)
        }
        Err(misfit) => {
            writeln!(terminal.out, "{misfit}")?;
            Ok(Ended::Finding)
        }
    }
}

async fn in_relay(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let found = options.place.find()?;
    let key = match &options.key {
        Some(file) => key_in(file)?,
        None => own_key(&found, terminal)?,
    };
    let store = found.store().await?;
    // Read before the trail is held still: the relay may be signing meanwhile.
    let outside = outside(&found)?;
    let verdict = trail::verdict(&mut store.snapshot().await?, &key, outside).await?;
    record(&store, &verdict).await?;
    store.close().await;
    Ok(verdict)
}

fn own_key(found: &Found, terminal: &mut Terminal<'_>) -> anyhow::Result<VerifierKey> {
    let keys = KeySet::load(found.keys_dir()?)?;
    if !found.keys_named {
        let words = "This was checked with the relay's own key: whoever could forge the trail may have had it too. \
                     Compare with --key FILE and a key that you got some other way.";
        writeln!(terminal.err, "{words}")?;
    }
    Ok(Signer::new(keys.log_seed(), found.origin()?).verifier())
}

/// The note that the relay keeps outside its database, if it does.
fn outside(found: &Found) -> anyhow::Result<Option<String>> {
    let Some(file) = &found.checkpoint_file else { return Ok(None) };
    match std::fs::read_to_string(file) {
        Ok(note) => Ok(Some(note)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

async fn record(store: &Store, verdict: &Verdict) -> Result<(), StoreError> {
    let event = EventDraft::new(Act::TrailVerified, Actor::operator());
    let event = match verdict {
        Ok(checked) => event.extra("events", Code::number(checked.events)),
        Err(_) => event.outcome(Outcome::Failed),
    };
    store.record(event).await
}

/// Checks an exported folder a line at a time, whatever its size.
fn in_folder(folder: &Path, key: Option<&Path>, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let key = match key {
        Some(file) => key_in(file)?,
        None => {
            let words = "This was checked with the folder's own key: whoever forged the folder forged it too. \
                         Compare with --key FILE and a key that you got some other way.";
            writeln!(terminal.err, "{words}")?;
            key_in(&folder.join(KEY))?
        }
    };
    let path = folder.join(CHECKPOINT);
    let note = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let path = folder.join(EVENTS);
    let events = File::open(&path).with_context(|| path.display().to_string())?;
    let checkpoint = match Checkpoint::parse_and_verify(&note, &key) {
        Ok(checkpoint) => checkpoint,
        Err(fault) => return Ok(Err(BundleError::Checkpoint(fault).to_string())),
    };
    let mut lines = Lines { input: BufReader::new(events), fault: None, cut_off: false };
    let found = verify_events(&mut lines, &checkpoint);
    match lines {
        Lines { fault: Some(fault), .. } => Err(fault).with_context(|| path.display().to_string()),
        Lines { cut_off: true, .. } => Ok(Err(BundleError::CutOff.to_string())),
        _ => Ok(found
            .map(|events| Checked { events, signed: checkpoint.size })
            .map_err(|misfit| BundleError::Events(misfit).to_string())),
    }
}

/// The events of a file; it ends early at what cannot be read or has no line feed, and says so.
struct Lines {
    input: BufReader<File>,
    fault: Option<std::io::Error>,
    cut_off: bool,
}

impl Iterator for Lines {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        match self.input.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) if line.pop() == Some(b'\n') => return Some(line),
            Ok(_) => self.cut_off = true,
            Err(fault) => self.fault = Some(fault),
        }
        None
    }
}
