//! Broken on purpose: the process killed at any moment. What was acknowledged is there, once, opens for
//! the line that it was sent to, and stands in its list; and nothing that was sent is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dutyline::clock::Clock;
use dutyline::domain::ids::MailId;
use dutyline::domain::notice::Notice;
use dutyline::gate::{GateRules, Statements};
use dutyline::store::{Store, mails, people, referrals};
use sqlx::Connection as _;

use crate::child::{Answer, Child, Visitor, queue_id, sealed_mail, send_mail};
use crate::stories::by_mail::document_of_today;

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
    let known = [("present", "Key person"), ("checked_how", "Known")];
    visitor.post(&format!("{draft}/agreement"), &[("signatory", "parent")])?;
    visitor.post(&format!("{draft}/how"), &[("how", "screen")])?;
    visitor.post(&format!("{draft}/present"), &known)?;
    let page = visitor.get(&format!("{draft}/screen"))?;
    let (content, statement) = (hidden(&page, "content")?, hidden(&page, "statement")?);
    visitor.post(
        &format!("{draft}/screen"),
        &[
            ("printed_name", "Niamh Sample"),
            ("relationship", "Mother"),
            ("parental_responsibility", "yes"),
            ("signature-typed", "Niamh Sample"),
            ("decision", "agree"),
            ("content", &content),
            ("statement", &statement),
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

/// What the doors acknowledged: the id that they gave, and the words by which it is known inside.
#[derive(Default)]
struct Acknowledged {
    referrals: Mutex<BTreeSet<(String, String)>>,
    mails: Mutex<BTreeSet<(String, String)>>,
    /// Counts everything that was tried, so that the words of no two submissions are alike.
    tried: AtomicUsize,
}

impl Acknowledged {
    fn words(&self) -> String {
        format!("{MARK}{}", self.tried.fetch_add(1, Ordering::Relaxed))
    }
}

/// How the words of what this test sends begin.
const MARK: &str = "killed-";

/// Sends by the web door until it breaks.
fn by_web(port: u16, acknowledged: &Acknowledged, stop: &AtomicBool) {
    let Some(visitor) = Visitor::signed_in(port, "Jo Sample") else { return };
    while !stop.load(Ordering::Relaxed) {
        let words = acknowledged.words();
        let Some(draft) = fill(&visitor, &today(), &[("reason.concerns", &words)]) else { return };
        let Some(id) = send(&visitor, &draft, STAFF) else { return };
        acknowledged.referrals.lock().expect("lock").insert((id, words));
    }
}

/// Sends by the mail door until it breaks.
fn by_mail(port: u16, folder: &Path, acknowledged: &Acknowledged, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let words = acknowledged.words();
        let mut sealed = document_of_today(&words);
        sealed["answers"]["reason"]["concerns"] = words.as_str().into();
        let message = sealed_mail(folder, "jo@setting1.example", &sealed);
        let Some(reply) = send_mail(port, "jo@setting1.example", &message) else { return };
        if let Some(queue) = queue_id(&reply) {
            acknowledged.mails.lock().expect("lock").insert((queue.to_owned(), words));
        }
    }
}

fn stream(
    child: &Child,
    acknowledged: &Arc<Acknowledged>,
    stop: &Arc<AtomicBool>,
) -> Vec<std::thread::JoinHandle<()>> {
    let (web, smtp) = (child.web, child.smtp);
    let mut threads = Vec::new();
    for _ in 0..2 {
        let (done, until) = (acknowledged.clone(), stop.clone());
        threads.push(std::thread::spawn(move || by_web(web, &done, &until)));
        let (done, until, folder) = (acknowledged.clone(), stop.clone(), child.folder.clone());
        threads.push(std::thread::spawn(move || by_mail(smtp, &folder, &done, &until)));
    }
    threads
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    let acknowledged = Arc::new(Acknowledged::default());
    for round in 0..6 {
        let child = Child::start(&folder);
        let stop = Arc::new(AtomicBool::new(false));
        let threads = stream(&child, &acknowledged, &stop);
        let sent = || acknowledged.referrals.lock().expect("lock").len();
        let before = sent();
        std::thread::sleep(Duration::from_millis(2_500 + round * 731));
        // On a machine that has much else to do the web form takes longer than that.
        for _ in 0..300 {
            if sent() > before {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
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
    nothing_was_made_twice(&folder).await;
    everything_is_there_once(&folder, &web, &mail).await;
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

/// Each draft that was sent is one referral, each submission key is one, and there are no others.
async fn nothing_was_made_twice(folder: &Path) {
    let url = format!("sqlite:{}", folder.join("dutyline.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("connects");
    for (what, referrals, made) in [
        (
            "drafts",
            "SELECT COUNT(*), COUNT(DISTINCT case_id) FROM referral WHERE door = 'web' AND state <> 'held'",
            "SELECT COUNT(*), COUNT(DISTINCT sent_as) FROM draft WHERE sent_as <> ''",
        ),
        (
            "submission keys",
            "SELECT COUNT(*), COUNT(DISTINCT case_id) FROM referral WHERE door = 'mail'",
            "SELECT COUNT(*), COUNT(DISTINCT referral_id) FROM idempotency",
        ),
        (
            "mails",
            "SELECT COUNT(*), COUNT(DISTINCT case_id) FROM referral WHERE door = 'mail'",
            "SELECT COUNT(*), COUNT(DISTINCT referral_id) FROM mail_in WHERE referral_id <> '' AND code <> 'repeated'",
        ),
    ] {
        let of = sqlx::query_as::<_, (i64, i64)>(referrals).fetch_one(&mut conn).await.expect("counts");
        let by = sqlx::query_as::<_, (i64, i64)>(made).fetch_one(&mut conn).await.expect("counts");
        assert!(of.0 == of.1 && by.0 == by.1 && of.0 == by.0, "referrals {of:?}, {what} {by:?}");
    }
    conn.close().await.expect("closes");
}

/// The line opens everything in its list. What was acknowledged is among it under the id that was
/// given, and the words of no submission are found twice, whether it was acknowledged or not.
async fn everything_is_there_once(
    folder: &Path,
    web: &BTreeSet<(String, String)>,
    mail: &BTreeSet<(String, String)>,
) {
    let url = format!("sqlite:{}", folder.join("dutyline.db").display());
    let (keys, consent) = (folder.join("keys"), (Statements::shipped(), Notice::default()));
    let relay = dutyline::app::open_relay(&url, &keys, GateRules::default(), consent).await;
    let relay = relay.expect("opens with the demo's keys");
    let mut read = relay.store.read().await.expect("reads");
    let everybody = people::everybody(&mut read).await.expect("reads");
    let nurse = everybody.iter().find(|person| person.name == "Nurse Canterbury").expect("of that line");
    let mut rows = Vec::new();
    loop {
        let page = referrals::inbox(&mut read, "canterbury", rows.len() as i64).await.expect("reads");
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    let mut found = BTreeMap::new();
    for row in rows {
        let opened = dutyline::casework::open(&relay, nurse, row.id).await;
        let opened = opened.unwrap_or_else(|why| panic!("{} does not open: {why}", row.reference));
        let words = opened.family.answers.get("reason.concerns").to_owned();
        if words.starts_with(MARK) {
            let before = found.insert(words.clone(), row.id.to_string());
            assert_eq!(before, None, "{words} is two referrals");
        }
    }
    for (id, words) in web {
        assert_eq!(found.get(words), Some(id), "an acknowledged referral is not in its line's list");
    }
    let waiting = held_mails(&mut read).await;
    for (id, words) in mail {
        let row = mails::find(&mut read, id.parse::<MailId>().expect("an id")).await.expect("reads");
        let row = row.expect("an acknowledged mail is there");
        if (row.state.as_str(), row.code.as_str()) == ("held", "judging-failed") {
            // Killed twice while this very mail was judged: a person sees it.
            assert!(waiting.contains(id), "a held mail is not in the desk's list");
            assert_eq!(found.get(words), None, "{words} is held and a referral");
            continue;
        }
        assert_eq!((row.state.as_str(), row.code.as_str()), ("judged", "delivered"), "{words}");
        assert_eq!(found.get(words), Some(&row.referral), "{words} is not in its line's list");
    }
    drop(read);
    relay.store.close().await;
}

/// The ids of all mails in the desk's list.
async fn held_mails(read: &mut dutyline::store::Read) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    loop {
        let page = mails::held(read, ids.len() as i64).await.expect("reads");
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.into_iter().map(|mail| mail.id.to_string()));
    }
}
