//! Cover: a lead lets somebody of another line work one of their own lines until a day (DOMAIN section
//! 9). Who covers reads and acknowledges as the line does, and leads nothing: a cover can be granted and
//! ended by those alone whose own line it is.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::domain::ids::PersonId;
use crate::domain::people::{Person, Role};
use crate::domain::time::{Instant, ZONE};
use crate::relay::{Relay, actor};
use crate::store::covers::{self, Granted};
use crate::store::sessions::{self, Cover};
use crate::store::{StoreError, people};

/// Why a cover is not granted or ended.
#[derive(Debug, thiserror::Error)]
pub enum CoverError {
    /// Not a line, a person or a cover that this lead has a say in: they look alike.
    #[error("not found")]
    Missing,
    /// The sentence for the page, and which question it is about: `person` or `until`.
    #[error("{1}")]
    Refused(&'static str, String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A cover as its line's lead sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covering {
    /// The cover.
    pub cover: Cover,
    /// Who covers.
    pub who: String,
    /// Who granted it.
    pub by: String,
}

/// The covers of a lead's own lines that have not ended, line by line.
///
/// # Errors
/// The store's.
pub async fn covers_of(relay: &Relay, lead: &Person) -> Result<Vec<Covering>, StoreError> {
    let mut read = relay.store.read().await?;
    let mut all = Vec::new();
    for line in own_lines(lead) {
        for Granted { cover, by } in covers::of_line(&mut read, line, relay.clock.now()).await? {
            let name = |found: Option<Person>| found.map_or_else(String::new, |person| person.name);
            let who = name(people::whoever(&mut read, cover.person).await?);
            let by = name(people::whoever(&mut read, by).await?);
            all.push(Covering { cover, who, by });
        }
    }
    Ok(all)
}

/// Who may be asked to cover a line of this lead: everybody who works a line and does not work all of
/// the lead's own ones already.
///
/// # Errors
/// The store's.
pub async fn who_may_cover(relay: &Relay, lead: &Person) -> Result<Vec<Person>, StoreError> {
    let mut workers = covers::workers(&mut relay.store.read().await?).await?;
    workers.retain(|one| one.id != lead.id && own_lines(lead).any(|line| !has(one, line)));
    Ok(workers)
}

/// Grants cover of one of the lead's own lines from now to the end of a day.
///
/// # Errors
/// [`CoverError::Missing`] when the line is not the lead's own; [`CoverError::Refused`] with the sentence.
pub async fn grant_cover(
    relay: &Relay,
    lead: &Person,
    line: &str,
    person: PersonId,
    until: Date,
) -> Result<(), CoverError> {
    if !own_lines(lead).any(|own| own == line) {
        return Err(CoverError::Missing);
    }
    let ends = end_of(relay, until)?;
    let mut read = relay.store.read().await?;
    let who = covers::workers(&mut read).await?.into_iter().find(|one| one.id == person);
    let who = who.ok_or_else(|| refused("person", "Choose somebody from the list"))?;
    if who.id == lead.id || has(&who, line) {
        return Err(refused("person", "Choose somebody who does not work this line already"));
    }
    let now = relay.clock.now();
    if covers::of_line(&mut read, line, now).await?.iter().any(|one| one.cover.person == who.id) {
        return Err(refused("person", "This person covers the line already. End that cover first"));
    }
    drop(read);
    let id = relay.chance::<8>();
    let cover = Cover { id, person: who.id, locality: line.to_owned(), from: now, ends };
    let (actor, by) = (actor(lead), lead.id);
    let written = relay
        .store
        .write(move |unit| Box::pin(async move { sessions::insert_cover(unit, &actor, by, &cover).await }));
    Ok(written.await?)
}

/// Ends a cover of one of the lead's own lines at once: whoever covers is out at their next request.
///
/// # Errors
/// [`CoverError::Missing`] when there is none, it has ended or the line is not the lead's own.
pub async fn end_cover(relay: &Relay, lead: &Person, id: &str) -> Result<(), CoverError> {
    let found = covers::find(&mut relay.store.read().await?, id).await?.map(|granted| granted.cover);
    let cover = found.filter(|cover| own_lines(lead).any(|own| own == cover.locality));
    let cover = cover.ok_or(CoverError::Missing)?;
    let actor = actor(lead);
    let ended =
        relay.store.write(move |unit| Box::pin(async move { covers::end(unit, &actor, &cover).await }));
    match ended.await {
        Err(StoreError::Missing(_)) => Err(CoverError::Missing),
        other => Ok(other?),
    }
}

/// The lines that a lead leads; nobody else leads any, and a cover makes nobody a lead.
fn own_lines(person: &Person) -> impl Iterator<Item = &str> {
    person.lines.iter().filter(|_| person.role == Role::DutyLead).map(String::as_str)
}

fn has(person: &Person, line: &str) -> bool {
    person.lines.iter().any(|own| own == line)
}

fn refused(about: &'static str, sentence: impl Into<String>) -> CoverError {
    CoverError::Refused(about, sentence.into())
}

/// The midnight after a day that may be the last of a cover.
fn end_of(relay: &Relay, until: Date) -> Result<Instant, CoverError> {
    let (today, most) = (relay.clock.now().day(), relay.rights.cover_days);
    if until < today {
        return Err(refused("until", "Choose today or a later day"));
    }
    if until > today.saturating_add(most.days()) {
        return Err(refused("until", format!("A cover can last {most} days at most: choose an earlier day")));
    }
    let midnight = until.tomorrow().and_then(|next| next.in_tz(ZONE));
    let midnight = midnight.map_err(|_| refused("until", "Choose another day"))?;
    Ok(Instant::from_micros(midnight.timestamp().as_microsecond()))
}
