//! E-mail addresses: strict enough to be sent to, forgiving about everything else.
//!
//! One @, a domain with a dot, no spaces, at most 254 characters (RFC 5321 section 4.5.3.1.3 as
//! corrected), plain ASCII because not every relay on the way carries more. Likely slips of the
//! finger are a warning and never an error (DOMAIN section 7): the address may be real.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kept::{is_blank, kept_as_text, masked_debug};

/// The longest address that can be sent to, in characters.
pub const MAX: usize = 254;
/// The longest part before the @, in characters.
pub const MAX_LOCAL: usize = 64;

/// An e-mail address, kept as typed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    typed: String,
    at: usize,
}

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was typed.
    #[error("Enter an email address")]
    Empty,
    /// More than [`MAX`] characters, or more than [`MAX_LOCAL`] before the @.
    #[error("The email address is too long: check that there is only one")]
    TooLong,
    /// A space or line break inside.
    #[error("An email address has no spaces")]
    Space,
    /// A character that no address here may have.
    #[error("An email address cannot have ‘{0}’ in it")]
    BadCharacter(char),
    /// A character that cannot be seen.
    #[error("The email address has a hidden character in it: type it again")]
    Unprintable,
    /// No @.
    #[error("An email address has an @ in it, such as name@nursery.example")]
    NoAt,
    /// More than one @.
    #[error("Enter one email address only, with one @")]
    ManyAts,
    /// Nothing before the @, or dots where none may be.
    #[error("Check the part of the email address before the @")]
    Local,
    /// The domain is not one.
    #[error("Check the part of the email address after the @: it looks like nursery.example")]
    Domain,
}

impl EmailAddress {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let typed = text.trim_matches(is_blank);
        if typed.is_empty() {
            return Err(EmailError::Empty);
        }
        if typed.len() > MAX {
            return Err(EmailError::TooLong);
        }
        if let Some(c) = typed.chars().find(|c| !may_stand(*c)) {
            return Err(character_error(c));
        }
        let (local, domain) = typed.split_once('@').ok_or(EmailError::NoAt)?;
        if domain.contains('@') {
            return Err(EmailError::ManyAts);
        }
        check_local(local)?;
        check_domain(domain)?;
        Ok(Self { typed: typed.to_owned(), at: local.len() })
    }

    /// The address as typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The part before the @, as typed.
    pub fn local(&self) -> &str {
        &self.typed[..self.at]
    }

    /// The part after the @, in lower case.
    pub fn domain(&self) -> String {
        self.typed[self.at + 1..].to_ascii_lowercase()
    }

    /// All lower case, for looking an account up: nobody's mail depends on capitals.
    pub fn folded(&self) -> String {
        self.typed.to_ascii_lowercase()
    }

    /// The address that was probably meant, when the domain looks like a slip of the finger.
    pub fn typo_hint(&self) -> Option<String> {
        likely_domain(&self.domain()).map(|domain| format!("{}@{domain}", self.local()))
    }

    /// For logs: the domain alone.
    pub fn masked(&self) -> String {
        format!("…@{}", self.domain())
    }

    /// Sample data.
    pub fn sample() -> Self {
        Self::parse("office@nursery.example").expect("the sample is an address")
    }

    fn kept(&self) -> &str {
        &self.typed
    }
}

/// RFC 5322 section 3.2.3 `atext`, the dot and the @.
fn may_stand(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c)
}

fn character_error(c: char) -> EmailError {
    match c {
        '\u{00AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => EmailError::Unprintable,
        c if c.is_whitespace() => EmailError::Space,
        c if c.is_control() => EmailError::Unprintable,
        c => EmailError::BadCharacter(c),
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.len() > MAX_LOCAL {
        return Err(EmailError::TooLong);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::Local);
    }
    Ok(())
}

/// Labels of letters, digits and inner hyphens; at least two; the last not a number.
fn check_domain(domain: &str) -> Result<(), EmailError> {
    let labels: Vec<&str> = domain.split('.').collect();
    let sound = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let top = labels.last().map_or("", |top| top);
    let worded = top.len() >= 2 && top.bytes().any(|b| b.is_ascii_alphabetic());
    if labels.len() < 2 || !labels.iter().all(sound) || !worded {
        return Err(EmailError::Domain);
    }
    Ok(())
}

/// Domains that families and settings often have.
const COMMON: [&str; 18] = [
    "aol.com",
    "btinternet.com",
    "gmail.com",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "kent.gov.uk",
    "live.co.uk",
    "msn.com",
    "nhs.net",
    "ntlworld.com",
    "outlook.com",
    "sky.com",
    "talktalk.net",
    "virginmedia.com",
    "yahoo.co.uk",
    "yahoo.com",
];

/// Real domains one slip away from a common one.
const REAL: [&str; 6] = ["email.com", "gmail.co.uk", "live.com", "mail.com", "nhs.uk", "ymail.com"];

/// The shortest domain that is compared: among shorter ones everything is one slip from something.
const COMPARED: usize = 7;

fn likely_domain(domain: &str) -> Option<String> {
    if COMMON.contains(&domain) || REAL.contains(&domain) {
        return None;
    }
    let slip = COMMON.iter().find(|common| common.len() >= COMPARED && one_slip(domain, common));
    slip.map(|common| (*common).to_owned()).or_else(|| likely_ending(domain))
}

fn likely_ending(domain: &str) -> Option<String> {
    const ENDINGS: [(&str, &str); 7] = [
        (".con", ".com"),
        (".cmo", ".com"),
        (".ocm", ".com"),
        (".couk", ".co.uk"),
        (".co.ku", ".co.uk"),
        (".og.uk", ".org.uk"),
        (".nte", ".net"),
    ];
    ENDINGS.iter().find_map(|(wrong, right)| domain.strip_suffix(wrong).map(|rest| format!("{rest}{right}")))
}

/// Whether one letter added, missing, wrong, or swapped with its neighbour makes `a` into `b`.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([_], []) | ([], [_]) | ([_], [_]) => true,
        ([x, y], [p, q]) => x == q && y == p,
        _ => false,
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.typed)
    }
}

kept_as_text!(EmailAddress, EmailError);
masked_debug!(EmailAddress);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_kept_as_typed_and_found_in_any_case() {
        let address = EmailAddress::parse(" Amara.O'Neil+nursery@Nursery.Example ").expect("an address");
        assert_eq!(address.as_str(), "Amara.O'Neil+nursery@Nursery.Example");
        assert_eq!((address.local(), address.domain().as_str()), ("Amara.O'Neil+nursery", "nursery.example"));
        assert_eq!(address.folded(), "amara.o'neil+nursery@nursery.example");
        assert_eq!(address.masked(), "…@nursery.example");
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        for (typed, fault) in [
            ("", EmailError::Empty),
            ("office", EmailError::NoAt),
            ("a@b@nursery.example", EmailError::ManyAts),
            ("a b@nursery.example", EmailError::Space),
            ("a@nursery.example\r\nBcc: x@y.example", EmailError::Space),
            ("<a@nursery.example>", EmailError::BadCharacter('<')),
            ("a@nursery.example, b@nursery.example", EmailError::BadCharacter(',')),
            ("a\u{202e}@nursery.example", EmailError::Unprintable),
            ("a\u{0}@nursery.example", EmailError::Unprintable),
            ("é@nursery.example", EmailError::BadCharacter('é')),
            ("@nursery.example", EmailError::Local),
            ("a..b@nursery.example", EmailError::Local),
            ("a@nursery", EmailError::Domain),
            ("a@nursery..example", EmailError::Domain),
            ("a@-nursery.example", EmailError::Domain),
            ("a@192.0.2.1", EmailError::Domain),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap_err(), fault, "{typed}");
        }
    }

    #[test]
    fn the_length_is_limited_at_254() {
        let domain = format!("{}.{}.{}.example", "a".repeat(63), "b".repeat(63), "c".repeat(60));
        let longest = format!("{}@{domain}", "l".repeat(MAX - 1 - domain.len()));
        assert_eq!(longest.len(), MAX);
        assert!(EmailAddress::parse(&longest).is_ok());
        assert_eq!(EmailAddress::parse(&format!("l{longest}")).unwrap_err(), EmailError::TooLong);
        assert_eq!(
            EmailAddress::parse(&format!("{}@a.example", "l".repeat(65))).unwrap_err(),
            EmailError::TooLong
        );
    }

    #[test]
    fn slips_of_the_finger_are_hinted_at_and_real_domains_are_not() {
        let hint = |text: &str| EmailAddress::parse(text).expect(text).typo_hint();
        for (typed, meant) in [
            ("a@gmial.com", "a@gmail.com"),
            ("a@gmal.com", "a@gmail.com"),
            ("a@hotmial.co.uk", "a@hotmail.co.uk"),
            ("a@outlok.com", "a@outlook.com"),
            ("a@nhs.ent", "a@nhs.net"),
            ("a@nursery.con", "a@nursery.com"),
            ("a@nursery.couk", "a@nursery.co.uk"),
        ] {
            assert_eq!(hint(typed).as_deref(), Some(meant));
        }
        for real in
            ["a@gmail.com", "a@mail.com", "a@ymail.com", "a@nursery.example", "a@nursery.co.uk", "a@me.com"]
        {
            assert_eq!(hint(real), None, "{real}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_an_address_can_stand_in_a_header(text in "[ -~\\n\u{a0}é]{0,20}@[a-z.@ ]{0,20}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert!(address.domain().contains('.'));
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }
    }
}
