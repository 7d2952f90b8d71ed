//! TLS of both doors: where certificates come from, and how new ones are taken up while the relay runs.
//!
//! ```text
//!  files ([web.tls], [smtp.tls]) ── each minute, on SIGHUP ─> pair ─> fit? ─┐
//!                                                             refused: log  ├─> resolver ─> every new handshake
//!  directory ([web.acme]) ── a third of its life left ─> order ─> folder ───┘      │
//!                               ^─────── tls-alpn-01: asks our own door ───────────┘
//! ```
//!
//! What is in use stays in use until something better is there: a broken file, a directory that does not
//! answer or a certificate for another name is one line in the log. Connections that are open go on with
//! what they began with. A crash here loses nothing: files are replaced whole (`acme::folder`), and the
//! next start reads what is there.

pub mod acme;
pub mod examine;
pub mod files;
pub mod pair;
pub mod resolver;
mod validity;

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal as unix};
use tokio::sync::watch as signal;
use tokio::task::JoinSet;

use self::acme::Keeper;
use self::files::FilePair;
use self::pair::PairError;
use self::resolver::Resolver;
use super::doors::redirect;
use super::{AppError, bind};
use crate::clock::Clock;
use crate::config::{self, Config};

/// What a certificate authority speaks when it asks by TLS whether a name is ours (RFC 8737).
pub const CHALLENGE_PROTOCOL: &[u8] = b"acme-tls/1";

/// How often files are looked at for a change.
const LOOK: Duration = Duration::from_secs(60);

/// The cryptography of every handshake; its key exchange is post-quantum where the other side can.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// How a door that shows `resolver`'s certificate talks: TLS 1.3 or 1.2, and these protocols on top.
///
/// # Errors
/// When the cryptography knows neither version, which no build of ours has.
pub fn server(resolver: Arc<Resolver>, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, AppError> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| AppError::Configuration(format!("TLS: {error}")))?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}

/// TLS of a configured relay: how its doors talk, and what keeps their certificates fresh.
pub struct Tls {
    /// For the web door; `None` where a proxy ends TLS.
    pub web: Option<Arc<ServerConfig>>,
    /// For the mail door's STARTTLS.
    pub smtp: Option<Arc<ServerConfig>>,
    /// What runs beside the doors.
    pub upkeep: Upkeep,
}

/// What keeps certificates fresh, and the door that sends people on to https.
pub struct Upkeep {
    files: Vec<FilePair>,
    keeper: Option<Keeper>,
    redirect: Option<(TcpListener, String)>,
    hangup: Signal,
}

/// Reads every certificate that the configuration names, and binds the redirecting door.
///
/// # Errors
/// Files that are no pair, an address that is taken.
pub async fn open(config: &Config, clock: &Clock) -> Result<Tls, AppError> {
    let mut files = Vec::new();
    let mut keeper = None;
    let web = match (&config.web.tls, &config.web.acme) {
        (Some(pair), _) => {
            let resolver = taken_up(&mut files, pair, config.web.names(), clock)?;
            Some(server(resolver, &[b"http/1.1"])?)
        }
        (None, Some(acme)) => {
            let kept = Keeper::open(acme, config.web.names(), clock.clone());
            let resolver = kept.resolver();
            keeper = Some(kept);
            Some(server(resolver, &[b"http/1.1", CHALLENGE_PROTOCOL])?)
        }
        (None, None) => None,
    };
    let smtp = match config.smtp.as_ref().and_then(|smtp| Some((smtp, smtp.tls.as_ref()?))) {
        Some((smtp, pair)) => {
            Some(server(taken_up(&mut files, pair, vec![smtp.hostname.clone()], clock)?, &[])?)
        }
        None => None,
    };
    let redirect = match &config.web.redirect_http {
        Some(address) => Some((bind(address).await?, config.web.base_url.clone())),
        None => None,
    };
    let hangup = unix(SignalKind::hangup()).map_err(AppError::io("signals"))?;
    Ok(Tls { web, smtp, upkeep: Upkeep { files, keeper, redirect, hangup } })
}

fn taken_up(
    files: &mut Vec<FilePair>,
    pair: &config::Tls,
    names: Vec<String>,
    clock: &Clock,
) -> Result<Arc<Resolver>, AppError> {
    let wrong = |error: PairError| AppError::Configuration(error.to_string());
    let opened = FilePair::open(pair.clone(), names, clock.clone()).map_err(wrong)?;
    let resolver = opened.resolver();
    files.push(opened);
    Ok(resolver)
}

impl Upkeep {
    /// Runs until the signal. Each of its parts ends only then.
    pub async fn run(self, stop: signal::Receiver<bool>) {
        let Self { files, keeper, redirect: listener, hangup } = self;
        let mut parts = JoinSet::new();
        parts.spawn(files::watch(files, hangup, LOOK, stop.clone()));
        if let Some(keeper) = keeper {
            parts.spawn(keeper.run(stop.clone()));
        }
        if let Some((listener, base_url)) = listener {
            parts.spawn(redirect(listener, base_url, stop));
        }
        while let Some(ended) = parts.join_next().await {
            if ended.is_err_and(|failure| failure.is_panic()) {
                // The relay ends when this part does, and whoever watches it starts it again.
                return tracing::error!("what keeps certificates fresh panicked");
            }
        }
    }
}
