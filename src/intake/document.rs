//! The sealed referral: a versioned JSON document (`docs/referral-format.md`,
//! `docs/referral.schema.json`). The same field names as the web form, nested at the dots.
//!
//! Anybody can seal a document to the published key, so nothing of it is built before its members are
//! counted, and what it claims of signatures is as bounded as what the web form takes.

mod members;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::attachment;
use crate::domain::agreement::{Method, ParentalResponsibility, Signatory, Strokes};
use crate::domain::form::{Kind, Part, Raw, field};
use crate::domain::name::PersonName;
use members::{Member, Members};

/// The format's name.
pub const FORMAT: &str = "dutyline-referral";
/// The version that this program reads and writes.
pub const VERSION: u64 = 1;
/// Longest submission id, in characters.
const LONGEST_ID: usize = 100;
/// Longest claim beside a signature (relationship, who was present, …), in characters.
const LONGEST_CLAIM: usize = 200;
/// Most lists, objects and commas of a document: a drawn signature of 5,000 points has 15,000.
const MOST_MEMBERS: usize = 20_000;

/// Why a document is not read. No variant carries anything that was written in it but paths.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, or not an object.
    #[error("The sealed file does not hold a JSON document")]
    NotJson,
    /// Another format, or none named.
    #[error("The document does not say that it is a dutyline referral (\"format\": \"dutyline-referral\")")]
    Format,
    /// A version that this program does not know.
    #[error("The document has format version {0}; this relay reads version {VERSION}")]
    Version(u64),
    /// The shape is wrong at a path of ours.
    #[error("The document is not in the expected form: {0}")]
    Shape(String),
    /// A member that the format does not have; its name may have been typed by somebody, so it is
    /// counted and not repeated.
    #[error("The document has {0} answers that the format does not know")]
    UnknownAnswers(usize),
    /// An attachment that cannot be taken.
    #[error("Attachment {number}: {error}")]
    Attachment {
        /// From 1.
        number: usize,
        /// Why.
        error: attachment::AttachmentError,
    },
}

/// The parent's agreement as the document tells it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementClaim {
    /// `false` when the parent refused.
    pub given: bool,
    /// Printed name.
    #[serde(default)]
    pub printed_name: String,
    /// Relationship to the child.
    #[serde(default)]
    pub relationship: String,
    /// Who signs; by default what parental responsibility says.
    #[serde(default)]
    pub signatory: Option<Signatory>,
    /// Parental responsibility.
    #[serde(default = "not_sure")]
    pub parental_responsibility: ParentalResponsibility,
    /// How it was signed.
    pub method: Option<Method>,
    /// Strokes of a drawn signature.
    pub strokes: Option<Strokes>,
    /// Which statement was shown.
    #[serde(default)]
    pub statement_version: String,
    /// In which language.
    #[serde(default)]
    pub statement_language: String,
    /// The day of signing, ISO.
    pub signed_on: Option<jiff::civil::Date>,
    /// Who was present.
    #[serde(default)]
    pub present: String,
    /// How the signer was checked.
    #[serde(default)]
    pub checked_how: String,
    /// Told to staff: who was told.
    #[serde(default)]
    pub taken_by: String,
    /// Told to staff: who else heard it.
    #[serde(default)]
    pub witness: String,
    /// Told to staff: the interpreter's name or service.
    #[serde(default)]
    pub interpreter: String,
    /// Told to staff: how it was said, in words.
    #[serde(default)]
    pub spoken: String,
    /// Hash of the family part that was signed, when the writer worked it out.
    #[serde(default)]
    pub content_sha256: String,
}

/// The referrer's signature as the document tells it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferrerClaim {
    /// Printed name.
    pub printed_name: String,
    /// The day of signing, ISO.
    pub signed_on: jiff::civil::Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttachmentText<'a> {
    name: String,
    #[serde(borrow)]
    base64: Cow<'a, str>,
}

/// What must be right before anything else is looked at.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: Value,
    #[serde(default)]
    version: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text<'a> {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    submission_id: String,
    #[serde(default)]
    sender_key: String,
    answers: Members,
    #[serde(default)]
    restricted: Members,
    agreement: Option<AgreementClaim>,
    referrer_signature: Option<ReferrerClaim>,
    #[serde(default, borrow)]
    attachments: Vec<AttachmentText<'a>>,
}

/// An attached file: cleaned name, type by content, bytes.
pub type File = (String, &'static str, Vec<u8>);

/// A document that was read.
pub struct Document {
    /// SHA-256 of the whole document but for the blanks that it is padded with at its end: the same id with
    /// any other content is another content.
    pub digest: [u8; 32],
    /// The sender's own id of this submission: the same twice is one referral.
    pub submission_id: String,
    /// Evidence of which setting wrote it, or empty.
    pub sender_key: String,
    /// The answers of both parts, under the form's field names.
    pub raw: Raw,
    /// The parent's agreement, if told.
    pub agreement: Option<AgreementClaim>,
    /// The referrer's signature, if told.
    pub referrer: Option<ReferrerClaim>,
    /// Attached files: cleaned name, type by content, bytes.
    pub attachments: Vec<File>,
}

fn not_sure() -> ParentalResponsibility {
    ParentalResponsibility::NotSure
}

/// Reads a document.
///
/// # Errors
/// See [`DocumentError`]: the first fault found.
pub fn read(bytes: &[u8]) -> Result<Document, DocumentError> {
    let text = text(bytes)?;
    claims(text.agreement.as_ref(), text.referrer_signature.as_ref())?;
    let mut answers = Flat::default();
    answers.take("", &text.answers, |part| part != Part::Restricted);
    answers.take("", &text.restricted, |part| part == Part::Restricted);
    let raw = answers.raw()?;
    let content = bytes.trim_ascii_end();
    Ok(Document {
        digest: sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(content)).into(),
        submission_id: text.submission_id,
        sender_key: text.sender_key,
        raw,
        agreement: text.agreement,
        referrer: text.referrer_signature,
        attachments: attachments(text.attachments)?,
    })
}

/// The members, format and version first; the lists that strangers can make long are counted before.
fn text(bytes: &[u8]) -> Result<Text<'_>, DocumentError> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(DocumentError::NotJson);
    }
    if members(bytes) > MOST_MEMBERS {
        return Err(DocumentError::Shape(format!("it has more than {MOST_MEMBERS} members")));
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| not_read(&error))?;
    if head.format.as_str() != Some(FORMAT) {
        return Err(DocumentError::Format);
    }
    match head.version.as_u64() {
        Some(VERSION) => {}
        other => return Err(DocumentError::Version(other.unwrap_or(0))),
    }
    let text: Text<'_> = serde_json::from_slice(bytes).map_err(|error| not_read(&error))?;
    let id = &text.submission_id;
    if (1..=LONGEST_ID).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(text);
    }
    let words = format!("submission_id needs 1 to {LONGEST_ID} printable ASCII characters without spaces");
    Err(DocumentError::Shape(words))
}

/// How many lists, objects and commas stand outside strings: a bound on what reading can build, since
/// a tree of small values takes many times the memory of their text.
fn members(bytes: &[u8]) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' | b',' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// What is claimed of the signatures is bounded as on the web; a fault names our own member only. An
/// empty name of the signer is left to the gate, which has a reason for it.
fn claims(agreement: Option<&AgreementClaim>, referrer: Option<&ReferrerClaim>) -> Result<(), DocumentError> {
    let name = |path: &str, text: &str| {
        let fault = |error| DocumentError::Shape(format!("{path}: {error}"));
        PersonName::parse(text).map(|_| ()).map_err(fault)
    };
    if let Some(claim) = agreement {
        if !claim.printed_name.trim().is_empty() {
            name("agreement.printed_name", &claim.printed_name)?;
        }
        for (path, text) in [
            ("agreement.relationship", &claim.relationship),
            ("agreement.present", &claim.present),
            ("agreement.checked_how", &claim.checked_how),
            ("agreement.taken_by", &claim.taken_by),
            ("agreement.witness", &claim.witness),
            ("agreement.interpreter", &claim.interpreter),
            ("agreement.spoken", &claim.spoken),
            ("agreement.statement_version", &claim.statement_version),
            ("agreement.statement_language", &claim.statement_language),
            ("agreement.content_sha256", &claim.content_sha256),
        ] {
            if text.chars().count() > LONGEST_CLAIM || text.chars().any(char::is_control) {
                let words = format!("{path} can have at most {LONGEST_CLAIM} characters, on one line");
                return Err(DocumentError::Shape(words));
            }
        }
    }
    referrer.map_or(Ok(()), |claim| name("referrer_signature.printed_name", &claim.printed_name))
}

fn not_read(error: &serde_json::Error) -> DocumentError {
    if error.is_data() { DocumentError::Shape(shape(error)) } else { DocumentError::NotJson }
}

/// serde's message may quote a value that somebody typed: keep what it says about our own names only.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let kept = ["missing field", "unknown field", "invalid type", "unknown variant", "duplicate field"];
    match kept.iter().find(|start| text.starts_with(**start)) {
        Some(&"missing field") => text.split(" at line ").next().unwrap_or_default().to_owned(),
        Some(start) => (*start).to_owned(),
        None => "a value is not in the expected form".to_owned(),
    }
}

/// The answers under their dotted paths. Nothing that was written is dropped: what has no place makes the
/// document one that is not read.
#[derive(Default)]
struct Flat {
    raw: Raw,
    /// Members that the form does not have.
    unknown: usize,
    /// A field of the form that takes one answer and was given a list.
    listed: Option<&'static str>,
}

impl Flat {
    fn take(&mut self, prefix: &str, members: &Members, part: impl Fn(Part) -> bool + Copy) {
        for (name, member) in &members.0 {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let whole = !name.is_empty() && !name.contains('.');
            let known = field(&path).filter(|field| whole && part(field.part));
            match (member, known) {
                (Member::Object(inner), _) if whole => self.take(&path, inner, part),
                (Member::Value(Value::Null), _) if whole => {}
                (Member::Value(Value::Array(values)), Some(field)) if matches!(field.kind, Kind::Any(_)) => {
                    values.iter().for_each(|value| self.raw.push(&path, plain(value)));
                }
                (Member::Value(Value::Array(_)), Some(field)) => self.listed = Some(field.path),
                (Member::Value(single), Some(_)) => self.raw.set(&path, plain(single)),
                (_, None) | (Member::Object(_), _) => self.unknown += 1,
            }
        }
    }

    fn raw(self) -> Result<Raw, DocumentError> {
        match (self.unknown, self.listed) {
            (0, None) => Ok(self.raw),
            (0, Some(path)) => Err(DocumentError::Shape(format!("{path} takes one answer, not a list"))),
            (unknown, _) => Err(DocumentError::UnknownAnswers(unknown)),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn attachments(texts: Vec<AttachmentText<'_>>) -> Result<Vec<File>, DocumentError> {
    if texts.len() > attachment::MOST {
        let number = attachment::MOST + 1;
        return Err(DocumentError::Attachment { number, error: attachment::AttachmentError::TooMany });
    }
    let one = |(n, text): (usize, AttachmentText<'_>)| {
        let bytes = STANDARD
            .decode(text.base64.as_bytes())
            .map_err(|_| DocumentError::Shape(format!("attachment {} is not base64", n + 1)))?;
        let kind = attachment::kind_of(&bytes)
            .map_err(|error| DocumentError::Attachment { number: n + 1, error })?;
        Ok((attachment::clean_name(&text.name), kind, bytes))
    };
    texts.into_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
