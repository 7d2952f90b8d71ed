//! A small made-up world behind the real router: a real SQLite file, settings, lines, people with
//! sessions, referrals sent through the pipeline. Used by the tests of the pages.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use ed25519_dalek::SigningKey;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::audit::{Actor, Origin, VerifierKey};
use crate::clock::{Clock, Rng};
use crate::domain::agreement::{
    Agreement, Method, ParentalResponsibility, ReferrerSignature, Signatory, Way,
};
use crate::domain::form::{Part, Raw};
use crate::domain::ids::{DraftId, OrganisationId, PersonId, ReferralId};
use crate::domain::people::{Person, Role};
use crate::domain::time::Instant;
use crate::gate::statements;
use crate::people;
use crate::pipeline::{drafts, submit};
use crate::relay::Relay;
use crate::routing::{Localities, Places};
use crate::seal::KeySet;
use crate::store::people::Organisation;
use crate::store::referrals::{self, Referral};
use crate::store::{Store, people as rows};
use crate::web::{Site, router};

/// Noon on Monday, 7 September 2026.
const NOW: i64 = 1_788_778_800_000_000;
/// A postcode whose line is Canterbury's.
pub const CANTERBURY: &str = "CT1 2EH";
/// Well formed, and in no table.
pub const NOWHERE: &str = "CT5 9DB";

/// Everything behind the door, and the door.
pub struct World {
    pub site: Arc<Site>,
    router: Router,
    setting: Organisation,
    line: Organisation,
    _dir: tempfile::TempDir,
}

/// What a test referral differs in.
pub struct Case {
    pub postcode: &'static str,
    pub signed: bool,
    pub restricted: &'static [(&'static str, &'static str)],
    pub urgency: &'static str,
    pub file: &'static [u8],
}

impl Default for Case {
    fn default() -> Self {
        Self { postcode: CANTERBURY, signed: true, restricted: &[], urgency: "routine", file: b"" }
    }
}

/// An answer as a test looks at it.
pub struct Answered {
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::fixed(Instant::from_micros(NOW));
        let url = format!("sqlite:{}", dir.path().join("relay.db").display());
        let store = Store::open(&url, clock.clone()).await.expect("a store");
        let keys = KeySet::generate().0;
        let key = SigningKey::from_bytes(keys.log_seed());
        let origin = Origin::parse("relay.example/log").expect("an origin");
        let places = Places::compiled(Localities::kent().clone());
        let relay = Relay::new(store, keys, clock, Rng::seeded(1), places);
        let office = |kind: &str, name: &str, postcode: &str| Organisation {
            id: relay.fresh(OrganisationId::new),
            kind: kind.to_owned(),
            name: name.to_owned(),
            urn: String::new(),
            postcode: postcode.to_owned(),
            phone: "01632 960001".to_owned(),
        };
        let setting = office("setting", "Acorn Nursery", "CT1 2EH");
        let line = office("service", "Health visiting", "");
        let site = Arc::new(Site {
            relay: Arc::new(relay),
            base_url: "http://relay.example".to_owned(),
            hosts: Vec::new(),
            social_care: "01632 960999".to_owned(),
            demo: None,
            secure: false,
            log_key: VerifierKey::of(origin, &key).to_string(),
            checkpoint_file: None,
            passkeys: None,
            sso: Vec::new(),
        });
        let world = Self { router: router(site.clone()), site, setting, line, _dir: dir };
        world.add_organisations().await;
        world
    }

    async fn add_organisations(&self) {
        let both = [self.setting.clone(), self.line.clone()];
        let add = self.site.relay.store.write(move |unit| {
            Box::pin(async move {
                for one in &both {
                    rows::insert_organisation(unit, &Actor::operator(), one).await?;
                }
                Ok(())
            })
        });
        add.await.expect("organisations");
    }

    /// A new person; a line's role works `locality`.
    pub async fn person(&self, role: Role, locality: &str) -> Person {
        let office = if role.in_setting() { &self.setting } else { &self.line };
        let person = Person {
            id: self.site.relay.fresh(PersonId::new),
            organisation: office.id,
            organisation_name: office.name.clone(),
            name: format!("Pat {}", role.label()),
            role,
            lines: locality.split_whitespace().map(str::to_owned).collect(),
            covers: Vec::new(),
            email: String::new(),
        };
        let row = person.clone();
        let add =
            self.site.relay.store.write(move |unit| {
                Box::pin(async move { rows::insert(unit, &Actor::operator(), &row).await })
            });
        add.await.expect("a person");
        person
    }

    /// Sends a referral as this person does.
    pub async fn send(&self, person: &Person, case: Case) -> Referral {
        let draft = self.draft(person, &case).await;
        self.sign_and_submit(person, draft, case.signed).await
    }

    /// A draft with everything answered, and not signed.
    pub async fn draft(&self, person: &Person, case: &Case) -> DraftId {
        let relay = &self.site.relay;
        let draft = drafts::begin(relay, person).await.expect("a draft");
        for (part, raw) in answers(case) {
            drafts::save_part(relay, person, draft, part, &raw).await.expect("saved");
        }
        if !case.file.is_empty() {
            drafts::attach(relay, person, draft, "Markerfile.html", case.file).await.expect("attached");
        }
        draft
    }

    /// Answers one question of the part about the reason again, as completing what is held does.
    pub async fn change(&self, person: &Person, draft: DraftId, answer: (&str, &str)) {
        let (_, mut raw) = answers(&Case::default()).swap_remove(4);
        raw.set(answer.0, answer.1);
        drafts::save_part(&self.site.relay, person, draft, Part::Reason, &raw).await.expect("saved");
    }

    /// Both signatures, or the referrer's alone; then it is sent.
    pub async fn sign_and_submit(&self, person: &Person, draft: DraftId, agreed: bool) -> Referral {
        let relay = &self.site.relay;
        let open = drafts::open(relay, person, draft).await.expect("open");
        let content = open.content.family(relay.context()).sha256();
        if agreed {
            drafts::sign_agreement(relay, person, draft, agreement(relay, &content)).await.expect("agreed");
        }
        let signature = ReferrerSignature {
            printed_name: person.name.clone(),
            content_sha256: content,
            signed_on: relay.clock.now().day(),
            recorded_at: relay.clock.now(),
        };
        drafts::sign_as_referrer(relay, person, draft, signature).await.expect("signed");
        self.row(submit(relay, person, draft).await.expect("sent")).await
    }

    /// A referral's row as it is now.
    pub async fn row(&self, id: ReferralId) -> Referral {
        let mut read = self.site.relay.store.read().await.expect("a read");
        referrals::find(&mut read, id).await.expect("the store").expect("a referral")
    }

    /// What this person, or nobody, gets at an address.
    pub async fn get(&self, person: Option<&Person>, path: &str) -> Answered {
        self.ask("GET", person, path, String::new()).await
    }

    /// What this person, or nobody, gets for sending a form.
    pub async fn post(&self, person: Option<&Person>, path: &str, form: &str) -> Answered {
        self.ask("POST", person, path, form.to_owned()).await
    }

    /// What this person sees after sending a file; the field is named `file`.
    pub async fn upload(&self, person: &Person, path: &str, content: &str) -> String {
        let token = people::sign_in(&self.site.relay, person.id).await.expect("the store").expect("a token");
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n{content}\r\n--edge--\r\n"
        );
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=edge")
            .header("cookie", format!("dutyline-demo={}", token.secret()))
            .body(Body::from(body))
            .expect("a request");
        answered(self.router.clone().oneshot(request).await.expect("an answer")).await.body
    }

    async fn ask(&self, method: &str, person: Option<&Person>, path: &str, form: String) -> Answered {
        let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(person) = person {
            let token =
                people::sign_in(&self.site.relay, person.id).await.expect("the store").expect("a token");
            request = request.header("cookie", format!("dutyline-demo={}", token.secret()));
        }
        let request = request.body(Body::from(form)).expect("a request");
        answered(self.router.clone().oneshot(request).await.expect("an answer")).await
    }
}

async fn answered(response: Response) -> Answered {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let location = parts.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Answered {
        status: parts.status,
        location: location.to_owned(),
        headers: parts.headers.clone(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn agreement(relay: &Relay, content: &str) -> Agreement {
    Agreement {
        printed_name: "Ana Markerparent".to_owned(),
        relationship: "Mother".to_owned(),
        signatory: Signatory::Parent,
        parental_responsibility: ParentalResponsibility::Yes,
        method: Method::Typed,
        strokes: None,
        statement: statements::sample(),
        beside: None,
        content_sha256: content.to_owned(),
        signed_on: relay.clock.now().day(),
        recorded_at: relay.clock.now(),
        present: "Ana Markerparent".to_owned(),
        checked_how: "Known to us".to_owned(),
        browser: String::new(),
        address: String::new(),
        way: Way::Screen,
        notice: String::new(),
    }
}

fn answers(case: &Case) -> Vec<(Part, Raw)> {
    let raw = |pairs: &[(&str, &str)]| {
        let mut raw = Raw::default();
        pairs.iter().for_each(|(name, value)| raw.push(name, *value));
        raw
    };
    let mut restricted = raw(case.restricted);
    for (name, value) in
        [("safeguarding.concerns", "no"), ("abuse.concerns", "no"), ("request.urgency", case.urgency)]
    {
        if restricted.get(name).is_empty() {
            restricted.push(name, value);
        }
    }
    let home =
        [("request.kind", "referral"), ("carer.postcode_known", "yes"), ("carer.postcode", case.postcode)];
    let child = [
        ("child.forename", "Markerfirst"),
        ("child.surname", "Markerlast"),
        ("child.date_of_birth", "2024-05-01"),
    ];
    vec![
        (Part::Home, raw(&home)),
        (Part::Child, raw(&child)),
        (Part::Carer, raw(&[("carer.name", "Ana Markerparent"), ("carer.phone", "07700 900123")])),
        (Part::Support, raw(&[("needs.agencies", "Markeragency")])),
        (Part::Reason, raw(&[("reason.concerns", "Markerconcern"), ("reason.strengths", "Sings")])),
        (
            Part::Referrer,
            raw(&[
                ("referrer.name", "Pat Practitioner"),
                ("referrer.phone", "01632 960001"),
                ("referrer.date", "2026-09-07"),
            ]),
        ),
        (Part::Restricted, restricted),
    ]
}
