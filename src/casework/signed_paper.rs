//! The pictures of a form that was signed on paper, for whoever may read the referral: recorded like the
//! opening of a file, and compared with what was signed for.

use super::open::case_of;
use super::reach::{Reach, reached};
use super::{CaseworkError, seen};
use crate::audit::{Act, Code};
use crate::domain::agreement::{PaperPage, Way};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::intake::{Evidence, sha256_hex};
use crate::relay::Relay;
use crate::seal::open_object;
use crate::store::{View, cases};

/// What a picture of a signed page is called in the store.
const KIND: &str = "signed-paper";

/// The pages of the form that was signed on paper; none when it was signed in another way.
pub fn signed_pages(evidence: &Evidence) -> &[PaperPage] {
    match evidence.agreement.as_ref().map(|agreement| &agreement.way) {
        Some(Way::Paper(paper)) => &paper.pages,
        _ => &[],
    }
}

/// Opens one picture of the signed form: its number, one of those that the agreement names.
///
/// # Errors
/// [`CaseworkError::Missing`] when the referral is not theirs or has no such picture;
/// [`CaseworkError::Tampered`] when it is not the picture that was kept.
pub async fn open_signed_paper(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    number: u64,
) -> Result<zeroize::Zeroizing<Vec<u8>>, CaseworkError> {
    let tampered = || CaseworkError::Tampered(KIND.to_owned());
    let mut read = relay.store.read().await?;
    let (referral, reach) = reached(relay, &mut read, person, id).await?;
    let access = seen(Act::PaperOpened, person, &referral).extra("number", Code::number(number));
    let access = if reach == Reach::Theirs { access } else { access.purpose(reach.purpose(person)) };
    let recorded = relay.store.view(View { event: access, cases: vec![referral.case] }).await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let evidence = cases::newest(&mut read, &recorded, referral.case, "evidence").await?;
    let evidence = open_object(case.identity(), &evidence.ok_or_else(tampered)?.bytes)?;
    let evidence: Evidence = serde_json::from_slice(&evidence).map_err(|_| tampered())?;
    let page = signed_pages(&evidence).iter().find(|one| one.number == number);
    let page = page.ok_or(CaseworkError::Missing)?;
    let sealed = cases::numbered(&mut read, &recorded, referral.case, KIND, number).await?;
    let bytes = open_object(case.identity(), &sealed.ok_or_else(tampered)?.bytes)?;
    if sha256_hex(&bytes) == page.picture_sha256 { Ok(bytes) } else { Err(tampered()) }
}
