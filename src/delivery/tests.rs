//! Letters against a real SQLite store: sent, tried again, refused, suppressed, taken over.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;

use super::*;
use crate::audit::Actor;
use crate::clock::{Clock, Rng};
use crate::domain::ids::{LetterId, OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::domain::reference::Reference;
use crate::domain::time::{DAY, HOUR, Instant, MINUTE};
use crate::mail::{Mailer, Memory, Message, SendOutcome};
use crate::relay::Relay;
use crate::routing::{Localities, Places};
use crate::seal::KeySet;
use crate::store::letters::{self, Attempt, LEASE, Letter, NewLetter};
use crate::store::places::{self, LocalityRow};
use crate::store::trail;
use crate::store::{Store, StoreError};

mod texts;

const START: Instant = Instant::from_micros(1_795_251_900_000_000);
const MAILBOX: &str = "duty@line.example";

struct Room {
    relay: Arc<Relay>,
    memory: Memory,
    mailer: Arc<Mailer>,
    settings: Settings,
    _dir: TempDir,
}

impl Room {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(START);
        let url = format!("sqlite:{}", dir.path().join("relay.db").display());
        let store = Store::open(&url, clock.clone()).await.unwrap();
        let places = Places::compiled(Localities::kent().clone());
        let relay = Relay::new(store, KeySet::generate().0, clock, Rng::seeded(1), places);
        let memory = Memory::default();
        let settings = Settings {
            base_url: "https://relay.example".to_owned(),
            host: "relay.example".to_owned(),
            from: EmailAddress::parse("relay@relay.example").unwrap(),
            from_name: "dutyline".to_owned(),
        };
        let mailer = Arc::new(Mailer::Memory(memory.clone()));
        let room = Self { relay: Arc::new(relay), memory, mailer, settings, _dir: dir };
        room.enter(MAILBOX).await;
        room
    }

    /// A room whose line's mailbox is confirmed.
    async fn confirmed() -> Self {
        let room = Self::new().await;
        queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await.unwrap();
        assert_eq!(room.run().await, Ran::Sent);
        assert_eq!(room.confirm().await.as_deref(), Some("canterbury"));
        room
    }

    async fn enter(&self, mailbox: &str) {
        let row = LocalityRow {
            id: "canterbury".to_owned(),
            name: "Canterbury and Coastal".to_owned(),
            phones: "01632 960001\n01632 960002".to_owned(),
            mailbox: mailbox.to_owned(),
            lad_codes: "E07000106".to_owned(),
            confirmed_at: 0,
        };
        let put = self.relay.store.write(move |unit| {
            Box::pin(async move { places::put_locality(unit, &Actor::operator(), &row).await })
        });
        put.await.unwrap();
    }

    async fn queue(&self, kind: &'static str, recipient: &str, params: &str) -> String {
        let id = self.relay.fresh(LetterId::new);
        let letter = NewLetter {
            id,
            kind,
            recipient: recipient.to_owned(),
            locality: "canterbury".to_owned(),
            reference: Reference::from_random(self.relay.rng.bytes()).to_string(),
            params: params.to_owned(),
        };
        self.write(move |unit| {
            Box::pin(async move { letters::queue(unit, &Actor::operator(), &letter).await })
        })
        .await
        .unwrap();
        id.to_string()
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl for<'u> FnOnce(&'u mut crate::store::Unit) -> crate::store::Work<'u, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.relay
            .store
            .write(move |unit| {
                unit.unaudited("a test's own hand");
                work(unit)
            })
            .await
    }

    async fn run(&self) -> Ran {
        run_one(&self.relay, &self.mailer, &self.settings).await.unwrap()
    }

    /// Clicks the link in the last message.
    async fn confirm(&self) -> Option<String> {
        let text = self.memory.kept().pop().unwrap().text;
        let link = text.lines().find(|line| line.contains("/confirm-mailbox/")).unwrap();
        confirm_mailbox(&self.relay, link.rsplit('/').next().unwrap()).await.unwrap()
    }

    async fn letter(&self, id: &str) -> Letter {
        let mut read = self.relay.store.read().await.unwrap();
        let undelivered = letters::undelivered(&mut read).await.unwrap();
        if let Some(letter) = undelivered.into_iter().find(|letter| letter.id == id) {
            return letter;
        }
        let message = self.memory.kept().into_iter().find(|message| message.id.to_string() == id);
        let text = message.expect("sent or undelivered").text;
        let reference = text.lines().find_map(|line| line.strip_prefix("Reference: ")).unwrap();
        letters::about(&mut read, reference).await.unwrap().pop().unwrap()
    }

    /// The acts about a letter, with their outcomes, oldest first.
    async fn acts(&self, id: &str) -> Vec<String> {
        let mut read = self.relay.store.read().await.unwrap();
        let events = trail::block(&mut read, 0).await.unwrap();
        events.iter().filter(|event| event.columns.object_id == id).map(|e| e.columns.act.clone()).collect()
    }
}

fn administrator() -> Person {
    Person {
        id: PersonId::new(START, [1; 10]),
        organisation: OrganisationId::new(START, [2; 10]),
        organisation_name: "A service".to_owned(),
        name: "Sam Sample".to_owned(),
        role: Role::Administrator,
        lines: Vec::new(),
        covers: Vec::new(),
        email: "sam@service.example".to_owned(),
    }
}

fn subjects(kept: &[Message]) -> Vec<&str> {
    kept.iter().map(|message| message.subject.as_str()).collect()
}

#[tokio::test]
async fn a_notice_is_sent_once_and_recorded() {
    let room = Room::confirmed().await;
    let id = room.queue("line-notice", MAILBOX, "{}").await;
    assert_eq!(room.run().await, Ran::Sent);
    assert_eq!(room.run().await, Ran::Nothing);
    let letter = room.letter(&id).await;
    assert_eq!((letter.state.as_str(), letter.last_code.as_str(), letter.attempts), ("sent", "memory", 1));
    assert_eq!(letter.sent_at, START.micros());
    assert_eq!(room.acts(&id).await, ["notice-queued", "notice-sent"]);
    let message = room.memory.kept().pop().unwrap();
    assert_eq!(message.to.as_str(), MAILBOX);
    assert_eq!(message.message_id(), format!("<{id}@relay.example>"));
    assert!(message.text.contains("the Canterbury and Coastal duty line"), "{}", message.text);
}

#[tokio::test]
async fn what_cannot_be_sent_now_is_sent_when_the_schedule_says() {
    let room = Room::confirmed().await;
    let id = room.queue("line-held", MAILBOX, "{}").await;
    for (code, wait) in [("451", MINUTE), ("timeout", 5 * MINUTE)] {
        room.memory.answer_next(SendOutcome::temporary(code));
        assert_eq!(room.run().await, Ran::Later);
        room.relay.clock.advance(wait - 1);
        assert_eq!(room.run().await, Ran::Nothing, "not before its time");
        room.relay.clock.advance(1);
    }
    assert_eq!(room.run().await, Ran::Sent);
    assert_eq!(room.letter(&id).await.attempts, 3);
    assert_eq!(room.acts(&id).await, ["notice-queued", "notice-sent"]);
}

#[tokio::test]
async fn a_letter_fails_when_it_is_refused_or_was_tried_for_five_days() {
    let room = Room::confirmed().await;
    let refused = room.queue("sender-accepted", "office@nursery.example", "[]").await;
    room.memory.answer_next(SendOutcome::permanent("550"));
    assert_eq!(room.run().await, Ran::Failed);
    let letter = room.letter(&refused).await;
    assert_eq!((letter.state.as_str(), letter.last_code.as_str()), ("failed", "550"));
    assert_eq!(room.acts(&refused).await, ["notice-queued", "notice-failed"]);

    let late = room.queue("sender-accepted", "office@nursery.example", "[]").await;
    let mut ran = Vec::new();
    for _ in 0..6 {
        room.memory.answer_next(SendOutcome::temporary("450"));
        room.relay.clock.advance(if ran.is_empty() { 6 * DAY } else { HOUR });
        ran.push(room.run().await);
    }
    assert_eq!(ran, [Ran::Later, Ran::Later, Ran::Later, Ran::Later, Ran::Failed, Ran::Nothing]);
    assert_eq!(room.letter(&late).await.attempts, 5);
}

#[tokio::test]
async fn a_mailbox_that_is_not_confirmed_gets_no_notice() {
    let room = Room::new().await;
    let unconfirmed = room.queue("line-notice", MAILBOX, "{}").await;
    assert_eq!(room.run().await, Ran::Suppressed);
    let letter = room.letter(&unconfirmed).await;
    assert_eq!((letter.state.as_str(), letter.last_code.as_str()), ("suppressed", "mailbox-not-confirmed"));
    assert_eq!(room.acts(&unconfirmed).await, ["notice-queued", "notice-failed"]);

    let room = Room::confirmed().await;
    room.queue("line-notice", "another@line.example", "{}").await;
    assert_eq!(room.run().await, Ran::Suppressed, "confirmed is one address, not a locality");
    room.enter("new@line.example").await;
    room.queue("line-held", "new@line.example", "{}").await;
    assert_eq!(room.run().await, Ran::Suppressed, "a changed address is not confirmed");
    room.queue("sender-accepted", "office@nursery.example", "[]").await;
    assert_eq!(room.run().await, Ran::Sent, "senders' addresses are registered");
    room.queue("setting-held", "office@nursery.example", "{}").await;
    assert_eq!(room.run().await, Ran::Sent, "and so are those of who writes on the web");
    assert_eq!(room.memory.kept().len(), 3);
}

#[tokio::test]
async fn a_test_notice_confirms_its_own_mailbox_once_and_for_seven_days() {
    let room = Room::new().await;
    let id =
        queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await.unwrap();
    assert_eq!(room.run().await, Ran::Sent);
    assert_eq!(room.acts(&id.to_string()).await, ["notice-queued", "notice-sent"]);
    assert_eq!(confirm_mailbox(&room.relay, &"0".repeat(64)).await.unwrap(), None);
    assert_eq!(room.confirm().await.as_deref(), Some("canterbury"));
    assert_eq!(room.confirm().await, None, "a link works once");
    assert_eq!(room.acts("canterbury:1").await, ["locality-changed", "mailbox-confirmed"]);

    queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await.unwrap();
    room.run().await;
    room.relay.clock.advance(TEST_DAYS * DAY);
    assert_eq!(room.confirm().await, None, "a link ends");

    queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await.unwrap();
    room.enter("new@line.example").await;
    assert_eq!(room.run().await, Ran::Suppressed, "the mailbox was changed before the test went out");
    let nowhere = queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "nowhere").await;
    assert!(matches!(nowhere, Err(DeliveryError::NoLocality)));
    room.enter("not an address").await;
    let nobody = queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await;
    assert!(matches!(nobody, Err(DeliveryError::NoAddress)));
}

#[tokio::test]
async fn no_row_or_backup_holds_the_token() {
    let room = Room::new().await;
    queue_mailbox_test(&room.relay, crate::relay::actor(&administrator()), "canterbury").await.unwrap();
    let row = room
        .write(|unit| Box::pin(async move { letters::claim(unit, "a look").await }))
        .await
        .unwrap()
        .unwrap();
    let token = super::mailbox::token(&room.relay, row.id.parse().unwrap());
    assert_eq!(token.len(), 64);
    assert!(!format!("{row:?}").contains(&token) && row.params == "{}");
    assert_eq!(confirm_mailbox(&room.relay, &token).await.unwrap().as_deref(), Some("canterbury"));
}

#[tokio::test]
async fn a_lease_that_ran_out_lets_another_worker_take_over() {
    let room = Room::confirmed().await;
    let id = room.queue("line-notice", MAILBOX, "{}").await;
    let first = room.write(|unit| Box::pin(async move { letters::claim(unit, "first").await })).await;
    assert_eq!(first.unwrap().unwrap().id, id);
    assert_eq!(room.run().await, Ran::Nothing, "it is the first worker's");
    room.relay.clock.advance(LEASE);
    assert_eq!(room.run().await, Ran::Sent);
    assert_eq!(room.letter(&id).await.attempts, 2);
    let late = room.write(move |unit| {
        Box::pin(async move { letters::settle(unit, &id, "first", &Attempt::Failed, "late").await })
    });
    assert!(matches!(late.await, Err(StoreError::Conflict("letter"))));
}

#[tokio::test]
async fn many_workers_at_once_send_each_letter_once() {
    let room = Room::confirmed().await;
    for _ in 0..20 {
        room.queue("line-notice", MAILBOX, "{}").await;
    }
    let all = async || while room.run().await != Ran::Nothing {};
    for _ in 0..5 {
        tokio::join!(all(), all(), all(), all());
    }
    let kept = room.memory.kept();
    let mut subjects = subjects(&kept)[1..].to_vec();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!((subjects.len(), kept.len()), (20, 21));
}

#[tokio::test]
async fn a_row_that_makes_no_letter_fails_where_it_is_seen_and_stops_nobody() {
    let room = Room::confirmed().await;
    for (kind, recipient, params) in [
        ("no-such-letter", MAILBOX, "{}"),
        ("sender-held", "not an address", "[]"),
        ("sender-held", "office@nursery.example", "{\"code\":1}"),
    ] {
        let id = room.queue(kind, recipient, params).await;
        assert_eq!(room.run().await, Ran::Failed, "{kind} {params}");
        assert_eq!(room.letter(&id).await.last_code, "letter-not-written");
    }
    let poison = room.queue("line-notice", MAILBOX, "{}").await;
    for _ in 0..super::schedule::MOST_ATTEMPTS {
        room.write(|unit| Box::pin(async move { letters::claim(unit, "gone").await })).await.unwrap();
        room.relay.clock.advance(LEASE);
    }
    assert_eq!(room.run().await, Ran::Failed);
    assert_eq!(room.letter(&poison).await.last_code, "too-many-attempts");
    assert_eq!(room.run().await, Ran::Nothing);
}

#[tokio::test]
async fn the_worker_wakes_at_the_bell_and_stops_when_told() {
    let room = Room::confirmed().await;
    let (stop, stopped) = watch::channel(false);
    let work = worker(room.relay.clone(), room.mailer.clone(), room.settings.clone(), stopped);
    let working = tokio::spawn(work);
    for sent in 2..5 {
        room.queue("line-notice", MAILBOX, "{}").await;
        room.relay.bell.notify_waiters();
        let arrived = async {
            while room.memory.kept().len() < sent {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), arrived).await.expect("the bell wakes the worker");
    }
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(10), working).await.expect("it stops").unwrap();
}
