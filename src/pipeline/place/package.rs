//! What one placement writes, in one unit of work.

use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{DraftId, MailId, ObjectId};
use crate::domain::referral::State;
use crate::store::cases::{self, NewObject};
use crate::store::letters::NewLetter;
use crate::store::referrals::{self, Referral};
use crate::store::{StoreError, Unit, drafts, letters, mails};

use super::Origin;
use super::sealing::Sealed;

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
}

impl Package {
    pub(super) fn of(
        origin: Origin<'_>,
        referral: Referral,
        sealed: Sealed,
        letters: Vec<NewLetter>,
        events: Vec<EventDraft>,
        index: Vec<(&'static str, [u8; 32])>,
    ) -> Self {
        Self {
            referral,
            first: origin.before.is_none(),
            sealed,
            letters,
            events,
            index,
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
        if let Some((draft, version, words)) = self.draft {
            if held {
                drafts::unchanged(unit, draft, version).await?;
            } else {
                drafts::sent(unit, draft, version, id).await?;
                cases::remove(unit, &self.actor, words).await?;
            }
        }
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
