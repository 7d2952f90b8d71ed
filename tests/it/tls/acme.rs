//! Automatic certificates from a real ACME server: Debian's `pebble`, with `pebble-challtestsrv` as the name
//! server that leads every name to this machine. Both run on loopback and end with their test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::json;

use super::support::{Machine, Made, Served, ask, free_port, handshake, shown, wait_for};

const NAME: &str = "relay.example";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: relay.example\r\n\r\n";

/// Seconds that a certificate of the directory lives: another is due after two thirds.
const LIFE: u32 = 24;

/// A directory and its name server.
struct Directory {
    port: u16,
    management: u16,
    names: u16,
    own: Made,
    folder: tempfile::TempDir,
    running: Vec<Served>,
}

impl Directory {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Made::new("localhost");
        fs::write(folder.path().join("own.pem"), &own.certificate).expect("writes");
        fs::write(folder.path().join("own.key"), &own.key).expect("writes");
        let (port, management, names) = (free_port(), free_port(), free_port());
        Self { port, management, names, own, folder, running: Vec::new() }
    }

    /// Starts it; `tls_port` is where it looks for the answers to its questions.
    async fn start(&mut self, tls_port: u16) {
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": self.folder.path().join("own.pem"),
            "privateKey": self.folder.path().join("own.key"),
            "httpPort": 1,
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": LIFE,
            // The same for newer ones.
            "profiles": { "default": { "description": "short", "validityPeriod": LIFE } },
        }});
        let file = self.folder.path().join("pebble.json");
        fs::write(&file, config.to_string()).expect("writes");
        let names = format!("127.0.0.1:{}", self.names);
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(&file).args(["-dnsserver", &names]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1");
        let mut name_server = Command::new("pebble-challtestsrv");
        name_server.args(["-dns01", &names, "-management", &format!("127.0.0.1:{}", free_port())]);
        name_server.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
        self.running = [name_server, pebble].map(|command| self.child(command)).into();
        wait_for("the directory", async || self.root().await).await;
    }

    fn child(&self, mut command: Command) -> Served {
        let log = self.folder.path().join("log.txt");
        let log = fs::OpenOptions::new().create(true).append(true).open(log).expect("log");
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().expect("log")).stderr(log).spawn();
        Served(child.expect("Debian's package pebble is installed: scripts/test does that"))
    }

    fn stop(&mut self) {
        self.running.clear();
    }

    /// The certificate that vouches for what it issues, PEM.
    async fn root(&self) -> Option<String> {
        let mut stream = handshake(self.management, "localhost", &[&self.own.certificate], &[]).await.ok()?;
        let request = "GET /roots/0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let body = ask(&mut stream, request).await.1;
        body.contains("BEGIN CERTIFICATE").then_some(body)
    }
}

/// A machine that gets its certificate from the directory.
fn machine(directory: &Directory) -> Machine {
    let machine = Machine::new(&format!(
        "[web.acme]\ndirectory = 'https://localhost:{}/dir'\ncontact = 'machines@relay.example'\n\
         folder = 'acme'\nca_file = 'directory.pem'",
        directory.port
    ));
    fs::create_dir(machine.path("acme")).expect("a folder");
    fs::set_permissions(machine.path("acme"), fs::Permissions::from_mode(0o700)).expect("its own");
    machine.write("directory.pem", &directory.own.certificate);
    machine
}

/// The certificate that a visitor is shown who trusts the directory alone; `None` while there is none.
async fn visited(machine: &Machine, root: &str) -> Option<Vec<u8>> {
    let stream = handshake(machine.web, NAME, &[root], &["http/1.1"]).await.ok()?;
    Some(shown(&stream))
}

/// Every file below the folder of automatic certificates is its owner's alone.
fn is_private(machine: &Machine) {
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folders: Vec<_> = fs::read_dir(machine.path("acme")).expect("reads").collect();
    assert_eq!(folders.len(), 1);
    let folder = folders[0].as_ref().expect("an entry").path();
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).expect("reads") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, ["account.json", "certificate.pem"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_got_kept_renewed_and_outlives_the_directory() {
    let mut directory = Directory::new();
    let machine = machine(&directory);
    directory.start(machine.web).await;
    let root = directory.root().await.expect("a root");
    assert!(machine.doctor().contains("note: web.acme: there is no certificate yet"));
    let served = machine.serve().await;
    let first = wait_for("the first certificate", async || visited(&machine, &root).await).await;
    let mut open = handshake(machine.web, NAME, &[&root], &[]).await.expect("TLS");
    assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"));
    is_private(&machine);
    assert!(handshake(machine.web, NAME, &[&root], &["acme-tls/1"]).await.is_err(), "nobody asks now");

    drop(open);
    served.stop();
    let served = machine.serve().await;
    let again = wait_for("the kept certificate", async || visited(&machine, &root).await).await;
    assert_eq!(again, first, "a start asks for no other");
    let mut open = handshake(machine.web, NAME, &[&root], &[]).await.expect("TLS");
    let second = wait_for("another certificate", async || {
        // The door closes a connection that is silent for ten seconds.
        assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"));
        visited(&machine, &root).await.filter(|shown| *shown != first)
    })
    .await;
    assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"), "an open connection goes on");
    is_private(&machine);

    directory.stop();
    wait_for("a failure", async || machine.log().contains("no new certificate").then_some(())).await;
    assert_eq!(visited(&machine, &root).await, Some(second.clone()), "the old one stays: {}", machine.log());
    assert!(machine.log().contains("the directory: "), "{}", machine.log());
    drop(open);
    served.stop();

    directory.start(machine.web).await;
    let root = directory.root().await.expect("another root");
    let _served = machine.serve().await;
    let third = wait_for("one by a new account", async || visited(&machine, &root).await).await;
    assert!(third != second && machine.log().contains("another is made"), "{}", machine.log());
    is_private(&machine);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_does_not_lead_here_is_said_and_the_next_attempt_waits() {
    let mut directory = Directory::new();
    let machine = machine(&directory);
    directory.start(free_port()).await;
    let root = directory.root().await.expect("a root");
    let served = machine.serve().await;
    let words = "relay.example could not be proven";
    wait_for(words, async || machine.log().contains(words).then_some(())).await;
    assert_eq!(visited(&machine, &root).await, None, "there is nothing to show");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(machine.log().matches("no new certificate").count(), 1, "{}", machine.log());
    served.stop();
}
