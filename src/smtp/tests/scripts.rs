//! The session by itself: what is said, and how each line is answered.

use std::net::IpAddr;
use std::sync::Arc;

use super::support::config;
use crate::smtp::address::Addresses;
use crate::smtp::handover::{Refusal, TlsInfo};
use crate::smtp::lines::Line;
use crate::smtp::listener::Config;
use crate::smtp::session::{Effect, Session};
use crate::smtp::trace::Protocol;

const MAIL: (&str, &str) = ("MAIL FROM:<nursery@setting.example>", "250 2.1.0");
const RCPT: (&str, &str) = ("RCPT TO:<referrals@relay.example>", "250 2.1.5");
const EHLO: (&str, &str) = ("EHLO mail.setting.example", "250-");

fn session_with(config: Config) -> Session {
    Session::new(Arc::new(config), IpAddr::from([192, 0, 2, 7]))
}

fn session() -> Session {
    session_with(config())
}

fn say(session: &mut Session, line: impl AsRef<[u8]>) -> (String, Effect) {
    let (reply, effect) = session.line(&Line::Command(line.as_ref().to_vec()));
    let mut out = Vec::new();
    reply.write_to(&mut out);
    (String::from_utf8(out).unwrap(), effect)
}

/// Says each line and checks how the answer begins; returns the last effect.
fn play(session: &mut Session, script: &[(&str, &str)]) -> Effect {
    let mut last = Effect::Continue;
    for (line, beginning) in script {
        let (reply, effect) = say(session, line);
        assert!(reply.starts_with(beginning), "{line:?}: wanted {beginning:?}, got {reply:?}");
        last = effect;
    }
    last
}

/// The answer to one line after EHLO.
fn after_ehlo(line: &str, beginning: &str) {
    play(&mut session(), &[EHLO, (line, beginning)]);
}

/// The answer to one line after MAIL.
fn after_mail(line: &str, beginning: &str) {
    play(&mut session(), &[EHLO, MAIL, (line, beginning)]);
}

#[test]
fn a_mail_from_hello_to_goodbye() {
    let mut session = session();
    let Effect::Receive(envelope, protocol) = play(&mut session, &[EHLO, MAIL, RCPT, ("DATA", "354 ")])
    else {
        panic!("DATA receives");
    };
    assert_eq!(envelope.from, "nursery@setting.example");
    assert_eq!(envelope.recipients, ["referrals@relay.example"]);
    assert_eq!(envelope.helo, "mail.setting.example");
    assert_eq!((envelope.tls, envelope.smtputf8, protocol), (None, false, Protocol::Esmtp));
    assert_eq!(session.received(Ok("Q1".into())).0.code(), 250);
    assert_eq!(play(&mut session, &[MAIL, ("QUIT", "221 2.0.0")]), Effect::Close);
}

#[test]
fn ehlo_lists_what_is_offered() {
    let (reply, _) = say(&mut session(), "ehlo a");
    let offered = "250-relay.example\r\n250-PIPELINING\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
                   250 ENHANCEDSTATUSCODES\r\n";
    assert_eq!(reply, offered);
    assert_eq!(say(&mut session(), "HELO a").0, "250 relay.example\r\n");
}

#[test]
fn commands_out_of_place_are_named() {
    play(&mut session(), &[(MAIL.0, "503 5.5.1"), (RCPT.0, "503"), ("DATA", "503"), ("NOOP", "250")]);
    play(&mut session(), &[EHLO, (RCPT.0, "503 5.5.1"), ("DATA", "503 5.5.1")]);
    play(&mut session(), &[EHLO, MAIL, (MAIL.0, "503 5.5.1"), ("DATA", "554 5.5.1"), RCPT, ("DATA", "354")]);
}

#[test]
fn rset_and_ehlo_forget_the_mail() {
    for forget in [("RSET", "250 2.0.0"), EHLO, ("HELO other.example", "250")] {
        play(&mut session(), &[EHLO, MAIL, RCPT, forget, ("DATA", "503"), MAIL, ("DATA", "554")]);
    }
    play(&mut session(), &[("RSET", "250"), (MAIL.0, "503")]);
}

#[test]
fn return_paths_and_their_parameters() {
    for good in [
        "MAIL FROM:<>",
        "mail from:<a@b.example>",
        "MAIL FROM: <a@b.example>",
        "MAIL FROM:<@relay.example,@other.example:a@b.example>",
        "MAIL FROM:<\"a>b\"@c.example>",
        "MAIL FROM:<a@b.example> SIZE=36700160 BODY=8BITMIME",
        "MAIL FROM:<a@b.example> size=0 body=7bit AUTH=<> RET=HDRS ENVID=x+2By",
        "MAIL FROM:<żłobek@b.example> SMTPUTF8",
    ] {
        after_ehlo(good, "250 2.1.0");
    }
    for (bad, answer) in [
        ("MAIL", "501 5.5.4"),
        ("MAIL FROM:", "501 5.5.4"),
        ("MAIL FROM:a@b.example", "501 5.5.4"),
        ("MAIL FROM:<a@b.example", "501 5.5.4"),
        ("MAIL FROM:<a@b.example>SIZE=1", "501 5.5.4"),
        ("MAIL TO:<a@b.example>", "501 5.5.4"),
        ("MAIL FROM:<nobody>", "501 5.1.7"),
        ("MAIL FROM:<a@b.example> SIZE=36700161", "552 5.3.4"),
        ("MAIL FROM:<a@b.example> SIZE=99999999999999999999", "552 5.3.4"),
        ("MAIL FROM:<a@b.example> SIZE=999999999999999999999", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> SIZE=-1", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> SIZE", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> SIZE=1 SIZE=2", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> BODY=BINARYMIME", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> SMTPUTF8=yes", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> FUTURE=1", "555 5.5.4"),
        ("MAIL FROM:<żłobek@b.example>", "553 5.6.7"),
    ] {
        after_ehlo(bad, answer);
    }
}

#[test]
fn only_addresses_that_exist_are_recipients() {
    for good in [
        "RCPT TO:<REFERRALS@Relay.Example>",
        "rcpt to: <referrals@relay.example> NOTIFY=NEVER ORCPT=rfc822;x",
        "RCPT TO:<Postmaster>",
        "RCPT TO:<postmaster@relay.example>",
    ] {
        after_mail(good, "250 2.1.5");
    }
    for (bad, answer) in [
        ("RCPT TO:<someone@relay.example>", "550 5.1.1"),
        ("RCPT TO:<someone@other.example>", "550 5.7.1"),
        ("RCPT TO:<someone%other.example@relay.example>", "550 5.1.1"),
        ("RCPT TO:<@relay.example:someone@other.example>", "550 5.7.1"),
        ("RCPT TO:<>", "501 5.1.3"),
        ("RCPT TO:<referrals>", "501 5.1.3"),
        ("RCPT TO:<referrals@relay.example> FUTURE", "555 5.5.4"),
        ("RCPT TO:<żłobek@relay.example>", "553 5.6.7"),
    ] {
        after_mail(bad, answer);
    }
}

#[test]
fn a_recipient_named_twice_counts_once() {
    let script = [EHLO, MAIL, RCPT, ("RCPT TO:<Referrals@relay.example>", "250"), ("DATA", "354")];
    let Effect::Receive(envelope, _) = play(&mut session(), &script) else { panic!("DATA receives") };
    assert_eq!(envelope.recipients, ["referrals@relay.example"]);
}

#[test]
fn the_hundred_and_first_recipient_has_to_wait() {
    let all: Vec<String> = (0..101).map(|n| format!("line{n}@relay.example")).collect();
    let mut config = config();
    config.addresses = Addresses::new(all.iter().map(String::as_str)).unwrap();
    let mut session = session_with(config);
    play(&mut session, &[EHLO, MAIL]);
    for address in &all[..100] {
        assert!(say(&mut session, format!("RCPT TO:<{address}>")).0.starts_with("250"));
    }
    play(&mut session, &[("RCPT TO:<line100@relay.example>", "452 4.5.3"), ("DATA", "354")]);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (line, answer) in [
        (&b"RCPT TO:<r\xff@relay.example>"[..], "501 5.5.2"),
        (b"RCPT TO:<r\0@relay.example>", "501 5.5.2"),
        (b"RCPT TO:<r\rQUIT@relay.example>", "501 5.5.2"),
        ("RCPT TO:<r\u{202e}@relay.example>".as_bytes(), "501 5.1.3"),
        (b"NOOP\t", "501 5.5.2"),
        (b"", "500 5.5.1"),
        (b"XYZZY", "500 5.5.1"),
    ] {
        let mut session = session();
        play(&mut session, &[EHLO, MAIL]);
        assert!(say(&mut session, line).0.starts_with(answer), "{line:?}");
    }
}

#[test]
fn a_line_with_a_bare_lf_ends_the_session() {
    let (reply, effect) = session().line(&Line::BareLf);
    assert_eq!((reply.code(), effect), (500, Effect::Close));
    let (reply, effect) = session().line(&Line::TooLong);
    assert_eq!((reply.code(), effect), (500, Effect::Continue));
}

#[test]
fn the_small_commands() {
    for (line, answer) in [
        ("NOOP anything", "250 2.0.0"),
        ("VRFY someone", "252 2.0.0"),
        ("VRFY", "501 5.5.4"),
        ("EXPN list", "502 5.5.1"),
        ("HELP", "214 2.0.0"),
        ("AUTH PLAIN AGEAYg==", "502 5.5.1"),
        ("STARTTLS", "502 5.5.1"),
        ("DATA now", "501 5.5.4"),
        ("QUIT now", "501 5.5.4"),
        ("EHLO", "501 5.5.4"),
    ] {
        play(&mut session(), &[(line, answer)]);
    }
}

#[test]
fn what_would_not_be_followed_by_commands_closes() {
    for line in ["POST / HTTP/1.1", "GET / HTTP/1.1", "BDAT 100 LAST"] {
        assert_eq!(play(&mut session(), &[(line, "502 5.5.1")]), Effect::Close);
    }
}

#[test]
fn a_refused_data_never_reads_content_as_commands() {
    assert_eq!(play(&mut session(), &[EHLO, ("DATA", "503")]), Effect::CloseIfTalking);
    let mut session = session();
    assert_eq!(play(&mut session, &[EHLO, MAIL, ("DATA", "554")]), Effect::CloseIfTalking);
    assert_eq!(session.not_begun(Refusal::DiskFull).1, Effect::CloseIfTalking);
}

#[test]
fn patience_with_mistakes_ends() {
    let mut session = session();
    for _ in 0..10 {
        play(&mut session, &[("XYZZY", "500")]);
    }
    assert_eq!(play(&mut session, &[("XYZZY", "421 4.7.0")]), Effect::Close);
}

#[test]
fn patience_with_guessing_addresses_ends() {
    let mut session = session();
    play(&mut session, &[EHLO, MAIL]);
    for n in 0..30 {
        assert!(say(&mut session, format!("RCPT TO:<guess{n}@relay.example>")).0.starts_with("550"));
    }
    assert_eq!(play(&mut session, &[("RCPT TO:<guess@relay.example>", "421 4.7.0")]), Effect::Close);
}

#[test]
fn a_session_has_so_many_commands_between_mails() {
    let mut config = config();
    config.limits.commands = 4;
    let mut session = session_with(config);
    play(&mut session, &[EHLO]);
    for _ in 0..3 {
        play(&mut session, &[MAIL, RCPT, ("DATA", "354")]);
        session.received(Ok("Q1".into()));
    }
    let script = [("NOOP", "250"), ("NOOP", "250"), ("NOOP", "250"), ("NOOP", "250"), ("NOOP", "421 4.7.0")];
    assert_eq!(play(&mut session, &script), Effect::Close);
}

#[test]
fn starttls_forgets_everything() {
    let mut config = config();
    config.tls = Some(super::secure::server_tls().0);
    let mut session = session_with(config);
    play(&mut session, &[("STARTTLS", "503 5.5.1"), EHLO, ("STARTTLS now", "501 5.5.4")]);
    assert!(say(&mut session, "EHLO a").0.contains("250-STARTTLS\r\n"));
    assert_eq!(play(&mut session, &[MAIL, RCPT, ("STARTTLS", "220 2.0.0")]), Effect::StartTls);
    session.tls_started(TlsInfo { version: "TLSv1.3".into(), cipher: "X".into() });
    play(&mut session, &[("DATA", "503"), (MAIL.0, "503"), EHLO, ("STARTTLS", "503")]);
    assert!(!say(&mut session, "EHLO a").0.contains("STARTTLS"));
}
