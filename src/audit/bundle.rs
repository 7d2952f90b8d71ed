//! The export bundle: a folder with what an outsider needs to check the trail.
//!
//! ```text
//! events.jsonl     canonical event bytes, one event a line, a line feed after each, event 0 first
//! checkpoint.txt   signed note: the number of exactly these events and their root
//! key.txt          verifier key, one line; convenient, but no trust anchor: whoever forged the folder forged it too
//! README.txt       how to check it, with a short Python program or with our command
//! ```
//!
//! The folder holds ids and codes only, so it may leave the organisation as it is. Here are its names
//! and its pure check; writing and reading files is the command's work.

use super::checkpoint::{Checkpoint, CheckpointError};
use super::key::VerifierKey;
use super::trail::{Misfit, verify_events};

/// Name of the file of events.
pub const EVENTS: &str = "events.jsonl";
/// Name of the file with the signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint.txt";
/// Name of the file with the verifier key.
pub const KEY: &str = "key.txt";
/// Name of the file that says how to check.
pub const README: &str = "README.txt";

/// The text of [`README`]: written into every bundle as it is.
pub const README_TEXT: &str = include_str!("bundle_readme.txt");

/// Why a bundle does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The last line of events has no end: the file was cut off.
    #[error("{EVENTS} ends in the middle of a line: it was cut off")]
    CutOff,
    /// The checkpoint does not hold.
    #[error("{CHECKPOINT}: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The events do not.
    #[error("{EVENTS}: {0}")]
    Events(#[from] Misfit),
}

/// The contents of [`EVENTS`] for these canonical bytes.
pub fn lines<B: AsRef<[u8]>>(events: impl IntoIterator<Item = B>) -> Vec<u8> {
    events.into_iter().fold(Vec::new(), |mut file, event| {
        file.extend_from_slice(event.as_ref());
        file.push(b'\n');
        file
    })
}

/// Checks a whole bundle in memory and says how many events it has. For a file that is too large
/// for that, read it by lines into [`verify_events`].
///
/// # Errors
/// When the checkpoint is not signed by `key`, or the events are not those that were signed.
pub fn verify(events: &[u8], note: &str, key: &VerifierKey) -> Result<u64, BundleError> {
    let checkpoint = Checkpoint::parse_and_verify(note, key)?;
    if events.is_empty() {
        return Ok(verify_events([[]; 0], &checkpoint)?);
    }
    let events = events.strip_suffix(b"\n").ok_or(BundleError::CutOff)?;
    Ok(verify_events(events.split(|byte| *byte == b'\n'), &checkpoint)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{EventDraft, Head, Origin};
    use crate::domain::time::Instant;
    use ed25519_dalek::SigningKey;

    fn bundle(count: u64) -> (Vec<u8>, String, VerifierKey) {
        let mut head = Head::new();
        let events =
            (0..count).map(|n| head.admit(Instant::from_micros(n as i64), EventDraft::sample()).bytes);
        let file = lines(events);
        let origin = Origin::parse("relay.example/log").unwrap();
        let key = SigningKey::from_bytes(&[11; 32]);
        let note = Checkpoint { origin: origin.clone(), size: count, root: head.root() }.sign(&key);
        (file, note, VerifierKey::of(origin, &key))
    }

    #[test]
    fn a_bundle_holds() {
        for count in [0, 1, 2, 9] {
            let (events, note, key) = bundle(count);
            assert_eq!(verify(&events, &note, &key), Ok(count));
        }
    }

    #[test]
    fn a_touched_bundle_does_not() {
        let (events, note, key) = bundle(9);
        assert_eq!(verify(&events[..events.len() - 1], &note, &key), Err(BundleError::CutOff));
        let more = [events.as_slice(), b"\n"].concat();
        assert_eq!(verify(&more, &note, &key), Err(BundleError::Events(Misfit::Beyond { seq: 9 })));
        let (fewer, ..) = bundle(8);
        let short = Misfit::Short { seq: 8, promised: 9 };
        assert_eq!(verify(&fewer, &note, &key), Err(BundleError::Events(short)));
        let windows = String::from_utf8(events.clone()).unwrap().replace('\n', "\r\n");
        let found = verify(windows.as_bytes(), &note, &key);
        assert!(matches!(found, Err(BundleError::Events(Misfit::Form { seq: 0, .. }))), "{found:?}");
        let changed = verify(&events, &note.replace("\n9\n", "\n8\n"), &key);
        assert_eq!(changed, Err(BundleError::Checkpoint(CheckpointError::Signature)));
    }

    #[test]
    fn the_readme_speaks_of_the_files_by_name() {
        for name in [EVENTS, CHECKPOINT, KEY, "hashlib", "dutyline audit verify"] {
            assert!(README_TEXT.contains(name), "{name}");
        }
        assert!(README_TEXT.is_ascii());
    }
}
