//! The composition root: configuration becomes a running relay. The only place that constructs IO;
//! everything else receives it.
//!
//! ```text
//!  serve, demo ─> open_relay ─┬─> web door   (axum)          every part stops by one signal:
//!                             ├─> mail door  (smtp::serve)   readiness off, 421 between mails,
//!                             ├─> judge      (received mail) units finished, leases let go,
//!                             ├─> letters    (outbox)        at most 30 seconds
//!                             ├─> upkeep     (certificates)
//!                             └─> watch      (checkpoints, disk, leftovers)
//! ```

pub mod demo;
pub mod doors;
pub mod erased;
pub mod sample;
pub mod serve;
mod sso;
pub mod tls;
pub mod watch;

pub use demo::{DemoOptions, demo};
pub use serve::serve;

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::watch as signal;
use tokio::task::JoinSet;

use crate::audit::{Act, Actor, EventDraft};
use crate::clock::{Clock, Rng};
use crate::domain::lawful::LawfulRules;
use crate::domain::notice::Notice;
use crate::domain::rights::RightsRules;
use crate::domain::sign_in::SignInRules;
use crate::gate::{GateRules, Statements};
use crate::relay::Relay;
use crate::relay::decided::Decided;
use crate::routing::{Localities, Places, Table};
use crate::seal::{KeyError, KeySet};
use crate::store::{Store, StoreError, places};
use crate::web::Site;

/// Longest time that a stop may take.
pub const STOP: std::time::Duration = std::time::Duration::from_secs(30);

/// Why the relay does not start or run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The key folder.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The database.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The key set is another than the one that sealed this database.
    #[error(
        "this database was sealed with the key set {expected}, and the key folder holds {found}: use the folder that belongs to it"
    )]
    OtherKeys {
        /// Fingerprint in the database.
        expected: String,
        /// Fingerprint of the folder.
        found: String,
    },
    /// Localities or postcodes in the database do not read.
    #[error("places: {0}")]
    Places(String),
    /// The trail in the database is shorter than the last checkpoint that this machine signed.
    #[error(
        "the database holds {found} events and the checkpoint file knows {known}: an older database was put in its place. Bring back the newer one; if it is lost, move the checkpoint file away and say so to the auditors, who hold a later checkpoint"
    )]
    Behind {
        /// Events in the database.
        found: u64,
        /// Events in the checkpoint file.
        known: u64,
    },
    /// The trail in the database is another one than this machine signed before.
    #[error(
        "the trail in the database does not go on from the {known} events that the checkpoint file knows: it was rewritten. It is not signed and not served. Run `dutyline audit verify`, keep a copy of the database as it is now, and tell the auditors, who hold a checkpoint of their own"
    )]
    Rewritten {
        /// Events in the checkpoint file.
        known: u64,
    },
    /// What was erased before could not be erased again.
    #[error("erasing again: {0}")]
    Erasing(#[from] crate::casework::CaseworkError),
    /// An address cannot be listened on, a file cannot be read or written.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// How it failed.
        error: std::io::Error,
    },
    /// A door or a worker ended by itself.
    #[error("a part of the relay ended by itself: see the log")]
    PartEnded,
    /// Something in the configuration.
    #[error("{0}")]
    Configuration(String),
}

impl AppError {
    /// An IO failure with what was tried.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| AppError::Io { what: what.into(), error }
    }
}

/// What opening a relay needs.
pub struct Opening<'a> {
    /// `sqlite:…` or `postgres:…`.
    pub database_url: &'a str,
    /// The key folder.
    pub keys_dir: &'a Path,
    /// The gate's numbers.
    pub gate: GateRules,
    /// The rules of signing in.
    pub sign_in: SignInRules,
    /// The limits of lent rights.
    pub rights: RightsRules,
    /// The agreement statements that are known.
    pub statements: Statements,
    /// The privacy notice.
    pub notice: Notice,
    /// The lawful route.
    pub lawful: LawfulRules,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub rng: Rng,
}

/// Opens the store and the keys, checks that they belong together, loads the places.
pub async fn open(opening: Opening<'_>) -> Result<Arc<Relay>, AppError> {
    let keys = KeySet::load(opening.keys_dir)?;
    let store = Store::open(opening.database_url, opening.clock.clone()).await?;
    check_fingerprint(&store, &keys).await?;
    let places = load_places(&store, opening.clock.now().day()).await?;
    let relay = Relay::new(store, keys, opening.clock, opening.rng, places).with_gate(opening.gate);
    let mut relay = relay.with_statements(opening.statements).with_notice(opening.notice);
    relay.sign_in = opening.sign_in;
    relay.rights = opening.rights;
    relay.lawful = opening.lawful;
    relay.refresh().await.map_err(|error| AppError::Places(error.to_string()))?;
    Ok(Arc::new(relay))
}

/// Opens a relay on the machine's own clock and chance.
pub async fn open_relay(
    database_url: &str,
    keys_dir: &Path,
    gate: GateRules,
    (statements, notice): (Statements, Notice),
) -> Result<Arc<Relay>, AppError> {
    let (sign_in, rights, lawful) = (SignInRules::default(), RightsRules::default(), LawfulRules::default());
    let (clock, rng) = (Clock::System, Rng::System);
    open(Opening { database_url, keys_dir, gate, sign_in, rights, lawful, statements, notice, clock, rng })
        .await
}

/// The fact under which a database remembers the key set that sealed it.
pub const KEY_SET: &str = "key-set";

async fn check_fingerprint(store: &Store, keys: &KeySet) -> Result<(), AppError> {
    let found = keys.fingerprint();
    let mine = found.clone();
    let expected = store
        .write(move |unit| {
            Box::pin(async move {
                unit.unaudited("the key set's fingerprint is remembered once");
                places::put_meta_once(unit, KEY_SET, &mine).await
            })
        })
        .await?;
    if expected == found { Ok(()) } else { Err(AppError::OtherKeys { expected, found }) }
}

/// The places in the database, as they are on a day; the compiled Kent table where none was loaded.
pub async fn load_places(store: &Store, today: Date) -> Result<Places, AppError> {
    let mut read = store.read().await?;
    let decided = Decided::read(&mut read).await?;
    let edition = places::newest_edition(&mut read).await?;
    let bad = |error: &dyn std::fmt::Display| AppError::Places(error.to_string());
    let days = decided.localities(today).map_err(|e| bad(&e))?;
    let now = days.into_iter().next().map(|(_, localities)| localities);
    let localities = now.unwrap_or_else(|| Localities::kent().clone());
    match edition {
        None => Ok(Places::compiled(localities)),
        Some(edition) => {
            let table =
                Table::from_parts(&edition.live, &edition.retired, &edition.edition).map_err(|e| bad(&e))?;
            table.check(&localities).map_err(|e| bad(&e))?;
            Ok(Places::loaded(table, localities))
        }
    }
}

/// A relay about to run: its doors' sockets are open.
pub struct App {
    /// Everything behind the doors.
    pub relay: Arc<Relay>,
    /// The web door.
    pub site: Arc<Site>,
    /// The web door's socket.
    pub web: tokio::net::TcpListener,
    /// What stands between the network and the pages.
    pub front: doors::Front,
    /// What keeps certificates fresh; nothing in the demo.
    pub upkeep: Option<tls::Upkeep>,
    /// The mail door: its socket and how it talks.
    pub smtp: Option<(tokio::net::TcpListener, Arc<crate::smtp::Config>)>,
    /// How letters leave.
    pub post: crate::delivery::Post,
    /// How letters are written.
    pub letters: crate::delivery::Settings,
    /// The log's origin and the file outside the database that remembers the last checkpoint.
    pub trail: watch::Trail,
    /// Whose free space is watched; `None` for none.
    pub disk: Option<watch::Disk>,
}

impl App {
    /// Runs until `stop` says so; then everything is finished, not cut. The caller has checked that the
    /// trail goes on from what was signed ([`watch::refuse_if_behind`]).
    pub async fn run(self, stop: signal::Receiver<bool>) -> Result<(), AppError> {
        let Self { relay, site, web, front, upkeep, smtp, post, letters, trail, disk } = self;
        relay.decoder.runs(&this_program()?);
        relay.store.record(EventDraft::new(Act::Started, Actor::system())).await?;
        watch::sign_now(&relay, &trail).await?;
        let mut parts = JoinSet::new();
        parts.spawn(doors::web(web, front, crate::web::router(site), stop.clone()));
        if let Some(upkeep) = upkeep {
            parts.spawn(upkeep.run(stop.clone()));
        }
        if let Some((listener, config)) = smtp {
            let intake = Arc::new(doors::MailDoor { relay: relay.clone() });
            let stop = stop.clone();
            parts.spawn(async move { crate::smtp::serve(listener, config, intake, stop).await });
        }
        parts.spawn(doors::judge_mail(relay.clone(), stop.clone()));
        parts.spawn(crate::delivery::worker(relay.clone(), post, letters, stop.clone()));
        parts.spawn(watch::checkpoints(relay.clone(), trail.clone(), stop.clone()));
        parts.spawn(watch::decisions(relay.clone(), stop.clone()));
        parts.spawn(watch::leftovers(relay.clone(), disk, trail.clone(), stop.clone()));
        parts.spawn(writer_goes_on(relay.clone(), stop.clone()));
        let early = ended_before_the_stop(&mut parts, stop).await;
        let ended = tokio::time::timeout(STOP, async {
            while parts.join_next().await.is_some() {}
            relay.behind.ended().await;
        });
        if ended.await.is_err() {
            tracing::warn!("some work did not finish in time; nothing acknowledged is lost");
        }
        relay.store.record(EventDraft::new(Act::Stopped, Actor::system())).await?;
        watch::sign_now(&relay, &trail).await?;
        relay.store.close().await;
        if early { Err(AppError::PartEnded) } else { Ok(()) }
    }
}

/// This very program, for the decoding child. By Linux's own link, which still leads to it when an upgrade
/// has put another in its place.
fn this_program() -> Result<std::path::PathBuf, AppError> {
    let link = Path::new("/proc/self/exe");
    match link.exists() {
        true => Ok(link.to_owned()),
        false => std::env::current_exe().map_err(AppError::io("this program's own path")),
    }
}

/// Ends at the stop, or when the store's writer ends before it.
async fn writer_goes_on(relay: Arc<Relay>, mut stop: signal::Receiver<bool>) {
    tokio::select! {
        () = relay.store.writer_ended() => tracing::error!("the writer of the database ended by itself"),
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// Waits for the stop. A part that ends before it, by a panic or by an error, must not go unnoticed:
/// the process ends, and whoever watches it starts it again.
async fn ended_before_the_stop(parts: &mut JoinSet<()>, mut stop: signal::Receiver<bool>) -> bool {
    let stopping = stop.clone();
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => false,
        ended = parts.join_next() => {
            if *stopping.borrow() {
                return false;
            }
            tracing::error!(panicked = matches!(ended, Some(Err(_))), "a part of the relay ended by itself");
            true
        }
    }
}

/// A stop signal that SIGTERM and SIGINT give.
pub fn stop_on_signals() -> Result<signal::Receiver<bool>, AppError> {
    use tokio::signal::unix::{SignalKind, signal as unix};
    let (stop, receiver) = signal::channel(false);
    let mut term = unix(SignalKind::terminate()).map_err(AppError::io("signals"))?;
    let mut int = unix(SignalKind::interrupt()).map_err(AppError::io("signals"))?;
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    Ok(receiver)
}

/// Binds a socket; the error names the address.
pub async fn bind(address: &str) -> Result<tokio::net::TcpListener, AppError> {
    tokio::net::TcpListener::bind(address).await.map_err(AppError::io(format!("cannot listen on {address}")))
}
