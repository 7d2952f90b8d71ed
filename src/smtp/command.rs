//! One command line becomes a command or a fault (RFC 5321 section 4.1).
//!
//! A small parser of our own: it takes the line without its CR LF, refuses what is not UTF-8 and every
//! control character before it looks further, and keeps no text that the session does not need.

use thiserror::Error;

use super::address::{AddressFault, Mailbox};

/// A command that is well formed; whether it is in place is for the session to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// HELO with the client's name.
    Helo(&'a str),
    /// EHLO with the client's name.
    Ehlo(&'a str),
    /// MAIL FROM; `None` is the null return path `<>`.
    Mail(Option<Mailbox>, MailParameters),
    /// RCPT TO.
    Rcpt(Recipient),
    /// DATA.
    Data,
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// QUIT.
    Quit,
    /// VRFY with something to verify.
    Vrfy,
    /// EXPN with something to expand.
    Expn,
    /// HELP.
    Help,
    /// STARTTLS.
    StartTls,
    /// A command of SMTP that this door does not offer.
    NotOffered,
    /// What follows would not be commands: BDAT with its content, or a browser talking HTTP.
    NotForUs,
}

/// Who RCPT TO names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A mailbox.
    Mailbox(Mailbox),
    /// `<postmaster>` without a domain (RFC 5321 section 4.5.1).
    Postmaster,
}

/// What MAIL FROM may add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// Announced size in bytes (RFC 1870); 0 when not announced.
    pub size: u64,
    /// Whether the message needs SMTPUTF8.
    pub smtputf8: bool,
}

/// Why a line is not a command. Never carries what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Bytes that are not UTF-8.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// A control character, a bare CR among them.
    #[error("the line has control characters")]
    Control,
    /// A verb that nobody knows.
    #[error("the command is not known")]
    Unknown,
    /// An argument where none belongs, or none where one does.
    #[error("the command's argument is missing or too much")]
    Argument,
    /// The return path is not an address.
    #[error("return path: {0}")]
    Sender(AddressFault),
    /// The recipient is not an address.
    #[error("recipient: {0}")]
    Recipient(AddressFault),
    /// A parameter that was not offered.
    #[error("the parameter is not known")]
    Parameter,
    /// A parameter with a value that it cannot have, or given twice.
    #[error("the parameter's value is not valid")]
    ParameterValue,
}

const VERBS: [&str; 21] = [
    "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "STARTTLS",
    "AUTH", "ETRN", "TURN", "BDAT", "GET", "POST", "PUT", "OPTIONS", "CONNECT",
];

/// The verb of a line, for the log; `?` when it is none that we know.
pub fn verb(line: &[u8]) -> &'static str {
    let word = line.split(|&b| b == b' ').next().unwrap_or_default();
    VERBS.into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(word)).unwrap_or("?")
}

/// Reads one line, without its CR LF.
pub fn parse(line: &[u8]) -> Result<Command<'_>, Fault> {
    let text = std::str::from_utf8(line).map_err(|_| Fault::NotUtf8)?;
    if text.chars().any(char::is_control) {
        return Err(Fault::Control);
    }
    let rest = text.split_once(' ').map_or("", |(_, rest)| rest.trim_matches(' '));
    match verb(line) {
        "HELO" => name(rest).map(Command::Helo),
        "EHLO" => name(rest).map(Command::Ehlo),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(rest, Command::Data),
        "RSET" => alone(rest, Command::Rset),
        "QUIT" => alone(rest, Command::Quit),
        "STARTTLS" => alone(rest, Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "HELP" => Ok(Command::Help),
        "VRFY" => name(rest).map(|_| Command::Vrfy),
        "EXPN" => name(rest).map(|_| Command::Expn),
        "AUTH" | "ETRN" | "TURN" => Ok(Command::NotOffered),
        "?" => Err(Fault::Unknown),
        _ => Ok(Command::NotForUs),
    }
}

fn alone<'a>(rest: &str, command: Command<'a>) -> Result<Command<'a>, Fault> {
    if rest.is_empty() { Ok(command) } else { Err(Fault::Argument) }
}

fn name(rest: &str) -> Result<&str, Fault> {
    rest.split(' ').next().filter(|word| !word.is_empty()).ok_or(Fault::Argument)
}

fn mail(rest: &str) -> Result<Command<'_>, Fault> {
    let (path, parameters) = path_after(rest, "FROM:")?;
    let from = match path {
        "" => None,
        path => Some(Mailbox::parse(path).map_err(Fault::Sender)?),
    };
    Ok(Command::Mail(from, mail_parameters(parameters)?))
}

fn rcpt(rest: &str) -> Result<Command<'_>, Fault> {
    let (path, parameters) = path_after(rest, "TO:")?;
    for parameter in words(parameters) {
        // Delivery reports are not offered, but asking for them is no reason to lose a referral.
        if !matches!(keyword(parameter).as_str(), "NOTIFY" | "ORCPT") {
            return Err(Fault::Parameter);
        }
    }
    if path.eq_ignore_ascii_case("postmaster") {
        return Ok(Command::Rcpt(Recipient::Postmaster));
    }
    let mailbox = Mailbox::parse(path).map_err(Fault::Recipient)?;
    Ok(Command::Rcpt(Recipient::Mailbox(mailbox)))
}

/// Splits `FROM:<path> parameters` into the path, its source route dropped (RFC 5321 appendix C), and the
/// parameters. A space after the colon is put up with.
fn path_after<'a>(rest: &'a str, lead: &str) -> Result<(&'a str, &'a str), Fault> {
    let (head, tail) = rest.split_at_checked(lead.len()).ok_or(Fault::Argument)?;
    if !head.eq_ignore_ascii_case(lead) {
        return Err(Fault::Argument);
    }
    let inside = tail.trim_start_matches(' ').strip_prefix('<').ok_or(Fault::Argument)?;
    let end = closing_bracket(inside).ok_or(Fault::Argument)?;
    let (path, after) = (&inside[..end], &inside[end + 1..]);
    if !after.is_empty() && !after.starts_with(' ') {
        return Err(Fault::Argument);
    }
    let path = match path.starts_with('@') {
        true => path.split_once(':').ok_or(Fault::Argument)?.1,
        false => path,
    };
    Ok((path, after))
}

/// Where the `>` stands that is not inside a quoted local part.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn keyword(parameter: &str) -> String {
    parameter.split('=').next().unwrap_or_default().to_ascii_uppercase()
}

fn mail_parameters(text: &str) -> Result<MailParameters, Fault> {
    let mut found = MailParameters::default();
    let mut seen = Vec::new();
    for parameter in words(text) {
        let key = keyword(parameter);
        let value = parameter.split_once('=').map(|(_, value)| value);
        match (key.as_str(), value) {
            ("SIZE", Some(digits)) => found.size = size(digits)?,
            ("BODY", Some(kind)) if is_body(kind) => {}
            ("SMTPUTF8", None) => found.smtputf8 = true,
            ("RET", Some(_)) | ("ENVID", Some(_)) | ("AUTH", Some(_)) => {}
            ("SIZE" | "BODY" | "SMTPUTF8" | "RET" | "ENVID" | "AUTH", _) => {
                return Err(Fault::ParameterValue);
            }
            _ => return Err(Fault::Parameter),
        }
        if seen.contains(&key) {
            return Err(Fault::ParameterValue);
        }
        seen.push(key);
    }
    Ok(found)
}

fn is_body(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("7BIT") || kind.eq_ignore_ascii_case("8BITMIME")
}

/// Up to 20 digits (RFC 1870 section 6.1); one that does not fit a `u64` is merely far too large.
fn size(digits: &str) -> Result<u64, Fault> {
    let fits = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(digits.parse().unwrap_or(u64::MAX)) } else { Err(Fault::ParameterValue) }
}
