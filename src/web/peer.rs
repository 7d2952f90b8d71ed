//! Whose request it is: the address of the other end, and the one place that reads a forwarding header.
//!
//! Throttles and recent sign-ins need the address of the person's own machine. The socket knows it, unless
//! a reverse proxy is in front; then the proxy says it in `X-Forwarded-For`, and anybody else may say
//! anything there. So the header is read only when the socket's own peer is a proxy that the configuration
//! names (`web.proxies`), and only from the right, where the proxies in front wrote: the first entry that
//! is no such proxy is the client. RFC 7239's `Forwarded` is not read: no common proxy writes it by
//! itself, and two ways of saying the same can disagree. Before a request goes on, the web door takes every
//! such header out ([`forget_forwarding`]), so that no handler can come to trust one. Nothing is kept here,
//! so a crash loses nothing.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The header in which proxies write, each at its end, whom they speak for.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What else proxies and frameworks say about the request that reached them, beside `x-forwarded-…`.
const FORWARDING: &[&str] = &[
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "x-host",
    "x-original-host",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "via",
];

/// The address that a request came from, IPv4 written as IPv4. The web door puts it among the request's
/// extensions; a request that came through no door (a test in process) is this machine's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Peer(Ipv4Addr::LOCALHOST.into());
        Ok(parts.extensions.get().copied().unwrap_or(unknown))
    }
}

/// The client of a request whose socket's other end is `socket`: that end itself, unless it is one of the
/// `proxies`; then the right-most entry of `X-Forwarded-For` that is none of them. A proxy that names
/// nobody, or writes what is no address, is the client itself.
pub fn client_of(socket: IpAddr, proxies: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let socket = socket.to_canonical();
    if !proxies.contains(&socket) {
        return socket;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default());
    let said = lines.collect::<Vec<_>>().join(",");
    let mut entries = said.rsplit(',').map(address_in);
    match entries.find(|entry| !entry.is_some_and(|address| proxies.contains(&address))) {
        Some(Some(client)) => client,
        _ => socket,
    }
}

/// One entry: an address, with or without a port, IPv6 in brackets or not.
fn address_in(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().map(|at| at.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

/// Takes out everything that a proxy, or whoever plays one, says about the request: nothing behind the
/// door reads it, and nothing shall.
pub fn forget_forwarding(headers: &mut HeaderMap) {
    let said = |name: &str| name.starts_with("x-forwarded") || FORWARDING.contains(&name);
    let names: Vec<_> = headers.keys().filter(|name| said(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(socket: &str, lines: &[&str]) -> String {
        let proxies = ["192.0.2.5", "192.0.2.6", "2001:db8::5"].map(|proxy| proxy.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        client_of(socket.parse().unwrap(), &proxies, &headers).to_string()
    }

    #[test]
    fn only_a_named_proxy_is_asked_and_only_from_the_right() {
        for (socket, lines, expected) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("127.0.0.1", &["198.51.100.1"], "127.0.0.1"),
            ("192.0.2.5", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:192.0.2.5", &["198.51.100.1"], "198.51.100.1"),
            ("2001:db8::5", &["2001:DB8::77"], "2001:db8::77"),
            // What the client itself wrote stands further left.
            ("192.0.2.5", &["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
            ("192.0.2.5", &["10.9.9.9", "198.51.100.1"], "198.51.100.1"),
            // Two proxies, one behind the other; a client that claims to be one of them.
            ("192.0.2.5", &["198.51.100.1, 192.0.2.6"], "198.51.100.1"),
            ("192.0.2.5", &["192.0.2.6, 198.51.100.1, 192.0.2.6"], "198.51.100.1"),
            // Nobody, only proxies, or no address.
            ("192.0.2.5", &[], "192.0.2.5"),
            ("192.0.2.5", &[""], "192.0.2.5"),
            ("192.0.2.5", &["192.0.2.6"], "192.0.2.5"),
            ("192.0.2.5", &["198.51.100.1, unknown"], "192.0.2.5"),
            ("192.0.2.5", &["198.51.100.1, ‘"], "192.0.2.5"),
            // With ports.
            ("192.0.2.5", &["198.51.100.1:4711"], "198.51.100.1"),
            ("192.0.2.5", &["[2001:db8::77]:4711"], "2001:db8::77"),
            ("192.0.2.5", &["[2001:db8::77]"], "2001:db8::77"),
            ("192.0.2.5", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            assert_eq!(client(socket, lines), expected, "{socket} {lines:?}");
        }
    }

    #[test]
    fn nothing_that_a_proxy_says_goes_further() {
        let mut headers = HeaderMap::new();
        for name in ["host", "cookie", "origin", "x-forwarded-for", "x-forwarded-anything", "forwarded"] {
            headers.append(name, HeaderValue::from_static("said"));
        }
        for name in FORWARDING {
            headers.append(*name, HeaderValue::from_static("said"));
        }
        forget_forwarding(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        left.sort_unstable();
        assert_eq!(left, ["cookie", "host", "origin"]);
    }
}
