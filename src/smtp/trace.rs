//! The `Received:` header that we put before each message (RFC 5321 section 4.4), so that the raw message
//! as it is kept says where it came from, when and how.
//!
//! It names no sender and no recipient. It is the only thing added to what was sent.

use std::net::IpAddr;

use super::handover::Envelope;
use crate::domain::time::Instant;

/// Longest name of a client that we keep, in characters.
const NAME_CHARS: usize = 255;

/// How the client greeted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// With HELO.
    Smtp,
    /// With EHLO.
    Esmtp,
}

/// The name a client gave itself, made harmless: letters, digits and `.-_:[]` stay, anything else becomes a
/// hyphen.
pub fn clean_name(name: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    name.chars().take(NAME_CHARS).map(|c| if keep(c) { c } else { '-' }).collect()
}

/// The header with its CR LF, folded. `by` is our own name, `now` the moment DATA began, written in UTC.
pub fn received(envelope: &Envelope, protocol: Protocol, by: &str, now: Instant) -> String {
    let tls = envelope.tls.as_ref();
    let tls = tls.map(|tls| format!(" ({}) tls {}", tls.version, tls.cipher)).unwrap_or_default();
    format!(
        "Received: from {} ({})\r\n\tby {} with {}{tls};\r\n\t{}\r\n",
        clean_name(&envelope.helo),
        literal(envelope.peer),
        clean_name(by),
        with(envelope, protocol),
        date(now),
    )
}

/// The registered names of transmission (RFC 3848, RFC 6531 section 4.3).
fn with(envelope: &Envelope, protocol: Protocol) -> &'static str {
    match (envelope.smtputf8, protocol, envelope.tls.is_some()) {
        (true, _, true) => "UTF8SMTPS",
        (true, _, false) => "UTF8SMTP",
        (false, Protocol::Esmtp, true) => "ESMTPS",
        (false, Protocol::Esmtp, false) => "ESMTP",
        (false, Protocol::Smtp, _) => "SMTP",
    }
}

fn literal(peer: IpAddr) -> String {
    match peer {
        IpAddr::V4(v4) => format!("[{v4}]"),
        IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
    }
}

fn date(now: Instant) -> String {
    let at = jiff::Timestamp::from_microsecond(now.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::handover::TlsInfo;

    fn envelope() -> Envelope {
        Envelope {
            from: "amina@nursery.example".into(),
            recipients: vec!["referrals@relay.example".into()],
            helo: "mail.nursery.example".into(),
            peer: IpAddr::from([192, 0, 2, 7]),
            tls: None,
            smtputf8: false,
        }
    }

    /// 21 November 2026, 09:05:00 UTC.
    const NOW: Instant = Instant::from_micros(1_795_251_900_000_000);

    #[test]
    fn it_says_from_where_by_whom_how_and_when() {
        assert_eq!(
            received(&envelope(), Protocol::Esmtp, "relay.example", NOW),
            "Received: from mail.nursery.example ([192.0.2.7])\r\n\tby relay.example with ESMTP;\r\n\
             \tSat, 21 Nov 2026 09:05:00 +0000\r\n"
        );
    }

    #[test]
    fn it_says_how_it_was_encrypted() {
        let tls = TlsInfo { version: "TLSv1.3".into(), cipher: "TLS_AES_256_GCM_SHA384".into() };
        let envelope = Envelope { tls: Some(tls), peer: "2001:db8::1".parse().unwrap(), ..envelope() };
        let header = received(&envelope, Protocol::Esmtp, "relay.example", NOW);
        assert!(header.contains("([IPv6:2001:db8::1])"), "{header}");
        assert!(header.contains(" with ESMTPS (TLSv1.3) tls TLS_AES_256_GCM_SHA384;\r\n"), "{header}");
    }

    #[test]
    fn it_uses_the_registered_names_of_transmission() {
        let tls = TlsInfo { version: "TLSv1.2".into(), cipher: "X".into() };
        for (smtputf8, protocol, secure, name) in [
            (false, Protocol::Smtp, false, "SMTP"),
            (false, Protocol::Esmtp, false, "ESMTP"),
            (false, Protocol::Esmtp, true, "ESMTPS"),
            (true, Protocol::Esmtp, false, "UTF8SMTP"),
            (true, Protocol::Esmtp, true, "UTF8SMTPS"),
        ] {
            let envelope = Envelope { smtputf8, tls: secure.then(|| tls.clone()), ..envelope() };
            assert_eq!(with(&envelope, protocol), name);
        }
    }

    #[test]
    fn a_name_cannot_carry_another_header() {
        assert_eq!(clean_name("a\r\nBcc: <x>(é)"), "a--Bcc:--x----");
        assert_eq!(clean_name("[192.0.2.1]"), "[192.0.2.1]");
        assert_eq!(clean_name(&"x".repeat(900)).len(), 255);
    }
}
