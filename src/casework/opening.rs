//! Opening by reason (DOMAIN sections 3 and 9): a lead breaks the glass of another line's referral, the
//! governance lead opens one for a purpose. The reason is sealed to the case, the trail commits to it,
//! and of another line the leads are told at once, without a word about the family.
//!
//! Reason, row, letters and event are one commit: after a crash there is all of it or nothing, and
//! without it nothing opens. A reference that cannot be opened is recorded as refused and answered the
//! same, whether it is unknown, held, refused or erased.

use super::open::{case_of, restricted_of};
use super::reach::reached;
use super::reason::words;
use super::{CaseworkError, RestrictedOpened, may_read, seen};
use crate::audit::{Act, Actor, Code, EventDraft, Outcome};
use crate::domain::ids::{LetterId, ObjectId, ReferralId};
use crate::domain::opening::{Opening, Part, Purpose};
use crate::domain::people::{Person, Role};
use crate::domain::reference::Reference;
use crate::relay::{Relay, actor};
use crate::seal::{open_object, seal_object};
use crate::store::cases::{self, NewObject};
use crate::store::letters::NewLetter;
use crate::store::referrals::{self, Referral};
use crate::store::{Read, StoreError, View, covers, letters, openings};

/// What the sealed reason is called in the store.
const KIND: &str = "opening-reason";
/// The params of a letter to a lead's own address, which is nobody's mailbox to confirm.
const TO_LEAD: &str = "\"lead\"";

/// A lead opens one referral of another line, for themselves and for a time. One of their own lines
/// needs no such act: its id is given, and nothing is recorded here.
///
/// # Errors
/// [`CaseworkError::Refused`] with the sentence about the reason; [`CaseworkError::Missing`], recorded,
/// for every reference that cannot be opened.
pub async fn break_glass(
    relay: &Relay,
    lead: &Person,
    typed: &str,
    reason: &str,
) -> Result<ReferralId, CaseworkError> {
    if lead.role != Role::DutyLead {
        return Err(CaseworkError::Missing);
    }
    let reason = words(reason, "Write why you have to open this referral.")?;
    let mut read = relay.store.read().await?;
    let row = wanted(relay, &mut read, lead, typed, Act::BreakGlass).await?;
    if may_read(lead, &row) {
        return Ok(row.id);
    }
    if !row.state.shared_with_line() || row.withdrawn_at > 0 {
        return refused(relay, lead, Some(&row.reference), Act::BreakGlass).await;
    }
    record(relay, &mut read, lead, &row, Why { purpose: Purpose::BreakGlass, part: Part::Referral, reason })
        .await?;
    Ok(row.id)
}

/// The governance lead opens one referral for a purpose.
///
/// # Errors
/// As [`break_glass`].
pub async fn govern(
    relay: &Relay,
    person: &Person,
    typed: &str,
    purpose: Purpose,
    reason: &str,
) -> Result<ReferralId, CaseworkError> {
    if person.role != Role::IgLead || !Purpose::GOVERNANCE.contains(&purpose) {
        return Err(CaseworkError::Missing);
    }
    let reason = words(reason, "Write why you have to open this referral.")?;
    let mut read = relay.store.read().await?;
    let row = wanted(relay, &mut read, person, typed, Act::GovernanceOpened).await?;
    if !may_read(person, &row) {
        return refused(relay, person, Some(&row.reference), Act::GovernanceOpened).await;
    }
    record(relay, &mut read, person, &row, Why { purpose, part: Part::Referral, reason }).await?;
    Ok(row.id)
}

/// A lead to whom another line's referral is open opens its restricted part, with a reason of its own;
/// the line is told again.
///
/// # Errors
/// As [`break_glass`]; [`CaseworkError::Missing`] too when the referral is not open to them.
pub async fn open_restricted_elsewhere(
    relay: &Relay,
    lead: &Person,
    id: ReferralId,
    reason: &str,
) -> Result<RestrictedOpened, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (row, reach) = reached(relay, &mut read, lead, id).await?;
    if !reach.elsewhere() {
        return Err(CaseworkError::Missing);
    }
    let reason = words(reason, "Write why you have to read the restricted part.")?;
    let why = Why { purpose: Purpose::BreakGlass, part: Part::Restricted, reason };
    record(relay, &mut read, lead, &row, why).await?;
    restricted_of(relay, &mut read, lead, row, "break-glass").await
}

/// A reason as a lead of the line reads it.
pub struct Reason {
    /// The opening.
    pub opening: Opening,
    /// The referral's reference.
    pub reference: String,
    /// What was written.
    pub words: String,
}

/// Opens the reason for which somebody opened a referral of this lead's own line, recorded.
///
/// # Errors
/// [`CaseworkError::Missing`] when it is about no line of theirs; [`CaseworkError::Erased`].
pub async fn read_reason(relay: &Relay, lead: &Person, id: &str) -> Result<Reason, CaseworkError> {
    let mut read = relay.store.read().await?;
    let opening = openings::find(&mut read, id).await?.filter(|one| {
        let own = lead.role == Role::DutyLead && lead.lines.contains(&one.locality);
        own && one.purpose == Purpose::BreakGlass
    });
    let opening = opening.ok_or(CaseworkError::Missing)?;
    let row = referrals::find(&mut read, opening.referral).await?.ok_or(CaseworkError::Missing)?;
    let event = seen(Act::ReasonOpened, lead, &row).extra("opening", Code::of(&opening.id));
    let recorded = relay.store.view(View { event, cases: vec![row.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &row).await?.0;
    let sealed = cases::numbered(&mut read, &recorded, row.case, KIND, opening.note).await?;
    let sealed = sealed.ok_or_else(|| CaseworkError::Tampered(KIND.to_owned()))?;
    let words = String::from_utf8_lossy(&open_object(case.identity(), &sealed.bytes)?).into_owned();
    Ok(Reason { opening, reference: row.reference, words })
}

/// What somebody writes before a referral is opened.
struct Why {
    purpose: Purpose,
    part: Part,
    reason: String,
}

/// The row with the reference that was typed; what is no reference, or nobody's, is recorded as refused.
async fn wanted(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    typed: &str,
    act: Act,
) -> Result<Referral, CaseworkError> {
    let Ok(reference) = Reference::parse(typed) else { return refused(relay, person, None, act).await };
    match referrals::by_reference(read, reference.as_str()).await? {
        Some(row) => Ok(row),
        None => refused(relay, person, Some(reference.as_str()), act).await,
    }
}

/// Records an attempt that opened nothing. Of what was typed, only what is a reference is in it.
async fn refused<T>(
    relay: &Relay,
    person: &Person,
    reference: Option<&str>,
    act: Act,
) -> Result<T, CaseworkError> {
    let event = EventDraft::new(act, actor(person)).outcome(Outcome::Refused);
    let event = match reference {
        Some(reference) => event.reference(Code::of(reference)),
        None => event,
    };
    relay.store.record(event).await?;
    Err(CaseworkError::Missing)
}

/// Seals the reason and makes the opening, in one commit with the letters that tell of it.
async fn record(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    row: &Referral,
    why: Why,
) -> Result<(), CaseworkError> {
    let access = seen(Act::ReferralOpened, person, row).purpose(Code::fixed("giving-reason"));
    let recorded = relay.store.view(View { event: access, cases: vec![row.case] }).await?;
    let case = case_of(relay, read, &recorded, row).await?.0;
    let before = cases::newest(read, &recorded, row.case, KIND).await?.map_or(0, |last| last.version);
    let sealed = seal_object(case.recipient(), why.reason.as_bytes());
    let note = NewObject::whole(relay.fresh(ObjectId::new), row.case, KIND, before + 1, &sealed);
    let opening = opening(relay, person, row, &why, before + 1);
    let act = match why.purpose {
        Purpose::BreakGlass => Act::BreakGlass,
        _ => Act::GovernanceOpened,
    };
    let event = EventDraft::new(act, actor(person))
        .reference(Code::of(&row.reference))
        .commitment(case.commit("reason", why.reason.as_bytes()));
    let tell =
        if why.purpose == Purpose::BreakGlass { tell(relay, read, person, row).await? } else { Vec::new() };
    let who = actor(person);
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            cases::put(unit, &who, note).await?;
            openings::insert(unit, event, &opening).await?;
            for letter in &tell {
                letters::queue(unit, &Actor::system(), letter).await?;
            }
            Ok(())
        })
    });
    match written.await {
        Ok(()) => relay.bell.notify_waiters(),
        // Two reasons at the same moment: one is the next version, the other is given again.
        Err(StoreError::Constraint(_)) => return Err(CaseworkError::Conflict),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn opening(relay: &Relay, person: &Person, row: &Referral, why: &Why, note: u64) -> Opening {
    let now = relay.clock.now();
    Opening {
        id: relay.chance::<8>(),
        person: person.id,
        referral: row.id,
        locality: row.locality.clone(),
        purpose: why.purpose,
        part: why.part,
        note,
        at: now,
        ends: now.plus(relay.rights.opening),
    }
}

/// The letters to the line's mailbox and to each of its leads: the reference and nothing more.
async fn tell(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    row: &Referral,
) -> Result<Vec<NewLetter>, CaseworkError> {
    let letter = |recipient: &str, params: &str| NewLetter {
        id: relay.fresh(LetterId::new),
        kind: "line-opened-elsewhere",
        recipient: recipient.to_owned(),
        locality: row.locality.clone(),
        reference: row.reference.clone(),
        params: params.to_owned(),
    };
    let leads = covers::leads(read, &row.locality).await?;
    let leads = leads.iter().filter(|lead| lead.id != person.id && !lead.email.is_empty());
    let mut all: Vec<NewLetter> = leads.map(|lead| letter(&lead.email, TO_LEAD)).collect();
    if let Some(line) = relay.places.locality(&row.locality) {
        all.push(letter(line.email.as_str(), "{}"));
    }
    Ok(all)
}
