//! `dutyline doctor`: all that is wrong with configuration, certificates, keys, database and mail, at once. It
//! changes nothing, so a crash here loses nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::health::{self, Findings};
use super::{Ended, Terminal};
use crate::app;
use crate::clock::Clock;
use crate::config::{self, Config, Environment, Fault, Mail, layout};
use crate::domain::email::EmailAddress;

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

/// Lists everything; any fault is a finding.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let mut findings = Findings::default();
    match &options.data {
        Some(dir) => {
            let (keys, url) = (layout::keys(dir), layout::database_url(dir));
            health::stored(Some(&keys), Some(&url), &mut findings).await;
        }
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

/// Settings, mail server, keys and database: what is wrong with one hides nothing about the others.
async fn configured(file: &Path, findings: &mut Findings) {
    let (config, faults) = Config::examine(file, &Environment::read());
    findings.faults.extend(faults.iter().map(Fault::to_string));
    let Some(config) = config else { return };
    let certificates =
        app::tls::examine::examine(&config, |setting| health::fine(&faults, setting), Clock::System.now());
    findings.faults.extend(certificates.faults);
    findings.notes.extend(certificates.notes);
    if health::fine(&faults, "mail.host") && health::fine(&faults, "mail.port") {
        let fault = match mail_server(&config.mail).await {
            None if health::fine(&faults, "mail") => mail_conversation(&config.mail).await,
            fault => fault,
        };
        findings.faults.extend(fault);
    }
    if let Some(gateway) = config.text.as_ref().filter(|_| health::fine(&faults, "text")) {
        findings.faults.extend(text_gateway(gateway).await);
    }
    health::configured(&config, &faults, findings).await;
}

/// Whether the gateway of texts knows our key and has the templates; nothing is sent.
async fn text_gateway(gateway: &config::TextGateway) -> Option<String> {
    let checked = match app::serve::texter(gateway) {
        Ok(texter) => texter.check(Clock::System.now()).await.map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    checked.err().map(|why| format!("text: {why}"))
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

/// Whether it talks TLS with a certificate that is trusted, and lets us sign in; nothing is sent.
async fn mail_conversation(mail: &Mail) -> Option<String> {
    let from = EmailAddress::parse(&mail.from).ok()?;
    let checked = match app::serve::mailer(mail, &from) {
        Ok(mailer) => mailer.check().await.map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    checked.err().map(|why| format!("mail: {why}"))
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
        assert!(small.said(&["ingest"], "From: a@setting1.example\r\n\r\nHello\r\n").0, "opens the relay");
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

    /// A configuration beside the folder `small`, with a closed mail port, for the rest as it should be.
    fn written(small: &Small, keys: &str, database: &str, more: &str) -> String {
        let text = format!(
            "keys_dir = '{keys}'\n{more}[web]\nbase_url = 'http://127.0.0.1:8080'\n\
             [database]\nurl = '{database}'\n\
             [mail]\nhost = '127.0.0.1'\nport = 1\nfrom = 'relay@dutyline.example'\n\
             [trail]\norigin = 'relay.example/log'\ncheckpoint_file = 'last'\n\
             [service]\nsocial_care = '01632 960000'\n"
        );
        fs::write(small.path("dutyline.toml"), text).unwrap();
        let (well, out, _) = said(&["doctor", "--config", &small.text("dutyline.toml")], "");
        assert!(!well, "{out}");
        out
    }

    /// Each line begins as expected, in this order, and nothing is said twice.
    fn lists(out: &str, starts: &[&str]) {
        let lines: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert_eq!(lines.len(), starts.len(), "{out}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start), "{start}: {out}");
        }
        for line in lines {
            let pieces: Vec<&str> = line.split(": ").collect();
            let once: std::collections::BTreeSet<&str> = pieces.iter().copied().collect();
            assert_eq!(once.len(), pieces.len(), "said twice: {line}");
        }
    }

    /// Nobody listens on port 1.
    const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/none";
    const MAIL: &str = "mail.host: 127.0.0.1 port 1 cannot be reached";
    const DATABASE: &str = "database: the database cannot be used now";

    #[test]
    fn faults_that_meet_are_all_listed() {
        let small = Small::new();
        let out = written(&small, "nowhere", NOWHERE, "keysdir = 'x'\n");
        lists(&out, &["keysdir: there is no such setting", "keys_dir: there is no folder", MAIL, DATABASE]);
        let out = written(&small, "keys", NOWHERE, "");
        lists(&out, &[MAIL, DATABASE]);
        let url = format!("sqlite:{}", small.text("dutyline.db"));
        let out = written(&small, "nowhere", &url, "[log]\nlevel = 7\n");
        lists(&out, &["log.level: it cannot be read", "keys_dir: there is no folder", MAIL]);
        fs::write(small.path("dutyline.db"), "no database ".repeat(100)).unwrap();
        let out = written(&small, "keys", &url, "");
        lists(&out, &[MAIL, "database: "]);
    }

    #[test]
    fn a_gateway_of_texts_that_does_not_answer_and_a_statement_that_is_none_are_listed() {
        let small = Small::new();
        fs::write(
            small.path("text-key"),
            "k-11111111-2222-4333-8444-555555555555-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\n",
        )
        .unwrap();
        fs::set_permissions(small.path("text-key"), Permissions::from_mode(0o600)).unwrap();
        fs::create_dir(small.path("words")).unwrap();
        fs::write(small.path("words/agreement.pdf"), "%PDF").unwrap();
        let more = "[statements]\nfolder = 'words'\n[text]\nbase_url = 'http://127.0.0.1:1'\nkey_file = 'text-key'\n\
                    templates = { text-code = '0b8d8f6e-1111-4222-8333-444444444444', text-sign = '0b8d8f6e-2222-4222-8333-444444444444', \
                    text-reminder = '0b8d8f6e-3333-4222-8333-444444444444', text-see = '0b8d8f6e-5555-4222-8333-444444444444' }\n";
        let out = written(&small, "keys", NOWHERE, more);
        let text = "text: the text gateway cannot be used: http://127.0.0.1:1 does not answer";
        lists(&out, &["statements.folder: agreement.pdf: name it", MAIL, text, DATABASE]);
    }

    #[test]
    fn a_newer_schema_and_another_key_set_are_both_listed_and_nothing_is_changed() {
        let small = Small::new();
        assert!(small.said(&["ingest"], "From: a@setting1.example\r\n\r\nHello\r\n").0, "opens the relay");
        fs::rename(small.path("keys"), small.path("old-keys")).unwrap();
        assert!(KeySet::create(&small.path("keys"), &small.path("second.txt")).is_ok());
        small.sql("UPDATE _sqlx_migrations SET version = 9999");
        let before = fs::read(small.path("dutyline.db")).unwrap();
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(!well);
        let schema = "database: schema: the database has schema 9999 and this program knows";
        lists(&out, &[schema, "this database was sealed with the key set"]);
        assert_eq!(fs::read(small.path("dutyline.db")).unwrap(), before);
    }

    #[test]
    fn an_empty_file_stays_empty_and_is_said() {
        let small = Small::new();
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(small.path(&format!("dutyline.db{end}")));
        }
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(well && out.contains("note: there is no database at"), "{out}");
        fs::write(small.path("dutyline.db"), "").unwrap();
        let (well, out, _) = small.said(&["doctor"], "");
        assert!(well && out.contains("note: the database is empty"), "{out}");
        assert_eq!(fs::metadata(small.path("dutyline.db")).unwrap().len(), 0);
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
