//! The family answers by link: reads what will be sent, signs it or says no.
//!
//! On the setting's screen (`sign-here`) the signature goes into the draft and its staff go on. Later
//! (`sign-later`) it completes the held referral: judged, routed and handed over in one commit with the
//! end of the link, so that a signature is never taken and left lying. A crash before the commit leaves the link
//! as it was; pressed twice, the second finds it ended.

use super::drafts::{self, Open, on, opened};
use super::place::links::{self, Give};
use super::place::{self, ByLink};
use super::{PipelineError, told};
use crate::audit::{Act, Actor, Code, EventDraft};
use crate::domain::agreement::Agreement;
use crate::domain::family::Purpose;
use crate::domain::ids::{DraftId, LinkId};
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::intake::Later;
use crate::relay::{Relay, actor};
use crate::store::drafts as rows;
use crate::store::family::{self, Link};
use crate::store::{StoreError, cases, letters, people, referrals};

/// What a family answers.
pub enum Answer {
    /// They agree, and this is the signature.
    Agrees(Box<Agreement>),
    /// They do not.
    No,
}

/// Opens what a link is to be signed for, recorded under the family.
///
/// # Errors
/// [`PipelineError::Missing`] when there is nothing to sign any more.
pub async fn open(relay: &Relay, link: &Link) -> Result<Open, PipelineError> {
    if link.purpose == Purpose::See || !link.lives(relay.clock.now()) {
        return Err(PipelineError::Missing);
    }
    let mut read = relay.store.read().await?;
    let row = rows::by_case(&mut read, link.case).await?.filter(|row| row.sent_as.is_none());
    opened(relay, &mut read, row.ok_or(PipelineError::Missing)?, Actor::family()).await
}

/// Takes the answer.
///
/// # Errors
/// [`PipelineError::Refused`] when the words are others than were shown; [`PipelineError::Missing`] when
/// the link has ended, [`PipelineError::Conflict`] when that happened meanwhile.
pub async fn answer(relay: &Relay, link: &Link, answer: Answer) -> Result<(), PipelineError> {
    let mut open = open(relay, link).await?;
    let object = on(open.row.id, open.row.version + 1);
    let event = |act| EventDraft::new(act, Actor::family()).on(object);
    let event = match answer {
        Answer::Agrees(agreement) => {
            let family = open.content.family(relay.context());
            if family.sha256() != agreement.content_sha256 {
                return Err(PipelineError::Refused(CHANGED.to_owned()));
            }
            let method = Code::of(agreement.method.code());
            let commitment = open.case.commit("family", &family.canonical());
            open.content.agree(*agreement, family);
            event(Act::ParentSigned).commitment(commitment).extra("method", method)
        }
        Answer::No => {
            let today = relay.clock.now().day();
            open.content.refused = true;
            open.content.refused_on = Some(today);
            event(Act::AgreementRefused).extra("day", Code::of(&today.to_string()))
        }
    };
    match link.purpose {
        Purpose::SignHere => keep(relay, link, open, event).await,
        _ => send(relay, link, open, event).await,
    }
}

/// Said when the setting changed the words after they were shown.
const CHANGED: &str =
    "The nursery changed the form after this page was shown. Read it again before you sign.";

/// Keeps the answer in the draft, for staff to go on.
async fn keep(relay: &Relay, link: &Link, mut open: Open, event: EventDraft) -> Result<(), PipelineError> {
    open.content.later = None;
    let (row, link) = (open.row, link.id);
    let object = drafts::sealed(open.object, row.case, row.version + 1, &open.content, &open.case)?;
    let kept = relay.store.write(move |unit| {
        Box::pin(async move {
            let who = Actor::family();
            if !family::end(unit, &who, link).await? {
                return Err(StoreError::Conflict("family link"));
            }
            rows::saved(unit, row.id, row.version).await?;
            cases::replace(unit, &who, object).await?;
            unit.record(event);
            Ok(())
        })
    });
    Ok(kept.await?)
}

/// Sends the held referral on with its answer.
async fn send(relay: &Relay, link: &Link, mut open: Open, event: EventDraft) -> Result<(), PipelineError> {
    let contact = open.content.later.clone();
    let submission = open.content.submission(relay.context());
    if submission.evidence.agreement.is_some() {
        open.content.later = None;
    }
    let row = open.row.clone();
    let draft = drafts::sealed(open.object, row.case, row.version + 1, &open.content, &open.case)?;
    let address = told(relay, row.person).await?.unwrap_or_default();
    let mut origin = place::Origin::of_draft(&open, Actor::family(), address);
    let approved = approver(relay, contact.as_ref()).await?;
    origin.by_link = Some(ByLink { link: link.id, draft, event, contact, approved });
    place::place(relay, origin, submission).await?;
    Ok(())
}

/// Who approved the words of a link, as the trail names them; `None` when they are not known here any more.
async fn approver(relay: &Relay, later: Option<&Later>) -> Result<Option<Actor>, PipelineError> {
    let Some(id) = later.and_then(|later| later.approved_by.parse().ok()) else { return Ok(None) };
    let person = people::find(&mut relay.store.read().await?, id).await?;
    Ok(person.as_ref().map(actor))
}

/// Stands a link on the setting's screen, for the parent's own phone; an earlier one ends.
///
/// # Errors
/// [`PipelineError::Missing`] when the draft is not theirs; [`PipelineError::Refused`] when it is not whole.
pub async fn on_screen(relay: &Relay, person: &Person, draft: DraftId) -> Result<LinkId, PipelineError> {
    let open = drafts::open(relay, person, draft).await?;
    if !open.content.parts_with_faults(relay.context()).is_empty() {
        return Err(PipelineError::Refused("Answer what is missing first.".to_owned()));
    }
    let link = relay.new_link(open.row.case, Purpose::SignHere, &person.id.to_string());
    let (who, id) = (actor(person), link.id);
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            family::end_all(unit, &who, link.case, &[Purpose::SignHere]).await?;
            family::insert(unit, &who, &link).await
        })
    });
    made.await?;
    Ok(id)
}

/// The links to sign of a draft, the newest first.
///
/// # Errors
/// [`PipelineError::Missing`] when the draft is not theirs.
pub async fn of_draft(relay: &Relay, person: &Person, draft: DraftId) -> Result<Vec<Link>, PipelineError> {
    let mut read = relay.store.read().await?;
    let row = rows::find(&mut read, draft).await?.filter(|row| drafts::theirs(row, person));
    let row = row.ok_or(PipelineError::Missing)?;
    let links = family::of_case(&mut read, row.case).await?;
    Ok(links.into_iter().filter(|link| link.purpose != Purpose::See).collect())
}

/// Ends every link to sign of a draft: whoever has one finds it ended.
///
/// # Errors
/// [`PipelineError::Missing`] when the draft is not theirs.
pub async fn cancel(relay: &Relay, person: &Person, draft: DraftId) -> Result<(), PipelineError> {
    let mut read = relay.store.read().await?;
    let row = rows::find(&mut read, draft).await?.filter(|row| drafts::theirs(row, person));
    let case = row.ok_or(PipelineError::Missing)?.case;
    let who = actor(person);
    let ended = relay.store.write(move |unit| {
        Box::pin(async move {
            let signing = [Purpose::SignHere, Purpose::SignLater];
            if family::end_all(unit, &who, case, &signing).await? == 0 {
                unit.unaudited("none was alive");
            }
            Ok(())
        })
    });
    Ok(ended.await?)
}

/// Sends a new link to sign to the contact that was recorded; the old one ends.
///
/// # Errors
/// [`PipelineError::Refused`] when the referral does not wait for a link, or none may go anywhere.
pub async fn send_again(relay: &Relay, person: &Person, draft: DraftId) -> Result<(), PipelineError> {
    let open = drafts::open(relay, person, draft).await?;
    let mut read = relay.store.read().await?;
    let held = referrals::by_case(&mut read, open.row.case).await?.filter(|row| row.state == State::Held);
    drop(read);
    let submission = open.content.submission(relay.context());
    let (Some(held), Some(contact)) = (held, links::to_sign(&submission)) else {
        return Err(PipelineError::Refused("No link can be sent for this referral.".to_owned()));
    };
    let by = person.id.to_string();
    let give = Give { purpose: Purpose::SignLater, contact: &contact, by: &by, reference: &held.reference };
    let links::Made { link, contact, letter } = links::fresh(relay, &open.case, open.row.case, give)?;
    let who = actor(person);
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            family::end_all(unit, &who, link.case, &[Purpose::SignLater]).await?;
            family::insert(unit, &who, &link).await?;
            cases::put(unit, &who, contact).await?;
            letters::queue(unit, &who, &letter).await
        })
    });
    made.await?;
    relay.bell.notify_waiters();
    Ok(())
}
