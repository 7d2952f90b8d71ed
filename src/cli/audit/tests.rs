//! The whole command room over a small relay: verify, export, prove, receipt, and what tampering gets.

use std::fs;

use crate::cli::testing::{Small, said};

fn with_events() -> Small {
    let small = Small::new();
    for name in ["Meadow Nursery", "Hill Nursery", "Brook Nursery"] {
        small.done(&["organisations", "add", "--kind", "setting", "--name", name]);
    }
    small
}

fn key_file(small: &Small) -> String {
    let (_, shown, _) =
        said(&["keys", "show", "--dir", &small.text("keys"), "--origin", "dutyline.demo/log"], "");
    let key = shown.lines().find_map(|line| line.strip_prefix("log verifier key: ")).unwrap().to_owned();
    fs::write(small.path("log.key.txt"), key).unwrap();
    small.text("log.key.txt")
}

#[test]
fn a_trail_verifies_and_whose_key_was_used_is_said() {
    let small = with_events();
    let (well, out, err) = small.said(&["audit", "verify"], "");
    assert!(!well && err.contains("the relay's own key"), "{err}");
    assert!(out.contains("no signed checkpoint covers any of them"), "{out}");
    small.done(&["audit", "export", "--out", &small.text("first")]);
    assert_eq!(small.done(&["audit", "verify"]), "ok 5 events (5 signed)\n");
    let (well, out, err) = small.said(&["audit", "verify", "--key", &key_file(&small)], "");
    assert!(well && err.is_empty(), "{err}");
    assert_eq!(out, "ok 6 events (5 signed)\n", "the verification before was recorded");
}

#[test]
fn a_trail_that_is_not_the_one_signed_outside_is_a_finding() {
    let (small, other) = (with_events(), with_events());
    small.done(&["audit", "export", "--out", &small.text("first")]);
    let note = small.path("first").join("checkpoint.txt");
    fs::copy(&note, small.path("last-checkpoint.txt")).unwrap();
    assert_eq!(small.done(&["audit", "verify"]), "ok 4 events (4 signed)\n");
    // The same keys and another trail, longer, with nothing signed inside it.
    for name in ["dutyline.db", "dutyline.db-wal", "dutyline.db-shm"] {
        drop(fs::remove_file(small.path(name)));
    }
    other.done(&["backup", "--out", &small.text("dutyline.db")]);
    let (well, out, _) = small.said(&["audit", "verify"], "");
    assert!(!well && out.contains("event 3 is missing: the trail ends before it, but 4"), "{out}");
    small.said(&["audit", "verify"], "");
    let (well, out, _) = small.said(&["audit", "verify"], "");
    assert!(!well && out.contains("between event 0 and event 3 something was changed"), "{out}");
}

#[test]
fn a_wrong_folder_is_not_an_empty_trail() {
    let dir = tempfile::TempDir::new().unwrap();
    let (well, out, err) = said(&["audit", "verify", "--data", &dir.path().display().to_string()], "");
    assert!(!well && out.is_empty() && !err.is_empty());
    assert!(!dir.path().join("dutyline.db").exists());
}

#[test]
fn a_changed_event_is_named() {
    let small = with_events();
    let database = fs::read(small.path("dutyline.db")).unwrap();
    let (from, to) = (b"\"kind\":\"setting\"", b"\"kind\":\"Setting\"");
    let at = database.windows(from.len()).rposition(|piece| piece == from).expect("an event says its kind");
    let mut changed = database.clone();
    changed[at..at + to.len()].copy_from_slice(to);
    fs::write(small.path("dutyline.db"), changed).unwrap();
    let (well, out, _) = small.said(&["audit", "verify"], "");
    assert!(!well && out.starts_with("event ") && out.contains("was changed"), "{out}");
}

#[test]
fn an_export_is_checked_with_the_public_key_alone() {
    let small = with_events();
    let folder = small.text("export");
    assert_eq!(small.done(&["audit", "export", "--out", &folder]), "ok 4 events\n");
    let key = key_file(&small);
    let (well, out, err) = said(&["audit", "verify", "--bundle", &folder, "--key", &key], "");
    assert!(well && err.is_empty());
    assert_eq!(out, "ok 4 events (4 signed)\n");
    let (well, _, err) = said(&["audit", "verify", "--bundle", &folder], "");
    assert!(well && err.contains("the folder's own key"), "{err}");
    let (well, _, err) = small.said(&["audit", "export", "--out", &folder], "");
    assert!(!well && err.contains("is not empty"), "{err}");
    let events = small.path("export").join("events.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    for (changed, words) in [
        (text.replacen("setting", "service", 1), "between event 0 and event 3"),
        (text.lines().skip(1).map(|line| format!("{line}\n")).collect(), "event 0 is missing"),
        (text.trim_end().to_owned(), "it was cut off"),
    ] {
        fs::write(&events, changed).unwrap();
        let (well, out, _) = said(&["audit", "verify", "--bundle", &folder, "--key", &key], "");
        assert!(!well && out.contains(words), "{words}: {out}");
    }
    assert_eq!(small.done(&["audit", "verify"]), "ok 4 events (4 signed)\n", "the export's checkpoint fits");
}

#[test]
fn a_receipt_holds_with_the_right_key_only() {
    let small = with_events();
    let file = small.text("receipt.json");
    assert_eq!(small.done(&["audit", "prove", "--seq", "1", "--out", &file]), "ok event 1\n");
    let (well, out, _) = said(&["audit", "receipt", &file, "--key", &key_file(&small)], "");
    assert!(well && out.starts_with("ok event 1: organisation-added at 20"), "{out}");
    let second = Small::new();
    let (well, out, _) = said(&["audit", "receipt", &file, "--key", &key_file(&second)], "");
    assert!(!well && out.contains("not signed by the key"), "{out}");
    let (well, _, err) =
        small.said(&["audit", "prove", "--seq", "99", "--out", &small.text("none.json")], "");
    assert!(!well && err.contains("there is no event 99"), "{err}");
}
