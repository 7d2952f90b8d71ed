//! No child data outside the seal: referrals in which every field, every file and every typed reason is
//! marked go in by every door, in success and failure; then logs, database files, temporary folders,
//! mail, addresses, error pages and what commands print are searched ([`marks`] says for what). And what
//! is visible of a flagged referral is what is visible of an unflagged one ([`alike`]).

mod alike;
mod marks;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dutyline::domain::form::{Kind, Part};
use dutyline::domain::referral::State;
use dutyline::store::referrals;
use serde_json::Value;

use crate::child::{Child, Visitor, relay_key, sealed_mail, send_mail};
use crate::faults::open;
use marks::{MARKER, NEEDLES, document, file, marks, word};

/// Whom the sample knows.
const KNOWN: &str = "jo@setting1.example";

fn rand() -> String {
    crate::support::hex(&dutyline::clock::Rng::System.bytes::<6>())
}

/// A marked document with a change.
fn changed(change: &dyn Fn(&mut Value)) -> Value {
    let mut value = document(&format!("marker-{}", rand()));
    change(&mut value);
    value
}

/// Everything by mail: good, held, of an unknown form, broken inside, from a stranger, not sealed.
fn by_mail(child: &Child) {
    let cases = [
        (KNOWN, changed(&|_| {})),
        (KNOWN, changed(&|v| v["agreement"] = Value::Null)),
        (KNOWN, changed(&|v| v["answers"]["carer"]["postcode"] = word("zpostcode").into())),
        (KNOWN, changed(&|v| v["answers"][word("zanswer")] = "x".into())),
        (KNOWN, changed(&|v| v["version"] = word("zversion").into())),
        (KNOWN, changed(&|v| v["restricted"]["abuse"]["safe_contact"] = word("zsafe").into())),
        (KNOWN, changed(&|v| v["restricted"]["abuse"]["perpetrator_name"] = word("zsigner").into())),
        ("stranger@elsewhere.example", changed(&|_| {})),
    ];
    for (from, value) in cases {
        let reply = send_mail(child.smtp, from, &sealed_mail(&child.folder, from, &value)).expect("answered");
        assert!(reply.starts_with("250"), "{reply}");
        search("a reply of the mail door", reply.as_bytes());
    }
    let clear = format!("From: {KNOWN}\nSubject: {}\n\n{} has a problem.", word("zsubject"), word("zbody"));
    let from = format!("{}@family.example", word("zfrom"));
    let reply = send_mail(child.smtp, &from, &clear).expect("answered");
    assert!(reply.starts_with("250"), "{reply}");
}

/// Posts pairs that must lead on; the address that follows.
fn led(visitor: &Visitor, path: &str, fields: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = visitor.post(path, &fields).expect("answers");
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    answer.location()
}

/// The part's fields as its page sends them.
fn typed(part: Part) -> Vec<(String, String)> {
    marks().iter().filter(|mark| mark.field.part == part).flat_map(marks::Mark::typed).collect()
}

fn hidden(page: &str, name: &str) -> String {
    let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a hidden field");
    after.split('"').next().expect("its value").to_owned()
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// The whole web form, every question answered, a file attached, both signed: the draft's address, and
/// every address on the way.
fn filled(visitor: &Visitor) -> (String, Vec<String>) {
    let begun = led(visitor, "/referrals", &[]);
    let draft = begun.rsplit_once('/').expect("a draft").0.to_owned();
    let mut seen = vec![begun];
    for part in Part::FAMILY {
        seen.push(led(visitor, &format!("{draft}/{}", part.slug()), &typed(*part)));
    }
    let (name, bytes) = file();
    let attached = visitor.upload(&format!("{draft}/files"), &name, &bytes).expect("answers");
    assert_eq!(attached.status, 303, "{}", attached.body);
    seen.push(attached.location());
    let staff = [pair("present", word("zpresent")), pair("checked_how", word("zchecked"))];
    seen.push(led(visitor, &format!("{draft}/agreement"), &[pair("signatory", "parent")]));
    seen.push(led(visitor, &format!("{draft}/how"), &[pair("how", "screen")]));
    let screen = led(visitor, &format!("{draft}/present"), &staff);
    let page = visitor.get(&screen).expect("answers").body;
    seen.push(screen.clone());
    assert!(page.contains(&name), "the file is part of what is signed");
    let signed = [
        pair("printed_name", word("zsigner")),
        pair("relationship", word("zrelation")),
        pair("parental_responsibility", "yes"),
        pair("signature-typed", word("zsigner")),
        pair("decision", "agree"),
        pair("statement", hidden(&page, "statement")),
        pair("content", hidden(&page, "content")),
    ];
    seen.push(led(visitor, &screen, &signed));
    let sign = format!("{draft}/sign");
    let content = hidden(&visitor.get(&format!("{sign}?staff=yes")).expect("answers").body, "content");
    let referrer =
        typed(Part::Referrer).into_iter().find(|(name, _)| name == "referrer.name").expect("a name").1;
    seen.push(led(visitor, &sign, &[pair("signature", referrer), pair("content", content)]));
    (draft, seen)
}

/// Everything by web: sent, malformed, somewhere that is not there. Gives what was answered where
/// nothing of a family may stand, and the id of what was sent.
fn by_web(child: &Child, visitor: &Visitor) -> (Vec<String>, String) {
    let (draft, mut seen) = filled(visitor);
    let sent = led(visitor, &format!("{draft}/staff-only"), &typed(Part::Restricted));
    let id = sent.split('/').nth(2).expect("an id").to_owned();
    seen.push(sent.clone());
    let confirmation = visitor.get(&sent).expect("answers");
    assert_eq!(confirmation.status, 200);
    seen.extend(confirmation.headers.values().cloned());
    staff_only_stands_apart(visitor, &id, &confirmation.body);
    for (method, path) in [
        ("POST", format!("/referrals/{}/acknowledge", word("zpath"))),
        ("GET", format!("/drafts/{}/child", word("zpath"))),
        ("GET", format!("/nowhere/{}", word("zpath"))),
        ("GET", format!("/referrals/{id}/files/{}", word("zpath"))),
        ("POST", format!("/drafts/{}/staff-only", word("zpath"))),
    ] {
        let body = format!("child.forename={}", word("zposted"));
        let answer = visitor.request(method, &path, &body, &[("Sec-Fetch-Site", "same-origin")]);
        let answer = answer.expect("answers");
        assert!(answer.status >= 400, "{path}: {}", answer.status);
        seen.push(answer.body);
    }
    seen.push(Visitor::new(child.web).get(&format!("/referrals/{id}")).expect("answers").body);
    (seen, id)
}

/// What the family part marks is shown to its sender, so it was taken in; what staff wrote is not, before
/// it is asked for, and then it is.
fn staff_only_stands_apart(visitor: &Visitor, id: &str, confirmation: &str) {
    let view = visitor.get(&format!("/referrals/{id}")).expect("answers").body;
    let opened = visitor.post(&format!("/referrals/{id}/restricted"), &[]).expect("answers").body;
    for mark in marks().iter().filter(|mark| !matches!(mark.field.kind, Kind::One(_) | Kind::Any(_))) {
        let (path, value) = (mark.field.path, mark.value.as_str());
        let word = mark.is_word() || mark.field.kind == Kind::Phone;
        if mark.field.part == Part::Restricted {
            assert!(!confirmation.contains(value), "the confirmation tells {path}, which only staff wrote");
            assert!(!view.contains(value), "the view tells {path} before it is asked for");
            assert!(!word || opened.contains(value), "{path} was not taken in");
        } else {
            assert!(!word || view.contains(value), "{path} was not taken in");
        }
    }
}

/// Reasons that people type: the intake desk's for a line, the information governance lead's for
/// opening a referral and what is restricted of it, a lead's for one of another line; and the name that
/// an auditor looks up.
fn reasons(child: &Child, id: &str, reference: &str) -> Vec<String> {
    let desk = Visitor::signed_in(child.web, "Robin Desk").expect("signs in");
    let list = desk.get("/desk").expect("answers").body;
    let waiting = list.split("href=\"").find(|rest| rest.starts_with("/desk/referrals/"));
    let waiting = waiting.and_then(|rest| rest.split('"').next()).expect("one waits");
    let chosen = led(&desk, waiting, &[pair("line", "thanet"), pair("reason", word("zdesk"))]);
    let placed = chosen.split(['=', '&']).nth(1).expect("a reference").to_owned();
    let lead = Visitor::signed_in(child.web, "Lee Leading").expect("signs in");
    let glass = led(&lead, "/break-glass", &[pair("reference", placed), pair("reason", word("zglass"))]);
    let again = glass.replace("/referrals/", "/break-glass/") + "/restricted";
    let sheet = lead.post(&again, &[("reason", &word("zglass"))]).expect("answers");
    assert_eq!(sheet.status, 200, "it opens for the reason");
    let auditor = Visitor::signed_in(child.web, "Morgan Auditor").expect("signs in");
    let name = word("zlookedup");
    let asked = [("name", &*name), ("born-day", "3"), ("born-month", "9"), ("born-year", "2024")];
    let found = auditor.post("/trail/children", &asked).expect("answers");
    assert!(found.status == 200 && found.body.contains("No referral fits"), "{}", found.body);
    search("the answer to a look-up", found.body.as_bytes());
    let lead = Visitor::signed_in(child.web, "Ira Guardian").expect("signs in");
    let why = [pair("reference", reference), pair("purpose", "complaint"), pair("reason", word("zgovern"))];
    let governed = led(&lead, "/governance", &why);
    let opened = lead.post(&format!("/referrals/{id}/restricted"), &[("reason", &word("zguardian"))]);
    let opened = opened.expect("answers");
    assert!(opened.status == 200 && opened.body.contains(MARKER), "it opens for the reason");
    vec![chosen, glass, governed, opened.headers.into_values().collect()]
}

/// Looks for every mark; upper and lower case are one.
fn search(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    for needle in NEEDLES.iter() {
        assert!(!text.contains(needle), "{what} holds “{needle}”");
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

fn search_captured(visitor: &Visitor) {
    let captured = visitor.get("/demo/mail").expect("answers").body;
    assert!(captured.contains("/demo/mail/"), "there is captured mail to search");
    search("the list of captured mail", captured.as_bytes());
    for link in captured.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if link.starts_with("/demo/mail/") {
            search(link, visitor.get(link).expect("answers").body.as_bytes());
        }
    }
}

/// A command with its temporary folder where it is searched; what it printed is searched at once.
fn command(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_dutyline"))
        .args(arguments)
        .env("TMPDIR", folder.with_extension("tmp"))
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    let said = [done.stdout, done.stderr].concat();
    search(&format!("what {arguments:?} printed"), &said);
    String::from_utf8_lossy(&said).into_owned()
}

/// By the command line: sealed here, taken in from files, good and bad.
fn by_command(home: &Path, folder: &Path) {
    let outside = tempfile::tempdir().expect("a folder that is not searched");
    let data = folder.to_string_lossy().into_owned();
    let key = relay_key(folder);
    let write = |name: &str, text: &str| -> String {
        let path = outside.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path.to_string_lossy().into_owned()
    };
    let sealed: PathBuf = home.join("sealed.age");
    let good = write("good.json", &document(&format!("marker-{}", rand())).to_string());
    let said = command(folder, &["seal", &good, "--to", &key, "--armor", "-o", &sealed.to_string_lossy()]);
    let armor = std::fs::read_to_string(&sealed).unwrap_or_else(|_| panic!("every mark is valid: {said}"));
    let bad = changed(&|v| v["answers"]["carer"]["postcode"] = word("zpostcode").into());
    let said = command(folder, &["seal", &write("bad.json", &bad.to_string()), "--to", &key, "--armor"]);
    assert!(said.contains("carer.postcode") && !said.contains("BEGIN AGE"), "{said}");
    let unknown = changed(&|v| v["answers"][word("zanswer")] = word("zanswer").into());
    command(folder, &["seal", &write("unknown.json", &unknown.to_string()), "--to", &key, "--armor"]);

    let mail = write("good.eml", &format!("From: {KNOWN}\nSubject: Sealed\n\n{armor}"));
    let said = command(folder, &["ingest", "--data", &data, &mail]);
    assert!(said.contains("\"outcome\":\"placed\"") && said.contains("\"state\":\"delivered\""), "{said}");
    for value in [bad, unknown] {
        let mail = write("bad.eml", &sealed_mail(folder, KNOWN, &value));
        command(folder, &["ingest", "--data", &data, &mail]);
    }
    let clear = format!("From: {KNOWN}\nSubject: {}\n\n{}", word("zsubject"), word("zbody"));
    command(folder, &["ingest", "--data", &data, &write("clear.eml", &clear)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn marker_words_stand_nowhere_outside_the_seal() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("data");
    let child = Child::start(&folder);
    let visitor = Visitor::signed_in(child.web, "Jo Sample").expect("signs in");
    let (seen, id) = by_web(&child, &visitor);
    let view = visitor.get(&format!("/referrals/{id}")).expect("answers").body;
    let reference = view.split("Referral</span> ").nth(1).and_then(|rest| rest.split('<').next());
    for text in seen.into_iter().chain(reasons(&child, &id, reference.expect("a reference"))) {
        search("an address, a header or an error page", text.as_bytes());
    }
    by_mail(&child);
    std::thread::sleep(std::time::Duration::from_secs(3));
    search_captured(&visitor);
    // While it runs (write-ahead log, shared memory, temporary files), and after it ended.
    search_folder(home.path());
    child.stop();
    by_command(home.path(), &folder);
    search_folder(home.path());
    let store = open(&folder).await;
    let mut read = store.read().await.expect("reads");
    let row = referrals::find(&mut read, id.parse().expect("an id")).await.expect("reads").expect("there");
    assert_eq!(row.state, State::Delivered, "every mark is valid, so the web's referral was sent");
    drop(read);
    store.close().await;
}
