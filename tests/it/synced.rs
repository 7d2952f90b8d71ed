//! The disk has it before the sender is told: the system calls of the real program, under strace.

use std::process::Command;
use std::time::Duration;

use crate::child::{Child, Visitor, queue_id, sealed_mail, send_mail};
use crate::faults::{STAFF, fill, send, today};
use crate::stories::by_mail::document_of_today;

/// The system calls of a child under strace: an fsync stands between the last write to the database
/// and the reply, by both doors.
#[test]
fn the_disk_has_it_before_the_sender_is_told() {
    let home = tempfile::tempdir().expect("a folder");
    let (folder, trace) = (home.path().join("data"), home.path().join("trace.txt"));
    Child::start(&folder).stop();
    let named = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";
    let path = trace.to_string_lossy().into_owned();
    let child = Child::start_with(&folder, &["strace", "-f", "-y", "-s", "5000", "-o", &path, "-e", named]);
    let visitor = Visitor::signed_in(child.web, "Jo Sample").expect("signs in");
    let draft = fill(&visitor, &today(), &[]).expect("fills in the form");
    let referral = send(&visitor, &draft, STAFF).expect("is acknowledged");
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
    let mail = queue_id(&reply).expect("taken").to_owned();
    for (event, reply) in [
        (("referral-submitted", referral.as_str()), format!("/referrals/{referral}/sent")),
        (("mail-received", mail.as_str()), reply.trim().to_owned()),
    ] {
        assert!(synced_before(&text, event, &reply), "{reply:?} was not preceded by a sync of its {event:?}");
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

/// Whether an fsync of the write-ahead log that began after the first write of this event was over is
/// itself over before the first line that sends `reply`. There is one writer and it syncs once a
/// commit, so the first sync after a write is that of its own transaction; what other transactions
/// write meanwhile does not count.
fn synced_before(trace: &str, (act, id): (&str, &str), reply: &str) -> bool {
    let lines: Vec<&str> = trace.lines().collect();
    let answers = |line: &&str| !line.contains("dutyline.db") && line.contains(reply);
    let Some(told) = lines.iter().position(answers) else { return false };
    let of_log = |names: &[&str]| calls(&lines, names, "dutyline.db-wal");
    let tells = |call: &Call| lines[call.begins].contains(act) && lines[call.begins].contains(id);
    let Some(written) = of_log(&["pwrite64", "write"]).into_iter().find(tells).and_then(|call| call.ends)
    else {
        return false;
    };
    of_log(&["fsync", "fdatasync"])
        .iter()
        .any(|call| call.done && call.begins > written && call.ends.is_some_and(|ends| ends < told))
}

#[test]
fn a_sync_counts_when_it_is_over() {
    let write = "7 pwrite64(9</d/dutyline.db-wal>, \"x mail-received of id-1\"..., 4096, 0) = 4096\n";
    let another = "7 pwrite64(9</d/dutyline.db-wal>, \"x mail-received of id-2\"..., 4096, 0) = 4096\n";
    let (begins, over) =
        ("7 fdatasync(9</d/dutyline.db-wal> <unfinished ...>\n", "7 <... fdatasync resumed>) = 0\n");
    let reply = "8 write(12<socket:[1]>, \"250 2.0.0 kept id-1\"..., 20) = 20\n";
    let whole = "7 fsync(9</d/dutyline.db-wal>) = 0\n";
    let failed = "7 fsync(9</d/dutyline.db-wal>) = -1 EIO (Input/output error)\n";
    let other = "8 <... fdatasync resumed>) = 0\n";
    let half = "7 pwrite64(9</d/dutyline.db-wal>, \"x mail-received of id-1\"..., 4096, 0 <unfinished ...>\n";
    for (trace, synced) in [
        ([write, whole, reply, "", ""], true),
        ([write, begins, over, reply, ""], true),
        ([write, whole, another, reply, whole], true),
        ([write, another, reply, whole, ""], false),
        ([another, whole, reply, "", ""], false),
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
        assert_eq!(
            synced_before(&trace, ("mail-received", "id-1"), "250 2.0.0 kept id-1"),
            synced,
            "{trace}"
        );
    }
}
