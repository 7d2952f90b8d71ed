//! `dutyline audit`: checks the trail, and gives an outsider what is needed to check it.

mod bundle;
mod receipt;
mod verify;

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;

use super::{Ended, Terminal};
use crate::app::watch::{self, Trail};
use crate::audit::{Checkpoint, Signer, VerifierKey};
use crate::cli::place::Found;
use crate::relay::Relay;
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

/// Who signs for a relay whose trail goes on from what it signed before; another trail is not signed.
async fn signer(found: &Found, relay: &Relay) -> anyhow::Result<Signer> {
    let origin = found.origin()?;
    if let Some(file) = &found.checkpoint_file {
        watch::refuse_if_behind(relay, &Trail { origin: origin.clone(), file: file.clone() }).await?;
    }
    Ok(Signer::new(relay.keys.log_seed(), origin))
}

/// Keeps a checkpoint beside the others.
async fn keep(store: &Store, checkpoint: Checkpoint, note: String) -> anyhow::Result<()> {
    let kept = store
        .write(move |unit| Box::pin(async move { trail::put_checkpoint(unit, &checkpoint, &note).await }));
    Ok(kept.await?)
}
