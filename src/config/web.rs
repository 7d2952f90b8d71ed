//! The web door's settings: where it listens, what it is called, and who ends TLS for it.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::check;

/// Certificate chain and private key, both PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate, its chain after it.
    pub certificate: PathBuf,
    /// Its private key, readable by its owner alone.
    pub key: PathBuf,
}

/// Automatic certificates (RFC 8555), proven by tls-alpn-01 (RFC 8737) on the web door itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acme {
    /// The directory's address, `https://…`. Naming it agrees to its terms of service.
    pub directory: String,
    /// Mail address of whoever looks after this machine.
    pub contact: String,
    /// The folder of account and certificate, its owner's alone.
    pub folder: PathBuf,
    /// Certificates to trust in place of the system's when asking the directory, a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// The web door.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Address and port to listen on.
    pub listen: String,
    /// The address people type, without a slash at the end.
    pub base_url: String,
    /// Host names it answers to; empty means that of `base_url`.
    pub hosts: Vec<String>,
    /// Addresses of the reverse proxies in front: only these are asked in `X-Forwarded-For` whose
    /// request it is.
    pub proxies: Vec<String>,
    /// Address and port of a second listener that only sends people on to `base_url`.
    pub redirect_http: Option<String>,
    /// Its own TLS by files; none when a proxy ends TLS.
    pub tls: Option<Tls>,
    /// Its own TLS by automatic certificates.
    pub acme: Option<Acme>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            base_url: String::new(),
            hosts: Vec::new(),
            proxies: Vec::new(),
            redirect_http: None,
            tls: None,
            acme: None,
        }
    }
}

impl Web {
    /// The host names it answers to.
    pub fn hosts(&self) -> Vec<String> {
        match (self.hosts.as_slice(), check::host_of(&self.base_url)) {
            ([], Some(host)) => vec![host.to_owned()],
            (hosts, _) => hosts.to_vec(),
        }
    }

    /// The names that its certificate must be for: the host of `base_url` first, then the other hosts that
    /// are names and no addresses, in lower case and each once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            check::host_of(&self.base_url).into_iter().map(str::to_ascii_lowercase).collect();
        for host in &self.hosts {
            let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
            if check::is_public_name(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The addresses of the proxies in front. Those that are none were said by [`super::Config::check`].
    pub fn proxies(&self) -> Vec<IpAddr> {
        self.proxies
            .iter()
            .filter_map(|proxy| proxy.parse().ok())
            .map(|address: IpAddr| address.to_canonical())
            .collect()
    }

    /// Whether people reach it over TLS, its own or a proxy's.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}
