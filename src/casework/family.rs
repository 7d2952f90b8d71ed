//! Staff give a family its own page: a link to the contact that they record, and end it again.
//!
//! Nothing is sent before a named person has read and approved the words (DOMAIN section 3), and nothing
//! goes where the staff-only answers forbid it: to decide that, they are opened, recorded as a reading for
//! this purpose. So only who may read them may give a link; it is the same for every referral.

use super::open::{case_of, restricted_of};
use super::reach::reached;
use super::{CaseworkError, may_read_restricted, seen};
use crate::audit::{Act, Code};
use crate::domain::family::{Contact, Purpose, flagged, letter_kind, masked, reach};
use crate::domain::ids::{LetterId, LinkId, ReferralId};
use crate::domain::people::Person;
use crate::relay::links::RECIPIENT;
use crate::relay::{Relay, actor};
use crate::store::family::{self as rows, Link};
use crate::store::letters::{self, NewLetter};
use crate::store::referrals::Referral;
use crate::store::{Read, View, cases};

/// A link that was given, as staff see it.
pub struct Given {
    /// The link.
    pub link: Link,
    /// Where it went, with all but its ends hidden.
    pub sent_to: String,
    /// It is another parent's.
    pub other: bool,
}

/// Said where there is a danger and no safe contact.
const NOWHERE: &str = "Domestic abuse is a concern and there is no safe contact, so nothing may be sent to the family. \
                       Ring the duty line if a safe contact becomes known.";
/// Said of a second link where there is a danger.
const NO_OTHER: &str = "No second link can be given for this referral.";

/// Whether this person may give a family's page of this referral.
///
/// # Errors
/// The sentence for the page.
pub fn may_give(person: &Person, referral: &Referral) -> Result<(), &'static str> {
    if !referral.was_sent() {
        return Err("The family's page comes once the referral has been sent.");
    }
    if !may_read_restricted(person, referral) || !(person.role.in_setting() || person.role.on_line()) {
        return Err("The person who sent this, or your safeguarding lead, can send the family their page.");
    }
    if referral.print_approved_by.is_empty() {
        return Err("Somebody has to read the words and approve them for print first.");
    }
    Ok(())
}

/// Sends a link to the family's own page. An earlier one of the same parent ends.
///
/// # Errors
/// [`CaseworkError::Refused`] with the sentence for the page; [`CaseworkError::Missing`].
pub async fn give_page(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    contact: Contact,
) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let (referral, _) = reached(relay, &mut read, person, id).await?;
    may_give(person, &referral).map_err(CaseworkError::Refused)?;
    let restricted = restricted_of(relay, &mut read, person, referral.clone(), "family-link").await?;
    if contact.other && flagged(&restricted.answers) {
        return Err(CaseworkError::Refused(NO_OTHER));
    }
    let there = reach(&contact, &restricted.answers).ok_or(CaseworkError::Refused(NOWHERE))?;
    let earlier = of_parent(relay, &mut read, person, &referral, contact.other).await?;
    let recorded = relay
        .store
        .view(View { event: seen(Act::ReferralOpened, person, &referral), cases: vec![referral.case] })
        .await?;
    let case = case_of(relay, &mut read, &recorded, &referral).await?.0;
    let link = relay.new_link(referral.case, Purpose::See, &person.id.to_string());
    let sealed = relay.sealed_contact(&case, &link, &there)?;
    let letter = NewLetter {
        id: relay.fresh(LetterId::new),
        kind: letter_kind(Purpose::See, there.by),
        recipient: format!("{RECIPIENT}{}", link.id),
        locality: String::new(),
        reference: referral.reference.clone(),
        params: "{}".to_owned(),
    };
    let who = actor(person);
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            for link in earlier {
                rows::end(unit, &who, link).await?;
            }
            rows::insert(unit, &who, &link).await?;
            cases::put(unit, &who, sealed).await?;
            letters::queue(unit, &who, &letter).await?;
            Ok(())
        })
    });
    written.await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// The living page links of one parent.
async fn of_parent(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    referral: &Referral,
    other: bool,
) -> Result<Vec<LinkId>, CaseworkError> {
    let given = given(relay, read, person, referral).await?;
    let now = relay.clock.now();
    let same = |one: &&Given| one.other == other && one.link.lives(now);
    Ok(given.iter().filter(same).map(|one| one.link.id).collect())
}

/// The links of a referral that went to a family, for who may give them; the newest first.
pub async fn page_links(relay: &Relay, person: &Person, id: ReferralId) -> Result<Vec<Given>, CaseworkError> {
    let mut read = relay.store.read().await?;
    let (referral, _) = reached(relay, &mut read, person, id).await?;
    if !may_read_restricted(person, &referral) {
        return Err(CaseworkError::Missing);
    }
    given(relay, &mut read, person, &referral).await
}

async fn given(
    relay: &Relay,
    read: &mut Read,
    person: &Person,
    referral: &Referral,
) -> Result<Vec<Given>, CaseworkError> {
    let links = rows::of_case(read, referral.case).await?;
    let event = seen(Act::ContactUsed, person, referral).extra("links", Code::number(links.len() as u64));
    let recorded = relay.store.view(View { event, cases: vec![referral.case] }).await?;
    let case = case_of(relay, read, &recorded, referral).await?.0;
    let mut given = Vec::new();
    for link in links.into_iter().filter(|link| link.purpose == Purpose::See) {
        let contact = relay.contact_of(read, &recorded, &case, &link).await?;
        given.push(Given { link, sent_to: masked(contact.address(contact.by)), other: contact.other });
    }
    Ok(given)
}

/// Ends a family's page link.
///
/// # Errors
/// [`CaseworkError::Missing`] when it is not of this referral, or the referral not this person's.
pub async fn end_link(
    relay: &Relay,
    person: &Person,
    id: ReferralId,
    link: LinkId,
) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let (referral, _) = reached(relay, &mut read, person, id).await?;
    let row = rows::find(&mut read, link).await?.filter(|row| row.case == referral.case);
    if row.is_none() || !may_read_restricted(person, &referral) {
        return Err(CaseworkError::Missing);
    }
    let who = actor(person);
    let ended = relay.store.write(move |unit| {
        Box::pin(async move {
            if !rows::end(unit, &who, link).await? {
                unit.unaudited("it had ended before");
            }
            Ok(())
        })
    });
    Ok(ended.await?)
}
