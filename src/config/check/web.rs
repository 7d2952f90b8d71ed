//! Whether the web door's settings can work: nobody's words in clear on a network, one way to a
//! certificate and not two, proxies that are addresses.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::super::{Acme, Config, Fault, Web};
use super::{OTHERS, address, host_of, loopback, mode, pem, tls};
use crate::domain::email::EmailAddress;

pub(super) fn web(config: &Config) -> Vec<Fault> {
    let web = &config.web;
    let listen = address("web.listen", &web.listen);
    let mut faults: Vec<Fault> = listen.as_ref().err().cloned().into_iter().collect();
    faults.extend(base_url(&web.base_url));
    faults.extend(listen.ok().and_then(|at| in_clear(web, at)));
    faults.extend(hosts(web));
    faults.extend(proxies(web));
    faults.extend(redirect(web));
    faults.extend(web.tls.as_ref().map(|pair| tls("web.tls", pair)).unwrap_or_default());
    faults.extend(web.acme.as_ref().map(|acme| automatic(config, acme)).unwrap_or_default());
    faults
}

fn base_url(url: &str) -> Option<Fault> {
    let fault = |sentence: &str| Some(Fault::new("web.base_url", sentence));
    let Some(host) = host_of(url) else {
        return fault("write the address that people type, such as https://relay.example");
    };
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    if rest.contains('/') {
        return fault(
            "write it without a path and without a slash at the end, such as https://relay.example",
        );
    }
    if url.starts_with("http://") && !loopback(host) {
        return fault("it must begin with https://: only 127.0.0.1 and localhost may do without");
    }
    None
}

/// Without TLS of its own somebody must end it in front, and be known by address: or words go in clear, and
/// every visitor seems to come from one place.
fn in_clear(web: &Web, at: SocketAddr) -> Option<Fault> {
    let own = web.tls.is_some() || web.acme.is_some();
    if own || !web.proxies.is_empty() {
        return None;
    }
    let network = "the web door would be in clear on the network: name certificate and key, or fill in \
                   [web.acme], or name the proxies that end TLS in web.proxies, or listen on 127.0.0.1";
    let unknown = "base_url is https and there is no certificate here, so a proxy has to end TLS: name its \
                   address, such as 127.0.0.1, because no visitor's own is known otherwise";
    match at.ip().is_loopback() {
        false => Some(Fault::new("web.tls", network)),
        true => web.secure().then(|| Fault::new("web.proxies", unknown)),
    }
}

fn hosts(web: &Web) -> Vec<Fault> {
    let fault = |sentence: String| Fault::new("web.hosts", sentence);
    let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '@', ' ', ',']);
    let bad = web.hosts.iter().filter(|host| !is_host(host));
    let mut faults: Vec<Fault> = bad
        .map(|host| fault(format!("‘{host}’ is not a host: write a name such as relay.example, and no more")))
        .collect();
    let own = host_of(&web.base_url).filter(|_| !web.hosts.is_empty());
    let named = |own: &str| {
        let same = |host: &String| {
            host_of(&format!("http://{host}")).is_some_and(|host| host.eq_ignore_ascii_case(own))
        };
        web.hosts.iter().any(same)
    };
    if let Some(own) = own.filter(|own| faults.is_empty() && !named(own)) {
        faults.push(fault(format!(
            "{own}, the host of base_url, is not among them: add it, or nobody gets in"
        )));
    }
    faults
}

fn proxies(web: &Web) -> Vec<Fault> {
    let bad = web.proxies.iter().filter(|proxy| proxy.parse::<IpAddr>().is_err());
    let sentence = |proxy: &String| {
        format!("‘{proxy}’ is not an IP address: write each proxy's own address, such as 192.0.2.5")
    };
    bad.map(|proxy| Fault::new("web.proxies", sentence(proxy))).collect()
}

fn redirect(web: &Web) -> Option<Fault> {
    let setting = "web.redirect_http";
    let text = web.redirect_http.as_ref()?;
    let at = match address(setting, text) {
        Ok(at) => at,
        Err(fault) => return Some(fault),
    };
    if web.listen.parse() == Ok(at) {
        return Some(Fault::new(setting, "it is web.listen as well: give it another port, such as 80"));
    }
    let words = "there is nothing to send people on to: base_url must begin with https://, or leave this out";
    in_clear_on_purpose(web).then(|| Fault::new(setting, words))
}

/// `http://` on this machine itself. What is wrong with `base_url` otherwise has its own sentence.
fn in_clear_on_purpose(web: &Web) -> bool {
    !web.secure() && base_url(&web.base_url).is_none()
}

fn automatic(config: &Config, acme: &Acme) -> Vec<Fault> {
    let fault = |name: &str, sentence: &str| Fault::new(format!("web.acme{name}"), sentence);
    let mut faults = Vec::new();
    if config.web.tls.is_some() {
        let sentence = "there are certificate files as well: keep [web.tls] or [web.acme], not both";
        faults.push(fault("", sentence));
    }
    let address = host_of(&config.web.base_url).is_some_and(|host| !is_public_name(host));
    if in_clear_on_purpose(&config.web) || address {
        let sentence =
            "a certificate is for a name: base_url must be such as https://relay.example, and no address";
        faults.push(fault("", sentence));
    }
    if !acme.directory.starts_with("https://") || host_of(&acme.directory).is_none() {
        let sentence = "write the directory's address, such as https://acme.example/directory";
        faults.push(fault(".directory", sentence));
    }
    if EmailAddress::parse(&acme.contact).is_err() {
        let sentence = "write the mail address of whoever looks after this machine";
        faults.push(fault(".contact", sentence));
    }
    faults.extend(folder(config, &acme.folder));
    faults.extend(acme.ca_file.as_ref().and_then(|file| pem("web.acme.ca_file", file, "CERTIFICATE")));
    faults
}

fn folder(config: &Config, folder: &Path) -> Option<Fault> {
    let fault = |sentence: String| Some(Fault::new("web.acme.folder", sentence));
    let shown = folder.display();
    if folder.as_os_str().is_empty() {
        return fault("it is missing: name a folder for account and certificate".to_owned());
    }
    if !folder.is_dir() {
        return fault(format!("there is no folder {shown}: make it with `mkdir -m 700 {shown}`"));
    }
    if let Some(mode) = mode(folder).filter(|mode| mode & OTHERS != 0) {
        return fault(format!("{shown} is open to other users (mode {mode:03o}): run `chmod 700 {shown}`"));
    }
    match (folder.canonicalize(), config.keys_dir.canonicalize()) {
        (Ok(own), Ok(keys)) if own == keys => {
            fault("it is the key folder: the relay only reads that one, so name another".to_owned())
        }
        _ => match fs::metadata(folder).map(|meta| meta.permissions().readonly()) {
            Ok(false) => None,
            _ => fault(format!("{shown} cannot be written: run `chmod 700 {shown}`")),
        },
    }
}

/// Whether a host is a name that a certificate authority can vouch for: letters, digits, hyphens and at
/// least one dot, and no address.
pub(in super::super) fn is_public_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.contains('.') && host.split('.').all(label) && host.parse::<IpAddr>().is_err()
}
