//! One letter: look, claim, check, write, send, settle.

use super::family;
use super::letter::{About, named, write};
use super::schedule::{MOST_ATTEMPTS, next_attempt};
use super::{DeliveryError, Settings, Ways, texts};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome};
use crate::domain::time::Instant;
use crate::mail::{Kind, SendOutcome};
use crate::relay::Relay;
use crate::store::letters::{self, Attempt, Letter};
use crate::store::lines;
use crate::store::places::{self, LocalityRow};
use crate::store::{StoreError, Unit};

/// What [`run_one`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// No letter is due, or another worker was quicker.
    Nothing,
    /// A letter was handed over.
    Sent,
    /// A letter will be tried again.
    Later,
    /// A letter will never arrive; administrators see it.
    Failed,
    /// A letter was not sent on purpose.
    Suppressed,
    /// The lease ran out meanwhile, and another worker has the letter.
    TakenOver,
}

/// A letter that is ours until its lease ends.
struct Claimed {
    letter: Letter,
    lease: String,
}

/// How an attempt ended, with its code.
pub(super) struct Ended {
    attempt: Attempt,
    code: String,
}

impl Ended {
    pub(super) fn new(attempt: Attempt, code: impl Into<String>) -> Self {
        Self { attempt, code: code.into() }
    }
}

/// Delivers the letter that has been due longest, if any. `ways` is a mailer, or a [`Post`](super::Post)
/// with texts.
///
/// # Errors
/// The store's. A letter that was claimed is then due again when its lease ends.
pub async fn run_one<'w>(
    relay: &Relay,
    ways: impl Into<Ways<'w>>,
    settings: &Settings,
) -> Result<Ran, DeliveryError> {
    let ways = ways.into();
    let mut read = relay.store.read().await?;
    let due = letters::any_due(&mut read, relay.clock.now()).await?;
    drop(read);
    if !due {
        return Ok(Ran::Nothing);
    }
    let Some(claimed) = claim(relay).await? else { return Ok(Ran::Nothing) };
    let ended = attempt(relay, ways, settings, &claimed.letter).await?;
    settle(relay, claimed, ended).await
}

async fn claim(relay: &Relay) -> Result<Option<Claimed>, StoreError> {
    let lease: String = relay.chance::<16>();
    let mine = lease.clone();
    let letter = relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                unit.unaudited("a lease is taken and an attempt counted; how the letter ends is recorded");
                letters::claim(unit, &mine).await
            })
        })
        .await?;
    Ok(letter.map(|letter| Claimed { letter, lease }))
}

async fn attempt(
    relay: &Relay,
    ways: Ways<'_>,
    settings: &Settings,
    letter: &Letter,
) -> Result<Ended, DeliveryError> {
    if letter.attempts > MOST_ATTEMPTS {
        return Ok(Ended::new(Attempt::Failed, "too-many-attempts"));
    }
    if let Some(kind) = crate::text::Kind::from_code(&letter.kind) {
        return texts::attempt(relay, (ways.texter, &settings.base_url), letter, kind).await;
    }
    let mut read = relay.store.read().await?;
    let today = relay.clock.now().day();
    let locality = places::locality(&mut read, &letter.locality, today).await?;
    let last = lines::history(&mut read, &letter.locality).await?.pop();
    let named = named(&mut read, letter).await?;
    drop(read);
    let planned = last.as_ref().map_or("", |last| last.details.mailbox.as_str());
    if let Some(code) = suppressed(letter, locality.as_ref(), planned) {
        return Ok(Ended::new(Attempt::Suppressed, code));
    }
    let family = family::of(relay, letter).await?;
    if family.is_none() && family::is_for(letter) {
        return Ok(Ended::new(Attempt::Suppressed, "link-ended"));
    }
    let message = match write(relay, settings, letter, locality.as_ref(), About { named, family }) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(letter = %letter.id, %error, "a letter could not be written");
            return Ok(Ended::new(Attempt::Failed, "letter-not-written"));
        }
    };
    Ok(match ways.mailer.send(&message).await {
        SendOutcome::Sent { code } => Ended::new(Attempt::Sent, code),
        SendOutcome::Permanent { code } => Ended::new(Attempt::Failed, code),
        SendOutcome::Temporary { code } => {
            let queued = Instant::from_micros(letter.created_at);
            let next = next_attempt(letter.attempts, queued, relay.clock.now());
            Ended::new(next.map_or(Attempt::Failed, Attempt::Retry), code)
        }
    })
}

/// The params of a letter that goes to a lead's own address (`casework::break_glass`).
const TO_LEAD: &str = "\"lead\"";

/// Why a letter must not go to this mailbox now. A notice needs a confirmed one; the test that asks
/// for the confirmation needs one that is still entered or planned; senders have their registered address.
fn suppressed(letter: &Letter, locality: Option<&LocalityRow>, planned: &str) -> Option<&'static str> {
    let kind = Kind::from_code(&letter.kind)?;
    let entered = locality.is_some_and(|locality| locality.mailbox == letter.recipient);
    let confirmed = locality.is_some_and(|locality| locality.confirmed_at > 0);
    match kind {
        // To a lead's own, registered address: there is no mailbox to confirm.
        Kind::LineOpenedElsewhere if letter.params == TO_LEAD => None,
        kind if kind.is_notice() => (!entered || !confirmed).then_some("mailbox-not-confirmed"),
        Kind::MailboxTest => (!entered && planned != letter.recipient).then_some("mailbox-changed"),
        _ => None,
    }
}

async fn settle(relay: &Relay, claimed: Claimed, ended: Ended) -> Result<Ran, DeliveryError> {
    let Claimed { letter, lease } = claimed;
    let Ended { attempt, code } = ended;
    let ran = match attempt {
        Attempt::Sent => Ran::Sent,
        Attempt::Retry(_) => Ran::Later,
        Attempt::Failed => Ran::Failed,
        Attempt::Suppressed => Ran::Suppressed,
    };
    tracing::info!(letter = %letter.id, kind = %letter.kind, attempts = letter.attempts, %code, ?ran, "letter");
    let event = event(&letter, &attempt, &code);
    let done = relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                match event {
                    Some(event) => unit.record(event),
                    None => unit.unaudited("an attempt that will be repeated; its row counts it"),
                }
                letters::settle(unit, &letter.id, &lease, &attempt, &code).await
            })
        })
        .await;
    match done {
        Ok(()) => Ok(ran),
        Err(StoreError::Conflict(_)) => Ok(Ran::TakenOver),
        Err(error) => Err(error.into()),
    }
}

/// The end of a letter, for the trail; an attempt that will be repeated is none.
fn event(letter: &Letter, attempt: &Attempt, code: &str) -> Option<EventDraft> {
    let (act, outcome) = match attempt {
        Attempt::Sent => (Act::NoticeSent, Outcome::Done),
        Attempt::Failed => (Act::NoticeFailed, Outcome::Failed),
        Attempt::Suppressed => (Act::NoticeFailed, Outcome::Refused),
        Attempt::Retry(_) => return None,
    };
    let event = EventDraft::new(act, Actor::system())
        .on(Object::new("letter", Code::of(&letter.id)))
        .reference(Code::of(&letter.reference))
        .outcome(outcome)
        .extra("letter", Code::of(&letter.kind))
        .extra("attempts", Code::number(u64::try_from(letter.attempts).unwrap_or(0)))
        .extra("code", Code::of(code));
    Some(event)
}
