//! Pages for administrators, who see no content: what needs doing, duty lines, numbers, organisations,
//! calendars, statements, keys (issue 3, "Administer"). Auditors may read the lines and the numbers with
//! their history, for the trail names columns and the history keeps the words.
//!
//! Two page shapes serve all of them: `View`, what is kept, and `FormPage`, a change.

pub mod calendar;
pub mod keys;
pub mod lines;
pub mod numbers;
pub mod organisations;
mod shapes;
pub mod start;
pub mod statements;
#[cfg(test)]
mod tests;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use super::super::error::PageError;
use super::super::page::{Page, page};
use crate::administration::{AdministrationError, Faults};
use crate::domain::form::Raw;
use crate::domain::time::Instant;
use crate::store::{Read, StoreError, people};
use shapes::{Changed, Control, FormPage, Section, View};

impl From<AdministrationError> for PageError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Missing => PageError::NotFound,
            AdministrationError::Changed => PageError::Conflict,
            AdministrationError::Refused(_) | AdministrationError::Warned(_) => PageError::BadRequest,
            AdministrationError::Unusable(why) => PageError::Internal(why),
            AdministrationError::Store(error) => error.into(),
        }
    }
}

/// The sentence about a field, if something is wrong with it.
fn fault<'f>(faults: &'f Faults, field: &str) -> Option<&'f str> {
    faults.iter().find(|(name, _)| *name == field).map(|(_, sentence)| sentence.as_str())
}

/// Who decided, for people.
async fn decider(read: &mut Read, id: &str) -> Result<String, StoreError> {
    let Ok(id) = id.parse() else { return Ok("Command line".to_owned()) };
    Ok(people::whoever(read, id).await?.map_or_else(|| "Not known".to_owned(), |person| person.name))
}

/// `Ada Administrator saved a change on 7 September 2026 at 12:00.`
async fn who_was_first(read: &mut Read, decided_by: &str, at: i64) -> Result<String, StoreError> {
    let who = decider(read, decided_by).await?;
    Ok(format!("{who} saved a change: {}.", Instant::from_micros(at).for_people()))
}

/// A form that was not saved because somebody else was first: the same page, with that answer's status.
fn conflict(form: FormPage) -> Page {
    Ok((StatusCode::CONFLICT, page(form)?).into_response())
}

/// What was typed, or else what is kept.
fn typed(form: &Raw, name: &str, kept: &str) -> String {
    if form.names().next().is_none() { kept.to_owned() } else { form.get(name).to_owned() }
}
