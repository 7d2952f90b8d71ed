//! No child data outside the seal: referrals full of marker words go in by every door, in success and
//! failure; then logs, database files, temporary folders, mail, addresses and error pages are searched.
//! And what is visible of a flagged referral is what is visible of an unflagged one, sizes included.

use std::path::Path;

use dutyline::clock::Clock;
use dutyline::store::{Store, cases, letters, referrals, trail};

use crate::child::{Child, Visitor, sealed_mail, send_mail};
use crate::faults::{STAFF, fill, send, today};
use crate::stories::by_mail::document;
use crate::support::{Engine, World, form, given_a_draft, given_a_referral, when_both_sign};

/// A word that stands nowhere else; every field gets its own ending.
const MARKER: &str = "Quokkazimt";

fn marked(document: &mut serde_json::Value) {
    let answers = &mut document["answers"];
    answers["child"]["forename"] = format!("{MARKER}a").into();
    answers["child"]["surname"] = format!("{MARKER}b").into();
    answers["carer"]["name"] = format!("{MARKER}c").into();
    answers["carer"]["address"] = format!("{MARKER}d Street").into();
    answers["reason"]["concerns"] = format!("{MARKER}e").into();
    document["restricted"]["abuse"]["concerns"] = "yes".into();
    document["restricted"]["abuse"]["perpetrator_name"] = format!("{MARKER}f").into();
    document["restricted"]["safeguarding"]["detail"] = format!("{MARKER}g").into();
    document["agreement"]["printed_name"] = format!("{MARKER}h").into();
    document["agreement"]["signed_on"] = today().into();
    document["referrer_signature"]["signed_on"] = today().into();
}

/// Everything by mail: good, held, of an unknown form, broken inside, from a stranger, not sealed.
fn by_mail(child: &Child) {
    let known = "jo@setting1.example";
    let write = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = document(&format!("marker-{}", rand()));
        marked(&mut value);
        change(&mut value);
        value
    };
    let cases = [
        (known, write(&|_| {})),
        (known, write(&|v| v["agreement"] = serde_json::Value::Null)),
        (known, write(&|v| v["answers"]["carer"]["postcode"] = format!("{MARKER}i").into())),
        (known, write(&|v| v["answers"][format!("{MARKER}j")] = "x".into())),
        (known, write(&|v| v["version"] = format!("{MARKER}k").into())),
        ("stranger@elsewhere.example", write(&|_| {})),
    ];
    for (from, value) in cases {
        let reply = send_mail(child.smtp, from, &sealed_mail(&child.folder, from, &value)).expect("answered");
        assert!(reply.starts_with("250"), "{reply}");
        assert!(!reply.contains(MARKER));
    }
    let clear = format!("From: {known}\nSubject: {MARKER}l\n\n{MARKER}m has a problem.");
    assert!(
        send_mail(child.smtp, &format!("{MARKER}n@family.example"), &clear)
            .expect("answered")
            .starts_with("250")
    );
}

fn rand() -> String {
    crate::support::hex(&dutyline::clock::Rng::System.bytes::<6>())
}

/// Everything by web: sent, held, malformed, somewhere that is not there. Gives what was answered
/// where nothing of a family may stand.
fn by_web(child: &Child, visitor: &Visitor) -> Vec<String> {
    let words = [
        ("child.forename", "Quokkazimta"),
        ("child.surname", "Quokkazimtb"),
        ("carer.name", "Quokkazimtc"),
        ("reason.concerns", "Quokkazimte"),
    ];
    let staff: Vec<(&str, &str)> = STAFF
        .iter()
        .map(|(path, value)| if *path == "abuse.concerns" { (*path, "yes") } else { (*path, *value) })
        .chain([("abuse.perpetrator_name", "Quokkazimtf"), ("abuse.safe_contact", "07700 900456")])
        .collect();
    let mut seen = Vec::new();
    let draft = fill(visitor, &today(), &words).expect("fills in the form");
    seen.push(draft.clone());
    let id = send(visitor, &draft, &staff).expect("is sent");
    let confirmation = visitor.get(&format!("/referrals/{id}/sent")).expect("answers");
    assert_eq!(confirmation.status, 200);
    assert!(!confirmation.body.contains("Quokkazimtf"), "the confirmation tells what only staff wrote");
    seen.extend(confirmation.headers.values().cloned());
    for (method, path) in [
        ("POST", "/referrals/Quokkazimto/acknowledge"),
        ("GET", "/drafts/Quokkazimtp/child"),
        ("GET", "/nowhere/Quokkazimtq"),
        ("POST", "/drafts/Quokkazimtr/staff-only"),
    ] {
        let answer =
            visitor.request(method, path, "child.forename=Quokkazimts", &[("Sec-Fetch-Site", "same-origin")]);
        let answer = answer.expect("answers");
        assert!(answer.status >= 400);
        seen.push(answer.body);
    }
    let other = Visitor::new(child.web).get(&format!("/referrals/{id}")).expect("answers");
    seen.push(other.body);
    seen
}

fn search(what: &str, bytes: &[u8]) {
    for needle in [MARKER.to_owned(), MARKER.to_lowercase()] {
        let found = bytes.windows(needle.len()).any(|piece| piece == needle.as_bytes());
        assert!(!found, "{what} holds a marker word");
    }
}

fn search_folder(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("reads").map(|entry| entry.expect("entry").path()) {
        search("a file name", entry.to_string_lossy().as_bytes());
        if entry.is_dir() {
            search_folder(&entry);
        } else {
            search(&entry.display().to_string(), &std::fs::read(&entry).expect("reads"));
        }
    }
}

#[test]
fn marker_words_stand_nowhere_outside_the_seal() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    let child = Child::start(&folder);
    let visitor = Visitor::signed_in(child.web, "Jo Sample").expect("signs in");
    for text in by_web(&child, &visitor) {
        search("an address, a header or an error page", text.as_bytes());
    }
    by_mail(&child);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let captured = visitor.get("/demo/mail").expect("answers").body;
    assert!(captured.contains("/demo/mail/"), "there is captured mail to search");
    search("the list of captured mail", captured.as_bytes());
    for link in captured.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if link.starts_with("/demo/mail/") {
            search(link, visitor.get(link).expect("answers").body.as_bytes());
        }
    }
    // While it runs (write-ahead log, shared memory, temporary files), and after it ended.
    search_folder(home.path());
    child.stop();
    search_folder(home.path());
}

/// Acts of one referral in order, sizes of what is stored of it, letters about it.
type Visible = (Vec<String>, Vec<(String, i64)>, Vec<String>, Vec<String>);

async fn visible(world: &World, id: dutyline::domain::ids::ReferralId) -> Visible {
    let mut read = world.relay.store.read().await.expect("reads");
    let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
    let filter = trail::Filter {
        reference: row.reference.clone(),
        until: i64::MAX,
        below: i64::MAX,
        ..trail::Filter::default()
    };
    let acts = trail::page(&mut read, &filter).await.expect("reads");
    let mut sizes: Vec<(String, i64)> = cases::objects(&mut read, row.case)
        .await
        .expect("reads")
        .into_iter()
        .map(|o| (o.kind, o.size))
        .collect();
    sizes.sort();
    let mut letters = letters::about(&mut read, &row.reference).await.expect("reads");
    letters.sort_by(|one, other| one.kind.cmp(&other.kind));
    let state = format!("{:?} {:?} {} {}", row.state, row.urgency, row.locality, row.content_version);
    (
        acts.into_iter().map(|event| event.columns.act).collect(),
        sizes.into_iter().filter(|(kind, _)| kind != "family" && kind != "evidence").collect(),
        letters
            .into_iter()
            .map(|letter| format!("{} {} {}", letter.kind, letter.recipient, letter.params))
            .collect(),
        vec![state],
    )
}

#[tokio::test]
async fn a_flagged_referral_looks_like_any_other() {
    let world = World::on(Engine::Sqlite).await;
    let flagged = form(|raw| {
        raw.set("safeguarding.concerns", "yes");
        raw.set("safeguarding.referred", "no");
        raw.set("safeguarding.detail", "x".repeat(800));
        raw.set("abuse.concerns", "yes");
        raw.set("abuse.safe_contact", "07700 900456");
        raw.set("abuse.perpetrator_name", "A. N. Other");
    });
    let one = given_a_referral(&world, &form(|_| {})).await;
    let other = given_a_referral(&world, &flagged).await;
    assert_eq!(visible(&world, one).await, visible(&world, other).await);

    // Held: unsigned by the parent, and signed by the alleged perpetrator, differ in nothing that shows.
    let held = async |raw: &dutyline::domain::form::Raw, sign: bool| {
        let draft = given_a_draft(&world, raw).await;
        if sign {
            when_both_sign(&world, draft, "Niamh Sample").await;
        }
        let id = dutyline::pipeline::submit(&world.relay, &world.sender, draft).await.expect("is held");
        let seen = visible(&world, id).await;
        (seen.0, seen.2, seen.3)
    };
    let by_perpetrator = form(|raw| {
        raw.set("abuse.concerns", "yes");
        raw.set("abuse.perpetrator_name", "Niamh Sample");
    });
    assert_eq!(held(&form(|_| {}), false).await, held(&by_perpetrator, true).await);
}

/// The case files' lengths tell nothing either.
#[tokio::test]
async fn every_case_file_has_the_same_length() {
    let world = World::on(Engine::Sqlite).await;
    given_a_referral(&world, &form(|_| {})).await;
    given_a_referral(&world, &form(|raw| raw.set("abuse.concerns", "yes"))).await;
    let store = Store::open(&world.database.url, Clock::System).await.expect("opens");
    store.close().await;
    use sqlx::Connection as _;
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    let lengths: Vec<(i64,)> = sqlx::query_as("SELECT DISTINCT length(bytes) FROM case_file")
        .fetch_all(&mut conn)
        .await
        .expect("reads");
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}
