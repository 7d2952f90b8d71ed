//! What is watched while the relay runs: checkpoints, free space, leftovers.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch as signal;

use super::AppError;
use crate::audit::{Checkpoint, Edge, Head, Origin, Signer, VerifierKey};
use crate::domain::ids::ObjectId;
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::relay::live::LOOK_EVERY;
use crate::store::backup::Scrubbed;
use crate::store::{StoreError, backup, cases, trail};

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

/// The log's verifier key: the trust anchor that auditors get some other way.
pub fn verifier_key(relay: &Relay, origin: &Origin) -> VerifierKey {
    Signer::new(relay.keys.log_seed(), origin.clone()).verifier()
}

/// Signs a checkpoint over the trail as it stands, stores it, remembers it outside the database.
///
/// # Errors
/// [`AppError::Behind`] and [`AppError::Rewritten`] when the trail does not go on from what was
/// signed before: then nothing is signed.
pub async fn sign_now(relay: &Relay, trail: &Trail) -> Result<Checkpoint, AppError> {
    let head = honest_head(relay, trail).await?;
    let (checkpoint, note) = Signer::new(relay.keys.log_seed(), trail.origin.clone()).sign(&head);
    let (stored, text) = (checkpoint.clone(), note.clone());
    relay
        .store
        .write(move |unit| Box::pin(async move { trail::put_checkpoint(unit, &stored, &text).await }))
        .await?;
    // The edge first: one that belongs to no note is worked out again, a note is never without one.
    let edge: String = head.edge().encode().iter().map(|byte| format!("{byte:02x}")).collect();
    put(&beside(&trail.file, ".edge"), &edge)?;
    put(&trail.file, &note)?;
    Ok(checkpoint)
}

/// A database whose trail is shorter or another than what this machine signed before is not served.
pub async fn refuse_if_behind(relay: &Relay, trail: &Trail) -> Result<(), AppError> {
    honest_head(relay, trail).await.map(drop)
}

/// The head of the trail, when the stored leaves lead to it from what was signed last. The file is
/// read before the head, so that a commit in between is no fault.
async fn honest_head(relay: &Relay, trail: &Trail) -> Result<Head, AppError> {
    let (known, root) = match remembered(relay, trail)? {
        Some(checkpoint) => (checkpoint.size, checkpoint.root),
        None => (0, Edge::new().root()),
    };
    let mut read = relay.store.read().await?;
    let head = trail::head(&mut read).await?;
    if head.size() < known {
        return Err(AppError::Behind { found: head.size(), known });
    }
    let fits = |edge: &Edge| edge.size() == known && edge.root() == root;
    let mut edge = remembered_edge(trail).filter(fits).unwrap_or_default();
    trail::extend(&mut read, &mut edge, known).await?;
    if fits(&edge) {
        trail::extend(&mut read, &mut edge, head.size()).await?;
        if edge == *head.edge() {
            return Ok(head);
        }
    }
    Err(AppError::Rewritten { known })
}

/// What this machine signed last; `None` before the first time.
fn remembered(relay: &Relay, trail: &Trail) -> Result<Option<Checkpoint>, AppError> {
    let file = trail.file.display();
    let note = match std::fs::read_to_string(&trail.file) {
        Ok(note) => note,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(AppError::io(format!("cannot read {file}"))(error)),
    };
    Checkpoint::parse_and_verify(&note, &verifier_key(relay, &trail.origin)).map(Some).map_err(|_| {
        AppError::Configuration(format!(
            "{file} is not a checkpoint of this log: move it away if the log's key or origin was changed on purpose"
        ))
    })
}

/// The edge beside the note. Nothing in it is believed: it spares reading the trail from its beginning.
fn remembered_edge(trail: &Trail) -> Option<Edge> {
    let text = std::fs::read_to_string(beside(&trail.file, ".edge")).ok()?;
    let pairs = text.trim().as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    Edge::decode(&bytes?).ok()
}

pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Written and on disk beside, then moved into place: a crash leaves the old one or the new one.
pub(super) fn put(file: &Path, text: &str) -> Result<(), AppError> {
    let new = beside(file, ".new");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = File::create(&new).and_then(|mut open| {
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        std::fs::rename(&new, file)?;
        File::open(folder)?.sync_all()
    });
    written.map_err(AppError::io(format!("cannot write {}", file.display())))
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
        match size_now(&relay).await {
            Ok(size) if size == signed => continue,
            Ok(_) => {}
            Err(error) => {
                not_signed(&relay, &error.into());
                continue;
            }
        }
        match sign_now(&relay, &trail).await {
            Ok(checkpoint) => {
                signed = checkpoint.size;
                relay.distrusted.store(false, Ordering::Relaxed);
            }
            Err(error) => not_signed(&relay, &error),
        }
    }
}

async fn size_now(relay: &Relay) -> Result<u64, StoreError> {
    Ok(trail::head(&mut relay.store.read().await?).await?.size())
}

/// A trail that was rewritten is said loudly, each time, and stops the taking in; a full disk is not that.
fn not_signed(relay: &Relay, error: &AppError) {
    if matches!(error, AppError::Behind { .. } | AppError::Rewritten { .. } | AppError::Configuration(_)) {
        relay.distrusted.store(true, Ordering::Relaxed);
        tracing::error!(cause = %error, "the trail is not signed, and nothing more is taken in");
    } else {
        tracing::warn!(cause = %error, "a checkpoint could not be signed; the next will be");
    }
}

/// Looks every few seconds whether another copy decided something about lines, numbers or closing days.
/// What cannot be put in force is said in the log, and what held before goes on.
pub async fn decisions(relay: Arc<Relay>, mut stop: signal::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = relay.refresh_if_changed().await {
            tracing::warn!(cause = %error, "what administrators decided is not in force");
        }
    }
}

/// Looks at free space every few seconds, and takes away leftovers every hour.
pub async fn leftovers(
    relay: Arc<Relay>,
    disk: Option<Disk>,
    trail: Trail,
    mut stop: signal::Receiver<bool>,
) {
    let mut looks = 0;
    loop {
        if let Some(disk) = &disk {
            look_at_disk(&relay, disk);
        }
        if looks % SWEEP == 0 {
            sweep(&relay, &trail).await;
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
    let space = match rustix::fs::statvfs(&disk.folder) {
        Ok(space) => space,
        Err(error) => return tracing::warn!(cause = %error, "free space cannot be looked at"),
    };
    let low = space.f_bavail.saturating_mul(space.f_frsize) < disk.floor;
    if relay.low_disk.swap(low, Ordering::Relaxed) != low {
        tracing::warn!(low, "free space");
    }
}

/// Takes what was erased meanwhile out of the database's files.
async fn scrub(relay: &Relay) -> Result<(), StoreError> {
    match backup::scrub(&mut relay.store.read().await?).await? {
        Scrubbed::Done | Scrubbed::Server => Ok(()),
        Scrubbed::InUse => Err(StoreError::Unavailable("somebody reads an older state".to_owned())),
    }
}

async fn sweep(relay: &Relay, trail: &Trail) {
    if let Err(error) = super::erased::note(relay, &trail.file).await {
        tracing::warn!(cause = %error, "the list of what was erased could not be written");
    }
    if let Err(error) = scrub(relay).await {
        tracing::warn!(cause = %error, "what was erased is not yet out of the database's files");
    }
    if let Err(error) = crate::family::remind(relay).await {
        tracing::warn!(cause = %error, "reminders to families could not be queued");
    }
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
