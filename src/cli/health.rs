//! What is wrong with a relay's keys and database, each looked at for itself and all said at once:
//! `doctor` lists it, `serve` does not start. Nothing is changed, not even a schema brought up.

use std::path::Path;

use crate::app::{self, AppError};
use crate::clock::Clock;
use crate::config::{Config, Fault, layout};
use crate::seal::KeySet;
use crate::store::{SCHEMA, Store, StoreError, backup, people, places};

/// What was found: faults are wrong, notes are good to know.
#[derive(Default)]
pub(super) struct Findings {
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
    /// What is good to know, a sentence each.
    pub notes: Vec<String>,
}

/// Whether nothing was said about a setting, nor about anything it holds.
pub(super) fn fine(faults: &[Fault], setting: &str) -> bool {
    let whole = Fault::new(setting, "");
    !faults.iter().any(|fault| fault.concerns(setting) || whole.concerns(&fault.setting))
}

/// Keys and database of a configuration, as far as nothing was said about them already.
pub(super) async fn configured(config: &Config, faults: &[Fault], findings: &mut Findings) {
    let keys = fine(faults, "keys_dir").then_some(config.keys_dir.as_path());
    let database = fine(faults, "database").then_some(config.database.url.as_str());
    stored(keys, database, findings).await;
}

/// The keys, the database and what is in it, and whether they belong together.
pub(super) async fn stored(keys: Option<&Path>, database: Option<&str>, findings: &mut Findings) {
    let keys = keys.and_then(|dir| match KeySet::load(dir) {
        Ok(keys) => Some(keys),
        Err(fault) => {
            findings.faults.push(fault.to_string());
            None
        }
    });
    let Some(url) = database else { return };
    if let Some(file) = layout::sqlite_file(url).filter(|file| !file.is_file()) {
        let file = file.display();
        findings.notes.push(format!("there is no database at {file}: `dutyline migrate` makes one"));
        return;
    }
    let looked = match Store::look(url, Clock::System).await {
        Err(why) => Err(why),
        Ok(store) => {
            let looked = inside(&store, keys.as_ref(), findings).await;
            store.close().await;
            looked
        }
    };
    findings.faults.extend(looked.err().map(|why| of_database(&why)));
}

async fn inside(store: &Store, keys: Option<&KeySet>, findings: &mut Findings) -> Result<(), StoreError> {
    if !backup::commits_are_durable(&mut store.read().await?).await? {
        let words =
            "database: it answers before a commit is on disk: set synchronous_commit = on in PostgreSQL";
        findings.faults.push(words.to_owned());
    }
    let newer = match store.schema().await {
        Ok(0) => {
            findings.notes.push("the database is empty: `dutyline migrate`, or a start, fills it".to_owned());
            return Ok(());
        }
        Ok(SCHEMA) => None,
        Ok(older) => {
            let words = format!("the database has schema {older}: a start brings it to {SCHEMA}");
            findings.notes.push(words);
            None
        }
        Err(newer) => Some(of_database(&newer)),
    };
    let too_new = newer.is_some();
    findings.faults.extend(newer);
    if let Some(keys) = keys {
        belong(store, keys, findings).await?;
    }
    if too_new { Ok(()) } else { rows(store, findings).await }
}

/// Whether this key set sealed this database. One that was never opened remembers none.
async fn belong(store: &Store, keys: &KeySet, findings: &mut Findings) -> Result<(), StoreError> {
    let expected = places::meta(&mut store.read().await?, app::KEY_SET).await?;
    let found = keys.fingerprint();
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        findings.faults.push(AppError::OtherKeys { expected, found }.to_string());
    }
    Ok(())
}

async fn rows(store: &Store, findings: &mut Findings) -> Result<(), StoreError> {
    match app::load_places(store, Clock::System.now().day()).await {
        Ok(_) => {}
        Err(AppError::Store(why)) => return Err(why),
        Err(why) => findings.faults.push(why.to_string()),
    }
    let mut read = store.read().await?;
    let rows = places::localities(&mut read, Clock::System.now().day()).await?;
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

/// The database's fault as a sentence that says once whose it is.
fn of_database(why: &StoreError) -> String {
    let words = why.to_string();
    format!("database: {}", words.strip_prefix("database: ").unwrap_or(&words))
}
