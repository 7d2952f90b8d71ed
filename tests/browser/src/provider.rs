//! An OpenID provider with made-up people (`tests/sso/provider.mjs`), as a child process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

/// A running provider; it ends when it is dropped, or when this process does.
pub struct Provider {
    process: Child,
    _input: ChildStdin,
    issuer: String,
}

impl Provider {
    /// Starts one that sends people back to this relay, where it is called `test`.
    ///
    /// # Panics
    /// When node or the provider's packages are not there.
    pub fn start(web: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sso");
        let mut process = Command::new("node")
            .args(["provider.mjs", &format!("{web}/sign-in/sso/test/callback"), "client_secret_basic"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs: scripts/test installs it");
        let input = process.stdin.take().expect("its standard input");
        let mut issuer = String::new();
        let said = BufReader::new(process.stdout.take().expect("its standard output")).read_line(&mut issuer);
        assert!(
            said.is_ok() && issuer.starts_with("http://127.0.0.1:"),
            "no provider: is tests/sso/node_modules there? scripts/test makes it"
        );
        Self { process, _input: input, issuer: issuer.trim().to_owned() }
    }

    /// What the relay's configuration says about it; the secret is in the file `sso-secret`.
    pub(crate) fn settings(&self, rule: &str) -> String {
        format!(
            "[[sign_in.providers]]\nid = 'test'\nname = 'Trust sign-in'\nissuer = '{}'\n\
             client_id = 'dutyline-test'\nclient_secret_file = 'sso-secret'\nscopes = ['profile', 'email']\n\
             [[sign_in.providers.people]]\n{rule}\n",
            self.issuer
        )
    }

    /// What it does from now on; `provider.mjs` says what there is.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn switch(&self, switches: &Value) {
        let host = self.issuer.trim_start_matches("http://");
        let body = switches.to_string();
        let head = format!(
            "POST /test/switches HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut line = TcpStream::connect(host).expect("the provider listens");
        line.write_all((head + &body).as_bytes()).expect("it reads");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
