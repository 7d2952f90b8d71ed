//! A duty line's mailbox goes live by a click in the test notice that was sent to it (DOMAIN section 4):
//! the published mailboxes are real, so nothing else is sent to one before.
//!
//! The database keeps the token's SHA-256 only. Using an ended or used link changes nothing.

use sha2::{Digest, Sha256};

use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::people::Token;
use crate::relay::Relay;
use crate::store::{StoreError, places};

/// The hash under which a token is kept.
pub fn hash_of(token: &Token) -> [u8; 32] {
    Sha256::digest(token.secret().as_bytes()).into()
}

/// The click. Gives the locality whose mailbox is live now; `None` when the link is unknown, used or
/// ended, or the mailbox was changed since: they look alike.
pub async fn confirm(relay: &Relay, token: &Token) -> Result<Option<String>, StoreError> {
    let hash = hash_of(token);
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                let confirmed = places::confirm_mailbox(unit, hash).await?;
                match &confirmed {
                    Some(locality) => {
                        let on = Object::new("locality", Code::of(locality));
                        unit.record(EventDraft::new(Act::MailboxConfirmed, Actor::stranger()).on(on));
                    }
                    None => unit.unaudited("a link that confirms nothing changes nothing"),
                }
                Ok(confirmed)
            })
        })
        .await
}
