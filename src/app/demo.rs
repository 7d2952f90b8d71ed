//! `dutyline demo`: the same App with another configuration, and a door that only this can construct.
//! Loopback only; keys of its own; embedded SQLite; outgoing mail is captured and never leaves.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::watch::{DISK_FLOOR, Disk, Trail, refuse_if_behind, verifier_key};
use super::{App, AppError, Opening, bind, erased, open, sample, stop_on_signals};
use crate::audit::Origin;
use crate::clock::{Clock, Rng};
use crate::config::layout;
use crate::delivery;
use crate::domain::email::EmailAddress;
use crate::domain::lawful::LawfulRules;
use crate::domain::notice::Notice;
use crate::domain::people::Role;
use crate::domain::rights::RightsRules;
use crate::domain::sign_in::SignInRules;
use crate::domain::time::HOUR;
use crate::gate::{GateRules, Statements};
use crate::mail::{Mailer, Memory};
use crate::people::passkeys::Passkeys;
use crate::relay::Relay;
use crate::seal::KeySet;
use crate::smtp;
use crate::store::{people, places};
use crate::text::{self, Texter};
use crate::web::{DemoDoor, Site};

/// Where the demo takes sealed referrals.
pub const ADDRESS: &str = "referrals@dutyline.example";
/// The fact that marks a demo's database: no other opens behind the demo's door.
pub const DEMO: &str = "demo";

/// What the command line says.
pub struct DemoOptions {
    /// Port of the web door on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Port of the mail door on 127.0.0.1; 0 takes a free one.
    pub smtp_port: u16,
    /// Folder of the data; a fresh one when absent.
    pub data: Option<PathBuf>,
}

/// Runs the demo until a signal stops it.
pub async fn demo(options: DemoOptions) -> Result<(), AppError> {
    let folder = folder(options.data)?;
    if !layout::keys(&folder).exists() {
        prepare(&folder).await?;
    }
    let web = bind(&format!("127.0.0.1:{}", options.port)).await?;
    let mail = bind(&format!("127.0.0.1:{}", options.smtp_port)).await?;
    let local = |listener: &tokio::net::TcpListener| listener.local_addr().map_err(AppError::io("socket"));
    let (web_at, mail_at) = (local(&web)?, local(&mail)?);
    let relay = relay(&folder, Clock::System).await?;
    if places::meta(&mut relay.store.read().await?, DEMO).await?.is_none() {
        let sentence =
            "this folder holds a relay that is not a demo's: the demo lets anybody in, and does not open it";
        return Err(AppError::Configuration(sentence.to_owned()));
    }
    let app = assemble(&folder, relay.clone(), web, mail)?;
    refuse_if_behind(&relay, &app.trail).await?;
    erased::replay(&relay, &app.trail.file).await?;
    let stop = stop_on_signals()?;
    let said = welcome(&folder, &relay, web_at.port(), mail_at.port()).await?;
    let running = tokio::spawn(app.run(stop));
    let told = writeln!(std::io::stdout(), "{said}").and_then(|()| std::io::stdout().flush());
    told.map_err(AppError::io("standard output"))?;
    running.await.map_err(|error| AppError::Configuration(format!("the demo ended: {error}")))?
}

fn folder(asked: Option<PathBuf>) -> Result<PathBuf, AppError> {
    let folder = asked.unwrap_or_else(|| {
        let unique: String = Rng::System.bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect();
        std::env::temp_dir().join(format!("dutyline-demo-{unique}"))
    });
    std::fs::create_dir_all(&folder).map_err(AppError::io(format!("cannot make {}", folder.display())))?;
    folder.canonicalize().map_err(AppError::io("demo folder"))
}

/// The demo's relay. The lawful route is turned on, so that it can be looked at: a deployment has it off
/// unless it says so.
async fn relay(folder: &Path, clock: Clock) -> Result<Arc<Relay>, AppError> {
    open(Opening {
        database_url: &layout::database_url(folder),
        keys_dir: &layout::keys(folder),
        gate: GateRules::default(),
        sign_in: SignInRules::default(),
        rights: RightsRules::default(),
        lawful: LawfulRules { on: true, ..LawfulRules::default() },
        clock,
        rng: Rng::System,
        statements: Statements::shipped(),
        notice: Notice::sample(),
    })
    .await
}

/// Keys of its own, and sample data made on a clock that is moved by hand.
async fn prepare(folder: &Path) -> Result<(), AppError> {
    let recovery = folder.join("recovery-identity.txt");
    KeySet::create(&layout::keys(folder), &recovery)?;
    let origin = folder.join(layout::ORIGIN);
    std::fs::write(&origin, layout::DEMO_ORIGIN).map_err(AppError::io("origin file"))?;
    let first = sample::hours::earlier(Clock::System.now(), sample::EARLIER)[0];
    let clock = Clock::fixed(first.plus(-HOUR));
    // The lines' made-up mailboxes first: what is opened afterwards writes to them and to no other.
    let relay = relay(folder, clock.clone()).await?;
    sample::localities(&relay).await?;
    relay.store.close().await;
    let relay = self::relay(folder, clock).await?;
    let marked = relay.store.write(|unit| {
        Box::pin(async move {
            unit.unaudited("marks the database as a demo's");
            places::put_meta_once(unit, DEMO, "yes").await
        })
    });
    marked.await?;
    sample::fill(&relay).await?;
    relay.store.close().await;
    Ok(())
}

fn assemble(
    folder: &Path,
    relay: Arc<Relay>,
    web: tokio::net::TcpListener,
    mail: tokio::net::TcpListener,
) -> Result<App, AppError> {
    let port = web.local_addr().map_err(AppError::io("socket"))?.port();
    let base_url = format!("http://127.0.0.1:{port}");
    let origin =
        Origin::parse(layout::DEMO_ORIGIN).map_err(|error| AppError::Configuration(error.to_string()))?;
    let (captured, texts) = (Memory::default(), text::Memory::default());
    let site = Site {
        relay: relay.clone(),
        base_url: base_url.clone(),
        hosts: vec![format!("127.0.0.1:{port}"), format!("localhost:{port}")],
        social_care: "01632 960999".to_owned(),
        demo: Some(DemoDoor { captured: captured.clone(), texts: texts.clone() }),
        secure: false,
        log_key: verifier_key(&relay, &origin).to_string(),
        checkpoint_file: Some(layout::checkpoint(folder)),
        // Passkeys need a name: they are offered when the demo is opened as localhost.
        passkeys: Passkeys::of(&format!("http://localhost:{port}")).map(Arc::new),
        sso: Vec::new(),
    };
    Ok(App {
        site: Arc::new(site),
        web,
        front: super::doors::Front::default(),
        upkeep: None,
        smtp: Some((mail, Arc::new(smtp_config(&relay)?))),
        post: delivery::Post {
            mailer: Arc::new(Mailer::Memory(captured)),
            texter: Some(Arc::new(Texter::Memory(texts))),
        },
        letters: delivery::Settings {
            base_url,
            host: "dutyline.example".to_owned(),
            from: EmailAddress::parse("relay@dutyline.example")
                .map_err(|e| AppError::Configuration(e.to_string()))?,
            from_name: "dutyline".to_owned(),
        },
        trail: Trail { origin, file: layout::checkpoint(folder) },
        disk: Some(Disk { folder: folder.to_owned(), floor: DISK_FLOOR }),
        relay,
    })
}

/// The demo makes its own certificate: STARTTLS works, nobody has to trust it.
fn smtp_config(relay: &Relay) -> Result<smtp::Config, AppError> {
    let bad = |error: &dyn std::fmt::Display| AppError::Configuration(format!("demo certificate: {error}"));
    let made =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "dutyline.example".to_owned()])
            .map_err(|error| bad(&error))?;
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(|e| bad(&e))?;
    let tls = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(|error| bad(&error))?;
    Ok(smtp::Config {
        hostname: "dutyline.example".to_owned(),
        addresses: smtp::Addresses::new([ADDRESS])
            .map_err(|error| AppError::Configuration(error.to_string()))?,
        tls: Some(Arc::new(tls)),
        clock: relay.clock.clone(),
        limits: smtp::Limits::default(),
    })
}

/// What the demo prints: who can sign in, where mail goes, and `ready` as its last line.
async fn welcome(folder: &Path, relay: &Relay, port: u16, smtp_port: u16) -> Result<String, AppError> {
    let (classic, hybrid) = relay.keys.published();
    write_key(&folder.join("relay-key.txt"), &classic)?;
    write_key(&folder.join("relay-key-hybrid.txt"), &hybrid)?;
    let everybody = people::everybody(&mut relay.store.read().await?).await?;
    let shown = |role: Role| matches!(role, Role::Duty).then_some(3).unwrap_or(usize::MAX);
    let mut lines = vec!["People who can sign in (one click each; all made up):".to_owned()];
    for role in Role::ALL {
        for person in everybody.iter().filter(|person| person.role == *role).take(shown(*role)) {
            lines.push(format!("  {:<28} {:<22} {}", role.label(), person.name, person.organisation_name));
        }
    }
    lines.push(format!("Data, keys and the trail: {}", folder.display()));
    lines.push(format!("Encrypted mail: 127.0.0.1:{smtp_port}, to {ADDRESS}, sealed to {classic}"));
    lines.push(format!("Captured outgoing mail: http://127.0.0.1:{port}/demo/mail"));
    lines.push(format!("Passkeys, which need a name: http://localhost:{port}"));
    lines.push(format!("ready http://127.0.0.1:{port}"));
    Ok(lines.join("\n"))
}

fn write_key(file: &Path, key: &str) -> Result<(), AppError> {
    std::fs::write(file, format!("{key}\n")).map_err(AppError::io(format!("cannot write {}", file.display())))
}
