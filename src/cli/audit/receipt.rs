//! `dutyline audit prove` and `receipt`: one event, shown to be in the trail without the rest of it.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use super::{keep, key_in, signer};
use crate::audit::{Act, Actor, Code, Event, EventDraft, Hash, Object, Receipt, encode};
use crate::cli::place::Place;
use crate::cli::{Ended, Terminal};
use crate::store::{Snapshot, trail};

/// Which event.
#[derive(Args)]
pub struct Prove {
    #[command(flatten)]
    place: Place,
    /// The event's number, counted from 0.
    #[arg(long)]
    seq: u64,
    /// The receipt to write. Overwrites nothing.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Which receipt, with which key.
#[derive(Args)]
pub struct Check {
    /// The receipt.
    file: PathBuf,
    /// The log's verifier key, one line, got some other way.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Makes a receipt over the trail as it is now.
pub(super) async fn prove(options: &Prove, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let found = options.place.find()?;
    let relay = found.relay().await?;
    let signer = signer(&found, &relay).await?;
    let on = Object::new("event", Code::number(options.seq));
    relay.store.record(EventDraft::new(Act::ReceiptMade, Actor::operator()).on(on)).await?;
    let mut snapshot = relay.store.snapshot().await?;
    let (leaves, bytes) = gather(&mut snapshot, options.seq).await?;
    let head = trail::head(&mut snapshot).await?;
    drop(snapshot);
    let Some(bytes) = bytes else {
        bail!("there is no event {}: the last is {}", options.seq, leaves.len() - 1)
    };
    let (checkpoint, note) = signer.sign(&head);
    let receipt = Receipt::make(&bytes, &leaves, &note, &signer.verifier())?;
    keep(&relay.store, checkpoint, note).await?;
    relay.store.close().await;
    let at = || format!("{} (an existing file is never overwritten)", options.out.display());
    let mut file = File::create_new(&options.out).with_context(at)?;
    writeln!(file, "{}", receipt.to_json()).and_then(|()| file.sync_all()).with_context(at)?;
    writeln!(terminal.out, "ok event {}", options.seq)?;
    Ok(Ended::Done)
}

/// All leaf hashes (32 bytes an event), and the bytes of one event.
async fn gather(read: &mut Snapshot, seq: u64) -> anyhow::Result<(Vec<Hash>, Option<Vec<u8>>)> {
    let (mut leaves, mut bytes) = (Vec::new(), None);
    loop {
        let block = trail::block(read, leaves.len() as u64).await?;
        if block.is_empty() {
            return Ok((leaves, bytes));
        }
        for event in block {
            if event.seq == seq {
                bytes = Some(event.bytes);
            }
            leaves.push(event.leaf_hash);
        }
    }
}

/// Verifies a receipt and prints its event, when it was, and its canonical line.
pub(super) fn check(options: &Check, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let text = std::fs::read_to_string(&options.file).with_context(|| options.file.display().to_string())?;
    let key = key_in(&options.key)?;
    let verified = Receipt::from_json(text.trim_end()).and_then(|receipt| receipt.verify(&key));
    match verified {
        Ok(event) => {
            let Event { seq, at, act, .. } = &event;
            writeln!(terminal.out, "ok event {seq}: {act} at {}", at.rfc3339())?;
            writeln!(terminal.out, "{}", String::from_utf8_lossy(&encode(&event)))?;
            Ok(Ended::Done)
        }
        Err(fault) => {
            writeln!(terminal.out, "{fault}")?;
            Ok(Ended::Finding)
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
