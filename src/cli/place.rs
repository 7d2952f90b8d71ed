//! Which relay a command works on: a folder of data, a configuration file, or a database and keys.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::app;
use crate::audit::Origin;
use crate::clock::Clock;
use crate::config::{self, Config, Environment, Fault, layout};
use crate::domain::notice::Notice;
use crate::gate::{GateRules, Statements};
use crate::relay::Relay;
use crate::store::Store;

/// Which relay.
#[derive(Args, Clone, Default)]
pub struct Place {
    /// Folder of a relay's data, as `dutyline demo --data DIR` makes it.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "database"])]
    data: Option<PathBuf>,
    /// Configuration file [default: dutyline.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database, `sqlite:PATH` or `postgres://…`, in place of the configured one.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Key folder in place of the configured one.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// The log's name in place of the configured one.
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
}

/// A relay that was found.
pub(super) struct Found {
    /// Its database.
    pub database_url: String,
    /// Its key folder, when one is known.
    keys_dir: Option<PathBuf>,
    /// Whether the key folder was named on the command line.
    pub keys_named: bool,
    origin: String,
    gate: GateRules,
    /// What a configuration says of statements and of the notice.
    consent: Option<Config>,
    /// The address people type, when it is known.
    pub base_url: Option<String>,
    /// Where the relay keeps its last checkpoint, when it is known.
    pub checkpoint_file: Option<PathBuf>,
}

impl Place {
    /// Where the relay is.
    ///
    /// # Errors
    /// When nothing says which relay is meant, or the configuration file cannot be read.
    pub(super) fn find(&self) -> anyhow::Result<Found> {
        let mut found = self.found(&Environment::read())?;
        found.keys_named = self.keys.is_some();
        if let Some(keys) = &self.keys {
            found.keys_dir = Some(keys.clone());
        }
        if let Some(origin) = &self.origin {
            found.origin.clone_from(origin);
        }
        Ok(found)
    }

    fn found(&self, environment: &Environment) -> anyhow::Result<Found> {
        if let Some(dir) = &self.data {
            return Ok(Found::in_folder(dir));
        }
        let named = self.config.clone();
        let file = named.or_else(|| Some(PathBuf::from(config::FILE)).filter(|file| file.exists()));
        let mut found = match file {
            Some(file) => Found::configured(read_config(&file, environment)?),
            None => Found::at(environment.database_url.clone().unwrap_or_default()),
        };
        if let Some(url) = &self.database {
            found.database_url.clone_from(url);
            // Another database, such as a copy, may rightly be older than the relay's checkpoint.
            found.checkpoint_file = None;
        }
        if found.database_url.is_empty() {
            bail!("say which relay is meant: --data DIR, --config FILE, or --database URL with --keys DIR");
        }
        Ok(found)
    }
}

/// Reads a configuration file; all that is wrong with its form is in the error.
pub(super) fn read_config(file: &Path, environment: &Environment) -> anyhow::Result<Config> {
    Config::load(file, environment).map_err(sentences)
}

fn sentences(faults: Vec<Fault>) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}

impl Found {
    fn at(database_url: String) -> Self {
        Self {
            database_url,
            keys_dir: None,
            keys_named: false,
            origin: String::new(),
            gate: GateRules::default(),
            consent: None,
            base_url: None,
            checkpoint_file: None,
        }
    }

    pub(super) fn in_folder(dir: &Path) -> Self {
        let keys_dir = Some(layout::keys(dir));
        let checkpoint_file = Some(layout::checkpoint(dir));
        Self { keys_dir, checkpoint_file, origin: layout::origin(dir), ..Self::at(layout::database_url(dir)) }
    }

    pub(super) fn configured(config: Config) -> Self {
        Self {
            keys_dir: Some(config.keys_dir.clone()).filter(|dir| !dir.as_os_str().is_empty()),
            origin: config.trail.origin.clone(),
            gate: config.gate_rules(),
            consent: Some(config.clone()),
            checkpoint_file: Some(config.trail.checkpoint_file.clone())
                .filter(|file| !file.as_os_str().is_empty()),
            base_url: Some(config.web.base_url.clone()).filter(|url| !url.is_empty()),
            ..Self::at(config.database.url)
        }
    }

    /// The key folder.
    pub(super) fn keys_dir(&self) -> anyhow::Result<&Path> {
        self.keys_dir.as_deref().context("say where the keys are: --keys DIR")
    }

    /// The log's name.
    pub(super) fn origin(&self) -> anyhow::Result<Origin> {
        Origin::parse(&self.origin).context("say which log it is: --origin NAME")
    }

    /// The database alone, for what needs no key. It must be there: an empty one is never made here.
    pub(super) async fn store(&self) -> anyhow::Result<Store> {
        self.must_be_there()?;
        Ok(Store::open(&self.database_url, Clock::System).await?)
    }

    /// The whole relay, its keys checked against its database. The database must be there.
    pub(super) async fn relay(&self) -> anyhow::Result<Arc<Relay>> {
        self.must_be_there()?;
        let consent = match &self.consent {
            Some(config) => {
                (config.all_statements().map_err(sentences)?, config.privacy.clone().unwrap_or_default())
            }
            None => (Statements::shipped(), Notice::default()),
        };
        Ok(app::open_relay(&self.database_url, self.keys_dir()?, self.gate.clone(), consent).await?)
    }

    /// Whether a SQLite file that is named is there.
    pub(super) fn must_be_there(&self) -> anyhow::Result<()> {
        match layout::sqlite_file(&self.database_url).filter(|file| !file.is_file()) {
            None => Ok(()),
            Some(file) => bail!("there is no database at {}: `dutyline migrate` makes one", file.display()),
        }
    }
}
