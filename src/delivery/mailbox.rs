//! Confirming a line's mailbox: a test notice goes to it, and the click in it makes the mailbox live
//! (DESIGN section 8).
//!
//! The token in the link is HMAC(index key, letter id), so neither the letter's row nor a backup holds
//! it: the row names the letter, `mailbox_test` holds the token's SHA-256. It confirms one mailbox of
//! one locality, once, within [`TEST_DAYS`]. After a rotation of the index key a test that waits makes
//! another token and its click does nothing: queue a new one.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::DeliveryError;
use crate::audit::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::ids::LetterId;
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::letters::{self, NewLetter};
use crate::store::places::{self, LocalityRow};
use crate::store::{Read, Unit, lines};

/// How many days the link in a test notice works.
pub const TEST_DAYS: i64 = 7;
/// Sets these tokens apart from every other use of the index key.
const LABEL: &str = "mailbox-test";

/// The token of a test notice: 64 hexadecimal digits.
pub(super) fn token(relay: &Relay, letter: LetterId) -> String {
    relay.letter_token(LABEL, letter)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Queues a test notice to the mailbox that is entered for `locality`. The caller has checked that
/// `who` may.
///
/// # Errors
/// [`DeliveryError::NoLocality`], [`DeliveryError::NoAddress`], or the store's.
pub async fn queue_mailbox_test(
    relay: &Relay,
    who: Actor,
    locality: &str,
) -> Result<LetterId, DeliveryError> {
    let mut read = relay.store.read().await?;
    let row = to_test(&mut read, locality, relay.clock.now().day()).await?;
    drop(read);
    EmailAddress::parse(&row.mailbox).map_err(|_| DeliveryError::NoAddress)?;
    let id = relay.fresh(LetterId::new);
    let hash = hash(&token(relay, id));
    let ends = relay.clock.now().plus(TEST_DAYS * DAY);
    let letter = NewLetter {
        id,
        kind: "mailbox-test",
        recipient: row.mailbox.clone(),
        locality: row.id.clone(),
        reference: String::new(),
        params: "{}".to_owned(),
    };
    relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                places::insert_mailbox_test(unit, hash, &row.id, &row.mailbox, ends).await?;
                letters::queue(unit, &who, &letter).await
            })
        })
        .await?;
    relay.bell.notify_waiters();
    Ok(id)
}

/// The mailbox that a test is for: one that is not live yet, the one in force before one that is planned
/// for a later day; when all are live, the one in force.
async fn to_test(read: &mut Read, locality: &str, today: Date) -> Result<LocalityRow, DeliveryError> {
    let decisions = lines::history(read, locality).await?;
    let now = lines::in_force(&decisions, today).map_or(0, |one| one.version);
    let coming = || decisions.iter().filter(|one| one.version >= now);
    let row = coming().find(|one| one.confirmed_at == 0).or_else(|| coming().next());
    let row = row.ok_or(DeliveryError::NoLocality)?;
    Ok(LocalityRow {
        id: row.locality.clone(),
        name: row.details.name.clone(),
        phones: row.details.phones.clone(),
        mailbox: row.details.mailbox.clone(),
        lad_codes: row.details.lad_codes.clone(),
        confirmed_at: row.confirmed_at,
    })
}

/// The click: makes the mailbox live and gives its locality's id; `None` when the token is not known,
/// was used, is too old, or the mailbox was changed since. Only for a POST: mail filters open links.
///
/// # Errors
/// The store's.
pub async fn confirm_mailbox(relay: &Relay, token: &str) -> Result<Option<String>, DeliveryError> {
    let hash = hash(token);
    let locality = relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                let locality = places::confirm_mailbox(unit, hash).await?;
                if locality.is_none() {
                    unit.unaudited("a token that confirms nothing; strangers' refusals are counted");
                }
                Ok(locality)
            })
        })
        .await?;
    Ok(locality)
}
