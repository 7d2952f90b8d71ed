//! Key files on disk: written once, readable by their owner alone, refused otherwise.
//!
//! Every file holds one line that counts; blank lines and lines that begin with `#` are
//! for people. Files are created, never replaced: an overwritten key would make every
//! case sealed to it unreadable. Each is flushed to the disk before the next is begun.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Longest key file, in bytes; a hybrid recipient with its comment takes about 2,100.
const FILE_LIMIT: u64 = 16 * 1024;
/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;
/// Permission to put files into a folder, for everybody but the owner.
const OTHERS_WRITE: u32 = 0o022;

/// Why the keys cannot be used or made; each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such folder.
    #[error("the key folder {} does not exist: make one with `dutyline keys new`, \
             or correct keys_dir", .0.display())]
    FolderMissing(PathBuf),
    /// The folder is there, a file in it is not.
    #[error("the key file {} is missing: put it back from the key backup; \
             a new one would not open what is sealed", .0.display())]
    FileMissing(PathBuf),
    /// Group or others may read or write the file.
    #[error("{path} is open to other users (mode {mode:03o}): run `chmod 600 {path}`",
        path = .path.display())]
    FileTooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Group or others may put files into the folder.
    #[error("other users may change the key folder {path} (mode {mode:03o}): run `chmod 700 {path}`",
        path = .path.display())]
    FolderTooOpen {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold what its name says.
    #[error("{} is not {wanted}: put it back from the key backup", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
    },
    /// Something of that name is there already.
    #[error("{} exists already and is never overwritten: name another place", .0.display())]
    AlreadyThere(PathBuf),
    /// The recovery identity would lie beside the keys it is meant to outlive.
    #[error(
        "the recovery identity must not lie in the key folder: name a file elsewhere, and take it offline"
    )]
    RecoveryBesideKeys,
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

fn io_at(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

/// Checks that the folder is there and that nobody else can swap files in it.
pub(super) fn check_folder(dir: &Path) -> Result<(), KeyError> {
    let mode = match fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => meta.permissions().mode() & 0o777,
        Ok(_) => return Err(KeyError::FolderMissing(dir.to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => return Err(KeyError::FolderMissing(dir.to_owned())),
        Err(e) => return Err(io_at(dir)(e)),
    };
    if mode & OTHERS_WRITE != 0 {
        return Err(KeyError::FolderTooOpen { path: dir.to_owned(), mode });
    }
    Ok(())
}

/// Makes the folder (mode 700), or accepts one that is there already and that only its owner may change.
pub(super) fn make_folder(dir: &Path) -> Result<(), KeyError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(io_at(dir)(e)),
        _ => check_folder(dir),
    }
}

/// Refuses when anything of that name exists, a broken link included.
pub(super) fn must_not_exist(path: &Path) -> Result<(), KeyError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(KeyError::AlreadyThere(path.to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(io_at(path)(e)),
    }
}

/// Writes a key file that did not exist (mode 600): one comment line, one line that counts.
pub(super) fn write_new(path: &Path, comment: &str, line: &str) -> Result<(), KeyError> {
    let text = Zeroizing::new(format!("# {comment}\n{line}\n"));
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            return Err(KeyError::AlreadyThere(path.to_owned()));
        }
        opened => opened.map_err(io_at(path))?,
    };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_at(path))
}

/// Makes sure that the names of new files survive a power cut.
pub(super) fn sync_folder(dir: &Path) -> Result<(), KeyError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(io_at(dir))
}

/// Reads the line that counts. The permissions checked are those of the file that is then
/// read, not of whatever bears its name a moment later.
pub(super) fn read_line(path: &Path, wanted: &'static str) -> Result<Zeroizing<String>, KeyError> {
    let file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Err(KeyError::FileMissing(path.to_owned())),
        opened => opened.map_err(io_at(path))?,
    };
    let mode = file.metadata().map_err(io_at(path))?.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(KeyError::FileTooOpen { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(Vec::with_capacity(FILE_LIMIT as usize + 1));
    file.take(FILE_LIMIT + 1).read_to_end(&mut text).map_err(io_at(path))?;
    only_line(&text).ok_or(KeyError::Malformed { path: path.to_owned(), wanted })
}

fn only_line(text: &[u8]) -> Option<Zeroizing<String>> {
    if text.len() as u64 > FILE_LIMIT {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let line = Zeroizing::new(lines.next()?.to_owned());
    lines.next().is_none().then_some(line)
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// 32 secret bytes from exactly 64 hexadecimal digits.
pub(super) fn unhex_secret(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    let mut out = Zeroizing::new([0; 32]);
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways_and_is_read_strictly() {
        let bytes: [u8; 32] = std::array::from_fn(|n| (n * 8 + 3) as u8);
        assert_eq!(*unhex_secret(&hex(&bytes)).unwrap(), bytes);
        assert_eq!(hex(&[0, 0x0f, 0xa0, 0xff]), "000fa0ff");
        for bad in ["", &"0".repeat(63), &"0".repeat(65), &"g0".repeat(32), &"é".repeat(32), &"+1".repeat(32)]
        {
            assert!(unhex_secret(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn exactly_one_line_counts() {
        assert_eq!(only_line(b"# note\n\n  KEY \r\n").unwrap().as_str(), "KEY");
        for bad in [&b""[..], b"# note\n", b"KEY\nKEY\n", b"\xff\n", &[b'a'; FILE_LIMIT as usize + 1]] {
            assert!(only_line(bad).is_none());
        }
    }
}
