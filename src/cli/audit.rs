//! `dutyline audit`: checks the trail, and gives an outsider what is needed to check it.

mod bundle;
mod receipt;
mod verify;

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use ed25519_dalek::SigningKey;

use super::{Ended, Terminal};
use crate::audit::{Checkpoint, Head, Origin, VerifierKey};
use crate::seal::KeySet;
use crate::store::{Store, trail};

/// What is to be done with the trail.
#[derive(Subcommand)]
pub enum Command {
    /// Re-derives the whole trail: `ok N events`, or the first that does not fit.
    Verify(verify::Options),
    /// Writes a folder with which an outsider checks the trail.
    Export(bundle::Options),
    /// Writes a receipt: one event, shown to be in the trail.
    Prove(receipt::Prove),
    /// Checks a receipt and says what its event is.
    Receipt(receipt::Check),
}

/// Verifies, exports, proves or checks a receipt.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::Verify(options) => verify::run(options, terminal).await,
        Command::Export(options) => bundle::run(options, terminal).await,
        Command::Prove(options) => receipt::prove(options, terminal).await,
        Command::Receipt(options) => receipt::check(options, terminal),
    }
}

/// Reads a verifier key, one line.
fn key_in(file: &Path) -> anyhow::Result<VerifierKey> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    VerifierKey::parse(&text).with_context(|| file.display().to_string())
}

/// The log's own signing key, and how a trail is signed with it.
struct Signer {
    key: SigningKey,
    origin: Origin,
}

impl Signer {
    fn new(keys: &KeySet, origin: Origin) -> Self {
        Self { key: SigningKey::from_bytes(keys.log_seed()), origin }
    }

    fn verifier(&self) -> VerifierKey {
        VerifierKey::of(self.origin.clone(), &self.key)
    }

    /// The checkpoint of a head and its signed note.
    fn sign(&self, head: &Head) -> (Checkpoint, String) {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: head.size(), root: head.root() };
        let note = checkpoint.sign(&self.key);
        (checkpoint, note)
    }
}

/// Keeps a checkpoint beside the others.
async fn keep(store: &Store, checkpoint: Checkpoint, note: String) -> anyhow::Result<()> {
    let kept = store
        .write(move |unit| Box::pin(async move { trail::put_checkpoint(unit, &checkpoint, &note).await }));
    Ok(kept.await?)
}
