//! The names of all settings, so that each one that does not exist, or that is not written as it should
//! be, gets its own sentence and the others are read all the same.

use super::{Config, Fault};

/// Every table of the file with its settings; the first is the file itself.
pub(super) const SETTINGS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "keys_dir",
            "web",
            "smtp",
            "database",
            "mail",
            "log",
            "trail",
            "service",
            "gate",
            "sign_in",
            "rights",
            "statements",
            "privacy",
            "text",
            "lawful_route",
        ],
    ),
    ("web", &["listen", "base_url", "hosts", "proxies", "redirect_http", "tls", "acme"]),
    ("web.tls", &["certificate", "key"]),
    ("web.acme", &["directory", "contact", "folder", "ca_file"]),
    ("smtp", &["listen", "hostname", "addresses", "gateways", "tls"]),
    ("smtp.tls", &["certificate", "key"]),
    ("database", &["url"]),
    ("mail", &["host", "port", "tls", "ca_file", "username", "password_file", "from"]),
    ("log", &["level", "format"]),
    ("trail", &["origin", "checkpoint_file"]),
    ("service", &["name", "social_care"]),
    ("gate", &["signature_days", "methods", "oldest_months"]),
    ("gate.methods", &["parent", "carer", "young-person"]),
    ("statements", &["folder"]),
    ("privacy", &["version", "processor", "officer", "rights", "complaints", "controllers"]),
    ("privacy.officer", &["name", "email", "phone", "post"]),
    ("text", &["base_url", "key_file", "ca_file", "templates"]),
    ("sign_in", &["fresh_minutes", "recheck_hours", "roles", "providers"]),
    ("lawful_route", &["on", "bases"]),
    ("rights", &["cover_days", "opening_hours", "look_ups"]),
];

/// What can be read of a file, setting by setting, and a fault for each one that does not exist or is
/// not written as it should be: what is wrong with one hides nothing about the others.
pub(super) fn read(table: &toml::Table) -> (Config, Vec<Fault>) {
    let mut faults = Vec::new();
    let readable = readable("", table, &mut faults);
    let config = readable.try_into().unwrap_or_else(|why: toml::de::Error| {
        faults.push(Fault::new("", format!("the settings cannot be read together: {}", wanted(&why))));
        Config::default()
    });
    (config, faults)
}

/// The settings of a place that exist and read alone.
fn readable(place: &str, table: &toml::Table, faults: &mut Vec<Fault>) -> toml::Table {
    let known = settings_of(place).unwrap_or_default();
    let mut kept = toml::Table::new();
    for (name, value) in table {
        let path = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        let inner = value.as_table().filter(|_| settings_of(&path).is_some());
        if !known.contains(&name.as_str()) {
            faults.push(Fault::new(path, format!("there is no such setting: {}", choices(place, known))));
        } else if let Some(inner) = inner {
            kept.insert(name.clone(), toml::Value::Table(readable(&path, inner, faults)));
        } else if let Err(why) = alone(&path, value).try_into::<Config>() {
            let sentence = format!(
                "it cannot be read ({}): correct it as docs/dutyline.example.toml shows",
                wanted(&why)
            );
            faults.push(Fault::new(path, sentence));
        } else {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

fn settings_of(place: &str) -> Option<&'static [&'static str]> {
    SETTINGS.iter().find(|(name, _)| *name == place).map(|(_, names)| *names)
}

/// A file with this one setting.
fn alone(path: &str, value: &toml::Value) -> toml::Table {
    let around = |value: toml::Value, name: &str| {
        toml::Value::Table(toml::Table::from_iter([(name.to_owned(), value)]))
    };
    match path.rsplit('.').fold(value.clone(), around) {
        toml::Value::Table(table) => table,
        _ => toml::Table::new(),
    }
}

/// What should stand there. The value is never repeated: it may be a secret.
fn wanted(error: &toml::de::Error) -> String {
    match error.message().rsplit_once("expected ") {
        Some((_, wanted)) => format!("expected {}", wanted.lines().next().unwrap_or_default()),
        None => "it is not of the expected kind".to_owned(),
    }
}

fn choices(place: &str, known: &[&str]) -> String {
    let place = if place.is_empty() { "the file".to_owned() } else { format!("[{place}]") };
    format!("take it out, or use one that {place} has ({})", known.join(", "))
}

/// What is wrong with text that is not TOML, on one line.
pub(super) fn in_words(error: &toml::de::Error, text: &str) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let why = error.message().lines().collect::<Vec<_>>().join(", ");
    format!("line {line} cannot be read: {why}; correct it as docs/dutyline.example.toml shows")
}
