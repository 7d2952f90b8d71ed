//! Whether an account exists is not told by the work: the statements are written down and compared.
//!
//! The statements are the process's: tests run in a process each (nextest).

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::door::{Browser, with_password, world};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

struct Words(String);

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        if ["summary", "message"].contains(&field.name()) {
            self.0 = value.to_owned();
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if ["summary", "message"].contains(&field.name()) {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        if target == "sqlx::query" || target == "dutyline::people::password" {
            let mut words = Words(String::new());
            event.record(&mut words);
            // Another connection of the pool may open at any moment.
            if !words.0.starts_with("PRAGMA") {
                self.0.lock().expect("one at a time").push(words.0);
            }
        }
    }
}

impl Seen {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("one at a time"))
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_do_the_same_work() {
    let seen = Seen::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(seen.clone()))
        .expect("the only subscriber of this process");
    let (world, site) = world().await;
    with_password(&site, &world.sender).await;
    let mut work = Vec::new();
    for address in ["nobody@setting1.example", &world.sender.email, &world.auditor.email] {
        // The counted refusals are told once a minute.
        world.relay.clock.advance(120_000_000);
        seen.take();
        assert_eq!(Browser::new(&site).types(address, "not it at all").await.status, 422);
        work.push(seen.take());
    }
    let hashed = |work: &[String]| work.iter().filter(|one| one.contains("a password was looked at")).count();
    assert_eq!(work.iter().map(|work| hashed(work)).collect::<Vec<_>>(), [1, 1, 1]);
    let statements = |n: usize| work[n].iter().filter(|one| one.contains("SELECT")).count();
    assert!(statements(0) >= 8, "the statements are seen: {:#?}", work[0]);
    assert_eq!(work[0], work[1]);
    assert_eq!(work[0], work[2]);
}
