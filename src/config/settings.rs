//! The names of all settings, so that each one that does not exist gets its own sentence.

use super::Fault;

/// Every table of the file with its settings; the first is the file itself.
pub(super) const SETTINGS: &[(&str, &[&str])] = &[
    ("", &["keys_dir", "web", "smtp", "database", "mail", "log", "trail", "service", "gate"]),
    ("web", &["listen", "base_url", "hosts", "tls"]),
    ("web.tls", &["certificate", "key"]),
    ("smtp", &["listen", "hostname", "addresses", "tls"]),
    ("smtp.tls", &["certificate", "key"]),
    ("database", &["url"]),
    ("mail", &["host", "port", "tls", "ca_file", "username", "password_file", "from"]),
    ("log", &["level", "format"]),
    ("trail", &["origin", "checkpoint_file"]),
    ("service", &["name", "social_care"]),
    ("gate", &["signature_days", "methods", "oldest_months"]),
];

/// A fault for each setting that does not exist.
pub(super) fn unknown(table: &toml::Table) -> Vec<Fault> {
    let mut faults = Vec::new();
    look("", table, &mut faults);
    faults
}

fn look(place: &str, table: &toml::Table, faults: &mut Vec<Fault>) {
    let known = SETTINGS.iter().find(|(name, _)| *name == place).map_or(&[][..], |(_, names)| names);
    for (name, value) in table {
        let path = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        if !known.contains(&name.as_str()) {
            faults.push(Fault::new(path, format!("there is no such setting: {}", choices(place, known))));
        } else if let Some(inner) = value.as_table() {
            look(&path, inner, faults);
        }
    }
}

fn choices(place: &str, known: &[&str]) -> String {
    let place = if place.is_empty() { "the file".to_owned() } else { format!("[{place}]") };
    format!("take it out, or use one that {place} has ({})", known.join(", "))
}

/// What the reader of TOML has to say, on one line. The value is never repeated: it may be a secret.
pub(super) fn in_words(error: &toml::de::Error, text: &str) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let why = error.message().lines().collect::<Vec<_>>().join(", ");
    let why = match why.split_once(": ") {
        Some((start, rest)) if start.starts_with("invalid type") || start.starts_with("invalid value") => {
            format!("{start}, {}", rest.rsplit_once("expected").map_or("", |(_, wanted)| wanted).trim())
        }
        _ => why,
    };
    format!("line {line} cannot be read: {why}; correct it as docs/dutyline.example.toml shows")
}
