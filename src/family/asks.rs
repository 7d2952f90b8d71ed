//! The family asks: for a correction, for all that is held (which starts the clock of a subject access request),
//! or complains. Each goes into the governance lead's list; the words are sealed to the case.

use super::shared::row;
use super::{FamilyError, on_link};
use crate::audit::{Act, Actor};
use crate::domain::family::Ask;
use crate::domain::ids::{AskId, ObjectId};
use crate::domain::time::Instant;
use crate::relay::Relay;
use crate::seal::{CaseFile, seal_object};
use crate::store::cases::{self, NewObject};
use crate::store::family::Link;
use crate::store::family_asks::{self, Asked};
use crate::store::{StoreError, View};

/// Most characters of what is typed.
pub const LONGEST: usize = 2_000;
/// How many open requests one link may make.
const MOST: usize = 10;
/// What the sealed words are called in the store.
pub(crate) const KIND: &str = "family-ask";

/// Keeps what the family asks for.
///
/// # Errors
/// [`FamilyError::Refused`] with the sentence for the page; [`FamilyError::Missing`] when the link shows
/// nothing; [`FamilyError::Conflict`] when two were sent at the same moment: sent again, it is kept.
pub async fn ask(relay: &Relay, link: &Link, kind: Ask, typed: &str) -> Result<(), FamilyError> {
    let words = typed.trim();
    if words.is_empty() && kind != Ask::Access {
        return Err(FamilyError::Refused("Write what you want to say"));
    }
    if words.chars().count() > LONGEST {
        return Err(FamilyError::Refused("Write 2,000 characters or fewer"));
    }
    let mut read = relay.store.read().await?;
    let referral = row(relay, &mut read, link).await?;
    let open = family_asks::of_link(&mut read, link.id).await?;
    if open.iter().filter(|one| one.settled_at == 0).count() >= MOST {
        return Err(FamilyError::Refused("You have asked ten times already. Wait for an answer first"));
    }
    let view = View { event: on_link(Act::FamilyRead, link), cases: vec![link.case] };
    let recorded = relay.store.view(view).await?;
    let file = cases::case_file(&mut read, &recorded, link.case).await?.ok_or(FamilyError::Missing)?;
    let case = CaseFile::open(&file, link.case, &relay.keys)?.case;
    let before = cases::newest(&mut read, &recorded, link.case, KIND).await?.map_or(0, |last| last.version);
    let sealed = seal_object(case.recipient(), words.as_bytes());
    let note = NewObject::whole(relay.fresh(ObjectId::new), link.case, KIND, before + 1, &sealed);
    let now = relay.clock.now();
    let asked = Asked {
        id: relay.fresh(AskId::new),
        referral: referral.id,
        link: link.id,
        kind,
        note: before + 1,
        asked: now,
        due: in_a_month(now),
        settled_at: 0,
        settled_by: String::new(),
    };
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            cases::put(unit, &Actor::family(), note).await?;
            family_asks::insert(unit, &referral.reference, &asked).await
        })
    });
    Ok(written.await?)
}

/// What was asked by this link, the newest first.
pub async fn asked(relay: &Relay, link: &Link) -> Result<Vec<Asked>, StoreError> {
    family_asks::of_link(&mut relay.store.read().await?, link.id).await
}

/// One calendar month later (UK GDPR article 12(3)): the end of the corresponding day in London, or of the
/// month's last day.
fn in_a_month(from: Instant) -> Instant {
    let day = from.day().saturating_add(jiff::Span::new().months(1));
    let end = day.at(23, 59, 59, 0).in_tz(crate::domain::time::ZONE);
    end.map_or(from, |end| Instant::from_micros(end.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(asked: &str) -> String {
        let at: jiff::Timestamp = asked.parse().expect("a moment");
        in_a_month(Instant::from_micros(at.as_microsecond())).for_people()
    }

    #[test]
    fn a_month_is_a_calendar_month_across_clock_changes_and_short_months() {
        assert_eq!(due("2026-11-22T10:00:00Z"), "22 December 2026, 11:59pm");
        assert_eq!(due("2027-01-31T10:00:00Z"), "28 February 2027, 11:59pm");
        assert_eq!(due("2027-03-10T23:30:00Z"), "10 April 2027, 11:59pm");
    }
}
