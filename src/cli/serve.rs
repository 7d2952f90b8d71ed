//! `dutyline serve`: refuses to start with a sentence for each thing that is wrong, then serves.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, Terminal, log, wait_for};
use crate::app;
use crate::config::{self, Config, Environment, Fault};

/// Which configuration.
#[derive(Args)]
pub struct Options {
    /// Configuration file; docs/dutyline.example.toml has every setting.
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
}

/// Serves until it is stopped; a configuration with faults is a finding.
pub(super) fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let loaded = Config::load(&options.config, &Environment::read());
    let checked = loaded.and_then(|config| match config.check() {
        faults if faults.is_empty() => Ok(config),
        faults => Err(faults),
    });
    match checked {
        Err(faults) => refuse(&faults, terminal),
        Ok(config) => {
            log::start(&config.log.level, config.log.format);
            wait_for(async move { Ok(app::serve(config).await?) })?;
            Ok(Ended::Done)
        }
    }
}

fn refuse(faults: &[Fault], terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    writeln!(terminal.err, "dutyline does not start:")?;
    faults.iter().try_for_each(|fault| writeln!(terminal.err, "- {fault}"))?;
    Ok(Ended::Finding)
}

#[cfg(test)]
mod tests {
    use crate::cli::testing::said;

    #[test]
    fn every_fault_is_said_before_anything_starts() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = dir.path().join("dutyline.toml");
        std::fs::write(&file, "keys_dir = 'none'\n[web]\nbase_url = 'http://relay.example'\n").unwrap();
        let (well, out, err) = said(&["serve", "--config", &file.display().to_string()], "");
        assert!(!well && out.is_empty());
        assert!(err.starts_with("dutyline does not start:\n- keys_dir: there is no folder"), "{err}");
        assert!(err.contains("- web.base_url: it must begin with https://"), "{err}");
    }
}
