//! `dutyline audit export`: a folder with events, signed checkpoint, key and instructions.
//!
//! The export is recorded first and is its own last event. The events are admitted again while they
//! are written, and the checkpoint is written last, so a trail that does not fit and a crash half-way
//! both leave a folder that does not verify.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{keep, signer};
use crate::audit::bundle::{CHECKPOINT, EVENTS, KEY, README, README_TEXT};
use crate::audit::{Act, Actor, EventDraft, Misfit, Replay};
use crate::cli::place::Place;
use crate::cli::{Ended, Terminal};
use crate::store::{Snapshot, trail};

/// What is exported where.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The folder to make; one that is there must be empty.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Exports the whole trail. A trail that does not fit is a finding.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let found = options.place.find()?;
    let relay = found.relay().await?;
    let signer = signer(&found, &relay).await?;
    make_folder(&options.out)?;
    relay.store.record(EventDraft::new(Act::TrailExported, Actor::operator())).await?;
    let mut snapshot = relay.store.snapshot().await?;
    let written = write_events(&mut snapshot, &options.out).await?;
    let (checkpoint, note) = signer.sign(&trail::head(&mut snapshot).await?);
    drop(snapshot);
    let fits = written.and_then(|mut replay| replay.fits(&checkpoint));
    if let Err(misfit) = fits {
        writeln!(terminal.out, "{misfit}")?;
        return Ok(Ended::Finding);
    }
    let events = checkpoint.size;
    keep(&relay.store, checkpoint, note.clone()).await?;
    relay.store.close().await;
    write(&options.out, KEY, format!("{}\n", signer.verifier()).as_bytes())?;
    write(&options.out, README, README_TEXT.as_bytes())?;
    write(&options.out, CHECKPOINT, note.as_bytes())?;
    writeln!(terminal.out, "ok {events} events")?;
    Ok(Ended::Done)
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let at = || folder.display().to_string();
    fs::create_dir_all(folder).with_context(at)?;
    if fs::read_dir(folder).with_context(at)?.next().is_some() {
        bail!("{} is not empty: name a new folder", at());
    }
    Ok(())
}

/// Writes every event, block by block, and gives the trail as far as it fits.
async fn write_events(read: &mut Snapshot, folder: &Path) -> anyhow::Result<Result<Replay, Misfit>> {
    let path = folder.join(EVENTS);
    let mut file = BufWriter::new(File::create_new(&path).with_context(|| path.display().to_string())?);
    let mut replay = Replay::new();
    loop {
        let block = trail::block(read, replay.size()).await?;
        if block.is_empty() {
            break;
        }
        for event in block {
            if let Err(misfit) = replay.push(&event.bytes) {
                return Ok(Err(misfit));
            }
            file.write_all(&event.bytes)?;
            file.write_all(b"\n")?;
        }
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(Ok(replay))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let mut file = File::create_new(&path).with_context(|| path.display().to_string())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| path.display().to_string())
}
