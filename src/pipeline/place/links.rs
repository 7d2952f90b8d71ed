//! The family's link that a placement makes: to sign, while a referral waits for it; to see what was shared,
//! once who signed by link has sent it on. None goes anywhere that the staff-only answers forbid.

use super::super::PipelineError;
use super::{Origin, Placed};
use crate::domain::family::{Contact, Purpose, reach};
use crate::domain::ids::LetterId;
use crate::domain::referral::State;
use crate::intake::{Later, Submission};
use crate::relay::Relay;
use crate::relay::links::RECIPIENT;
use crate::store::cases::NewObject;
use crate::store::family::NewLink;
use crate::store::letters::NewLetter;

/// A link with its sealed contact and the letter that carries it.
pub(super) struct Made {
    pub(super) link: NewLink,
    pub(super) contact: NewObject,
    pub(super) letter: NewLetter,
}

/// Where a link to sign goes, if one is asked for and may go anywhere.
pub(super) fn to_sign(submission: &Submission) -> Option<Contact> {
    let later = submission.later.as_ref().filter(|_| !submission.refused)?;
    allowed(later, submission)
}

/// The contact as the staff-only answers leave it.
fn allowed(later: &Later, submission: &Submission) -> Option<Contact> {
    reach(&later.contact, submission.restricted.for_sealing())
}

/// Who approved the words for the family's own page, when who signed by link gets one: the same reading
/// stands for its copy and the insert.
pub(super) fn approved_by(origin: &Origin<'_>, state: State) -> String {
    let later = origin.by_link.as_ref().and_then(|by| by.contact.as_ref());
    let sent = matches!(state, State::Delivered | State::IntakeDesk);
    later.filter(|_| sent).map_or_else(String::new, |later| later.approved_by.clone())
}

/// The link that follows from this placement, if any.
pub(super) fn made(
    relay: &Relay,
    origin: &Origin<'_>,
    submission: &Submission,
    placed: &Placed,
) -> Result<Option<Made>, PipelineError> {
    let seen = origin.by_link.as_ref().and_then(|by| by.contact.as_ref());
    let (purpose, contact) = match placed.state {
        State::Held => (Purpose::SignLater, to_sign(submission)),
        State::Delivered | State::IntakeDesk => {
            (Purpose::See, seen.and_then(|later| allowed(later, submission)))
        }
        _ => return Ok(None),
    };
    let Some(contact) = contact else { return Ok(None) };
    let link = relay.new_link(origin.case_id, purpose, &origin.person.to_string());
    let sealed = relay.sealed_contact(origin.case, &link, &contact)?;
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: crate::domain::family::letter_kind(purpose, contact.by),
        recipient: format!("{RECIPIENT}{}", link.id),
        locality: String::new(),
        reference: placed.reference.clone(),
        params: "{}".to_owned(),
    };
    Ok(Some(Made { link, contact: sealed, letter }))
}
