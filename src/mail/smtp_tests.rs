//! A mail server of a few lines, over TLS on loopback: what each of its answers does to a letter.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::super::{Mailer, Message, message::sample};
use super::*;

type Heard = Arc<Mutex<Vec<String>>>;

/// What the server does: how it encrypts, and which reply it has for a command.
#[derive(Clone, Copy)]
struct Script {
    tls: SmtpTls,
    offers_starttls: bool,
    name: &'static str,
    answer: (&'static str, &'static str),
}

const GOOD: Script =
    Script { tls: SmtpTls::Implicit, offers_starttls: true, name: "localhost", answer: ("", "") };

async fn serve(script: Script, credentials: bool) -> (Mailer, Heard) {
    let made = rcgen::generate_simple_self_signed(vec![script.name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let (acceptor, written) = (TlsAcceptor::from(Arc::new(config)), heard.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, acceptor.clone(), script, written.clone()));
        }
    });
    let smtp = Smtp::new(SmtpServer {
        host: "localhost".to_owned(),
        port,
        tls: script.tls,
        ca_pem: Some(made.cert.pem().into_bytes()),
        credentials: credentials.then(|| ("relay".to_owned(), Zeroizing::new("word".to_owned()))),
        hello: "relay.example".to_owned(),
    });
    (Mailer::Smtp(Box::new(smtp.unwrap())), heard)
}

async fn converse(stream: TcpStream, acceptor: TlsAcceptor, script: Script, heard: Heard) {
    if script.tls == SmtpTls::Implicit {
        if let Ok(stream) = acceptor.accept(stream).await {
            talk(stream, script, &heard, true).await;
        }
    } else if let Some(stream) = talk(stream, script, &heard, true).await
        && let Ok(stream) = acceptor.accept(stream).await
    {
        talk(stream, script, &heard, false).await;
    }
}

/// Answers commands; gives the stream back after STARTTLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    script: Script,
    heard: &Heard,
    greet: bool,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    if greet {
        stream.write_all(b"220 mail.example\r\n").await.ok()?;
    }
    let mut data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        heard.lock().unwrap().push(line.to_owned());
        let verb = if data && line != "." { continue } else { line.split([' ', ':']).next().unwrap_or("") };
        data = verb == "DATA" && script.answer.0 != "DATA";
        let reply = match verb {
            verb if verb == script.answer.0 => script.answer.1,
            "EHLO" if script.offers_starttls => "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
            "EHLO" => "250 mail.example",
            "STARTTLS" => "220 go ahead",
            "AUTH" => "235 welcome",
            "DATA" => "354 go ahead",
            "QUIT" => "221 bye",
            _ => "250 2.0.0 yes",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if verb == "STARTTLS" {
            return Some(stream.into_inner());
        }
    }
}

#[tokio::test]
async fn a_letter_goes_out_encrypted_both_ways_with_a_null_return_path() {
    for tls in [SmtpTls::Implicit, SmtpTls::StartTls] {
        let (mailer, heard) = serve(Script { tls, ..GOOD }, true).await;
        mailer.check().await.unwrap();
        heard.lock().unwrap().clear();
        assert_eq!(mailer.send(&sample()).await, SendOutcome::sent("250"), "{tls:?}");
        let heard = heard.lock().unwrap();
        assert!(heard.contains(&"MAIL FROM:<>".to_owned()), "{heard:?}");
        assert!(heard.contains(&"RCPT TO:<duty@line.example>".to_owned()), "{heard:?}");
        assert!(heard.contains(&"Auto-Submitted: auto-generated".to_owned()), "{heard:?}");
        assert!(heard.contains(&"..".to_owned()), "a line with a dot alone does not end the letter");
    }
}

#[tokio::test]
async fn what_the_server_answers_decides_what_becomes_of_the_letter() {
    for (verb, reply, expected) in [
        ("RCPT", "550 5.1.1 no such mailbox", SendOutcome::permanent("550")),
        ("RCPT", "450 4.2.0 greylisted", SendOutcome::temporary("450")),
        ("RCPT", "552 5.2.2 mailbox full", SendOutcome::temporary("552")),
        ("MAIL", "530 5.7.0 sign in first", SendOutcome::temporary("530")),
        ("DATA", "554 5.7.1 not wanted", SendOutcome::permanent("554")),
        (".", "451 4.3.0 try later", SendOutcome::temporary("451")),
        ("AUTH", "535 5.7.8 wrong password", SendOutcome::temporary("535")),
        ("EHLO", "554 5.7.1 you are on a list", SendOutcome::temporary("554")),
        ("RCPT", "what", SendOutcome::temporary("not-understood")),
        ("QUIT", "500 never heard of it", SendOutcome::sent("250")),
    ] {
        let (mailer, _) = serve(Script { answer: (verb, reply), ..GOOD }, true).await;
        assert_eq!(mailer.send(&sample()).await, expected, "{verb} {reply}");
    }
}

#[tokio::test]
async fn nothing_is_said_in_clear_or_to_somebody_else() {
    let bare = Script { tls: SmtpTls::StartTls, offers_starttls: false, ..GOOD };
    let (mailer, heard) = serve(bare, true).await;
    assert_eq!(mailer.send(&sample()).await, SendOutcome::temporary("not-offered"));
    assert!(heard.lock().unwrap().iter().all(|line| !line.starts_with("AUTH") && !line.starts_with("MAIL")));

    for tls in [SmtpTls::Implicit, SmtpTls::StartTls] {
        let (mailer, heard) = serve(Script { tls, name: "other.example", ..GOOD }, true).await;
        assert!(matches!(mailer.send(&sample()).await, SendOutcome::Temporary { .. }), "wrong name, {tls:?}");
        assert!(heard.lock().unwrap().iter().all(|line| !line.starts_with("MAIL")));
    }

    let (mailer, heard) = serve(GOOD, false).await;
    let Mailer::Smtp(mut smtp) = mailer else { panic!("an SMTP mailer") };
    let server =
        SmtpServer { ca_pem: None, credentials: None, hello: "relay.example".to_owned(), ..smtp.server };
    smtp = Box::new(Smtp::new(server).unwrap());
    let outcome = Mailer::Smtp(smtp).send(&sample()).await;
    assert!(matches!(outcome, SendOutcome::Temporary { .. }), "a certificate of nobody we know: {outcome:?}");
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_and_doctor_says_so() {
    let (mailer, _) = serve(GOOD, false).await;
    let Mailer::Smtp(smtp) = mailer else { panic!("an SMTP mailer") };
    let closed = TcpListener::bind("localhost:0").await.unwrap().local_addr().unwrap().port();
    let mailer = Mailer::Smtp(Box::new(Smtp::new(SmtpServer { port: closed, ..smtp.server }).unwrap()));
    let message: Message = sample();
    assert_eq!(mailer.send(&message).await, SendOutcome::temporary("connection"));
    assert!(matches!(mailer.check().await, Err(MailError::Server(_))));
}

#[test]
fn a_certificate_file_without_a_certificate_is_refused() {
    let server = SmtpServer {
        host: "mail.example".to_owned(),
        port: 465,
        tls: SmtpTls::Implicit,
        ca_pem: Some(b"nothing of the kind".to_vec()),
        credentials: None,
        hello: "relay.example".to_owned(),
    };
    assert!(matches!(Smtp::new(server), Err(MailError::NoCertificate)));
}
