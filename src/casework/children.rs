//! An auditor looks a child up by name and birth date, and gets references (DOMAIN section 9). The birth
//! date finds candidates by its keyed index; their names are compared in memory, and no name goes out.
//!
//! What was typed is in no event. The trail has the act, and which referrals were shown for it: not the
//! candidates, for then the trail would tell the auditor who else was born on that day.

use super::CaseworkError;
use super::open::label_of;
use crate::audit::{Act, Code, EventDraft, Object, Outcome};
use crate::domain::ids::CaseId;
use crate::domain::name::may_be_same_person;
use crate::domain::people::{Person, Role};
use crate::domain::referral::State;
use crate::domain::time::{Instant, ZONE};
use crate::relay::{Relay, actor};
use crate::store::referrals::{self, Referral};
use crate::store::{Read, StoreError, View, trail};

/// As many candidates as the index gives for one birth date.
const CANDIDATES: usize = 200;

/// A referral whose child may be the one that was asked for: codes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The reference.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// The line that has it, or empty.
    pub locality: String,
}

/// What a look-up gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedUp {
    /// The referrals that fit, in the order of their making.
    pub matched: Vec<Matched>,
    /// There were more candidates than are compared.
    pub cut: bool,
}

/// How many children this person looked up today, in London, refused ones included.
///
/// # Errors
/// The store's.
pub async fn looked_up_today(relay: &Relay, person: &Person) -> Result<u64, CaseworkError> {
    let midnight = relay.clock.now().day().in_tz(ZONE).map_or(0, |day| day.timestamp().as_microsecond());
    let (who, act) = (person.id.to_string(), Act::ChildLookedUp.code());
    let mut read = relay.store.read().await?;
    Ok(trail::count(&mut read, &who, act, Instant::from_micros(midnight)).await?)
}

/// Looks a child up. `born` is the birth date, ISO.
///
/// # Errors
/// [`CaseworkError::Refused`], recorded, when the day's look-ups are used up.
pub async fn look_up(
    relay: &Relay,
    auditor: &Person,
    name: &str,
    born: &str,
) -> Result<LookedUp, CaseworkError> {
    if auditor.role != Role::Auditor {
        return Err(CaseworkError::Missing);
    }
    let act = EventDraft::new(Act::ChildLookedUp, actor(auditor));
    if looked_up_today(relay, auditor).await? >= relay.rights.look_ups {
        relay.store.record(act.outcome(Outcome::Refused)).await?;
        return Err(CaseworkError::Refused(
            "You have looked up as many children today as one person may. Go on tomorrow.",
        ));
    }
    let mut read = relay.store.read().await?;
    let mac = relay.keys.index_mac("birth", born.as_bytes());
    let rows = candidates(&mut read, mac).await?;
    let recorded = relay.store.view(View { event: act, cases: cases_of(&rows) }).await?;
    let mut fit = Vec::new();
    for row in &rows {
        let label = label_of(relay, &mut read, &recorded, row).await?;
        if label.born == born && may_be_same_person(&label.name, name) {
            fit.push(row.clone());
        }
    }
    show(relay, auditor, &fit).await?;
    let matched =
        |row: Referral| Matched { reference: row.reference, state: row.state, locality: row.locality };
    let cut = rows.len() >= CANDIDATES;
    Ok(LookedUp { matched: fit.into_iter().map(matched).collect(), cut })
}

async fn candidates(read: &mut Read, mac: [u8; 32]) -> Result<Vec<Referral>, StoreError> {
    let mut rows = Vec::new();
    for id in referrals::by_index(read, "birth", mac).await? {
        rows.extend(referrals::find(read, id).await?);
    }
    Ok(rows)
}

fn cases_of(rows: &[Referral]) -> Vec<CaseId> {
    rows.iter().map(|row| row.case).collect()
}

/// Records which referrals are shown, so that the trail of each says who found it.
async fn show(relay: &Relay, auditor: &Person, rows: &[Referral]) -> Result<(), CaseworkError> {
    if rows.is_empty() {
        return Ok(());
    }
    let event = EventDraft::new(Act::ListViewed, actor(auditor))
        .on(Object::new("list", Code::fixed("children")))
        .extra("cases", Code::number(rows.len() as u64));
    relay.store.view(View { event, cases: cases_of(rows) }).await?;
    Ok(())
}
