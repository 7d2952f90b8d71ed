//! The setting's way through the site: write a referral, let the parent sign, send it, follow it.
//!
//! ```text
//!  /referrals ─> postcode ─> child ─> carer ─> support ─> reason ─> files ─> (meeting) ─> you ─> check
//!                  └─> out of area                                                                 │
//!  sent <─ staff only (the parent has left the screen) <─ sign <─ agreement (the parent signs) <───┘
//!                                       (the screen comes back)       └─> not agreed
//! ```
//!
//! What a parent or carer may hold (the page to sign, the one after it, "not agreed") has no menu, no way
//! back and no name to sign out: on a shared screen they would lead to every other child.
//!
//! Everything is saved page by page, so that a lost session loses one page at most. The staff-only
//! answers are asked last and shown on their own page alone (DOMAIN section 3): nothing here reads
//! them for any other page. A draft that was sent leads to its referral, whichever page is asked for.

mod area;
mod evidence;
pub mod questions;
pub mod summary;

pub mod agreement;
pub mod check;
pub mod files;
pub mod lawful;
pub mod link;
pub mod list;
pub mod not_agreed;
pub mod paper;
pub mod part;
pub mod phone;
pub mod sent;
pub mod sign;
pub mod staff_only;
pub mod tasks;
pub mod view;

#[cfg(test)]
mod tests;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::Site;
use super::super::error::PageError;
use super::super::page::shell;
use super::super::parts::Tag;
use super::super::shell::Shell;
use crate::casework::CaseworkError;
use crate::domain::form::{Part, Raw};
use crate::domain::ids::DraftId;
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::family::FamilyError;
use crate::intake::draft::Draft;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};
use crate::store::StoreError;

/// What a handler of these pages answers.
pub type Step = Result<Response, Stop>;

/// Why a page is not shown.
#[derive(Debug)]
pub enum Stop {
    /// Something else has to be done first, or was done already: its address.
    Go(String),
    /// It cannot be shown.
    Error(PageError),
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Stop::Go(there) => Redirect::to(&there).into_response(),
            Stop::Error(error) => error.into_response(),
        }
    }
}

macro_rules! stop_from {
    ($($error:ty),+) => {$(
        impl From<$error> for Stop {
            fn from(error: $error) -> Self {
                Stop::Error(error.into())
            }
        }
    )+};
}

stop_from!(PageError, PipelineError, StoreError, CaseworkError, FamilyError, askama::Error);

/// What may stand behind the question mark of a draft's page.
#[derive(Deserialize)]
pub struct Asked {
    /// `check` when the page was opened from the answers: it then says what is wrong, and goes back there.
    #[serde(default)]
    from: String,
}

impl Asked {
    fn checking(&self) -> bool {
        self.from == "check"
    }
}

/// The pages of the family part, in order.
const WAY: [&str; 8] = [
    Part::Home.slug(),
    Part::Child.slug(),
    Part::Carer.slug(),
    Part::Support.slug(),
    Part::Reason.slug(),
    FILES,
    Part::Meeting.slug(),
    Part::Referrer.slug(),
];
const FILES: &str = "files";
const CHECK: &str = "check";

/// The pages of this referral: the meeting's only when a meeting is asked for.
fn way(raw: &Raw) -> Vec<&'static str> {
    let meeting = raw.get("request.kind") == "referral-and-meeting";
    WAY.into_iter().filter(|slug| meeting || *slug != Part::Meeting.slug()).collect()
}

/// The page after this one; after the last, the answers.
fn after(slug: &str, raw: &Raw) -> &'static str {
    let way = way(raw);
    let next = way.iter().position(|one| *one == slug).and_then(|at| way.get(at + 1));
    next.copied().unwrap_or(CHECK)
}

/// The page before this one, or nothing before the first.
fn before(slug: &str, raw: &Raw) -> &'static str {
    let way = way(raw);
    let at = way.iter().position(|one| *one == slug).unwrap_or(0);
    at.checked_sub(1).and_then(|at| way.get(at)).copied().unwrap_or("")
}

/// The address of a draft's page; empty `rest` is its task list.
fn at(id: DraftId, rest: &str) -> String {
    if rest.is_empty() { format!("/drafts/{id}") } else { format!("/drafts/{id}/{rest}") }
}

fn go(there: impl Into<String>) -> Step {
    Err(Stop::Go(there.into()))
}

/// A page's surroundings, with the way back.
fn around(site: &Site, person: &Person, title: &str, back: String) -> Shell {
    shell(site, title, Some(person), "/referrals").back(back, "Back")
}

/// The surroundings of a page that a parent or carer may hold: nothing leads to other families.
pub fn for_family(site: &Site, title: &str) -> Shell {
    shell(site, title, None, "").handed_over()
}

/// A page that came back because something has to be mended.
fn mend(template: impl Template) -> Step {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(template.render()?)).into_response())
}

fn show(template: impl Template) -> Step {
    Ok(Html(template.render()?).into_response())
}

fn draft_id(id: &str) -> Result<DraftId, Stop> {
    Ok(id.parse().map_err(|_| PageError::NotFound)?)
}

/// A draft that is still being written, open before somebody of its setting. One that was sent leads
/// to its referral.
async fn unsent(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    match drafts::open(&site.relay, person, draft_id(id)?).await {
        Err(PipelineError::Sent(referral)) => Err(Stop::Go(format!("/referrals/{referral}"))),
        open => Ok(open?),
    }
}

/// As [`unsent`], for a child who lives where somebody here can help.
async fn in_area(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    let open = unsent(site, person, id).await?;
    match area::of(site, &open.content.raw) {
        area::Area::Elsewhere { .. } => Err(Stop::Go(at(open.row.id, "out-of-area"))),
        _ => Ok(open),
    }
}

/// As [`in_area`], when nothing is missing from the family part; else the answers say what is.
async fn complete(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    let open = in_area(site, person, id).await?;
    match open.content.parts_with_faults(site.relay.context()).is_empty() {
        true => Ok(open),
        false => Err(Stop::Go(at(open.row.id, CHECK))),
    }
}

/// Whether somebody has agreed to what stands there now or has a link to, or it was decided that it goes on without.
fn has_agreement(site: &Site, content: &Draft) -> bool {
    let lawful = || site.relay.lawful.on && content.decided(site.relay.context()).is_some();
    content.agreement.is_some() || content.later.is_some() || lawful()
}

/// As [`complete`], when the parent or carer has signed or is to sign by a link, or it was decided that it goes on without.
async fn agreed(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    let open = complete(site, person, id).await?;
    match has_agreement(site, &open.content) {
        true => Ok(open),
        false => Err(Stop::Go(at(open.row.id, "agreement"))),
    }
}

/// What a change answered; when another window was first and sent the draft, the way to its referral.
async fn settled<T>(
    site: &Site,
    person: &Person,
    id: &str,
    answer: Result<T, PipelineError>,
) -> Result<T, Stop> {
    match answer {
        Err(PipelineError::Conflict) => {
            unsent(site, person, id).await?;
            Err(PageError::Conflict.into())
        }
        other => Ok(other?),
    }
}

/// The coloured label of a state.
fn state_tag(state: State) -> Tag {
    let colour = match state {
        State::Held => "orange",
        State::Refused => "red",
        State::IntakeDesk => "purple",
        State::Delivered => "blue",
        State::Opened => "aqua-green",
        State::Acknowledged => "green",
        State::Withdrawn | State::Erased => "grey",
    };
    Tag::new(state.label(), colour)
}
