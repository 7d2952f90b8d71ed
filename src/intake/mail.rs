//! What a mail holds: the sealed referral in it, or the stable reason why there is none. The only
//! user of mail-parser, which is run behind `catch_unwind`: a mail that breaks it is *held*, not lost.
//!
//! A stranger chooses these bytes, and no `catch_unwind` stops a full memory or a stack overflow. So the
//! parser never sees a whole mail: `walk` finds the parts, and the parser reads one header block at a
//! time, of a bounded size (DESIGN section 9: judging takes three times the mail's size and no more). A
//! part is decoded when it is looked at, one after the other. A mail that holds another mail as a part is
//! held as it is; nothing inside an inner mail would be read anyway. Its outer headers are still read, so
//! that a known sender is told.

mod walk;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders as _};
use zeroize::Zeroizing;

use crate::seal::{KeySet, OutsideError, is_age, open_from_outside};
use walk::{Kind, Leaf};

pub use walk::{HEADER_BYTES, HEADER_LINES, MOST_PARTS};

/// Largest sealed document, clear bytes (35 MB mail, less what base64 takes).
pub const LARGEST_DOCUMENT: usize = 36 * 1024 * 1024;

/// What the headers say that matters to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The address in `From`, in small letters, if there is exactly one such header with exactly one
    /// plain mailbox in it; empty otherwise, and then nobody is known to have sent it.
    pub from: String,
    /// Marked as sent by a machine or through a list: never answered (RFC 3834 section 2).
    pub automatic: bool,
    /// `Message-ID`, for the answer's `In-Reply-To`.
    pub message_id: String,
}

/// Why a mail holds no referral that can be read: stable code, sentence, way forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The MIME structure cannot be read, has too many parts or headers, or holds another mail.
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

/// Looks at a raw mail (RFC 5322). Never panics, whatever it is given.
pub fn look(raw: &[u8], keys: &KeySet) -> Looked {
    let headers = guarded(|| Some(headers(&said(walk::head(raw)?)?))).unwrap_or_default();
    let document = match guarded(|| walk::leaves(raw, kind_of)) {
        Some(leaves) => guarded(|| Some(document(&leaves, keys))).unwrap_or(Err(MailFault::Broken)),
        None => Err(MailFault::Broken),
    };
    Looked { headers, document }
}

/// What the parser says; nothing, when it panics.
fn guarded<T>(look: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(look)).ok().flatten()
}

/// One header block, read. It is all that the parser gets to see.
fn said(head: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(head)
}

/// Whether a part is one thing, several parts, or another mail (RFC 2046 sections 5.1 and 5.2.1, RFC 6532
/// section 3.7). The parts of a digest are mails by default (RFC 2046 section 5.1.5).
fn kind_of(head: &[u8]) -> Kind {
    let said = said(head);
    let Some(kind) = said.as_ref().and_then(|said| said.content_type()) else { return Kind::Single };
    match (kind.ctype(), kind.subtype()) {
        ("message", Some("rfc822" | "global")) | ("multipart", Some("digest")) => Kind::Mail,
        ("multipart", _) => match kind.attribute("boundary") {
            Some(boundary) if !boundary.is_empty() => Kind::Several(boundary.as_bytes().to_vec()),
            _ => Kind::Single,
        },
        _ => Kind::Single,
    }
}

fn document(leaves: &[Leaf<'_>], keys: &KeySet) -> Result<Zeroizing<Vec<u8>>, MailFault> {
    let mut sealed = leaves.iter().filter_map(|leaf| Part::of(*leaf).age_file());
    match (sealed.next(), sealed.next()) {
        (None, _) => Err(MailFault::NotSealed),
        (Some(_), Some(_)) => Err(MailFault::Several),
        (Some(bytes), None) => open_from_outside(keys, &bytes, LARGEST_DOCUMENT).map_err(MailFault::from),
    }
}

/// A part that holds no parts, with its headers read.
struct Part<'a> {
    said: Option<Message<'a>>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn of(leaf: Leaf<'a>) -> Self {
        Self { said: said(leaf.head), body: leaf.body }
    }

    fn content(&self) -> Cow<'a, [u8]> {
        self.decoded(self.body)
    }

    /// Without its transfer encoding; as it came when that cannot be taken off.
    fn decoded(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let encoding = self.said.as_ref().and_then(|said| said.content_transfer_encoding());
        let decoded = match encoding.map(str::to_ascii_lowercase).as_deref() {
            Some("base64") => base64_decode(body),
            Some("quoted-printable") => quoted_printable_decode(body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(body), Cow::Owned)
    }

    fn age_file(&self) -> Option<Cow<'a, [u8]>> {
        let content = (!self.is_text("html")).then(|| self.content())?;
        is_age(&content).then_some(content)
    }

    /// Whether it is a text of this subtype. What says nothing of itself is plain (RFC 2045 section 5.2),
    /// and so are several parts without a delimiter between them.
    fn is_text(&self, subtype: &str) -> bool {
        match self.said.as_ref().and_then(|said| said.content_type()) {
            Some(kind) if kind.ctype() == "text" => kind.subtype().unwrap_or("plain") == subtype,
            Some(kind) => kind.ctype() == "multipart" && subtype == "plain",
            None => subtype == "plain",
        }
    }

    /// Its name, if it is there to be saved and not to be read.
    fn file_name(&self) -> Option<&str> {
        let said = self.said.as_ref()?;
        let saved = said.content_disposition().is_some_and(|kind| kind.is_attachment());
        let text = self.is_text("plain") || self.is_text("html");
        let unnamed = (saved || !text).then_some("without a name");
        said.attachment_name().or(unnamed)
    }

    /// Its text, read from the first [`READ`] bytes.
    fn text(&self) -> String {
        let bytes = self.decoded(&self.body[..self.body.len().min(READ)]);
        let charset = self.said.as_ref().and_then(|said| said.content_type()?.attribute("charset"));
        let text = match charset.and_then(|name| charset_decoder(name.as_bytes())) {
            Some(decode) => decode(&bytes),
            None => String::from_utf8_lossy(&bytes).into_owned(),
        };
        if self.is_text("html") { html_to_text(&text) } else { text }
    }
}

fn headers(message: &Message<'_>) -> Headers {
    let text = |name: &str| message.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
    let says_automatic = !matches!(text("Auto-Submitted").as_str(), "" | "no");
    let bulk = ["bulk", "list", "junk", "auto_reply"].contains(&text("Precedence").as_str());
    let list = ["List-Id", "List-Post", "List-Unsubscribe"].iter().any(|name| !text(name).is_empty());
    let report = message
        .content_type()
        .is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("report"));
    Headers {
        from: sender(message).unwrap_or_default(),
        automatic: says_automatic || bulk || list || report,
        message_id: message.message_id().unwrap_or_default().to_owned(),
    }
}

/// The one address of the one `From`, written plainly: alone or in angle brackets at the end. Two headers,
/// two addresses, a group or an address in a comment could be read one way by the mail server that
/// checked the sender and another way here.
fn sender(message: &Message<'_>) -> Option<String> {
    let mut all = message.headers().iter().filter(|header| header.name().eq_ignore_ascii_case("From"));
    let (Some(header), None) = (all.next(), all.next()) else { return None };
    let HeaderValue::Address(Address::List(list)) = header.value() else { return None };
    let [one] = list.as_slice() else { return None };
    let address = one.address()?;
    let (start, end) = (header.offset_start() as usize, header.offset_end() as usize);
    let written = String::from_utf8_lossy(message.raw_message().get(start..end)?);
    let written = written.trim();
    let plain = written == address || written.ends_with(&format!("<{address}>"));
    plain.then(|| address.to_lowercase())
}

/// Most characters of a mail's text that are shown.
const SHOWN: usize = 4_000;
/// Most bytes of a text that are read for what is shown of it (256 KiB: mark-up is longer than its text).
const READ: usize = 256 * 1024;
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
    guarded(|| preview_of(raw)).unwrap_or_else(start)
}

fn preview_of(raw: &[u8]) -> Option<Preview> {
    let leaves = walk::leaves(raw, kind_of)?;
    let message = said(walk::head(raw)?)?;
    let from = message.from().and_then(|address| address.first()).and_then(|one| one.address());
    let parts: Vec<Part<'_>> = leaves.into_iter().map(Part::of).collect();
    let shown = |subtype: &str| parts.iter().find(|p| p.is_text(subtype) && p.file_name().is_none());
    let text = shown("plain").or_else(|| shown("html")).map(Part::text).unwrap_or_default();
    let files = parts.iter().filter_map(|part| {
        let name = part.file_name()?;
        Some((super::attachment::clean_name(name), part.content().len()))
    });
    Some(Preview {
        from: from.unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: text.chars().take(SHOWN).collect(),
        attachments: files.take(NAMED).collect(),
    })
}

#[cfg(test)]
mod tests;
