//! `dutyline serve` for one journey: set up by the commands as an operator does it, in a fresh folder, on
//! this machine's own address, its letters caught by [`Letters`].
//!
//! Who is there: Pat Manager of Meadow Nursery; Sam Nurse and Lee Lead of the Canterbury line; Alex Admin.
//! Each has an address ([`Served::MANAGER`] and so on) and nothing yet to sign in with.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::demo::{beside_the_tests, change, fresh_folder};
use crate::{Letters, Provider};

/// The provider's secret for us.
const SECRET: &str = "made-up-secret-of-the-test-client\n";
/// How often the service is asked whether it is ready, and how many times.
const POLL: Duration = Duration::from_millis(50);
const LOOKS: u32 = 1200;
/// How often a port is asked for.
const TRIES: u32 = 3;

/// A running `dutyline serve`.
pub struct Served {
    child: Child,
    folder: PathBuf,
    /// Its address, such as `http://localhost:41234`.
    pub web: String,
    /// What it mailed.
    pub letters: Letters,
    /// The identity provider, if there is one.
    pub provider: Option<Provider>,
}

/// Everything but the running program.
struct Machine {
    folder: PathBuf,
    port: u16,
}

impl Served {
    /// The manager of the setting.
    pub const MANAGER: &str = "pat@meadow.example";
    /// A duty practitioner of the line.
    pub const NURSE: &str = "sam@health.example";
    /// The lead of the line.
    pub const LEAD: &str = "lee@health.example";
    /// An administrator.
    pub const ADMINISTRATOR: &str = "alex@health.example";

    /// Sets it up and starts it.
    ///
    /// # Panics
    /// When a command fails, or it does not become ready.
    pub fn start() -> Self {
        Self::with("")
    }

    /// The same with an identity provider. `rule` is what stands in `[[sign_in.providers.people]]`; empty
    /// for no provider.
    ///
    /// # Panics
    /// As [`Served::start`], and when the provider does not start.
    pub fn with(rule: &str) -> Self {
        let mut said = String::new();
        for _ in 0..TRIES {
            match Self::try_with(rule) {
                Ok(served) => return served,
                Err(why) => said = why,
            }
        }
        panic!("the service is not ready: {said}")
    }

    /// One try; what the service said against it, such as that somebody was quicker to take the port.
    fn try_with(rule: &str) -> Result<Self, String> {
        let machine = Machine::new();
        let web = machine.web();
        let letters = Letters::serve(&machine.folder.join("ca.pem"));
        let provider = (!rule.is_empty()).then(|| Provider::start(&web));
        let more = provider.as_ref().map(|one| one.settings(rule)).unwrap_or_default();
        machine.configure(letters.port, &more);
        machine.people();
        match machine.serve() {
            Ok(child) => Ok(Self { child, folder: machine.folder, web, letters, provider }),
            Err(why) => {
                let _ = fs::remove_dir_all(&machine.folder);
                Err(why)
            }
        }
    }

    /// The path of a sign-in link that the command prints for somebody, which works once.
    ///
    /// # Panics
    /// When the command fails.
    pub fn link(&self, email: &str) -> String {
        let link = run(&self.folder, &["people", "link", email]);
        link.strip_prefix(&self.web).expect("a link to this relay").to_owned()
    }

    /// The path of the page that a letter to this address leads to; waits for the letter.
    ///
    /// # Panics
    /// When none comes, or it leads nowhere.
    pub fn mailed_path(&self, email: &str, start: &str) -> String {
        let letter = self.letters.take(email, &format!("{}{start}", self.web));
        let rest = letter.split(&self.web).nth(1).expect("a link");
        rest.split_whitespace().next().expect("a path").to_owned()
    }

    /// The code that was mailed to this address; waits for the letter.
    ///
    /// # Panics
    /// When none comes, or it has no code.
    pub fn mailed_code(&self, email: &str) -> String {
        let letter = self.letters.take(email, "Your code is");
        let code = letter.lines().find(|line| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit()));
        code.expect("six digits on a line of their own").to_owned()
    }

    /// What a mail filter does with a link: asks for the page, and reads no more than that. The status.
    ///
    /// # Panics
    /// When the relay does not answer.
    pub fn scanned(&self, path: &str) -> String {
        asked(&self.web, path).expect("the relay answers")
    }

    /// Lets so many minutes pass for everything that grows old, as if they had passed while nobody looked.
    ///
    /// # Panics
    /// When the database cannot be changed.
    pub fn later(&self, minutes: u64) {
        let time = minutes * 60 * 1_000_000;
        for set in [
            "session SET checked_at = checked_at - TIME WHERE checked_at > 0",
            "session SET created_at = created_at - TIME",
            "sign_in_link SET ends_at = ends_at - TIME",
        ] {
            let statement = format!("UPDATE {}", set.replace("TIME", &time.to_string()));
            change(&self.folder.join("dutyline.db"), &statement);
        }
    }
}

impl Machine {
    /// Keys in a fresh folder, and a port that was free a moment ago.
    fn new() -> Self {
        let folder = fresh_folder("served");
        let probe = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr());
        let machine = Self { folder, port: probe.expect("a free port").port() };
        let [keys, recovery] = ["keys", "recovery.txt"].map(|name| machine.folder.join(name));
        let [keys, recovery] = [keys, recovery].map(|path| path.display().to_string());
        done(&["keys", "new", "--dir", &keys, "--recovery-out", &recovery]);
        machine
    }

    fn web(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Writes `dutyline.toml`; letters go to the server on `mail_port`.
    fn configure(&self, mail_port: u16, more: &str) {
        let secret = self.folder.join("sso-secret");
        fs::write(&secret, SECRET).expect("the secret is written");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("it is ours alone");
        let database = self.folder.join("dutyline.db");
        let text = format!(
            "keys_dir = 'keys'\n[web]\nlisten = '127.0.0.1:{}'\nbase_url = '{}'\n\
             [database]\nurl = 'sqlite:{}'\n\
             [mail]\nhost = 'localhost'\nport = {mail_port}\ntls = 'implicit'\nca_file = 'ca.pem'\n\
             from = 'dutyline@relay.example'\n\
             [trail]\norigin = 'relay.example/log'\ncheckpoint_file = 'last-checkpoint.txt'\n\
             [service]\nname = 'Duty lines'\nsocial_care = '01632 960000'\n{more}",
            self.port,
            self.web(),
            database.display(),
        );
        fs::write(self.folder.join("dutyline.toml"), text).expect("the configuration is written");
    }

    /// The database, the localities, one setting, one service, and the first people.
    fn people(&self) {
        let localities = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/kent_localities.toml");
        let setting = ["organisations", "add", "--kind", "setting", "--name", "Meadow Nursery"];
        let service = ["organisations", "add", "--kind", "service", "--name", "Health visiting"];
        let pat = ["--name", "Pat Manager", "--role", "manager", "--urn", "EY123456"];
        let sam = ["--name", "Sam Nurse", "--role", "duty", "--locality", "canterbury"];
        let lee = ["--name", "Lee Lead", "--role", "duty-lead", "--locality", "canterbury"];
        let alex = ["--name", "Alex Admin", "--role", "administrator"];
        let add = |email: &'static str, rest: &[&'static str]| {
            let service = ["--organisation", "Health visiting"];
            let more = if rest.contains(&"--urn") { &[][..] } else { &service[..] };
            [&["people", "add", "--email", email], rest, more].concat()
        };
        for command in [
            vec!["migrate"],
            vec!["localities", "load", localities],
            [&setting[..], &["--urn", "EY123456"]].concat(),
            service.to_vec(),
            add(Served::MANAGER, &pat),
            add(Served::NURSE, &sam),
            add(Served::LEAD, &lee),
            add(Served::ADMINISTRATOR, &alex),
        ] {
            run(&self.folder, &command);
        }
    }

    /// Starts the service and waits until it says that it is ready.
    fn serve(&self) -> Result<Child, String> {
        let log = self.folder.join("log.txt");
        let mut child = Command::new(program())
            .args(["serve", "--config"])
            .arg(self.folder.join("dutyline.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the service starts");
        for _ in 0..LOOKS {
            if asked(&self.web(), "/readyz").is_some_and(|status| status == "200") {
                return Ok(child);
            }
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(POLL);
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(fs::read_to_string(&log).unwrap_or_default())
    }
}

/// The status of one page, if anybody answers.
fn asked(web: &str, path: &str) -> Option<String> {
    let host = web.trim_start_matches("http://");
    let mut line = TcpStream::connect(host.replace("localhost", "127.0.0.1")).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    line.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).ok()?;
    String::from_utf8_lossy(&answer).split(' ').nth(1).map(str::to_owned)
}

fn program() -> PathBuf {
    let program = beside_the_tests("dutyline");
    assert!(
        program.is_file(),
        "{} is not there: build it first (cargo nextest run --workspace --all-targets)",
        program.display()
    );
    program
}

/// Runs a command on this configuration; what it says.
fn run(folder: &std::path::Path, arguments: &[&str]) -> String {
    let config = folder.join("dutyline.toml").display().to_string();
    done(&[arguments, &["--config", &config]].concat())
}

fn done(arguments: &[&str]) -> String {
    let done = Command::new(program()).args(arguments).stdin(Stdio::null()).output().expect("it runs");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
