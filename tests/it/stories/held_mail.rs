//! Mail that is no referral yet, or not one to be answered: kept where somebody sees it.

use dutyline::pipeline::{Finding, judge};
use dutyline::seal::seal_to_published;
use dutyline::store::{letters, mails};
use serde_json::json;
use sqlx::Connection as _;

use super::by_mail::{document, letters_about, mail, receive, sealed, when_it_arrives};
use crate::support::World;

/// Everything that is no sealed referral: held under its own code, and the known sender is told what to do.
#[tokio::test]
async fn whatever_arrives_is_kept_where_somebody_sees_it() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let good = sealed(&world, &document("x"), false);
    let other_key = {
        let (keys, _) = dutyline::seal::KeySet::generate();
        let bytes = seal_to_published(&keys.published().0, b"{}", true).expect("seals");
        String::from_utf8(bytes).expect("text")
    };
    let cut = good.lines().take(8).chain(["-----END AGE ENCRYPTED FILE-----"]).collect::<Vec<_>>().join("\n");
    let mut future = document("v");
    future["version"] = 9.into();
    let parts = "--b\r\n\r\n".repeat(100_000);
    let many = format!(
        "From: jo@setting1.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}"
    );
    let levels = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let nested = format!("From: jo@setting1.example\r\n{levels}");
    let headers = "a:\n".repeat(200_000);
    let costly = format!(
        "From: jo@setting1.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{headers}\r\n--b--\r\n"
    );
    let mut listed = document("li");
    listed["restricted"]["safeguarding"]["detail"] = json!(["First.", "Second."]);
    let mut long = document("l");
    long["agreement"]["relationship"] = "x".repeat(201).into();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("not-sealed", mail("jo@setting1.example", "Hello, please see our referral.", "")),
        ("not-sealed", mail("jo@setting1.example", "", "")),
        ("sealed-to-another-key", mail("jo@setting1.example", &other_key, "")),
        ("sealed-file-damaged", mail("jo@setting1.example", &cut, "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &future, false), "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &json!({"hello": 1}), false), "")),
        ("mail-broken", many.into_bytes()),
        ("mail-broken", nested.into_bytes()),
        ("mail-broken", costly.into_bytes()),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &listed, false), "")),
        ("format-not-read", mail("jo@setting1.example", &sealed(&world, &long, false), "")),
        ("not-sealed", format!("From: jo@setting1.example\r\n\r\n{}", "x".repeat(3_000_000)).into_bytes()),
    ];
    let count = cases.len();
    for (expected, raw) in cases {
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held(expected.to_owned()));
    }
    let mut read = world.relay.store.read().await.expect("reads");
    assert_eq!(mails::held(&mut read, 0).await.expect("reads").len(), count);
    let told = letters::about(&mut read, "").await.expect("reads");
    let reasons = told
        .iter()
        .filter(|letter| letter.kind == "mail-held" && letter.recipient == "jo@setting1.example")
        .count();
    assert_eq!(reasons, count);
}

/// RFC 3834 section 2, RFC 5321 section 4.5.5: no answer to what a machine sent.
#[tokio::test]
async fn automatic_mail_lists_and_null_senders_are_not_answered() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    for headers in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <x.example>\r\n"] {
        let raw = mail("jo@setting1.example", "Out of office", headers);
        assert_eq!(when_it_arrives(&world, &raw).await, Finding::Held("not-sealed".to_owned()));
    }
    let raw = mail("jo@setting1.example", "Out of office", "");
    let id = receive(&world, &raw, "").await;
    assert_eq!(judge(&world.relay, id).await.expect("is judged"), Finding::Held("not-sealed".to_owned()));
    assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
}

/// A judge that dies twice in a mail does not take a third run at it.
#[tokio::test]
async fn a_mail_that_breaks_its_judge_twice_goes_to_mail_to_look_at() {
    let world = World::on(crate::support::Engine::Sqlite).await;
    let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
    let id = receive(&world, &raw, "jo@setting1.example").await;
    for lease in ["first", "second"] {
        let claimed =
            crate::store::unit!(world, unit => mails::claim(unit, id, lease).await).expect("answers");
        assert!(claimed.is_some());
        world.relay.clock.advance(mails::LEASE);
    }
    assert_eq!(judge(&world.relay, id).await.expect("is judged"), Finding::Held("judging-failed".to_owned()));
}

/// Whose bytes are not what was sealed: the desk sees it, instead of nobody.
#[tokio::test]
async fn a_mail_that_cannot_be_opened_goes_to_mail_to_look_at() {
    for (damage, attempts, code) in [
        ("UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))", 0, "cannot-be-opened"),
        ("UPDATE case_file SET bytes = zeroblob(10)", 0, "cannot-be-opened"),
        ("DELETE FROM sealed_chunk", 0, "cannot-be-opened"),
        ("DELETE FROM sealed_object", 0, "cannot-be-opened"),
        ("UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))", mails::MOST_ATTEMPTS, "judging-failed"),
    ] {
        let world = World::on(crate::support::Engine::Sqlite).await;
        let raw = mail("jo@setting1.example", &sealed(&world, &document("one"), false), "");
        let id = receive(&world, &raw, "jo@setting1.example").await;
        let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
        sqlx::raw_sql(damage).execute(&mut conn).await.expect("runs");
        conn.close().await.expect("closes");
        for _ in 0..attempts {
            crate::store::unit!(world, unit => mails::claim(unit, id, "gone").await).expect("answers");
            world.relay.clock.advance(mails::LEASE);
        }
        assert_eq!(judge(&world.relay, id).await.expect(damage), Finding::Held(code.to_owned()));
        let mut read = world.relay.store.read().await.expect("reads");
        let held = mails::held(&mut read, 0).await.expect("reads");
        assert_eq!(held.iter().map(|mail| (mail.id, mail.code.as_str())).collect::<Vec<_>>(), [(id, code)]);
        assert_eq!(letters_about(&world, "").await, Vec::<String>::new());
        drop(read);
        let shown = dutyline::casework::open_mail(&world.relay, &world.desk, id).await;
        assert!(shown.is_err(), "{damage}");
    }
}
