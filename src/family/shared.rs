//! What was shared, as the family sees it: everything but the restricted part; recorded before it is shown.

use super::readers::{self, Reader};
use super::{FamilyError, on_link};
use crate::audit::{Act, Code};
use crate::domain::family::{Contact, Purpose};
use crate::domain::verdict::Verdict;
use crate::intake::{Evidence, Family};
use crate::relay::Relay;
use crate::routing::Decision;
use crate::seal::{Case, CaseFile, open_object, open_padded};
use crate::store::family::Link;
use crate::store::referrals::{self, Referral};
use crate::store::{Read, Recorded, View, cases};

/// A referral before its family.
pub struct Shared {
    /// The row.
    pub referral: Referral,
    /// What was agreed to.
    pub family: Family,
    /// Both signatures.
    pub evidence: Evidence,
    /// What the gate said.
    pub verdict: Verdict,
    /// Why this line.
    pub route: Decision,
    /// Who has read it.
    pub readers: Vec<Reader>,
    /// The contact of this link.
    pub contact: Contact,
}

/// Opens what was shared for the family with this link, recorded.
///
/// # Errors
/// [`FamilyError::Missing`] while nobody has approved the words, for a link to sign, and for what was not
/// sent or was erased.
pub async fn shared(relay: &Relay, link: &Link, what: &'static str) -> Result<Shared, FamilyError> {
    let mut read = relay.store.read().await?;
    let referral = row(relay, &mut read, link).await?;
    let event = on_link(Act::FamilyRead, link)
        .reference(Code::of(&referral.reference))
        .extra("what", Code::fixed(what));
    let recorded = relay.store.view(View { event, cases: vec![link.case] }).await?;
    let file = cases::case_file(&mut read, &recorded, link.case).await?.ok_or(FamilyError::Missing)?;
    let case = CaseFile::open(&file, link.case, &relay.keys)?.case;
    let contact = relay.contact_of(&mut read, &recorded, &case, link).await?;
    let family = plain(&mut read, &recorded, link, &case, "family").await?;
    let evidence = plain(&mut read, &recorded, link, &case, "evidence").await?;
    let verdict = plain(&mut read, &recorded, link, &case, "verdict").await?;
    let route = plain(&mut read, &recorded, link, &case, "route").await?;
    let readers = readers::of(&mut read, &referral.reference).await?;
    Ok(Shared {
        family: Family::from_canonical(&family).ok_or_else(|| tampered("family"))?,
        evidence: serde_json::from_slice(&evidence).map_err(|_| tampered("evidence"))?,
        verdict: serde_json::from_slice(&verdict).map_err(|_| tampered("verdict"))?,
        route: serde_json::from_slice(&route).map_err(|_| tampered("route"))?,
        referral,
        readers,
        contact,
    })
}

/// The row of the referral that a link shows.
///
/// # Errors
/// [`FamilyError::Missing`] as for [`shared`].
pub(super) async fn row(relay: &Relay, read: &mut Read, link: &Link) -> Result<Referral, FamilyError> {
    if link.purpose != Purpose::See || !link.lives(relay.clock.now()) {
        return Err(FamilyError::Missing);
    }
    let row = referrals::by_case(read, link.case).await?.ok_or(FamilyError::Missing)?;
    let shown = (row.was_sent() || row.withdrawn_at > 0) && !row.print_approved_by.is_empty();
    shown.then_some(row).ok_or(FamilyError::Missing)
}

async fn plain(
    read: &mut Read,
    recorded: &Recorded,
    link: &Link,
    case: &Case,
    kind: &str,
) -> Result<zeroize::Zeroizing<Vec<u8>>, FamilyError> {
    let sealed = cases::newest(read, recorded, link.case, kind).await?.ok_or_else(|| tampered(kind))?;
    Ok(match kind {
        "verdict" | "route" => open_padded(case.identity(), &sealed.bytes)?,
        _ => open_object(case.identity(), &sealed.bytes)?,
    })
}

fn tampered(what: &str) -> FamilyError {
    FamilyError::Tampered(what.to_owned())
}
