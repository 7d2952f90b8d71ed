//! Letters that go by text: the same queue, leases and schedule; other words and another way out.
//!
//! A code that came after it had ended would only puzzle whoever gets it, so a text whose time is over is not
//! sent any more.

use super::DeliveryError;
use super::family::{self, Family};
use super::letter::NotWritten;
use super::run::Ended;
use super::schedule::next_attempt;
use crate::domain::phone::Phone;
use crate::domain::time::{Instant, MINUTE};
use crate::mail::FAMILY_PATH;
use crate::relay::Relay;
use crate::store::letters::{Attempt, Letter};
use crate::text::{Given, Kind, Text, TextOutcome, Texter};

/// Sends a letter by text; `texter` is `None` where the deployment has no gateway.
pub(super) async fn attempt(
    relay: &Relay,
    (texter, base_url): (Option<&Texter>, &str),
    letter: &Letter,
    kind: Kind,
) -> Result<Ended, DeliveryError> {
    let Some(texter) = texter else { return Ok(Ended::new(Attempt::Failed, "no-text-gateway")) };
    let now = relay.clock.now();
    let queued = Instant::from_micros(letter.created_at);
    let ends = kind.lasts_minutes().map(|minutes| queued.plus(minutes * MINUTE));
    let over = |at: Instant| ends.is_some_and(|ends| ends <= at);
    if over(now) {
        return Ok(Ended::new(Attempt::Failed, "too-late"));
    }
    let family = family::of(relay, letter).await?;
    if family.is_none() && family::is_for(letter) {
        return Ok(Ended::new(Attempt::Suppressed, "link-ended"));
    }
    let text = match write(relay, base_url, letter, kind, family) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(letter = %letter.id, %error, "a text could not be written");
            return Ok(Ended::new(Attempt::Failed, "letter-not-written"));
        }
    };
    Ok(match texter.send(&text).await {
        TextOutcome::Sent { code } => Ended::new(Attempt::Sent, code),
        TextOutcome::Permanent { code } => Ended::new(Attempt::Failed, code),
        TextOutcome::Temporary { code } => {
            let next = next_attempt(letter.attempts, queued, now).filter(|next| !over(*next));
            Ended::new(next.map_or(Attempt::Failed, Attempt::Retry), code)
        }
    })
}

fn write(
    relay: &Relay,
    base_url: &str,
    row: &Letter,
    kind: Kind,
    family: Option<Family>,
) -> Result<Text, NotWritten> {
    let id = row.id.parse().map_err(|_| NotWritten::Column("id"))?;
    let to = family.as_ref().map_or(row.recipient.as_str(), |family| family.contact.phone.as_str());
    let to = Phone::parse(to).map_err(|_| NotWritten::Column("recipient"))?;
    let given = match (kind, family) {
        (Kind::TextCode, _) => Given { code: relay.family_code(id), ..Given::default() },
        (_, Some(family)) => {
            let (base, token) = (base_url.trim_end_matches('/'), relay.family_token(family.link));
            Given { link: format!("{base}{FAMILY_PATH}{token}"), ..Given::default() }
        }
        (_, None) => return Err(NotWritten::Column("recipient")),
    };
    Ok(Text { id, kind, to, given, date: relay.clock.now() })
}
