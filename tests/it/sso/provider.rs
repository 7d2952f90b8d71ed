//! The identity provider of the tests as a child process, and the smallest browser that can visit it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// Our name and secret at the provider.
pub const CLIENT: &str = "dutyline-test";
pub const SECRET: &str = "made-up-secret-of-the-test-client";

/// A running provider; it ends when it is dropped, or when this process does.
pub struct Provider {
    process: Child,
    _input: ChildStdin,
    pub issuer: String,
}

impl Provider {
    /// Starts one that sends people back to `redirect`; `auth` is how our secret reaches it.
    pub fn start(redirect: &str, auth: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sso");
        let mut process = Command::new("node")
            .args(["provider.mjs", redirect, auth])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs: scripts/test installs it");
        let input = process.stdin.take().expect("piped");
        let mut issuer = String::new();
        let read = BufReader::new(process.stdout.take().expect("piped")).read_line(&mut issuer);
        assert!(
            read.is_ok() && issuer.starts_with("http://127.0.0.1:"),
            "no provider: is tests/sso/node_modules there? scripts/test makes it"
        );
        Self { process, _input: input, issuer: issuer.trim().to_owned() }
    }

    /// What the provider does from now on; `provider.mjs` says what there is.
    pub fn switch(&self, switches: &Value) {
        let body = switches.to_string();
        let answer = self.ask("POST", &format!("{}/test/switches", self.issuer), &mut BTreeMap::new(), &body);
        assert_eq!(answer.0, 200);
    }

    /// Whoever signs in next: a subject with these claims.
    pub fn person(&self, subject: &str, claims: &Value) {
        self.switch(&json!({ "person": with(subject, claims) }));
    }

    /// A browser without a past goes to `address` and follows until the provider sends it elsewhere: there.
    pub fn visit(&self, address: &str) -> String {
        let (mut cookies, mut at) = (BTreeMap::new(), address.to_owned());
        for _ in 0..10 {
            let (status, location) = self.ask("GET", &at, &mut cookies, "");
            assert_eq!(status, 303, "{at}");
            at = if location.starts_with('/') { format!("{}{location}", self.issuer) } else { location };
            if !at.starts_with(&self.issuer) {
                return at;
            }
        }
        panic!("the provider goes round in circles at {at}");
    }

    fn ask(
        &self,
        method: &str,
        url: &str,
        cookies: &mut BTreeMap<String, String>,
        body: &str,
    ) -> (u16, String) {
        let host = self.issuer.trim_start_matches("http://");
        let path = url.strip_prefix(&self.issuer).expect("the provider's own");
        let sent: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(host).expect("the provider answers");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            sent.join("; "),
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("is answered");
        let (mut status, mut location) = (0, String::new());
        for (n, line) in answer.lines().take_while(|line| !line.is_empty()).enumerate() {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "location" => value.clone_into(&mut location),
                "set-cookie" => {
                    let pair = value.split(';').next().unwrap_or_default();
                    let (name, value) = pair.split_once('=').unwrap_or_default();
                    cookies.insert(name.to_owned(), value.to_owned());
                }
                _ if n == 0 => {
                    status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
                }
                _ => {}
            }
        }
        (status, location)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The claims with their subject.
pub fn with(subject: &str, claims: &Value) -> Value {
    let mut all = claims.clone();
    all["sub"] = subject.into();
    all
}
