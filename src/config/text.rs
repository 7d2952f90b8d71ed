//! `[text]`: the gateway that texts leave by. Without it no texts are sent, and codes go by mail or are read
//! out by staff.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use uuid::Uuid;

use super::Fault;
use super::check::{host_of, loopback, open_to_others, pem, unreadable};
use crate::text::{ApiKey, Kind};

/// The gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextGateway {
    /// Its address, such as `https://api.notifications.service.gov.uk`.
    pub base_url: String,
    /// The file whose first line is our key there.
    pub key_file: PathBuf,
    /// Certificates to trust in place of the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// The id of the gateway's template for each kind of text.
    pub templates: BTreeMap<String, String>,
}

impl TextGateway {
    /// The templates by kind; what cannot work was refused before by the check.
    pub fn by_kind(&self) -> Vec<(Kind, String)> {
        let known = |(code, id): (&String, &String)| Some((Kind::from_code(code)?, id.trim().to_owned()));
        self.templates.iter().filter_map(known).collect()
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [Some(&mut self.key_file), self.ca_file.as_mut()].into_iter().flatten()
    }
}

/// Everything that cannot work.
pub(super) fn check(gateway: Option<&TextGateway>) -> Vec<Fault> {
    let Some(gateway) = gateway else { return Vec::new() };
    let mut faults = Vec::new();
    let host = host_of(&gateway.base_url);
    let secure = gateway.base_url.starts_with("https://") && host.is_some();
    if !(secure || host.is_some_and(loopback)) {
        let sentence = "write the gateway’s address, such as https://api.notifications.service.gov.uk";
        faults.push(Fault::new("text.base_url", sentence));
    }
    faults.extend(key(gateway));
    faults.extend(gateway.ca_file.as_ref().and_then(|file| pem("text.ca_file", file, "CERTIFICATE")));
    let at = "text.templates";
    for kind in Kind::ALL.iter().filter(|kind| !gateway.templates.contains_key(kind.code())) {
        let sentence = format!("{} is missing: write the id of the gateway’s template for it", kind.code());
        faults.push(Fault::new(at, sentence));
    }
    for (code, id) in &gateway.templates {
        if Kind::from_code(code).is_none() {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
            let sentence =
                format!("there is no text {code}: take it out, or use one of {}", known.join(", "));
            faults.push(Fault::new(at, sentence));
        } else if Uuid::try_parse(id.trim()).is_err() {
            let sentence = format!("{code} is not the id of a template: copy it from the gateway’s page");
            faults.push(Fault::new(at, sentence));
        }
    }
    faults
}

fn key(gateway: &TextGateway) -> Vec<Fault> {
    let (at, file) = ("text.key_file", &gateway.key_file);
    if file.as_os_str().is_empty() {
        return vec![Fault::new(at, "it is missing: name the file whose first line is the API key")];
    }
    match fs::read_to_string(file) {
        Err(why) => vec![unreadable(at, file, &why)],
        Ok(text) => {
            let wrong = ApiKey::parse(text.lines().next().unwrap_or_default()).err();
            let wrong = wrong.map(|why| Fault::new(at, format!("{}: {why}", file.display())));
            wrong.into_iter().chain(open_to_others(at, file)).collect()
        }
    }
}
