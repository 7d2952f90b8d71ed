//! `dutyline keys`: makes a key set, shows what of it is public.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Ended, Terminal};
use crate::audit::{Origin, Signer};
use crate::seal::KeySet;

/// What is to be done with keys.
#[derive(Subcommand)]
pub enum Command {
    /// Makes a key set and its recovery identity. Overwrites nothing.
    New {
        /// The key folder to make, outside data and backups.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The file for the recovery identity, to be taken offline.
        #[arg(long, value_name = "FILE")]
        recovery_out: PathBuf,
    },
    /// Shows the published recipients, the fingerprint and the log's verifier key.
    Show {
        /// The key folder.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The log's name, for its verifier key.
        #[arg(long, value_name = "NAME")]
        origin: Option<String>,
    },
}

/// Makes or shows a key set.
pub(super) fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::New { dir, recovery_out } => {
            let keys = KeySet::create(dir, recovery_out)?;
            show(&keys, None, terminal)?;
            let (keys, recovery) = (dir.display(), recovery_out.display());
            writeln!(
                terminal.err,
                "The keys are in {keys}: keep it outside data and backups, back it up apart."
            )?;
            writeln!(
                terminal.err,
                "{recovery} opens every case: take it offline now, two copies in two places."
            )?;
        }
        Command::Show { dir, origin } => {
            let origin = origin.as_deref().map(Origin::parse).transpose()?;
            show(&KeySet::load(dir)?, origin, terminal)?;
        }
    }
    Ok(Ended::Done)
}

fn show(keys: &KeySet, origin: Option<Origin>, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let (classic, hybrid) = keys.published();
    writeln!(terminal.out, "classic recipient: {classic}")?;
    writeln!(terminal.out, "hybrid recipient: {hybrid}")?;
    writeln!(terminal.out, "fingerprint: {}", keys.fingerprint())?;
    if let Some(origin) = origin {
        let key = Signer::new(keys.log_seed(), origin).verifier();
        writeln!(terminal.out, "log verifier key: {key}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::audit::VerifierKey;
    use crate::cli::testing::said;

    #[test]
    fn what_was_made_is_shown_again_and_nothing_secret_is() {
        let root = tempfile::TempDir::new().unwrap();
        let path = |name: &str| root.path().join(name).display().to_string();
        let (dir, recovery) = (path("keys"), path("recovery.txt"));
        let (well, made, about) = said(&["keys", "new", "--dir", &dir, "--recovery-out", &recovery], "");
        assert!(well && about.contains("take it offline now"), "{about}");
        let (_, shown, _) = said(&["keys", "show", "--dir", &dir, "--origin", "relay.example/log"], "");
        assert!(shown.starts_with(&made) && !shown.contains("SECRET"));
        let key = shown.lines().last().unwrap().strip_prefix("log verifier key: ").unwrap();
        assert_eq!(VerifierKey::parse(key).unwrap().origin().as_str(), "relay.example/log");
        let (well, _, about) = said(&["keys", "new", "--dir", &dir, "--recovery-out", &path("other")], "");
        assert!(!well && about.contains("never overwritten"), "{about}");
    }
}
