//! chromedriver: started on a free port, asked directly for what the WebDriver standard does not
//! have (the console, the size of the screen), and ended with its browser.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Scripts;
use crate::demo::fresh_folder;

/// A running chromedriver; with its session, once there is one.
pub struct Driver {
    child: Child,
    folder: PathBuf,
    port: u16,
    /// Empty until a browser was opened.
    pub session: String,
}

impl Driver {
    /// Starts chromedriver on a port of its own choice; again when somebody else was quicker to take it.
    pub fn start() -> Self {
        let (child, port) = (0..TRIES).find_map(|_| started()).expect("chromedriver says its port");
        Self { child, folder: fresh_folder("browser"), port, session: String::new() }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the browser is started with: no screen, no network of its own, nothing remembered.
    pub fn capabilities(&self, scripts: Scripts) -> Map<String, Value> {
        let profile = format!("--user-data-dir={}", self.folder.display());
        let mut options = json!({
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,1000", profile,
            ],
        });
        if scripts == Scripts::Off {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let mut asked = Map::new();
        asked.insert("goog:chromeOptions".to_owned(), options);
        asked.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        asked
    }

    /// What the console said since it was last asked.
    pub fn console(&self) -> Vec<Value> {
        self.ask("POST", "/se/log", &json!({ "type": "browser" })).as_array().cloned().unwrap_or_default()
    }

    /// Makes the screen this large, in CSS pixels.
    pub fn screen(&self, width: u64, height: u64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// One command of the Chrome DevTools Protocol.
    pub fn command(&self, name: &str, params: &Value) {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": name, "params": params }));
    }

    /// Plugs in an authenticator that keeps keys and checks a finger, always with success (WebAuthn
    /// level 3, section 11.3).
    pub fn authenticator(&self) {
        let one = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.ask("POST", "/webauthn/authenticator", &one);
    }

    /// One request of this session; the `value` of its answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let asked = self.try_to_ask(method, path, body);
        let (ok, mut said) = asked.unwrap_or_else(|error| panic!("chromedriver, {path}: {error}"));
        assert!(ok, "chromedriver refused {path}: {said}");
        said["value"].take()
    }

    fn try_to_ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(bool, Value)> {
        let body = body.to_string();
        let head = format!(
            "{method} /session/{}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.session,
            body.len()
        );
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.set_read_timeout(Some(PATIENCE))?;
        line.write_all(head.as_bytes())?;
        line.write_all(body.as_bytes())?;
        let mut answer = BufReader::new(line);
        let head = head_of(&mut answer)?;
        let mut body = vec![0; length_of(&head)];
        answer.read_exact(&mut body)?;
        Ok((head.starts_with("HTTP/1.1 200"), serde_json::from_slice(&body)?))
    }
}

/// How often a port is asked for.
const TRIES: u32 = 5;

/// chromedriver and its port, or nothing when it ended at once.
fn started() -> Option<(Child, u16)> {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed (apt-get install chromium-driver)");
    let said = BufReader::new(child.stdout.take().expect("its standard output"));
    let port = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
    match port {
        Some(port) => Some((child, port)),
        None => {
            let _ = child.wait();
            None
        }
    }
}

/// How long chromedriver may take over one request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The head of an answer, up to the empty line.
fn head_of(answer: &mut impl BufRead) -> std::io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if answer.read_line(&mut head)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn length_of(head: &str) -> usize {
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.filter_map(|(_, value)| value.trim().parse().ok()).next().unwrap_or(0)
}

impl Drop for Driver {
    /// The browser first: it would outlive its driver.
    fn drop(&mut self) {
        let ended = self.session.is_empty()
            || self.try_to_ask("DELETE", "", &json!({})).is_ok_and(|(ended, _)| ended);
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
        assert!(ended || std::thread::panicking(), "a browser did not end");
    }
}
