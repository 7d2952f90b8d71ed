//! Joiners, movers, leavers: the pages of administrators (`/people`) and of a setting's manager
//! (`/setting/people`). Both use the same handlers; whom somebody looks after is decided beside the data
//! (`people::looking_after`).
//!
//! What is searched for stands in no address: the form is posted and answered at once.

mod ask;
pub mod change;
pub mod import;
pub mod lead;
pub mod list;
pub mod new;
pub mod person;
pub mod requests;
#[cfg(test)]
mod tests;
pub mod to_decide;
pub mod waiting;

pub use ask::Ask;

use axum::response::{IntoResponse, Redirect};

use crate::domain::form::Raw;
use crate::domain::people::{Person, Role};
use crate::domain::time::Instant;
use crate::people::PeopleError;
use crate::store::joiners::Listed;
use crate::web::Site;
use crate::web::error::PageError;
use crate::web::field::{Answer, Choice};
use crate::web::page::Page;
use crate::web::parts::Tag;

impl From<PeopleError> for PageError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Missing => PageError::NotFound,
            PeopleError::Conflict => PageError::Conflict,
            PeopleError::Refused(_) => PageError::BadRequest,
            PeopleError::Store(error) => error.into(),
        }
    }
}

/// Where the pages of somebody who looks after people begin.
pub fn base(who: &Person) -> &'static str {
    if who.role == Role::Manager { "/setting/people" } else { "/people" }
}

/// Whether something was refused: its sentence, for the form. Any other failure is the page's.
fn refusal<T>(done: Result<T, PeopleError>) -> Result<Result<T, &'static str>, PageError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(PeopleError::Refused(sentence)) => Ok(Err(sentence)),
        Err(other) => Err(other.into()),
    }
}

/// The answer that was chosen before a form came back.
fn chosen(typed: &Raw, name: &str) -> Option<String> {
    Some(typed.get(name).to_owned()).filter(|answer| !answer.is_empty())
}

/// To another page.
fn go(to: impl AsRef<str>) -> Page {
    Ok(Redirect::to(to.as_ref()).into_response())
}

/// How an account stands.
fn state(one: &Listed) -> Tag {
    match (one.disabled_at, one.signed_in_at, one.invited_until) {
        (1.., ..) => Tag::new("No access", "grey"),
        (_, 1.., _) => Tag::new("Active", "green"),
        (_, _, 1..) => Tag::new("Invited", "blue"),
        _ => Tag::new("Not invited", "yellow"),
    }
}

/// When somebody last signed in, for people.
fn last_sign_in(one: &Listed) -> String {
    match one.signed_in_at {
        0 => "Never".to_owned(),
        at => Instant::from_micros(at).for_people(),
    }
}

/// The names of lines, for people.
fn line_names(site: &Site, lines: &[String]) -> String {
    let name =
        |id: &String| site.relay.places.locality(id).map_or_else(|| id.clone(), |line| line.name.clone());
    lines.iter().map(name).collect::<Vec<_>>().join("\n")
}

/// The question for the role, of those that may be chosen.
pub fn role_question(roles: impl Iterator<Item = Role>, chosen: &str) -> Choice {
    let answer = |role: Role| match hint(role) {
        Some(hint) => Answer::new(role.code(), role.label()).hint(hint),
        None => Answer::new(role.code(), role.label()),
    };
    let chosen = Some(chosen).filter(|role| !role.is_empty());
    Choice::new("role", "What do they do?", roles.map(answer).collect()).chosen(chosen)
}

fn hint(role: Role) -> Option<&'static str> {
    match role {
        Role::Manager => Some("Sends referrals and looks after the setting’s people"),
        Role::Practitioner => Some("Writes and sends referrals"),
        Role::SafeguardingLead => {
            Some("Sends referrals and may open the setting’s staff-only answers. Each setting has one")
        }
        Role::Duty | Role::DutyLead => Some("Has to be approved by the lead of the line"),
        Role::IntakeDesk | Role::IgLead => Some("Has to be approved by the information governance lead"),
        _ => None,
    }
}

/// The question for the lines.
fn line_question(site: &Site, chosen: &[String]) -> Choice {
    let lines = site.relay.places.localities();
    let answers = lines.iter().map(|line| Answer::new(line.id.as_str(), &line.name)).collect();
    Choice::new("lines", "Which duty lines do they work with?", answers)
        .hint("For duty practitioners and duty leads only. Choose all that apply.")
        .chosen(chosen.iter().cloned())
}

/// A role that was chosen, of those that may be.
pub fn role_of(roles: &[Role], code: &str) -> Result<Role, &'static str> {
    Role::from_code(code).filter(|role| roles.contains(role)).ok_or("Choose what they do")
}
