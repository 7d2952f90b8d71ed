//! A demo of its own for one journey: free ports, a fresh folder that goes away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running `dutyline demo`.
pub struct Demo {
    child: Child,
    folder: PathBuf,
    /// Its address, such as `http://127.0.0.1:41234`.
    pub web: String,
    mail: String,
}

impl Demo {
    /// Starts it and waits until it says that it is ready.
    ///
    /// # Panics
    /// When the program was not built, or ends before it is ready.
    pub fn start() -> Self {
        let program = beside_the_tests("dutyline");
        assert!(
            program.is_file(),
            "{} is not there: build it first (cargo build, or cargo nextest run --workspace --all-targets)",
            program.display()
        );
        let folder = fresh_folder("demo");
        let mut child = Command::new(program)
            .args(["demo", "--port", "0", "--smtp-port", "0", "--data"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo starts");
        let said = child.stdout.take().expect("its standard output");
        let (mut web, mut mail) = (String::new(), String::new());
        for line in BufReader::new(said).lines() {
            let line = line.expect("a line of text");
            if let Some(rest) = line.trim().strip_prefix("Encrypted mail: ") {
                mail = rest.split([',', ' ']).next().unwrap_or_default().to_owned();
            }
            if let Some(address) = line.trim().strip_prefix("ready ") {
                address.trim_end_matches('/').clone_into(&mut web);
                break;
            }
        }
        let demo = Self { child, folder, web, mail };
        assert!(demo.web.starts_with("http://"), "the demo ended before it said where it is ready");
        demo
    }

    /// Sends one mail from a stranger by plain SMTP and gives the last reply.
    ///
    /// # Panics
    /// When the mail door cannot be reached, or refuses something.
    pub fn send_mail(&self, from: &str, lines: &[&str]) -> String {
        let mut door = BufReader::new(TcpStream::connect(&self.mail).expect("the mail door"));
        let body = format!("{}\r\n.", lines.join("\r\n"));
        let to = "referrals@dutyline.example";
        let said = [
            "EHLO setting.example",
            &format!("MAIL FROM:<{from}>"),
            &format!("RCPT TO:<{to}>"),
            "DATA",
            &body,
        ];
        let mut reply = reply_of(&mut door);
        for words in said {
            door.get_mut().write_all(format!("{words}\r\n").as_bytes()).expect("the mail door listens");
            reply = reply_of(&mut door);
            assert!(reply.starts_with(['2', '3']), "the mail door said: {reply}");
        }
        reply
    }

    /// Writes a file that a journey attaches; its path.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).expect("the folder can be written");
        path.display().to_string()
    }

    /// Runs a command of the program on the demo's data, as whoever runs the service does; what it says.
    ///
    /// # Panics
    /// When the command fails.
    pub fn command(&self, arguments: &[&str]) -> String {
        let program = beside_the_tests("dutyline");
        let done = Command::new(program).args(arguments).arg("--data").arg(&self.folder).output();
        let done = done.expect("the program runs");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// Changes the demo's database behind its back, as somebody with the disk in hand could.
    ///
    /// # Panics
    /// When the statement fails.
    pub fn tamper(&self, statement: &str) {
        change(&self.folder.join("dutyline.db"), statement);
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a statement on a database that a running program uses.
pub(crate) fn change(database: &Path, statement: &str) {
    let script = "import sqlite3, sys\nfile = sqlite3.connect(sys.argv[1])\n\
        file.execute(sys.argv[2])\nfile.commit()";
    let done = Command::new("python3").args(["-c", script]).arg(database).arg(statement).status();
    assert!(done.is_ok_and(|done| done.success()), "{statement}");
}

fn reply_of(door: &mut impl BufRead) -> String {
    loop {
        let mut line = String::new();
        door.read_line(&mut line).expect("a reply");
        if line.as_bytes().get(3) != Some(&b'-') {
            return line;
        }
    }
}

/// A program of the build that these tests belong to: `target/<profile>/<name>`.
pub(crate) fn beside_the_tests(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("this test's own path");
    let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    profile.join(name)
}

/// `target`, where screenshots go.
pub(crate) fn target() -> PathBuf {
    beside_the_tests("..")
}

/// A new folder under the machine's temporary one.
pub(crate) fn fresh_folder(what: &str) -> PathBuf {
    let mut chance = [0_u8; 8];
    let source = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut chance));
    source.expect("the system's randomness");
    let name = format!("dutyline-{what}-{:016x}", u64::from_le_bytes(chance));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).expect("a fresh folder");
    folder
}
