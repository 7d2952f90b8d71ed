//! Whether a request names this relay. A browser sends the host that its page came from, so a name that is
//! not ours means DNS rebinding, a proxy that is set wrong, or somebody who hopes that a link is built from
//! it (none is: links come from `base_url`). All of them get 400 and nothing else.
//!
//! Exactly one `Host`, and in an absolute-form target the same demand on its authority (RFC 9112, 3.2.2 and
//! 3.2). Letter case does not matter (RFC 3986, 3.2.2). A dot at the end is refused: to a browser that is
//! another origin. A port has to be one that a browser would send: that of `base_url`, the scheme's own, or
//! the one that the configured host is written with.

use axum::http::{HeaderMap, Uri, header};

/// Whether `Host`, and the target's own authority if it has one, are among `hosts`. No `hosts` means any:
/// whoever is in front checks; more than one `Host` is refused even then.
pub fn is_ours(hosts: &[String], base_url: &str, headers: &HeaderMap, target: &Uri) -> bool {
    let mut given = headers.get_all(header::HOST).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return false;
    }
    if hosts.is_empty() {
        return true;
    }
    let named = |authority: &str| hosts.iter().any(|ours| is_one(authority, ours, base_url));
    let host = first.and_then(|host| host.to_str().ok());
    host.is_some_and(named) && target.authority().is_none_or(|authority| named(authority.as_str()))
}

fn is_one(given: &str, ours: &str, base_url: &str) -> bool {
    let (Some((name, port)), Some((our_name, our_port))) = (split(given), split(ours)) else {
        return false;
    };
    let port_fits = match (our_port, port) {
        (Some(ours), port) => port == Some(ours),
        (None, None) => true,
        (None, Some(port)) => ports_of(base_url).contains(&Some(port)),
    };
    name.eq_ignore_ascii_case(our_name) && port_fits
}

/// The ports that a browser may write after a name: that of `base_url`, and its scheme's own.
fn ports_of(base_url: &str) -> [Option<u16>; 2] {
    let (scheme, authority) = base_url.split_once("://").unwrap_or(("http", base_url));
    let own = if scheme == "https" { 443 } else { 80 };
    [split(authority).and_then(|(_, port)| port), Some(own)]
}

/// Name and port; `None` for what is neither. An IPv6 address keeps its brackets.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority[end..].find(':') else { return Some((authority, None)) };
    let (name, port) = authority.split_at(end + colon);
    let digits = &port[1..];
    let port = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((name, Some(port)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ours(hosts: &[&str], base_url: &str, given: &[&str], target: &str) -> bool {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for host in given {
            headers.append(header::HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
        }
        is_ours(&hosts, base_url, &headers, &target.parse().unwrap())
    }

    #[test]
    fn a_name_is_ours_in_any_case_with_a_port_that_a_browser_sends() {
        let base = "https://relay.example:8443";
        for (given, expected) in [
            ("relay.example", true),
            ("Relay.EXAMPLE", true),
            ("relay.example:8443", true),
            ("relay.example:443", true),
            ("relay.example:80", false),
            ("relay.example:", false),
            ("relay.example:evil", false),
            ("relay.example:8443:1", false),
            ("relay.example:99999", false),
            ("relay.example:+443", false),
            ("relay.example.", false),
            ("relay.example.:443", false),
            ("evil.example", false),
            ("relay.example.evil.example", false),
            ("evil@relay.example", false),
            ("relay.example, evil.example", false),
            ("", false),
            ("‘", false),
        ] {
            assert_eq!(ours(&["relay.example"], base, &[given], "/"), expected, "{given}");
        }
    }

    #[test]
    fn a_host_that_is_written_with_its_port_wants_it() {
        let hosts = ["127.0.0.1:8080", "[::1]:8080"];
        let base = "http://127.0.0.1:8080";
        for (given, expected) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", false),
            ("127.0.0.1:80", false),
            ("[::1]:8080", true),
            ("[::1]", false),
        ] {
            assert_eq!(ours(&hosts, base, &[given], "/"), expected, "{given}");
        }
        assert!(ours(&["[::1]"], "http://[::1]:81", &["[::1]:81"], "/"));
    }

    #[test]
    fn one_host_and_the_targets_own_authority_both_count() {
        let (hosts, base) = (["relay.example"], "https://relay.example");
        assert!(!ours(&hosts, base, &[], "/"), "none at all");
        assert!(!ours(&hosts, base, &["relay.example", "relay.example"], "/"), "twice");
        assert!(!ours(&[], base, &["a.example", "b.example"], "/"), "twice, where any is taken");
        assert!(ours(&[], base, &["a.example"], "/") && ours(&[], base, &[], "/"), "a proxy checks");
        assert!(ours(&hosts, base, &["relay.example"], "https://relay.example/x"));
        assert!(!ours(&hosts, base, &["relay.example"], "https://evil.example/x"));
        assert!(!ours(&hosts, base, &["evil.example"], "https://relay.example/x"));
        assert!(!ours(&hosts, base, &[], "https://relay.example/x"));
    }
}
