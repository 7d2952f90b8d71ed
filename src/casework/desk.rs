//! The intake desk: picks a line for what no rule could place, and looks at mail that was held.

use super::open::{any_case, case_of};
use super::{CaseworkError, event, seen};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{LetterId, MailId, ObjectId, ReferralId};
use crate::domain::people::{Person, Role};
use crate::domain::referral::State;
use crate::intake::mail::{Preview, preview};
use crate::relay::{Relay, actor};
use crate::seal::{OpenCase, open_streamed, seal_object};
use crate::store::cases::NewObject;
use crate::store::letters::NewLetter;
use crate::store::mails::{self, Mail};
use crate::store::referrals;
use crate::store::{View, cases, letters};

/// The desk picks the line, with a reason. The reason is sealed to the case; the event commits to it.
pub async fn choose_line(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    locality: &str,
    reason: &str,
) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let referral = referrals::find(&mut read, id).await?;
    let referral = referral.filter(|row| person.role == Role::IntakeDesk && row.state == State::IntakeDesk);
    let mut referral = referral.ok_or(CaseworkError::Missing)?;
    let place = relay.places.locality(locality).filter(|line| !line.districts.is_empty());
    let place = place.ok_or(CaseworkError::Refused("Choose a duty line from the list."))?;
    if reason.trim().is_empty() {
        return Err(CaseworkError::Refused("Write why you choose this line."));
    }
    let access = seen(Act::ReferralOpened, person, &referral).purpose(Code::fixed("choosing-line"));
    let recorded = relay.store.view(View { event: access, cases: vec![referral.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let sealed = seal_object(case.recipient(), reason.trim().as_bytes());
    let note = NewObject::whole(
        relay.fresh(ObjectId::new),
        referral.case,
        "line-reason",
        referral.content_version,
        &sealed,
    );
    referral.state = State::Delivered;
    referral.locality = place.id.as_str().to_owned();
    referral.delivered_at = relay.clock.now().micros();
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: "line-notice",
        recipient: place.email.as_str().to_owned(),
        locality: referral.locality.clone(),
        reference: referral.reference.clone(),
        params: "{}".to_owned(),
    };
    let chosen = event(Act::LineChosen, person, &referral)
        .extra("locality", Code::of(&referral.locality))
        .commitment(case.commit("reason", reason.trim().as_bytes()));
    let who = person.clone();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                referrals::update(unit, &referral).await?;
                cases::put(unit, &actor(&who), note).await?;
                letters::queue(unit, &Actor::system(), &letter).await?;
                unit.record(chosen);
                unit.record(event(Act::DeliveryMade, &who, &referral));
                Ok(())
            })
        })
        .await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// A held mail that the desk has open: headers and plain text only, nothing active.
pub struct OpenMail {
    /// The row.
    pub mail: Mail,
    /// The envelope's sender.
    pub envelope_from: String,
    /// Headers and plain text.
    pub shown: Preview,
}

/// Opens a held mail, recorded.
pub async fn open_mail(relay: &Relay, person: &Person, id: MailId) -> Result<OpenMail, CaseworkError> {
    let mut read = relay.store.read().await?;
    let mail = mails::find(&mut read, id).await?;
    let mail = mail.filter(|mail| person.role == Role::IntakeDesk && mail.state == "held");
    let mail = mail.ok_or(CaseworkError::Missing)?;
    let access =
        EventDraft::new(Act::MailOpened, actor(person)).on(on(id)).purpose(Code::fixed("mail-to-look-at"));
    let recorded = relay.store.view(View { event: access, cases: vec![mail.case] }).await?;
    let OpenCase { case, label } = any_case(relay, &mut read, &recorded, mail.case).await?;
    let envelope_from = label["envelope_from"].as_str().unwrap_or_default().to_owned();
    let sealed =
        cases::newest(&mut read, &recorded, mail.case, "mail").await?.ok_or(CaseworkError::Missing)?;
    let raw = open_streamed(case.identity(), &sealed.bytes)?;
    let shown = relay.aside(move || preview(&raw)).await;
    Ok(OpenMail { mail, envelope_from, shown })
}

/// The desk has dealt with a held mail: it leaves the list, the bytes stay sealed with their case.
///
/// # Errors
/// [`CaseworkError::Missing`] when no such mail was ever the desk's; [`CaseworkError::Conflict`] when
/// somebody else has dealt with it meanwhile.
pub async fn close_mail(
    relay: &Relay,
    person: &Person,
    id: MailId,
    reason: &'static str,
) -> Result<(), CaseworkError> {
    let mail = mails::find(&mut relay.store.read().await?, id).await?;
    let theirs = mail.is_some_and(|mail| matches!(mail.state.as_str(), "held" | "closed"));
    if person.role != Role::IntakeDesk || !theirs {
        return Err(CaseworkError::Missing);
    }
    let who = actor(person);
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                mails::close(unit, id).await?;
                unit.record(EventDraft::new(Act::MailClosed, who).on(on(id)).purpose(Code::fixed(reason)));
                Ok(())
            })
        })
        .await?;
    Ok(())
}

fn on(id: MailId) -> Object {
    Object::new("mail", Code::of(&id.to_string()))
}
