//! Real parts: the `age` command, `swaks`, Python's `smtplib` over STARTTLS, against a running demo.

use std::path::Path;
use std::process::{Command, Output};

use dutyline::clock::Clock;
use dutyline::store::{Store, referrals};

use crate::child::{Child, relay_key};
use crate::stories::by_mail::document_of_today;

fn run(program: &str, arguments: &[&str]) -> Output {
    let done =
        Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{program} {arguments:?}\n{out}\n{err}");
    done
}

/// A document of today, written down.
fn written(home: &Path, id: &str) -> String {
    let value = document_of_today(id);
    let file = home.join(format!("{id}.json"));
    std::fs::write(&file, value.to_string()).expect("writes");
    file.to_string_lossy().into_owned()
}

async fn delivered(folder: &Path, expected: usize) -> usize {
    let url = format!("sqlite:{}", folder.join("dutyline.db").display());
    let store = Store::open(&url, Clock::System).await.expect("opens");
    let mut found = 0;
    for _ in 0..150 {
        let mut read = store.read().await.expect("reads");
        let rows = referrals::inbox(&mut read, "canterbury", 0).await.expect("reads");
        found = rows.iter().filter(|row| row.door.code() == "mail").count();
        if found >= expected {
            break;
        }
        drop(read);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    store.close().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_command_swaks_and_smtplib_bring_referrals_to_the_line() {
    let home = tempfile::tempdir().expect("a folder");
    let child = Child::start(&home.path().join("data"));
    let (key, port) = (relay_key(&child.folder), child.smtp.to_string());
    let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();

    // Sealed by the age command, binary, attached by swaks, over STARTTLS.
    let (plain, sealed) = (written(home.path(), "age-swaks"), path("referral.age"));
    run("age", &["-r", &key, "-o", &sealed, &plain]);
    let attach = format!("@{sealed}");
    let swaks = [
        "--server",
        "127.0.0.1",
        "--port",
        &port,
        "--tls",
        "--ehlo",
        "setting1.example",
        "--from",
        "jo@setting1.example",
        "--to",
        "referrals@dutyline.example",
        "--attach-type",
        "application/octet-stream",
        "--attach",
        &attach,
    ];
    run("swaks", &swaks);

    // Sealed by ours, armored, as the body, by Python's smtplib over STARTTLS.
    let (plain, armored) = (written(home.path(), "seal-smtplib"), path("referral.txt"));
    run(env!("CARGO_BIN_EXE_dutyline"), &["seal", &plain, "--to", &key, "--armor", "-o", &armored]);
    let script = "import smtplib,ssl,sys\nfrom email.message import EmailMessage\n\
        m=EmailMessage();m['From']='jo@setting1.example';m['To']='referrals@dutyline.example';m['Subject']='Sealed'\n\
        m.set_content(open(sys.argv[2]).read())\n\
        s=smtplib.SMTP('127.0.0.1',int(sys.argv[1]));c=ssl.create_default_context();c.check_hostname=False;c.verify_mode=ssl.CERT_NONE\n\
        s.starttls(context=c);s.send_message(m,from_addr='jo@setting1.example');s.quit()\n";
    run("python3", &["-c", script, &port, &armored]);

    assert_eq!(delivered(&child.folder, 2).await, 2);
}

/// `dutyline ingest` takes the same path as SMTP and prints the verdict as one JSON line.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_from_a_file_takes_the_same_path() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    Child::start(&folder).stop();
    let value = document_of_today("ingest");
    let message = home.path().join("message.eml");
    std::fs::write(&message, crate::child::sealed_mail(&folder, "jo@setting1.example", &value))
        .expect("writes");
    let data = folder.to_string_lossy().into_owned();
    let said = run(env!("CARGO_BIN_EXE_dutyline"), &["ingest", "--data", &data, &message.to_string_lossy()]);
    let line = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(line.lines().count(), 1, "{line}");
    let verdict: serde_json::Value = serde_json::from_str(&line).expect("one JSON line");
    assert_eq!((&verdict["outcome"], &verdict["state"]), (&"placed".into(), &"delivered".into()), "{line}");
}

/// `dutyline erase`: a certificate once, then "erased before"; the id stands in the list beside the checkpoint.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_referral_is_erased_with_a_certificate() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    Child::start(&folder).stop();
    let mut value = document_of_today("erase");
    value["agreement"] = serde_json::Value::Null;
    let message = home.path().join("message.eml");
    let mail = crate::child::sealed_mail(&folder, "jo@setting1.example", &value);
    std::fs::write(&message, mail).expect("writes");
    let (data, program) = (folder.to_string_lossy().into_owned(), env!("CARGO_BIN_EXE_dutyline"));
    let said = run(program, &["ingest", "--data", &data, &message.to_string_lossy()]);
    let verdict: serde_json::Value = serde_json::from_slice(&said.stdout).expect("one JSON line");
    let reference = verdict["reference"].as_str().expect("a reference").to_owned();
    let erase = ["erase", "--data", &data, "--ground", "request", "--backups-kept", "10", &reference];
    let certificate = String::from_utf8_lossy(&run(program, &erase).stdout).into_owned();
    let until = Clock::System.now().plus(10 * dutyline::domain::time::DAY).day().to_string();
    for words in ["Certificate of erasing", &reference, "request", &until, "paper that was printed"] {
        assert!(certificate.contains(words), "{words}: {certificate}");
    }
    assert!(!certificate.contains("Aoife"), "{certificate}");
    let case = certificate.lines().find_map(|line| line.strip_prefix("case: ")).expect("the case");
    let list = std::fs::read_to_string(folder.join("last-checkpoint.txt.erased")).expect("the list");
    assert!(list.lines().any(|line| line == case), "{list}");
    let again = Command::new(program).args(erase).output().expect("runs");
    assert!(String::from_utf8_lossy(&again.stderr).contains("was erased before"));
    let verified = run(program, &["audit", "verify", "--data", &data]);
    assert!(verified.stdout.starts_with(b"ok "), "{}", String::from_utf8_lossy(&verified.stdout));
}
