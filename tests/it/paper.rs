//! Signed on paper: the form that is printed, the scans that come back, and the child that reads them.

mod child;
mod files;
mod never_wrong;
pub mod photo;
mod refused;
mod way;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::domain::ids::DraftId;
use dutyline::domain::people::Person;
use dutyline::people::Token;
use dutyline::scan::{self, ScannedPage};
use dutyline::store::trail;
use dutyline::web::Site;
use tower::ServiceExt as _;

use crate::access::site;
use crate::support::{Engine, World, form, given_a_draft};

/// The program under test, which decodes.
const PROGRAM: &str = env!("CARGO_BIN_EXE_dutyline");
/// Tests run on busy machines: what is slow there is not what is tested.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a page answered.
struct Answer {
    status: u16,
    location: String,
    headers: axum::http::HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("&#39;", "'").replace("&#34;", "\"")
    }
}

/// A setting with a draft that is ready to be signed, and a browser in it.
struct Nursery {
    world: World,
    site: Arc<Site>,
    draft: DraftId,
    token: Token,
}

impl Nursery {
    async fn with_a_draft() -> Self {
        let world = World::on(Engine::Sqlite).await;
        world.relay.decoder.runs(Path::new(PROGRAM));
        world.relay.decoder.waits(PATIENCE);
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let site = site(&world);
        let token = signed_in(&site, &world.sender).await;
        Self { world, site, draft, token }
    }

    fn at(&self, rest: &str) -> String {
        format!("/drafts/{}/{rest}", self.draft)
    }

    async fn get(&self, path: &str) -> Answer {
        ask(&self.site, &self.token, Request::get(path), Body::empty()).await
    }

    /// The form as it is printed now.
    async fn printed(&self) -> Vec<u8> {
        let answer = self.get(&self.at("paper.pdf")).await;
        assert_eq!(answer.status, 200);
        answer.bytes
    }

    /// The pages of the form as it is printed now, as pictures.
    async fn sheets(&self) -> Vec<ScannedPage> {
        scan::read(&self.printed().await).expect("reads")
    }

    async fn send(&self, file: &[u8], compared: bool) -> Answer {
        let mut body = Vec::new();
        if compared {
            body.extend_from_slice(
                b"--line\r\nContent-Disposition: form-data; name=\"compared\"\r\n\r\nyes\r\n",
            );
        }
        body.extend_from_slice(
            b"--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--line--\r\n");
        let request =
            Request::post(self.at("paper")).header("content-type", "multipart/form-data; boundary=line");
        ask(&self.site, &self.token, request, Body::from(body)).await
    }

    /// The purposes of what was refused, oldest first.
    async fn refusals(&self) -> Vec<String> {
        let mut read = self.world.relay.store.read().await.expect("reads");
        let filter = trail::Filter { act: "paper-refused".to_owned(), ..trail::Filter::default() };
        let mut rows = trail::page(&mut read, &filter).await.expect("reads");
        rows.sort_by_key(|row| row.seq);
        let purpose = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.split("\"purpose\":\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or("")
                .to_owned()
        };
        rows.iter().map(|row| purpose(&row.bytes)).collect()
    }
}

async fn signed_in(site: &Arc<Site>, person: &Person) -> Token {
    dutyline::people::sign_in(&site.relay, person.id).await.expect("answers").expect("signs in")
}

async fn ask(site: &Arc<Site>, token: &Token, request: axum::http::request::Builder, body: Body) -> Answer {
    let request = request
        .header("host", "127.0.0.1")
        .header("cookie", format!("dutyline-demo={}", token.secret()))
        .header("sec-fetch-site", "same-origin")
        .body(body)
        .expect("a request");
    let answer = dutyline::web::router(site.clone()).oneshot(request).await.expect("answers");
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    Answer {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default().to_owned(),
        headers: answer.headers().clone(),
        bytes: to_bytes(answer.into_body(), 32 << 20).await.expect("read").to_vec(),
    }
}
