//! What one placement writes, in one unit of work.

use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::Purpose;
use crate::domain::ids::{CaseId, DraftId, LinkId, MailId, ObjectId};
use crate::domain::referral::State;
use crate::store::cases::{self, NewObject};
use crate::store::family::{self, NewLink};
use crate::store::letters::NewLetter;
use crate::store::referrals::{self, Referral};
use crate::store::{StoreError, Unit, drafts, letters, mails};

use super::sealing::Sealed;
use super::{ByLink, Origin};

/// Everything the unit writes; owns its data.
pub(super) struct Package {
    referral: Referral,
    first: bool,
    sealed: Sealed,
    letters: Vec<NewLetter>,
    events: Vec<EventDraft>,
    index: Vec<(&'static str, [u8; 32])>,
    actor: Actor,
    draft: Option<(DraftId, u64, ObjectId)>,
    new_draft: Option<(drafts::Draft, NewObject)>,
    attachments: Vec<NewObject>,
    mail: Option<(MailId, String)>,
    key: Option<([u8; 32], [u8; 32])>,
    by_link: Option<ByLink>,
    link: Option<NewLink>,
}

/// What follows from a placement, beside the sealed parts and the row.
pub(super) struct Follows {
    pub(super) letters: Vec<NewLetter>,
    pub(super) events: Vec<EventDraft>,
    pub(super) index: Vec<(&'static str, [u8; 32])>,
    pub(super) link: Option<NewLink>,
}

impl Package {
    pub(super) fn of(origin: Origin<'_>, referral: Referral, sealed: Sealed, follows: Follows) -> Self {
        Self {
            referral,
            first: origin.before.is_none(),
            sealed,
            letters: follows.letters,
            events: follows.events,
            index: follows.index,
            link: follows.link,
            by_link: origin.by_link,
            actor: origin.actor,
            draft: origin.draft,
            new_draft: origin.new_draft,
            attachments: origin.attachments,
            mail: origin.mail,
            key: origin.key,
        }
    }

    pub(super) async fn write(self, unit: &mut Unit) -> Result<(), StoreError> {
        let (id, case, held) = (self.referral.id, self.referral.case, self.referral.state == State::Held);
        // First of all: is the draft still what was judged? Of two tabs, the second stops here.
        // A draft that is sent leaves no words behind: the restricted ones now stand apart.
        let (answered, used) = self.by_link.map(|by| ((by.draft, by.event), by.link)).unzip();
        if let Some((draft, version, words)) = self.draft {
            match (held, answered) {
                (true, None) => drafts::unchanged(unit, draft, version).await?,
                (true, Some((answered, event))) => {
                    drafts::saved(unit, draft, version).await?;
                    cases::replace(unit, &self.actor, answered).await?;
                    unit.record(event);
                }
                (false, answered) => {
                    drafts::sent(unit, draft, version, id).await?;
                    cases::remove(unit, &self.actor, words).await?;
                    answered.into_iter().for_each(|(_, event)| unit.record(event));
                }
            }
        }
        links(unit, &self.actor, case, used, self.link).await?;
        if self.first {
            referrals::insert(unit, &self.referral).await?;
        } else {
            referrals::update(unit, &self.referral).await?;
        }
        if let Some((key, tag)) = self.key
            && referrals::take_key(unit, key, tag, id).await?.is_some()
        {
            return Err(StoreError::Conflict("submission"));
        }
        cases::replace_case(unit, &self.actor, case, &self.sealed.case_file).await?;
        for object in self.sealed.objects.into_iter().chain(self.attachments) {
            cases::put(unit, &self.actor, object).await?;
        }
        if let Some((draft, object)) = self.new_draft.filter(|_| held) {
            cases::put(unit, &self.actor, object).await?;
            drafts::insert(unit, &draft).await?;
        }
        for (kind, mac) in self.index {
            referrals::index_child(unit, id, kind, mac).await?;
        }
        self.events.into_iter().for_each(|event| unit.record(event));
        finish(unit, &self.letters, self.mail, &self.referral).await
    }
}

/// The link that was used ends, so does every other to sign, and a new one is made.
async fn links(
    unit: &mut Unit,
    who: &Actor,
    case: CaseId,
    used: Option<LinkId>,
    new: Option<NewLink>,
) -> Result<(), StoreError> {
    if let Some(used) = used
        && !family::end(unit, who, used).await?
    {
        return Err(StoreError::Conflict("family link"));
    }
    family::end_all(unit, who, case, &[Purpose::SignHere, Purpose::SignLater]).await?;
    if let Some(new) = new {
        family::insert(unit, &Actor::system(), &new).await?;
    }
    Ok(())
}

/// Letters and the mail's settling, with their events.
async fn finish(
    unit: &mut Unit,
    queue: &[NewLetter],
    mail: Option<(MailId, String)>,
    referral: &Referral,
) -> Result<(), StoreError> {
    let reference = Code::of(&referral.reference);
    for letter in queue {
        letters::queue(unit, &Actor::system(), letter).await?;
    }
    if let Some((mail, lease)) = mail {
        let found = mails::Found {
            state: "judged",
            code: referral.state.code().to_owned(),
            organisation: referral.organisation.to_string(),
            referral: referral.id.to_string(),
        };
        mails::settle(unit, mail, &lease, &found).await?;
        let on = Object::new("mail", Code::of(&mail.to_string()));
        unit.record(EventDraft::new(Act::MailJudged, Actor::system()).on(on).reference(reference));
    }
    Ok(())
}
