//! The service that is measured, in a process of its own, and this process's handle on it.
//!
//! It is what `dutyline serve` puts together: the store, the router, the web door's connections and the
//! letters' worker. Beside the router's own pages there is [`UNBOUNDED`], which does what the service would
//! do without its bound: one argon2 hash of a sign-in's size on whatever thread is free.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use axum::http::StatusCode;
use axum::routing::post;
use dutyline::app::doors::{self, Front};
use dutyline::audit::Actor;
use dutyline::clock::{Clock, Rng};
use dutyline::delivery;
use dutyline::domain::email::EmailAddress;
use dutyline::domain::ids::{OrganisationId, PersonId};
use dutyline::domain::people::{Person, Role};
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::mail::{Mailer, Memory};
use dutyline::people::{self, Begin, password};
use dutyline::relay::Relay;
use dutyline::routing::{Localities, Places};
use dutyline::seal::KeySet;
use dutyline::store::{Store, credentials, people as rows};
use dutyline::web::{Site, router};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::say;

/// The argument that makes this program the service.
pub const SERVICE: &str = "--service";
/// Where a hash is worked out without a bound.
pub const UNBOUNDED: &str = "/unbounded";
/// Everybody's password who has one.
pub const PASSWORD: &str = "copper kettle walks north";

/// Whose an address is; they take turns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody's.
    Nobody,
    /// A setting's practitioner, who has a password and could have a reset mailed.
    Setting,
    /// A duty person without a password, whose reset another person approves.
    Line,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Nobody, Kind::Setting, Kind::Line];

    pub fn of(number: usize) -> Self {
        Self::ALL[number % 3]
    }
}

/// The address with a number. Nothing in it tells whose it is: all are hashes of one length.
pub fn address(number: usize) -> String {
    let hash = Sha256::digest(number.to_be_bytes());
    let name: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}@setting1.example")
}

/// A running service.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// The session of somebody who is signed in and works a line.
    pub session: String,
}

impl Service {
    /// Starts one in which every address below `addresses` is whose [`Kind::of`] says.
    pub fn start(addresses: usize) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.args([SERVICE, &addresses.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let mut line = String::new();
        let said = child.stdout.take().expect("a pipe");
        BufReader::new(said).read_line(&mut line).expect("it says where it is");
        let (at, session) = line.trim().split_once(' ').expect("address and session");
        Self { at: at.parse().expect("an address"), session: session.to_owned(), child }
    }

    /// From now on `VmHWM` is a new peak (proc(5), `clear_refs`).
    pub fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").expect("our own child");
    }

    /// A line of `/proc/PID/status`, MiB.
    pub fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("Linux says it");
        let number = line.trim_start_matches(':').trim().trim_end_matches(" kB");
        number.parse::<u64>().expect("a number") / 1024
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("it ends when nobody speaks with it");
    }
}

/// Runs the service until standard input ends.
pub async fn run(addresses: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let relay = relay(folder.path()).await;
    let (session, phc) = fill(&relay, addresses).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    say(&format!("{} {session}", listener.local_addr().expect("bound")));
    let (_stop, stopped) = watch::channel(false);
    let mailer = Arc::new(Mailer::Memory(Memory::default()));
    tokio::spawn(delivery::worker(relay.clone(), mailer, letters(), stopped.clone()));
    let front = Front { tls: None, proxies: vec!["127.0.0.1".parse().expect("an address")] };
    let pages = router(site(relay)).merge(unbounded(phc));
    tokio::spawn(doors::web(listener, front, pages, stopped));
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    end.await.expect("waits").expect("reads");
}

async fn relay(folder: &Path) -> Arc<Relay> {
    let url = format!("sqlite:{}", folder.join("bench.db").display());
    let store = Store::open(&url, Clock::System).await.expect("opens");
    let places = Places::compiled(Localities::kent().clone());
    Arc::new(Relay::new(store, KeySet::generate().0, Clock::System, Rng::System, places))
}

fn site(relay: Arc<Relay>) -> Arc<Site> {
    Arc::new(Site {
        relay,
        base_url: "http://127.0.0.1".to_owned(),
        hosts: Vec::new(),
        social_care: "01632 960999".to_owned(),
        demo: None,
        secure: false,
        log_key: String::new(),
        checkpoint_file: None,
        passkeys: None,
        sso: Vec::new(),
    })
}

fn letters() -> delivery::Settings {
    delivery::Settings {
        base_url: "https://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    }
}

fn unbounded(phc: String) -> axum::Router {
    let hash = move || {
        let phc = phc.clone();
        let work = move || Argon2::default().verify_password(b"not it at all", phc.as_str()).is_err();
        async move {
            assert!(tokio::task::spawn_blocking(work).await.expect("hashes"), "a wrong password");
            StatusCode::SEE_OTHER
        }
    };
    axum::Router::new().route(UNBOUNDED, post(hash))
}

/// Everybody. Gives a session of somebody who works a line, and the kept string of [`PASSWORD`]: it is made
/// once, as a person makes it, and given to all.
async fn fill(relay: &Arc<Relay>, addresses: usize) -> (String, String) {
    let office = office(relay).await;
    let first = person(relay, &office, Role::Duty, "first@setting1.example".to_owned());
    let accounts = (0..addresses).filter_map(|number| {
        let role = match Kind::of(number) {
            Kind::Nobody => return None,
            Kind::Setting => Role::Practitioner,
            Kind::Line => Role::Duty,
        };
        Some(person(relay, &office, role, address(number)))
    });
    let accounts: Vec<Person> = accounts.collect();
    insert(relay, vec![first.clone()], None).await;
    let phc = first_password(relay, &first).await;
    insert(relay, accounts, Some(phc.clone())).await;
    let token = people::sign_in(relay, first.id).await.expect("answers").expect("signed in");
    (token.secret().to_owned(), phc)
}

async fn office(relay: &Relay) -> rows::Organisation {
    let office = rows::Organisation {
        id: relay.fresh(OrganisationId::new),
        kind: "setting".to_owned(),
        name: "Bench Nursery".to_owned(),
        urn: String::new(),
        postcode: String::new(),
        phone: String::new(),
    };
    let copy = office.clone();
    let made = relay.store.write(move |unit| {
        Box::pin(async move { rows::insert_organisation(unit, &Actor::operator(), &copy).await })
    });
    made.await.expect("an organisation");
    office
}

fn person(relay: &Relay, office: &rows::Organisation, role: Role, email: String) -> Person {
    let line = if role == Role::Duty { "canterbury" } else { "" };
    Person {
        id: relay.fresh(PersonId::new),
        organisation: office.id,
        organisation_name: office.name.clone(),
        name: "Jo Sample".to_owned(),
        role,
        lines: line.split_whitespace().map(str::to_owned).collect(),
        covers: Vec::new(),
        email,
    }
}

/// Whoever is in a setting gets the password, when there is one.
async fn insert(relay: &Relay, people: Vec<Person>, phc: Option<String>) {
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            for person in &people {
                rows::insert(unit, &Actor::operator(), person).await?;
                if let Some(phc) = phc.as_ref().filter(|_| person.role.in_setting()) {
                    credentials::set_password(unit, person.id, phc).await?;
                }
            }
            Ok(())
        })
    });
    made.await.expect("people");
}

async fn first_password(relay: &Relay, who: &Person) -> String {
    let how = Begin { stage: Stage::SetUp, method: Method::Link, checked: None, browser: String::new() };
    let token = people::begin(relay, who.id, how).await.expect("answers").expect("begun");
    let now = people::whose(relay, &token).await.expect("answers").expect("setting up");
    let fit = password::fit(relay, who, PASSWORD).await.expect("a good password");
    password::set(relay, &now, fit).await.expect("set");
    let mut read = relay.store.read().await.expect("reads");
    credentials::password(&mut read, Some(who.id)).await.expect("reads").expect("has one")
}
