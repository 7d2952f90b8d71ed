//! The HTTP client that asks identity providers: one request, one answer, nothing followed.
//!
//! Over TLS always, but to a provider on this machine itself (tests, a broker beside us). An answer has
//! ten seconds and a size; a redirect is not followed, because whoever can answer for the provider's
//! address could send the client's secret elsewhere. A crash here means a sign-in that has to be begun
//! again, no more.

use std::io::Cursor;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Longest time that an answer may take, its body included.
const SLOWEST: Duration = Duration::from_secs(10);
/// Largest answer, bytes (256 KiB): a provider's description and its keys are some 20 KiB.
const LARGEST: usize = 256 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is not one that we ask.
    #[error("its address does not begin with https://")]
    InClear,
    /// Ten seconds were over.
    #[error("it did not answer within {} seconds", SLOWEST.as_secs())]
    Slow,
    /// The answer was too large, or broke off.
    #[error("its answer was too large or broke off")]
    Answer,
    /// No connection, or one that broke.
    #[error("it cannot be reached: {0}")]
    Connection(String),
    /// No client can be made of these certificates.
    #[error("certificates: {0}")]
    Certificates(String),
}

/// The client of one provider.
#[derive(Clone)]
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Cursor<Vec<u8>>>>,
    here: bool,
}

impl Http {
    /// A client that trusts the system's certificates, or those of `ca_pem` in their place. With `here`
    /// it asks this machine itself only, and does so in clear too.
    pub fn new(ca_pem: Option<&[u8]>, here: bool) -> Result<Self, HttpError> {
        let bad = |error: &dyn std::fmt::Display| HttpError::Certificates(error.to_string());
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
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), here })
    }

    /// One request, one answer.
    pub async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let secure = request.uri().scheme_str() == Some("https");
        let loopback = self.here && request.uri().host().is_some_and(is_here);
        if !(secure || loopback) {
            return Err(HttpError::InClear);
        }
        tokio::time::timeout(SLOWEST, self.converse(request)).await.map_err(|_| HttpError::Slow)?
    }

    async fn converse(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(|body| Full::new(Cursor::new(body)));
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| HttpError::Connection(whole(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST).collect().await.map_err(|_| HttpError::Answer)?;
        Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Whether a host is this machine itself.
pub(super) fn is_here(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err("there is none in the file".into()) } else { Ok(roots) }
}

/// An error with what caused it.
fn whole(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(uri: &str) -> HttpRequest {
        openidconnect::http::Request::builder().uri(uri).body(Vec::new()).expect("a request")
    }

    #[tokio::test]
    async fn nothing_is_asked_in_clear_but_on_this_machine() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let outside = Http::new(Some(made.cert.pem().as_bytes()), false).expect("a client");
        let said = outside.ask(get("http://127.0.0.1:1/")).await;
        assert!(matches!(said, Err(HttpError::InClear)), "{said:?}");
        let here = Http::new(None, true).expect("a client");
        for elsewhere in ["http://provider.example/", "http://127.provider.example/", "http://192.0.2.1/"] {
            let said = here.ask(get(elsewhere)).await;
            assert!(matches!(said, Err(HttpError::InClear)), "{elsewhere}: {said:?}");
        }
        let said = here.ask(get("http://127.0.0.1:1/")).await;
        assert!(matches!(said, Err(HttpError::Connection(_))), "{said:?}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_a_large_one_is_none() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = format!("http://{}/", listener.local_addr().expect("bound"));
        let server = tokio::spawn(async move {
            for length in [0, LARGEST + 1] {
                let (mut stream, _) = listener.accept().await.expect("a client");
                let _ = stream.read(&mut [0; 4096]).await;
                let head = format!(
                    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&vec![b'x'; length]).await;
            }
        });
        let client = Http::new(None, true).expect("a client");
        assert_eq!(client.ask(get(&at)).await.expect("an answer").status().as_u16(), 302);
        let said = client.ask(get(&at)).await;
        assert!(matches!(said, Err(HttpError::Answer)), "{said:?}");
        server.await.expect("ends");
    }

    #[test]
    fn a_file_without_certificates_is_said() {
        assert!(matches!(Http::new(Some(b"nothing"), false), Err(HttpError::Certificates(_))));
    }
}
