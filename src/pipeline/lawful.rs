//! The lawful route in the story: a decision is asked for, made and checked, each by a named person of the
//! setting, each in the trail. The draft keeps what was decided, sealed; a referral that is held already is
//! judged again after the check.

use super::drafts::{Change, Open, open_unsent, save_with};
use super::{PipelineError, submit};
use crate::audit::{Act, Code, EventDraft, Object};
use crate::domain::ids::{DraftId, ReferralId};
use crate::domain::lawful::{Actor, Check, Decision, may_check, may_decide};
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::relay::{Relay, actor};
use crate::store::referrals;

/// A decision as it was typed and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// The code of its basis.
    pub basis: String,
    /// Why.
    pub reason: String,
    /// Whether the parent was told.
    pub parent_told: bool,
    /// Why not; empty when they were.
    pub not_told_because: String,
    /// The hash of the family part that the page showed.
    pub content_sha256: String,
}

/// What is said when the words are others than the page showed.
const CHANGED: &str =
    "The referral was changed in another window after this page was shown. Read it again first.";

/// Somebody of the setting asks a manager or safeguarding lead to decide.
///
/// # Errors
/// [`PipelineError::Missing`] where the deployment has no such route, here and below.
pub async fn ask(relay: &Relay, person: &Person, id: DraftId) -> Result<(), PipelineError> {
    let open = opened(relay, person, id).await?;
    keep(relay, person, open, Act::LawfulRouteAsked, "asked").await
}

/// A manager or safeguarding lead decides that this goes on without agreement. What was agreed or decided
/// before gives way to it.
///
/// # Errors
/// [`PipelineError::Refused`] when the words changed meanwhile or the basis is not in the list.
pub async fn decide(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    deciding: Deciding,
) -> Result<(), PipelineError> {
    let mut open = opened(relay, person, id).await?;
    if !may_decide(person) {
        return Err(PipelineError::Missing);
    }
    if open.content.family(relay.context()).sha256() != deciding.content_sha256 {
        return Err(PipelineError::Refused(CHANGED.to_owned()));
    }
    let basis = relay.lawful.basis(&deciding.basis).cloned();
    let basis =
        basis.ok_or_else(|| PipelineError::Refused("Choose a legal basis from the list.".to_owned()))?;
    open.content.agreement = None;
    open.content.refused = false;
    open.content.refused_on = None;
    open.content.lawful = Some(Decision {
        by: Actor::of(person),
        at: relay.clock.now(),
        basis,
        reason: deciding.reason,
        parent_told: deciding.parent_told,
        not_told_because: deciding.not_told_because,
        content_sha256: deciding.content_sha256,
        check: None,
    });
    keep(relay, person, open, Act::LawfulRouteDecided, "decided").await
}

/// A second person confirms or declines. A referral that is held already is judged again at once: its id.
///
/// # Errors
/// [`PipelineError::Refused`] when there is nothing to check, it is the person's own decision, or the words
/// changed since the page was shown.
pub async fn check(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    (confirmed, words): (bool, String),
    content_sha256: &str,
) -> Result<Option<ReferralId>, PipelineError> {
    let mut open = opened(relay, person, id).await?;
    let refused = |sentence: &str| Err(PipelineError::Refused(sentence.to_owned()));
    if open.content.family(relay.context()).sha256() != content_sha256 {
        return refused(CHANGED);
    }
    let decision = open.content.lawful.as_mut().filter(|one| one.check.is_none());
    let Some(decision) = decision.filter(|one| one.content_sha256 == content_sha256) else {
        return refused("There is nothing to check: somebody was first, or it has to be decided again.");
    };
    if !may_check(person, decision) {
        return refused(
            "Another manager or safeguarding lead has to check this: nobody checks their own decision.",
        );
    }
    decision.check = Some(Check { by: Actor::of(person), at: relay.clock.now(), confirmed, words });
    let case = open.row.case;
    let (act, state) = match confirmed {
        true => (Act::LawfulRouteChecked, "checked"),
        false => (Act::LawfulRouteDeclined, "declined"),
    };
    keep(relay, person, open, act, state).await?;
    let held = referrals::by_case(&mut relay.store.read().await?, case).await?;
    match held.filter(|row| row.state == State::Held) {
        Some(_) => submit(relay, person, id).await.map(Some),
        None => Ok(None),
    }
}

async fn opened(relay: &Relay, person: &Person, id: DraftId) -> Result<Open, PipelineError> {
    if !relay.lawful.on {
        return Err(PipelineError::Missing);
    }
    open_unsent(relay, person, id).await
}

/// Saves the draft with the act, how far it is, and a commitment to what was decided.
async fn keep(
    relay: &Relay,
    person: &Person,
    open: Open,
    act: Act,
    state: &'static str,
) -> Result<(), PipelineError> {
    let mut event = EventDraft::new(act, actor(person)).on(Object::new(
        "lawful-route",
        Code::of(&open.row.id.to_string()),
    )
    .version(open.row.version + 1));
    if let Some(decision) = &open.content.lawful {
        let bytes = zeroize::Zeroizing::new(serde_json::to_vec(decision).expect("a decision is JSON"));
        event = event.commitment(open.case.commit("lawful-route", &bytes));
    }
    let change = Change { lawful: Some(state), ..Change::default() };
    save_with(relay, person, open, vec![event], change).await
}
