//! What tests share: a relay on a fresh database of either engine, people, and the steps of a story.

use std::sync::Arc;

use dutyline::audit::Actor;
use dutyline::clock::{Clock, Rng};
use dutyline::domain::agreement::{
    Agreement, Method, ParentalResponsibility, ReferrerSignature, Signatory, Way,
};
use dutyline::domain::form::{Part, Raw};
use dutyline::domain::ids::{DraftId, OrganisationId, PersonId, ReferralId};
use dutyline::domain::people::{Person, Role};
use dutyline::domain::time::Instant;
use dutyline::gate::statements;
use dutyline::pipeline::{drafts, submit};
use dutyline::relay::Relay;
use dutyline::routing::{Localities, Places};
use dutyline::seal::{HybridIdentity, KeySet};
use dutyline::store::{Store, people};

/// 21 November 2026, noon, UTC: a Saturday.
pub const NOON: i64 = 1_795_262_400_000_000;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database of its own, gone after the test.
pub struct Database {
    pub url: String,
    pub folder: tempfile::TempDir,
    dropped: Option<String>,
}

impl Database {
    pub async fn fresh(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        match engine {
            Engine::Sqlite => {
                let url = format!("sqlite:{}", folder.path().join("dutyline.db").display());
                Self { url, folder, dropped: None }
            }
            Engine::Postgres => {
                let name = format!("t{}", hex(&Rng::System.bytes::<8>()));
                psql(&format!("CREATE DATABASE {name}"));
                Self { url: postgres_url(&name), folder, dropped: Some(name) }
            }
        }
    }
}

impl Database {
    /// What lies in the files of an embedded database, its write-ahead log included.
    pub fn files(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        entries.filter_map(|entry| std::fs::read(entry.expect("an entry").path()).ok()).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.dropped {
            psql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// The socket folder and port of the private cluster that `scripts/test` starts.
fn cluster() -> (String, String) {
    let told = std::env::var("DUTYLINE_TEST_POSTGRES")
        .expect("run the tests by scripts/test: it starts a private PostgreSQL and says where");
    let (folder, port) = told.split_once(':').expect("FOLDER:PORT");
    (folder.to_owned(), port.to_owned())
}

fn postgres_url(name: &str) -> String {
    let (folder, port) = cluster();
    format!("postgres://dutyline@localhost:{port}/{name}?host={folder}")
}

fn psql(sql: &str) {
    let (folder, port) = cluster();
    let done = std::process::Command::new("psql")
        .args(["-q", "-h", &folder, "-p", &port, "-U", "dutyline", "-d", "postgres", "-c", sql])
        .status()
        .expect("psql runs");
    assert!(done.success(), "{sql}");
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A relay on a database, with a clock that stands still and keys in memory.
pub async fn relay_on(database: &Database) -> (Arc<Relay>, HybridIdentity) {
    let (keys, recovery) = KeySet::generate();
    let clock = Clock::fixed(Instant::from_micros(NOON));
    let store = Store::open(&database.url, clock.clone()).await.expect("the store opens");
    let places = Places::compiled(Localities::kent().clone());
    let mut relay = Relay::new(store, keys, clock, Rng::System, places);
    relay.lawful.on = true;
    (Arc::new(relay), recovery)
}

/// The people of a small world: one setting, two lines, a desk, an auditor.
pub struct World {
    pub relay: Arc<Relay>,
    pub recovery: HybridIdentity,
    pub sender: Person,
    pub other_sender: Person,
    pub canterbury: Person,
    pub swale: Person,
    pub desk: Person,
    pub auditor: Person,
    pub database: Database,
}

impl World {
    pub async fn on(engine: Engine) -> Self {
        let database = Database::fresh(engine).await;
        let (relay, recovery) = relay_on(&database).await;
        let setting = organisation(&relay, "Sample Nursery", "setting").await;
        let other = organisation(&relay, "Other Nursery", "setting").await;
        let service = organisation(&relay, "Health visiting", "service").await;
        let sender =
            person(&relay, &setting, "Jo Sample", Role::Practitioner, "", "jo@setting1.example").await;
        let other_sender =
            person(&relay, &other, "Al Madeup", Role::Practitioner, "", "al@setting2.example").await;
        let canterbury =
            person(&relay, &service, "Nurse Canterbury", Role::Duty, "canterbury", "nurse@health.example")
                .await;
        let swale =
            person(&relay, &service, "Nurse Swale", Role::Duty, "swale", "swale@health.example").await;
        let desk = person(&relay, &service, "Robin Desk", Role::IntakeDesk, "", "desk@health.example").await;
        let auditor =
            person(&relay, &service, "Morgan Auditor", Role::Auditor, "", "audit@trust.example").await;
        Self { relay, recovery, sender, other_sender, canterbury, swale, desk, auditor, database }
    }
}

pub async fn organisation(relay: &Relay, name: &str, kind: &str) -> people::Organisation {
    let row = people::Organisation {
        id: relay.fresh(OrganisationId::new),
        kind: kind.to_owned(),
        name: name.to_owned(),
        urn: "EY123456".to_owned(),
        postcode: "CT1 2EH".to_owned(),
        phone: "01632 960123".to_owned(),
    };
    let copy = row.clone();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move { people::insert_organisation(unit, &Actor::operator(), &copy).await })
        })
        .await
        .expect("an organisation");
    row
}

pub async fn person(
    relay: &Relay,
    office: &people::Organisation,
    name: &str,
    role: Role,
    locality: &str,
    email: &str,
) -> Person {
    let row = Person {
        id: relay.fresh(PersonId::new),
        organisation: office.id,
        organisation_name: office.name.clone(),
        name: name.to_owned(),
        role,
        lines: locality.split_whitespace().map(str::to_owned).collect(),
        covers: Vec::new(),
        email: email.to_owned(),
    };
    let copy = row.clone();
    relay
        .store
        .write(move |unit| Box::pin(async move { people::insert(unit, &Actor::operator(), &copy).await }))
        .await
        .expect("a person");
    row
}

/// A whole form; `change` may alter what was typed.
pub fn form(change: impl Fn(&mut Raw)) -> Raw {
    let mut raw = Raw::default();
    for (path, value) in [
        ("request.kind", "referral"),
        ("carer.postcode_known", "yes"),
        ("carer.postcode", "ct12eh"),
        ("child.forename", "Aoife"),
        ("child.surname", "Sample"),
        ("child.date_of_birth", "2024-09-03"),
        ("child.nhs_number", "999 000 0018"),
        ("carer.name", "Niamh Sample"),
        ("carer.address", "1 Made Up Street"),
        ("carer.phone", "07700 900123"),
        ("reason.concerns", "Says about ten words."),
        ("referrer.name", "Jo Sample"),
        ("referrer.phone", "01632 960123"),
        ("referrer.date", "2026-11-21"),
        ("safeguarding.concerns", "no"),
        ("abuse.concerns", "no"),
        ("request.urgency", "soon"),
    ] {
        raw.set(path, value);
    }
    change(&mut raw);
    raw
}

/// Begins a draft and saves every part of the form.
pub async fn given_a_draft(world: &World, raw: &Raw) -> DraftId {
    let draft = drafts::begin(&world.relay, &world.sender).await.expect("a draft");
    for part in Part::FAMILY.iter().chain([&Part::Restricted]) {
        drafts::save_part(&world.relay, &world.sender, draft, *part, raw).await.expect("a part is saved");
    }
    draft
}

pub fn agreement(world: &World, shown: &str, name: &str) -> Agreement {
    Agreement {
        printed_name: name.to_owned(),
        relationship: "Mother".to_owned(),
        signatory: Signatory::Parent,
        parental_responsibility: ParentalResponsibility::Yes,
        method: Method::Typed,
        strokes: None,
        statement: statements::sample(),
        beside: None,
        content_sha256: shown.to_owned(),
        signed_on: world.relay.clock.now().day(),
        recorded_at: world.relay.clock.now(),
        present: "Key person".to_owned(),
        checked_how: "Known to the setting".to_owned(),
        browser: String::new(),
        address: String::new(),
        way: Way::Screen,
        notice: String::new(),
    }
}

/// Both signatures, for the words as they are now.
pub async fn when_both_sign(world: &World, draft: DraftId, parent: &str) {
    let (relay, sender) = (&world.relay, &world.sender);
    let open = drafts::open(relay, sender, draft).await.expect("opens");
    let shown = open.content.family(relay.context()).sha256();
    drafts::sign_agreement(relay, sender, draft, agreement(world, &shown, parent))
        .await
        .expect("parent signs");
    let signature = ReferrerSignature {
        printed_name: sender.name.clone(),
        content_sha256: shown,
        signed_on: relay.clock.now().day(),
        recorded_at: relay.clock.now(),
    };
    drafts::sign_as_referrer(relay, sender, draft, signature).await.expect("referrer signs");
}

/// A whole referral, sent.
pub async fn given_a_referral(world: &World, raw: &Raw) -> ReferralId {
    let draft = given_a_draft(world, raw).await;
    when_both_sign(world, draft, "Niamh Sample").await;
    submit(&world.relay, &world.sender, draft).await.expect("is sent")
}
