//! What the disk has before the sender is told, and what happens when the disk takes no more.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dutyline::store::mails;

use crate::child::{Child, Visitor, sealed_mail, send_mail};
use crate::faults::{STAFF, fill, open, send, today};
use crate::stories::by_mail::document_of_today;
use crate::support::{Engine, World};

/// The system calls of a child under strace: an fsync stands between the last write to the database
/// and the reply, by both doors.
#[test]
fn the_disk_has_it_before_the_sender_is_told() {
    let home = tempfile::tempdir().expect("a folder");
    let (folder, trace) = (home.path().join("data"), home.path().join("trace.txt"));
    Child::start(&folder).stop();
    let calls = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";
    let path = trace.to_string_lossy().into_owned();
    let child = Child::start_with(&folder, &["strace", "-f", "-y", "-s", "64", "-o", &path, "-e", calls]);
    let visitor = Visitor::signed_in(child.web, "Jo Sample").expect("signs in");
    let draft = fill(&visitor, &today(), &[]).expect("fills in the form");
    send(&visitor, &draft, STAFF).expect("is acknowledged");
    let sealed = document_of_today("strace");
    let message = sealed_mail(&folder, "jo@setting1.example", &sealed);
    let reply = send_mail(child.smtp, "jo@setting1.example", &message).expect("is answered");
    assert!(reply.starts_with("250"), "{reply}");
    let traced = child.id();
    let children = Command::new("pkill").args(["-TERM", "-P", &traced.to_string()]).status();
    assert!(children.is_ok_and(|done| done.success()), "the traced program is stopped");
    std::thread::sleep(Duration::from_secs(2));
    drop(child);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    for reply in ["HTTP/1.1 303", "250 2.0.0"] {
        assert!(synced_before(&text, reply), "no fsync between the last write and {reply}");
    }
}

/// A system call of a trace: where it begins and where its thread was given the result.
struct Call {
    begins: usize,
    ends: Option<usize>,
    done: bool,
}

/// Every call of these names on a file, as `strace -f -y` writes them: `7 fsync(9</x/log>) = 0`, or in
/// two lines, the first when the call begins and the second when it is over:
/// `7 fsync(9</x/log> <unfinished ...>` and `7 <... fsync resumed>) = 0`.
fn calls(lines: &[&str], names: &[&str], file: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(file)) {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some(name) = names.iter().find(|name| rest.trim_start().starts_with(&format!("{name}("))) else {
            continue;
        };
        let resumed = format!("<... {name} resumed>");
        let over = |line: &&str| line.split_once(' ').is_some_and(|(one, _)| one == thread);
        let ends = match rest.contains("<unfinished ...>") {
            false => Some(at),
            true => (at + 1..lines.len()).find(|n| over(&lines[*n]) && lines[*n].contains(&resumed)),
        };
        let result = |at: usize| lines[at].rsplit_once(" = ").map_or("", |(_, result)| result).to_owned();
        let done = ends.is_some_and(|at| result(at).starts_with(|first: char| first.is_ascii_digit()));
        calls.push(Call { begins: at, ends, done });
    }
    calls
}

/// Whether, before the last line that sends `reply`, an fsync of the write-ahead log is over that began
/// after the last write to it was over.
fn synced_before(trace: &str, reply: &str) -> bool {
    let lines: Vec<&str> = trace.lines().collect();
    let Some(told) = lines.iter().rposition(|line| line.contains(reply)) else { return false };
    let of_log = |names: &[&str]| calls(&lines, names, "dutyline.db-wal");
    let writes = of_log(&["pwrite64", "write"]);
    // A write that is not over when the sender is told is the worst of all.
    let written = writes.iter().filter(|call| call.begins < told).map(|call| call.ends.unwrap_or(usize::MAX));
    let Some(written) = written.max() else { return false };
    of_log(&["fsync", "fdatasync"])
        .iter()
        .any(|call| call.done && call.begins > written && call.ends.is_some_and(|ends| ends < told))
}

#[test]
fn a_sync_counts_when_it_is_over() {
    let write = "7 pwrite64(9</d/dutyline.db-wal>, \"x\"..., 4096, 0) = 4096\n";
    let (begins, over) =
        ("7 fdatasync(9</d/dutyline.db-wal> <unfinished ...>\n", "7 <... fdatasync resumed>) = 0\n");
    let reply = "8 write(12<socket:[1]>, \"250 2.0.0 kept\"..., 20) = 20\n";
    let whole = "7 fsync(9</d/dutyline.db-wal>) = 0\n";
    let failed = "7 fsync(9</d/dutyline.db-wal>) = -1 EIO (Input/output error)\n";
    let other = "8 <... fdatasync resumed>) = 0\n";
    let half = "7 pwrite64(9</d/dutyline.db-wal>, \"x\"..., 4096, 0 <unfinished ...>\n";
    for (trace, synced) in [
        ([write, whole, reply, "", ""], true),
        ([write, begins, over, reply, ""], true),
        ([write, begins, reply, over, ""], false),
        ([write, begins, other, reply, over], false),
        ([write, failed, reply, "", ""], false),
        ([whole, write, reply, "", ""], false),
        ([begins, write, over, reply, ""], false),
        ([half, whole, reply, "", ""], false),
        ([write, reply, whole, "", ""], false),
        ([write, whole, "", "", ""], false),
    ] {
        let trace = trace.concat();
        assert_eq!(synced_before(&trace, "250 2.0.0"), synced, "{trace}");
    }
}

fn envelope() -> dutyline::smtp::Envelope {
    dutyline::smtp::Envelope {
        from: "jo@setting1.example".into(),
        recipients: vec!["referrals@dutyline.example".into()],
        helo: "client.example".into(),
        peer: std::net::Ipv4Addr::LOCALHOST.into(),
        tls: None,
        smtputf8: false,
    }
}

/// Below the floor nothing more is taken in, by either door, and reading goes on.
#[tokio::test]
async fn short_of_space_both_doors_say_try_again() {
    let world = World::on(Engine::Sqlite).await;
    let disk =
        dutyline::app::watch::Disk { folder: world.database.folder.path().to_owned(), floor: u64::MAX };
    dutyline::app::watch::look_at_disk(&world.relay, &disk);
    let door = dutyline::app::doors::MailDoor { relay: world.relay.clone() };
    let refused = dutyline::smtp::Intake::begin(&door, envelope()).await.err();
    assert!(matches!(refused, Some(dutyline::smtp::Refusal::DiskFull)));
    let site = crate::access::site(&world);
    let answer = crate::access::ask(&site, &world.sender, "POST", "/referrals").await;
    assert_eq!(answer, 503);
    assert_eq!(crate::access::ask(&site, &world.sender, "GET", "/referrals").await, 200);
}

/// Nothing of what the doors do is done when the trail cannot be trusted; reading goes on.
#[tokio::test]
async fn with_a_trail_that_was_rewritten_both_doors_say_try_again() {
    let world = World::on(Engine::Sqlite).await;
    world.relay.distrusted.store(true, Ordering::Relaxed);
    let door = dutyline::app::doors::MailDoor { relay: world.relay.clone() };
    let refused = dutyline::smtp::Intake::begin(&door, envelope()).await.err();
    assert!(matches!(refused, Some(dutyline::smtp::Refusal::Busy)), "{refused:?}");
    let site = crate::access::site(&world);
    assert_eq!(crate::access::ask(&site, &world.sender, "GET", "/readyz").await, 503);
    assert_eq!(crate::access::ask(&site, &world.sender, "POST", "/referrals").await, 503);
    assert_eq!(crate::access::ask(&site, &world.sender, "GET", "/referrals").await, 200);
}

/// Writes fail in a running relay (a limit on the size of files, which the system enforces like a full
/// disk): both doors say "try again", pages are still read, and with space again everything that was
/// acknowledged is there and verifies.
#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_takes_no_more_both_doors_say_so_and_nothing_acknowledged_is_lost() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    Child::start(&folder).stop();
    let size = std::fs::metadata(folder.join("dutyline.db")).expect("there").len();
    let blocks = (size / 512 + 2_048).to_string();
    let limited = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    let child = Child::start_with(&folder, &["sh", "-c", limited, &blocks]);
    let before = Visitor::signed_in(child.web, "Jo Sample");
    let (mut kept, refused) = fill_up(&child);
    assert!(refused.starts_with("452 ") || refused.starts_with("451 "), "{refused}");
    let visitor = before.expect("signed in");
    let begin = || visitor.post("/referrals", &[]).expect("answers").status;
    let refused = (0..500).map(|_| begin()).find(|status| *status != 303);
    assert_eq!(refused, Some(503), "what is left is soon full of small writes too");
    let page = Visitor::new(child.web).get("/sign-in").expect("answers");
    assert_eq!(page.status, 200, "pages are still read");
    child.kill();
    let child = Child::start(&folder);
    let message = mail_of(&folder, "afterwards");
    let reply = send_mail(child.smtp, "jo@setting1.example", &message).expect("is answered");
    kept.insert(queue_id(&reply).expect("taken again").to_owned());
    child.stop();
    let store = open(&folder).await;
    let mut read = store.read().await.expect("reads");
    for id in &kept {
        let row = mails::find(&mut read, id.parse().expect("an id")).await.expect("reads");
        assert!(row.is_some(), "an acknowledged mail is gone");
    }
    let data = folder.to_string_lossy().into_owned();
    let verified =
        Command::new(env!("CARGO_BIN_EXE_dutyline")).args(["audit", "verify", "--data", &data]).output();
    assert!(verified.expect("runs").stdout.starts_with(b"ok "));
}

/// Sends mails of half a megabyte until one is refused; the acknowledged ones and the refusal.
fn fill_up(child: &Child) -> (BTreeSet<String>, String) {
    let mut kept = BTreeSet::new();
    for number in 0..200 {
        let message = format!(
            "{}\n{}",
            mail_of(&child.folder, &format!("fill-{number}")),
            "more of it\n".repeat(50_000)
        );
        let reply = send_mail(child.smtp, "jo@setting1.example", &message).expect("is answered");
        match queue_id(&reply) {
            Some(id) => kept.insert(id.to_owned()),
            None => return (kept, reply),
        };
    }
    panic!("a hundred megabytes went into a file that was limited to far less");
}

fn mail_of(folder: &Path, id: &str) -> String {
    let sealed = document_of_today(id);
    sealed_mail(folder, "jo@setting1.example", &sealed)
}

fn queue_id(reply: &str) -> Option<&str> {
    reply.strip_prefix("250 ")?.split_whitespace().last()
}
