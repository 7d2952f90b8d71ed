//! A reminder for who has not signed yet, each once, to the recorded contact. A link that has ended gets none.

use super::FamilyError;
use super::kept::contact;
use crate::audit::Actor;
use crate::domain::family::{Channel, reminder_due};
use crate::domain::ids::LetterId;
use crate::relay::Relay;
use crate::relay::links::RECIPIENT;
use crate::store::family::{self, Link};
use crate::store::letters::{self, NewLetter};
use crate::store::{StoreError, referrals};

/// Queues every reminder that is due; how many.
pub async fn remind(relay: &Relay) -> Result<usize, FamilyError> {
    let now = relay.clock.now();
    let most = i64::try_from(relay.family.reminders.len()).unwrap_or(0);
    let waiting = family::waiting(&mut relay.store.read().await?, now, most).await?;
    let mut queued = 0;
    for link in waiting {
        let Some(n) = reminder_due(&relay.family, link.created, link.reminded, now) else { continue };
        match one(relay, &link, n).await {
            Ok(()) => queued += 1,
            // Another process was first, or the link ended: nothing is owed.
            Err(FamilyError::Conflict | FamilyError::Missing) => {}
            Err(error) => return Err(error),
        }
    }
    if queued > 0 {
        relay.bell.notify_waiters();
    }
    Ok(queued)
}

async fn one(relay: &Relay, link: &Link, n: i64) -> Result<(), FamilyError> {
    let there = contact(relay, link, Actor::system()).await?;
    let row = referrals::by_case(&mut relay.store.read().await?, link.case).await?;
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: match there.by {
            Channel::Mail => "family-reminder",
            Channel::Text => "text-reminder",
        },
        recipient: format!("{RECIPIENT}{}", link.id),
        locality: String::new(),
        reference: row.map_or_else(String::new, |row| row.reference),
        params: "{}".to_owned(),
    };
    let id = link.id;
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            family::reminded(unit, id, n).await?;
            letters::queue(unit, &Actor::system(), &letter).await?;
            Ok::<(), StoreError>(())
        })
    });
    Ok(written.await?)
}
