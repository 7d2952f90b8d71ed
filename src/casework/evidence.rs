//! The evidence of a referral's signatures, opened as an act of its own: recorded first. The content is
//! opened afresh too, only to work out its hash again: whether it is still what was signed.

use super::open::{case_of, first_opening, json, tampered};
use super::reach::{Reach, reached};
use super::{CaseworkError, may_read_restricted, seen};
use crate::audit::{Act, Code};
use crate::domain::ids::ReferralId;
use crate::domain::lawful::may_decide;
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::intake::{Evidence, sha256_hex};
use crate::relay::Relay;
use crate::seal::open_object;
use crate::store::referrals::Referral;
use crate::store::{View, cases};

/// The evidence, open before a person.
pub struct EvidenceOpened {
    /// The row.
    pub referral: Referral,
    /// Both signatures, or the decision.
    pub evidence: Evidence,
    /// Lower-case hex SHA-256 of the family part as it is kept; `None` when it cannot be opened.
    pub content_sha256: Option<String>,
    /// Whether this person may know why it was decided to send without agreement.
    pub with_reasons: bool,
}

/// Opens the evidence; `form` says as what: `page` or `pdf`. Of a held referral a colleague may not see how
/// it was signed: that could tell what it is held for.
///
/// # Errors
/// [`CaseworkError::Missing`] for whoever may not; [`CaseworkError::Tampered`] when the evidence itself does
/// not open.
pub async fn open_evidence(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    form: &'static str,
) -> Result<EvidenceOpened, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (mut referral, reach) = reached(relay, &mut read, person, id).await?;
    let knows = may_read_restricted(person, &referral);
    if referral.state == State::Held && !knows {
        return Err(CaseworkError::Missing);
    }
    if reach == Reach::Theirs && person.role.on_line() && referral.state == State::Delivered {
        referral = first_opening(relay, &mut read, person, referral).await?;
    }
    let event = seen(Act::EvidenceOpened, person, &referral)
        .purpose(reach.purpose(person))
        .extra("as", Code::fixed(form));
    let recorded = relay.store.view(View { event, cases: vec![referral.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let sealed = cases::newest(&mut read, &recorded, referral.case, "evidence").await?;
    let sealed = sealed.ok_or_else(|| tampered("evidence"))?;
    let evidence = json(&open_object(case.identity(), &sealed.bytes)?, "evidence")?;
    let family = cases::newest(&mut read, &recorded, referral.case, "family").await?;
    let family = family.and_then(|sealed| open_object(case.identity(), &sealed.bytes).ok());
    Ok(EvidenceOpened {
        evidence,
        content_sha256: family.map(|bytes| sha256_hex(&bytes)),
        with_reasons: knows || (person.role.in_setting() && may_decide(person)),
        referral,
    })
}
