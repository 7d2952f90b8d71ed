//! `dutyline seal`: makes a sealed referral from JSON, after looking whether it would be taken.
//!
//! Everything that the relay would hold it for is said here with its path, while it can still be
//! corrected. What is read is wiped from memory; only the sealed file is written, padded with blanks
//! inside: mail servers on the way see its length, and it must not tell whether there is something in the
//! restricted part (DOMAIN section 3).

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use zeroize::Zeroizing;

use super::{Ended, Terminal};
use crate::clock::Clock;
use crate::domain::calendar::Calendar;
use crate::domain::form::{self, Context, Fault, Part};
use crate::domain::slots::SlotRules;
use crate::gate::{GateRules, Statements};
use crate::intake::document::{self, Document};
use crate::seal::seal_to_published;

/// What is to be sealed, to whom.
#[derive(Args)]
pub struct Options {
    /// The referral, JSON as docs/referral-format.md describes it; - for stdin.
    file: PathBuf,
    /// The relay's published recipient: age1… or age1pq1….
    #[arg(long, value_name = "RECIPIENT", required_unless_present = "key_file")]
    to: Option<String>,
    /// A file with the published recipient; a hybrid one in it is preferred.
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    key_file: Option<PathBuf>,
    /// Writes text that can be pasted into a mail.
    #[arg(long)]
    armor: bool,
    /// The sealed file to write [default: stdout]. Overwrites nothing.
    #[arg(short, long, value_name = "OUT")]
    out: Option<PathBuf>,
    /// Seals it even though the relay would hold it.
    #[arg(long)]
    force: bool,
}

/// Checks and seals. A document with faults is a finding, unless forced.
pub(super) fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let mut plain = read(&options.file, terminal)?;
    let faults = faults(&plain);
    faults.iter().try_for_each(|line| writeln!(terminal.err, "{line}"))?;
    let stops = faults.iter().any(|line| !line.starts_with(WARNING));
    if stops && !options.force {
        writeln!(terminal.err, "It was not sealed: the relay would hold it. --force seals it all the same.")?;
        return Ok(Ended::Finding);
    }
    pad(&mut plain);
    let sealed = seal_to_published(&recipient(options)?, &plain, options.armor)?;
    write(options, &sealed, terminal)?;
    Ok(Ended::Done)
}

fn read(file: &Path, terminal: &mut Terminal<'_>) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(Vec::new());
    if file == Path::new("-") {
        terminal.input.read_to_end(&mut plain).context("standard input")?;
    } else {
        *plain = std::fs::read(file).with_context(|| file.display().to_string())?;
    }
    Ok(plain)
}

/// What is sealed has a multiple of so many bytes (32 KiB): the room that a restricted part is given.
const CLASS: usize = 32 * 1024;

/// Blanks up to the next class; JSON may end in them. Moved to the new room, the old is wiped.
fn pad(plain: &mut Zeroizing<Vec<u8>>) {
    let length = plain.len().next_multiple_of(CLASS);
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(plain);
    padded.resize(length, b' ');
    *plain = padded;
}

/// How a line begins that does not stop anything.
const WARNING: &str = "warning: ";

/// Everything the relay would say about it, a line each.
fn faults(plain: &[u8]) -> Vec<String> {
    let document = match document::read(plain) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let rules = SlotRules::default();
    let context = Context {
        today: Clock::System.now().day(),
        rules: &rules,
        calendar: Calendar::england(),
        oldest_months: GateRules::default().oldest_months,
    };
    let said = form::read(&document.raw, context).map_or_else(|faults| faults, |(_, warnings)| warnings);
    said.iter().map(line).chain(signatures(&document)).collect()
}

fn line(fault: &Fault) -> String {
    let restricted = form::field(fault.path).is_some_and(|field| field.part == Part::Restricted);
    let place = if restricted { "restricted" } else { "answers" };
    let start = if fault.warning { WARNING } else { "" };
    format!("{start}{place}.{}: {}", fault.path, fault.sentence)
}

/// Without these the gate holds a referral (DOMAIN section 3).
fn signatures(document: &Document) -> Vec<String> {
    let agreement = document.agreement.as_ref();
    let shipped = Statements::shipped();
    let named =
        agreement.filter(|a| a.given).map(|a| (a.statement_version.as_str(), a.statement_language.as_str()));
    let ours = named.is_some_and(|(version, _)| shipped.version(version).is_some());
    let known = named.is_some_and(|(version, language)| shipped.find(version, language).is_some());
    let checks = [
        (agreement.is_none(), "agreement: there is none"),
        (agreement.is_some_and(|a| !a.given), "agreement.given: the parent or carer did not agree"),
        (
            agreement.is_some_and(|a| a.given && a.printed_name.trim().is_empty()),
            "agreement.printed_name: it is missing",
        ),
        (agreement.is_some_and(|a| a.given && a.method.is_none()), "agreement.method: it is missing"),
        (agreement.is_some_and(|a| a.given && a.signed_on.is_none()), "agreement.signed_on: it is missing"),
        (
            ours && !known,
            "agreement.statement_language: this program does not know the statement in that language",
        ),
        (
            named.is_some() && !ours,
            "warning: agreement.statement_version: this statement did not come with the program: the relay has to \
             know it",
        ),
        (document.referrer.is_none(), "referrer_signature: there is none"),
    ];
    checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, words)| words.to_owned()).collect()
}

fn recipient(options: &Options) -> anyhow::Result<String> {
    if let Some(recipient) = &options.to {
        return Ok(recipient.clone());
    }
    let file = options.key_file.as_deref().context("say whom it is for: --to RECIPIENT")?;
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let words = || text.split_whitespace().filter(|word| word.starts_with("age1"));
    let found = words().find(|word| word.starts_with("age1pq1")).or_else(|| words().next());
    match found {
        Some(word) => Ok(word.to_owned()),
        None => bail!("{} holds no recipient (age1…): take the relay's published key", file.display()),
    }
}

fn write(options: &Options, sealed: &[u8], terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let Some(path) = &options.out else {
        if terminal.shown && !options.armor {
            bail!("a sealed file is no text for a terminal: add --armor, or write it to a file with -o OUT");
        }
        terminal.out.write_all(sealed)?;
        return Ok(());
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).with_context(|| {
        format!("{} cannot be written (an existing file is never overwritten)", path.display())
    })?;
    file.write_all(sealed).and_then(|()| file.sync_all()).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{said, said_in_bytes};
    use crate::domain::time::Instant;
    use crate::seal::{KeySet, open_from_outside};

    const FORMAT: &str = include_str!("../../docs/referral-format.md");

    /// The example of the documentation, dated today.
    fn example() -> String {
        let block = FORMAT.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        let now = Clock::System.now();
        let today = now.day().to_string();
        let born = Instant::from_micros(now.micros() - 900 * crate::domain::time::DAY).day().to_string();
        let dated = block.replace("2026-11-20", &today).replace("2024-03-31", &born);
        let mut value: serde_json::Value = serde_json::from_str(&dated).unwrap();
        value["answers"]["request"]["kind"] = "referral".into();
        value["answers"].as_object_mut().unwrap().remove("meeting");
        value.to_string()
    }

    #[test]
    fn the_documented_example_is_sealed_and_opens() {
        let (keys, _) = KeySet::generate();
        let (classic, hybrid) = keys.published();
        for (to, more) in [(&classic, None), (&hybrid, Some("--armor"))] {
            let arguments: Vec<&str> = ["seal", "-", "--to", to].into_iter().chain(more).collect();
            let (well, sealed, err) = said_in_bytes(&arguments, example().as_bytes());
            assert!(well, "{err}");
            assert_eq!(sealed.starts_with(b"-----BEGIN AGE"), more.is_some());
            let plain = open_from_outside(&keys, &sealed, 1 << 20).unwrap();
            assert_eq!(plain.trim_ascii_end(), example().as_bytes());
            assert_eq!(plain.len(), CLASS, "its length says nothing of what is in it");
            assert!(document::read(&plain).is_ok());
        }
    }

    #[test]
    fn every_fault_is_said_with_its_path_and_nothing_is_sealed() {
        let wrong = r#"{"format":"dutyline-referral","version":1,"submission_id":"a","answers":
            {"child":{"forename":"Aoife","date_of_birth":"31/31/2024"}},"restricted":{"abuse":{"concerns":"maybe"}}}"#;
        let to = KeySet::generate().0.published().0;
        let (well, out, err) = said(&["seal", "-", "--to", &to], wrong);
        assert!(!well && out.is_empty());
        for start in [
            "answers.child.surname: Enter the child's last name",
            "answers.child.date_of_birth: ",
            "restricted.abuse.concerns: Choose one of the answers",
            "agreement: there is none",
            "referrer_signature: there is none",
            "It was not sealed",
        ] {
            assert!(err.lines().any(|line| line.starts_with(start)), "{start}: {err}");
        }
        let (well, out, _) = said(&["seal", "-", "--to", &to, "--armor", "--force"], wrong);
        assert!(well && out.starts_with("-----BEGIN AGE"));
    }

    #[test]
    fn a_key_file_gives_its_hybrid_recipient_and_no_file_is_overwritten() {
        let (keys, _) = KeySet::generate();
        let (classic, hybrid) = keys.published();
        let dir = tempfile::TempDir::new().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(path("keys.txt"), format!("# ours\nclassic recipient: {classic}\nhybrid: {hybrid}\n"))
            .unwrap();
        let arguments = ["seal", "-", "--key-file", &path("keys.txt"), "-o", &path("out.age")];
        assert!(said(&arguments, &example()).0);
        assert!(String::from_utf8_lossy(&std::fs::read(path("out.age")).unwrap()).contains("mlkem768x25519"));
        let (well, _, err) = said(&arguments, &example());
        assert!(!well && err.contains("never overwritten"), "{err}");
    }
}
