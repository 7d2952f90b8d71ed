//! A record that was changed outside the relay is not shown to anybody: not its page, not in a list.
//! The pages are asked through the router, as a browser asks them.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::domain::ids::ReferralId;
use dutyline::domain::people::Person;
use dutyline::web::Site;
use sqlx::Connection as _;
use tower::ServiceExt as _;

use crate::access::site;
use crate::support::{Engine, World, form, given_a_referral};

/// The children of the two referrals.
const FIRST: &str = "Aoife";
const SECOND: &str = "Wilhelmina";

/// A page as a person sees it: its status and its words.
async fn page(site: &Arc<Site>, who: &Person, path: &str) -> (u16, String) {
    let token = dutyline::people::sign_in(&site.relay, who.id).await.expect("answers").expect("signs in");
    let request = Request::builder()
        .uri(path)
        .header("host", "127.0.0.1")
        .header("cookie", format!("dutyline-demo={}", token.secret()))
        .body(Body::empty())
        .expect("a request");
    let answer = dutyline::web::router(site.clone()).oneshot(request).await.expect("answers");
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 24).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

async fn sql(world: &World, statement: &'static str) {
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    sqlx::raw_sql(statement).execute(&mut conn).await.expect("runs");
    conn.close().await.expect("closes");
}

/// Two referrals of one setting with one line, for two children.
async fn given_two(world: &World) -> [ReferralId; 2] {
    let first = given_a_referral(world, &form(|_| {})).await;
    let second = given_a_referral(world, &form(|raw| raw.set("child.forename", SECOND))).await;
    [first, second]
}

/// What a list has in the row of a referral, without the page around it.
fn row_of(list: &str, id: ReferralId) -> String {
    let row = list.split("<tr").find(|row| row.contains(&id.to_string()));
    row.unwrap_or_else(|| panic!("{id} is in no row of the list")).to_owned()
}

/// Neither page of both people shows a word of either child, and each page is a failure of ours with a
/// number to say; in the lists, both rows are there without a name.
async fn neither_is_shown(world: &World, ids: [ReferralId; 2], what: &str, in_lists: bool) {
    let site = site(world);
    for (who, list) in [(&world.canterbury, "/inbox"), (&world.sender, "/referrals")] {
        for id in ids {
            for address in [format!("/referrals/{id}"), format!("/referrals/{id}/print")] {
                let (status, words) = page(&site, who, &address).await;
                assert_eq!(status, 500, "{what}: {address} as {}", who.name);
                assert!(words.contains("<h1") && !words.contains("Try again"), "{what}: {words}");
                for child in [FIRST, SECOND] {
                    assert!(!words.contains(child), "{what}: {address} as {} names {child}", who.name);
                }
            }
        }
        let (status, words) = page(&site, who, list).await;
        assert_eq!(status, 200, "{what}: {list}");
        for row in ids.map(|id| row_of(&words, id)).iter().filter(|_| in_lists) {
            let named = [FIRST, SECOND].iter().any(|child| row.contains(child));
            assert!(!named && row.contains("cannot be shown"), "{what}: {list}: {row}");
        }
    }
}

#[tokio::test]
async fn both_are_shown_as_they_were_sealed() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    for (id, child) in given_two(&world).await.into_iter().zip([FIRST, SECOND]) {
        for (who, list) in [(&world.canterbury, "/inbox"), (&world.sender, "/referrals")] {
            let (status, words) = page(&site, who, &format!("/referrals/{id}")).await;
            assert!(status == 200 && words.contains(child), "{words}");
            let (_, words) = page(&site, who, list).await;
            assert!(row_of(&words, id).contains(child));
        }
    }
}

/// A list reads the case files alone, so it still has the names that are right.
#[tokio::test]
async fn what_has_other_sealed_bytes_is_not_shown() {
    for (what, statement) in [
        ("every chunk", "UPDATE sealed_chunk SET bytes = zeroblob(length(bytes))"),
        (
            "the chunks of the form, with a digest that fits",
            "UPDATE sealed_chunk SET bytes = x'00' WHERE object_id IN (SELECT id FROM sealed_object WHERE kind = 'family');
             UPDATE sealed_object SET digest = x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
             WHERE kind = 'family'",
        ),
        ("no chunks of the signatures", "DELETE FROM sealed_chunk WHERE object_id IN (SELECT id FROM sealed_object WHERE kind = 'evidence')"),
        ("no form", "DELETE FROM sealed_object WHERE kind = 'family'"),
    ] {
        let world = World::on(Engine::Sqlite).await;
        let ids = given_two(&world).await;
        sql(&world, statement).await;
        neither_is_shown(&world, ids, what, false).await;
    }
}

#[tokio::test]
async fn what_has_another_case_file_is_not_shown_nor_listed_by_name() {
    for (what, statement) in [
        ("case files changed", "UPDATE case_file SET bytes = zeroblob(length(bytes))"),
        (
            "the cases of two referrals swapped",
            "CREATE TEMP TABLE two AS SELECT id, case_id FROM referral;
             DROP INDEX referral_by_case;
             UPDATE referral SET case_id = (SELECT case_id FROM two WHERE two.id <> referral.id)",
        ),
        (
            "the case files of two cases swapped",
            "CREATE TEMP TABLE two AS SELECT case_id, bytes, digest FROM case_file WHERE case_id IN (SELECT case_id FROM referral);
             UPDATE case_file SET
               bytes = (SELECT bytes FROM two WHERE two.case_id <> case_file.case_id),
               digest = (SELECT digest FROM two WHERE two.case_id <> case_file.case_id)
             WHERE case_id IN (SELECT case_id FROM two)",
        ),
    ] {
        let world = World::on(Engine::Sqlite).await;
        let ids = given_two(&world).await;
        sql(&world, statement).await;
        neither_is_shown(&world, ids, what, true).await;
    }
}
