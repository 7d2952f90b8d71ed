//! Settings from a list: first what would become of each row, then all of it in one unit of work, or
//! nothing. The same list again changes nothing. A list that is loaded is also what settings are looked
//! up in that sign themselves up, and where a line finds their number.
//!
//! A list with a row that is refused is not applied: half a list would leave nobody knowing which half.

mod plan;
mod read;

pub use plan::{Line, Report, What};
pub use read::{FileFault, MOST_BYTES, MOST_ROWS};

use std::collections::BTreeSet;

use super::invitations::{self, Prepared};
use super::notices::Notices;
use super::refused::PeopleError;
use crate::audit::Actor;
use crate::domain::ids::{OrganisationId, PersonId};
use crate::relay::Relay;
use crate::store::{StoreError, Unit, joiners, people, register, settings};
use plan::{Facts, Ids, OrganisationStep, Plan, Step};
use read::Row;

/// Who has a list applied.
#[derive(Clone)]
pub struct By {
    /// For the trail.
    pub actor: Actor,
    /// The person that invitations name, when there is one.
    pub person: Option<PersonId>,
}

/// Why a list is not applied.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read at all.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Something changed meanwhile; the sentence and the store are those of people.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        ImportError::People(error.into())
    }
}

/// Says what would become of each row; changes nothing.
///
/// # Errors
/// [`FileFault`], or the store's.
pub async fn look(relay: &Relay, bytes: &[u8]) -> Result<Report, ImportError> {
    let rows = read::read(bytes)?;
    Ok(planned(relay, &rows).await?.1.report)
}

async fn planned(relay: &Relay, rows: &[Row]) -> Result<(Vec<Ids>, Plan), StoreError> {
    let ids: Vec<Ids> = rows.iter().map(|_| Ids::fresh(relay)).collect();
    let facts = Facts::gather(&mut relay.store.read().await?).await?;
    let plan = plan::plan(rows, &ids, facts);
    Ok((ids, plan))
}

/// Applies a list in one unit of work; when a row is refused, nothing. The report says which.
///
/// # Errors
/// [`FileFault`]; [`PeopleError::Conflict`] when settings or people were changed meanwhile: look again.
pub async fn apply(relay: &Relay, by: By, bytes: &[u8]) -> Result<Report, ImportError> {
    let rows = read::read(bytes)?;
    let (ids, plan) = planned(relay, &rows).await?;
    if plan.report.refused > 0 || plan.steps.is_empty() {
        return Ok(plan.report);
    }
    let invitation = |step: &Step| step.person.as_ref().map(|to| invitations::prepare(relay, by.person, to));
    let letters: Vec<Option<Prepared>> = plan.steps.iter().map(invitation).collect();
    let notices = notices(relay, &plan).await?;
    let report = plan.report.clone();
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            if plan::plan(&rows, &ids, Facts::gather(unit).await?) != plan {
                return Err(StoreError::Conflict("list"));
            }
            for (step, letter) in plan.steps.iter().zip(&letters) {
                take(unit, &by.actor, step, letter.as_ref()).await?;
            }
            for notice in &notices {
                notice.queue(unit, &by.actor).await?;
            }
            let listed: Vec<_> = plan.steps.into_iter().filter_map(|step| step.listed).collect();
            if !listed.is_empty() {
                register::load(unit, &by.actor, &listed).await?;
            }
            Ok(())
        })
    });
    done.await?;
    relay.bell.notify_waiters();
    Ok(report)
}

/// To the managers of the settings that were there and get more people.
async fn notices(relay: &Relay, plan: &Plan) -> Result<Vec<Notices>, StoreError> {
    let there = plan.steps.iter().filter(|step| !matches!(step.organisation, OrganisationStep::Make(_)));
    let joined: BTreeSet<OrganisationId> =
        there.filter_map(|step| step.person.as_ref().map(|person| person.organisation)).collect();
    let mut notices = Vec::new();
    for organisation in joined {
        notices.push(Notices::to_managers(relay, None, organisation).await?);
    }
    Ok(notices)
}

async fn take(
    unit: &mut Unit,
    who: &Actor,
    step: &Step,
    letter: Option<&Prepared>,
) -> Result<(), StoreError> {
    match &step.organisation {
        OrganisationStep::Make(new) => people::insert_organisation(unit, who, new).await?,
        OrganisationStep::Change(to) => settings::change(unit, who, to).await?,
        OrganisationStep::Keep => {}
    }
    if let (Some(person), Some(letter)) = (&step.person, letter) {
        people::insert(unit, who, person).await?;
        invitations::put(unit, who, letter).await?;
    }
    Ok(())
}
