//! Automatic certificates (ACME, RFC 8555): the relay gets its own, and another when a third of the life of
//! the one in use is left.
//!
//! Names are proven by tls-alpn-01 (RFC 8737): the directory connects to the web door itself and is shown a
//! certificate made for its question, so nothing but the port that people use anyway has to be open. Until
//! the first certificate is there the door answers such questions only; every other handshake fails, and
//! people are served from the moment that it comes.
//!
//! A failure (nobody answers, a name does not lead here, the directory refuses) is one line in the log; the
//! next attempt comes after a delay that grows (`schedule`), because directories count failures. The
//! certificate in use stays in use meanwhile. Account and certificate lie in a folder ([`folder`]) that is
//! only ever changed by whole files, so a crash at any moment costs at most one certificate that was issued
//! and not kept.

pub mod folder;
mod order;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{Account, AccountBuilder, NewAccount};
use tokio::sync::watch as signal;
use tokio::time::{sleep, timeout};

use self::folder::Folder;
use self::order::order;
use super::pair::{Pair, PairError};
use super::resolver::Resolver;
use crate::clock::Clock;
use crate::config;
use crate::domain::time::Instant;

/// Longest time for one order, from the first question to the certificate.
const ORDER_TIME: Duration = Duration::from_secs(120);
/// Longest sleep before the clock is looked at again, in case it was set meanwhile.
const NAP: Duration = Duration::from_secs(60 * 60);

/// Why there is no new certificate. For the log; no name of a person is in it.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The directory, or the way to it.
    #[error("the directory: {0}")]
    Directory(String),
    /// The directory does not know our account any more.
    #[error("the directory does not know our account any more")]
    NoAccount,
    /// It wants a proof that we do not give.
    #[error("{0} cannot be proven: the directory does not offer tls-alpn-01")]
    NoChallenge(String),
    /// It asked and did not like the answer.
    #[error("{0}")]
    NotProven(String),
    /// It takes too long.
    #[error("no certificate within {} seconds", ORDER_TIME.as_secs())]
    Slow,
    /// What came is no certificate for us.
    #[error("what the directory issued cannot be used: {0}")]
    Pair(#[from] PairError),
    /// What came is for other names.
    #[error("what the directory issued is not for {0}")]
    OtherName(String),
    /// What came is due for renewal at once.
    #[error("what the directory issued is to be renewed already: is this machine's clock right?")]
    AlreadyDue,
    /// The answer to the directory's question cannot be made.
    #[error("the answer to the directory cannot be made: {0}")]
    Answer(String),
    /// The folder.
    #[error("the folder of automatic certificates: {0}")]
    Folder(#[from] std::io::Error),
}

impl From<instant_acme::Error> for AcmeError {
    fn from(error: instant_acme::Error) -> Self {
        const GONE: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
        if let instant_acme::Error::Api(problem) = &error
            && problem.r#type.as_deref() == Some(GONE)
        {
            return AcmeError::NoAccount;
        }
        AcmeError::Directory(with_causes(&error))
    }
}

/// An error with what caused it: "client error" alone helps nobody.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

/// Keeps one certificate fresh.
pub struct Keeper {
    settings: config::Acme,
    folder: Folder,
    names: Vec<String>,
    clock: Clock,
    resolver: Arc<Resolver>,
}

impl Keeper {
    /// Shows the certificate that the folder holds, if it holds one. Asks nobody yet.
    pub fn open(settings: &config::Acme, names: Vec<String>, clock: Clock) -> Self {
        let folder = Folder::of(settings);
        let resolver = Arc::new(Resolver::default());
        match folder.pair() {
            Ok(Some(pair)) => resolver.show(pair),
            Ok(None) => tracing::info!("there is no certificate yet: the first one is asked for"),
            Err(why) => tracing::warn!(cause = %why, "the kept certificate is no use: another is asked for"),
        }
        Self { settings: settings.clone(), folder, names, clock, resolver }
    }

    /// Where the certificate is shown.
    pub fn resolver(&self) -> Arc<Resolver> {
        self.resolver.clone()
    }

    /// When another certificate is wanted: at once where there is none for all names.
    fn due(&self) -> Instant {
        match self.resolver.current() {
            Some(pair) if pair.lacks(&self.names).is_empty() => pair.due(),
            _ => Instant::from_micros(i64::MIN),
        }
    }

    /// Runs until the signal.
    pub async fn run(self, mut stop: signal::Receiver<bool>) {
        tokio::select! {
            () = self.keep_fresh() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn keep_fresh(&self) {
        let mut failures = 0;
        let mut not_before = Instant::from_micros(i64::MIN);
        loop {
            let at = self.due().max(not_before);
            let now = self.clock.now();
            if now < at {
                let micros = at.micros().saturating_sub(now.micros()).unsigned_abs();
                sleep(Duration::from_micros(micros).min(NAP)).await;
                continue;
            }
            failures = match self.renew().await {
                Ok(()) => 0,
                Err(why) => {
                    let again = schedule::delay(failures + 1);
                    not_before = self.clock.now().plus(again);
                    let next = not_before.for_people();
                    tracing::warn!(cause = %why, failures = failures + 1, next, "no new certificate");
                    failures + 1
                }
            };
        }
    }

    /// One attempt. With an account that the directory forgot, a second one with a new account.
    async fn renew(&self) -> Result<(), AcmeError> {
        match self.attempt().await {
            Err(AcmeError::NoAccount) => {
                tracing::warn!("the directory does not know our account any more: another is made");
                self.folder.forget_account()?;
                self.attempt().await
            }
            done => done,
        }
    }

    async fn attempt(&self) -> Result<(), AcmeError> {
        let ordered = async { order(&self.account().await?, &self.names, &self.resolver).await };
        let pem = timeout(ORDER_TIME, ordered).await.map_err(|_| AcmeError::Slow)??;
        let pair = Pair::from_pem(pem.as_bytes(), pem.as_bytes(), &self.folder.files())?;
        if let Some(name) = pair.lacks(&self.names).first() {
            return Err(AcmeError::OtherName((*name).to_owned()));
        }
        self.folder.keep_pair(pem.as_bytes())?;
        let due = pair.due() <= self.clock.now();
        tracing::info!(until = pair.until.for_people(), "a new certificate is in use");
        self.resolver.show(pair);
        if due { Err(AcmeError::AlreadyDue) } else { Ok(()) }
    }

    async fn account(&self) -> Result<Account, AcmeError> {
        if let Some(credentials) = self.folder.account()? {
            return Ok(self.asking()?.from_credentials(credentials).await?);
        }
        let contact = format!("mailto:{}", self.settings.contact);
        let account =
            NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
        let directory = self.settings.directory.clone();
        let (account, credentials) = self.asking()?.create(&account, directory, None).await?;
        self.folder.keep_account(&credentials)?;
        Ok(account)
    }

    fn asking(&self) -> Result<AccountBuilder, AcmeError> {
        Ok(match &self.settings.ca_file {
            Some(file) => Account::builder_with_root(file)?,
            None => Account::builder()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A keeper whose directory nobody answers for, and who trusts what the system trusts.
    fn keeper(folder: &std::path::Path) -> Keeper {
        let settings = config::Acme {
            directory: "https://127.0.0.1:1/directory".to_owned(),
            contact: "machines@relay.example".to_owned(),
            folder: folder.to_owned(),
            ca_file: None,
        };
        Keeper::open(&settings, vec!["relay.example".to_owned()], Clock::System)
    }

    #[tokio::test]
    async fn a_directory_that_nobody_answers_for_is_said_with_its_cause_and_a_stop_is_not_held_up() {
        let dir = tempfile::TempDir::new().unwrap();
        let keeper = keeper(dir.path());
        let said = keeper.attempt().await.unwrap_err().to_string();
        assert!(said.starts_with("the directory: ") && said.contains("refused"), "{said}");
        assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none(), "nothing is kept of a failure");
        let (stop, stopped) = signal::channel(false);
        let running = tokio::spawn(keeper.run(stopped));
        sleep(Duration::from_millis(50)).await;
        stop.send(true).unwrap();
        timeout(Duration::from_secs(5), running).await.expect("it ends").unwrap();
    }

    #[tokio::test]
    async fn a_certificate_for_all_names_is_wanted_at_once_and_its_successor_when_it_is_due() {
        let dir = tempfile::TempDir::new().unwrap();
        let mut keeper = keeper(dir.path());
        let at_once = Instant::from_micros(i64::MIN);
        assert_eq!(keeper.due(), at_once, "there is none");
        let made = rcgen::generate_simple_self_signed(vec!["relay.example".to_owned()]).unwrap();
        let pem = format!("{}{}", made.signing_key.serialize_pem(), made.cert.pem());
        keeper.folder.keep_pair(pem.as_bytes()).unwrap();
        keeper = Keeper::open(&keeper.settings, keeper.names.clone(), Clock::System);
        assert_eq!(keeper.due(), keeper.resolver.current().unwrap().due());
        keeper.names.push("duty.example".to_owned());
        assert_eq!(keeper.due(), at_once, "it is not for every name");
        let forgotten = instant_acme::Problem {
            r#type: Some("urn:ietf:params:acme:error:accountDoesNotExist".to_owned()),
            detail: None,
            status: Some(400),
            subproblems: Vec::new(),
        };
        assert!(matches!(AcmeError::from(instant_acme::Error::Api(forgotten)), AcmeError::NoAccount));
    }
}
