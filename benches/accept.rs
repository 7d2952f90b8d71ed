//! What one acceptance costs on SQLite with an fsync, and what sealing costs. `scripts/bench` runs it.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::clock::{Clock, Rng};
use dutyline::domain::ids::{CaseId, OrganisationId, PersonId};
use dutyline::domain::people::{Person, Role};
use dutyline::pipeline::judge;
use dutyline::pipeline::receive::Receiving;
use dutyline::relay::Relay;
use dutyline::routing::{Localities, Places};
use dutyline::seal::{Case, CaseFile, KeySet, open_object, seal_object, seal_to_published};
use dutyline::store::{Store, people};

const DOCUMENT: &str = include_str!("../docs/examples/referral.json");

async fn relay(folder: &std::path::Path) -> Arc<Relay> {
    let url = format!("sqlite:{}", folder.join("bench.db").display());
    let store = Store::open(&url, Clock::System).await.expect("opens");
    let places = Places::compiled(Localities::kent().clone());
    let relay = Arc::new(Relay::new(store, KeySet::generate().0, Clock::System, Rng::System, places));
    let setting = people::Organisation {
        id: relay.fresh(OrganisationId::new),
        kind: "setting".into(),
        name: "Bench Nursery".into(),
        urn: String::new(),
        postcode: String::new(),
        phone: String::new(),
    };
    let person = Person {
        id: relay.fresh(PersonId::new),
        organisation: setting.id,
        organisation_name: setting.name.clone(),
        name: "Jo Sample".into(),
        role: Role::Practitioner,
        lines: Vec::new(),
        covers: Vec::new(),
        email: "jo@setting1.example".into(),
    };
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            people::insert_organisation(unit, &Actor::operator(), &setting).await?;
            people::insert(unit, &Actor::operator(), &person).await
        })
    });
    made.await.expect("a setting");
    relay
}

fn message(relay: &Relay, number: u64) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_str(DOCUMENT).expect("the example is JSON");
    value["submission_id"] = format!("bench-{number}").into();
    let sealed =
        seal_to_published(&relay.keys.published().0, value.to_string().as_bytes(), true).expect("seals");
    let armor = String::from_utf8(sealed).expect("armor").replace('\n', "\r\n");
    format!("From: jo@setting1.example\r\nSubject: Sealed\r\n\r\n{armor}\r\n").into_bytes()
}

async fn accept(relay: &Arc<Relay>, raw: &[u8]) -> dutyline::domain::ids::MailId {
    let mut arriving = Receiving::begin(relay.clone(), "jo@setting1.example", "TLSv1.3");
    arriving.write(raw).await.expect("taken");
    arriving.commit().await.expect("kept")
}

fn acceptance(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let relay = runtime.block_on(relay(folder.path()));
    let mut number = 0;
    let mut group = criterion.benchmark_group("accept");
    group.sample_size(30);
    group.bench_function("mail received, sealed, on disk (to 250)", |bench| {
        let raw = message(&relay, u64::MAX);
        bench.iter(|| runtime.block_on(accept(&relay, &raw)));
    });
    group.bench_function("mail received and judged, referral with its line", |bench| {
        bench.iter(|| {
            number += 1;
            let raw = message(&relay, number);
            runtime.block_on(async {
                let id = accept(&relay, &raw).await;
                black_box(judge(&relay, id).await.expect("judged"))
            })
        });
    });
    group.bench_function("20 mails at once, received (to the last 250)", |bench| {
        let raw = Arc::new(message(&relay, u64::MAX - 1));
        bench.iter(|| {
            runtime.block_on(async {
                let mut all = tokio::task::JoinSet::new();
                for _ in 0..20 {
                    let (relay, raw) = (relay.clone(), raw.clone());
                    all.spawn(async move { accept(&relay, &raw).await });
                }
                all.join_all().await
            })
        });
    });
    group.finish();
}

fn sealing(criterion: &mut Criterion) {
    let (keys, case) = (KeySet::generate().0, Case::new());
    let form = vec![b'x'; 10 * 1024];
    let sealed = seal_object(case.recipient(), &form);
    let label = serde_json::json!({"name": "A Child", "born": "2024-09-03"});
    let id = CaseId::new(Clock::System.now(), [0; 10]);
    let file = CaseFile::seal(&case, id, &label, &keys);
    let mut group = criterion.benchmark_group("seal");
    group.bench_function("seal 10 KiB to a case", |bench| {
        bench.iter(|| seal_object(case.recipient(), black_box(&form)))
    });
    group.bench_function("open 10 KiB", |bench| {
        bench.iter(|| open_object(case.identity(), black_box(&sealed)))
    });
    group.bench_function("make a case file", |bench| bench.iter(|| CaseFile::seal(&case, id, &label, &keys)));
    group.bench_function("open a case file", |bench| {
        bench.iter(|| CaseFile::open(black_box(&file), id, &keys))
    });
    group.finish();
}

fn trail(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let relay = runtime.block_on(relay(folder.path()));
    let mut group = criterion.benchmark_group("trail");
    group.sample_size(20);
    group.bench_function("64 events appended at once, each its own unit, on disk", |bench| {
        bench.iter(|| {
            runtime.block_on(async {
                let mut all = tokio::task::JoinSet::new();
                for _ in 0..64 {
                    let store = relay.store.clone();
                    all.spawn(
                        async move { store.record(EventDraft::new(Act::Started, Actor::system())).await },
                    );
                }
                all.join_all().await
            })
        });
    });
    group.finish();
}

criterion_group!(benches, acceptance, sealing, trail);
criterion_main!(benches);
