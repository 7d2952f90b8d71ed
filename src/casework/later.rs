//! Something about safety becomes known after a referral was sent: the staff-only part is written anew.
//!
//! The family part and its signature stay as they are. Whatever was answered, every link of the family
//! ends, with its codes and reminders, and the words have to be approved anew before a copy, an insert or
//! a link exists again: so the ending of a link tells nothing (DOMAIN section 3: "a dead page looks like an
//! expired one").

use super::open::{case_of, restricted_of};
use super::{CaseworkError, event, may_read_restricted};
use crate::audit::{Act, Actor, Code};
use crate::domain::family::Purpose;
use crate::domain::form::{Fault, Part, Raw, read_part};
use crate::domain::ids::{ObjectId, ReferralId};
use crate::domain::name::may_be_same_person;
use crate::domain::people::Person;
use crate::domain::referral::{State, Urgency};
use crate::intake::Evidence;
use crate::relay::{Relay, actor};
use crate::seal::{Case, RESTRICTED_CLASSES, SMALL_CLASSES, open_object, seal_padded};
use crate::store::cases::{self, NewObject};
use crate::store::referrals::{self, Referral};
use crate::store::{Read, Recorded, View, family};

/// Writes the staff-only answers of a sent referral anew: what was typed, or what is wrong with it.
///
/// # Errors
/// [`CaseworkError::Missing`] for who may not read them; [`CaseworkError::Refused`] before it was sent;
/// [`CaseworkError::Conflict`] when somebody changed the referral meanwhile.
pub async fn change_restricted(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    typed: &Raw,
) -> Result<Vec<Fault>, CaseworkError> {
    let mut read = relay.store.read().await?;
    let referral = referrals::find(&mut read, id).await?.filter(|row| may_change_restricted(person, row));
    let mut referral = referral.ok_or(CaseworkError::Missing)?;
    let (answers, said) = read_part(typed, Part::Restricted, relay.context());
    let faults: Vec<Fault> = said.into_iter().filter(|fault| !fault.warning).collect();
    if !faults.is_empty() {
        return Ok(faults);
    }
    restricted_of(relay, &mut read, person, referral.clone(), "writing-anew").await?;
    let view =
        View { event: super::seen(Act::ReferralOpened, person, &referral), cases: vec![referral.case] };
    let recorded = relay.store.view(view).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let stored = cases::objects(&mut read, referral.case).await?;
    let last = stored.iter().filter(|row| row.kind == "restricted").map(|row| row.version).max().unwrap_or(0);
    let plain = zeroize::Zeroizing::new(answers.canonical());
    let sealed = seal_padded(case.recipient(), &plain, RESTRICTED_CLASSES)?;
    let version = u64::try_from(last).unwrap_or(0) + 1;
    let object = NewObject::whole(relay.fresh(ObjectId::new), referral.case, "restricted", version, &sealed);
    let note = note_of(&mut read, &recorded, &referral, &case, answers.get("abuse.perpetrator_name")).await?;
    let note = NewObject::whole(relay.fresh(ObjectId::new), referral.case, "restricted-note", version, &note);
    let commitment = case.commit("restricted", &plain);
    referral.print_approved_by = String::new();
    referral.restricted_read_at = 0;
    referral.urgency = Urgency::from_code(answers.get("request.urgency")).unwrap_or(referral.urgency);
    let changed = event(Act::RestrictedChanged, person, &referral)
        .commitment(commitment)
        .extra("urgency", Code::fixed(referral.urgency.code()));
    let who = actor(person);
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            referrals::update(unit, &referral).await?;
            cases::put(unit, &who, object).await?;
            cases::put(unit, &who, note).await?;
            family::end_all(unit, &Actor::system(), referral.case, Purpose::ALL).await?;
            unit.record(changed);
            Ok(())
        })
    });
    written.await?;
    Ok(Vec::new())
}

/// The sealed note beside it: whether the signer has the name that is now written there.
async fn note_of(
    read: &mut Read,
    recorded: &Recorded,
    referral: &Referral,
    case: &Case,
    perpetrator: &str,
) -> Result<Vec<u8>, CaseworkError> {
    let tampered = || CaseworkError::Tampered("evidence".to_owned());
    let sealed = cases::newest(read, recorded, referral.case, "evidence").await?.ok_or_else(tampered)?;
    let evidence: Evidence =
        serde_json::from_slice(&open_object(case.identity(), &sealed.bytes)?).map_err(|_| tampered())?;
    let signer = evidence.agreement.map_or_else(String::new, |agreement| agreement.printed_name);
    let same = !perpetrator.is_empty() && may_be_same_person(&signer, perpetrator);
    let note = serde_json::json!({ "signer_is_perpetrator": same }).to_string();
    Ok(seal_padded(case.recipient(), note.as_bytes(), SMALL_CLASSES)?)
}

/// Its author, the setting's safeguarding lead and the line that has it, once it was sent and while it is open.
pub fn may_change_restricted(person: &Person, row: &Referral) -> bool {
    let sent =
        matches!(row.state, State::IntakeDesk | State::Delivered | State::Opened | State::Acknowledged);
    sent && may_read_restricted(person, row) && (person.role.in_setting() || person.role.on_line())
}
