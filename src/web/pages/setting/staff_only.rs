//! The staff-only step, after the parent has left the screen: safeguarding, domestic abuse, how soon;
//! then the referral is sent (DOMAIN section 3).
//!
//! A page in between asks first whether the family can see the screen. What was answered before is
//! shown to the writer and to the setting's safeguarding lead alone; a colleague who completes a held
//! referral is told to ask one of them.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::area::{self, Area};
use super::questions::{self, Question};
use super::{Step, Stop, agreed, around, at, draft_id, go};
use crate::domain::form::{Fault, Part, Raw};
use crate::domain::ids::DraftId;
use crate::domain::people::{Person, Role};
use crate::pipeline::drafts::{self, Open};
use crate::pipeline::{self, PipelineError};
use crate::store::drafts as rows;

#[derive(Template)]
#[template(path = "pages/setting/alone.html")]
struct Alone {
    shell: Shell,
    yes: String,
    tasks: String,
    /// Whether this person may go on.
    may: bool,
    social_care: String,
}

#[derive(Template)]
#[template(path = "pages/setting/staff_only.html")]
struct StaffOnly {
    shell: Shell,
    errors: Vec<(String, String)>,
    questions: Vec<Question>,
    area: Area,
    action: String,
    social_care: String,
}

/// How often a save is tried against another window.
const TRIES: usize = 3;

/// Whether somebody said that no parent sees the screen.
#[derive(Deserialize)]
pub struct Left {
    #[serde(default)]
    alone: String,
}

/// `GET /drafts/{id}/staff-only`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, Query(left): Query<Left>) -> Step {
    let open = signed(&site, &person, &id).await?;
    let may = may_write(&person, &open.row);
    if left.alone == "yes" && may {
        return super::show(page_of(&site, &person, &open, &[]));
    }
    super::show(Alone {
        shell: around(&site, &person, "Before the last page", at(open.row.id, "")),
        yes: address(&open),
        tasks: at(open.row.id, ""),
        may,
        social_care: site.social_care.clone(),
    })
}

/// `POST /drafts/{id}/staff-only`: saves, and sends when everything reads. Pressed twice it is one
/// referral, and both presses see the same answer.
pub async fn send(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let answer = save_and_send(&site, &person, &id, &form).await;
    match &answer {
        Ok(_) | Err(Stop::Error(PageError::NotFound)) => return answer,
        Err(_) => {}
    }
    let mut read = site.relay.store.read().await?;
    match rows::find(&mut read, draft_id(&id)?).await?.and_then(|row| row.sent_as) {
        Some(referral) => go(format!("/referrals/{referral}/sent")),
        None => answer,
    }
}

async fn save_and_send(site: &Site, person: &Person, id: &str, form: &Raw) -> Step {
    let draft = draft_id(id)?;
    let open = signed(site, person, id).await?;
    if !may_write(person, &open.row) {
        return go(at(draft, "staff-only"));
    }
    let said = save(site, person, draft, form).await?;
    if form.get("then") == "later" {
        return go("/referrals");
    }
    if said.iter().any(|fault| !fault.warning) {
        let open = signed(site, person, id).await?;
        return super::mend(page_of(site, person, &open, &said));
    }
    if let Some(nowhere) = nowhere(site, person, id).await? {
        let open = signed(site, person, id).await?;
        return super::mend(page_of(site, person, &open, &[nowhere]));
    }
    let referral = pipeline::submit(&site.relay, person, draft).await?;
    go(format!("/referrals/{referral}/sent"))
}

/// A link is to go to the family, and what was just answered lets it go nowhere: said here, to whoever
/// may know it, and nowhere else.
async fn nowhere(site: &Site, person: &Person, id: &str) -> Result<Option<Fault>, Stop> {
    let open = signed(site, person, id).await?;
    let Some(later) = &open.content.later else { return Ok(None) };
    let submission = open.content.submission(site.relay.context());
    let fault = || {
        Fault {
        path: "abuse.safe_contact",
        code: "link-nowhere",
        sentence: "You chose to send a link, and there is no safe contact, so no link will be sent. Enter a safe contact number, or choose another way to sign".to_owned(),
        warning: false,
    }
    };
    Ok(pipeline::may_send(later, &submission).then_some(()).map_or_else(|| Some(fault()), |()| None))
}

/// Saves; against a second press of the same button it tries again.
async fn save(site: &Site, person: &Person, draft: DraftId, form: &Raw) -> Result<Vec<Fault>, PipelineError> {
    for _ in 1..TRIES {
        match drafts::save_part(&site.relay, person, draft, Part::Restricted, form).await {
            Err(PipelineError::Conflict) => {}
            answer => return answer,
        }
    }
    drafts::save_part(&site.relay, person, draft, Part::Restricted, form).await
}

/// The draft, when both have signed it as it is.
async fn signed(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    let open = agreed(site, person, id).await?;
    match open.content.referrer {
        Some(_) => Ok(open),
        None => Err(Stop::Go(at(open.row.id, "sign"))),
    }
}

/// The writer, and the safeguarding lead of the setting.
fn may_write(person: &Person, row: &rows::Draft) -> bool {
    person.id == row.person || person.role == Role::SafeguardingLead
}

fn address(open: &Open) -> String {
    at(open.row.id, "staff-only?alone=yes")
}

fn page_of(site: &Site, person: &Person, open: &Open, said: &[Fault]) -> StaffOnly {
    let questions = questions::of(Part::Restricted, &open.content.raw, said);
    let errors = questions::errors(&questions);
    StaffOnly {
        shell: around(site, person, "Last page", at(open.row.id, "staff-only"))
            .exit_this_page()
            .error(!errors.is_empty()),
        errors,
        questions,
        area: area::of(site, &open.content.raw),
        action: address(open),
        social_care: site.social_care.clone(),
    }
}
