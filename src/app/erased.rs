//! What was erased stays erased when an older copy of the database is brought back (DESIGN section 5).
//!
//! The ids of erased cases stand in a list beside the checkpoint file, outside the database: nothing but
//! ids, which say nothing without it. A start erases again what the list names and the database still
//! has, before anything is served. The list is written after the erasing: a crash in between is made good
//! by the next start or within the hour, because the database knows it too.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::AppError;
use super::watch::{beside, put};
use crate::casework;
use crate::domain::ids::CaseId;
use crate::relay::Relay;
use crate::store::erasing;

/// Erases again what the list beside the checkpoint file names; gives how many cases.
///
/// # Errors
/// A list that cannot be read, or the store's.
pub async fn replay(relay: &Relay, checkpoint: &Path) -> Result<u64, AppError> {
    let mut replayed = 0;
    for case in read(&list(checkpoint))? {
        replayed += u64::from(casework::erase_again(relay, case).await?);
    }
    if replayed > 0 {
        tracing::warn!(
            cases = replayed,
            "an older database was brought back: what was erased is erased again"
        );
    }
    note(relay, checkpoint).await?;
    Ok(replayed)
}

/// Brings the list up to what the database knows to be erased; it never gets shorter.
///
/// # Errors
/// A list that cannot be read or written, or the store's.
pub async fn note(relay: &Relay, checkpoint: &Path) -> Result<(), AppError> {
    let file = list(checkpoint);
    let known = read(&file)?;
    let mut all = known.clone();
    all.extend(erasing::erased(&mut relay.store.read().await?).await?);
    if all == known {
        return Ok(());
    }
    put(&file, &all.iter().map(|case| format!("{case}\n")).collect::<String>())
}

fn list(checkpoint: &Path) -> PathBuf {
    beside(checkpoint, ".erased")
}

fn read(file: &Path) -> Result<BTreeSet<CaseId>, AppError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(AppError::io(format!("cannot read {}", file.display()))(error)),
    };
    let bad = || AppError::Configuration(format!("{} is not a list of erased cases", file.display()));
    text.lines().map(|line| line.parse().map_err(|_| bad())).collect()
}
