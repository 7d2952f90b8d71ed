//! Opening: recorded first, then opened.

use serde::Deserialize;

use super::reach::{Reach, reached};
use super::{CaseworkError, event, may_read_restricted, seen};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::form::Answers;
use crate::domain::ids::{CaseId, ReferralId};
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::domain::restricted::Restricted;
use crate::domain::verdict::Verdict;
use crate::intake::{Evidence, Family, sha256_hex};
use crate::relay::Relay;
use crate::routing::Decision;
use crate::seal::{Case, CaseFile, OpenCase, open_object, open_padded};
use crate::store::referrals::{self, Referral};
use crate::store::{Read, Recorded, StoreError, View, cases};

/// A referral that is open before a person: everything but the restricted part.
pub struct Opened {
    /// The row, as it is after this opening.
    pub referral: Referral,
    /// Whether it is the reader's, or open to them by reason.
    pub reach: Reach,
    /// What the parent signed.
    pub family: Family,
    /// Both signatures.
    pub evidence: Evidence,
    /// What the gate said.
    pub verdict: Verdict,
    /// Why this line.
    pub route: Decision,
}

/// The restricted part, open before a person whose reading is in the trail.
pub struct RestrictedOpened {
    /// The row.
    pub referral: Referral,
    /// The staff-only answers.
    pub answers: Answers,
    /// The signer has the name of the alleged perpetrator.
    pub signer_is_perpetrator: bool,
}

/// The list label of a case.
#[derive(Clone, Default, Deserialize)]
pub struct Label {
    /// Whose case it is: the referral, its setting and its author. What a row says must fit.
    #[serde(default)]
    referral: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    person: String,
    /// The child's name.
    #[serde(default)]
    pub name: String,
    /// Birth date, ISO, or empty.
    #[serde(default)]
    pub born: String,
}

/// Opens a referral for reading. Its own line's first opening moves it from delivered to opened; that
/// of somebody to whom it is open by reason moves nothing.
pub async fn open(relay: &Relay, person: &Person, id: ReferralId) -> Result<Opened, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (mut referral, reach) = reached(relay, &mut read, person, id).await?;
    if reach == Reach::Theirs && person.role.on_line() && referral.state == State::Delivered {
        referral = first_opening(relay, &mut read, person, referral).await?;
    }
    let view = View {
        event: seen(Act::ReferralOpened, person, &referral).purpose(reach.purpose(person)),
        cases: vec![referral.case],
    };
    let recorded = relay.store.view(view).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let padded = async |read: &mut Read, kind: &str| -> Result<Vec<u8>, CaseworkError> {
        let sealed =
            cases::newest(read, &recorded, referral.case, kind).await?.ok_or_else(|| tampered(kind))?;
        Ok(open_padded(case.identity(), &sealed.bytes)?.to_vec())
    };
    let verdict = padded(&mut read, "verdict").await?;
    let route = padded(&mut read, "route").await?;
    let whole = async |read: &mut Read, kind: &str| -> Result<zeroize::Zeroizing<Vec<u8>>, CaseworkError> {
        let sealed =
            cases::newest(read, &recorded, referral.case, kind).await?.ok_or_else(|| tampered(kind))?;
        Ok(open_object(case.identity(), &sealed.bytes)?)
    };
    let family = whole(&mut read, "family").await?;
    let evidence = whole(&mut read, "evidence").await?;
    Ok(Opened {
        family: Family::from_canonical(&family).ok_or_else(|| tampered("family"))?,
        evidence: json(&evidence, "evidence")?,
        verdict: json(&verdict, "verdict")?,
        route: json(&route, "route")?,
        referral,
        reach,
    })
}

pub(super) async fn first_opening(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    mut referral: Referral,
) -> Result<Referral, CaseworkError> {
    referral.state = State::Opened;
    referral.opened_at = relay.clock.now().micros();
    let (changed, who) = (referral.clone(), person.clone());
    let done = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                referrals::update(unit, &changed).await?;
                unit.record(event(Act::ReferralOpened, &who, &changed).extra("first", Code::fixed("yes")));
                Ok(())
            })
        })
        .await;
    match done {
        // Two people of the line at the same moment: one wins, both read.
        Ok(()) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    referrals::find(read, referral.id).await?.ok_or(CaseworkError::Missing)
}

/// Opens the restricted part. `reason` is a code: `triage` for the line that holds it, `author` or
/// `safeguarding-lead` in the setting; the IG lead's typed reason is sealed by the caller. To a lead of
/// another line only [`super::open_restricted_elsewhere`] opens it.
pub async fn open_restricted(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    reason: &'static str,
) -> Result<RestrictedOpened, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (mut referral, _) = reached(relay, &mut read, person, id).await?;
    if !may_read_restricted(person, &referral) {
        return Err(CaseworkError::Missing);
    }
    if person.role.on_line() && referral.restricted_read_at == 0 {
        referral = mark_restricted_read(relay, &mut read, person, referral).await?;
    }
    restricted_of(relay, &mut read, person, referral, reason).await
}

/// Opens the restricted part of a referral for somebody who may read it, recorded first.
pub(super) async fn restricted_of(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    referral: Referral,
    reason: &'static str,
) -> Result<RestrictedOpened, CaseworkError> {
    let access = seen(Act::RestrictedOpened, person, &referral).purpose(Code::fixed(reason));
    let recorded = relay.store.view_restricted(access, referral.case).await?;
    let file =
        cases::case_file_restricted(read, &recorded, referral.case).await?.ok_or(CaseworkError::Erased)?;
    let case = theirs(&referral, CaseFile::open(&file, referral.case, &relay.keys)?)?.0;
    let part = cases::newest_restricted(read, &recorded, referral.case, "restricted").await?;
    let note = cases::newest_restricted(read, &recorded, referral.case, "restricted-note").await?;
    let (Some(part), Some(note)) = (part, note) else { return Err(tampered("restricted")) };
    let answers = Answers::from_canonical(&open_padded(case.identity(), &part.bytes)?);
    let answers = Restricted::new(answers.ok_or_else(|| tampered("restricted"))?);
    let note: serde_json::Value = json(&open_padded(case.identity(), &note.bytes)?, "restricted-note")?;
    Ok(RestrictedOpened {
        answers: answers.open(&recorded).clone(),
        signer_is_perpetrator: note["signer_is_perpetrator"] == true,
        referral,
    })
}

async fn mark_restricted_read(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    mut referral: Referral,
) -> Result<Referral, CaseworkError> {
    let id = referral.id;
    referral.restricted_read_at = relay.clock.now().micros();
    let who = person.clone();
    let done = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                referrals::update(unit, &referral).await?;
                unit.record(event(Act::RestrictedOpened, &who, &referral).extra("first", Code::fixed("yes")));
                Ok(())
            })
        })
        .await;
    match done {
        Ok(()) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    referrals::find(read, id).await?.ok_or(CaseworkError::Missing)
}

/// Opens an attachment's bytes: its number on the referral, one of those that were signed.
pub async fn open_attachment(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    number: u64,
) -> Result<zeroize::Zeroizing<Vec<u8>>, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (referral, reach) = reached(relay, &mut read, person, id).await?;
    let access = seen(Act::AttachmentOpened, person, &referral).extra("number", Code::number(number));
    let access = if reach == Reach::Theirs { access } else { access.purpose(reach.purpose(person)) };
    let recorded = relay.store.view(View { event: access, cases: vec![referral.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let family = cases::newest(&mut read, &recorded, referral.case, "family").await?;
    let family = open_object(case.identity(), &family.ok_or_else(|| tampered("family"))?.bytes)?;
    let family = Family::from_canonical(&family).ok_or_else(|| tampered("family"))?;
    let signed = family.attachments.iter().find(|attachment| attachment.number == number);
    let signed = signed.ok_or(CaseworkError::Missing)?;
    let sealed = cases::numbered(&mut read, &recorded, referral.case, "attachment", number).await?;
    let bytes = open_object(case.identity(), &sealed.ok_or_else(|| tampered("attachment"))?.bytes)?;
    if sha256_hex(&bytes) != signed.sha256 {
        return Err(tampered("attachment"));
    }
    Ok(bytes)
}

/// The labels of the referrals on one page of a list; the view of the whole list is one event.
pub async fn labels(
    relay: &Relay,
    who: Actor,
    list: &'static str,
    rows: &[Referral],
) -> Result<Vec<Label>, CaseworkError> {
    let event = EventDraft::new(Act::ListViewed, who)
        .on(Object::new("list", Code::fixed(list)))
        .extra("cases", Code::number(rows.len() as u64));
    let cases = rows.iter().map(|row| row.case).collect();
    let recorded = relay.store.view(View { event, cases }).await?;
    let mut read = relay.store.read().await?;
    let mut labels = Vec::with_capacity(rows.len());
    for row in rows {
        labels.push(label_of(relay, &mut read, &recorded, row).await?);
    }
    Ok(labels)
}

pub(super) async fn label_of(
    relay: &Relay,
    read: &mut Read,
    recorded: &Recorded,
    row: &Referral,
) -> Result<Label, CaseworkError> {
    match case_of(relay, read, recorded, row).await {
        Ok((_, label)) => Ok(label),
        Err(CaseworkError::Erased) => Ok(Label { name: "Erased".to_owned(), ..Label::default() }),
        Err(CaseworkError::Missing | CaseworkError::Tampered(_)) => {
            Ok(Label { name: "Record cannot be shown".to_owned(), ..Label::default() })
        }
        Err(other) => Err(other),
    }
}

/// The case of a referral: it was sealed for this very referral, setting and author.
pub(super) async fn case_of(
    relay: &Relay,
    read: &mut Read,
    recorded: &Recorded,
    referral: &Referral,
) -> Result<(Case, Label), CaseworkError> {
    theirs(referral, any_case(relay, read, recorded, referral.case).await?)
}

/// A case, whatever it is of.
pub(super) async fn any_case(
    relay: &Relay,
    read: &mut Read,
    recorded: &Recorded,
    case: CaseId,
) -> Result<OpenCase, CaseworkError> {
    let file = cases::case_file(read, recorded, case).await?.ok_or(CaseworkError::Erased)?;
    Ok(CaseFile::open(&file, case, &relay.keys)?)
}

/// A row that somebody pointed at another case, gave to another setting or another author, is not shown.
fn theirs(row: &Referral, open: OpenCase) -> Result<(Case, Label), CaseworkError> {
    let label: Label = serde_json::from_value(open.label).unwrap_or_default();
    let said = [&label.referral, &label.organisation, &label.person];
    let found = [row.id.to_string(), row.organisation.to_string(), row.person.to_string()];
    if said.into_iter().eq(&found) { Ok((open.case, label)) } else { Err(tampered("referral")) }
}

pub(super) fn json<T: for<'a> Deserialize<'a>>(bytes: &[u8], what: &str) -> Result<T, CaseworkError> {
    serde_json::from_slice(bytes).map_err(|_| tampered(what))
}

pub(super) fn tampered(what: &str) -> CaseworkError {
    CaseworkError::Tampered(what.to_owned())
}
