//! `dutyline serve`: the configured relay. It never makes keys and never fills in data.

use std::path::Path;
use std::sync::Arc;

use super::watch::{DISK_FLOOR, Disk, Trail, refuse_if_behind, verifier_key};
use super::{App, AppError, Opening, bind, doors, erased, open, stop_on_signals, tls};
use crate::audit::{Act, Actor, EventDraft, Origin};
use crate::clock::{Clock, Rng};
use crate::config::{self, Config, Fault, MailTls, layout};
use crate::delivery;
use crate::domain::email::EmailAddress;
use crate::mail::{Mailer, Smtp, SmtpServer, SmtpTls};
use crate::people::passkeys::Passkeys;
use crate::relay::Relay;
use crate::smtp;
use crate::store::places;
use crate::text::{ApiKey, Notify, NotifySettings, Texter};
use crate::web::Site;

/// Serves until a signal stops it. The configuration has been checked before.
pub async fn serve(config: Config) -> Result<(), AppError> {
    let relay = open(Opening {
        database_url: &config.database.url,
        keys_dir: &config.keys_dir,
        gate: config.gate_rules(),
        sign_in: config.sign_in.rules(),
        rights: config.rights.rules(),
        statements: config.all_statements().map_err(|faults| {
            AppError::Configuration(faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; "))
        })?,
        notice: config.privacy.clone().unwrap_or_default(),
        lawful: config.lawful_route.rules(),
        clock: Clock::System,
        rng: Rng::System,
    })
    .await?;
    if places::meta(&mut relay.store.read().await?, super::demo::DEMO).await?.is_some() {
        return Err(AppError::Configuration(
            "database.url: this database is a demo's; it is not served".to_owned(),
        ));
    }
    let app = assemble(&config, relay.clone()).await?;
    if let Err(refused) = refuse_if_behind(&relay, &app.trail).await {
        relay.store.close().await;
        return Err(refused);
    }
    erased::replay(&relay, &app.trail.file).await?;
    let loaded = EventDraft::new(Act::ConfigurationLoaded, Actor::system()).digest(config.digest);
    relay.store.record(loaded).await?;
    let stop = stop_on_signals()?;
    tracing::info!(listen = config.web.listen, "serving");
    app.run(stop).await
}

async fn assemble(config: &Config, relay: Arc<Relay>) -> Result<App, AppError> {
    let origin =
        Origin::parse(&config.trail.origin).map_err(|error| AppError::Configuration(error.to_string()))?;
    let site = Site {
        relay: relay.clone(),
        base_url: config.web.base_url.clone(),
        hosts: config.web.hosts(),
        social_care: config.service.social_care.clone(),
        demo: None,
        secure: config.web.secure(),
        log_key: verifier_key(&relay, &origin).to_string(),
        checkpoint_file: Some(config.trail.checkpoint_file.clone()),
        passkeys: Passkeys::of(&config.web.base_url).map(Arc::new),
        sso: super::sso::providers(config)?,
    };
    let tls = tls::open(config, &relay.clock).await?;
    let smtp = match &config.smtp {
        Some(door) => Some((bind(&door.listen).await?, Arc::new(mail_door(door, tls.smtp, &relay)?))),
        None => None,
    };
    let from = EmailAddress::parse(&config.mail.from);
    let from = from.map_err(|error| AppError::Configuration(format!("mail.from: {error}")))?;
    Ok(App {
        site: Arc::new(site),
        web: bind(&config.web.listen).await?,
        front: doors::Front { tls: tls.web.map(Into::into), proxies: config.web.proxies() },
        upkeep: Some(tls.upkeep),
        smtp,
        post: delivery::Post {
            mailer: Arc::new(mailer(&config.mail, &from)?),
            texter: config.text.as_ref().map(texter).transpose()?.map(Arc::new),
        },
        letters: delivery::Settings {
            base_url: config.web.base_url.clone(),
            host: from.domain(),
            from,
            from_name: config.service.name.clone(),
        },
        trail: Trail { origin, file: config.trail.checkpoint_file.clone() },
        disk: disk(config),
        relay,
    })
}

/// The disk of an embedded database; a PostgreSQL server watches its own.
fn disk(config: &Config) -> Option<Disk> {
    let file = layout::sqlite_file(&config.database.url)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(Disk { folder: folder.to_owned(), floor: DISK_FLOOR })
}

fn mail_door(
    door: &config::Smtp,
    tls: Option<Arc<rustls::ServerConfig>>,
    relay: &Relay,
) -> Result<smtp::Config, AppError> {
    let addresses = smtp::Addresses::new(door.addresses.iter().map(String::as_str));
    Ok(smtp::Config {
        hostname: door.hostname.clone(),
        addresses: addresses.map_err(|error| AppError::Configuration(format!("smtp.addresses: {error}")))?,
        tls,
        clock: relay.clock.clone(),
        limits: smtp::Limits { gateways: door.gateways.clone(), ..smtp::Limits::default() },
    })
}

/// How letters leave, as configured. Connects to nothing yet.
pub fn mailer(mail: &config::Mail, from: &EmailAddress) -> Result<Mailer, AppError> {
    let read =
        |file: &Path| std::fs::read(file).map_err(AppError::io(format!("cannot read {}", file.display())));
    let password = match &mail.password_file {
        Some(file) => {
            let text = String::from_utf8_lossy(&read(file)?).into_owned();
            Some(zeroize::Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
        }
        None => None,
    };
    let server = SmtpServer {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.tls {
            MailTls::Starttls => SmtpTls::StartTls,
            MailTls::Implicit => SmtpTls::Implicit,
        },
        ca_pem: mail.ca_file.as_deref().map(read).transpose()?,
        credentials: mail.username.clone().zip(password),
        hello: from.domain(),
    };
    let smtp = Smtp::new(server).map_err(|error| AppError::Configuration(format!("mail: {error}")))?;
    Ok(Mailer::Smtp(Box::new(smtp)))
}

/// How texts leave, as configured. Connects to nothing yet.
pub fn texter(gateway: &config::TextGateway) -> Result<Texter, AppError> {
    let read =
        |file: &Path| std::fs::read(file).map_err(AppError::io(format!("cannot read {}", file.display())));
    let key = zeroize::Zeroizing::new(String::from_utf8_lossy(&read(&gateway.key_file)?).into_owned());
    let bad = |why: &dyn std::fmt::Display| AppError::Configuration(format!("text: {why}"));
    let settings = NotifySettings {
        base_url: gateway.base_url.clone(),
        key: ApiKey::parse(key.lines().next().unwrap_or_default()).map_err(|why| bad(&why))?,
        ca_pem: gateway.ca_file.as_deref().map(read).transpose()?,
        templates: gateway.by_kind(),
    };
    Ok(Texter::Notify(Box::new(Notify::new(settings).map_err(|why| bad(&why))?)))
}
