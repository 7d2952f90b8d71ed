//! Closing days of one duty line, besides weekends and bank holidays. They count as no working day where
//! the relay says by when a line answers, and how long something has waited.

use super::{AdministrationError, refused};
use crate::domain::calendar::{Calendar, is_weekend};
use crate::domain::day::Day;
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::time::day_for_people;
use crate::relay::{Relay, actor};
use crate::store::Unit;
use crate::store::closing::{self, ClosingDay};

/// The days on which lines are closed, from today on.
///
/// # Errors
/// The store's.
pub async fn coming(relay: &Relay) -> Result<Vec<ClosingDay>, AdministrationError> {
    let today = relay.clock.now().day().to_string();
    let all = closing::all(&mut relay.store.read().await?).await?;
    Ok(closing::closed(&all).into_iter().filter(|one| one.day >= today).cloned().collect())
}

/// Closes a line on the typed day (`day-day`, `day-month`, `day-year`).
///
/// # Errors
/// `Refused` by field `line` or `day`; the store's.
pub async fn close(relay: &Relay, person: &Person, form: &Raw) -> Result<(), AdministrationError> {
    if relay.places.locality(form.get("line")).is_none() {
        return Err(refused("line", "Choose a duty line"));
    }
    let today = relay.clock.now().day();
    let typed = Day::from_fields(form.get("day-day"), form.get("day-month"), form.get("day-year"));
    let day =
        typed.and_then(|day| day.not_before(today)).map_err(|fault| refused("day", fault.to_string()))?;
    let date = day.date();
    if is_weekend(date) {
        return Err(refused("day", format!("{} is at a weekend: no line works then", day_for_people(date))));
    }
    if let Some(name) = Calendar::england().bank_holiday(date) {
        return Err(refused("day", format!("{} is a bank holiday: {name}", day_for_people(date))));
    }
    decide(relay, person, form.get("line"), (date, true)).await
}

/// Takes a closing day back: the line works on it. Only for days to come.
///
/// # Errors
/// `Missing` for a day that is over or does not read; the store's.
pub async fn open(relay: &Relay, person: &Person, form: &Raw) -> Result<(), AdministrationError> {
    let day = Day::parse(form.get("day")).map_err(|_| AdministrationError::Missing)?;
    let day = day.not_before(relay.clock.now().day()).map_err(|_| AdministrationError::Missing)?;
    if relay.places.locality(form.get("line")).is_none() {
        return Err(AdministrationError::Missing);
    }
    decide(relay, person, form.get("line"), (day.date(), false)).await
}

async fn decide(
    relay: &Relay,
    person: &Person,
    line: &str,
    what: (jiff::civil::Date, bool),
) -> Result<(), AdministrationError> {
    let (who, line) = (actor(person), line.to_owned());
    let done = relay.store.write(move |unit: &mut Unit| {
        Box::pin(async move { closing::decide(unit, &who, &line, what).await })
    });
    if done.await? { Ok(relay.refresh().await?) } else { Ok(()) }
}
