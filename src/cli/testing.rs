//! For the tests of commands: a command line run in memory, and a small relay on disk.

use std::path::PathBuf;

use clap::Parser;
use tempfile::TempDir;

use super::{Cli, Ended, Terminal, in_words, run};
use crate::config::layout;
use crate::seal::KeySet;

/// Runs a command line; gives whether it ended well, its results and what it said about them.
pub fn said(arguments: &[&str], input: &str) -> (bool, String, String) {
    let (ended, out, err) = said_in_bytes(arguments, input.as_bytes());
    (ended, String::from_utf8(out).unwrap(), err)
}

/// As [`said`], for results that are no text.
pub fn said_in_bytes(arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>, String) {
    let cli = Cli::try_parse_from([&["dutyline"], arguments].concat()).unwrap_or_else(|e| panic!("{e}"));
    let (mut input, mut out, mut err) = (input, Vec::new(), Vec::new());
    let mut terminal = Terminal { input: &mut input, out: &mut out, err: &mut err, shown: false };
    let ended = run(cli, &mut terminal);
    let mut err = String::from_utf8(err).unwrap();
    let well = match ended {
        Ok(ended) => ended == Ended::Done,
        Err(error) => {
            err.push_str(&format!("{}\n", in_words(&error)));
            false
        }
    };
    (well, out, err)
}

/// A folder of data with keys and an empty database.
pub struct Small {
    dir: TempDir,
}

impl Small {
    /// A fresh one.
    pub fn new() -> Self {
        let small = Self { dir: TempDir::new().unwrap() };
        let made = KeySet::create(&small.path(layout::KEYS), &small.path("recovery.txt"));
        assert!(made.is_ok());
        let (well, out, err) = small.said(&["migrate"], "");
        assert!(well, "{out}{err}");
        small
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The same as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Runs a command on it.
    pub fn said(&self, arguments: &[&str], input: &str) -> (bool, String, String) {
        let data = self.dir.path().display().to_string();
        said(&[arguments, &["--data", &data]].concat(), input)
    }

    /// Changes the database behind the relay's back.
    pub fn sql(&self, statement: &str) {
        let done = std::process::Command::new("python3")
            .args([
                "-c",
                "import sqlite3,sys\nd=sqlite3.connect(sys.argv[1])\nd.execute(sys.argv[2])\nd.commit()",
            ])
            .args([&self.text(layout::DATABASE), statement])
            .status();
        assert!(done.unwrap().success(), "{statement}");
    }

    /// The trail fits; that no relay has signed it yet is said and is a finding.
    pub fn trail_fits(&self) {
        let (well, out, _) = self.said(&["audit", "verify"], "");
        assert!(!well && out.starts_with("The events fit each other, but no signed checkpoint"), "{out}");
    }

    /// Runs a command that must end well; gives its results.
    pub fn done(&self, arguments: &[&str]) -> String {
        let (well, out, err) = self.said(arguments, "");
        assert!(well, "{arguments:?}: {out}{err}");
        out
    }
}
