//! The key set: what a relay holds in `keys_dir`, outside its data and its backups.
//!
//! | File | Holds | Used for |
//! |---|---|---|
//! | `relay.key` | hybrid identity | opens case files; its public half is published too |
//! | `intake.key` | classic X25519 identity | opens what comes from outside, sealed by older tools |
//! | `recovery.pub` | hybrid recipient | every case file is sealed to it as well |
//! | `index.key` | 32 random bytes | HMAC: finding a child, recognising a repeated submission |
//! | `log.key` | Ed25519 seed, 32 bytes | the audit room signs checkpoints with it |
//!
//! The recovery *identity* is written once, to a file that the caller names, and must be
//! taken offline; it opens everything when the relay's key is lost. Making a set writes
//! it first. A crash half-way leaves files but no usable set: [`KeySet::load`] names what
//! is missing and [`KeySet::create`] refuses to go on over it. Nothing was sealed yet, so
//! delete both and begin again.

use std::path::Path;

use age::x25519;
use age_core::secrecy::ExposeSecret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::hybrid::{HybridIdentity, HybridRecipient};
use super::key_files::{
    KeyError, check_folder, hex, make_folder, must_not_exist, read_line, sync_folder, unhex_secret, write_new,
};
use crate::clock::Rng;

const RELAY: &str = "relay.key";
const INTAKE: &str = "intake.key";
const RECOVERY: &str = "recovery.pub";
const INDEX: &str = "index.key";
const LOG: &str = "log.key";
const FILES: [&str; 5] = [RELAY, INTAKE, RECOVERY, INDEX, LOG];

/// Sets the index apart from every other use of HMAC.
const INDEX_CONTEXT: &[u8] = b"dutyline index v1";
/// Sets the fingerprint apart from every other use of SHA-256.
const FINGERPRINT_CONTEXT: &[u8] = b"dutyline key set v1";

/// A relay's keys. No `Debug`; wiped from memory when dropped.
pub struct KeySet {
    relay: HybridIdentity,
    intake: x25519::Identity,
    recovery: HybridRecipient,
    index: Zeroizing<[u8; 32]>,
    log: Zeroizing<[u8; 32]>,
}

impl KeySet {
    /// A fresh set in memory and its recovery identity, from the operating system's
    /// randomness. For tests and for [`KeySet::create`].
    pub fn generate() -> (Self, HybridIdentity) {
        let recovery = HybridIdentity::generate();
        let keys = Self {
            relay: HybridIdentity::generate(),
            intake: x25519::Identity::generate(),
            recovery: recovery.recipient().clone(),
            index: random_secret(),
            log: random_secret(),
        };
        (keys, recovery)
    }

    /// Makes a key folder (mode 700, files 600) and writes the recovery identity to
    /// `recovery_out`, which must lie elsewhere. Overwrites nothing.
    ///
    /// # Errors
    /// [`KeyError::AlreadyThere`], [`KeyError::RecoveryBesideKeys`],
    /// [`KeyError::FolderTooOpen`], [`KeyError::Io`].
    pub fn create(dir: &Path, recovery_out: &Path) -> Result<Self, KeyError> {
        must_not_exist(recovery_out)?;
        for name in FILES {
            must_not_exist(&dir.join(name))?;
        }
        make_folder(dir)?;
        let elsewhere = parent(recovery_out);
        if is_within(elsewhere, dir) {
            return Err(KeyError::RecoveryBesideKeys);
        }
        let (keys, recovery) = Self::generate();
        let note =
            "dutyline recovery identity: opens every case. Take it offline; keep two copies in two places.";
        write_new(recovery_out, note, &recovery.to_secret_string())?;
        sync_folder(elsewhere)?;
        keys.write(dir)?;
        Ok(keys)
    }

    /// A set with two given identities, for files that other implementations sealed.
    #[cfg(test)]
    pub(super) fn for_test(relay: HybridIdentity, intake: x25519::Identity) -> Self {
        Self { relay, intake, ..Self::generate().0 }
    }

    fn write(&self, dir: &Path) -> Result<(), KeyError> {
        let relay = self.relay.to_secret_string();
        let intake = self.intake.to_string();
        let (index, log) = (Zeroizing::new(hex(self.index.as_ref())), Zeroizing::new(hex(self.log.as_ref())));
        let file = |name: &str, note: &str, line: &str| write_new(&dir.join(name), note, line);
        file(RELAY, "dutyline relay key: opens case files. Secret.", &relay)?;
        file(INTAKE, "dutyline intake key: opens what comes from outside. Secret.", intake.expose_secret())?;
        file(RECOVERY, "dutyline recovery key, public half.", &self.recovery.to_string())?;
        file(INDEX, "dutyline index key: 32 bytes, HMAC-SHA-256. Secret.", &index)?;
        file(LOG, "dutyline log key: Ed25519 seed, 32 bytes. Secret.", &log)?;
        sync_folder(dir)
    }

    /// Reads a key folder, and refuses it when anything is missing, malformed or open to
    /// other users of the machine.
    ///
    /// # Errors
    /// Every variant of [`KeyError`] that concerns reading, with the path and the remedy.
    pub fn load(dir: &Path) -> Result<Self, KeyError> {
        check_folder(dir)?;
        let hybrid = "a hybrid age identity (AGE-SECRET-KEY-PQ-1…)";
        let classic = "a classic age identity (AGE-SECRET-KEY-1…)";
        let digits = "64 hexadecimal digits";
        Ok(Self {
            relay: read_key(&dir.join(RELAY), hybrid, |line| line.parse().ok())?,
            intake: read_key(&dir.join(INTAKE), classic, |line| line.parse().ok())?,
            recovery: read_key(&dir.join(RECOVERY), "a hybrid age recipient (age1pq1…)", |line| {
                line.parse().ok()
            })?,
            index: read_key(&dir.join(INDEX), digits, unhex_secret)?,
            log: read_key(&dir.join(LOG), digits, unhex_secret)?,
        })
    }

    /// The set's name: 64 hexadecimal digits, the same as long as no key changes. Of the
    /// two secrets without a public half a one-way image goes in.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(FINGERPRINT_CONTEXT);
        let (classic, hybrid) = self.published();
        for part in [classic, hybrid, self.recovery.to_string()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(self.index_mac("fingerprint", b""));
        hash.update(mac(&self.log, FINGERPRINT_CONTEXT, b"log", b""));
        hex(&hash.finalize())
    }

    /// The two public keys that outsiders may seal to: classic (`age1…`), hybrid (`age1pq1…`).
    pub fn published(&self) -> (String, String) {
        (self.intake.to_public().to_string(), self.relay.recipient().to_string())
    }

    /// HMAC-SHA-256 of `data` for one purpose (`label`): equal data under different labels
    /// cannot be matched with each other.
    pub fn index_mac(&self, label: &str, data: &[u8]) -> [u8; 32] {
        mac(&self.index, INDEX_CONTEXT, label.as_bytes(), data)
    }

    /// The Ed25519 seed with which the audit room signs checkpoints.
    pub fn log_seed(&self) -> &[u8; 32] {
        &self.log
    }

    /// The identity that opens case files, to move them to another key set
    /// ([`CaseFile::open_with`](super::CaseFile::open_with)).
    pub fn relay(&self) -> &HybridIdentity {
        &self.relay
    }

    pub(super) fn intake(&self) -> &x25519::Identity {
        &self.intake
    }

    pub(super) fn recovery(&self) -> &HybridRecipient {
        &self.recovery
    }
}

/// Reads the offline recovery identity back, for `keys recover`.
///
/// # Errors
/// As [`KeySet::load`], for this one file.
pub fn read_recovery_identity(path: &Path) -> Result<HybridIdentity, KeyError> {
    read_key(path, "a hybrid age identity (AGE-SECRET-KEY-PQ-1…)", |line| line.parse().ok())
}

fn read_key<T>(path: &Path, wanted: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, KeyError> {
    let line = read_line(path, wanted)?;
    parse(&line).ok_or_else(|| KeyError::Malformed { path: path.to_owned(), wanted })
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether one folder is the other or lies in it, links followed.
fn is_within(inner: &Path, outer: &Path) -> bool {
    matches!((inner.canonicalize(), outer.canonicalize()), (Ok(inner), Ok(outer)) if inner.starts_with(&outer))
}

fn random_secret() -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Rng::System.fill(out.as_mut());
    out
}

fn mac(key: &[u8; 32], context: &[u8], label: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in [context, label, data] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use tempfile::TempDir;

    struct Place {
        root: TempDir,
        dir: PathBuf,
        recovery: PathBuf,
    }

    fn place() -> Place {
        let root = TempDir::new().unwrap();
        let (dir, recovery) = (root.path().join("keys"), root.path().join("recovery.txt"));
        Place { root, dir, recovery }
    }

    fn made() -> (Place, KeySet) {
        let place = place();
        let keys = KeySet::create(&place.dir, &place.recovery).ok().unwrap();
        (place, keys)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn refusal(dir: &Path) -> KeyError {
        KeySet::load(dir).err().expect("the folder is refused")
    }

    #[test]
    fn a_set_is_written_for_its_owner_alone_and_reads_back_the_same() {
        let (place, keys) = made();
        assert_eq!(mode(&place.dir), 0o700);
        for path in FILES.map(|f| place.dir.join(f)).iter().chain([&place.recovery]) {
            assert_eq!(mode(path), 0o600, "{}", path.display());
        }
        let again = KeySet::load(&place.dir).ok().unwrap();
        assert_eq!(again.fingerprint(), keys.fingerprint());
        assert_eq!(again.published(), keys.published());
        assert_eq!(again.log_seed(), keys.log_seed());
        assert_eq!(again.index_mac("born", b"x"), keys.index_mac("born", b"x"));
        let recovery = read_recovery_identity(&place.recovery).ok().unwrap();
        assert_eq!(recovery.recipient(), keys.recovery());
    }

    #[test]
    fn nothing_is_ever_overwritten() {
        let (place, keys) = made();
        let elsewhere = place.root.path().join("second.txt");
        let refused = KeySet::create(&place.dir, &elsewhere).err();
        assert!(matches!(refused, Some(KeyError::AlreadyThere(p)) if p == place.dir.join(RELAY)));
        assert!(!elsewhere.exists());
        let refused = KeySet::create(&place.root.path().join("new"), &place.recovery).err();
        assert!(matches!(refused, Some(KeyError::AlreadyThere(p)) if p == place.recovery));
        assert!(!place.root.path().join("new").exists());
        assert_eq!(KeySet::load(&place.dir).ok().unwrap().fingerprint(), keys.fingerprint());
    }

    #[test]
    fn the_recovery_identity_never_lies_beside_the_keys() {
        let place = place();
        fs::create_dir_all(place.dir.join("sub")).unwrap();
        for inside in ["recovery.txt", "sub/recovery.txt", "sub/../recovery.txt"] {
            let refused = KeySet::create(&place.dir, &place.dir.join(inside)).err();
            assert!(matches!(refused, Some(KeyError::RecoveryBesideKeys)), "{inside}");
        }
        assert_eq!(fs::read_dir(&place.dir).unwrap().count(), 1, "nothing was written");
        assert!(KeySet::create(&place.dir, &place.recovery).is_ok(), "a folder without keys is accepted");
    }

    #[test]
    fn a_missing_folder_or_file_is_named() {
        let (place, _) = made();
        let nowhere = place.root.path().join("nowhere");
        assert!(matches!(refusal(&nowhere), KeyError::FolderMissing(p) if p == nowhere));
        for name in FILES {
            let (place, _) = made();
            fs::remove_file(place.dir.join(name)).unwrap();
            assert!(matches!(refusal(&place.dir), KeyError::FileMissing(p) if p == place.dir.join(name)));
        }
    }

    #[test]
    fn what_others_may_read_or_write_is_refused_with_the_command_to_run() {
        let (place, _) = made();
        for (name, bits) in FILES.into_iter().zip([0o640, 0o604, 0o620, 0o602, 0o644]) {
            let path = place.dir.join(name);
            set_mode(&path, bits);
            let refused = refusal(&place.dir);
            assert!(
                matches!(&refused, KeyError::FileTooOpen { path: p, mode } if *p == path && *mode == bits)
            );
            assert!(refused.to_string().contains(&format!("chmod 600 {}", path.display())));
            set_mode(&path, 0o600);
        }
        set_mode(&place.dir, 0o770);
        let refused = refusal(&place.dir);
        assert!(matches!(refused, KeyError::FolderTooOpen { mode: 0o770, .. }));
        assert!(refused.to_string().contains("chmod 700"));
    }

    #[test]
    fn malformed_files_are_named_and_their_content_is_not_shown() {
        for name in FILES {
            let (place, _) = made();
            fs::write(place.dir.join(name), "AGE-SECRET-KEY-1NONSENSE\n").unwrap();
            let refused = refusal(&place.dir);
            assert!(matches!(&refused, KeyError::Malformed { path, .. } if *path == place.dir.join(name)));
            assert!(!refused.to_string().contains("NONSENSE"));
        }
    }

    #[test]
    fn any_other_key_makes_another_fingerprint() {
        let (place, keys) = made();
        let (other, _) = made();
        for name in FILES {
            let mine = fs::read(place.dir.join(name)).unwrap();
            fs::copy(other.dir.join(name), place.dir.join(name)).unwrap();
            assert_ne!(KeySet::load(&place.dir).ok().unwrap().fingerprint(), keys.fingerprint(), "{name}");
            fs::write(place.dir.join(name), mine).unwrap();
        }
        assert_eq!(KeySet::load(&place.dir).ok().unwrap().fingerprint(), keys.fingerprint());
    }

    #[test]
    fn the_index_keeps_purposes_and_key_sets_apart() {
        let ((keys, _), (other, _)) = (KeySet::generate(), KeySet::generate());
        assert_eq!(keys.index_mac("born", b"2024"), keys.index_mac("born", b"2024"));
        assert_ne!(keys.index_mac("born", b"2024"), keys.index_mac("nhs", b"2024"));
        assert_ne!(keys.index_mac("born", b"2024"), keys.index_mac("born2", b"024"));
        assert_ne!(keys.index_mac("born", b"2024"), other.index_mac("born", b"2024"));
    }
}
