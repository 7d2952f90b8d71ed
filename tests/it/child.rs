//! A real child process of the program, and the smallest clients that can talk to its two doors.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, Stdio};
use std::time::Duration;

/// The demo as a child process; killed when dropped.
pub struct Child {
    process: Process,
    pub web: u16,
    pub smtp: u16,
    pub folder: PathBuf,
}

impl Child {
    /// Starts the demo on a folder and waits until it is ready. `before` may put another program in
    /// front (strace); what the child logs goes to `log.txt` beside the folder.
    pub fn start_with(folder: &Path, before: &[&str]) -> Self {
        let program = env!("CARGO_BIN_EXE_dutyline");
        let arguments = ["demo", "--port", "0", "--smtp-port", "0", "--data"];
        let mut command = match before {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.with_extension("log"))
            .expect("log");
        let temporary = folder.with_extension("tmp");
        std::fs::create_dir_all(&temporary).expect("a temporary folder");
        let mut process = command
            .args(arguments)
            .arg(folder)
            .env("TMPDIR", &temporary)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let said = BufReader::new(process.stdout.take().expect("piped"));
        let (mut web, mut smtp) = (0, 0);
        for line in said.lines().map_while(Result::ok) {
            let port = |text: &str| {
                let after = text.split("127.0.0.1:").nth(1).unwrap_or_default();
                after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
            };
            if line.starts_with("Encrypted mail") {
                smtp = port(&line);
            }
            if line.starts_with("ready ") {
                web = port(&line);
                break;
            }
        }
        assert!(
            web != 0 && smtp != 0,
            "the demo did not become ready: see {}",
            folder.with_extension("log").display()
        );
        Self { process, web, smtp, folder: folder.to_owned() }
    }

    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// SIGKILL, at once.
    pub fn kill(mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// SIGTERM, and waits until it has finished everything.
    pub fn stop(mut self) {
        let done = Command::new("kill").arg(self.process.id().to_string()).status().expect("kill runs");
        assert!(done.success());
        assert!(self.process.wait().expect("ends").success(), "a graceful stop ends well");
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An answer of the web door.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> String {
        self.headers.get("location").cloned().unwrap_or_default()
    }
}

/// A browser of the simplest kind: one cookie, one request a connection.
pub struct Visitor {
    port: u16,
    cookie: String,
}

impl Visitor {
    pub fn new(port: u16) -> Self {
        Self { port, cookie: String::new() }
    }

    /// One with a cookie, `name=value`.
    pub fn with_cookie(port: u16, cookie: &str) -> Self {
        Self { port, cookie: cookie.to_owned() }
    }

    /// Signs in by the demo's door as the person with this name.
    pub fn signed_in(port: u16, name: &str) -> Option<Self> {
        let mut visitor = Self::new(port);
        let page = visitor.get("/sign-in")?.body;
        let row = page.split("<tr").find(|row| row.contains(name))?;
        let id = row.split("name=\"person\" value=\"").nth(1)?.split('"').next()?.to_owned();
        let answer = visitor.post("/sign-in/demo", &[("person", &id), ("next", "/")])?;
        let cookie = answer.headers.get("set-cookie")?.split(';').next()?.to_owned();
        visitor.cookie = cookie;
        Some(visitor)
    }

    /// Signs in by a single-use link; `None` when it does not work.
    pub fn by_link(port: u16, path: &str) -> Option<Self> {
        let answer = Self::new(port).post(path, &[])?;
        let cookie = answer.headers.get("set-cookie")?.split(';').next()?.to_owned();
        (answer.status == 303).then_some(Self { port, cookie })
    }

    /// `None` when the connection broke: nothing was acknowledged.
    pub fn get(&self, path: &str) -> Option<Answer> {
        self.request("GET", path, "", &[])
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.request("POST", path, &pairs.join("&"), &[("Sec-Fetch-Site", "same-origin")])
    }

    /// Puts a file into the field `file`, as a browser does (RFC 7578); its bytes are text here.
    pub fn upload(&self, path: &str, name: &str, bytes: &[u8]) -> Option<Answer> {
        let text = String::from_utf8_lossy(bytes);
        let body = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{text}\r\n--limit--\r\n"
        );
        let kind = ("Content-Type", "multipart/form-data; boundary=limit");
        self.request("POST", path, &body, &[("Sec-Fetch-Site", "same-origin"), kind])
    }

    pub fn request(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let mut extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        if !headers.iter().any(|(name, _)| *name == "Content-Type") {
            extra.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
        }
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Length: {}\r\n{extra}\r\n{body}",
            self.port,
            self.cookie,
            body.len()
        );
        stream.write_all(text.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        parse(&bytes)
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let raw = &bytes[at + 4..];
    let body = match headers.get("transfer-encoding") {
        Some(_) => unchunk(raw),
        None => raw.to_vec(),
    };
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn unchunk(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = raw.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&raw[..at]).trim(), 16).unwrap_or(0);
        if size == 0 || raw.len() < at + 2 + size {
            break;
        }
        body.extend_from_slice(&raw[at + 2..at + 2 + size]);
        raw = &raw[(at + 4 + size).min(raw.len())..];
    }
    body
}

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    text.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Sends one mail; gives the reply to the final dot, or `None` when the connection broke before it.
pub fn send_mail(port: u16, from: &str, message: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut reply = |expected: &str| -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.as_bytes().get(3) == Some(&b' ') {
                return (expected.is_empty() || line.starts_with(expected))
                    .then(|| line.trim_end().to_owned());
            }
        }
    };
    reply("220")?;
    for (command, expected) in [
        ("EHLO client.example".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        ("RCPT TO:<referrals@dutyline.example>".to_owned(), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        reply(expected)?;
    }
    let body = message.replace("\r\n", "\n").replace('\n', "\r\n").replace("\r\n.", "\r\n..");
    stream.write_all(format!("{body}\r\n.\r\n").as_bytes()).ok()?;
    reply("")
}

/// The relay's classic key, as the demo wrote it down.
pub fn relay_key(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("relay-key.txt"))
        .expect("the demo wrote its key down")
        .trim()
        .to_owned()
}

/// A mail with a sealed document as its body.
pub fn sealed_mail(folder: &Path, from: &str, document: &serde_json::Value) -> String {
    let sealed = dutyline::seal::seal_to_published(&relay_key(folder), document.to_string().as_bytes(), true)
        .expect("seals");
    let armor = String::from_utf8(sealed).expect("armor");
    format!(
        "From: {from}\nTo: referrals@dutyline.example\nSubject: Sealed\nMIME-Version: 1.0\nContent-Type: text/plain\n\n{armor}"
    )
}

/// The id that a mail was kept under, from the reply to it.
pub fn queue_id(reply: &str) -> Option<&str> {
    reply.strip_prefix("250 ")?.split_whitespace().last()
}
