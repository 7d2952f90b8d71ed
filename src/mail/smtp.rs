//! Handing a letter to a mail server, over TLS that is always there and always verified.
//!
//! Implicit TLS (RFC 8314) is the first choice: with STARTTLS somebody on the line can slip replies
//! in before the encryption begins, as lettre keeps what it has read ahead.
//!
//! One connection for each letter. A pool would hide at which step a server said no, and that is what
//! tells a wrong password (ours to mend: try again) from a mailbox that does not exist (never again).

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{MailError, SendOutcome};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);
/// Longest attempt, from connecting to the last reply; far less than a letter's lease of 5 minutes.
const WHOLE: Duration = Duration::from_secs(60);
/// Longest wait for the server's goodbye, when the letter is already with it.
const GOODBYE: Duration = Duration::from_secs(2);

/// Replies after which trying again does not help: no such mailbox (550, 551, 553), this letter or
/// this domain is not taken (554, 556). A full mailbox (552) may be emptied (RFC 5321 section
/// 4.5.3.1.10), and every other 5xx speaks of our commands or our sign-in, which an operator mends.
const FOR_GOOD: [u16; 5] = [550, 551, 553, 554, 556];

/// How the connection is encrypted. There is no unencrypted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte; port 465 as a rule.
    Implicit,
    /// After STARTTLS, without which nothing is sent; port 587 as a rule.
    StartTls,
}

/// The server that takes our mail. No `Debug`: it holds a password.
pub struct SmtpServer {
    /// Its name, which its certificate has to have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// The only certificates (PEM) that are then trusted; without, the machine's own.
    pub ca_pem: Option<Vec<u8>>,
    /// User name and password, if it wants them.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// What we call ourselves in EHLO.
    pub hello: String,
}

/// A way to a mail server.
pub struct Smtp {
    server: SmtpServer,
    parameters: TlsParameters,
    hello: ClientId,
}

type SmtpError = lettre::transport::smtp::Error;

impl Smtp {
    /// Sets the way up; connects to nothing yet.
    ///
    /// # Errors
    /// [`MailError::Tls`] or [`MailError::NoCertificate`] when the certificate file cannot be used.
    pub fn new(server: SmtpServer) -> Result<Self, MailError> {
        let mut tls = TlsParametersBuilder::new(server.host.clone());
        if let Some(pem) = &server.ca_pem {
            if !pem.windows(27).any(|text| text == b"-----BEGIN CERTIFICATE-----") {
                return Err(MailError::NoCertificate);
            }
            let certificate = Certificate::from_pem(pem).map_err(MailError::Tls)?;
            tls = tls.certificate_store(CertificateStore::None).add_root_certificate(certificate);
        }
        let parameters = tls.build().map_err(MailError::Tls)?;
        let hello = ClientId::Domain(server.hello.clone());
        Ok(Self { server, parameters, hello })
    }

    pub(super) async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> SendOutcome {
        match timeout(WHOLE, self.converse(envelope, bytes)).await {
            Err(_) => SendOutcome::temporary("timeout"),
            Ok(Err(error)) => {
                tracing::warn!(host = %self.server.host, %error, "the mail server cannot be used");
                SendOutcome::temporary(code(&error))
            }
            Ok(Ok((connection, answered))) => {
                goodbye(connection).await;
                outcome(answered)
            }
        }
    }

    pub(super) async fn check(&self) -> Result<(), MailError> {
        match timeout(WHOLE, self.connect()).await {
            Err(_) => Err(MailError::Server("it does not answer in time".to_owned())),
            Ok(Err(error)) => Err(MailError::Server(error.to_string())),
            Ok(Ok(connection)) => {
                goodbye(connection).await;
                Ok(())
            }
        }
    }

    /// The outer error comes before the letter was offered, the inner result is the letter's own.
    async fn converse(
        &self,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Result<(AsyncSmtpConnection, Result<Response, SmtpError>), SmtpError> {
        let mut connection = self.connect().await?;
        let answered = connection.send(envelope, bytes).await;
        Ok((connection, answered))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let at = (self.server.host.as_str(), self.server.port);
        let implicit = (self.server.tls == SmtpTls::Implicit).then(|| self.parameters.clone());
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(at, Some(CONNECT), &self.hello, implicit, None).await?;
        if self.server.tls == SmtpTls::StartTls {
            connection.starttls(self.parameters.clone(), &self.hello).await?;
        }
        if let Some((user, password)) = &self.server.credentials {
            let credentials = Credentials::new(user.clone(), password.as_str().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        Ok(connection)
    }
}

async fn goodbye(mut connection: AsyncSmtpConnection) {
    if !connection.has_broken() {
        // What the server says to QUIT changes nothing any more.
        let _ = timeout(GOODBYE, connection.quit()).await;
    }
}

/// The letter's fate. The server's words are not logged: they often repeat the recipient's address.
fn outcome(answered: Result<Response, SmtpError>) -> SendOutcome {
    match answered {
        Ok(response) => SendOutcome::sent(response.code().to_string()),
        Err(error) => match error.status() {
            Some(status) if FOR_GOOD.contains(&u16::from(status)) => SendOutcome::permanent(code(&error)),
            _ => SendOutcome::temporary(code(&error)),
        },
    }
}

/// The reply code, or one word for what happened to the connection.
fn code(error: &SmtpError) -> String {
    match error.status() {
        Some(status) => status.to_string(),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_tls() => "tls".to_owned(),
        None if error.is_client() => "not-offered".to_owned(),
        None if error.is_response() => "not-understood".to_owned(),
        None => "connection".to_owned(),
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
