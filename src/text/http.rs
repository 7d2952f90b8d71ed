//! The HTTP client that asks the text gateway: one request, one answer, nothing followed.
//!
//! Over TLS always, but to a gateway on this machine itself (tests, a stand-in). An answer has ten seconds
//! and a size; a redirect is not followed, because the token would go along.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::TextError;

/// Longest time that an answer may take, its body included.
const SLOWEST: Duration = Duration::from_secs(10);
/// Largest answer, bytes (256 KiB): a list of templates is some kilobytes.
const LARGEST: usize = 256 * 1024;

/// Why there was no answer, as one word for the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Ten seconds were over.
    Slow,
    /// The answer was too large, or broke off: what was asked may have been done.
    Broken,
    /// No connection.
    Unreachable,
}

impl NoAnswer {
    pub(super) const fn word(self) -> &'static str {
        match self {
            NoAnswer::Slow => "timeout",
            NoAnswer::Broken => "broken-answer",
            NoAnswer::Unreachable => "unreachable",
        }
    }
}

/// The client of one gateway.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Cursor<Vec<u8>>>>,
}

impl Http {
    /// A client for this address, which trusts the system's certificates, or those of `ca_pem` in their place.
    pub(super) fn new(base_url: &str, ca_pem: Option<&[u8]>) -> Result<Self, TextError> {
        let here = base_url.strip_prefix("http://").is_some_and(leads_here);
        if !(here || base_url.starts_with("https://")) {
            return Err(TextError::Address);
        }
        let bad = |error: &dyn std::fmt::Display| TextError::Certificates(error.to_string());
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(&error))?;
        let config = match ca_pem {
            None if here => config.with_root_certificates(RootCertStore::empty()),
            None => config.with_native_roots().map_err(|error| bad(&error))?,
            Some(pem) => config.with_root_certificates(roots(pem).map_err(|error| bad(&error))?),
        };
        let builder = HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth());
        let builder = if here { builder.https_or_http() } else { builder.https_only() };
        let connector = builder.enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// One request, one answer: its status and its bytes.
    pub(super) async fn ask(&self, request: Request<Vec<u8>>) -> Result<(StatusCode, Vec<u8>), NoAnswer> {
        let answer = tokio::time::timeout(SLOWEST, self.converse(request)).await;
        answer.unwrap_or(Err(NoAnswer::Slow))
    }

    async fn converse(&self, request: Request<Vec<u8>>) -> Result<(StatusCode, Vec<u8>), NoAnswer> {
        let request = request.map(|body| Full::new(Cursor::new(body)));
        let answer = self.client.request(request).await.map_err(|error| {
            tracing::warn!(%error, "the text gateway did not answer");
            if error.is_connect() { NoAnswer::Unreachable } else { NoAnswer::Broken }
        })?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST).collect().await.map_err(|_| NoAnswer::Broken)?;
        Ok((head.status, body.to_bytes().to_vec()))
    }
}

/// Whether what follows `http://` is this machine itself.
fn leads_here(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|number| number.is_loopback())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err("there is none in the file".into()) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_clear_only_this_machine_is_asked() {
        for here in ["127.0.0.1:8080", "localhost", "[::1]:80/v2"] {
            assert!(leads_here(here), "{here}");
            assert!(Http::new(&format!("http://{here}"), None).is_ok());
        }
        for elsewhere in ["gateway.example", "127.gateway.example", "192.0.2.1", "a@127.0.0.1", ""] {
            assert!(!leads_here(elsewhere), "{elsewhere}");
            let said = Http::new(&format!("http://{elsewhere}"), None).err();
            assert!(matches!(said, Some(TextError::Address)), "{elsewhere}: {said:?}");
        }
        let nothing = Http::new("https://gateway.example", Some(b"no certificate")).err();
        assert!(matches!(nothing, Some(TextError::Certificates(_))), "{nothing:?}");
    }
}
