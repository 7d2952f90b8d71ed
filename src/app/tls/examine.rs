//! What `dutyline doctor` says about certificates: pairs that are none, names that are missing, days that
//! are over or soon will be. It reads and changes nothing.

use super::acme::folder::Folder;
use super::files::SOON;
use super::pair::Pair;
use crate::config::{self, Config};
use crate::domain::time::{DAY, Instant};

/// What was found: faults are wrong, notes are good to know; a sentence each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// What is wrong.
    pub faults: Vec<String>,
    /// What is good to know.
    pub notes: Vec<String>,
}

/// Looks at every certificate of a configuration. `fine` says whether a setting such as `web.tls` had no
/// fault of its own; what had one is not looked at again.
pub fn examine(config: &Config, fine: impl Fn(&str) -> bool, now: Instant) -> Examined {
    let mut found = Examined::default();
    if let Some(files) = config.web.tls.as_ref().filter(|_| fine("web.tls")) {
        from_files("web.tls", files, &config.web.names(), now, &mut found);
    }
    let smtp = config.smtp.as_ref().filter(|_| fine("smtp"));
    if let Some((smtp, files)) = smtp.and_then(|smtp| Some((smtp, smtp.tls.as_ref()?))) {
        from_files("smtp.tls", files, std::slice::from_ref(&smtp.hostname), now, &mut found);
    }
    if let Some(acme) = config.web.acme.as_ref().filter(|_| fine("web.acme")) {
        automatic(acme, &config.web.names(), now, &mut found);
    }
    found
}

fn from_files(setting: &str, files: &config::Tls, names: &[String], now: Instant, found: &mut Examined) {
    let pair = match Pair::from_files(files) {
        Ok(pair) => pair,
        Err(why) => return found.faults.push(format!("{setting}: {why}")),
    };
    let remedy = "put a new one there, and a running relay takes it up by itself";
    let mut fault = |sentence: String| found.faults.push(format!("{setting}.certificate: {sentence}"));
    for name in pair.lacks(names) {
        fault(format!("it is not for {name}, so visitors would be warned: get one that names it"));
    }
    let until = pair.until.for_people();
    if pair.until <= now {
        fault(format!("it ran out on {until}: {remedy}"));
    } else if pair.from > now {
        fault(format!("it holds only from {}: is this machine's clock right?", pair.from.for_people()));
    } else if pair.until <= now.plus(SOON * DAY) {
        found.notes.push(format!("{setting}.certificate: it runs out on {until}: {remedy}"));
    }
}

fn automatic(acme: &config::Acme, names: &[String], now: Instant, found: &mut Examined) {
    match Folder::of(acme).pair() {
        Ok(None) => found.notes.push(
            "web.acme: there is no certificate yet: a start asks for one, and serves as soon as it is there"
                .to_owned(),
        ),
        Err(why) => found.faults.push(format!("web.acme: {why}")),
        Ok(Some(pair)) => {
            for name in pair.lacks(names) {
                found
                    .notes
                    .push(format!("web.acme: the certificate is not for {name}: a start asks for one"));
            }
            if pair.until <= now {
                let until = pair.until.for_people();
                found.faults.push(format!(
                    "web.acme: the certificate ran out on {until} and there is no newer one: the log says why"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// 21 November 2026, noon, UTC.
    const NOON: Instant = Instant::from_micros(1_795_262_400_000_000);

    /// What is found about a certificate for a name, from one day until another.
    fn found(name: &str, from: (i32, u8, u8), until: (i32, u8, u8), other_key: bool) -> Examined {
        let dir = tempfile::TempDir::new().unwrap();
        let files = config::Tls { certificate: dir.path().join("web.pem"), key: dir.path().join("web.key") };
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
        params.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
        let (key, other) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
        fs::write(&files.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
        let written = if other_key { other } else { key };
        fs::write(&files.key, written.serialize_pem()).unwrap();
        let mut config = Config::default();
        config.web.base_url = "https://relay.example".to_owned();
        config.web.tls = Some(files);
        assert_eq!(examine(&config, |setting| setting != "web.tls", NOON), Examined::default());
        examine(&config, |_| true, NOON)
    }

    #[test]
    fn a_good_certificate_is_not_worth_a_word() {
        let well = found("relay.example", (2026, 11, 1), (2027, 2, 1), false);
        assert_eq!(well, Examined::default());
    }

    #[test]
    fn each_thing_that_is_wrong_with_a_certificate_has_its_sentence() {
        let faults = |name, from, until, other| found(name, from, until, other).faults;
        let (past, future) = ((2026, 11, 1), (2027, 2, 1));
        for (said, words) in [
            (
                faults("other.example", past, future, false),
                "web.tls.certificate: it is not for relay.example",
            ),
            (
                faults("relay.example", past, (2026, 11, 20), false),
                "web.tls.certificate: it ran out on 20 Nov",
            ),
            (
                faults("relay.example", (2026, 12, 1), future, false),
                "web.tls.certificate: it holds only from",
            ),
            (faults("relay.example", past, future, true), "web.tls: the key in "),
        ] {
            assert!(said.len() == 1 && said[0].starts_with(words), "{words}: {said:?}");
        }
        let soon = found("relay.example", past, (2026, 11, 30), false);
        assert!(soon.faults.is_empty() && soon.notes[0].contains("it runs out on 30 November"), "{soon:?}");
    }

    #[test]
    fn automatic_certificates_are_looked_at_where_they_lie() {
        let dir = tempfile::TempDir::new().unwrap();
        let acme = config::Acme {
            directory: "https://acme.example/directory".to_owned(),
            folder: dir.path().to_owned(),
            ..config::Acme::default()
        };
        let mut config = Config::default();
        config.web.base_url = "https://relay.example".to_owned();
        config.web.acme = Some(acme.clone());
        let said = examine(&config, |_| true, NOON);
        assert!(said.notes[0].starts_with("web.acme: there is no certificate yet"), "{said:?}");
        let mut params = rcgen::CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2026, 11, 20);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
        Folder::of(&acme).keep_pair(pem.as_bytes()).unwrap();
        let said = examine(&config, |_| true, NOON);
        assert!(said.notes[0].contains("is not for relay.example"), "{said:?}");
        assert!(said.faults[0].contains("ran out on 20 November 2026"), "{said:?}");
        Folder::of(&acme).keep_pair(b"broken").unwrap();
        let said = examine(&config, |_| true, NOON);
        assert!(said.faults[0].starts_with("web.acme: ") && said.faults.len() == 1, "{said:?}");
    }
}
