//! `dutyline backup`: a copy of the database while the relay goes on, without keys.
//!
//! A crash half-way leaves a file that is not whole, and the next try names another place: what is
//! there is never overwritten. Only a copy that is on disk is recorded and called done.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::{Act, Actor, EventDraft};
use crate::store::backup;

/// What is copied where.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The file to write. Overwrites nothing.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Copies a SQLite database.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let store = options.place.find()?.store().await?;
    let mut read = store.read().await?;
    let out = options.out.to_str().context("the file's name must be text")?;
    make_private(&options.out)?;
    if !backup::copy_to(&mut read, out).await? {
        let _ = std::fs::remove_file(&options.out);
        bail!("this database is PostgreSQL: use pg_dump, which copies it in one consistent state too");
    }
    drop(read);
    make_durable(&options.out).with_context(|| format!("{out} may not be on disk"))?;
    store.record(EventDraft::new(Act::BackupMade, Actor::operator())).await?;
    store.close().await;
    writeln!(terminal.out, "ok {out}")?;
    writeln!(
        terminal.err,
        "It holds no keys: without the key folder, or the recovery identity, nobody can read it."
    )?;
    Ok(Ended::Done)
}

fn make_private(file: &Path) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.with_context(|| {
        format!("{} cannot be made (an existing file is never overwritten)", file.display())
    })?;
    Ok(())
}

fn make_durable(file: &Path) -> std::io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::cli::testing::{Small, said};

    #[test]
    fn a_copy_verifies_like_the_database_it_was_made_of() {
        let small = Small::new();
        small.done(&["organisations", "add", "--kind", "setting", "--name", "Meadow Nursery"]);
        small.done(&["audit", "export", "--out", &small.text("signed")]);
        let copy = small.text("copy.db");
        assert_eq!(small.done(&["backup", "--out", &copy]), format!("ok {copy}\n"));
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let url = format!("sqlite:{copy}");
        let (keys, origin) = (small.text("keys"), "dutyline.demo/log");
        let verify = ["audit", "verify", "--database", &url, "--keys", &keys, "--origin", origin];
        let (well, out, err) = said(&verify, "");
        assert!(well, "{err}");
        assert_eq!(out, "ok 2 events (2 signed)\n");
        let (well, _, err) = small.said(&["backup", "--out", &copy], "");
        assert!(!well && err.contains("never overwritten"), "{err}");
    }
}
