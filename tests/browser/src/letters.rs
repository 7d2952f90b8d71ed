//! A mail server in this process: it takes every letter over TLS, as the relay insists, and keeps it for
//! the journey to read.

use std::io::{BufRead, BufReader, Error, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How often, and how many times, somebody looks whether a letter has come.
const POLL: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

/// Letters that were taken and not yet read; they come from threads that end with this process.
pub struct Letters {
    pub(crate) port: u16,
    kept: Arc<Mutex<Vec<String>>>,
}

impl Letters {
    /// Starts the server with a certificate for `localhost`, which it writes to `ca`.
    ///
    /// # Panics
    /// When there is no port, or the file cannot be written.
    pub fn serve(ca: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        std::fs::write(ca, made.cert.pem()).expect("the certificate is written");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)
            });
        let config = Arc::new(config.expect("a certificate and its key"));
        let door = TcpListener::bind("localhost:0").expect("a free port");
        let port = door.local_addr().expect("its number").port();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let taken = kept.clone();
        std::thread::spawn(move || {
            for stream in door.incoming().map_while(Result::ok) {
                let (config, taken) = (config.clone(), taken.clone());
                std::thread::spawn(move || converse(stream, config, &taken));
            }
        });
        Self { port, kept }
    }

    /// Takes the oldest letter to this address with these words in it, as soon as there is one.
    ///
    /// # Panics
    /// When none comes.
    pub fn take(&self, address: &str, words: &str) -> String {
        let wanted = |letter: &String| letter.contains(&format!("<{address}>")) && letter.contains(words);
        for _ in 0..LOOKS {
            let mut kept = self.kept.lock().expect("nobody panicked here");
            if let Some(at) = kept.iter().position(wanted) {
                return kept.remove(at);
            }
            drop(kept);
            std::thread::sleep(POLL);
        }
        panic!("no letter to {address} with “{words}” among {:#?}", self.kept.lock().expect("kept"))
    }

    /// Whether a letter to this address was taken and not read.
    ///
    /// # Panics
    /// When a thread of the server panicked.
    pub fn has_any_to(&self, address: &str) -> bool {
        let to = format!("<{address}>");
        self.kept.lock().expect("nobody panicked here").iter().any(|letter| letter.contains(&to))
    }
}

/// One connection: says yes to everything (RFC 5321) and keeps each letter with its envelope.
fn converse(stream: TcpStream, config: Arc<ServerConfig>, taken: &Mutex<Vec<String>>) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    say(&mut stream, "220 mail.example").ok()?;
    let (mut letter, mut data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        letter.push_str(&line);
        let ends = data && line == ".\r\n";
        if ends {
            taken.lock().ok()?.push(plain(&std::mem::take(&mut letter)));
        } else if data {
            continue;
        }
        data = line.starts_with("DATA");
        say(&mut stream, if data { "354 go ahead" } else { "250 2.0.0 yes" }).ok()?;
    }
}

fn say(stream: &mut BufReader<StreamOwned<ServerConnection, TcpStream>>, words: &str) -> Result<(), Error> {
    let stream = stream.get_mut();
    stream.write_all(format!("{words}\r\n").as_bytes())?;
    stream.flush()
}

/// Without the soft line ends of quoted-printable (RFC 2045 section 6.7), so that a link is in one piece.
fn plain(letter: &str) -> String {
    letter.replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n")
}
