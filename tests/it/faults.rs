//! Broken on purpose: the process killed at any moment, the machine short of space, the order of
//! writing and answering looked at from outside.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dutyline::clock::Clock;
use dutyline::domain::ids::{MailId, ReferralId};
use dutyline::store::{Store, mails, referrals};

use crate::child::{Answer, Child, Visitor, sealed_mail, send_mail};
use crate::stories::by_mail::document;

const PAGES: &[(&str, &[(&str, &str)])] = &[
    (
        "postcode",
        &[("request.kind", "referral"), ("carer.postcode_known", "yes"), ("carer.postcode", "CT1 2EH")],
    ),
    (
        "child",
        &[
            ("child.forename", "Aoife"),
            ("child.surname", "Sample"),
            ("child.date_of_birth-day", "3"),
            ("child.date_of_birth-month", "9"),
            ("child.date_of_birth-year", "2024"),
        ],
    ),
    ("carer", &[("carer.name", "Niamh Sample"), ("carer.phone", "07700 900123")]),
    ("support", &[("needs.interpreter", "no")]),
    ("reason", &[("reason.concerns", "Says about ten words.")]),
];

/// What the staff-only page sends.
pub const STAFF: &[(&str, &str)] =
    &[("safeguarding.concerns", "no"), ("abuse.concerns", "no"), ("request.urgency", "soon")];

fn hidden(page: &Answer, name: &str) -> Option<String> {
    let after = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
    Some(after.split('"').next()?.to_owned())
}

/// The whole web form, up to the last page; gives the draft's address.
pub fn fill(visitor: &Visitor, today: &str, change: &[(&str, &str)]) -> Option<String> {
    let begun = visitor.post("/referrals", &[])?.location();
    let draft = begun.rsplit_once('/')?.0.to_owned();
    let changed = |name: &'static str, value: &'static str| -> (String, String) {
        let other = change.iter().find(|(path, _)| *path == name).map(|(_, value)| *value);
        (name.to_owned(), other.unwrap_or(value).to_owned())
    };
    for (page, fields) in PAGES {
        let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| changed(name, value)).collect();
        post(visitor, &format!("{draft}/{page}"), &fields)?;
    }
    let (year, rest) = today.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let date = [("referrer.date-day", day), ("referrer.date-month", month), ("referrer.date-year", year)];
    let mut you: Vec<(String, String)> =
        date.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    you.extend([
        ("referrer.name".to_owned(), "Jo Sample".to_owned()),
        ("referrer.phone".to_owned(), "01632 960123".to_owned()),
    ]);
    post(visitor, &format!("{draft}/you"), &you)?;
    let before = [("how", "here"), ("present", "Key person"), ("checked_how", "Known"), ("decision", "show")];
    let content = hidden(&visitor.post(&format!("{draft}/agreement"), &before)?, "content")?;
    visitor.post(
        &format!("{draft}/agreement"),
        &[
            ("how", "here"),
            ("printed_name", "Niamh Sample"),
            ("relationship", "Mother"),
            ("parental_responsibility", "yes"),
            ("signature-typed", "Niamh Sample"),
            ("present", "Key person"),
            ("checked_how", "Known"),
            ("decision", "agree"),
            ("content", &content),
        ],
    )?;
    let content = hidden(&visitor.get(&format!("{draft}/sign?staff=yes"))?, "content")?;
    visitor.post(&format!("{draft}/sign"), &[("signature", "Jo Sample"), ("content", &content)])?;
    Some(draft)
}

fn post(visitor: &Visitor, path: &str, fields: &[(String, String)]) -> Option<Answer> {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    visitor.post(path, &fields)
}

/// Sends the draft; the referral's id when it was acknowledged.
pub fn send(visitor: &Visitor, draft: &str, staff: &[(&str, &str)]) -> Option<String> {
    let answer = visitor.post(&format!("{draft}/staff-only"), staff)?;
    let location = answer.location();
    let id = location.strip_prefix("/referrals/")?.strip_suffix("/sent")?;
    (answer.status == 303).then(|| id.to_owned())
}

pub fn today() -> String {
    Clock::System.now().day().to_string()
}

/// What the doors acknowledged.
#[derive(Default)]
struct Acknowledged {
    referrals: Mutex<BTreeSet<String>>,
    mails: Mutex<BTreeSet<(String, String)>>,
}

fn stream(
    child: &Child,
    acknowledged: &Arc<Acknowledged>,
    stop: &Arc<AtomicBool>,
    number: &Arc<AtomicUsize>,
) -> Vec<std::thread::JoinHandle<()>> {
    let mut threads = Vec::new();
    for _ in 0..2 {
        let (port, acknowledged, stop) = (child.web, acknowledged.clone(), stop.clone());
        threads.push(std::thread::spawn(move || {
            let Some(visitor) = Visitor::signed_in(port, "Jo Sample") else { return };
            while !stop.load(Ordering::Relaxed) {
                let Some(draft) = fill(&visitor, &today(), &[]) else { return };
                let Some(id) = send(&visitor, &draft, STAFF) else { return };
                acknowledged.referrals.lock().expect("lock").insert(id);
            }
        }));
    }
    for _ in 0..2 {
        let (port, folder, acknowledged) = (child.smtp, child.folder.clone(), acknowledged.clone());
        let (stop, number) = (stop.clone(), number.clone());
        threads.push(std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let id = format!("kill-{}", number.fetch_add(1, Ordering::Relaxed));
                let mut sealed = document(&id);
                sealed["agreement"]["signed_on"] = today().into();
                sealed["answers"]["referrer"]["date"] = today().into();
                let message = sealed_mail(&folder, "jo@setting1.example", &sealed);
                let Some(reply) = send_mail(port, "jo@setting1.example", &message) else { return };
                if let Some(queue) =
                    reply.strip_prefix("250 ").and_then(|rest| rest.split_whitespace().last())
                {
                    acknowledged.mails.lock().expect("lock").insert((queue.to_owned(), id));
                }
            }
        }));
    }
    threads
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    let acknowledged = Arc::new(Acknowledged::default());
    let number = Arc::new(AtomicUsize::new(0));
    for round in 0..6 {
        let child = Child::start(&folder);
        let stop = Arc::new(AtomicBool::new(false));
        let threads = stream(&child, &acknowledged, &stop, &number);
        std::thread::sleep(Duration::from_millis(2_500 + round * 731));
        child.kill();
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().expect("a client does not panic"));
    }
    let child = Child::start(&folder);
    let waiting = acknowledged.mails.lock().expect("lock").clone();
    wait_until_judged(&folder, &waiting).await;
    child.stop();
    let (web, mail) = (acknowledged.referrals.lock().expect("lock").clone(), waiting);
    assert!(
        web.len() >= 3 && mail.len() >= 10,
        "too little was acknowledged to mean anything: {} and {}",
        web.len(),
        mail.len()
    );
    everything_is_there_once(&folder, &web, &mail).await;
    let verified = Command::new(env!("CARGO_BIN_EXE_dutyline"))
        .args(["audit", "verify", "--data"])
        .arg(&folder)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(
        verified.status.success() && said.starts_with("ok "),
        "{said} {}",
        String::from_utf8_lossy(&verified.stderr)
    );
}

pub async fn open(folder: &Path) -> Store {
    let url = format!("sqlite:{}", folder.join("dutyline.db").display());
    Store::open(&url, Clock::System).await.expect("the store opens")
}

async fn wait_until_judged(folder: &Path, mail: &BTreeSet<(String, String)>) {
    let store = open(folder).await;
    for _ in 0..600 {
        let mut read = store.read().await.expect("reads");
        let mut left = 0;
        for (id, _) in mail {
            let row = mails::find(&mut read, id.parse::<MailId>().expect("an id")).await.expect("reads");
            left += usize::from(row.expect("an acknowledged mail is there").state == "received");
        }
        drop(read);
        if left == 0 {
            return store.close().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("acknowledged mail was not judged within a minute");
}

async fn everything_is_there_once(folder: &Path, web: &BTreeSet<String>, mail: &BTreeSet<(String, String)>) {
    let store = open(folder).await;
    let mut read = store.read().await.expect("reads");
    let mut references = BTreeSet::new();
    for id in web {
        let row = referrals::find(&mut read, id.parse::<ReferralId>().expect("an id")).await.expect("reads");
        assert!(references.insert(row.expect("an acknowledged referral is there").reference));
    }
    for (id, submission) in mail {
        let row = mails::find(&mut read, id.parse::<MailId>().expect("an id"))
            .await
            .expect("reads")
            .expect("there");
        if (row.state.as_str(), row.code.as_str()) == ("held", "judging-failed") {
            continue; // Killed twice while this very mail was judged: a person sees it.
        }
        assert_eq!((row.state.as_str(), row.code.as_str()), ("judged", "delivered"), "{submission}");
        let id = row.referral.parse::<ReferralId>().expect("a referral came of it");
        let referral = referrals::find(&mut read, id).await.expect("reads").expect("there");
        assert!(references.insert(referral.reference), "{submission} is two referrals");
    }
    drop(read);
    store.close().await;
}
