//! The rules of the house, executable: who may import whom, one door per dependency, sizes, matching
//! migrations, every store function tried on both engines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which room may use which; anything else is forbidden.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("audit", &["domain"]),
    ("routing", &["domain"]),
    ("documents", &["domain"]),
    ("scan", &["domain"]),
    ("seal", &["domain", "clock"]),
    ("mail", &["domain"]),
    ("text", &["domain", "clock"]),
    ("store", &["domain", "audit", "clock"]),
    ("gate", &["domain"]),
    ("intake", &["domain", "seal"]),
    ("config", &["domain", "gate", "mail", "smtp", "audit", "seal", "text"]),
    ("relay", &["domain", "clock", "store", "seal", "gate", "routing", "audit", "scan"]),
    ("people", &["domain", "clock", "store", "relay", "audit", "seal", "mail"]),
    ("administration", &["domain", "clock", "store", "relay", "audit", "routing", "gate"]),
    (
        "casework",
        &["domain", "clock", "store", "seal", "mail", "routing", "documents", "relay", "audit", "intake"],
    ),
    ("family", &["domain", "clock", "store", "seal", "relay", "audit", "intake", "routing"]),
    (
        "delivery",
        &["domain", "clock", "store", "seal", "mail", "text", "routing", "documents", "relay", "audit"],
    ),
    (
        "pipeline",
        &["domain", "clock", "store", "seal", "relay", "audit", "intake", "gate", "routing", "scan"],
    ),
    (
        "web",
        &[
            "domain",
            "clock",
            "pipeline",
            "people",
            "administration",
            "casework",
            "family",
            "documents",
            "audit",
            "store",
            "relay",
            "mail",
            "text",
            "gate",
            "routing",
            "intake",
            "delivery",
        ],
    ),
    ("smtp", &["domain", "clock"]),
];

/// A dependency's one door.
const DOORS: &[(&str, &[&str])] = &[
    ("sqlx", &["store/"]),
    ("lettre", &["mail/"]),
    ("age", &["seal/"]),
    ("age_core", &["seal/"]),
    ("hpke", &["seal/"]),
    ("printpdf", &["documents/pdf.rs", "documents/pdf/"]),
    ("lopdf", &["documents/pdf.rs", "documents/pdf/", "documents/tests.rs"]),
    ("mail_parser", &["intake/mail.rs"]),
    ("pixels", &["scan/"]),
    ("webauthn_rs", &["people/passkeys.rs", "people/passkeys/"]),
    ("openidconnect", &["people/sso/provider.rs", "people/sso/http.rs"]),
    ("axum", &["web/", "app/doors.rs"]),
    ("askama", &["web/", "mail/", "text/"]),
    ("clap", &["cli/", "main.rs"]),
    ("anyhow", &["cli/", "main.rs"]),
];

/// Longest file, lines, tests included.
const LONGEST_FILE: usize = 400;
/// Longest function, lines.
const LONGEST_FUNCTION: usize = 60;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder reads").map(|entry| entry.expect("entry").path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|end| end == "rs") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

/// Every source file with its path below `src/` and its text.
fn files() -> Vec<(String, String)> {
    let src = root().join("src");
    let below = |path: &Path| path.strip_prefix(&src).expect("below src").to_string_lossy().into_owned();
    sources(&src).into_iter().map(|path| (below(&path), fs::read_to_string(&path).expect("reads"))).collect()
}

fn room_of(file: &str) -> &str {
    file.split(['/', '.']).next().expect("a first piece")
}

/// The text without comments and without what stands only in tests at its end.
fn code(text: &str) -> String {
    let live = text.split("#[cfg(test)]\nmod tests {").next().expect("a first piece");
    live.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(file: &str) -> bool {
    ["tests", "testing", "gallery"].iter().any(|word| file.contains(word))
}

#[test]
fn a_room_uses_only_what_it_may() {
    let mut wrong = Vec::new();
    for (file, text) in files().iter().filter(|(file, _)| !is_test(file)) {
        let room = room_of(file);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else { continue };
        let code = code(text);
        for piece in code.split("crate::").skip(1) {
            let used: String = piece.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let known = MAY_USE.iter().any(|(name, _)| *name == used) || used == "app" || used == "cli";
            if known && used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{file} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_has_its_rule() {
    let rooms: BTreeSet<String> = files().iter().map(|(file, _)| room_of(file).to_owned()).collect();
    let free = ["app", "cli", "lib", "main"];
    let without: Vec<&String> = rooms
        .iter()
        .filter(|room| !free.contains(&room.as_str()) && !MAY_USE.iter().any(|(name, _)| name == room))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn a_dependency_has_one_door() {
    let mut wrong = Vec::new();
    for (file, text) in files().iter().filter(|(file, _)| !is_test(file)) {
        let code = code(text);
        for (name, doors) in DOORS {
            let inside = doors.iter().any(|door| file.starts_with(door));
            let used = code.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if used && !inside {
                wrong.push(format!("{file} uses {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_store_says_that_a_read_was_recorded() {
    for (file, text) in files() {
        let may = file.starts_with("store/") || file == "domain/access.rs";
        assert!(may || !text.contains("after_commit("), "{file} makes its own Recorded");
    }
}

#[test]
fn the_restricted_wrapper_is_opened_for_sealing_in_one_place() {
    for (file, text) in files() {
        let may = file == "domain/restricted.rs" || file.starts_with("pipeline/place");
        assert!(may || !text.contains("for_sealing("), "{file} looks into the restricted part");
    }
}

#[test]
fn no_file_is_longer_than_the_house_allows() {
    let long: Vec<String> = files()
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{file}: {lines}"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_function_is_longer_than_the_house_allows() {
    let mut long = Vec::new();
    for (file, text) in files() {
        let mut begun: Option<(usize, usize, String)> = None;
        for (n, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let starts = line.trim_start().starts_with("fn ") || line.contains(" fn ");
            if begun.is_none() && starts && !line.trim_start().starts_with("//") && !line.ends_with(';') {
                begun = Some((n, indent, line.trim().to_owned()));
            }
            if let Some((start, depth, name)) = &begun
                && indent == *depth
                && (line.trim_start().starts_with('}') || (n == *start && line.ends_with('}')))
            {
                if n - start + 1 > LONGEST_FUNCTION {
                    long.push(format!("{file}:{}: {} lines: {name}", start + 1, n - start + 1));
                }
                begun = None;
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn both_engines_have_the_same_steps() {
    let steps = |engine: &str| -> Vec<String> {
        let folder = root().join("src/store/migrations").join(engine);
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("folder reads")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
    for name in steps("sqlite") {
        let text = |engine: &str| {
            fs::read_to_string(root().join("src/store/migrations").join(engine).join(&name)).expect("reads")
        };
        assert_eq!(
            text("sqlite").replace("BLOB", "BYTEA"),
            text("postgres"),
            "{name} differs in more than types"
        );
    }
}

#[test]
fn every_store_function_is_called_by_a_test_on_both_engines() {
    let tests: String = sources(&root().join("tests/it"))
        .iter()
        .filter(|path| path.to_string_lossy().contains("store"))
        .map(|path| fs::read_to_string(path).expect("reads"))
        .collect();
    let mut uncovered = Vec::new();
    for (file, text) in files().iter().filter(|(file, _)| file.starts_with("store/")) {
        // What stands in a file below another is called by the other's name.
        let family = file.trim_start_matches("store/").split(['/', '.']).next().expect("a first piece");
        for line in text.lines().filter(|line| line.starts_with("pub async fn ")) {
            let name: String = line["pub async fn ".len()..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !tests.contains(&format!("{family}::{name}(")) {
                uncovered.push(format!("{family}::{name}"));
            }
        }
    }
    assert!(uncovered.is_empty(), "not tried on both engines: {uncovered:#?}");
}
