//! What happens when the disk takes no more, or the trail cannot be trusted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;

use dutyline::store::mails;

use crate::child::{Child, Visitor, queue_id, sealed_mail, send_mail};
use crate::faults::open;
use crate::stories::by_mail::document_of_today;
use crate::support::{Engine, World};

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
