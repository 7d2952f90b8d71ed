//! The web door: server-rendered pages, complete without JavaScript (DESIGN section 7).
//!
//! ```text
//!  request ─> number, headers ─> cross-site refusal ─> who (session) ─> may they (routes.rs) ─> body, limited ─> handler ─> page
//! ```
//!
//! A person is authorised before the body is read. "Not yours" and "not there" are the same 404. The
//! log names the matched route, never the path: links are secrets.

pub mod access;
pub mod assets;
pub mod browser;
pub mod device;
pub mod error;
pub mod field;
pub mod form;
#[cfg(test)]
mod gallery;
pub mod headers;
pub mod host;
mod kept;
pub mod page;
pub mod pages;
pub mod parts;
pub mod peer;
pub mod routes;
pub mod shell;
pub mod square;
pub mod statement;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use crate::mail::Memory;
use crate::people::passkeys::Passkeys;
use crate::people::sso::Provider;
use crate::relay::Relay;

/// Largest body of an ordinary form, bytes (256 KiB).
pub const FORM_LIMIT: usize = 256 * 1024;
/// Largest body of an upload, bytes (12 MiB: one attachment and its envelope).
pub const UPLOAD_LIMIT: usize = 12 * 1024 * 1024;
/// Longest time an answer may take, its request's body included.
const SLOWEST: Duration = Duration::from_secs(30);
/// The same where a file is sent: ten megabytes take 80 seconds at 1 Mbit/s.
const SLOWEST_UPLOAD: Duration = Duration::from_secs(5 * 60);
/// Where files are sent to.
const UPLOADS: &[&str] =
    &["/drafts/{id}/files", "/drafts/{id}/paper", "/people/import", "/people/import/apply"];

/// What the web door is made of.
pub struct Site {
    /// Everything behind it.
    pub relay: Arc<Relay>,
    /// Its own address, such as `http://127.0.0.1:8080`, without a slash at the end.
    pub base_url: String,
    /// Hosts it answers to; empty means any (a proxy checks).
    pub hosts: Vec<String>,
    /// Telephone number of children's social care, for the signposts.
    pub social_care: String,
    /// The demo's door: captured mail and one-click sign-in. Only `dutyline demo` can construct one.
    pub demo: Option<DemoDoor>,
    /// Whether cookies are `Secure` and carry the `__Host-` prefix.
    pub secure: bool,
    /// The log's verifier key, shown to auditors.
    pub log_key: String,
    /// The file outside the database that holds the last checkpoint, when there is one.
    pub checkpoint_file: Option<std::path::PathBuf>,
    /// Passkeys, where the site has a name that they can belong to.
    pub passkeys: Option<Arc<Passkeys>>,
    /// Identity providers for single sign-on.
    pub sso: Vec<Provider>,
}

impl Site {
    /// The name that passkeys belong to, for `templates/macros/passkey.html`; empty when there are none.
    pub fn passkey_host(&self) -> String {
        self.passkeys.as_ref().map_or("", |passkeys| passkeys.host()).to_owned()
    }
}

/// What only the demo has.
pub struct DemoDoor {
    /// Where outgoing mail was captured.
    pub captured: Memory,
    /// Where outgoing texts were captured.
    pub texts: crate::text::Memory,
}

/// Shared by every handler.
pub type State = axum::extract::State<Arc<Site>>;

/// The whole web door.
pub fn router(site: Arc<Site>) -> Router {
    routes::table()
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(from_fn_with_state(site.clone(), access::guard))
        .layer(from_fn(headers::refuse_unmarked_changes))
        .layer(tower_http::csrf::CsrfLayer::new())
        .layer(from_fn(in_time))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(error::panicked))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(from_fn_with_state(site.clone(), headers::every_answer))
        .with_state(site)
}

/// The answer, or 503 when it takes too long.
async fn in_time(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let most = longest(request.method(), path);
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

fn longest(method: &Method, path: &str) -> Duration {
    if method == Method::POST && UPLOADS.contains(&path) { SLOWEST_UPLOAD } else { SLOWEST }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_files_are_sent_is_there_time_for_a_slow_line() {
        assert_eq!(longest(&Method::POST, "/drafts/{id}/files"), SLOWEST_UPLOAD);
        assert_eq!(longest(&Method::GET, "/drafts/{id}/files"), SLOWEST);
        assert_eq!(longest(&Method::POST, "/drafts/{id}/sign"), SLOWEST);
        for path in UPLOADS {
            assert!(routes::access_of("POST", path).is_some(), "{path} is a route");
        }
    }
}
