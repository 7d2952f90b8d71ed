//! Letters that go by text: the same queue, leases and schedule; other words and another way out.
//!
//! A code that came after it had ended would only puzzle whoever gets it, so a text whose time is over is not
//! sent any more.

use super::letter::NotWritten;
use super::run::Ended;
use super::schedule::next_attempt;
use crate::domain::phone::Phone;
use crate::domain::time::{Instant, MINUTE};
use crate::relay::Relay;
use crate::store::letters::{Attempt, Letter};
use crate::text::{Given, Kind, Text, TextOutcome, Texter};

/// Sends a letter by text; `texter` is `None` where the deployment has no gateway.
pub(super) async fn attempt(relay: &Relay, texter: Option<&Texter>, letter: &Letter, kind: Kind) -> Ended {
    let Some(texter) = texter else { return Ended::new(Attempt::Failed, "no-text-gateway") };
    let now = relay.clock.now();
    let queued = Instant::from_micros(letter.created_at);
    let ends = kind.lasts_minutes().map(|minutes| queued.plus(minutes * MINUTE));
    let over = |at: Instant| ends.is_some_and(|ends| ends <= at);
    if over(now) {
        return Ended::new(Attempt::Failed, "too-late");
    }
    let text = match write(relay, letter, kind) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(letter = %letter.id, %error, "a text could not be written");
            return Ended::new(Attempt::Failed, "letter-not-written");
        }
    };
    match texter.send(&text).await {
        TextOutcome::Sent { code } => Ended::new(Attempt::Sent, code),
        TextOutcome::Permanent { code } => Ended::new(Attempt::Failed, code),
        TextOutcome::Temporary { code } => {
            let next = next_attempt(letter.attempts, queued, now).filter(|next| !over(*next));
            Ended::new(next.map_or(Attempt::Failed, Attempt::Retry), code)
        }
    }
}

fn write(relay: &Relay, row: &Letter, kind: Kind) -> Result<Text, NotWritten> {
    let id = row.id.parse().map_err(|_| NotWritten::Column("id"))?;
    let to = Phone::parse(&row.recipient).map_err(|_| NotWritten::Column("recipient"))?;
    let given = match kind {
        Kind::TextCode => Given { code: relay.code(kind.code(), id) },
    };
    Ok(Text { id, kind, to, given, date: relay.clock.now() })
}
