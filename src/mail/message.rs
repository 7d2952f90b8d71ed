//! One message as it goes out: plain text, with the headers that keep machines from answering it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};

use super::MailError;
use crate::domain::email::EmailAddress;
use crate::domain::ids::LetterId;
use crate::domain::time::Instant;

/// The last second that a mail's date can name: 31 December 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// The word in `Auto-Submitted` (RFC 3834 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// In answer to a mail.
    Replied,
    /// Of the relay's own accord.
    Generated,
}

impl Automatic {
    const fn word(self) -> &'static str {
        match self {
            Automatic::Replied => "auto-replied",
            Automatic::Generated => "auto-generated",
        }
    }
}

/// A message. No `Debug`: the link in its text may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The letter it is; makes the Message-ID, so each attempt has the same.
    pub id: LetterId,
    /// This relay's name in mail, the right half of the Message-ID.
    pub host: String,
    /// The address in `From`. The envelope's is empty.
    pub from: EmailAddress,
    /// The name beside it.
    pub from_name: String,
    /// To whom.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// Plain text, lines ended by `\n`.
    pub text: String,
    /// The Message-ID that is answered, with its angle brackets; left out when it is not one word of
    /// ASCII, as it comes from outside.
    pub in_reply_to: Option<String>,
    /// Why a machine wrote it.
    pub automatic: Automatic,
    /// When this attempt is made.
    pub date: Instant,
}

impl Message {
    /// The Message-ID, with its angle brackets.
    pub fn message_id(&self) -> String {
        format!("<{}@{}>", self.id, self.host)
    }

    /// The message as RFC 5322 bytes, for showing.
    ///
    /// # Errors
    /// [`MailError::Address`], [`MailError::Build`].
    pub fn eml(&self) -> Result<Vec<u8>, MailError> {
        self.built().map(|(_, bytes)| bytes)
    }

    /// Envelope (null return path) and bytes.
    pub(super) fn built(&self) -> Result<(Envelope, Vec<u8>), MailError> {
        let to = address(&self.to)?;
        let from = Mailbox::new(Some(self.from_name.clone()), address(&self.from)?);
        let envelope = Envelope::new(None, vec![to.clone()])?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let seconds = u64::try_from(self.date.micros() / 1_000_000).unwrap_or(0).min(LAST_SECOND);
        let mut builder = lettre::Message::builder()
            .envelope(envelope.clone())
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(self.subject.clone())
            .message_id(Some(self.message_id()))
            .raw_header(HeaderValue::new(automatic, self.automatic.word().to_owned()));
        if let Some(id) = self.in_reply_to.as_ref().filter(|id| id.bytes().all(|b| b.is_ascii_graphic())) {
            builder = builder.in_reply_to(id.clone()).references(id.clone());
        }
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(self.text.clone());
        Ok((envelope, builder.singlepart(text)?.formatted()))
    }
}

fn address(email: &EmailAddress) -> Result<Address, MailError> {
    email.as_str().parse().map_err(|_| MailError::Address)
}

#[cfg(test)]
pub(super) fn sample() -> Message {
    Message {
        id: "01900000-0000-7000-8000-0000000000aa".parse().unwrap(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").unwrap(),
        from_name: "dutyline".to_owned(),
        to: EmailAddress::parse("duty@line.example").unwrap(),
        subject: "A referral is waiting".to_owned(),
        text: "One line\n.\nand another\n".to_owned(),
        in_reply_to: None,
        automatic: Automatic::Generated,
        date: Instant::from_micros(1_795_251_900_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &Message) -> String {
        String::from_utf8(message.eml().unwrap()).unwrap()
    }

    #[test]
    fn it_says_that_a_machine_wrote_it_and_nobody_is_to_be_told_of_a_bounce() {
        let message = sample();
        let (envelope, bytes) = message.built().unwrap();
        assert!(envelope.from().is_none());
        assert_eq!(envelope.to()[0].to_string(), "duty@line.example");
        let eml = String::from_utf8(bytes).unwrap();
        for header in [
            "Auto-Submitted: auto-generated\r\n",
            "Message-ID: <01900000-0000-7000-8000-0000000000aa@relay.example>\r\n",
            "Date: Sat, 21 Nov 2026 09:05:00 +0000\r\n",
            "To: duty@line.example\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(eml.contains(header), "{header} is not in {eml}");
        }
        assert!(eml.contains("<relay@relay.example>"));
        assert!(eml.is_ascii());
    }

    #[test]
    fn an_answer_names_what_it_answers_unless_that_would_break_a_header() {
        let answered = Message { in_reply_to: Some("<a.1@nursery.example>".into()), ..sample() };
        assert!(text(&answered).contains("In-Reply-To: <a.1@nursery.example>\r\n"));
        let forged = Message { in_reply_to: Some("<a@b>\r\nBcc: x@y.example".into()), ..sample() };
        assert!(!text(&forged).contains("In-Reply-To") && !text(&forged).contains("Bcc"));
    }

    #[test]
    fn dates_that_no_mail_can_have_are_brought_into_range() {
        for micros in [i64::MIN, -1, i64::MAX] {
            let message = Message { date: Instant::from_micros(micros), ..sample() };
            assert!(text(&message).contains("Date: "));
        }
    }
}
