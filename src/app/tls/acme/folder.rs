//! What is kept between starts: the account at the directory, and the certificate with its key.
//!
//! ```text
//!  web.acme.folder/<12 hex digits of the directory's SHA-256>/   mode 700
//!      account.json      the account's address and key           mode 600
//!      certificate.pem   key, then certificate and chain         mode 600
//! ```
//!
//! Each directory has a folder of its own, so that changing from a directory for trying to the real one asks
//! for a real certificate. Key and certificate are one file, because two cannot be replaced at one moment.
//! A file is written beside its place, synced, moved there, and the folder synced: after a crash either the
//! old one or the new one is there, whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use instant_acme::AccountCredentials;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::super::pair::{Pair, PairError};
use crate::config;

const ACCOUNT: &str = "account.json";
const CERTIFICATE: &str = "certificate.pem";

/// The folder of one directory's account and certificate.
pub struct Folder {
    parent: PathBuf,
    path: PathBuf,
}

impl Folder {
    /// The folder for the directory that is configured; made when something is kept.
    pub fn of(settings: &config::Acme) -> Self {
        let digest = Sha256::digest(&settings.directory);
        let name: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { parent: settings.folder.clone(), path: settings.folder.join(name) }
    }

    /// The one file, as both files of a pair.
    pub fn files(&self) -> config::Tls {
        let file = self.path.join(CERTIFICATE);
        config::Tls { certificate: file.clone(), key: file }
    }

    /// The certificate that was kept last.
    ///
    /// # Errors
    /// A file that is no pair.
    pub fn pair(&self) -> Result<Option<Pair>, PairError> {
        let files = self.files();
        match Pair::from_files(&files) {
            Err(PairError::Unreadable { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Keeps a certificate: PEM, key and chain.
    ///
    /// # Errors
    /// The disk's.
    pub fn keep_pair(&self, pem: &[u8]) -> io::Result<()> {
        self.keep(CERTIFICATE, pem)
    }

    /// The account, if there is one.
    ///
    /// # Errors
    /// The disk's, or a file that holds none: to be moved away by hand, because it is a key.
    pub fn account(&self) -> io::Result<Option<AccountCredentials>> {
        match fs::read(self.path.join(ACCOUNT)).map(Zeroizing::new) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| {
                let shown = self.path.join(ACCOUNT);
                io::Error::other(format!("{} holds no account ({error}): move it away", shown.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the account.
    ///
    /// # Errors
    /// The disk's.
    pub fn keep_account(&self, credentials: &AccountCredentials) -> io::Result<()> {
        self.keep(ACCOUNT, &Zeroizing::new(serde_json::to_vec(credentials)?))
    }

    /// Takes away an account that the directory does not know any more.
    ///
    /// # Errors
    /// The disk's.
    pub fn forget_account(&self) -> io::Result<()> {
        fs::remove_file(self.path.join(ACCOUNT))
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if !self.path.is_dir() {
            DirBuilder::new().mode(0o700).create(&self.path)?;
            File::open(&self.parent)?.sync_all()?;
        }
        let (new, place) = (self.path.join(format!("{name}.new")), self.path.join(name));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &place)?;
        File::open(&self.path)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn each_directory_has_a_folder_of_its_own_and_nobody_else_reads_it() {
        let dir = tempfile::TempDir::new().unwrap();
        let of = |directory: &str| {
            Folder::of(&config::Acme {
                directory: directory.to_owned(),
                folder: dir.path().to_owned(),
                ..config::Acme::default()
            })
        };
        let (first, second) = (of("https://a.example/dir"), of("https://b.example/dir"));
        assert!(first.pair().unwrap().is_none() && first.account().unwrap().is_none());
        fs::create_dir(&first.path).unwrap();
        fs::write(first.path.join("certificate.pem.new"), "half of one, from before a crash").unwrap();
        fs::remove_dir_all(&first.path).unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["relay.example".to_owned()]).unwrap();
        let pem = format!("{}{}", made.signing_key.serialize_pem(), made.cert.pem());
        first.keep_pair(pem.as_bytes()).unwrap();
        fs::write(first.path.join("certificate.pem.new"), "half of one, from before a crash").unwrap();
        first.keep_pair(pem.as_bytes()).unwrap();
        assert!(first.pair().unwrap().is_some() && second.pair().unwrap().is_none());
        assert_eq!((mode(&first.path), mode(&first.files().key)), (0o700, 0o600));
        let left: Vec<_> =
            fs::read_dir(&first.path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [CERTIFICATE]);
        first.keep(ACCOUNT, b"no account").unwrap();
        let said = first.account().err().unwrap().to_string();
        assert!(said.contains("account.json holds no account (expected"), "{said}");
    }
}
