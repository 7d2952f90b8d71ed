//! The family's pages over HTTP: what opens them, what they show, and that a dead one is always the same.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::casework;
use dutyline::domain::family::{Contact, Purpose, Scope};
use dutyline::domain::form::Part;
use dutyline::domain::referral::State;
use dutyline::family;
use dutyline::pipeline::{drafts, submit};
use dutyline::web::Site;
use tower::ServiceExt as _;

use super::support::*;
use crate::access::site;
use crate::support::{Engine, World, form, given_a_draft, given_a_referral, when_both_sign};

/// Somebody with a phone: one browser, its cookies, no account.
struct Phone {
    site: Arc<Site>,
    cookie: String,
}

struct Page {
    status: u16,
    location: String,
    body: String,
}

impl Phone {
    fn new(site: &Arc<Site>) -> Self {
        Self { site: site.clone(), cookie: String::new() }
    }

    async fn ask(&mut self, method: &str, path: &str, form: &str) -> Page {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        for set in answer.headers().get_all("set-cookie") {
            let set = set.to_str().expect("text");
            if set.starts_with("dutyline-demo-family=") {
                self.cookie = set.split(';').next().unwrap_or_default().to_owned();
                assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
            }
        }
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        let body = to_bytes(answer.into_body(), 1 << 24).await.expect("a body");
        Page { status, location, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.ask("GET", path, "").await
    }

    async fn post(&mut self, path: &str, form: &str) -> Page {
        self.ask("POST", path, form).await
    }
}

fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a hidden field");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A phone that has opened a link with a code.
async fn opened(world: &World, site: &Arc<Site>, link: &dutyline::store::family::Link) -> (Phone, String) {
    let mut phone = Phone::new(site);
    let there = format!("/family/{}", world.relay.family_token(link.id));
    assert_eq!(phone.post(&format!("{there}/code"), "").await.location, format!("{there}?sent=yes"));
    let mut read = world.relay.store.read().await.expect("reads");
    let row = dutyline::store::family::find(&mut read, link.id).await.expect("reads").expect("a link");
    drop(read);
    let code = world.relay.family_code(row.code.expect("a code"));
    let open = phone.post(&format!("{there}/open"), &format!("code={code}")).await;
    assert_eq!((open.status, open.location.as_str()), (303, there.as_str()));
    (phone, there)
}

#[tokio::test]
async fn a_link_that_was_forwarded_signs_nothing() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
    let link = link_of(&world, row(&world, id).await.case, Purpose::SignLater).await.expect("a link");
    let (mut owner, there) = opened(&world, &site, &link).await;
    let page = owner.get(&format!("{there}/sign")).await.body;
    assert!(page.contains("Says about ten words.") && page.contains("I agree and sign"), "{page}");
    let mut other = Phone::new(&site);
    for (method, end) in
        [("GET", "/sign"), ("POST", "/sign"), ("GET", "/copy"), ("GET", "/withdraw"), ("POST", "/ask")]
    {
        let answer = other.ask(method, &format!("{there}{end}"), "decision=agree").await;
        assert_eq!((answer.status, answer.location.as_str()), (303, there.as_str()), "{method} {end}");
    }
    assert!(!other.get(&there).await.body.contains("ten words"));
    let content = hidden(&page, "content");
    let version = hidden(&page, "statement");
    let form = format!(
        "decision=agree&content={content}&statement={version}&language=en&printed_name=Niamh+Sample&relationship=Mother\
         &parental_responsibility=yes&signature-typed=Niamh+Sample"
    );
    let dot = form.replace(
        "signature-typed=Niamh+Sample",
        "signature-strokes=%7B%22v%22%3A1%2C%22w%22%3A1000%2C%22h%22%3A333%2C%22s%22%3A%5B%5B5%2C5%5D%5D%7D",
    );
    let short = owner.post(&format!("{there}/sign"), &dot).await;
    assert_eq!(short.status, 422);
    assert!(
        short.body.contains("draw it again") && short.body.contains("value=\"Niamh Sample\""),
        "nothing typed is lost"
    );
    let emoji = owner.post(&format!("{there}/sign"), &form.replace("Niamh+Sample", "%F0%9F%98%80")).await;
    assert!(emoji.status == 422 && emoji.body.contains("Enter the name in letters"), "{}", emoji.body);
    let long = owner.post(&format!("{there}/sign"), &form.replace("Niamh+Sample", &"N".repeat(5_000))).await;
    assert!(long.status == 422 && long.body.contains("at most 100 characters; this one has 5,000"));
    let signed = owner.post(&format!("{there}/sign"), &form).await;
    assert_eq!((signed.status, signed.location.as_str()), (303, "/sign/done?signed=yes"));
    assert_eq!(row(&world, id).await.state, State::Delivered);
    assert_eq!(owner.post(&format!("{there}/sign"), &form).await.location, there, "used twice");
    assert!(owner.get(&there).await.body.contains("This page has ended"));
}

#[tokio::test]
async fn by_a_link_too_they_see_what_changed_since_it_was_signed() {
    let world = World::on(Engine::Sqlite).await;
    let (site, relay, sender) = (site(&world), &world.relay, &world.sender);
    let draft = given_a_draft(&world, &form(|_| {})).await;
    when_both_sign(&world, draft, "Niamh Sample").await;
    let raw = form(|raw| {
        raw.set("reason.concerns", "Says about twelve words.");
        raw.set("abuse.concerns", "not-asked");
    });
    for part in [Part::Reason, Part::Restricted] {
        drafts::save_part(relay, sender, draft, part, &raw).await.expect("saved");
    }
    asked_for_later(&world, draft, contact()).await;
    let id = submit(relay, sender, draft).await.expect("is kept");
    assert_eq!(row(&world, id).await.state, State::Held);
    let link = link_of(&world, row(&world, id).await.case, Purpose::SignLater).await.expect("a link");
    let (mut phone, there) = opened(&world, &site, &link).await;
    let page = phone.get(&format!("{there}/sign")).await.body;
    let table = page.split_once("id=\"changes\"").expect("what changed").1;
    let table = table.split_once("</table>").expect("its end").0;
    assert!(table.contains("Says about ten words.") && table.contains("Says about twelve words."));
    assert_eq!(table.matches("scope=\"row\"").count(), 1, "nothing else changed for them: {table}");
    when_they_sign(&world, &link, "Niamh Sample").await;
    assert_eq!(row(&world, id).await.state, State::Delivered);
}

#[tokio::test]
async fn every_dead_page_is_one_page() {
    let world = World::on(Engine::Sqlite).await;
    let (site, relay) = (site(&world), &world.relay);
    let dead = |token: &str| format!("/family/{token}");
    let never = dead(&"ab".repeat(32));
    let used = {
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let link = link_of(&world, row(&world, id).await.case, Purpose::SignLater).await.expect("a link");
        when_they_sign(&world, &link, "Niamh Sample").await;
        dead(&relay.family_token(link.id))
    };
    let killed = {
        let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        let flagged = form(|raw| raw.set("abuse.concerns", "yes"));
        casework::change_restricted(relay, &world.sender, id, &flagged).await.expect("kept");
        dead(&relay.family_token(page.id))
    };
    let unapproved = {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let link = given_a_page(&world, id).await;
        casework::end_link(relay, &world.sender, id, link.id).await.expect("ends");
        dead(&relay.family_token(link.id))
    };
    let expired = {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let id = dutyline::pipeline::by_link::on_screen(relay, &world.sender, draft).await.expect("stands");
        relay.clock.advance(dutyline::domain::time::HOUR);
        dead(&relay.family_token(id))
    };
    let mut seen = Vec::new();
    for path in [never, used, killed, unapproved, expired, dead("nonsense"), dead("%00")] {
        for (method, end) in [("GET", ""), ("POST", "/code"), ("POST", "/open")] {
            let answer = Phone::new(&site).ask(method, &format!("{path}{end}"), "code=123456").await;
            assert_eq!(answer.status, 410, "{method} {path}{end}");
            seen.push(answer.body);
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "byte for byte the same");
}

#[tokio::test]
async fn the_page_shows_what_was_shared_and_who_read_it_and_takes_it_back() {
    let world = World::on(Engine::Sqlite).await;
    let (site, relay) = (site(&world), &world.relay);
    let raw = form(|raw| {
        raw.set("abuse.concerns", "no");
        raw.set("safeguarding.concerns", "yes");
        raw.set("safeguarding.detail", "Markerdetail");
        raw.set("safeguarding.referred", "no");
    });
    let (id, link) = given_a_page_by_link(&world, &raw).await;
    let (mut phone, there) = opened(&world, &site, &link).await;
    let page = phone.get(&there).await.body;
    assert!(page.contains("Nobody has read it yet") && page.contains("Says about ten words."), "{page}");
    casework::open(relay, &world.canterbury, id).await.expect("opens");
    casework::open_restricted(relay, &world.canterbury, id, "triage").await.expect("opens");
    let page = phone.get(&there).await.body;
    assert!(page.contains("Health visiting team") && page.contains("Niamh Sample agreed on"), "{page}");
    for end in ["", "/copy", "/red-book", "/withdraw", "/ask"] {
        let page = phone.get(&format!("{there}{end}")).await;
        assert_eq!(page.status, 200, "{end}");
        let small = page.body.to_lowercase();
        for word in ["markerdetail", "abuse", "safeguarding", "restricted", "staff-only", "nurse canterbury"]
        {
            assert!(!small.contains(word), "{end} says {word}");
        }
    }
    for end in ["/copy.pdf", "/red-book.pdf"] {
        assert!(phone.get(&format!("{there}{end}")).await.body.starts_with("%PDF"), "{end}");
    }
    let arabic = phone.get(&format!("{there}?language=ar")).await.body;
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">") && arabic.contains("lang=\"en\" dir=\"ltr\""));

    let nothing = phone.post(&format!("{there}/ask"), "kind=correction&words=").await;
    assert!(nothing.status == 422 && nothing.body.contains("Write what you want to say"));
    assert_eq!(phone.post(&format!("{there}/ask"), "kind=access&words=").await.status, 303);
    assert!(phone.get(&there).await.body.contains("You get an answer by"));
    assert_eq!(phone.post(&format!("{there}/withdraw"), "").await.status, 422);
    assert_eq!(phone.post(&format!("{there}/withdraw"), "scope=everything").await.location, there);
    let page = phone.get(&there).await.body;
    assert!(
        page.contains("You took back your agreement on") && page.contains("Health visiting team"),
        "{page}"
    );
    assert!(!page.contains("/withdraw"));
    assert_eq!(row(&world, id).await.withdrawn, Scope::Everything.code());
    assert_eq!(phone.post(&format!("{there}/close"), "").await.location, format!("{there}?closed=yes"));
    assert!(phone.get(&there).await.body.contains("Enter your code"));
}

#[tokio::test]
async fn another_parent_sees_nothing_of_the_signers() {
    let world = World::on(Engine::Sqlite).await;
    let (site, relay) = (site(&world), &world.relay);
    let raw = form(|raw| {
        raw.set("carer.email", "niamh@home.example");
        raw.set("reason.parent_goals", "Markerwish");
    });
    let id = given_a_referral(&world, &raw).await;
    let signer = given_a_page(&world, id).await;
    let other = Contact { other: true, email: "other@home.example".to_owned(), ..contact() };
    casework::give_page(relay, &world.sender, id, other).await.expect("gives");
    let given = casework::page_links(relay, &world.sender, id).await.expect("reads");
    let link = given.into_iter().find(|one| one.other).expect("another").link;
    family::ask(relay, &signer, dutyline::domain::family::Ask::Complaint, "Markercomplaint")
        .await
        .expect("kept");
    family::withdraw(relay, &signer, Scope::Sharing).await.expect("taken back");
    let (mut phone, there) = opened(&world, &site, &link).await;
    let page = phone.get(&there).await;
    assert!(page.status == 200 && page.body.contains("Says about ten words."), "{}", page.body);
    for word in [
        "Niamh",
        "1 Made Up Street",
        "07700 900123",
        "niamh@home",
        "Markerwish",
        "Markercomplaint",
        "CT1 2EH",
        "took back",
        "stopped any more",
        "/copy",
        "/withdraw",
    ] {
        assert!(!page.body.contains(word), "says {word}");
    }
    for end in ["/copy", "/copy.pdf", "/red-book", "/red-book.pdf"] {
        assert_eq!(phone.get(&format!("{there}{end}")).await.location, there, "{end}");
    }
}

#[tokio::test]
async fn the_short_code_leads_to_the_page_and_a_wrong_one_to_a_sentence() {
    let world = World::on(Engine::Sqlite).await;
    let (site, relay) = (site(&world), &world.relay);
    let draft = given_a_draft(&world, &form(|_| {})).await;
    let id = dutyline::pipeline::by_link::on_screen(relay, &world.sender, draft).await.expect("stands");
    let mut phone = Phone::new(&site);
    let wrong = phone.post("/sign", "code=ABCDEFGH").await;
    assert!(wrong.status == 422 && wrong.body.contains("There is no such code"), "{}", wrong.body);
    let found = phone.post("/sign", &format!("code={}", relay.family_short(id).to_lowercase())).await;
    assert_eq!(found.location, format!("/family/{}", relay.family_token(id)));
    let start = phone.get(&found.location).await.body;
    assert!(start.contains("Start") && !start.contains("ten words"), "nothing before the button");
    let open = phone.post(&format!("{}/open", found.location), "").await;
    assert_eq!(open.location, found.location);
    assert_eq!(phone.get(&found.location).await.location, format!("{}/sign", found.location));
}
