//! The parts of a mail (RFC 2046 section 5.1), found without building anything of them.
//!
//! Each header block is measured before anybody reads it, because a header costs many times its length
//! when it is read: a mail of nothing but three-byte headers, of addresses or of parameters would take
//! gigabytes. Over a limit there are no parts, and the mail is held. Nothing is copied here; depth, number
//! of parts and headers are bounded, so the cost is a few passes over the mail.

/// Most parts of a mail.
pub const MOST_PARTS: usize = 1_000;
/// Longest header block of the mail itself, in bytes (64 KiB).
pub const HEADER_BYTES: usize = 64 * 1024;
/// Most lines of the header block of the mail itself.
pub const HEADER_LINES: usize = 500;
/// Longest header block of a part, in bytes (8 KiB), and most lines of it.
const PART_HEADER: Most = Most { bytes: 8 * 1024, lines: 100 };
/// All header blocks together, in bytes (1 MiB).
const ALL_HEADERS: usize = 1024 * 1024;
/// Parts within parts, at most so deep.
const DEEPEST: usize = 10;
/// How often the whole mail may be looked through for boundaries, one level inside another.
const SCANS: usize = 3;
/// Longest boundary, in bytes. RFC 2046 section 5.1.1 allows 70; looking for one costs its length.
const BOUNDARY: usize = 200;

/// What a header block says its part is.
pub enum Kind {
    /// One thing.
    Single,
    /// Several parts with this boundary between them.
    Several(Vec<u8>),
    /// Another mail.
    Mail,
}

/// A part that holds no parts.
#[derive(Clone, Copy)]
pub struct Leaf<'a> {
    /// Its header block, with the empty line that ends it.
    pub head: &'a [u8],
    /// Its body, still encoded.
    pub body: &'a [u8],
}

#[derive(Clone, Copy)]
struct Most {
    bytes: usize,
    lines: usize,
}

const OUTER: Most = Most { bytes: HEADER_BYTES, lines: HEADER_LINES };

/// The header block of the mail itself; `None` when it is over a limit.
pub fn head(raw: &[u8]) -> Option<&[u8]> {
    split(raw, OUTER).map(|(head, _)| head)
}

/// Every part that holds no parts, in order; `kind_of` reads a header block within the limits. `None` when
/// anything is over a limit, or a part is another mail.
pub fn leaves(raw: &[u8], kind_of: fn(&[u8]) -> Kind) -> Option<Vec<Leaf<'_>>> {
    let to_scan = raw.len().saturating_mul(SCANS).saturating_add(ALL_HEADERS);
    let mut walk = Walk { kind_of, headers: 0, parts: 0, to_scan, leaves: Vec::new() };
    walk.part(raw, OUTER, DEEPEST)?;
    Some(walk.leaves)
}

struct Walk<'a> {
    kind_of: fn(&[u8]) -> Kind,
    headers: usize,
    parts: usize,
    to_scan: usize,
    leaves: Vec<Leaf<'a>>,
}

impl<'a> Walk<'a> {
    fn part(&mut self, bytes: &'a [u8], most: Most, deeper: usize) -> Option<()> {
        let (head, body) = split(bytes, most)?;
        self.headers += head.len();
        self.parts += 1;
        if self.headers > ALL_HEADERS || self.parts > MOST_PARTS {
            return None;
        }
        let sections = match (self.kind_of)(head) {
            Kind::Mail => return None,
            Kind::Several(boundary) if boundary.len() > BOUNDARY => return None,
            Kind::Several(boundary) => {
                self.to_scan = self.to_scan.checked_sub(body.len())?;
                sections(body, &boundary)
            }
            Kind::Single => Vec::new(),
        };
        if sections.is_empty() {
            self.leaves.push(Leaf { head, body });
            return Some(());
        }
        let deeper = deeper.checked_sub(1)?;
        sections.into_iter().try_for_each(|section| self.part(section, PART_HEADER, deeper))
    }
}

/// The header block with the empty line that ends it, and what follows; `None` when it is over a limit.
fn split(bytes: &[u8], most: Most) -> Option<(&[u8], &[u8])> {
    let within = &bytes[..bytes.len().min(most.bytes)];
    let mut at = 0;
    for line in within.split_inclusive(|byte| *byte == b'\n').take(most.lines) {
        at += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return Some(bytes.split_at(at));
        }
    }
    (at == bytes.len()).then(|| bytes.split_at(at))
}

/// What stands between the delimiters; the last may lack its end. One more than [`MOST_PARTS`] at most.
fn sections<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut found, mut begun, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let Some(last) = delimiter(line, boundary) else { continue };
        if let Some(from) = begun.replace(at) {
            found.push(without_end(&body[from..start]));
        }
        if last || found.len() > MOST_PARTS {
            return found;
        }
    }
    found.extend(begun.map(|from| &body[from..]));
    found
}

/// Whether the line is a delimiter, and if so whether it is the last (RFC 2046 section 5.1.1).
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    match line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end() {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// The line end before a delimiter belongs to the delimiter.
fn without_end(section: &[u8]) -> &[u8] {
    let section = section.strip_suffix(b"\n").unwrap_or(section);
    section.strip_suffix(b"\r").unwrap_or(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_block_ends_at_the_first_empty_line_or_is_over_its_limit() {
        let most = Most { bytes: 12, lines: 3 };
        assert_eq!(split(b"a: b\n\nbody", most), Some((&b"a: b\n\n"[..], &b"body"[..])));
        assert_eq!(split(b"a: b\r\n\r\n", most), Some((&b"a: b\r\n\r\n"[..], &b""[..])));
        assert_eq!(split(b"a: b\n c", most), Some((&b"a: b\n c"[..], &b""[..])));
        assert_eq!(split(b"", most), Some((&b""[..], &b""[..])));
        assert_eq!(split(b"a: bcdefghijkl\n\n", most), None);
        assert_eq!(split(b"a:\nb:\nc:\n\n", most), None);
    }

    #[test]
    fn sections_stand_between_delimiters_only() {
        let body = b"before\r\n--b\r\none\r\n--bx\r\n x--b\r\n--b \t\r\n\r\n--b\ntwo\n--b--\r\nafter\n--b\n";
        assert_eq!(sections(body, b"b"), [&b"one\r\n--bx\r\n x--b"[..], b"", b"two"]);
        assert_eq!(sections(b"--b\nno end\n", b"b"), [b"no end\n"]);
        assert!(sections(b"no delimiter\n-- b\n", b"b").is_empty());
    }

    #[test]
    fn depth_parts_boundaries_and_all_headers_are_bounded() {
        /// The first line of a block is its boundary.
        fn kind(head: &[u8]) -> Kind {
            match head.strip_prefix(b"B: ").and_then(|rest| rest.split(|b| *b == b'\n').next()) {
                Some(boundary) => Kind::Several(boundary.to_vec()),
                None => Kind::Single,
            }
        }
        let nested = |levels: usize| -> Vec<u8> {
            (0..levels).map(|n| format!("B: {n}x\n\n--{n}x\n")).collect::<String>().into_bytes()
        };
        assert_eq!(leaves(&nested(DEEPEST), kind).map(|found| found.len()), Some(1));
        assert!(leaves(&nested(DEEPEST + 1), kind).is_none());
        let deep = |levels: usize, body: usize| [nested(levels), b"\n".repeat(body)].concat();
        assert!(leaves(&deep(3, 4 * ALL_HEADERS), kind).is_some());
        assert!(leaves(&deep(5, 4 * ALL_HEADERS), kind).is_none(), "the same bytes over and over");
        let parts = |count: usize, part: &str| [&b"B: b\n\n"[..], part.repeat(count).as_bytes()].concat();
        assert_eq!(leaves(&parts(MOST_PARTS - 1, "--b\n\n"), kind).map(|found| found.len()), Some(999));
        assert!(leaves(&parts(MOST_PARTS, "--b\n\n"), kind).is_none());
        let large = format!("--b\nA: {}\n\n", "a".repeat(8_000));
        assert!(leaves(&parts(100, &large), kind).is_some());
        assert!(leaves(&parts(140, &large), kind).is_none());
        let long = |length: usize| format!("B: {0}\n\n--{0}\n", "b".repeat(length)).into_bytes();
        assert!(leaves(&long(BOUNDARY), kind).is_some() && leaves(&long(BOUNDARY + 1), kind).is_none());
    }
}
