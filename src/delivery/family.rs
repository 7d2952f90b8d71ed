//! Where a family's letter goes: its row names a link, and the contact that the setting recorded for it is
//! opened when the letter is sent, recorded as the relay's own act. What goes to a link that has ended
//! meanwhile is not sent: a flag set later, a withdrawal, another link.

use super::DeliveryError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::Contact;
use crate::domain::ids::LinkId;
use crate::relay::Relay;
use crate::relay::links::{ContactError, RECIPIENT};
use crate::seal::CaseFile;
use crate::store::letters::Letter;
use crate::store::{StoreError, View, cases, family};

/// A family's link that lives, and the contact recorded for it.
pub(super) struct Family {
    pub(super) link: LinkId,
    pub(super) contact: Contact,
}

/// Whether a letter goes to a family.
pub(super) fn is_for(letter: &Letter) -> bool {
    letter.recipient.starts_with(RECIPIENT)
}

/// Where this letter goes; `None` when its link has ended, or there is nothing to open any more.
pub(super) async fn of(relay: &Relay, letter: &Letter) -> Result<Option<Family>, DeliveryError> {
    let id = letter.recipient.strip_prefix(RECIPIENT).and_then(|id| id.parse::<LinkId>().ok());
    let Some(id) = id else { return Ok(None) };
    let mut read = relay.store.read().await?;
    let link = family::find(&mut read, id).await?;
    let Some(link) = link.filter(|link| link.lives(relay.clock.now())) else { return Ok(None) };
    let event = EventDraft::new(Act::ContactUsed, Actor::system())
        .on(Object::new("family-link", Code::of(&id.to_string())))
        .extra("letter", Code::of(&letter.kind));
    let recorded = relay.store.view(View { event, cases: vec![link.case] }).await?;
    let Some(file) = cases::case_file(&mut read, &recorded, link.case).await? else { return Ok(None) };
    let sealed = |_| StoreError::Tampered(format!("contact of family link {id}"));
    let case = CaseFile::open(&file, link.case, &relay.keys).map_err(sealed)?.case;
    match relay.contact_of(&mut read, &recorded, &case, &link).await {
        Ok(contact) => Ok(Some(Family { link: id, contact })),
        Err(ContactError::Store(error)) => Err(error.into()),
        Err(ContactError::Seal(error)) => Err(sealed(error).into()),
        Err(ContactError::Missing) => Ok(None),
    }
}
