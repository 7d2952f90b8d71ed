//! `dutyline doctor`: all that is wrong with configuration, keys, database and mail, at once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::place::Found;
use super::{Ended, Terminal};
use crate::app;
use crate::config::{self, Config, Environment, Fault, Mail, layout};
use crate::relay::Relay;
use crate::seal::KeySet;
use crate::store::{Read, backup, people, places};

/// How long the mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whose health.
#[derive(Args)]
pub struct Options {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = config::FILE, conflicts_with = "data")]
    config: PathBuf,
    /// Folder of a relay's data, in place of a configuration.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What was found: faults are wrong, notes are good to know.
#[derive(Default)]
struct Findings {
    faults: Vec<String>,
    notes: Vec<String>,
}

/// Lists everything; any fault is a finding.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let mut findings = Findings::default();
    match &options.data {
        Some(dir) => stored(&Found::in_folder(dir), &layout::keys(dir), &mut findings).await,
        None => configured(&options.config, &mut findings).await,
    }
    findings.faults.iter().try_for_each(|fault| writeln!(terminal.out, "- {fault}"))?;
    findings.notes.iter().try_for_each(|note| writeln!(terminal.out, "note: {note}"))?;
    match findings.faults.len() {
        0 => writeln!(terminal.out, "ok")?,
        1 => writeln!(terminal.out, "1 thing is wrong")?,
        many => writeln!(terminal.out, "{many} things are wrong")?,
    }
    Ok(if findings.faults.is_empty() { Ended::Done } else { Ended::Finding })
}

async fn configured(file: &Path, findings: &mut Findings) {
    let config = match Config::load(file, &Environment::read()) {
        Ok(config) => config,
        Err(faults) => return findings.faults.extend(faults.iter().map(Fault::to_string)),
    };
    let faults = config.check();
    let fine = |setting: &str| !faults.iter().any(|fault| fault.setting.starts_with(setting));
    if fine("mail.host") {
        findings.faults.extend(mail_server(&config.mail).await);
    }
    if fine("keys_dir") && fine("database") {
        stored(&Found::configured(config.clone()), &config.keys_dir, findings).await;
    }
    let said = faults.iter().map(Fault::to_string);
    findings.faults.splice(0..0, said);
}

/// Whether somebody listens there; nothing is sent.
async fn mail_server(mail: &Mail) -> Option<String> {
    let (host, port) = (mail.host.as_str(), mail.port);
    let connecting = tokio::net::TcpStream::connect((host, port));
    let why = match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(Ok(_)) => return None,
        Ok(Err(why)) => why.to_string(),
        Err(_) => format!("no answer in {} seconds", PATIENCE.as_secs()),
    };
    Some(format!(
        "mail.host: {host} port {port} cannot be reached ({why}): correct it, or open the way to it"
    ))
}

/// Keys, database and what is in it.
async fn stored(found: &Found, keys_dir: &Path, findings: &mut Findings) {
    if let Err(fault) = KeySet::load(keys_dir) {
        findings.faults.push(fault.to_string());
    }
    if let Err(missing) = found.must_be_there() {
        findings.notes.push(missing.to_string());
        return;
    }
    match found.relay().await {
        // Said already, as the key folder's own fault.
        Err(fault) if matches!(fault.downcast_ref(), Some(app::AppError::Keys(_))) => {}
        Err(fault) => findings.faults.push(format!("{fault:#}")),
        Ok(relay) => {
            if let Err(fault) = inside(&relay, findings).await {
                findings.faults.push(format!("database: {fault}"));
            }
            relay.store.close().await;
        }
    }
}

async fn inside(relay: &Relay, findings: &mut Findings) -> Result<(), crate::store::StoreError> {
    let mut read: Read = relay.store.read().await?;
    if !backup::commits_are_durable(&mut read).await? {
        let words =
            "database: it answers before a commit is on disk: set synchronous_commit = on in PostgreSQL";
        findings.faults.push(words.to_owned());
    }
    let rows = places::localities(&mut read).await?;
    if rows.is_empty() {
        findings.notes.push("no localities are loaded, so Kent's, as shipped, are used".to_owned());
    }
    let waiting: Vec<&str> =
        rows.iter().filter(|row| row.confirmed_at == 0).map(|row| row.id.as_str()).collect();
    if !waiting.is_empty() {
        let names = waiting.join(", ");
        findings.notes.push(format!("mailboxes that were not confirmed, and so get no notices: {names}"));
    }
    if people::everybody(&mut read).await?.is_empty() {
        findings.notes.push("nobody may sign in yet: `dutyline people add`".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use crate::cli::testing::{Small, said};
    use crate::seal::KeySet;

    #[test]
    fn a_healthy_folder_is_ok_and_a_stranger_key_set_is_not() {
        let small = Small::new();
        small.done(&["organisations", "add", "--kind", "trust", "--name", "Trust"]);
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(well && out.ends_with("ok\n") && out.contains("note: nobody may sign in yet"), "{out}");
        fs::rename(small.path("keys"), small.path("old-keys")).unwrap();
        assert!(KeySet::create(&small.path("keys"), &small.path("second.txt")).is_ok());
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(!well && out.contains("sealed with the key set"), "{out}");
        fs::set_permissions(small.path("keys/log.key"), Permissions::from_mode(0o644)).unwrap();
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(!well && out.contains("chmod 600") && out.ends_with("1 thing is wrong\n"), "{out}");
    }

    #[test]
    fn a_poor_configuration_is_listed_whole() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = dir.path().join("dutyline.toml");
        fs::write(&file, "[mail]\nhost = '127.0.0.1'\nport = 1\nfrom = 'no'\n").unwrap();
        let (well, out, _) = said(&["doctor", "--config", &file.display().to_string()], "");
        assert!(!well);
        for start in [
            "- keys_dir: it is missing",
            "- database.url: ",
            "- mail.from: ",
            "- mail.host: 127.0.0.1 port 1 cannot be reached",
        ] {
            assert!(out.lines().any(|line| line.starts_with(start)), "{start}: {out}");
        }
        assert!(out.ends_with("things are wrong\n"), "{out}");
    }
}
