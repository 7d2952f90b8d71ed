//! A browser with its cookies at the real router, and people who have ways of signing in.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use dutyline::delivery;
use dutyline::domain::email::EmailAddress;
use dutyline::domain::people::Person;
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::mail::{Mailer, Memory, Message};
use dutyline::people::{self, Begin, SignedIn, Token, password, totp};
use dutyline::relay::Relay;
use dutyline::store::trail::{self, Filter};
use dutyline::web::Site;
use dutyline::web::peer::Peer;
use http_body_util::BodyExt as _;
use totp_rs::{Builder, Secret, Totp};
use tower::ServiceExt as _;

use crate::access;
use crate::support::{Engine, World};

/// A password that nobody guesses.
pub const PASSWORD: &str = "copper kettle walks north";
/// Another one.
pub const OTHER: &str = "seven quiet lamps dancing";
/// The name of the session cookie where cookies are not secure.
pub const SESSION: &str = "dutyline-demo";

pub async fn world() -> (World, Arc<Site>) {
    let world = World::on(Engine::Sqlite).await;
    let site = access::site(&world);
    (world, site)
}

/// A browser: its cookies, and where it is.
#[derive(Clone)]
pub struct Browser {
    site: Arc<Site>,
    pub cookies: BTreeMap<String, String>,
    pub peer: Option<IpAddr>,
}

pub struct Answer {
    pub status: u16,
    pub location: String,
    pub retry_after: String,
    /// `Clear-Site-Data`.
    pub clears: String,
    pub body: String,
}

impl Browser {
    pub fn new(site: &Arc<Site>) -> Self {
        Self { site: site.clone(), cookies: BTreeMap::new(), peer: None }
    }

    pub fn at(site: &Arc<Site>, peer: &str) -> Self {
        Self { peer: Some(peer.parse().expect("an address")), ..Self::new(site) }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.ask("POST", path, form).await
    }

    async fn ask(&mut self, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("cookie", cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(encoded(form)))
            .expect("a request");
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(Peer(peer));
        }
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            self.keep(cookie.to_str().expect("ASCII"));
        }
        let body = body.collect().await.expect("a body").to_bytes();
        let header = |name: &str| {
            let value = parts.headers.get(name).map(|value| value.to_str().expect("ASCII"));
            value.unwrap_or_default().to_owned()
        };
        Answer {
            status: parts.status.as_u16(),
            location: header("location"),
            retry_after: header("retry-after"),
            clears: header("clear-site-data"),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn keep(&mut self, cookie: &str) {
        assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Path=/;"), "{cookie}");
        let (name, rest) = cookie.split_once('=').expect("a cookie");
        let value = rest.split(';').next().expect("a value");
        match value.is_empty() {
            true => drop(self.cookies.remove(name)),
            false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
        }
    }

    /// The first step.
    pub async fn types(&mut self, address: &str, password: &str) -> Answer {
        self.post("/sign-in/password", &[("address", address), ("password", password), ("next", "/account")])
            .await
    }

    /// The second step.
    pub async fn shows(&mut self, way: &str, code: &str) -> Answer {
        self.post("/sign-in/second", &[("way", way), ("code", code), ("next", "/account")]).await
    }

    /// The whole way by password and app.
    pub async fn signs_in(&mut self, relay: &Relay, who: &Person, app: &Totp) {
        let first = self.types(&who.email, PASSWORD).await;
        assert_eq!(
            (first.status, first.location.as_str()),
            (303, "/sign-in/second?next=/account"),
            "{}",
            first.body
        );
        let second = self.shows("totp", &code_now(relay, app)).await;
        assert_eq!((second.status, second.location.as_str()), (303, "/account"), "{}", second.body);
    }

    /// Who the relay says is behind the session cookie.
    pub async fn who(&self, relay: &Relay) -> Option<SignedIn> {
        let token = Token::parse(self.cookies.get(SESSION)?)?;
        people::whose(relay, &token).await.expect("looks")
    }
}

fn encoded(form: &[(&str, &str)]) -> String {
    let plain = |text: &str| -> String {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    form.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value))).collect::<Vec<_>>().join("&")
}

/// A session for setting up, as an invitation begins it.
pub async fn invited(site: &Arc<Site>, who: &Person) -> Browser {
    let how = Begin { stage: Stage::SetUp, method: Method::Link, checked: None, browser: String::new() };
    let token = people::begin(&site.relay, who.id, how).await.expect("answers").expect("begun");
    let mut browser = Browser::new(site);
    browser.cookies.insert(SESSION.to_owned(), token.secret().to_owned());
    browser
}

/// Gives somebody [`PASSWORD`].
pub async fn with_password(site: &Arc<Site>, who: &Person) -> SignedIn {
    let now = invited(site, who).await.who(&site.relay).await.expect("setting up");
    let fit = password::fit(&site.relay, who, PASSWORD).await.expect("a good password");
    password::set(&site.relay, &now, fit).await.expect("set");
    now
}

/// Gives somebody [`PASSWORD`] and an app.
pub async fn with_app(site: &Arc<Site>, who: &Person) -> Totp {
    let now = with_password(site, who).await;
    let app = app_of(&totp::begin(&site.relay, &now).await.expect("shown").groups);
    assert!(totp::confirm(&site.relay, &now, &code_now(&site.relay, &app)).await.expect("looks"));
    // The code of this step is used up.
    site.relay.clock.advance(30_000_000);
    app
}

/// The app into which somebody typed the secret.
pub fn app_of(groups: &str) -> Totp {
    let secret = Secret::try_from_base32(groups.replace(' ', "")).expect("a secret");
    Builder::new().with_secret(secret).with_account_name("me").build().expect("an app")
}

/// What the app shows now.
pub fn code_now(relay: &Relay, app: &Totp) -> String {
    app.generate(u64::try_from(relay.clock.now().micros() / 1_000_000).expect("after 1970")).to_string()
}

/// What goes out.
pub async fn letters(relay: &Relay) -> Vec<Message> {
    relay.behind.ended().await;
    let memory = Memory::default();
    let mailer = Mailer::Memory(memory.clone());
    let settings = delivery::Settings {
        base_url: "https://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    while delivery::run_one(relay, &mailer, &settings).await.expect("runs") != delivery::Ran::Nothing {}
    memory.kept()
}

/// The six digits in a letter.
pub fn code_in(letter: &Message) -> String {
    let lines = letter.text.lines();
    lines.filter(|line| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit())).collect()
}

/// The path of the link in a letter.
pub fn path_in(letter: &Message) -> String {
    let link = letter
        .text
        .split_whitespace()
        .find(|word| word.starts_with("https://relay.example/"))
        .expect("a link");
    link.trim_start_matches("https://relay.example").to_owned()
}

/// How often the trail names an act.
pub async fn events(relay: &Relay, act: &str) -> usize {
    let mut read = relay.store.read().await.expect("reads");
    let filter = Filter { act: act.to_owned(), ..Filter::default() };
    trail::page(&mut read, &filter).await.expect("a page").len()
}

/// The whole trail fits.
pub async fn the_trail_holds(relay: &Relay) {
    let mut read = relay.store.read().await.expect("reads");
    trail::verify(&mut read, &[]).await.expect("verifies");
}
