//! Single sign-on with a real OpenID provider beside us: the whole way, and every attack on it.

mod attacks;
mod provider;
mod rights;
mod served;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use dutyline::audit::Actor;
use dutyline::clock::{Clock, Rng};
use dutyline::domain::ids::OrganisationId;
use dutyline::domain::people::{Person, Role};
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::domain::time::MINUTE;
use dutyline::people::sso::{ClaimNames, Given, Named, Provider as Asked, Rights, Rule, Rules, Settings};
use dutyline::people::{SignedIn, Token, whose};
use dutyline::relay::Relay;
use dutyline::routing::{Localities, Places};
use dutyline::seal::KeySet;
use dutyline::store::people::{self, Organisation};
use dutyline::store::{Store, trail};
use dutyline::web::Site;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Database, Engine, organisation, person};
use provider::{CLIENT, Provider, SECRET};

const BASE: &str = "http://127.0.0.1";
const CALLBACK: &str = "http://127.0.0.1/sign-in/sso/test/callback";

/// A relay with people, a provider, and the door between them.
struct Door {
    site: Arc<Site>,
    provider: Provider,
    nurse: Person,
    auditor: Person,
    manager: Person,
    _database: Database,
}

fn claim_names() -> ClaimNames {
    let named = |text: &str| text.to_owned();
    ClaimNames {
        address: named("email"),
        address_verified: named("email_verified"),
        name: named("name"),
        organisation: named("organisation.urn"),
        role: String::new(),
    }
}

fn rule(when: (&str, &str), organisation: Option<&str>, rights: Rights) -> Rule {
    let when = BTreeMap::from([(when.0.to_owned(), vec![when.1.to_owned()])]);
    Rule { when, organisation: organisation.map(Named::of), rights }
}

fn rules() -> Vec<Rule> {
    let given = |role, lines: &[&str]| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Rights::Given(Given { role, lines, approved: true })
    };
    vec![
        rule(("posts.role", "R8000"), Some("Health visiting"), given(Role::Duty, &["canterbury"])),
        rule(
            ("posts.role", "R8001"),
            Some("Health visiting"),
            given(Role::DutyLead, &["canterbury", "swale"]),
        ),
        rule(("posts.role", "R9000"), Some("Never registered"), given(Role::Duty, &["swale"])),
        rule(("kind", "setting"), None, Rights::AsTheyAre),
        rule(("kind", "staff"), Some("Health visiting"), Rights::AsTheyAre),
    ]
}

fn settings(issuer: &str) -> Settings {
    Settings {
        id: "test".to_owned(),
        name: "Test sign-in".to_owned(),
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned().into(),
        secret_in_form: false,
        scopes: vec!["profile".to_owned(), "email".to_owned()],
        userinfo: false,
        ca_pem: None,
        create: false,
        rules: Rules { claims: claim_names(), trust_email: false, people: rules() },
        redirect: CALLBACK.to_owned(),
    }
}

/// The line's organisation: it has no URN.
async fn service(relay: &Relay) -> Organisation {
    let row = Organisation {
        id: relay.fresh(OrganisationId::new),
        kind: "service".to_owned(),
        name: "Health visiting".to_owned(),
        urn: String::new(),
        postcode: String::new(),
        phone: "01632 960124".to_owned(),
    };
    let copy = row.clone();
    let made = relay.store.write(move |unit| {
        Box::pin(async move { people::insert_organisation(unit, &Actor::operator(), &copy).await })
    });
    made.await.expect("an organisation");
    row
}

impl Door {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, "client_secret_basic", |_, _| {}).await
    }

    /// A door whose settings and relay `change` may alter.
    async fn with(engine: Engine, auth: &str, change: impl Fn(&mut Vec<Settings>, &mut Relay)) -> Self {
        let (database, provider) = (Database::fresh(engine).await, Provider::start(CALLBACK, auth));
        // The provider has the machine's time; ours is the same and then stands still.
        let clock = Clock::fixed(Clock::System.now());
        let store = Store::open(&database.url, clock.clone()).await.expect("the store opens");
        let places = Places::compiled(Localities::kent().clone());
        let mut relay = Relay::new(store, KeySet::generate().0, clock, Rng::System, places);
        let mut all = vec![settings(&provider.issuer)];
        change(&mut all, &mut relay);
        let relay = Arc::new(relay);
        let setting = organisation(&relay, "Sample Nursery", "setting").await;
        let service = service(&relay).await;
        let nurse =
            person(&relay, &service, "Nurse Canterbury", Role::Duty, "canterbury", "nurse@health.example");
        let auditor = person(&relay, &service, "Morgan Auditor", Role::Auditor, "", "audit@health.example");
        let manager = person(&relay, &setting, "Jo Sample", Role::Manager, "", "jo@setting1.example");
        let (nurse, auditor, manager) = (nurse.await, auditor.await, manager.await);
        let site = Arc::new(Site {
            relay,
            base_url: BASE.to_owned(),
            hosts: Vec::new(),
            social_care: "01632 960999".to_owned(),
            demo: None,
            secure: true,
            log_key: String::new(),
            checkpoint_file: None,
            passkeys: None,
            sso: all.into_iter().map(|one| Asked::new(one).expect("a provider")).collect(),
        });
        Self { site, provider, nurse, auditor, manager, _database: database }
    }

    fn browser(&self) -> Browser {
        Browser { site: self.site.clone(), cookies: BTreeMap::new() }
    }

    /// A new browser goes the whole way; where it is sent at the end.
    async fn sign_in(&self) -> (Browser, Got) {
        let mut browser = self.browser();
        let address = browser.begin("/").await;
        let got = browser.back(&self.provider.visit(&address)).await;
        (browser, got)
    }

    /// The trail holds: no row was changed beside it.
    async fn verifies(&self) {
        let mut read = self.site.relay.store.read().await.expect("reads");
        trail::verify(&mut read, &[]).await.expect("verifies");
    }

    /// How many events with this act there are.
    async fn events(&self, act: &str) -> usize {
        let mut read = self.site.relay.store.read().await.expect("reads");
        let filter = trail::Filter { act: act.to_owned(), ..trail::Filter::default() };
        trail::page(&mut read, &filter).await.expect("reads").len()
    }
}

/// An answer of ours.
#[derive(Debug)]
struct Got {
    status: u16,
    location: String,
    body: String,
}

/// A browser with its cookies.
struct Browser {
    site: Arc<Site>,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn get(&mut self, path: &str) -> Got {
        self.ask("GET", path, "cross-site", String::new()).await
    }

    async fn post(&mut self, path: &str, body: &str) -> Got {
        self.ask("POST", path, "same-origin", body.to_owned()).await
    }

    async fn ask(&mut self, method: &str, path: &str, from: &str, body: String) -> Got {
        let sent: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("cookie", sent.join("; "))
            .header("sec-fetch-site", from)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        for set in answer.headers().get_all(header::SET_COOKIE) {
            self.keep(set.to_str().expect("text"));
        }
        let location =
            answer.headers().get(header::LOCATION).and_then(|at| at.to_str().ok()).unwrap_or_default();
        let (status, location) = (answer.status().as_u16(), location.to_owned());
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        Got { status, location, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A cookie for this host alone, not for scripts, sent over TLS only, and kept while it may be.
    fn keep(&mut self, set: &str) {
        for wanted in ["__Host-", "; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(wanted), "{wanted} in {set}");
        }
        let (name, value) = set.split(';').next().expect("a pair").split_once('=').expect("a pair");
        if set.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Presses the button; the provider's address that the page leads to.
    async fn begin(&mut self, next: &str) -> String {
        self.leave("/sign-in/sso/test", next).await
    }

    async fn leave(&mut self, path: &str, next: &str) -> String {
        let page = self.post(path, &format!("next={next}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let after = page.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1).expect("leads on");
        let address =
            after.split('"').next().expect("an address").replace("&#38;", "&").replace("&amp;", "&");
        assert!(page.body.matches("client_id=").count() == 2, "the same for whoever stops it: {}", page.body);
        address
    }

    /// Comes back from the provider.
    async fn back(&mut self, address: &str) -> Got {
        let path = address.strip_prefix(BASE).unwrap_or_else(|| panic!("not ours: {address}"));
        self.get(path).await
    }

    /// Who is signed in here.
    async fn who(&self) -> Option<SignedIn> {
        let token = Token::parse(self.cookies.get("__Host-dutyline")?).expect("a token");
        whose(&self.site.relay, &token).await.expect("looks")
    }
}

/// The nurse of the Canterbury line, as the provider knows her.
fn nurse() -> Value {
    json!({
        "email": "Nurse@Health.example", "email_verified": true, "name": "Nurse Canterbury",
        "posts": [{"role": "R1", "org": "RZZ"}, {"role": "R8000", "org": "RYY"}],
    })
}

async fn the_whole_way(engine: Engine) {
    let door = Door::on(engine).await;
    door.provider.person("nurse-1", &nurse());
    let mut browser = door.browser();
    let page = browser.get("/sign-in").await.body;
    let (button, other) = (page.find("Sign in with Test sign-in"), page.find("Other ways to sign in"));
    assert!(button.is_some() && button < other, "single sign-on comes first: {page}");
    let address = browser.begin("/inbox/held").await;
    for part in ["response_type=code", "code_challenge_method=S256", "nonce=", "scope=openid+profile+email"] {
        assert!(address.contains(part), "{part} in {address}");
    }
    assert!(
        address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%2Fsign-in%2Fsso%2Ftest%2Fcallback"),
        "{address}"
    );
    let got = browser.back(&door.provider.visit(&address)).await;
    assert_eq!((got.status, got.location.as_str()), (303, "/inbox/held"), "{}", got.body);
    assert_eq!(
        browser.cookies.keys().collect::<Vec<_>>(),
        ["__Host-dutyline"],
        "the ceremony's cookie is gone"
    );
    let now = browser.who().await.expect("signed in");
    assert_eq!(now.person, door.nurse, "found by her address");
    let session = &now.session;
    assert_eq!((session.stage, session.method), (Stage::Full, Method::Sso));
    assert!(session.checked_within(door.site.relay.clock.now(), MINUTE));
    assert_eq!(browser.get("/inbox").await.status, 200);
    assert_eq!((door.events("identity-linked").await, door.events("signed-in").await), (1, 1));

    let changed = json!({"email": "new@health.example", "posts": {"role": "R8000"}});
    door.provider.person("nurse-1", &changed);
    let (second, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    assert_eq!(
        second.who().await.expect("signed in").person.id,
        door.nurse.id,
        "known by issuer and subject"
    );
    assert_eq!((door.events("identity-linked").await, door.events("signed-in").await), (1, 2));
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nurse_signs_in_by_her_organisation_on_sqlite() {
    the_whole_way(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nurse_signs_in_by_her_organisation_on_postgresql() {
    the_whole_way(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_goes_in_the_form_and_claims_come_from_the_userinfo_endpoint() {
    let door = Door::with(Engine::Sqlite, "client_secret_post", |all, _| {
        all[0].secret_in_form = true;
        all[0].userinfo = true;
    })
    .await;
    let only_sub = |userinfo: Value| {
        let hidden = json!({"email": null, "email_verified": null, "posts": null, "name": null});
        json!({"person": provider::with("nurse-1", &nurse()), "claims": hidden, "userinfo": userinfo})
    };
    door.provider.switch(&only_sub(provider::with("somebody-else", &nurse())));
    let (browser, got) = door.sign_in().await;
    assert_eq!((got.status, browser.who().await), (502, None), "userinfo of another subject: {}", got.body);
    door.provider.switch(&only_sub(provider::with("nurse-1", &nurse())));
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    assert_eq!(browser.who().await.expect("signed in").person.id, door.nurse.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_shown_again_at_the_provider_by_the_same_person_anew() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.person("nurse-1", &nurse());
    let (mut browser, _) = door.sign_in().await;
    let relay = &door.site.relay;
    relay.clock.advance(15 * 60 * 1_000_000);
    let fresh = async |browser: &Browser| {
        browser.who().await.expect("signed in").session.checked_within(relay.clock.now(), relay.sign_in.fresh)
    };
    assert!(!fresh(&browser).await, "the check is old");
    // The provider's clock did not go on with ours: its token is of the time that we are in.
    let now = relay.clock.now().micros() / 1_000_000;
    let told = |subject: &str, auth_time: Value| {
        let claims = json!({"exp": now + 300, "iat": now, "auth_time": auth_time});
        door.provider.switch(&json!({"person": provider::with(subject, &nurse()), "claims": claims}));
    };
    for (subject, auth_time) in
        [("nurse-1", json!(now - 120)), ("nurse-1", json!(null)), ("nurse-2", json!(now))]
    {
        told(subject, auth_time.clone());
        let address = browser.leave("/sign-in/sso/test/again", "/inbox").await;
        assert!(address.contains("prompt=login") && address.contains("max_age=0"), "{address}");
        let got = browser.back(&door.provider.visit(&address)).await;
        assert_eq!((got.status, fresh(&browser).await), (403, false), "{subject} at {auth_time}");
        assert!(got.body.contains("Show again who you are"), "{}", got.body);
    }
    told("nurse-1", json!(now));
    let address = browser.leave("/sign-in/sso/test/again", "/inbox").await;
    let mut signed_out = door.browser();
    signed_out.cookies = browser.cookies.clone();
    signed_out.cookies.remove("__Host-dutyline");
    let token_before = browser.cookies["__Host-dutyline"].clone();
    let to = door.provider.visit(&address);
    let got = browser.back(&to).await;
    assert_eq!((got.status, got.location.as_str()), (303, "/inbox"), "{}", got.body);
    assert!(fresh(&browser).await && browser.cookies["__Host-dutyline"] == token_before, "the same session");
    assert_eq!((door.events("factor-checked").await, door.events("sign-in-refused").await), (1, 3));
    assert_eq!(signed_out.back(&to).await.status, 400, "no session, and the ceremony is used");
    let stranger = door.browser().post("/sign-in/sso/test/again", "").await;
    assert_eq!(stranger.status, 303, "sign in first");
}
