//! Passkeys over HTTP, with a software authenticator: a browser, what it keeps, what the site answers.

mod attacks;
mod uses;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use dutyline::domain::people::Person;
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::people::passkeys::Passkeys;
use dutyline::people::{self, Begin, SignedIn, Token};
use dutyline::relay::Relay;
use dutyline::web::Site;
use serde_json::Value;
use sqlx::Connection as _;
use tower::ServiceExt as _;

use crate::access;
use crate::authenticator::Authenticator;
use crate::support::World;

const ORIGIN: &str = "http://localhost:8080";
const SESSION: &str = "dutyline-demo";
const HANDLE: &str = "dutyline-demo-passkey";

/// A browser: its two cookies, at one site.
#[derive(Clone)]
struct Browser {
    site: Arc<Site>,
    session: Option<String>,
    handle: Option<String>,
    /// The cookies that the last answer set, as they were sent.
    set: Vec<String>,
}

/// What the site answered.
struct Answered {
    status: u16,
    body: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }

    fn refused(&self, words: &str) {
        assert_eq!(self.status, 422, "{}", self.body);
        let said = self.json()["error"].as_str().expect("a sentence").to_owned();
        assert!(said.contains(words), "“{said}” and not “{words}”");
    }
}

const NOT_ADDED: &str = "could not be added";
const NOT_SIGNED_IN: &str = "did not sign you in";
const NOT_ACCEPTED: &str = "was not accepted";
const TOO_LATE: &str = "took too long";

/// The world's site under a name.
fn site(world: &World) -> Arc<Site> {
    let mut site = Arc::into_inner(access::site(world)).expect("nobody else has it");
    site.passkeys = Passkeys::of(ORIGIN).map(Arc::new);
    Arc::new(site)
}

impl Browser {
    fn new(site: &Arc<Site>) -> Self {
        Self { site: site.clone(), session: None, handle: None, set: Vec::new() }
    }

    /// A browser in which somebody has come so far.
    async fn of(site: &Arc<Site>, who: &Person, stage: Stage) -> Self {
        let how = Begin { stage, method: Method::Password, checked: None, browser: String::new() };
        let token = people::begin(&site.relay, who.id, how).await.expect("answers").expect("begins");
        Self { session: Some(token.secret().to_owned()), ..Self::new(site) }
    }

    async fn ask(&mut self, method: &str, path: &str, form: String) -> Answered {
        let named = match self.site.secure {
            true => ["__Host-dutyline", "__Host-dutyline-passkey"],
            false => [SESSION, HANDLE],
        };
        let cookies = [(named[0], &self.session), (named[1], &self.handle)];
        let cookies = cookies.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:8080")
            .header("cookie", cookies.collect::<Vec<_>>().join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        self.keep(answer.headers());
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1 << 24).await.expect("a body");
        Answered { status, body: String::from_utf8(body.to_vec()).expect("text") }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        let set = headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        self.set = set.map(str::to_owned).collect();
        for cookie in &self.set {
            let (name, rest) = cookie.split_once('=').expect("a name");
            let value = rest.split(';').next().filter(|value| !value.is_empty()).map(str::to_owned);
            match name {
                SESSION | "__Host-dutyline" => self.session = value,
                HANDLE | "__Host-dutyline-passkey" => self.handle = value,
                other => panic!("a cookie called {other}"),
            }
        }
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        let safe = |text: &str| -> String {
            let one = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
            text.bytes().map(one).collect()
        };
        let form = fields.iter().map(|(name, value)| format!("{name}={}", safe(value)));
        self.ask("POST", path, form.collect::<Vec<_>>().join("&")).await
    }

    /// The options of a question; the handle is kept.
    async fn options(&mut self, path: &str) -> Value {
        let said = self.post(path, &[]).await;
        assert_eq!(said.status, 200, "{path}: {}", said.body);
        said.json()["options"].clone()
    }

    async fn add(&mut self, key: &mut Authenticator) -> Answered {
        let options = self.options("/account/passkeys/begin").await;
        self.finish_adding(&key.create(&options)).await
    }

    async fn finish_adding(&mut self, answer: &Value) -> Answered {
        let fields = [("answer", &*answer.to_string()), ("name", "Office computer"), ("next", "/privacy")];
        self.post("/account/passkeys/finish", &fields).await
    }

    async fn sign_in(&mut self, key: &mut Authenticator) -> Answered {
        let options = self.options("/sign-in/passkey/begin").await;
        self.finish_signing_in(&key.get(&options)).await
    }

    async fn finish_signing_in(&mut self, answer: &Value) -> Answered {
        let fields = [("answer", &*answer.to_string()), ("next", "/referrals")];
        self.post("/sign-in/passkey/finish", &fields).await
    }

    async fn check(&mut self, key: &mut Authenticator) -> Answered {
        let options = self.options("/sign-in/passkey/check/begin").await;
        let answer = key.get(&options).to_string();
        self.post("/sign-in/passkey/check/finish", &[("answer", &answer), ("next", "/referrals")]).await
    }

    async fn who(&self) -> Option<SignedIn> {
        let token = Token::parse(self.session.as_deref()?).expect("a token");
        people::whose(&self.site.relay, &token).await.expect("looks")
    }
}

/// Somebody with one passkey.
async fn given_a_passkey(site: &Arc<Site>, who: &Person) -> Authenticator {
    let mut key = Authenticator::at(ORIGIN);
    let added = Browser::of(site, who, Stage::Full).await.add(&mut key).await;
    assert_eq!(added.json()["next"], "/account/passkeys?done=added", "{}", added.body);
    key
}

/// Acts of the trail, as codes, in the order of their happening.
async fn acts(world: &World) -> Vec<String> {
    let mut conn = sqlx::SqliteConnection::connect(&world.database.url).await.expect("connects");
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT act FROM audit_event ORDER BY seq").fetch_all(&mut conn).await.expect("reads");
    conn.close().await.expect("closes");
    rows.into_iter().map(|(act,)| act).collect()
}

async fn trail_holds(relay: &Relay) -> bool {
    let mut read = relay.store.read().await.expect("reads");
    dutyline::store::trail::verify(&mut read, &[]).await.is_ok()
}
