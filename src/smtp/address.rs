//! Mailboxes in the dialogue (RFC 5321 section 4.1.2, RFC 6531 section 3.3), and the few that exist here.
//!
//! This door delivers and never relays: a recipient is one of the configured addresses or it is refused. The
//! comparison ignores case in the local part too, because people type addresses.

use thiserror::Error;

/// Longest mailbox in bytes: the 256 of RFC 5321 section 4.5.3.1.3 less the angle brackets.
const MAILBOX_BYTES: usize = 254;
/// Longest local part in bytes (section 4.5.3.1.1).
const LOCAL_BYTES: usize = 64;
/// Longest label of a domain in bytes (RFC 1035 section 2.3.4).
const LABEL_BYTES: usize = 63;

/// What is wrong with an address. Never carries the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressFault {
    /// Longer than the protocol allows.
    #[error("the address is too long")]
    TooLong,
    /// Control characters, or ones that change the direction or the lines of text.
    #[error("the address has characters that cannot be shown")]
    Unshowable,
    /// No `@`, or nothing on one side of it.
    #[error("the address has no domain")]
    NoDomain,
    /// The part before the `@` is not one.
    #[error("the part before the @ is not valid")]
    LocalPart,
    /// The part after the `@` is not one.
    #[error("the part after the @ is not valid")]
    Domain,
}

/// A mailbox that is well formed. It may not exist.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    text: String,
    local: String,
    domain: String,
}

impl Mailbox {
    /// Reads `local@domain`, without angle brackets. The local part may be quoted; the domain may be an
    /// address in square brackets.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        if text.len() > MAILBOX_BYTES {
            return Err(AddressFault::TooLong);
        }
        if text.chars().any(unshowable) {
            return Err(AddressFault::Unshowable);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressFault::NoDomain)?;
        if local.len() > LOCAL_BYTES {
            return Err(AddressFault::TooLong);
        }
        let local = local_part(local).ok_or(AddressFault::LocalPart)?;
        if !is_domain(domain) {
            return Err(AddressFault::Domain);
        }
        Ok(Self { text: text.to_owned(), local: local.to_lowercase(), domain: domain.to_lowercase() })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it can be said without SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }

    fn same_as(&self, other: &Mailbox) -> bool {
        self.local == other.local && self.domain == other.domain
    }
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailbox(<masked>)")
    }
}

/// Control characters, line and paragraph separators, and what turns the direction of text around.
fn unshowable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The local part without its quotes, if it is one.
fn local_part(text: &str) -> Option<String> {
    match text.strip_prefix('"') {
        Some(rest) => unquote(rest.strip_suffix('"')?),
        None => text.split('.').all(is_atom).then(|| text.to_owned()),
    }
}

fn is_atom(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    !text.is_empty() && text.chars().all(fits)
}

fn unquote(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next()?),
            '"' => return None,
            _ => plain.push(c),
        }
    }
    (!plain.is_empty()).then_some(plain)
}

fn is_domain(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(is_address_literal),
        None => text.split('.').all(is_label),
    }
}

fn is_address_literal(text: &str) -> bool {
    match text.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => text[5..].parse::<std::net::Ipv6Addr>().is_ok(),
        _ => text.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || c == '-' || c == '_';
    let ends = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && text.len() <= LABEL_BYTES && !ends && text.chars().all(fits)
}

/// Whether a recipient is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// It exists; this is how our configuration spells it.
    Here(&'a str),
    /// The domain is ours, the mailbox does not exist.
    NoSuchMailbox,
    /// Another domain: that would be relaying.
    Elsewhere,
}

/// The addresses that exist at this door.
#[derive(Clone, Debug, Default)]
pub struct Addresses(Vec<Mailbox>);

impl Addresses {
    /// The addresses that mail is taken for, such as `referrals@relay.example`. One that is not well formed is
    /// an error in the configuration.
    pub fn new<'a>(all: impl IntoIterator<Item = &'a str>) -> Result<Self, AddressFault> {
        all.into_iter().map(Mailbox::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Looks for a mailbox, ignoring case.
    pub fn find(&self, wanted: &Mailbox) -> Found<'_> {
        if let Some(ours) = self.0.iter().find(|one| one.same_as(wanted)) {
            return Found::Here(&ours.text);
        }
        match self.0.iter().any(|one| one.domain == wanted.domain) {
            true => Found::NoSuchMailbox,
            false => Found::Elsewhere,
        }
    }

    /// What `<postmaster>` without a domain means (RFC 5321 section 4.5.1): the first configured postmaster.
    pub fn postmaster(&self) -> Found<'_> {
        match self.0.iter().find(|one| one.local == "postmaster") {
            Some(ours) => Found::Here(&ours.text),
            None => Found::NoSuchMailbox,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn well_formed_addresses_are_read() {
        for good in [
            "a@b",
            "nursery.one+tag@setting.example",
            "\"odd name\"@setting.example",
            "\"a@b\\\"c\"@setting.example",
            "x@[192.0.2.1]",
            "x@[IPv6:2001:db8::1]",
            "żłobek@przykład.example",
        ] {
            assert!(Mailbox::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let long = format!("{}@setting.example", "x".repeat(65));
        for (bad, fault) in [
            ("nobody", AddressFault::NoDomain),
            ("@setting.example", AddressFault::LocalPart),
            ("a..b@setting.example", AddressFault::LocalPart),
            (".a@setting.example", AddressFault::LocalPart),
            ("a b@setting.example", AddressFault::LocalPart),
            ("a<b@setting.example", AddressFault::LocalPart),
            ("\"a@setting.example", AddressFault::LocalPart),
            ("\"a\"b\"@setting.example", AddressFault::LocalPart),
            ("\"a\\\"@setting.example", AddressFault::LocalPart),
            ("a@", AddressFault::Domain),
            ("a@b..c", AddressFault::Domain),
            ("a@-b.example", AddressFault::Domain),
            ("a@b.example.", AddressFault::Domain),
            ("a@[999.0.2.1]", AddressFault::Domain),
            ("a@[192.0.2.1", AddressFault::Domain),
            ("a\0@setting.example", AddressFault::Unshowable),
            ("a\u{85}@setting.example", AddressFault::Unshowable),
            ("a\u{202e}@setting.example", AddressFault::Unshowable),
            (long.as_str(), AddressFault::TooLong),
        ] {
            assert_eq!(Mailbox::parse(bad), Err(fault), "{bad:?}");
        }
    }

    #[test]
    fn ours_are_found_whatever_their_case() {
        let ours = Addresses::new(["Referrals@relay.example", "postmaster@relay.example"]).unwrap();
        let find = |text| ours.find(&Mailbox::parse(text).unwrap());
        assert_eq!(find("REFERRALS@Relay.Example"), Found::Here("Referrals@relay.example"));
        assert_eq!(find("\"referrals\"@relay.example"), Found::Here("Referrals@relay.example"));
        assert_eq!(find("someone@relay.example"), Found::NoSuchMailbox);
        assert_eq!(find("referrals@other.example"), Found::Elsewhere);
        assert_eq!(ours.postmaster(), Found::Here("postmaster@relay.example"));
        assert_eq!(Addresses::default().postmaster(), Found::NoSuchMailbox);
    }

    proptest! {
        #[test]
        fn what_is_read_has_nothing_that_breaks_a_line(text in "\\PC{0,20}[@\r\n\0 -~]{0,20}@[a-z.]{1,10}") {
            if let Ok(mailbox) = Mailbox::parse(&text) {
                prop_assert!(!mailbox.as_str().chars().any(char::is_control));
                prop_assert_eq!(mailbox.as_str(), text.as_str());
            }
        }
    }
}
