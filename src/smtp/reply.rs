//! What the mail door says: a three-digit code, an enhanced status (RFC 2034, 3463) and plain words.
//!
//! Nothing a client sent is repeated to it. The few texts that are not fixed (our own name, a queue id)
//! lose every character but printable ASCII on the way out, so no reply can be made to look like two.

use std::borrow::Cow;

use super::handover::Refusal;

/// Longest text of one reply line in bytes; with code, status and CR LF it stays below the 512 of RFC 5321
/// section 4.5.3.1.5.
const TEXT_BYTES: usize = 480;

/// One reply, of one line or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    status: Option<&'static str>,
    lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// A one-line reply with an enhanced status such as `2.1.0`.
    pub fn new(code: u16, status: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: Some(status), lines: vec![text.into()] }
    }

    /// A reply without an enhanced status: the greeting, HELO, EHLO and 354 (RFC 2034 section 3).
    pub fn bare(code: u16, lines: Vec<Cow<'static, str>>) -> Self {
        Self { code, status: None, lines }
    }

    /// The three-digit code.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Whether the command was refused, for now or for good.
    pub fn is_refusal(&self) -> bool {
        self.code >= 400
    }

    /// Whether the client said something that we could not make sense of.
    pub fn is_bad_command(&self) -> bool {
        matches!(self.code, 500..=504 | 555)
    }

    /// Appends the reply as it goes over the wire.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let last = self.lines.len().saturating_sub(1);
        for (number, line) in self.lines.iter().enumerate() {
            let mark = if number == last { ' ' } else { '-' };
            out.extend_from_slice(format!("{}{mark}", self.code).as_bytes());
            if let Some(status) = self.status {
                out.extend_from_slice(status.as_bytes());
                out.push(b' ');
            }
            out.extend(line.chars().take(TEXT_BYTES).map(printable));
            out.extend_from_slice(b"\r\n");
        }
    }
}

fn printable(c: char) -> u8 {
    match c {
        ' '..='~' => c as u8,
        _ => b'?',
    }
}

/// 250 after a commit, with the queue id that the intake gave.
pub fn queued(id: &str) -> Reply {
    Reply::new(250, "2.0.0", format!("Kept as {id}"))
}

/// What the client is told when the intake says no.
pub fn refused(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::Busy => Reply::new(451, "4.3.0", "Cannot take mail at the moment, try again later"),
        Refusal::DiskFull => Reply::new(452, "4.3.1", "Not enough room at the moment, try again later"),
        Refusal::PeerLimit => {
            Reply::new(452, "4.7.0", "Enough mail from your address for this hour, try again later")
        }
        Refusal::TooLarge => too_large(),
        Refusal::Unknown => Reply::new(451, "4.3.0", "Not sure that the message was kept, send it again"),
    }
}

/// 552: the message is larger than we take.
pub fn too_large() -> Reply {
    Reply::new(552, "5.3.4", "Message larger than this door takes")
}

/// 421 to a client at the door when there are too many already.
pub fn too_many_connections() -> Reply {
    Reply::new(421, "4.7.0", "Too many connections, try again later")
}

/// 421 between mails when the service stops.
pub fn stopping() -> Reply {
    Reply::new(421, "4.3.2", "Service is stopping, try again later")
}

/// 421 to a client that took too long.
pub fn too_slow() -> Reply {
    Reply::new(421, "4.4.2", "Waited too long, closing")
}

/// 421 to a client that used up what one session may have.
pub fn session_spent() -> Reply {
    Reply::new(421, "4.7.0", "Enough for one session, connect again")
}

/// 421 to a client that made too many mistakes.
pub fn too_many_errors() -> Reply {
    Reply::new(421, "4.7.0", "Too many errors, closing")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_but_the_last_is_marked_with_a_hyphen() {
        let reply = Reply::bare(250, vec!["one".into(), "two".into(), "three".into()]);
        assert_eq!(written(&reply), "250-one\r\n250-two\r\n250 three\r\n");
    }

    #[test]
    fn the_enhanced_status_follows_the_code() {
        assert_eq!(written(&Reply::new(250, "2.1.0", "Ok")), "250 2.1.0 Ok\r\n");
    }

    #[test]
    fn a_text_cannot_smuggle_a_second_reply() {
        assert_eq!(written(&queued("a\r\n250 b\0é")), "250 2.0.0 Kept as a??250 b??\r\n");
    }

    #[test]
    fn a_line_stays_below_512_bytes() {
        assert!(written(&queued(&"x".repeat(5000))).len() <= 512);
    }

    #[test]
    fn each_refusal_has_its_code() {
        let said = |r| written(&refused(r))[..9].to_owned();
        assert_eq!(said(Refusal::Busy), "451 4.3.0");
        assert_eq!(said(Refusal::DiskFull), "452 4.3.1");
        assert_eq!(said(Refusal::PeerLimit), "452 4.7.0");
        assert_eq!(said(Refusal::TooLarge), "552 5.3.4");
        assert_eq!(said(Refusal::Unknown), "451 4.3.0");
    }
}
