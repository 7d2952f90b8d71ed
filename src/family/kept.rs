//! The contact behind a link.

use super::FamilyError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::Contact;
use crate::relay::Relay;
use crate::seal::CaseFile;
use crate::store::family::Link;
use crate::store::{View, cases};

/// The contact recorded for a link, opened under `who`.
///
/// # Errors
/// [`FamilyError::Missing`] when there is none, as for a link on a screen, or the case was erased.
pub async fn contact(relay: &Relay, link: &Link, who: Actor) -> Result<Contact, FamilyError> {
    let event =
        EventDraft::new(Act::ContactUsed, who).on(Object::new("family-link", Code::of(&link.id.to_string())));
    let recorded = relay.store.view(View { event, cases: vec![link.case] }).await?;
    let mut read = relay.store.read().await?;
    let file = cases::case_file(&mut read, &recorded, link.case).await?.ok_or(FamilyError::Missing)?;
    let case = CaseFile::open(&file, link.case, &relay.keys)?.case;
    Ok(relay.contact_of(&mut read, &recorded, &case, link).await?)
}
