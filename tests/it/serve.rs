//! `dutyline serve` as an operator meets it: set up by the commands, started as a child process, used
//! by both doors, its letters sent over verified TLS, stopped; and every refusal to start.

use std::fs;
use std::net::TcpListener as Probe;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::Connection as _;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::child::{Child, Visitor, sealed_mail, send_mail};
use crate::stories::by_mail::document_of_today;
use crate::support::{Database, Engine};

/// How often, 100 ms apart, something is looked for before it counts as missing.
const LOOKS: u32 = 300;

/// What a line's notice is called.
const NOTICE: &str = "Subject: A referral is waiting";

/// Letters as the mail server that `serve` is configured with took them, over TLS only.
type Letters = Arc<Mutex<Vec<String>>>;

/// A mail server with a certificate for `localhost`, written to `ca`; gives its port.
async fn mail_server(ca: &Path) -> (u16, Letters) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    fs::write(ca, made.cert.pem()).expect("writes");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)
        })
        .expect("TLS");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let letters = Letters::default();
    let taken = letters.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, taken) = (acceptor.clone(), taken.clone());
            tokio::spawn(async move { converse(acceptor.accept(stream).await.ok()?, &taken).await });
        }
    });
    (port, letters)
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, taken: &Letters) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example\r\n").await.ok()?;
    let (mut letter, mut data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        letter.push_str(&line);
        let ends = data && line == ".\r\n";
        if ends {
            taken.lock().expect("held").push(std::mem::take(&mut letter));
        }
        if data && !ends {
            continue;
        }
        data = line.starts_with("DATA");
        let reply = if data { "354 go ahead\r\n" } else { "250 2.0.0 yes\r\n" };
        stream.write_all(reply.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
    }
}

/// A letter of which every one of `words` is part; waits for it.
async fn letter_with(letters: &Letters, words: &[&str]) -> String {
    for _ in 0..LOOKS {
        let found =
            letters.lock().expect("held").iter().find(|l| words.iter().all(|w| l.contains(w))).cloned();
        if let Some(letter) = found {
            return letter;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter with {words:?} among {:?}", letters.lock().expect("held"))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    Probe::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a port").port()
}

/// A machine set up by the commands alone: keys, configuration, database.
pub struct Machine {
    database: Database,
    pub web: u16,
    smtp: u16,
}

impl Machine {
    pub async fn on(engine: Engine) -> Self {
        let machine = Self { database: Database::fresh(engine).await, web: free_port(), smtp: free_port() };
        let (keys, recovery) = (machine.text("keys"), machine.text("recovery.txt"));
        machine.run(&["keys", "new", "--dir", &keys, "--recovery-out", &recovery]).expect("keys");
        fs::remove_file(machine.path("recovery.txt")).expect("is taken offline");
        machine.configure(1);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.database.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes `dutyline.toml`; letters go to the server on `mail_port`.
    fn configure(&self, mail_port: u16) {
        let Self { web, smtp, database } = self;
        let ca = if self.path("ca.pem").exists() { "ca_file = 'ca.pem'" } else { "" };
        let text = format!(
            "keys_dir = 'keys'\n[web]\nlisten = '127.0.0.1:{web}'\nbase_url = 'http://127.0.0.1:{web}'\n\
             [smtp]\nlisten = '127.0.0.1:{smtp}'\nhostname = 'relay.example'\n\
             addresses = ['referrals@dutyline.example']\n[database]\nurl = '{}'\n\
             [mail]\nhost = 'localhost'\nport = {mail_port}\ntls = 'implicit'\n{ca}\nfrom = 'dutyline@relay.example'\n\
             [trail]\norigin = 'relay.example/log'\ncheckpoint_file = 'last-checkpoint.txt'\n\
             [service]\nname = 'Duty lines'\nsocial_care = '01632 960000'\n",
            database.url
        );
        fs::write(self.path("dutyline.toml"), text).expect("writes");
    }

    /// Runs a command; its output, or what it said against it.
    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let done = Command::new(env!("CARGO_BIN_EXE_dutyline")).args(arguments).stdin(Stdio::null()).output();
        let done = done.expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if done.status.success() {
            Ok(text(&done.stdout))
        } else {
            Err(text(&done.stderr) + &text(&done.stdout))
        }
    }

    /// Runs a command on this machine's configuration.
    pub fn done(&self, arguments: &[&str]) -> String {
        let config = self.text("dutyline.toml");
        self.run(&[arguments, &["--config", &config]].concat())
            .unwrap_or_else(|why| panic!("{arguments:?}: {why}"))
    }

    /// One setting with a practitioner, one service with a duty person.
    pub fn people(&self) {
        self.done(&["migrate"]);
        self.done(&["localities", "load", concat!(env!("CARGO_MANIFEST_DIR"), "/data/kent_localities.toml")]);
        self.done(&[
            "organisations",
            "add",
            "--kind",
            "setting",
            "--name",
            "Meadow Nursery",
            "--urn",
            "EY123456",
        ]);
        self.done(&["organisations", "add", "--kind", "service", "--name", "Health visiting"]);
        let add = ["people", "add", "--name", "Jo Sample", "--role", "practitioner", "--urn", "EY123456"];
        self.done(&[&add[..], &["--email", "jo@setting1.example"]].concat());
        let add =
            ["people", "add", "--name", "Sam Nurse", "--role", "duty", "--organisation", "Health visiting"];
        self.done(&[&add[..], &["--email", "sam@health.example", "--locality", "canterbury"]].concat());
    }

    /// The service as a child process, ready; killed when dropped.
    pub fn serve(&self) -> Served {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("log.txt")).expect("log");
        let process = Command::new(env!("CARGO_BIN_EXE_dutyline"))
            .args(["serve", "--config", &self.text("dutyline.toml")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("starts");
        let served = Served(process);
        let visitor = Visitor::new(self.web);
        for _ in 0..LOOKS {
            if visitor.get("/readyz").is_some_and(|answer| answer.status == 200) {
                return served;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("not ready: {}", fs::read_to_string(self.path("log.txt")).unwrap_or_default());
    }

    /// What `serve` says when it does not start.
    fn refusal(&self) -> String {
        let config = self.text("dutyline.toml");
        self.run(&["serve", "--config", &config]).expect_err("it does not start")
    }

    /// Signs in by a link from the command line, which then works no more.
    fn signed_in(&self, email: &str) -> Visitor {
        let link = self.done(&["people", "link", email]);
        let path =
            link.trim().strip_prefix(&format!("http://127.0.0.1:{}", self.web)).expect("ours").to_owned();
        let visitor = Visitor::by_link(self.web, &path).expect("signs in");
        assert!(Visitor::by_link(self.web, &path).is_none(), "a link works once");
        visitor
    }

    async fn sql(&self, statement: &'static str) {
        let mut conn = sqlx::SqliteConnection::connect(&self.database.url).await.expect("connects");
        sqlx::raw_sql(statement).execute(&mut conn).await.expect("runs");
        conn.close().await.expect("closes");
    }
}

/// A running service.
pub struct Served(Process);

impl Served {
    /// SIGTERM; it finishes what it does and ends well.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.0.id().to_string()).status().expect("kill runs");
        assert!(told.success() && self.0.wait().expect("ends").success(), "a graceful stop ends well");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The setting's mail is taken, placed, answered; the nurse sees it; the mailbox that was confirmed
/// meanwhile gets the second notice and did not get the first.
async fn a_service_does_its_job(engine: Engine) {
    let machine = Machine::on(engine).await;
    let (port, letters) = mail_server(&machine.path("ca.pem")).await;
    machine.configure(port);
    machine.people();
    let shown = machine.run(&["keys", "show", "--dir", &machine.text("keys")]).expect("shows");
    let classic = shown.lines().find_map(|line| line.strip_prefix("classic recipient: ")).expect("a key");
    fs::write(machine.path("relay-key.txt"), classic).expect("writes");
    let served = machine.serve();

    let first = send(&machine, "first");
    assert!(first.starts_with("250"), "{first}");
    let answer = letter_with(&letters, &["Subject: Your referral was received", "jo@setting1.example"]).await;
    assert!(!answer.contains("Aoife"), "{answer}");
    let nurse = machine.signed_in("sam@health.example");
    let inbox = nurse.get("/inbox").expect("answers");
    assert!(inbox.status == 200 && inbox.body.contains("Meadow Nursery"), "{}", inbox.body);
    assert_eq!(machine.signed_in("jo@setting1.example").get("/inbox").expect("answers").status, 404);

    let healthy = machine.done(&["doctor"]);
    assert!(healthy.ends_with("ok\n"), "{healthy}");
    machine.done(&["localities", "test-mailbox", "canterbury"]);
    let notice = letter_with(&letters, &["/confirm-mailbox/"]).await;
    assert!(letters.lock().expect("held").iter().all(|letter| !letter.contains(NOTICE)));
    let token: String = notice
        .replace("=\r\n", "")
        .split("/confirm-mailbox/")
        .nth(1)
        .expect("a link")
        .chars()
        .take(64)
        .collect();
    let clicked = Visitor::new(machine.web).post(&format!("/confirm-mailbox/{token}"), &[]).expect("answers");
    assert_eq!(clicked.status, 200, "{}", clicked.body);
    assert!(send(&machine, "second").starts_with("250"));
    letter_with(&letters, &[NOTICE]).await;

    let door = Visitor::new(machine.web).post("/sign-in/demo", &[("person", "x")]).expect("answers");
    assert_eq!((door.status, nurse.get("/demo/mail").expect("answers").status), (404, 404), "no demo doors");
    served.stop();
    let verified = machine.done(&["audit", "verify"]);
    assert!(verified.starts_with("ok "), "{verified}");
    fs::remove_file(machine.path("ca.pem")).expect("nobody vouches for the mail server any more");
    machine.configure(port);
    let doctor = machine.run(&["doctor", "--config", &machine.text("dutyline.toml")]).expect_err("a finding");
    assert!(
        doctor.contains("- mail: the mail server cannot be used") && doctor.contains("1 thing is wrong"),
        "{doctor}"
    );
}

fn send(machine: &Machine, id: &str) -> String {
    let value = document_of_today(id);
    let message = sealed_mail(machine.database.folder.path(), "jo@setting1.example", &value);
    send_mail(machine.smtp, "jo@setting1.example", &message).expect("is answered")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_sqlite_does_its_job() {
    a_service_does_its_job(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_postgresql_does_its_job() {
    a_service_does_its_job(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_set_is_refused() {
    let machine = Machine::on(Engine::Sqlite).await;
    machine.serve().stop();
    fs::rename(machine.path("keys"), machine.path("old-keys")).expect("moves");
    let (keys, recovery) = (machine.text("keys"), machine.text("second.txt"));
    machine.run(&["keys", "new", "--dir", &keys, "--recovery-out", &recovery]).expect("keys");
    let said = machine.refusal();
    assert!(said.contains("this database was sealed with the key set"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused() {
    let machine = Machine::on(Engine::Sqlite).await;
    machine.done(&["migrate"]);
    machine
        .sql("INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1")
        .await;
    let said = machine.refusal();
    assert!(
        said.contains("the database has schema 9999") && said.contains("start a newer dutyline"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_said() {
    let mut machine = Machine::on(Engine::Sqlite).await;
    machine.database.url = format!("postgres://nobody@127.0.0.1:{}/none", free_port());
    machine.configure(1);
    let said = machine.refusal();
    assert!(said.contains("the database cannot be used now"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_and_a_rewritten_trail_are_refused() {
    let machine = Machine::on(Engine::Sqlite).await;
    machine.done(&["migrate"]);
    fs::copy(machine.path("dutyline.db"), machine.path("older.db")).expect("copies");
    machine.serve().stop();
    fs::rename(machine.path("dutyline.db"), machine.path("newer.db")).expect("moves");
    fs::copy(machine.path("older.db"), machine.path("dutyline.db")).expect("copies");
    let said = machine.refusal();
    assert!(said.contains("an older database was put in its place"), "{said}");
    fs::rename(machine.path("newer.db"), machine.path("dutyline.db")).expect("moves");
    machine.sql("UPDATE audit_event SET leaf = zeroblob(32) WHERE seq = 0").await;
    fs::remove_file(machine.path("last-checkpoint.txt.edge")).expect("there");
    let said = machine.refusal();
    assert!(said.contains("it was rewritten. It is not signed and not served."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_said() {
    let machine = Machine::on(Engine::Sqlite).await;
    let taken = Probe::bind(("127.0.0.1", machine.web)).expect("binds");
    let said = machine.refusal();
    assert!(said.contains(&format!("127.0.0.1:{}", machine.web)), "{said}");
    drop(taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_and_a_service_do_not_open_each_others_database() {
    let mut machine = Machine::on(Engine::Sqlite).await;
    machine.serve().stop();
    let folder = machine.text("");
    let said =
        machine.run(&["demo", "--port", "0", "--smtp-port", "0", "--data", &folder]).expect_err("refused");
    assert!(said.contains("a relay that is not a demo's"), "{said}");
    let demo = machine.path("demo");
    Child::start(&demo).stop();
    machine.database.url = format!("sqlite:{}", demo.join("dutyline.db").display());
    fs::remove_dir_all(machine.path("keys")).expect("goes");
    fs::rename(demo.join("keys"), machine.path("keys")).expect("moves");
    machine.configure(1);
    let said = machine.refusal();
    assert!(said.contains("this database is a demo's; it is not served"), "{said}");
}
