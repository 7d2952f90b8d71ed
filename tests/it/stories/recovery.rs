//! What an outsider can do with what was stored: open a case with the recovery identity and the npm
//! age library alone; find a changed row with no key at all.

use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use dutyline::app::{AppError, watch};
use dutyline::audit::tree::leaf_hash;
use dutyline::audit::{Edge, EventDraft, Origin};
use dutyline::casework;
use dutyline::pipeline::{receive::Receiving, submit};
use dutyline::store::referrals;
use dutyline::store::trail::{self, Untrue};
use sqlx::Connection as _;

use crate::support::{Engine, World, form, given_a_draft, given_a_referral, hex, when_both_sign};

async fn sql(world: &World, statement: &'static str) {
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    sqlx::raw_sql(statement).execute(&mut conn).await.expect("runs");
    conn.close().await.expect("closes");
}

async fn verdict(world: &World) -> Result<u64, Untrue> {
    trail::verify(&mut world.relay.store.read().await.expect("reads"), &[]).await
}

/// A referral that the line acknowledged and approved for print, and a mail.
async fn given_a_full_world(world: &World) {
    let relay = &world.relay;
    let id = given_a_referral(world, &form(|_| {})).await;
    let row = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("finds");
    let who = dutyline::relay::actor(&world.canterbury);
    casework::labels(relay, who, "inbox", &[row.expect("there")]).await.expect("a list");
    casework::open(relay, &world.canterbury, id).await.expect("opens");
    casework::open_restricted(relay, &world.canterbury, id, "triage").await.expect("opens");
    casework::acknowledge(relay, &world.canterbury, id).await.expect("acknowledges");
    casework::approve_for_print(relay, &world.canterbury, id, 1).await.expect("approves");
    let mut mail = Receiving::begin(relay.clone(), "jo@setting1.example", "TLSv1.3");
    mail.write(b"Subject: hello\r\n\r\nhello\r\n").await.expect("takes bytes");
    mail.commit().await.expect("a mail");
}

#[tokio::test]
async fn a_held_referral_that_is_completed_verifies_in_every_state() {
    let world = World::on(Engine::Sqlite).await;
    let (relay, sender) = (&world.relay, &world.sender);
    let draft = given_a_draft(&world, &form(|_| {})).await;
    submit(relay, sender, draft).await.expect("is held");
    verdict(&world).await.expect("true while it is held");
    when_both_sign(&world, draft, "Niamh Sample").await;
    let id = submit(relay, sender, draft).await.expect("is sent");
    verdict(&world).await.expect("true when it is completed");
    let row = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("finds");
    assert_eq!(row.expect("there").content_version, 2);
}

#[tokio::test]
async fn a_changed_or_swapped_row_is_named() {
    for (what, statement, named) in [
        (
            "an event's bytes",
            "UPDATE audit_event SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'operator', 'operatos') AS BLOB) WHERE seq = 3",
            "event 3",
        ),
        ("an event's column", "UPDATE audit_event SET actor_id = 'someone' WHERE seq = 4", "event 4"),
        ("an event taken out", "DELETE FROM audit_event WHERE seq = 5", "event 5"),
        ("a sealed chunk", "UPDATE sealed_chunk SET bytes = zeroblob(10) WHERE rowid = 1", "sealed object"),
        (
            "two swapped chunks",
            "UPDATE sealed_chunk SET object_id = CASE rowid WHEN 1 THEN (SELECT object_id FROM sealed_chunk WHERE rowid = 2) ELSE object_id END WHERE rowid = 1 AND (SELECT n FROM sealed_chunk WHERE rowid = 2) <> 0; UPDATE sealed_chunk SET bytes = (SELECT b.bytes FROM sealed_chunk b WHERE b.rowid = 3) WHERE rowid = 2",
            "sealed object",
        ),
        ("a case file", "UPDATE case_file SET bytes = zeroblob(10)", "case file"),
        ("a referral's state", "UPDATE referral SET state = 'opened'", "referral"),
        ("a referral taken out", "DELETE FROM child_index; DELETE FROM referral", "no such row is stored"),
        (
            "a referral's setting",
            "UPDATE referral SET organisation_id = 'another'",
            "another organisation_id of referral",
        ),
        (
            "a referral's case",
            "UPDATE referral SET case_id = (SELECT case_id FROM mail_in)",
            "another case_id of referral",
        ),
        ("a referral's line", "UPDATE referral SET locality = 'swale'", "another locality of referral"),
        ("a referral's urgency", "UPDATE referral SET urgency = 0", "another urgency of referral"),
        ("an urgency out of range", "UPDATE referral SET urgency = 17", "another urgency of referral"),
        (
            "a referral's version",
            "UPDATE referral SET content_version = 2",
            "another content_version of referral",
        ),
        (
            "a referral's reference",
            "UPDATE referral SET reference = 'AAAA-AAA'",
            "another reference of referral",
        ),
        (
            "who acknowledged",
            "UPDATE referral SET acknowledged_by = 'me'",
            "another acknowledged_by of referral",
        ),
        (
            "who approved",
            "UPDATE referral SET print_approved_by = ''",
            "another print_approved_by of referral",
        ),
        (
            "an object's kind",
            "UPDATE sealed_object SET kind = 'note' WHERE kind = 'family'",
            "another kind of sealed object",
        ),
        (
            "an object's version",
            "UPDATE sealed_object SET version = 9 WHERE kind = 'family'",
            "another version of sealed object",
        ),
        (
            "an object's case",
            "UPDATE sealed_object SET case_id = (SELECT case_id FROM mail_in) WHERE kind = 'family'",
            "another case_id of sealed object",
        ),
        ("an object taken out", "DELETE FROM sealed_object WHERE kind = 'family'", "sealed object"),
        ("a mail taken out", "DELETE FROM mail_in", "speaks of mail"),
        ("a held mail closed", "UPDATE mail_in SET state = 'closed'", "left mail"),
        ("a case that seems erased", "UPDATE case_file SET erased_at = 1", "left case"),
        ("a referral's author", "UPDATE referral SET person_id = 'me'", "left referral"),
        ("a time", "UPDATE referral SET opened_at = opened_at - 1", "left referral"),
        ("that the restricted part was read", "UPDATE referral SET restricted_read_at = 1", "left referral"),
        ("a door", "UPDATE referral SET door = 'command'", "left referral"),
        ("a role", "UPDATE person SET role = 'ig-lead' WHERE role = 'auditor'", "left person"),
        (
            "a sender's address",
            "UPDATE person SET email = 'me@evil.example' WHERE role = 'duty'",
            "left person",
        ),
        (
            "a person put in",
            "INSERT INTO person SELECT 'x', organisation_id, name, role, lines, 'x', 0, 0, 0, 0 FROM person LIMIT 1",
            "person x is stored",
        ),
        (
            "a setting's telephone",
            "UPDATE organisation SET phone = '1' WHERE kind = 'setting'",
            "left organisation",
        ),
        (
            "a setting that seems to wait",
            "UPDATE organisation SET verified_at = 0 WHERE kind = 'setting'",
            "left organisation",
        ),
        (
            "a number in the register",
            "INSERT INTO register_setting VALUES ('x', 'x', 'x', '1')",
            "register settings is stored",
        ),
        ("a letter taken out", "DELETE FROM letter WHERE kind = 'line-notice'", "speaks of letter"),
        ("what a list showed", "DELETE FROM seen_case", "left list"),
        (
            "a list that showed more",
            "INSERT INTO seen_case SELECT 'x', MAX(seq) FROM audit_event",
            "left list",
        ),
        ("a list of later", "INSERT INTO seen_case VALUES ('x', 9999999)", "list 9999999 is stored"),
        (
            "a postcode table put in",
            "INSERT INTO postcode_edition VALUES ('x', 1, x'00', x'')",
            "postcode edition x is stored",
        ),
        ("a letter called sent", "UPDATE letter SET state = 'sent'", "left letter"),
        (
            "a mail put in",
            "INSERT INTO mail_in SELECT 'x', case_id, state, tls, size, '', '', '', 0, 0, '', 0 FROM mail_in",
            "mail x is stored",
        ),
    ] {
        let world = World::on(Engine::Sqlite).await;
        given_a_full_world(&world).await;
        verdict(&world).await.expect("true before");
        sql(&world, statement).await;
        let error = verdict(&world).await.expect_err(what).to_string();
        assert!(error.contains(named), "{what}: {error}");
    }
}

/// Somebody with the database in hand writes another history, with hashes and head that fit.
async fn rewrite(world: &World) {
    let mut read = world.relay.store.read().await.expect("reads");
    let mut events = trail::block(&mut read, 0).await.expect("events");
    let last_at = trail::head(&mut read).await.expect("head").last_at();
    drop(read);
    events[3] = events[2].clone();
    let mut edge = Edge::new();
    let mut statement = String::new();
    for (seq, event) in events.iter().enumerate() {
        let leaf = leaf_hash(&event.bytes);
        edge.append(leaf);
        statement += &format!("UPDATE audit_event SET leaf = x'{}' WHERE seq = {seq};", hex(&leaf));
    }
    let (size, at) = (edge.size(), last_at.micros());
    statement += &format!(
        "UPDATE audit_head SET size = {size}, last_at = {at}, edge = x'{}'; DELETE FROM checkpoint;",
        hex(&edge.encode())
    );
    sql_owned(world, statement).await;
}

#[tokio::test]
async fn a_rewritten_trail_is_neither_signed_nor_served() {
    let world = World::on(Engine::Sqlite).await;
    let relay = &world.relay;
    let file = world.database.folder.path().join("last-checkpoint.txt");
    let noted = watch::Trail { origin: Origin::parse("test.example/log").expect("origin"), file };
    let first = watch::sign_now(relay, &noted).await.expect("signs");
    given_a_referral(&world, &form(|_| {})).await;
    let second = watch::sign_now(relay, &noted).await.expect("goes on from the edge beside the file");
    assert!(second.size > first.size);
    std::fs::remove_file(world.database.folder.path().join("last-checkpoint.txt.edge")).expect("there");
    watch::refuse_if_behind(relay, &noted).await.expect("the edge is worked out again");
    rewrite(&world).await;
    let refused = watch::refuse_if_behind(relay, &noted).await;
    assert!(matches!(refused, Err(AppError::Rewritten { known }) if known == second.size), "{refused:?}");
    relay.store.record(EventDraft::sample()).await.expect("recorded");
    let note = std::fs::read_to_string(&noted.file).expect("the note");
    assert!(matches!(watch::sign_now(relay, &noted).await, Err(AppError::Rewritten { .. })));
    assert_eq!(std::fs::read_to_string(&noted.file).expect("the note"), note, "nothing was signed");
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let watching = tokio::spawn(watch::checkpoints(relay.clone(), noted, stopping));
    relay.store.record(EventDraft::sample()).await.expect("recorded");
    for _ in 0..600 {
        if relay.distrusted.load(Ordering::Relaxed) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(relay.distrusted.load(Ordering::Relaxed), "nothing more is taken in");
    stop.send(true).expect("listens");
    watching.await.expect("ends");
}

#[tokio::test]
async fn a_changed_record_is_not_shown() {
    let world = World::on(Engine::Sqlite).await;
    let id = given_a_referral(&world, &form(|_| {})).await;
    sql(&world, "UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))").await;
    let opened = dutyline::casework::open(&world.relay, &world.canterbury, id).await;
    assert!(matches!(opened, Err(dutyline::casework::CaseworkError::Tampered(_))));
}

/// Reads the database with Python's sqlite3 and opens it with the npm age library: nothing of ours.
#[tokio::test]
async fn a_case_opens_from_a_backup_with_the_recovery_identity_and_the_npm_age_library_alone() {
    let world = World::on(Engine::Sqlite).await;
    given_a_referral(&world, &form(|_| {})).await;
    let backup = world.database.folder.path().join("backup.db");
    sql_owned(&world, format!("VACUUM INTO '{}'", backup.display())).await;
    let script = r#"
        import * as age from "age-encryption";
        import { execFileSync } from "node:child_process";
        const [database, identity] = process.argv.slice(2);
        const query = (sql) => JSON.parse(execFileSync("python3", ["-c",
          "import sqlite3,sys,json;print(json.dumps([c.hex() for c in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()]))",
          database, sql]));
        const open = async (hex, identity) => {
          const d = new age.Decrypter(); d.addIdentity(identity);
          return new TextDecoder().decode(await d.decrypt(Uint8Array.from(Buffer.from(hex, "hex"))));
        };
        const [file] = query("SELECT bytes FROM case_file");
        const inside = JSON.parse(await open(file, identity));
        const [sealed] = query("SELECT c.bytes FROM sealed_chunk c JOIN sealed_object o ON o.id = c.object_id WHERE o.kind = 'family'");
        process.stdout.write(await open(sealed, inside.identity));
    "#;
    let web = concat!(env!("CARGO_MANIFEST_DIR"), "/web");
    let file =
        tempfile::Builder::new().suffix(".mjs").tempfile_in(web).expect("a script beside its packages");
    std::fs::write(file.path(), script).expect("writes");
    let done = Command::new("node")
        .arg(file.path())
        .arg(&backup)
        .arg(world.recovery.to_secret_string().as_str())
        .current_dir(web)
        .stdin(Stdio::null())
        .output()
        .expect("node runs");
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(text.contains("Aoife") && text.contains("Says about ten words."), "{text}");
}

async fn sql_owned(world: &World, statement: String) {
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("runs");
    conn.close().await.expect("closes");
}

/// An older copy is brought back: what was erased since is erased again before anything is served.
#[tokio::test]
async fn what_was_erased_stays_erased_when_an_older_copy_is_brought_back() {
    use dutyline::app::erased;
    let world = World::on(Engine::Sqlite).await;
    let relay = &world.relay;
    given_a_full_world(&world).await;
    let mut read = relay.store.read().await.expect("reads");
    let row = referrals::acknowledged(&mut read, "canterbury", 0).await.expect("reads").remove(0);
    let older = world.database.folder.path().join("older.db");
    let copied = dutyline::store::backup::copy_to(&mut read, &older.to_string_lossy()).await;
    assert!(copied.expect("copies"));
    drop(read);
    let checkpoint = world.database.folder.path().join("last-checkpoint.txt");
    let reference = dutyline::domain::reference::Reference::parse(&row.reference).expect("a reference");
    let ground = dutyline::domain::referral::Ground::Retention;
    casework::erase(relay, dutyline::audit::Actor::operator(), &reference, ground).await.expect("erased");
    erased::note(relay, &checkpoint).await.expect("noted");

    let store =
        dutyline::store::Store::open(&format!("sqlite:{}", older.display()), relay.clock.clone()).await;
    let mut brought_back = dutyline::relay::Relay::new(
        store.expect("opens"),
        dutyline::seal::KeySet::generate().0,
        relay.clock.clone(),
        dutyline::clock::Rng::System,
        dutyline::routing::Places::compiled(dutyline::routing::Localities::kent().clone()),
    );
    brought_back.keys = relay.keys.clone();
    casework::open(&brought_back, &world.sender, row.id).await.expect("it is there again");
    assert_eq!(erased::replay(&brought_back, &checkpoint).await.expect("replays"), 1);
    let gone = casework::open(&brought_back, &world.sender, row.id).await;
    assert!(matches!(gone, Err(casework::CaseworkError::Erased)));
    assert_eq!(erased::replay(&brought_back, &checkpoint).await.expect("replays"), 0, "once is enough");
    trail::verify(&mut brought_back.store.read().await.expect("reads"), &[]).await.expect("verifies");
}
