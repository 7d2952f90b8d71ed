//! Where a message ends: at CR LF . CR LF, and nowhere else (RFC 5321 section 4.1.1.4).
//!
//! Bytes go in as they arrive; the content comes out with the extra dots of section 4.5.2 taken off, and
//! nothing else changed. A bare CR or LF is content and neither ends a line nor a message: what another
//! server might take for an end (`LF . LF`, `CR . CR` and their kin) is not one here, so nothing after it can
//! pose as a second message. No line is ever held, so a line without an end costs no memory.

/// How far into the end we may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the start of the message, or after CR LF.
    LineStart,
    /// Inside a line.
    Inside,
    /// After a CR inside a line; it is content whatever follows.
    Cr,
    /// After a dot at the start of a line; the dot is not content whatever follows.
    Dot,
    /// After such a dot and a CR, which is held: it is content unless LF follows.
    DotCr,
    /// After the end.
    End,
}

/// Receives one message.
#[derive(Debug)]
pub struct Receiver {
    state: State,
    size: u64,
}

impl Default for Receiver {
    fn default() -> Self {
        Self { state: State::LineStart, size: 0 }
    }
}

impl Receiver {
    /// Takes bytes that arrived, appends what is content to `content`, and says how many bytes were used: all
    /// of them, unless the message ended before.
    pub fn feed(&mut self, input: &[u8], content: &mut Vec<u8>) -> usize {
        let before = content.len();
        let mut used = 0;
        while used < input.len() && self.state != State::End {
            used += match self.state {
                State::Inside => self.run(&input[used..], content),
                _ => self.byte(input[used], content),
            };
        }
        self.size += (content.len() - before) as u64;
        used
    }

    /// Whether the end was found.
    pub fn ended(&self) -> bool {
        self.state == State::End
    }

    /// Bytes of content so far, as RFC 1870 section 5 counts them: line ends in, extra dots and end out.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Up to and with the next CR, everything is content.
    fn run(&mut self, input: &[u8], content: &mut Vec<u8>) -> usize {
        let length = match input.iter().position(|&b| b == b'\r') {
            Some(at) => {
                self.state = State::Cr;
                at + 1
            }
            None => input.len(),
        };
        content.extend_from_slice(&input[..length]);
        length
    }

    fn byte(&mut self, byte: u8, content: &mut Vec<u8>) -> usize {
        self.state = match (self.state, byte) {
            (State::LineStart, b'.') => State::Dot,
            (State::Dot, b'\r') => State::DotCr,
            (State::DotCr, b'\n') => State::End,
            (before, _) => {
                if before == State::DotCr {
                    content.push(b'\r');
                }
                content.push(byte);
                match (before, byte) {
                    (State::Cr, b'\n') => State::LineStart,
                    (_, b'\r') => State::Cr,
                    _ => State::Inside,
                }
            }
        };
        1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Content, whether it ended, and what was left over.
    fn receive(pieces: &[&[u8]]) -> (Vec<u8>, bool, Vec<u8>) {
        let (mut receiver, mut content, mut left) = (Receiver::default(), Vec::new(), Vec::new());
        for piece in pieces {
            let used = receiver.feed(piece, &mut content);
            left.extend_from_slice(&piece[used..]);
        }
        assert_eq!(receiver.size(), content.len() as u64);
        (content, receiver.ended(), left)
    }

    /// The rule said another way, over the whole input at once.
    fn reference(input: &[u8]) -> (Vec<u8>, bool, Vec<u8>) {
        let text = [b"\r\n", input].concat();
        let end = text.windows(5).position(|w| w == b"\r\n.\r\n").expect("an end");
        let (mut content, mut at) = (Vec::new(), 0);
        while at < end + 2 {
            let dotted = text[at..end + 2].starts_with(b"\r\n.");
            content.extend_from_slice(if dotted { b"\r\n" } else { &text[at..=at] });
            at += if dotted { 3 } else { 1 };
        }
        (content.split_off(2), true, text[end + 5..].to_vec())
    }

    #[test]
    fn an_empty_message_ends() {
        assert_eq!(receive(&[b".\r\n"]), (Vec::new(), true, Vec::new()));
        assert_eq!(receive(&[b".", b"\r", b"\nQUIT\r\n"]), (Vec::new(), true, b"QUIT\r\n".to_vec()));
    }

    #[test]
    fn one_leading_dot_is_taken_off() {
        let (content, ended, _) = receive(&[b"..\r\n.a\r\n...b\r\nc.\r\n\r\n.\r\n"]);
        assert_eq!(content, b".\r\na\r\n..b\r\nc.\r\n\r\n");
        assert!(ended);
    }

    #[test]
    fn nothing_else_is_an_end() {
        for false_end in [
            "\n.\n",
            "\n.\r\n",
            "\r.\r",
            "\r.\r\n",
            "\r\n.\n",
            "\r\n.\r",
            "\n\r.\r\n",
            "\r\n.\r\r\n",
            "\r\n.\0\r\n",
            "\r\n\0.\r\n",
            "\r\n. \r\n",
            "\r\n .\r\n",
            "\r.\n",
            "\n.\r",
            "\r\r.\r\n",
            "\r\n..\r\n",
            "\r\n.\n.\r\n",
        ] {
            let text = format!("a{false_end}MAIL FROM:<b@c.example>\r\n.\r\nX");
            let (content, ended, left) = receive(&[text.as_bytes()]);
            assert!(ended && left == b"X", "{false_end:?}");
            assert!(content.ends_with(b"MAIL FROM:<b@c.example>\r\n"), "{false_end:?}");
        }
    }

    #[test]
    fn bare_cr_and_lf_pass_unchanged() {
        let text = b"a\rb\nc\r\rd\n\ne\r\n";
        assert_eq!(receive(&[text, b".\r\n"]).0, text);
    }

    #[test]
    fn without_its_end_a_message_has_not_ended() {
        for open in ["", "a", "a\r\n", "a\r\n.", "a\r\n.\r"] {
            assert!(!receive(&[open.as_bytes()]).1, "{open:?}");
        }
    }

    fn pieces_of_trouble() -> impl Strategy<Value = Vec<u8>> {
        let parts =
            vec!["\r", "\n", ".", "\r\n", "..", "\r\n.", ".\r", "\n.\n", "\r\n.\r\n", "a", "\0", "text"];
        prop::collection::vec(prop::sample::select(parts), 0..40)
            .prop_map(|parts| [parts.concat().as_bytes(), b"\r\n.\r\nrest"].concat())
    }

    proptest! {
        #[test]
        fn the_rule_holds_however_the_bytes_arrive(
            text in pieces_of_trouble(), sizes in prop::collection::vec(1usize..9, 1..20),
        ) {
            let expected = reference(&text);
            let (mut pieces, mut rest, mut sizes) = (Vec::new(), &text[..], sizes.iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(&receive(&[&text]), &expected);
            prop_assert_eq!(&receive(&pieces), &expected);
        }

        #[test]
        fn what_a_client_stuffs_comes_out_as_it_was(lines in prop::collection::vec("[.a\0 é]{0,6}", 0..12)) {
            let plain: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let stuffed: String = lines.iter().map(|line| match line.starts_with('.') {
                true => format!(".{line}\r\n"),
                false => format!("{line}\r\n"),
            }).collect();
            let sent = format!("{stuffed}.\r\n");
            prop_assert_eq!(receive(&[sent.as_bytes()]), (plain.into_bytes(), true, Vec::new()));
        }
    }
}
