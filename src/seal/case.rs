//! The case: one key and one salt for everything said about one family in one referral.
//!
//! A case file is a small age file that holds the case's identity, its commitment salt and
//! the label that lists show (name, birth date, flags). It is sealed to the relay and to
//! the recovery key that lies offline. All other content is sealed to the case alone, so
//! destroying this one file erases all of it (DESIGN section 5, "Erasing"), and rotating
//! the relay's key rewrites these small files only. A case file that was never committed
//! costs nothing: what was sealed to its case can no longer be opened by anyone.
//!
//! Inside is JSON, so that a person with the recovery key and any age tool can read it:
//! `{"v":1,"case":"id","identity":"AGE-SECRET-KEY-PQ-1…","salt":"hex","label":…}` and
//! spaces up to a size class. The id inside is that of its row: a case file that somebody
//! moved to another row does not open there.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::envelope::{SealError, SizeClasses, decrypt, encrypt_to_class};
use super::hybrid::{HybridIdentity, HybridRecipient};
use super::key_files::{hex, unhex_secret};
use super::keys::KeySet;
use crate::clock::Rng;
use crate::domain::ids::CaseId;

/// Sizes of a case file's plain text, in bytes: labels of up to about 500 bytes look alike.
const CASE_CLASSES: SizeClasses = SizeClasses(&[1024, 2048, 4096]);
/// The version of the JSON inside.
const VERSION: u32 = 1;
/// Sets commitments apart from every other use of SHA-256 in dutyline.
const COMMIT_CONTEXT: &[u8] = b"dutyline case commitment v1";

/// The secrets of one case. No `Debug`; wiped when dropped.
pub struct Case {
    identity: HybridIdentity,
    salt: Zeroizing<[u8; 32]>,
}

/// A case and the label that was sealed with it (names and dates: show it to nobody
/// without a recorded view). No `Debug`.
pub struct OpenCase {
    /// Key and salt.
    pub case: Case,
    /// What the caller gave to [`CaseFile::seal`], unchanged.
    pub label: Value,
}

impl Case {
    /// A fresh case. Its seed and salt come from the operating system, never from a
    /// repeatable source.
    #[expect(clippy::new_without_default, reason = "a default that makes a new key each time would surprise")]
    pub fn new() -> Self {
        let mut salt = Zeroizing::new([0; 32]);
        Rng::System.fill(salt.as_mut());
        Self { identity: HybridIdentity::generate(), salt }
    }

    /// What opens the case's objects.
    pub fn identity(&self) -> &HybridIdentity {
        &self.identity
    }

    /// What the case's objects are sealed to.
    pub fn recipient(&self) -> &HybridRecipient {
        self.identity.recipient()
    }

    /// The commitment of `bytes` with this case's salt; see [`commit`].
    pub fn commit(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        commit(&self.salt, domain, bytes)
    }
}

/// What the audit trail may remember of content: SHA-256 over a context, the salt, the
/// kind of content (`domain`) and the bytes, each behind its length (64 bits, big endian).
/// Once the salt is erased with the case, nobody can test a guess against it.
pub fn commit(salt: &[u8; 32], domain: &str, bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [COMMIT_CONTEXT, salt, domain.as_bytes(), bytes] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The JSON inside a case file. Borrowed both ways, so that no copy of the secrets stays.
#[derive(Serialize, Deserialize)]
struct Inside<'a> {
    v: u32,
    case: &'a str,
    identity: &'a str,
    salt: &'a str,
    label: Value,
}

/// Sealing and opening case files.
pub enum CaseFile {}

impl CaseFile {
    /// Seals a case, its id and its label to the relay and the recovery key. The length tells
    /// only the size class of the label.
    pub fn seal(case: &Case, id: CaseId, label: &Value, keys: &KeySet) -> Vec<u8> {
        let inside = Inside {
            v: VERSION,
            case: &id.to_string(),
            identity: &case.identity.to_secret_string(),
            salt: &Zeroizing::new(hex(case.salt.as_ref())),
            label: label.clone(),
        };
        let json = Zeroizing::new(serde_json::to_vec(&inside).expect("text and JSON values become JSON"));
        encrypt_to_class(&[keys.relay().recipient(), keys.recovery()], CASE_CLASSES, json.len(), |target| {
            let mut padded = Zeroizing::new(Vec::with_capacity(target));
            padded.extend_from_slice(&json);
            padded.resize(target, b' ');
            padded
        })
    }

    /// Opens the file of the case `id` with the relay's key.
    ///
    /// # Errors
    /// [`SealError::OtherKey`] when it belongs to another relay or an older key set,
    /// [`SealError::Damaged`], or [`SealError::Malformed`] when we did not write it, or not for
    /// this case.
    pub fn open(sealed: &[u8], id: CaseId, keys: &KeySet) -> Result<OpenCase, SealError> {
        Self::open_with(sealed, id, keys.relay())
    }

    /// Opens a case file with the offline recovery identity or with an earlier relay key.
    /// Seal it again with [`CaseFile::seal`] to move it to another key set.
    ///
    /// # Errors
    /// As [`CaseFile::open`].
    pub fn open_with(sealed: &[u8], id: CaseId, identity: &HybridIdentity) -> Result<OpenCase, SealError> {
        let json = decrypt(identity, sealed)?;
        let inside: Inside<'_> =
            serde_json::from_slice(&json).map_err(|_| SealError::Malformed("not a case file inside"))?;
        if inside.v != VERSION {
            return Err(SealError::Malformed("a case file of a version this relay does not know"));
        }
        if inside.case != id.to_string() {
            return Err(SealError::Malformed("the file of another case"));
        }
        let identity = inside.identity.parse().map_err(|_| SealError::Malformed("no case identity"))?;
        let salt = unhex_secret(inside.salt).ok_or(SealError::Malformed("no case salt"))?;
        Ok(OpenCase { case: Case { identity, salt }, label: inside.label })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{open_object, seal_object};
    use serde_json::json;

    fn id() -> CaseId {
        CaseId::new(crate::domain::time::Instant::from_micros(0), [7; 10])
    }

    fn label(name: &str) -> Value {
        json!({ "child": name, "born": "2024-09-01", "flags": ["interpreter"] })
    }

    #[test]
    fn a_case_comes_back_with_key_salt_and_label() {
        let (keys, recovery) = KeySet::generate();
        let case = Case::new();
        let form = seal_object(case.recipient(), b"form");
        let sealed = CaseFile::seal(&case, id(), &label("Ada Example"), &keys);
        for opened in [CaseFile::open(&sealed, id(), &keys), CaseFile::open_with(&sealed, id(), &recovery)] {
            let open = opened.ok().unwrap();
            assert_eq!(open.label, label("Ada Example"));
            assert_eq!(open_object(open.case.identity(), &form).unwrap().as_slice(), b"form");
            assert_eq!(open.case.commit("form", b"x"), case.commit("form", b"x"));
        }
    }

    #[test]
    fn a_case_file_opens_for_its_own_case_only() {
        let (keys, _) = KeySet::generate();
        let sealed = CaseFile::seal(&Case::new(), id(), &label("Ada Example"), &keys);
        let other = CaseId::new(crate::domain::time::Instant::from_micros(0), [8; 10]);
        let opened = CaseFile::open(&sealed, other, &keys).err();
        assert_eq!(opened, Some(SealError::Malformed("the file of another case")));
    }

    #[test]
    fn a_case_moves_to_another_key_set() {
        let ((old, _), (new, _)) = (KeySet::generate(), KeySet::generate());
        let sealed = CaseFile::seal(&Case::new(), id(), &label("Bo Example"), &old);
        assert_eq!(CaseFile::open(&sealed, id(), &new).err(), Some(SealError::OtherKey));
        let open = CaseFile::open_with(&sealed, id(), old.relay()).ok().unwrap();
        let moved = CaseFile::seal(&open.case, id(), &open.label, &new);
        assert_eq!(CaseFile::open(&moved, id(), &new).ok().unwrap().label, label("Bo Example"));
        assert_eq!(CaseFile::open(&moved, id(), &old).err(), Some(SealError::OtherKey));
    }

    #[test]
    fn the_length_does_not_tell_the_name() {
        let (keys, _) = KeySet::generate();
        let len = |name: &str| CaseFile::seal(&Case::new(), id(), &label(name), &keys).len();
        assert_eq!(len("Jo"), len(&"Wilhelmina-Example ".repeat(20)));
        assert!(len("Jo") < len(&"x".repeat(1500)));
        assert!(len(&"x".repeat(1500)) < len(&"x".repeat(3000)));
        assert_eq!(len(&"x".repeat(5000)), len(&"x".repeat(7000)));
    }

    #[test]
    fn damaged_or_foreign_content_is_refused() {
        let (keys, _) = KeySet::generate();
        let mut sealed = CaseFile::seal(&Case::new(), id(), &label("Jo"), &keys);
        let last = sealed.len() - 1;
        assert_eq!(CaseFile::open(&sealed[..last], id(), &keys).err(), Some(SealError::Damaged));
        sealed[last] ^= 1;
        assert_eq!(CaseFile::open(&sealed, id(), &keys).err(), Some(SealError::Damaged));
        let secret = HybridIdentity::generate().to_secret_string();
        let salt = "00".repeat(32);
        for inside in [
            json!("hello"),
            json!({ "v": 2, "case": id().to_string(), "identity": secret.as_str(), "salt": salt, "label": null }),
            json!({ "v": 1, "case": id().to_string(), "identity": "AGE-SECRET-KEY-PQ-1", "salt": salt, "label": null }),
            json!({ "v": 1, "case": id().to_string(), "identity": secret.as_str(), "salt": "0g", "label": null }),
        ] {
            let sealed = seal_object(keys.relay().recipient(), inside.to_string().as_bytes());
            assert!(matches!(CaseFile::open(&sealed, id(), &keys).err(), Some(SealError::Malformed(_))));
        }
    }

    #[test]
    fn commitments_depend_on_every_part_and_not_on_where_one_ends() {
        let salt = [1; 32];
        assert_eq!(commit(&salt, "form", b"x"), commit(&salt, "form", b"x"));
        assert_ne!(commit(&salt, "form", b"x"), commit(&[2; 32], "form", b"x"));
        assert_ne!(commit(&salt, "form", b"x"), commit(&salt, "for", b"mx"));
        assert_ne!(Case::new().commit("form", b"x"), Case::new().commit("form", b"x"));
    }
}
