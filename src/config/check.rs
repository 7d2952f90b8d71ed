//! Whether the settings can work: files that are there and that only their owner reads, addresses
//! that are addresses, nothing that would carry a family's words in clear.

mod web;

pub(super) use web::is_public_name;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::layout::sqlite_file;
use super::{Config, Fault, Mail, Smtp, Tls};
use crate::audit::Origin;
use crate::domain::email::EmailAddress;
use crate::domain::phone::Phone;

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;
/// Permission to change a folder, for everybody but the owner.
const OTHERS_WRITE: u32 = 0o022;
/// Longest time that a signature may be set to hold, days.
const MOST_DAYS: i32 = 366;
/// Oldest age that may be set, completed months (a young person's nineteenth birthday).
const MOST_MONTHS: i32 = 228;

pub(super) fn all(config: &Config) -> Vec<Fault> {
    let mut faults = keys(&config.keys_dir);
    faults.extend(web::web(config));
    faults.extend(config.smtp.as_ref().map(smtp).unwrap_or_default());
    faults.extend(database(config));
    faults.extend(mail(&config.mail));
    faults.extend(trail(config));
    faults.extend(service(config));
    faults.extend(gate(config));
    faults.extend(config.all_statements().err().unwrap_or_default());
    faults.extend(super::consent::check(config.privacy.as_ref()));
    faults.extend(super::text::check(config.text.as_ref()));
    faults.extend(super::sign_in::check(&config.sign_in));
    faults.extend(super::rights::check(&config.rights));
    faults.extend(super::lawful::check(&config.lawful_route));
    faults
}

/// The host of `https://host[:port]`.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = match rest.strip_prefix('[') {
        Some(six) => &rest[..six.find(']')? + 2],
        None => rest.split([':', '/', '?', '#']).next()?,
    };
    (!host.is_empty() && !host.contains(['@', ' '])).then_some(host)
}

fn keys(dir: &Path) -> Vec<Fault> {
    let fault = |sentence: String| vec![Fault::new("keys_dir", sentence)];
    if dir.as_os_str().is_empty() {
        return fault("it is missing: name the folder that `dutyline keys new` made".to_owned());
    }
    let Ok(entries) = fs::read_dir(dir) else {
        let dir = dir.display();
        return fault(format!(
            "there is no folder {dir} that can be read: make one with `dutyline keys new --dir {dir}`"
        ));
    };
    let mut faults = Vec::new();
    if let Some(mode) = mode(dir).filter(|mode| mode & OTHERS_WRITE != 0) {
        let sentence =
            format!("other users may change {} (mode {mode:03o}): run `chmod 700` on it", dir.display());
        faults.push(Fault::new("keys_dir", sentence));
    }
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    faults.extend(
        paths.iter().filter(|path| path.is_file()).filter_map(|path| open_to_others("keys_dir", path)),
    );
    faults
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|meta| meta.permissions().mode() & 0o777)
}

pub(super) fn open_to_others(setting: &str, path: &Path) -> Option<Fault> {
    let mode = mode(path).filter(|mode| mode & OTHERS != 0)?;
    let path = path.display();
    Some(Fault::new(
        setting,
        format!("{path} is open to other users (mode {mode:03o}): run `chmod 600 {path}`"),
    ))
}

pub(super) fn loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

fn address(setting: &str, text: &str) -> Result<SocketAddr, Fault> {
    text.parse()
        .map_err(|_| Fault::new(setting, "write an address and a port, such as 127.0.0.1:8080 or [::]:25"))
}

fn tls(setting: &str, pair: &Tls) -> Vec<Fault> {
    let (certificate, key) = (format!("{setting}.certificate"), format!("{setting}.key"));
    let mut faults = Vec::new();
    faults.extend(pem(&certificate, &pair.certificate, "CERTIFICATE"));
    let unreadable = pem(&key, &pair.key, "PRIVATE KEY");
    if unreadable.is_none() {
        faults.extend(open_to_others(&key, &pair.key));
    }
    faults.extend(unreadable);
    faults
}

pub(super) fn pem(setting: &str, path: &Path, what: &str) -> Option<Fault> {
    if path.as_os_str().is_empty() {
        return Some(Fault::new(setting, "it is missing: name a PEM file"));
    }
    match fs::read_to_string(path) {
        Err(why) => Some(unreadable(setting, path, &why)),
        Ok(text) if !text.contains("-----BEGIN ") || !text.contains(&format!("{what}-----")) => {
            let sentence = format!("{} holds no {what} in PEM form: name the right file", path.display());
            Some(Fault::new(setting, sentence))
        }
        Ok(_) => None,
    }
}

pub(super) fn unreadable(setting: &str, path: &Path, why: &std::io::Error) -> Fault {
    let sentence = format!("{} cannot be read ({why}): correct the path or its owner", path.display());
    Fault::new(setting, sentence)
}

fn smtp(smtp: &Smtp) -> Vec<Fault> {
    let mut faults = Vec::new();
    let listen = address("smtp.listen", &smtp.listen);
    match (&listen, &smtp.tls) {
        (_, Some(pair)) => faults.extend(tls("smtp.tls", pair)),
        (Ok(at), None) if !at.ip().is_loopback() => faults.push(Fault::new(
            "smtp.tls",
            "there is no certificate for STARTTLS: name certificate and key, or listen on 127.0.0.1",
        )),
        _ => {}
    }
    faults.extend(listen.err());
    if smtp.hostname.is_empty() || smtp.hostname.contains([' ', '/', ':']) {
        faults.push(Fault::new("smtp.hostname", "write this machine's own name, such as relay.example"));
    }
    if smtp.addresses.is_empty() {
        let sentence = "list the recipient addresses that exist here, such as [\"referrals@relay.example\"]";
        faults.push(Fault::new("smtp.addresses", sentence));
    }
    let bad = smtp.addresses.iter().filter(|address| EmailAddress::parse(address).is_err());
    faults.extend(bad.map(|address| {
        Fault::new(
            "smtp.addresses",
            format!("‘{address}’ is not an email address: correct it or take it out"),
        )
    }));
    faults
}

/// Whether PostgreSQL would be spoken to over a network without TLS and a certificate that is checked:
/// the driver's own default falls back to clear.
fn in_clear(url: &str) -> bool {
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let of = |name: &str| {
        settings
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v)
    };
    let authority = address.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host = place.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let host = host.unwrap_or_else(|| place.split(':').next().unwrap_or_default());
    let host = of("host").or(of("hostaddr")).unwrap_or(host);
    let here = host.is_empty()
        || host.starts_with('/')
        || host.starts_with("%2F")
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    !here && of("sslmode") != Some("verify-full")
}

fn database(config: &Config) -> Vec<Fault> {
    let fault = |sentence: String| vec![Fault::new("database.url", sentence)];
    let url = &config.database.url;
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return match in_clear(url) {
            true => fault(
                "the database is on another machine: add ?sslmode=verify-full (and &sslrootcert=FILE for a \
                 certificate of your own), so that nobody on the way reads or changes it"
                    .to_owned(),
            ),
            false => Vec::new(),
        };
    }
    let Some(file) = sqlite_file(url) else {
        return fault("write sqlite:/path/to/dutyline.db or postgres://user@host/database".to_owned());
    };
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return fault(format!("there is no folder {}: make it, or correct the path", folder.display()));
    }
    match (folder.canonicalize(), config.keys_dir.canonicalize()) {
        (Ok(data), Ok(keys)) if keys == data => fault(
            "it lies in the key folder: keep keys and data apart, so that a copy of one is not both"
                .to_owned(),
        ),
        _ => Vec::new(),
    }
}

fn mail(mail: &Mail) -> Vec<Fault> {
    let mut faults = Vec::new();
    if mail.host.is_empty() {
        let sentence = "it is missing: name the server that takes outgoing mail, such as smtp.example";
        faults.push(Fault::new("mail.host", sentence));
    }
    if EmailAddress::parse(&mail.from).is_err() {
        faults.push(Fault::new(
            "mail.from",
            "write the address that mail comes from, such as duty@relay.example",
        ));
    }
    faults.extend(mail.ca_file.as_ref().and_then(|file| pem("mail.ca_file", file, "CERTIFICATE")));
    if let Some(file) = &mail.password_file {
        match fs::read_to_string(file) {
            Err(why) => faults.push(unreadable("mail.password_file", file, &why)),
            Ok(_) => faults.extend(open_to_others("mail.password_file", file)),
        }
    }
    if mail.username.is_some() != mail.password_file.is_some() {
        let sentence = "username and password_file belong together: set both or neither";
        faults.push(Fault::new("mail.username", sentence));
    }
    faults
}

fn trail(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(why) = Origin::parse(&config.trail.origin) {
        faults.push(Fault::new("trail.origin", format!("name this relay's log: {why}")));
    }
    let file = &config.trail.checkpoint_file;
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if file.as_os_str().is_empty() {
        let sentence =
            "it is missing: name a file outside the database, such as /var/lib/dutyline/checkpoint";
        faults.push(Fault::new("trail.checkpoint_file", sentence));
    } else if !folder.is_dir() {
        let sentence = format!("there is no folder {}: make it, or correct the path", folder.display());
        faults.push(Fault::new("trail.checkpoint_file", sentence));
    }
    faults
}

fn service(config: &Config) -> Option<Fault> {
    let number = &config.service.social_care;
    Phone::parse(number).err().map(|why| {
        let sentence = format!("write the telephone number of children's social care: {why}");
        Fault::new("service.social_care", sentence)
    })
}

fn gate(config: &Config) -> Vec<Fault> {
    let gate = &config.gate;
    let checks = [
        (
            !(1..=MOST_DAYS).contains(&gate.signature_days),
            "gate.signature_days",
            format!("write 1 to {MOST_DAYS} days"),
        ),
        (
            gate.methods.parent.is_empty(),
            "gate.methods.parent",
            "list at least one way of signing, such as [\"drawn\"]".to_owned(),
        ),
        (
            gate.methods.carer.is_empty(),
            "gate.methods.carer",
            "list at least one way of signing, such as [\"drawn\"]".to_owned(),
        ),
        (
            !(24..=MOST_MONTHS).contains(&gate.oldest_months),
            "gate.oldest_months",
            format!("write 24 to {MOST_MONTHS} months"),
        ),
    ];
    checks.into_iter().filter(|(wrong, ..)| *wrong).map(|(_, at, words)| Fault::new(at, words)).collect()
}

/// Whether a number, where there is one, lies within 1 and `most`.
pub(super) fn number(at: &str, value: Option<i64>, most: i64, unit: &str) -> Option<Fault> {
    let wrong = value.is_some_and(|value| !(1..=most).contains(&value));
    wrong.then(|| Fault::new(at, format!("write 1 to {most} {unit}")))
}

#[cfg(test)]
mod database_tests {
    use super::in_clear;

    #[test]
    fn a_database_on_another_machine_is_spoken_to_over_tls_that_is_checked() {
        for url in [
            "postgres://dutyline@localhost/d",
            "postgres://dutyline@127.0.0.1:5432/d",
            "postgres://dutyline@[::1]/d",
            "postgres:///d?host=/run/postgresql",
            "postgres://u@localhost:54329/d?host=/tmp/x",
            "postgres://u:p@db.example/d?sslmode=verify-full",
        ] {
            assert!(!in_clear(url), "{url}");
        }
        for url in [
            "postgres://u:p@db.example/d",
            "postgres://u:p@db.example/d?sslmode=require",
            "postgres://localhost@db.example/d",
            "postgres://u@localhost/d?host=db.example",
            "postgres://u@10.0.0.7/d?sslmode=prefer",
        ] {
            assert!(in_clear(url), "{url}");
        }
    }
}
