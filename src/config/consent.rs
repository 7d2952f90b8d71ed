//! `[statements]` and `[privacy]`: the trust's own agreement statements and what its privacy notice says.
//!
//! Without either the shipped statement is signed, and the notice points to each organisation's own.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Fault;
use super::check::unreadable;
use crate::domain::email::EmailAddress;
use crate::domain::notice::{Kind, Notice};
use crate::domain::phone::Phone;
use crate::gate::statements::{Named, Statements};

/// The folder of the trust's own statements.
const FOLDER: &str = "statements.folder";

/// Where the trust's own statements are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatementFiles {
    /// The folder, as `gate::statements` describes its files.
    pub folder: PathBuf,
}

/// Every statement that this deployment knows.
///
/// # Errors
/// A sentence for each file that cannot be used.
pub fn statements(files: Option<&StatementFiles>) -> Result<Statements, Vec<Fault>> {
    let Some(files) = files else { return Ok(Statements::shipped()) };
    let fault = |sentence: String| Fault::new(FOLDER, sentence);
    if files.folder.as_os_str().is_empty() {
        return Err(vec![fault("it is missing: name the folder that holds your statements".to_owned())]);
    }
    let read = folder(&files.folder)?;
    Statements::with(&read).map_err(|problems| problems.into_iter().map(|one| fault(one.0)).collect())
}

/// The files of a folder; those whose name begins with a dot are an editor's.
fn folder(folder: &Path) -> Result<Vec<Named>, Vec<Fault>> {
    let entries = fs::read_dir(folder).map_err(|why| vec![unreadable(FOLDER, folder, &why)])?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        match fs::read(&path) {
            Ok(bytes) => read.push((name, bytes)),
            Err(why) => faults.push(unreadable(FOLDER, &path, &why)),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// Everything that is wrong with the notice.
pub(super) fn check(notice: Option<&Notice>) -> Vec<Fault> {
    let Some(notice) = notice else { return Vec::new() };
    let mut faults = Vec::new();
    let mut wrong = |wrong: bool, setting: &str, sentence: &str| {
        if wrong {
            faults.push(Fault::new(setting, sentence));
        }
    };
    let named = |text: &str| text != "default" && text.len() <= 40 && !text.is_empty() && !text.contains(' ');
    wrong(
        !named(&notice.version),
        "privacy.version",
        "write this notice’s version, such as 2027-01-01, without spaces, and another with every change",
    );
    let officer = &notice.officer;
    wrong(officer.name.is_empty(), "privacy.officer.name", "write who answers questions about information");
    wrong(
        EmailAddress::parse(&officer.email).is_err(),
        "privacy.officer.email",
        "write an address, such as data.protection@trust.example",
    );
    wrong(
        !officer.phone.is_empty() && Phone::parse(&officer.phone).is_err(),
        "privacy.officer.phone",
        "write a telephone number, or leave it out",
    );
    wrong(notice.rights.is_empty(), "privacy.rights", "list what a person can ask for, or leave it out");
    wrong(notice.complaints.is_empty(), "privacy.complaints", "write whom to complain to, or leave it out");
    for (kind, who) in [(Kind::Setting, "setting"), (Kind::Health, "health")] {
        let there = notice.controllers.iter().any(|one| one.kind == kind);
        let sentence = format!("there is no block with kind = \"{who}\": say who is responsible there");
        wrong(!there, "privacy.controllers", &sentence);
    }
    for one in &notice.controllers {
        let words = [&one.name, &one.purpose, &one.basis, &one.condition, &one.kept];
        let sentence = "each needs name, purpose, basis, condition and kept, none of them empty";
        wrong(words.iter().any(|text| text.trim().is_empty()), "privacy.controllers", sentence);
    }
    faults
}
