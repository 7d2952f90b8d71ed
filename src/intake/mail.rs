//! What a mail holds: the sealed referral in it, or the stable reason why there is none. The only
//! user of mail-parser, which is run behind `catch_unwind`: a mail that breaks it is *held*, not lost.
//!
//! No `catch_unwind` stops a stack overflow, and mails within mails within mails cause one. So the raw
//! bytes are scanned first ([`can_be_built`]), and a mail that holds another mail as a part is held as
//! it is; nothing inside an inner mail would be read anyway. Its outer headers are still read, so that
//! a known sender is told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{MessageParser, MimeHeaders as _, PartType};
use zeroize::Zeroizing;

use crate::seal::{KeySet, OutsideError, is_age, open_from_outside};

/// Most MIME parts that are looked at; a mail with more is held.
pub const MOST_PARTS: usize = 1_000;
/// Largest sealed document, clear bytes (35 MB mail, less what base64 takes).
pub const LARGEST_DOCUMENT: usize = 36 * 1024 * 1024;

/// What the headers say that matters to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The address in `From`, in small letters, if there is exactly one.
    pub from: String,
    /// Marked as sent by a machine or through a list: never answered (RFC 3834 section 2).
    pub automatic: bool,
    /// `Message-ID`, for the answer's `In-Reply-To`.
    pub message_id: String,
}

/// Why a mail holds no referral that can be read: stable code, sentence, way forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The MIME structure cannot be read, has too many parts, or holds another mail.
    #[error("The mail is built in a way that cannot be read")]
    Broken,
    /// No age file in it.
    #[error("The mail holds no sealed referral")]
    NotSealed,
    /// Sealed to a key that is not ours.
    #[error("The referral is sealed to another key than this relay's")]
    OtherKey,
    /// The age file is damaged or cut off.
    #[error("The sealed referral is damaged or not complete")]
    Damaged,
    /// Larger than [`LARGEST_DOCUMENT`] when opened.
    #[error("The sealed referral is too large")]
    TooLarge,
    /// Sealed with a passphrase.
    #[error("The referral is sealed with a passphrase, not to this relay's key")]
    Passphrase,
    /// More than one age file.
    #[error("The mail holds more than one sealed file")]
    Several,
}

impl MailFault {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            MailFault::Broken => "mail-broken",
            MailFault::NotSealed => "not-sealed",
            MailFault::OtherKey => "sealed-to-another-key",
            MailFault::Damaged => "sealed-file-damaged",
            MailFault::TooLarge => "sealed-file-too-large",
            MailFault::Passphrase => "sealed-with-passphrase",
            MailFault::Several => "several-sealed-files",
        }
    }

    /// What the sender can do.
    pub const fn way_forward(self) -> &'static str {
        match self {
            MailFault::Broken => {
                "Send it again from your ordinary mail program, with the sealed file attached."
            }
            MailFault::NotSealed => "Seal the referral with age to this relay's published key and attach it.",
            MailFault::OtherKey => "Use the key this relay publishes now, and send again.",
            MailFault::Damaged => "Attach the sealed file again and send it once more.",
            MailFault::TooLarge => "Send it with fewer or smaller attachments.",
            MailFault::Passphrase => {
                "Seal it with age -r and this relay's published key, without a passphrase."
            }
            MailFault::Several => "Send one sealed referral in each mail.",
        }
    }
}

impl From<OutsideError> for MailFault {
    fn from(error: OutsideError) -> Self {
        match error {
            OutsideError::NotAge => MailFault::NotSealed,
            OutsideError::OtherKey => MailFault::OtherKey,
            OutsideError::Damaged => MailFault::Damaged,
            OutsideError::TooLarge => MailFault::TooLarge,
            OutsideError::PassphraseUsed => MailFault::Passphrase,
        }
    }
}

/// A mail that was looked at.
pub struct Looked {
    /// What its headers say.
    pub headers: Headers,
    /// The opened document's bytes, or why there are none.
    pub document: Result<Zeroizing<Vec<u8>>, MailFault>,
}

/// Most bytes in which the outer headers of a mail that cannot be built are looked for (64 KiB).
const HEADERS_OF_BROKEN: usize = 64 * 1024;

/// Looks at a raw mail (RFC 5322). Never panics, whatever it is given.
pub fn look(raw: &[u8], keys: &KeySet) -> Looked {
    if can_be_built(raw) {
        let looked = catch_unwind(AssertUnwindSafe(|| look_inside(raw, keys))).ok().flatten();
        if let Some(looked) = looked {
            return looked;
        }
    }
    let head = &raw[..raw.len().min(HEADERS_OF_BROKEN)];
    let outer = || MessageParser::default().parse_headers(head).map(|message| headers(&message));
    let headers = catch_unwind(AssertUnwindSafe(outer)).ok().flatten().unwrap_or_default();
    Looked { headers, document: Err(MailFault::Broken) }
}

/// Whether a mail may be given to the parser: at most [`MOST_PARTS`] lines that could begin a MIME
/// part, since a tree of a million parts costs twenty times the mail's size in memory; and no line that
/// could name a part that is itself a mail (RFC 2046 sections 5.1.5 and 5.2.1, RFC 6532 section 3.7),
/// since nesting is built without a limit and an encoded inner mail hides its own lines from this scan.
///
/// The parser finds a boundary anywhere in a line, and needs a line end for each part.
pub fn can_be_built(raw: &[u8]) -> bool {
    let boundary = |line: &&[u8]| line.windows(2).any(|two| two == b"--");
    let lines = || raw.split(|byte| *byte == b'\n');
    lines().filter(boundary).take(MOST_PARTS + 1).count() <= MOST_PARTS && !lines().any(may_hold_a_mail)
}

/// Whether a line could be the part of a Content-Type that makes a part a mail. Header names are not
/// looked at: the parser takes blanks inside them. Type and subtype stay whole words; blanks, quotes,
/// comments and, before the slash, one fold may stand between them. Rather too often than too seldom.
fn may_hold_a_mail(line: &[u8]) -> bool {
    let folded = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    ["rfc822", "global", "digest"].into_iter().any(|subtype| {
        let Some(end) = places(line, subtype).last() else { return false };
        let before = &line[..end];
        let kind = if subtype == "digest" { "multipart" } else { "message" };
        let named = places(before, kind).any(|at| goes_on(&before[at + kind.len()..]));
        named || folded && goes_on(before)
    })
}

/// Where a word of small letters stands in a line, in any case of letters.
fn places<'a>(line: &'a [u8], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let word = word.as_bytes();
    let first = word[0];
    let found = move |(_, part): &(usize, &[u8])| {
        part[0].eq_ignore_ascii_case(&first) && part.eq_ignore_ascii_case(word)
    };
    line.windows(word.len()).enumerate().filter(found).map(|(at, _)| at)
}

/// Whether what stands after a type goes on to a subtype: a slash, or a comment before it.
fn goes_on(rest: &[u8]) -> bool {
    let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b'\\'));
    matches!(next, Some(b'/' | b'('))
}

fn look_inside(raw: &[u8], keys: &KeySet) -> Option<Looked> {
    let message = MessageParser::default().parse(raw)?;
    if message.parts.len() > MOST_PARTS {
        return None;
    }
    let headers = headers(&message);
    let mut sealed = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Text(text) => is_age(text.as_bytes()).then(|| text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => is_age(bytes).then_some(&**bytes),
        PartType::Message(_) | PartType::Multipart(_) | PartType::Html(_) => None,
    });
    let document = match (sealed.next(), sealed.next()) {
        (None, _) => Err(MailFault::NotSealed),
        (Some(_), Some(_)) => Err(MailFault::Several),
        (Some(bytes), None) => open_from_outside(keys, bytes, LARGEST_DOCUMENT).map_err(MailFault::from),
    };
    Some(Looked { headers, document })
}

fn headers(message: &mail_parser::Message<'_>) -> Headers {
    let from = match message.from().map(|address| address.iter().collect::<Vec<_>>()).as_deref() {
        Some([one]) => one.address().unwrap_or_default().to_lowercase(),
        _ => String::new(),
    };
    let text = |name: &str| message.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
    let says_automatic = !matches!(text("Auto-Submitted").as_str(), "" | "no");
    let bulk = ["bulk", "list", "junk", "auto_reply"].contains(&text("Precedence").as_str());
    let list = ["List-Id", "List-Post", "List-Unsubscribe"].iter().any(|name| !text(name).is_empty());
    let report = message
        .content_type()
        .is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("report"));
    Headers {
        from,
        automatic: says_automatic || bulk || list || report,
        message_id: message.message_id().unwrap_or_default().to_owned(),
    }
}

/// Most characters of a mail's text that are shown.
const SHOWN: usize = 4_000;
/// Most attachments that are named.
const NAMED: usize = 50;

/// What a person may see of a held mail: headers and plain text, nothing active.
#[derive(Default)]
pub struct Preview {
    /// Who it says it is from.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// Its text, at most 4,000 characters.
    pub text: String,
    /// What is attached: names, cleaned, and sizes in bytes.
    pub attachments: Vec<(String, usize)>,
}

/// The preview of a raw mail. Never panics; what cannot be parsed is shown from its start.
pub fn preview(raw: &[u8]) -> Preview {
    let start = || Preview {
        text: String::from_utf8_lossy(&raw[..raw.len().min(SHOWN)]).into_owned(),
        ..Preview::default()
    };
    if !can_be_built(raw) {
        return start();
    }
    catch_unwind(AssertUnwindSafe(|| preview_of(raw))).ok().flatten().unwrap_or_else(start)
}

fn preview_of(raw: &[u8]) -> Option<Preview> {
    let message = MessageParser::default().parse(raw)?;
    let from = message.from().and_then(|address| address.first()).and_then(|one| one.address());
    let named = |part: &mail_parser::MessagePart<'_>| {
        let name = part.attachment_name().unwrap_or("without a name");
        (super::attachment::clean_name(name), part.contents().len())
    };
    Some(Preview {
        from: from.unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().chars().take(SHOWN).collect(),
        attachments: message.attachments().take(NAMED).map(named).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough to overflow any thread's stack when it is built and dropped.
    const LEVELS: usize = 100_000;

    fn is_held(what: &str, raw: &[u8]) {
        let (keys, _) = KeySet::generate();
        assert_eq!(look(raw, &keys).document.err(), Some(MailFault::Broken), "{what}");
        let start: String = String::from_utf8_lossy(raw).chars().take(SHOWN).collect();
        assert_eq!(preview(raw).text, start, "{what}");
    }

    #[test]
    fn mails_within_mails_are_held_and_break_nothing() {
        for level in [
            "Content-Type: message/rfc822\r\n\r\n",
            "cOnTeNt-tYpE: MeSsAgE/rFc822\r\n\r\n",
            "Content-Type: message\r\n /rfc822\r\n\r\n",
        ] {
            is_held(level, level.repeat(LEVELS).as_bytes());
        }
    }

    #[test]
    fn every_way_of_writing_it_that_the_parser_takes_is_seen() {
        for level in [
            "Content-Type: message/global\n\n",
            "Con tent-Type: message/rfc822\r\n\r\n",
            "Content-Type:\r\n\tmessage/rfc822\r\n\r\n",
            "Content-Type: message\r\n \r\n (a) /rfc822\r\n\r\n",
            "Content-Type: \"message\" / \"rfc822\"\r\n\r\n",
            "Content-Type: (a/b)message(c)/(d)rfc822\r\n\r\n",
            "Content-Type: message/plain(c)rfc822\r\n\r\n",
            "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n",
        ] {
            is_held(level, format!("From: jo@setting1.example\r\n{}", level.repeat(10)).as_bytes());
            assert!(!can_be_built(level.as_bytes()), "{level}");
        }
    }

    #[test]
    fn an_encoded_mail_hides_nothing() {
        use base64::Engine as _;
        let inner = "Content-Type: message/rfc822\r\n\r\n".repeat(LEVELS);
        let inner = base64::engine::general_purpose::STANDARD.encode(inner);
        for encoding in ["base64", "=?utf-8?q?=62ase64?="] {
            let raw = format!(
                "From: jo@setting1.example\r\nContent-Transfer-Encoding: {encoding}\r\n\
                 Content-Type: message/rfc822\r\n\r\n{inner}"
            );
            is_held(encoding, raw.as_bytes());
            let (keys, _) = KeySet::generate();
            assert_eq!(look(raw.as_bytes(), &keys).headers.from, "jo@setting1.example");
        }
    }

    #[test]
    fn boundaries_are_counted_wherever_the_parser_finds_them() {
        let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
        for part in ["--b\n\n", "x--b\n\n", "--b\r\n\r\n"] {
            is_held(part, format!("{head}{}", part.repeat(MOST_PARTS + 1)).as_bytes());
            assert!(can_be_built(format!("{head}{}", part.repeat(MOST_PARTS)).as_bytes()));
        }
    }

    #[test]
    fn words_in_an_ordinary_mail_hold_nothing() {
        for text in [
            "This message is from Global Nurseries (North)/South.",
            "  <a href=\"https://global.example/digest\">Our weekly digest</a>",
            "Message-ID: <rfc822/global@setting1.example>",
            "Content-Type: application/octet-stream; name=\"global-message.age\"",
            "Content-Type: message/delivery-status",
        ] {
            assert!(can_be_built(text.as_bytes()), "{text}");
        }
    }
}
