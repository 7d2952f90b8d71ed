//! A named person reads every free-text answer and approves the words for print. It is asked for every
//! referral, so that the asking tells nothing (docs/decisions.md).

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::field::{Answer, Choice, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::{facts, id_of};
use crate::casework::{self, Opened};
use crate::domain::form::{Answers, FIELDS, Part};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;

#[derive(Template)]
#[template(path = "pages/print/approve.html")]
struct Approve {
    shell: Shell,
    errors: Vec<(String, String)>,
    id: String,
    reference: String,
    words: Vec<SummaryRow>,
    approved_by: Option<String>,
    kept_off: bool,
    question: Choice,
}

/// `GET /referrals/{id}/approve`
pub async fn ask(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let opened = casework::open(&site.relay, &person, id_of(&id)?).await?;
    approval_page(&site, &person, &opened, Said::Nothing).await
}

/// `POST /referrals/{id}/approve`
pub async fn approve(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    if form.get("safe") == "yes" {
        casework::approve_for_print(&site.relay, &person, id).await?;
        return Ok(Redirect::to(&format!("/referrals/{id}")).into_response());
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    let said = if form.get("safe") == "no" { Said::No } else { Said::Empty };
    approval_page(&site, &person, &opened, said).await
}

/// How the question was answered.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    Nothing,
    Empty,
    No,
}

async fn approval_page(site: &Site, person: &Person, opened: &Opened, said: Said) -> Page {
    let referral = &opened.referral;
    let mut read = site.relay.store.read().await?;
    let answers = vec![
        Answer::new("yes", "Yes: approve them for print"),
        Answer::new("no", "No: keep the Red Book insert and the copies off"),
    ];
    let wrong = (said == Said::Empty).then_some("Choose an answer");
    let question =
        Choice::new("safe", "Is each of these safe to be read by anyone at home?", answers).error(wrong);
    let approved_by = facts::name_of(&mut read, &referral.print_approved_by).await?;
    page(Approve {
        shell: shell(site, "Approve words for print", Some(person), "")
            .back(format!("/referrals/{}", referral.id), "Referral")
            .error(wrong.is_some()),
        errors: error_list(&[&question]),
        id: referral.id.to_string(),
        reference: referral.reference.clone(),
        words: free_text(&opened.family.answers),
        approved_by,
        kept_off: said == Said::No,
        question,
    })
}

/// Every answer that a person typed freely, as it would be printed.
fn free_text(answers: &Answers) -> Vec<SummaryRow> {
    FIELDS
        .iter()
        .filter(|field| field.part != Part::Restricted && field.kind.free_text())
        .filter_map(|field| answers.shown(field.path).map(|words| SummaryRow::new(field.label, words)))
        .collect()
}
