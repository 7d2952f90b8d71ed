//! What the machine needs to start: `dutyline.toml`, and the only reader of the environment.
//!
//! What administrators decide (localities, mailboxes, postcodes, people) is in the database, dated;
//! here are addresses, keys, TLS, the database, outgoing mail and logs (DESIGN section 8). The file is
//! read leniently and checked strictly: every setting that does not exist, is missing or cannot work
//! is one [`Fault`], a sentence that says what to do, and all of them are found at once. Paths in the
//! file are taken from the file's own folder. Reading changes nothing, so a crash here loses nothing.

mod check;
mod consent;
pub mod layout;
mod settings;
mod web;

pub use web::{Acme, Tls, Web};
mod lawful;
mod rights;
mod sign_in;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::allowed::Allowed;
use crate::domain::notice::Notice;
use crate::gate::{GateRules, Statements};

pub use consent::StatementFiles;
pub use lawful::Lawful;
pub use rights::Rights;
pub use sign_in::{ClientAuth, ProviderClaims, ProviderPeople, RoleLimits, SignIn, SsoProvider};
pub use text::TextGateway;

/// The file that commands look for when none is named.
pub const FILE: &str = "dutyline.toml";
/// Overrides `database.url`.
pub const DATABASE_VARIABLE: &str = "DUTYLINE_DATABASE_URL";
/// Overrides `log.level`.
pub const LOG_VARIABLE: &str = "DUTYLINE_LOG";

/// One thing that is wrong, as a sentence with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting that is meant, such as `web.base_url`; empty for the file itself.
    pub setting: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

impl Fault {
    /// A fault of one setting.
    pub fn new(setting: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { setting: setting.into(), sentence: sentence.into() }
    }

    /// Whether it is about this setting or the table that the setting stands in.
    pub fn concerns(&self, setting: &str) -> bool {
        let rest = setting.strip_prefix(self.setting.as_str());
        !self.setting.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.setting.as_str() {
            "" => f.write_str(&self.sentence),
            setting => write!(f, "{setting}: {}", self.sentence),
        }
    }
}

/// The two variables that override the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// [`DATABASE_VARIABLE`].
    pub database_url: Option<String>,
    /// [`LOG_VARIABLE`].
    pub log: Option<String>,
}

impl Environment {
    /// What the process was started with; empty variables count as absent.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Self {
        let one = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self { database_url: one(DATABASE_VARIABLE), log: one(LOG_VARIABLE) }
    }
}

/// The mail door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Address and port to listen on.
    pub listen: String,
    /// Our own name in the greeting.
    pub hostname: String,
    /// The recipient addresses that exist here.
    pub addresses: Vec<String>,
    /// Addresses of mail servers on other machines that stand in front: not counted by the hour.
    pub gateways: Vec<std::net::IpAddr>,
    /// For STARTTLS.
    pub tls: Option<Tls>,
}

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:/path/to/file` or `postgres://…`.
    pub url: String,
}

/// How TLS begins with the outgoing mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// In clear, then STARTTLS, which must succeed (usual on port 587).
    #[default]
    Starttls,
    /// From the first byte (usual on port 465).
    Implicit,
}

/// Outgoing mail.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The server that takes our mail.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How TLS begins.
    pub tls: MailTls,
    /// Certificates to trust in place of the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// Our own address in `From`.
    pub from: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            tls: MailTls::Starttls,
            ca_file: None,
            username: None,
            password_file: None,
            from: String::new(),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// The log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, or such a level for each module.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

/// The audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trail {
    /// The log's name, such as `relay.example/log`; another after a restore with a new epoch.
    pub origin: String,
    /// Where the last checkpoint is kept, outside the database.
    pub checkpoint_file: PathBuf,
}

/// Words that pages show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// Telephone of children's social care, for the signposts.
    pub social_care: String,
}

/// The gate's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    /// Days that a signature holds.
    pub signature_days: i32,
    /// Ways of signing that pass, by signatory; any other is held.
    pub methods: Allowed,
    /// Oldest age the service sees, completed months.
    pub oldest_months: i32,
}

impl Default for Gate {
    fn default() -> Self {
        let GateRules { signature_days, methods, oldest_months } = GateRules::default();
        Self { signature_days, methods, oldest_months }
    }
}

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The key folder, outside data and backups.
    pub keys_dir: PathBuf,
    /// The web door.
    pub web: Web,
    /// The mail door; without it no mail is taken in.
    pub smtp: Option<Smtp>,
    /// The database.
    pub database: Database,
    /// Outgoing mail.
    pub mail: Mail,
    /// The log.
    pub log: Log,
    /// The audit trail.
    pub trail: Trail,
    /// Words that pages show.
    pub service: Service,
    /// The gate's numbers.
    pub gate: Gate,
    /// The trust's own statements; without it the shipped one.
    pub statements: Option<StatementFiles>,
    /// What the privacy notice says; without it that each organisation has its own.
    pub privacy: Option<Notice>,
    /// The gateway of texts; without it none are sent.
    pub text: Option<TextGateway>,
    /// Signing in: rules by role, identity providers.
    pub sign_in: SignIn,
    /// Limits of rights that are lent for a time.
    pub rights: Rights,
    /// Whether a referral may go on without agreement, and on which bases.
    pub lawful_route: Lawful,
    /// SHA-256 of the file, recorded at every start.
    #[serde(skip)]
    pub digest: [u8; 32],
}

impl Config {
    /// Reads the file and lets the environment override it.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, has a setting that does not exist or one of the wrong
    /// type. Whether the settings can work is for [`Config::check`].
    pub fn load(file: &Path, environment: &Environment) -> Result<Self, Vec<Fault>> {
        whole(Self::read(file, environment)?)
    }

    /// Reads the file as far as it reads, and everything that is wrong: settings that do not exist or
    /// are not written as they should be, and all that cannot work ([`Config::check`]) of the others.
    /// `None` when there is no file to read, or it is not TOML.
    pub fn examine(file: &Path, environment: &Environment) -> (Option<Self>, Vec<Fault>) {
        let (config, mut faults) = match Self::read(file, environment) {
            Ok(read) => read,
            Err(faults) => return (None, faults),
        };
        // What a setting lacks that could not be read has been said.
        let mut more = config.check();
        more.retain(|fault| !faults.iter().any(|said| said.concerns(&fault.setting)));
        faults.extend(more);
        (Some(config), faults)
    }

    fn read(file: &Path, environment: &Environment) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let text = std::fs::read_to_string(file).map_err(|why| {
            let sentence = format!("{} cannot be read ({why}): name the file with --config", file.display());
            vec![Fault::new("", sentence)]
        })?;
        let (mut config, faults) = Self::read_text(&text)?;
        config.take_paths_from(file.parent().unwrap_or(Path::new("")));
        config.take(environment);
        Ok((config, faults))
    }

    fn read_text(text: &str) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let not_toml = |why: toml::de::Error| vec![Fault::new("", settings::in_words(&why, text))];
        let table: toml::Table = text.parse().map_err(not_toml)?;
        let (config, faults) = settings::read(&table);
        Ok((Self { digest: Sha256::digest(text).into(), ..config }, faults))
    }

    /// Reads the text of a file; paths stay as they are written.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_text(text: &str) -> Result<Self, Vec<Fault>> {
        whole(Self::read_text(text)?)
    }

    /// Everything that is missing or cannot work, in the order of the file.
    pub fn check(&self) -> Vec<Fault> {
        check::all(self)
    }

    /// The gate's numbers as the gate takes them.
    pub fn gate_rules(&self) -> GateRules {
        let Gate { signature_days, methods, oldest_months } = self.gate.clone();
        GateRules { signature_days, methods: methods.in_order(), oldest_months }
    }

    /// Every agreement statement that is known: shipped, and the trust's own.
    ///
    /// # Errors
    /// A sentence for each file that cannot be used.
    pub fn all_statements(&self) -> Result<Statements, Vec<Fault>> {
        consent::statements(self.statements.as_ref())
    }

    fn take(&mut self, environment: &Environment) {
        if let Some(url) = &environment.database_url {
            self.database.url.clone_from(url);
        }
        if let Some(level) = &environment.log {
            self.log.level.clone_from(level);
        }
    }

    fn take_paths_from(&mut self, folder: &Path) {
        let web = self.web.tls.as_mut();
        let smtp = self.smtp.as_mut().and_then(|smtp| smtp.tls.as_mut());
        let pairs = web.into_iter().chain(smtp).flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        let mail = [self.mail.ca_file.as_mut(), self.mail.password_file.as_mut()].into_iter().flatten();
        let acme = self.web.acme.as_mut();
        let acme =
            acme.into_iter().flat_map(|acme| [Some(&mut acme.folder), acme.ca_file.as_mut()]).flatten();
        let own = [&mut self.keys_dir, &mut self.trail.checkpoint_file];
        let text = self.text.iter_mut().flat_map(TextGateway::paths);
        let statements = self.statements.iter_mut().map(|files| &mut files.folder);
        let sso = self.sign_in.paths();
        let all = pairs.chain(mail).chain(acme).chain(own).chain(statements).chain(text).chain(sso);
        for path in all.filter(|path| !path.as_os_str().is_empty()) {
            *path = folder.join(&*path);
        }
    }
}

/// A configuration in which nothing was left out.
fn whole((config, faults): (Config, Vec<Fault>)) -> Result<Config, Vec<Fault>> {
    if faults.is_empty() { Ok(config) } else { Err(faults) }
}

#[cfg(test)]
mod tests;
