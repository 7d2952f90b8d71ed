//! A certificate with its key, as it is shown in a handshake, and what can be wrong with one.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::provider;
use super::validity::validity;
use crate::config;
use crate::domain::time::Instant;

/// Why two files are no certificate that can be shown. Each names its file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The file is not there, or not for us.
    #[error("{file} cannot be read ({error}): correct the path or its owner")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// No certificate in it that reads.
    #[error(
        "{0} holds no certificate that can be read: put a PEM file there, the relay's own certificate first"
    )]
    NoCertificate(String),
    /// No private key in it that reads.
    #[error("{0} holds no private key that can be used: put a PEM file with an unencrypted key there")]
    NoKey(String),
    /// Two halves of different pairs.
    #[error(
        "the key in {key} does not belong to the certificate in {certificate}: put the pair there that was made together"
    )]
    NotAPair {
        /// File of the certificate.
        certificate: String,
        /// File of the key.
        key: String,
    },
    /// It has run out already.
    #[error("the certificate in {file} ran out on {until}: put a newer one there")]
    RanOut {
        /// Which.
        file: String,
        /// When, for people.
        until: String,
    },
    /// It is for other names than the one in use.
    #[error(
        "the certificate in {file} is not for {name}, and the one in use is: put one there that names it"
    )]
    OtherName {
        /// Which.
        file: String,
        /// The name that it lacks.
        name: String,
    },
}

/// A certificate and its key, which belong together.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What handshakes show.
    pub shown: Arc<CertifiedKey>,
    /// From when it holds.
    pub from: Instant,
    /// Until when it holds.
    pub until: Instant,
}

impl Pair {
    /// Reads a certificate file and a key file.
    ///
    /// # Errors
    /// All of [`PairError`] but what depends on time and names.
    pub fn from_files(files: &config::Tls) -> Result<Self, PairError> {
        let read = |file: &Path| match fs::read(file) {
            Ok(bytes) => Ok(Zeroizing::new(bytes)),
            Err(error) => Err(PairError::Unreadable { file: shown(file), error }),
        };
        let (certificate, key) = (read(&files.certificate)?, read(&files.key)?);
        Self::from_pem(&certificate, &key, files)
    }

    /// Reads the text of both files; `files` is whose they are, for what is said. One text may be both.
    ///
    /// # Errors
    /// As [`Pair::from_files`].
    pub fn from_pem(certificate: &[u8], key: &[u8], files: &config::Tls) -> Result<Self, PairError> {
        let (certificate_file, key_file) = (shown(&files.certificate), shown(&files.key));
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.unwrap_or_default();
        let Some((from, until)) = chain.first().and_then(|own| validity(own)) else {
            return Err(PairError::NoCertificate(certificate_file));
        };
        let Ok(key) = PrivateKeyDer::from_pem_slice(key) else { return Err(PairError::NoKey(key_file)) };
        let Ok(key) = provider().key_provider.load_private_key(key) else {
            return Err(PairError::NoKey(key_file));
        };
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) => Ok(Self { shown: Arc::new(pair), from, until }),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(PairError::NotAPair { certificate: certificate_file, key: key_file })
            }
            Err(_) => Err(PairError::NoCertificate(certificate_file)),
        }
    }

    /// Those of `names`, hosts or addresses, that it is not for.
    pub fn lacks<'a>(&self, names: &'a [String]) -> Vec<&'a str> {
        let own = self.shown.end_entity_cert().ok().and_then(|own| ParsedCertificate::try_from(own).ok());
        let names_it = |name: &str| {
            let bare = name.trim_start_matches('[').trim_end_matches(']');
            let name = ServerName::try_from(bare).ok();
            name.zip(own.as_ref()).is_some_and(|(name, own)| verify_server_name(own, &name).is_ok())
        };
        names.iter().map(String::as_str).filter(|name| !names_it(name)).collect()
    }

    /// When a third of its life is left: time for another.
    pub fn due(&self) -> Instant {
        let life = self.until.micros().saturating_sub(self.from.micros());
        self.until.plus(-(life / 3))
    }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}
