//! `dutyline serve`: refuses to start with a sentence for each thing that is wrong, then serves.

use std::path::PathBuf;

use clap::Args;

use super::health::{self, Findings};
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

/// Serves until it is stopped; anything that is wrong before it starts is a finding.
pub(super) fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let (config, faults) = Config::examine(&options.config, &Environment::read());
    let mut wrong: Vec<String> = faults.iter().map(Fault::to_string).collect();
    if let Some(config) = &config {
        wrong.extend(wait_for(async { Ok(stored(config, &faults).await) })?);
    }
    match config {
        Some(config) if wrong.is_empty() => {
            log::start(&config.log.level, config.log.format);
            wait_for(async move { Ok(app::serve(config).await?) })?;
            Ok(Ended::Done)
        }
        _ => refuse(&wrong, terminal),
    }
}

/// What is wrong with keys and database. A mail server that cannot be reached now keeps nobody from
/// starting: letters wait.
async fn stored(config: &Config, faults: &[Fault]) -> Vec<String> {
    let mut findings = Findings::default();
    health::configured(config, faults, &mut findings).await;
    findings.faults
}

fn refuse(wrong: &[String], terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    writeln!(terminal.err, "dutyline does not start:")?;
    wrong.iter().try_for_each(|sentence| writeln!(terminal.err, "- {sentence}"))?;
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
        let text = "lisen = 'x'\nkeys_dir = 'none'\n[database]\nurl = 'postgres://nobody@127.0.0.1:1/none'\n";
        std::fs::write(&file, text).unwrap();
        let (well, _, err) = said(&["serve", "--config", &file.display().to_string()], "");
        assert!(!well && err.starts_with("dutyline does not start:\n- lisen: there is no such"), "{err}");
        for start in ["- keys_dir: there is no folder", "- database: the database cannot be used now"] {
            assert_eq!(err.matches(start).count(), 1, "{start}: {err}");
        }
    }
}
