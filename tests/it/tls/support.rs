//! A configured relay as a child process, and the smallest TLS client that shows what it was shown.

use std::fs;
use std::net::TcpListener as Probe;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};

/// How often, 100 ms apart, something is looked for before it counts as missing.
const LOOKS: u32 = 300;

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    Probe::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a port").port()
}

/// A certificate that vouches for itself.
pub struct Made {
    pub certificate: String,
    pub key: String,
}

impl Made {
    pub fn new(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate");
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    pub fn der(&self) -> Vec<u8> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("reads").to_vec()
    }
}

/// Does it again until there is something, for half a minute.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: not within {} seconds", LOOKS / 10)
}

/// A handshake that trusts these roots (PEM) alone; `protocols` is what the client offers.
pub async fn handshake(
    port: u16,
    name: &str,
    roots: &[&str],
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    handshake_on(TcpStream::connect(("127.0.0.1", port)).await?, name, roots, protocols).await
}

/// The same on a connection that is open already.
pub async fn handshake_on(
    stream: TcpStream,
    name: &str,
    roots: &[&str],
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(CertificateDer::from_pem_slice(root.as_bytes()).expect("a root")).expect("a root");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS");
    let mut config = config.with_root_certificates(store).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// The certificate that a connection was shown, DER.
pub fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().expect("shown")[0].to_vec()
}

/// One request on a connection that stays open; head and body of the answer.
pub async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> (String, String) {
    stream.write_all(request.as_bytes()).await.expect("is sent");
    let mut bytes = Vec::new();
    let head = loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap_or(0);
        bytes.extend_from_slice(&piece[..read]);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end + 4;
        }
        if read == 0 {
            return (String::from_utf8_lossy(&bytes).into_owned(), String::new());
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut left = length.map_or(0, |n| n.parse::<usize>().expect("a length")) + head;
    left = left.saturating_sub(bytes.len());
    let mut rest = vec![0; left];
    stream.read_exact(&mut rest).await.expect("the body");
    bytes.extend_from_slice(&rest);
    (text, String::from_utf8_lossy(&bytes[head..]).into_owned())
}

/// A machine with keys and a configuration for `https://relay.example`.
pub struct Machine {
    folder: tempfile::TempDir,
    pub web: u16,
}

impl Machine {
    /// `more`: further lines of `[web]`, and the tables after it.
    pub fn new(more: &str) -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder"), web: free_port() };
        let recovery = machine.path("recovery.txt");
        machine.run(&["keys", "new", "--dir", &machine.text("keys"), "--recovery-out"], &recovery);
        let text = format!(
            "keys_dir = 'keys'\n[web]\nlisten = '127.0.0.1:{}'\nbase_url = 'https://relay.example'\n{more}\n\
             [database]\nurl = 'sqlite:{}'\n[mail]\nhost = 'localhost'\nport = 1\n\
             from = 'dutyline@relay.example'\n[trail]\norigin = 'relay.example/log'\n\
             checkpoint_file = 'last-checkpoint.txt'\n[service]\nsocial_care = '01632 960000'\n",
            machine.web,
            machine.text("dutyline.db")
        );
        machine.write("dutyline.toml", &text);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn run(&self, arguments: &[&str], last: &std::path::Path) {
        let done = Command::new(env!("CARGO_BIN_EXE_dutyline"))
            .args(arguments)
            .arg(last)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .expect("runs");
        assert!(done.success(), "{arguments:?}");
    }

    /// Writes a file that nobody else reads.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writes");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("its own");
    }

    /// Puts a pair where `[web.tls]` looks.
    pub fn put(&self, made: &Made) {
        self.write("web.pem", &made.certificate);
        self.write("web.key", &made.key);
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log.txt")).unwrap_or_default()
    }

    /// What `doctor` says.
    pub fn doctor(&self) -> String {
        let done = Command::new(env!("CARGO_BIN_EXE_dutyline"))
            .args(["doctor", "--config", &self.text("dutyline.toml")])
            .output()
            .expect("runs");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// The service as a child process, listening.
    pub async fn serve(&self) -> Served {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("log.txt")).expect("log");
        let process = Command::new(env!("CARGO_BIN_EXE_dutyline"))
            .args(["serve", "--config", &self.text("dutyline.toml")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("starts");
        let served = Served(process);
        for _ in 0..LOOKS {
            if TcpStream::connect(("127.0.0.1", self.web)).await.is_ok() {
                return served;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not listen: {}", self.log())
    }
}

/// A child process of ours, ended when dropped.
pub struct Served(pub Child);

impl Served {
    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
    }

    /// A graceful stop, which has to end well.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert!(self.0.wait().expect("ends").success(), "a graceful stop ends well");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
