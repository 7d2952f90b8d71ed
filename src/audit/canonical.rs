//! The one byte form of an event. These bytes *are* the event: they are what is hashed, signed,
//! stored and exported; everything else is derived from them (DESIGN section 6).
//!
//! One JSON object on one line: ASCII, no spaces, every key present and in this order, an empty
//! string for "none", 64 lower-case hexadecimal digits for a hash, whole numbers without sign (a
//! minus only before a negative time) or leading zeros, `at` in microseconds since 1970, the keys of
//! `extra` ascending by byte. Codes have no character that JSON would escape.
//!
//! ```text
//! {"v":1,"seq":7,"at":1790000000000000,"door":"web",
//!  "actor":{"kind":"person","id":"…","role":"…","organisation":"…"},"act":"referral-opened",
//!  "object":{"kind":"referral","id":"…","version":1},"reference":"K7M2-QX9","state":"opened",
//!  "digest":"","commitment":"","outcome":"done","purpose":"triage","extra":{"list":"inbox"}}
//! ```
//!
//! The reader is strict and linear: it takes exactly what the writer writes, and at the end
//! compares with what would be written, so no two byte forms can stand for one event.

use super::code::{Code, MAX_CODE, allowed};
use super::event::{Actor, Event, Object};
use super::tree::Hash;
use super::vocabulary::{Act, ActorKind, Door, Outcome};
use crate::domain::time::Instant;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;

/// The version of the byte form.
const VERSION: u32 = 1;

/// Why some bytes are not an event. Positions are bytes, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Something else stands where a fixed piece of the form should.
    #[error("at byte {at}: expected {wanted}")]
    Expected {
        /// Where.
        at: usize,
        /// What should stand there.
        wanted: &'static str,
    },
    /// A form that this version of dutyline does not know.
    #[error("the event has format version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// A code that is in none of our lists.
    #[error("at byte {at}: unknown {what}")]
    Unknown {
        /// Where.
        at: usize,
        /// Which list.
        what: &'static str,
    },
    /// Readable, but not written the one way in which it may be.
    #[error("the event is readable but not written in the canonical way")]
    NotCanonical,
}

/// The canonical bytes of `event`.
pub fn encode(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(640);
    write(event, |piece| bytes.extend_from_slice(piece));
    bytes
}

/// Are these bytes what [`encode`] would write? Compared piece by piece, without writing.
fn is_canonical(event: &Event, bytes: &[u8]) -> bool {
    let mut rest = Some(bytes);
    write(event, |piece| rest = rest.and_then(|rest| rest.strip_prefix(piece)));
    rest.is_some_and(<[u8]>::is_empty)
}

/// Hands the canonical bytes to `out`, a piece at a time.
fn write(event: &Event, out: impl FnMut(&[u8])) {
    let mut w = Writer(out);
    w.number("{\"v\":", VERSION);
    w.number(",\"seq\":", event.seq);
    w.number(",\"at\":", event.at.micros());
    w.text(",\"door\":", event.door.code());
    w.text(",\"actor\":{\"kind\":", event.actor.kind.code());
    w.text(",\"id\":", event.actor.id.as_str());
    w.text(",\"role\":", event.actor.role.as_str());
    w.text(",\"organisation\":", event.actor.organisation.as_str());
    w.text("},\"act\":", event.act.code());
    w.text(",\"object\":{\"kind\":", event.object.kind.as_str());
    w.text(",\"id\":", event.object.id.as_str());
    w.number(",\"version\":", event.object.version);
    w.text("},\"reference\":", text(&event.reference));
    w.text(",\"state\":", text(&event.state));
    w.hash(",\"digest\":", event.digest.as_ref());
    w.hash(",\"commitment\":", event.commitment.as_ref());
    w.text(",\"outcome\":", event.outcome.code());
    w.text(",\"purpose\":", text(&event.purpose));
    w.map(",\"extra\":", &event.extra);
    w.raw("}");
}

/// The event that these bytes are.
///
/// # Errors
/// When they are anything but what [`encode`] writes for some event.
pub fn decode(bytes: &[u8]) -> Result<Event, EventError> {
    let mut r = Reader { bytes, at: 0 };
    let version = r.number("{\"v\":")?;
    if version != VERSION {
        return Err(EventError::Version(version));
    }
    let event = read(&mut r)?;
    if r.at != bytes.len() {
        return Err(r.expected("the end of the event"));
    }
    if !is_canonical(&event, bytes) {
        return Err(EventError::NotCanonical);
    }
    Ok(event)
}

/// The keys after the version. Fields of a struct are evaluated in the order written here.
fn read(r: &mut Reader<'_>) -> Result<Event, EventError> {
    let event = Event {
        seq: r.number(",\"seq\":")?,
        at: Instant::from_micros(r.number(",\"at\":")?),
        door: r.named(",\"door\":", "door", Door::parse)?,
        actor: Actor {
            kind: r.named(",\"actor\":{\"kind\":", "kind of actor", ActorKind::parse)?,
            id: r.code(",\"id\":")?,
            role: r.code(",\"role\":")?,
            organisation: r.code(",\"organisation\":")?,
        },
        act: r.named("},\"act\":", "act", Act::parse)?,
        object: Object {
            kind: r.code(",\"object\":{\"kind\":")?,
            id: r.code(",\"id\":")?,
            version: r.number(",\"version\":")?,
        },
        reference: r.optional("},\"reference\":")?,
        state: r.optional(",\"state\":")?,
        digest: r.hash(",\"digest\":")?,
        commitment: r.hash(",\"commitment\":")?,
        outcome: r.named(",\"outcome\":", "outcome", Outcome::parse)?,
        purpose: r.optional(",\"purpose\":")?,
        extra: r.map(",\"extra\":")?,
    };
    r.raw("}")?;
    Ok(event)
}

fn text(code: &Option<Code>) -> &str {
    code.as_ref().map_or("", Code::as_str)
}

/// Writes one piece after another.
struct Writer<F>(F);

impl<F: FnMut(&[u8])> Writer<F> {
    fn raw(&mut self, piece: &str) {
        (self.0)(piece.as_bytes());
    }

    fn number(&mut self, key: &str, n: impl Display) {
        let mut digits = [0; 20];
        let mut free = digits.as_mut_slice();
        write!(free, "{n}").expect("20 bytes hold any whole number of 64 bits and its sign");
        let unused = free.len();
        self.raw(key);
        (self.0)(&digits[..20 - unused]);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key);
        self.raw("\"");
        self.raw(text);
        self.raw("\"");
    }

    fn hash(&mut self, key: &str, hash: Option<&Hash>) {
        self.raw(key);
        self.raw("\"");
        if let Some(hash) = hash {
            let digits = hash.map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            (self.0)(digits.as_flattened());
        }
        self.raw("\"");
    }

    fn map(&mut self, key: &str, map: &BTreeMap<Code, Code>) {
        self.raw(key);
        let mut before = "{";
        for (name, value) in map {
            self.text(before, name.as_str());
            self.text(":", value.as_str());
            before = ",";
        }
        self.raw(if map.is_empty() { "{}" } else { "}" });
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Takes one piece after another.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn expected(&self, wanted: &'static str) -> EventError {
        EventError::Expected { at: self.at, wanted }
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    #[inline]
    fn raw(&mut self, piece: &'static str) -> Result<(), EventError> {
        if !self.rest().starts_with(piece.as_bytes()) {
            return Err(self.expected(piece));
        }
        self.at += piece.len();
        Ok(())
    }

    fn number<T: FromStr>(&mut self, key: &'static str) -> Result<T, EventError> {
        self.raw(key)?;
        let rest = self.rest();
        let length = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
        let digits = std::str::from_utf8(&rest[..length]).unwrap_or("");
        let number = digits.parse().map_err(|_| self.expected("a whole number"))?;
        self.at += length;
        Ok(number)
    }

    /// The characters of a code, between two quotation marks.
    fn text(&mut self, key: &'static str) -> Result<&'a str, EventError> {
        self.raw(key)?;
        self.raw("\"")?;
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| allowed(**byte)).count();
        self.at += length;
        self.raw("\"")?;
        if length > MAX_CODE {
            return Err(self.expected("at most 64 characters before this"));
        }
        std::str::from_utf8(&rest[..length]).map_err(|_| self.expected("ASCII before this"))
    }

    fn code(&mut self, key: &'static str) -> Result<Code, EventError> {
        self.text(key).map(Code::scanned)
    }

    fn optional(&mut self, key: &'static str) -> Result<Option<Code>, EventError> {
        self.code(key).map(|code| Some(code).filter(|code| !code.is_empty()))
    }

    fn named<T>(
        &mut self,
        key: &'static str,
        what: &'static str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<T, EventError> {
        let text = self.text(key)?;
        parse(text).ok_or(EventError::Unknown { at: self.at, what })
    }

    fn hash(&mut self, key: &'static str) -> Result<Option<Hash>, EventError> {
        let digits = self.text(key)?.as_bytes();
        if digits.is_empty() {
            return Ok(None);
        }
        let mut hash = [0; 32];
        let (pairs, _) = digits.as_chunks::<2>();
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            let value =
                nibble(*high).zip(nibble(*low)).ok_or_else(|| self.expected("lower-case hex before this"))?;
            *byte = value.0 << 4 | value.1;
        }
        if digits.len() == 64 { Ok(Some(hash)) } else { Err(self.expected("64 hex digits before this")) }
    }

    /// Order and repetition of keys are not looked at here: the comparison at the end does it.
    fn map(&mut self, key: &'static str) -> Result<BTreeMap<Code, Code>, EventError> {
        self.raw(key)?;
        self.raw("{")?;
        let mut map = BTreeMap::new();
        let mut before = "";
        while !self.rest().starts_with(b"}") {
            let name = self.code(before)?;
            map.insert(name, self.code(":")?);
            before = ",";
        }
        self.raw("}")?;
        Ok(map)
    }
}

#[cfg(test)]
mod tests;
