//! The family's link that a placement makes: to sign, while a referral waits for it; to see what was shared,
//! once who signed by link has sent it on. None goes anywhere that the staff-only answers forbid.

use super::super::PipelineError;
use super::{Origin, Placed};
use crate::domain::family::{Contact, Purpose, letter_kind, reach};
use crate::domain::ids::{CaseId, LetterId};
use crate::domain::referral::State;
use crate::intake::{Later, Submission};
use crate::relay::Relay;
use crate::relay::links::RECIPIENT;
use crate::seal::Case;
use crate::store::cases::NewObject;
use crate::store::family::NewLink;
use crate::store::letters::NewLetter;

/// A link with its sealed contact and the letter that carries it.
pub(in crate::pipeline) struct Made {
    pub(in crate::pipeline) link: NewLink,
    pub(in crate::pipeline) contact: NewObject,
    pub(in crate::pipeline) letter: NewLetter,
}

/// Where a link to sign goes, if one is asked for and may go anywhere.
pub(in crate::pipeline) fn to_sign(submission: &Submission) -> Option<Contact> {
    let later = submission.later.as_ref().filter(|_| !submission.refused)?;
    allowed(later, submission)
}

/// The contact as the staff-only answers leave it.
pub(in crate::pipeline) fn allowed(later: &Later, submission: &Submission) -> Option<Contact> {
    reach(&later.contact, submission.restricted.for_sealing())
}

/// Who approved the words for the family's own page, when who signed by link gets one: the same reading
/// stands for its copy and the insert.
pub(super) fn approved_by(origin: &Origin<'_>, state: State) -> String {
    let who = origin.by_link.as_ref().and_then(|by| by.approved.as_ref());
    let sent = matches!(state, State::Delivered | State::IntakeDesk);
    who.filter(|_| sent).map_or_else(String::new, |who| who.id.to_string())
}

/// The link that follows from this placement, if any.
pub(super) fn made(
    relay: &Relay,
    origin: &Origin<'_>,
    submission: &Submission,
    placed: &Placed,
) -> Result<Option<Made>, PipelineError> {
    let seen = origin.by_link.as_ref().filter(|by| by.approved.is_some());
    let seen = seen.and_then(|by| by.contact.as_ref());
    let (purpose, contact) = match placed.state {
        State::Held => (Purpose::SignLater, to_sign(submission)),
        State::Delivered | State::IntakeDesk => {
            (Purpose::See, seen.and_then(|later| allowed(later, submission)))
        }
        _ => return Ok(None),
    };
    let Some(contact) = contact else { return Ok(None) };
    let by = origin.person.to_string();
    fresh(
        relay,
        origin.case,
        origin.case_id,
        Give { purpose, contact: &contact, by: &by, reference: &placed.reference },
    )
    .map(Some)
}

/// What a new link is for, to whom and about what.
pub(in crate::pipeline) struct Give<'a> {
    pub(in crate::pipeline) purpose: Purpose,
    pub(in crate::pipeline) contact: &'a Contact,
    pub(in crate::pipeline) by: &'a str,
    pub(in crate::pipeline) reference: &'a str,
}

/// A new link with its sealed contact and its letter.
pub(in crate::pipeline) fn fresh(
    relay: &Relay,
    case: &Case,
    case_id: CaseId,
    give: Give<'_>,
) -> Result<Made, PipelineError> {
    let link = relay.new_link(case_id, give.purpose, give.by);
    let contact = relay.sealed_contact(case, &link, give.contact)?;
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: letter_kind(give.purpose, give.contact.by),
        recipient: format!("{RECIPIENT}{}", link.id),
        locality: String::new(),
        reference: give.reference.to_owned(),
        params: "{}".to_owned(),
    };
    Ok(Made { link, contact, letter })
}
