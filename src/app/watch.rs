//! What is watched while the relay runs: checkpoints, free space, leftovers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::sync::watch as signal;

use super::AppError;
use crate::audit::{Checkpoint, Origin, VerifierKey};
use crate::domain::ids::ObjectId;
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::{cases, trail};

/// Free space below which nothing more is taken in, bytes (256 MiB).
pub const DISK_FLOOR: u64 = 256 * 1024 * 1024;
/// How long commits are gathered before the next checkpoint is signed.
const GATHER: Duration = Duration::from_millis(500);
/// How often free space is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How many looks between two sweeps of leftovers (about an hour).
const SWEEP: u64 = 720;

/// Whose trail it is and where its last checkpoint is remembered outside the database.
#[derive(Clone)]
pub struct Trail {
    /// The log's origin.
    pub origin: Origin,
    /// The file.
    pub file: PathBuf,
}

/// Whose free space is watched.
#[derive(Clone)]
pub struct Disk {
    /// A folder on it.
    pub folder: PathBuf,
    /// The floor, bytes.
    pub floor: u64,
}

/// The log's signing key.
pub fn signing_key(relay: &Relay) -> SigningKey {
    SigningKey::from_bytes(relay.keys.log_seed())
}

/// The log's verifier key: the trust anchor that auditors get some other way.
pub fn verifier_key(relay: &Relay, origin: &Origin) -> VerifierKey {
    VerifierKey::of(origin.clone(), &signing_key(relay))
}

/// Signs a checkpoint over the trail as it stands, stores it, remembers it outside the database.
pub async fn sign_now(relay: &Relay, trail: &Trail) -> Result<Checkpoint, AppError> {
    let mut read = relay.store.read().await?;
    let head = trail::head(&mut read).await?;
    drop(read);
    let checkpoint = Checkpoint { origin: trail.origin.clone(), size: head.size(), root: head.root() };
    let note = checkpoint.sign(&signing_key(relay));
    let (stored, text) = (checkpoint.clone(), note.clone());
    relay
        .store
        .write(move |unit| Box::pin(async move { trail::put_checkpoint(unit, &stored, &text).await }))
        .await?;
    remember(&trail.file, &note)?;
    Ok(checkpoint)
}

/// Written beside, then moved into place: a crash leaves the old one or the new one.
fn remember(file: &std::path::Path, note: &str) -> Result<(), AppError> {
    let beside = file.with_extension("new");
    let failed = |error| AppError::io(format!("cannot write {}", file.display()))(error);
    std::fs::write(&beside, note).and_then(|()| std::fs::rename(&beside, file)).map_err(failed)
}

/// A database whose trail is shorter than what this machine signed before is not served.
pub async fn refuse_if_behind(relay: &Relay, trail: &Trail) -> Result<(), AppError> {
    let Ok(note) = std::fs::read_to_string(&trail.file) else { return Ok(()) };
    let key = verifier_key(relay, &trail.origin);
    let Ok(known) = Checkpoint::parse_and_verify(&note, &key) else {
        return Err(AppError::Configuration(format!(
            "{} is not a checkpoint of this log: move it away if the log's key or origin was changed on purpose",
            trail.file.display()
        )));
    };
    let found = trail::head(&mut relay.store.read().await?).await?.size();
    if found < known.size { Err(AppError::Behind { found, known: known.size }) } else { Ok(()) }
}

/// Signs a checkpoint after commits, as long as the relay runs.
pub async fn checkpoints(relay: Arc<Relay>, trail: Trail, mut stop: signal::Receiver<bool>) {
    let mut signed = 0;
    loop {
        tokio::select! {
            () = relay.store.committed() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::time::sleep(GATHER).await;
        let size = match relay.store.read().await {
            Ok(mut read) => trail::head(&mut read).await.map_or(signed, |head| head.size()),
            Err(_) => signed,
        };
        if size == signed {
            continue;
        }
        match sign_now(&relay, &trail).await {
            Ok(checkpoint) => signed = checkpoint.size,
            Err(error) => {
                tracing::warn!(cause = %error, "a checkpoint could not be signed; the next will be")
            }
        }
    }
}

/// Looks at free space every few seconds, and takes away leftovers every hour.
pub async fn leftovers(relay: Arc<Relay>, disk: Option<Disk>, mut stop: signal::Receiver<bool>) {
    let mut looks = 0;
    loop {
        if let Some(disk) = &disk {
            look_at_disk(&relay, disk);
        }
        if looks % SWEEP == 0 {
            sweep(&relay).await;
        }
        looks += 1;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Sets the relay's sign that space is short.
pub fn look_at_disk(relay: &Relay, disk: &Disk) {
    let Ok(space) = rustix::fs::statvfs(&disk.folder) else { return };
    let low = space.f_bavail.saturating_mul(space.f_frsize) < disk.floor;
    if relay.low_disk.swap(low, Ordering::Relaxed) != low {
        tracing::warn!(low, "free space");
    }
}

async fn sweep(relay: &Relay) {
    if let Err(error) = crate::people::sweep(relay).await {
        tracing::warn!(cause = %error, "ended sessions could not be swept");
    }
    let before = ObjectId::new(relay.clock.now().plus(-DAY), [0; 10]);
    let done = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                unit.unaudited(
                    "chunks of mails that never came to their end; nobody was told that they were kept",
                );
                cases::sweep_orphan_chunks(unit, before).await
            })
        })
        .await;
    if let Err(error) = done {
        tracing::warn!(cause = %error, "leftover chunks could not be swept");
    }
}
