//! The dialogue, without a socket: a line goes in, a [`Reply`] and an [`Effect`] come out.
//!
//! | state   | knows                             | leaves by                                        |
//! |---------|-----------------------------------|--------------------------------------------------|
//! | New     | nothing                           | HELO, EHLO → Greeted                             |
//! | Greeted | the client's name                 | MAIL → Mail; STARTTLS → New                      |
//! | Mail    | name, return path, recipients     | DATA, RSET, HELO, EHLO → Greeted; STARTTLS → New |
//!
//! Only faults of the envelope, the size and the rate are refused here (DESIGN section 2): what a message
//! *says* is judged after it is safely kept.

use std::net::IpAddr;
use std::sync::Arc;

use super::address::{Found, Mailbox};
use super::command::{self, Command, Fault, MailParameters, Recipient};
use super::handover::{Envelope, Refusal, TlsInfo};
use super::lines::Line;
use super::listener::Config;
use super::reply::{self, Reply};
use super::trace::{self, Protocol};

/// What the connection does after it has said the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Reads the next line.
    Continue,
    /// Asks the intake; if it agrees, says the reply (354) and receives the message.
    Receive(Envelope, Protocol),
    /// DATA was refused: goes on, but closes if bytes are waiting, because they would be content and content
    /// is never read as commands.
    CloseIfTalking,
    /// Drops what is unread, and turns to TLS.
    StartTls,
    /// Closes.
    Close,
}

#[derive(Clone)]
struct Hello {
    name: String,
    protocol: Protocol,
}

struct Mail {
    from: String,
    smtputf8: bool,
    recipients: Vec<String>,
}

enum State {
    New,
    Greeted(Hello),
    Mail(Hello, Mail),
}

/// One client's dialogue.
pub struct Session {
    config: Arc<Config>,
    peer: IpAddr,
    tls: Option<TlsInfo>,
    state: State,
    commands: u32,
    bad_commands: u32,
    errors: u32,
}

type Step = (Reply, Effect);

fn say(code: u16, status: &'static str, text: &'static str) -> Step {
    (Reply::new(code, status, text), Effect::Continue)
}

impl Session {
    /// A dialogue with a client that has just connected.
    pub fn new(config: Arc<Config>, peer: IpAddr) -> Self {
        Self { config, peer, tls: None, state: State::New, commands: 0, bad_commands: 0, errors: 0 }
    }

    /// What we say first.
    pub fn greeting(&self) -> Reply {
        Reply::bare(220, vec![format!("{} ESMTP ready", self.config.hostname).into()])
    }

    /// Answers one line.
    pub fn line(&mut self, line: &Line) -> Step {
        self.commands += 1;
        if self.commands > self.config.limits.commands {
            return (reply::session_spent(), Effect::Close);
        }
        let step = match line {
            Line::Command(bytes) => match command::parse(bytes) {
                Ok(command) => self.command(command),
                Err(fault) => fault_step(fault),
            },
            Line::TooLong => say(500, "5.5.2", "Line too long"),
            Line::BareLf => (Reply::new(500, "5.5.2", "Lines end with CR LF, closing"), Effect::Close),
        };
        self.counted(step)
    }

    /// The client and we now talk through TLS: everything said before is forgotten (RFC 3207 section 4.2).
    pub fn tls_started(&mut self, info: TlsInfo) {
        self.tls = Some(info);
        self.state = State::New;
    }

    /// The intake said no to DATA.
    pub fn not_begun(&mut self, refusal: Refusal) -> Step {
        self.counted((reply::refused(refusal), Effect::CloseIfTalking))
    }

    /// The message was received to its end, and this is what became of it. Only `Ok`, a commit, is a 250.
    pub fn received(&mut self, outcome: Result<String, Refusal>) -> Step {
        match outcome {
            Ok(id) => {
                self.commands = 0;
                (reply::queued(&id), Effect::Continue)
            }
            Err(refusal) => self.counted((reply::refused(refusal), Effect::Continue)),
        }
    }

    /// Counts refusals, and ends the session when there were too many.
    fn counted(&mut self, step: Step) -> Step {
        self.errors += u32::from(step.0.is_refusal());
        self.bad_commands += u32::from(step.0.is_bad_command());
        let limits = &self.config.limits;
        if step.1 != Effect::Close && (self.errors > limits.errors || self.bad_commands > limits.bad_commands)
        {
            return (reply::too_many_errors(), Effect::Close);
        }
        step
    }

    fn command(&mut self, command: Command<'_>) -> Step {
        match command {
            Command::Helo(name) => self.helo(name),
            Command::Ehlo(name) => self.ehlo(name),
            Command::Mail(from, parameters) => self.mail(from, parameters),
            Command::Rcpt(recipient) => self.rcpt(recipient),
            Command::Data => self.data(),
            Command::Rset => self.rset(),
            Command::StartTls => self.start_tls(),
            Command::Noop => say(250, "2.0.0", "Ok"),
            Command::Quit => (Reply::new(221, "2.0.0", "Goodbye"), Effect::Close),
            Command::Vrfy => say(252, "2.0.0", "Cannot verify, but send some mail and see"),
            Command::Help => say(214, "2.0.0", "This door takes sealed referrals, see the referral format"),
            Command::Expn | Command::NotOffered => say(502, "5.5.1", "Command not offered"),
            Command::NotForUs => (Reply::new(502, "5.5.1", "Not spoken here, closing"), Effect::Close),
        }
    }

    fn helo(&mut self, name: &str) -> Step {
        self.state = State::Greeted(Hello { name: trace::clean_name(name), protocol: Protocol::Smtp });
        (Reply::bare(250, vec![self.config.hostname.clone().into()]), Effect::Continue)
    }

    fn ehlo(&mut self, name: &str) -> Step {
        self.state = State::Greeted(Hello { name: trace::clean_name(name), protocol: Protocol::Esmtp });
        let mut lines = vec![
            self.config.hostname.clone().into(),
            "PIPELINING".into(),
            format!("SIZE {}", self.config.limits.message_bytes).into(),
            "8BITMIME".into(),
            "SMTPUTF8".into(),
        ];
        if self.config.tls.is_some() && self.tls.is_none() {
            lines.push("STARTTLS".into());
        }
        lines.push("ENHANCEDSTATUSCODES".into());
        (Reply::bare(250, lines), Effect::Continue)
    }

    fn mail(&mut self, from: Option<Mailbox>, parameters: MailParameters) -> Step {
        let hello = match &self.state {
            State::New => return say(503, "5.5.1", "Say HELO or EHLO first"),
            State::Mail(..) => return say(503, "5.5.1", "A mail has begun already, RSET or DATA"),
            State::Greeted(hello) => hello.clone(),
        };
        if parameters.size > self.config.limits.message_bytes {
            return (reply::too_large(), Effect::Continue);
        }
        if !parameters.smtputf8 && from.as_ref().is_some_and(|from| !from.is_ascii()) {
            return say(553, "5.6.7", "Such an address needs SMTPUTF8");
        }
        let from = from.map(|from| from.as_str().to_owned()).unwrap_or_default();
        let mail = Mail { from, smtputf8: parameters.smtputf8, recipients: Vec::new() };
        self.state = State::Mail(hello, mail);
        say(250, "2.1.0", "Sender ok")
    }

    fn rcpt(&mut self, recipient: Recipient) -> Step {
        let State::Mail(_, mail) = &mut self.state else {
            return say(503, "5.5.1", "Say MAIL first");
        };
        let found = match &recipient {
            Recipient::Postmaster => self.config.addresses.postmaster(),
            Recipient::Mailbox(mailbox) if !mail.smtputf8 && !mailbox.is_ascii() => {
                return say(553, "5.6.7", "Such an address needs SMTPUTF8");
            }
            Recipient::Mailbox(mailbox) => self.config.addresses.find(mailbox),
        };
        let ours = match found {
            Found::Here(ours) => ours.to_owned(),
            Found::NoSuchMailbox => return say(550, "5.1.1", "No such mailbox here"),
            Found::Elsewhere => return say(550, "5.7.1", "This door does not relay"),
        };
        if !mail.recipients.contains(&ours) {
            if mail.recipients.len() >= self.config.limits.recipients {
                return say(452, "4.5.3", "Too many recipients, send to the others later");
            }
            mail.recipients.push(ours);
        }
        say(250, "2.1.5", "Recipient ok")
    }

    fn data(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::New) {
            State::Mail(hello, mail) if !mail.recipients.is_empty() => {
                let envelope = self.envelope(&hello, mail);
                let protocol = hello.protocol;
                self.state = State::Greeted(hello);
                let go_ahead = Reply::bare(354, vec!["Send the message, end with a dot on a line".into()]);
                (go_ahead, Effect::Receive(envelope, protocol))
            }
            State::Mail(hello, mail) => {
                self.state = State::Mail(hello, mail);
                (Reply::new(554, "5.5.1", "No valid recipient"), Effect::CloseIfTalking)
            }
            other => {
                self.state = other;
                (Reply::new(503, "5.5.1", "Say MAIL and RCPT first"), Effect::CloseIfTalking)
            }
        }
    }

    fn envelope(&self, hello: &Hello, mail: Mail) -> Envelope {
        Envelope {
            from: mail.from,
            recipients: mail.recipients,
            helo: hello.name.clone(),
            peer: self.peer,
            tls: self.tls.clone(),
            smtputf8: mail.smtputf8,
        }
    }

    fn rset(&mut self) -> Step {
        if let State::Mail(hello, _) = &self.state {
            self.state = State::Greeted(hello.clone());
        }
        say(250, "2.0.0", "Forgotten")
    }

    fn start_tls(&mut self) -> Step {
        if self.config.tls.is_none() {
            return say(502, "5.5.1", "Command not offered");
        }
        match (&self.tls, &self.state) {
            (Some(_), _) => say(503, "5.5.1", "TLS is on already"),
            (None, State::New) => say(503, "5.5.1", "Say EHLO first"),
            (None, _) => (Reply::new(220, "2.0.0", "Ready for TLS"), Effect::StartTls),
        }
    }
}

fn fault_step(fault: Fault) -> Step {
    match fault {
        Fault::NotUtf8 => say(501, "5.5.2", "Neither ASCII nor UTF-8"),
        Fault::Control => say(501, "5.5.2", "Control characters are not taken"),
        Fault::Unknown => say(500, "5.5.1", "Command not known"),
        Fault::Argument => say(501, "5.5.4", "Argument missing or not understood"),
        Fault::Sender(_) => say(501, "5.1.7", "Return path is not a valid address"),
        Fault::Recipient(_) => say(501, "5.1.3", "Recipient is not a valid address"),
        Fault::Parameter => say(555, "5.5.4", "Parameter not known"),
        Fault::ParameterValue => say(501, "5.5.4", "Parameter with a value it cannot have"),
    }
}
