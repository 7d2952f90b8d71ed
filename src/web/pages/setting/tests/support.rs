//! A site with made-up settings, and people who ask it for pages and send it forms.

mod answers;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::audit::Actor;
use crate::clock::{Clock, Rng};
use crate::domain::form::{FIELDS, Part};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::domain::time::Instant;
use crate::people;
use crate::relay::Relay;
use crate::routing::{Localities, Places};
use crate::seal::KeySet;
use crate::store::people::{Organisation, insert, insert_organisation};
use crate::store::{Store, referrals};
use crate::web::{Site, router};

pub use answers::*;

/// A Monday morning in London.
const NOW: &str = "2026-11-23T09:05:00Z";
/// The number that stands for children's social care.
pub const SOCIAL_CARE: &str = "01632 960111";

/// A site, and the folder that it lives in.
pub struct Town {
    pub site: Arc<Site>,
    app: Router,
    _folder: tempfile::TempDir,
}

/// Somebody who is signed in.
pub struct Visitor {
    pub person: Person,
    app: Router,
    cookie: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    /// Where it leads, or empty.
    pub to: String,
    pub body: String,
}

impl Town {
    pub async fn new() -> Self {
        Self::with(false).await
    }

    /// Where a referral may go on without agreement.
    pub async fn lawful() -> Self {
        Self::with(true).await
    }

    async fn with(lawful: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at: jiff::Timestamp = NOW.parse().expect("a moment");
        let clock = Clock::fixed(Instant::from_micros(at.as_microsecond()));
        let url = format!("sqlite:{}", folder.path().join("town.db").display());
        let store = Store::open(&url, clock.clone()).await.expect("a store");
        let places = Places::compiled(Localities::kent().clone());
        let mut relay = Relay::new(store, KeySet::generate().0, clock, Rng::seeded(1), places);
        relay.lawful.on = lawful;
        let site = Arc::new(Site {
            relay: Arc::new(relay),
            base_url: "http://town.example".to_owned(),
            hosts: Vec::new(),
            social_care: SOCIAL_CARE.to_owned(),
            demo: None,
            secure: false,
            log_key: String::new(),
            checkpoint_file: None,
            passkeys: None,
            sso: Vec::new(),
        });
        Self { app: router(site.clone()), site, _folder: folder }
    }

    /// Somebody of a new setting.
    pub async fn somebody(&self, name: &str, setting: &str) -> Visitor {
        let relay = &self.site.relay;
        let organisation = Organisation {
            id: relay.fresh(OrganisationId::new),
            kind: "setting".to_owned(),
            name: setting.to_owned(),
            urn: "EY123456".to_owned(),
            postcode: "CT1 2EH".to_owned(),
            phone: "01632 960200".to_owned(),
        };
        let id = organisation.id;
        relay
            .store
            .write(move |unit| {
                Box::pin(async move { insert_organisation(unit, &Actor::operator(), &organisation).await })
            })
            .await
            .expect("a setting");
        self.colleague(name, setting, id, Role::Practitioner).await
    }

    /// Somebody who works outside settings, for one line where the role has lines.
    pub async fn on_line(&self, name: &str, line: &str, role: Role) -> Visitor {
        let relay = &self.site.relay;
        let organisation = Organisation {
            id: relay.fresh(OrganisationId::new),
            kind: "service".to_owned(),
            name: "Health visiting".to_owned(),
            urn: String::new(),
            postcode: String::new(),
            phone: String::new(),
        };
        let id = organisation.id;
        relay
            .store
            .write(move |unit| {
                Box::pin(async move { insert_organisation(unit, &Actor::operator(), &organisation).await })
            })
            .await
            .expect("a service");
        let lines = if role.on_line() { vec![line.to_owned()] } else { Vec::new() };
        self.person(name, "Health visiting", id, (role, lines)).await
    }

    /// One more person of a setting.
    pub async fn colleague(&self, name: &str, setting: &str, of: OrganisationId, role: Role) -> Visitor {
        self.person(name, setting, of, (role, Vec::new())).await
    }

    async fn person(
        &self,
        name: &str,
        setting: &str,
        of: OrganisationId,
        (role, lines): (Role, Vec<String>),
    ) -> Visitor {
        let relay = &self.site.relay;
        let person = Person {
            id: relay.fresh(PersonId::new),
            organisation: of,
            organisation_name: setting.to_owned(),
            name: name.to_owned(),
            role,
            lines,
            covers: Vec::new(),
            email: format!("{}@setting.example", name.to_lowercase().replace(' ', ".")),
        };
        let row = person.clone();
        relay
            .store
            .write(move |unit| Box::pin(async move { insert(unit, &Actor::operator(), &row).await }))
            .await
            .expect("a person");
        self.session_of(&person).await
    }

    /// A new session of somebody.
    pub async fn session_of(&self, person: &Person) -> Visitor {
        let signed_in = people::sign_in(&self.site.relay, person.id).await.expect("the store");
        let cookie = format!("dutyline-demo={}", signed_in.expect("a session").secret());
        Visitor { person: person.clone(), app: self.app.clone(), cookie }
    }

    /// How many referrals a setting has sent.
    pub async fn sent_by(&self, visitor: &Visitor) -> Vec<referrals::Referral> {
        let mut read = self.site.relay.store.read().await.expect("a read");
        referrals::of_setting(&mut read, visitor.person.organisation, 0).await.expect("rows")
    }
}

impl Visitor {
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// A page that has to be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} leads to {}: {}", answer.to, answer.body);
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path} has one heading");
        let back = answer.body.contains("nhsuk-back-link") || path == "/referrals";
        assert!(back || handed_over(&answer.body), "{path} has a way back");
        answer.body
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let kind = "application/x-www-form-urlencoded";
        self.ask(sent(path, kind).body(Body::from(pairs.join("&"))).expect("a request")).await
    }

    pub async fn upload(&self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let request = sent(path, "multipart/form-data; boundary=edge").body(Body::from(body));
        self.ask(request.expect("a request")).await
    }

    /// Sends a form that has to lead on; gives where to.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", errors(&answer.body));
        answer.to
    }

    async fn ask(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().expect("a cookie"));
        let answer = self.app.clone().oneshot(request).await.expect("an answer");
        let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("text").to_owned());
        let status = answer.status();
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, to: to.unwrap_or_default(), body }
    }

    /// A draft whose family part is whole; its address.
    pub async fn written(&self) -> String {
        let first = self.send("/referrals", &[]).await;
        let draft = first.strip_suffix("/postcode").expect("postcode first").to_owned();
        for (slug, fields) in whole_form() {
            self.send(&format!("{draft}/{slug}"), fields).await;
        }
        draft
    }

    /// A draft that both have signed; its address.
    pub async fn signed(&self) -> String {
        let draft = self.written().await;
        self.sign_by_name(&draft, "Ana Sample").await;
        draft
    }

    /// Staff say who agrees, how, and, where it is asked, who is present: where it leads.
    pub async fn before_signing(&self, draft: &str, who: &str, how: &str) -> String {
        self.send(&format!("{draft}/agreement"), &[("signatory", who)]).await;
        let to = self.send(&format!("{draft}/how"), &[("how", how)]).await;
        if to.ends_with("/present") { self.send(&to, &BEFORE).await } else { to }
    }

    /// The page on which a parent agrees in this way, after staff have said what they are asked first.
    pub async fn page_to_sign(&self, draft: &str, how: &str) -> String {
        let to = self.before_signing(draft, "parent", how).await;
        self.page(&to).await
    }

    pub async fn sign_by_name(&self, draft: &str, name: &str) {
        let fields = agreement(name, hidden(&self.page_to_sign(draft, "screen").await, "content"));
        self.send(&format!("{draft}/screen"), &pairs(&fields)).await;
        self.sign_as_referrer(draft).await;
    }

    /// Nobody signs: somebody told staff.
    pub async fn told_by(&self, draft: &str, name: &str) {
        let mut fields = agreement(name, hidden(&self.page_to_sign(draft, "told").await, "content"));
        fields.retain(|(field, _)| !field.starts_with("signature"));
        fields.extend(TOLD.iter().map(|(field, value)| (*field, (*value).to_owned())));
        self.send(&format!("{draft}/told"), &pairs(&fields)).await;
        self.sign_as_referrer(draft).await;
    }

    async fn sign_as_referrer(&self, draft: &str) {
        let page = self.page(&format!("{draft}/sign?staff=yes")).await;
        let fields = [("content", hidden(&page, "content")), ("signature", "Robin Teacher")];
        self.send(&format!("{draft}/sign"), &fields).await;
    }
}

fn sent(path: &str, kind: &str) -> axum::http::request::Builder {
    Request::post(path).header(header::CONTENT_TYPE, kind).header("sec-fetch-site", "same-origin")
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Whether nothing on this page leads anywhere else: no menu, no way back, no name, no sign-out.
pub fn handed_over(page: &str) -> bool {
    let leads =
        ["href=\"/referrals\"", "nhsuk-back-link", "/sign-out", "<a href=\"/\"", "href=\"/accessibility\""];
    !leads.iter().any(|way| page.contains(way))
}

/// The error messages of a page, for a failing test's words.
pub fn errors(page: &str) -> String {
    let found = page.split("nhsuk-error-message").skip(1);
    found.map(|rest| rest.chars().take(160).collect::<String>()).collect::<Vec<_>>().join("\n")
}

/// The value of a hidden field.
pub fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page.split_once(&start).expect("the hidden field").1;
    rest.split_once('"').expect("its value").0
}

pub fn pairs<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Nothing of the staff-only part, neither answers nor questions, stands on this page.
pub fn nothing_restricted(page: &str, path: &str) {
    let labels = FIELDS
        .iter()
        .filter(|field| field.part == Part::Restricted)
        .flat_map(|field| [field.label, field.path]);
    let typed = ["XMARKER", "Xmarker", "900999"];
    for words in labels.chain(typed) {
        assert!(!page.contains(words), "{path} says {words}");
    }
}

/// The id in a draft's address.
pub fn id_of(draft: &str) -> crate::domain::ids::DraftId {
    draft.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a draft")
}
