//! Where a command line ends: at CR LF, and nowhere else.
//!
//! Bytes go in as they arrive, lines come out. A line longer than [`LINE_BYTES`] is thrown away as it
//! arrives, reported once and survived. A bare LF is reported as soon as it is seen; the session then closes,
//! because a sender and a receiver who disagree about line ends can be made to disagree about messages.

use super::limits::LINE_BYTES;

/// One line, or what stands in for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The bytes before the CR LF.
    Command(Vec<u8>),
    /// It was longer than [`LINE_BYTES`], CR LF included.
    TooLong,
    /// It ended with LF alone.
    BareLf,
}

/// Bytes that have arrived and were not yet used. Holds no more than one line and one read.
#[derive(Default)]
pub struct Lines {
    bytes: Vec<u8>,
    skipping: bool,
}

impl Lines {
    /// The next whole line, if it has arrived.
    pub fn next_line(&mut self) -> Option<Line> {
        let Some(at) = self.bytes.iter().position(|&b| b == b'\n') else {
            self.shorten();
            return None;
        };
        let mut line: Vec<u8> = self.bytes.drain(..=at).collect();
        let too_long = std::mem::take(&mut self.skipping) || line.len() > LINE_BYTES;
        if !line.ends_with(b"\r\n") {
            return Some(Line::BareLf);
        }
        if too_long {
            return Some(Line::TooLong);
        }
        line.truncate(line.len() - 2);
        Some(Line::Command(line))
    }

    /// What has arrived and was not yet used.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes
    }

    /// Uses up the first `count` bytes.
    pub fn consume(&mut self, count: usize) {
        self.bytes.drain(..count);
    }

    /// Where to append what arrives next, with room for at least `count` bytes.
    pub fn room(&mut self, count: usize) -> &mut Vec<u8> {
        self.bytes.reserve(count);
        &mut self.bytes
    }

    /// Without a line end in sight: throws away what can only be part of a line that is too long, but for a
    /// CR that may turn out to belong to its end.
    fn shorten(&mut self) {
        if self.skipping || self.bytes.len() >= LINE_BYTES {
            self.skipping = true;
            let ends_with_cr = self.bytes.last() == Some(&b'\r');
            self.bytes.clear();
            self.bytes.extend(ends_with_cr.then_some(b'\r'));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> (Vec<Line>, usize) {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in pieces {
            lines.room(piece.len()).extend_from_slice(piece);
            while let Some(line) = lines.next_line() {
                found.push(line);
            }
        }
        (found, lines.waiting().len())
    }

    fn command(text: &str) -> Line {
        Line::Command(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_at_cr_lf() {
        assert_eq!(read(&[b"NOOP\r\nQU", b"IT\r", b"\nrest"]), (vec![command("NOOP"), command("QUIT")], 4));
        assert_eq!(read(&[b"\r\n"]), (vec![command("")], 0));
        assert_eq!(read(&[b"NOOP\rNOOP\r\n"]), (vec![command("NOOP\rNOOP")], 0));
    }

    #[test]
    fn a_bare_lf_is_reported() {
        assert_eq!(read(&[b"NOOP\nQUIT\r\n"]).0[0], Line::BareLf);
        assert_eq!(read(&[b"\n"]).0, [Line::BareLf]);
        assert_eq!(read(&[&[b'x'; 5000], b"\n"]).0, [Line::BareLf]);
    }

    #[test]
    fn the_longest_line_has_2048_bytes() {
        let longest = [vec![b'x'; LINE_BYTES - 2], b"\r\n".to_vec()].concat();
        assert_eq!(read(&[&longest]).0, [Line::Command(vec![b'x'; LINE_BYTES - 2])]);
        let longer = [vec![b'x'; LINE_BYTES - 1], b"\r\n".to_vec()].concat();
        assert_eq!(read(&[&longer, b"NOOP\r\n"]).0, [Line::TooLong, command("NOOP")]);
    }

    #[test]
    fn an_endless_line_takes_no_memory() {
        let mut lines = Lines::default();
        for _ in 0..10_000 {
            lines.room(4096).extend_from_slice(&[b'x'; 4096]);
            assert_eq!(lines.next_line(), None);
            assert!(lines.waiting().len() <= 1);
        }
        lines.room(9).extend_from_slice(b"\r\nNOOP\r\n");
        assert_eq!(lines.next_line(), Some(Line::TooLong));
        assert_eq!(lines.next_line(), Some(command("NOOP")));
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_makes_no_difference(
            words in prop::collection::vec(prop::sample::select(vec!["\r", "\n", "\r\n", "x", "NOOP"]), 0..40),
            long in 0usize..4500, at in 0usize..40, size in 1usize..700,
        ) {
            let mut text = words;
            let filler = "y".repeat(long);
            text.insert(at.min(text.len()), &filler);
            let text = text.concat().into_bytes();
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            prop_assert_eq!(read(&pieces).0, read(&[&text]).0);
        }
    }
}
