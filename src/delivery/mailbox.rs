//! Confirming a line's mailbox: a test notice goes to it, and the click in it makes the mailbox live
//! (DESIGN section 8).
//!
//! The token in the link is HMAC(index key, letter id), so neither the letter's row nor a backup holds
//! it: the row names the letter, `mailbox_test` holds the token's SHA-256. It confirms one mailbox of
//! one locality, once, within [`TEST_DAYS`]. After a rotation of the index key a test that waits makes
//! another token and its click does nothing: queue a new one.

use sha2::{Digest, Sha256};

use super::DeliveryError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::email::EmailAddress;
use crate::domain::ids::LetterId;
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::letters::{self, NewLetter};
use crate::store::{Unit, places};

/// How many days the link in a test notice works.
pub const TEST_DAYS: i64 = 7;
/// Sets these tokens apart from every other use of the index key.
const LABEL: &str = "mailbox-test";

/// The token of a test notice: 64 hexadecimal digits.
pub(super) fn token(relay: &Relay, letter: LetterId) -> String {
    relay.letter_secret(LABEL, letter).iter().map(|byte| format!("{byte:02x}")).collect()
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
    let row = places::locality(&mut read, locality).await?.ok_or(DeliveryError::NoLocality)?;
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
                match &locality {
                    Some(id) => unit.record(
                        EventDraft::new(Act::MailboxConfirmed, Actor::stranger())
                            .on(Object::new("locality", Code::of(id))),
                    ),
                    None => unit.unaudited("a token that confirms nothing; strangers' refusals are counted"),
                }
                Ok(locality)
            })
        })
        .await?;
    Ok(locality)
}
