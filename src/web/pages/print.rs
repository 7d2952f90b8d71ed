//! What goes on paper, as pages of the same content (DOMAIN section 6: every document has an HTML
//! twin): the clinical referral, the Red Book insert, the copy. Making one is recorded before it is
//! shown. What a family may hold stays off until somebody has read every free-text answer and
//! approved it; that is asked for every referral, so that the asking tells nothing.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Answer, Choice, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::facts::{self, Section, Signatures};
use super::referral::id_of;
use crate::casework::{self, Opened, Paper};
use crate::domain::birth::BirthDate;
use crate::domain::form::{Answers, FIELDS, Part};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::store::{StoreError, people};

/// Who stands at the head and the foot of a document: no family in it.
struct Letterhead {
    reference: String,
    version: u64,
    setting: String,
    line: String,
    phones: String,
}

#[derive(Template)]
#[template(path = "pages/print/referral.html")]
struct Referral {
    shell: Shell,
    heading: &'static str,
    head: Letterhead,
    urgency: &'static str,
    sections: Vec<Section>,
    signatures: Signatures,
}

#[derive(Template)]
#[template(path = "pages/print/red_book.html")]
struct RedBook {
    shell: Shell,
    head: Letterhead,
    child: Vec<SummaryRow>,
    blanks_before: &'static [&'static str],
    words: Vec<SummaryRow>,
    blanks_after: &'static [&'static str],
}

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

/// `GET /referrals/{id}/print`
pub async fn referral(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    form_on_paper(&site, &person, id_of(&id)?, Paper::Referral).await
}

/// `GET /referrals/{id}/copy`: the same without anything of the restricted part, its urgency included.
pub async fn copy(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    form_on_paper(&site, &person, id_of(&id)?, Paper::Copy).await
}

async fn form_on_paper(site: &Site, person: &Person, id: ReferralId, paper: Paper) -> Page {
    let opened = match on_paper(site, person, id, paper).await? {
        Some(opened) => opened,
        None => return Ok(approve_first(id)),
    };
    let heading = if paper == Paper::Copy { "Copy of a referral" } else { "Referral to health visiting" };
    let answers = &opened.family.answers;
    page(Referral {
        shell: shell(site, heading, Some(person), "").back(format!("/referrals/{id}"), "Referral"),
        heading,
        head: letterhead(site, &opened).await?,
        urgency: if paper == Paper::Copy { "" } else { opened.referral.urgency.label() },
        sections: Part::FAMILY.iter().filter_map(|part| facts::section(answers, *part, true)).collect(),
        signatures: facts::signatures(&opened.evidence),
    })
}

/// `GET /referrals/{id}/red-book`
pub async fn red_book(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let id: ReferralId = id_of(&id)?;
    let Some(opened) = on_paper(&site, &person, id, Paper::RedBook).await? else {
        return Ok(approve_first(id));
    };
    let today = site.relay.clock.now().day();
    page(RedBook {
        shell: shell(&site, "Red Book insert", Some(&person), "")
            .back(format!("/referrals/{id}"), "Referral"),
        head: letterhead(&site, &opened).await?,
        child: child_rows(&opened.family.answers, today),
        blanks_before: &["Date and place", "Who was present"],
        words: insert_rows(&opened.family.answers),
        blanks_after: &["Agreed actions: what, who, by when", "Lead professional", "Follow-up date"],
    })
}

/// Opens a referral and records that the document was made; `None` when its words have to be
/// approved first.
async fn on_paper(
    site: &Site,
    person: &Person,
    id: ReferralId,
    paper: Paper,
) -> Result<Option<Opened>, PageError> {
    let opened = casework::open(&site.relay, person, id).await?;
    if paper.needs_approval() && opened.referral.print_approved_by.is_empty() {
        return Ok(None);
    }
    casework::printed(&site.relay, person, &opened.referral, paper).await?;
    Ok(Some(opened))
}

fn approve_first(id: ReferralId) -> axum::response::Response {
    Redirect::to(&format!("/referrals/{id}/approve")).into_response()
}

async fn letterhead(site: &Site, opened: &Opened) -> Result<Letterhead, StoreError> {
    let mut read = site.relay.store.read().await?;
    let setting = people::organisation(&mut read, opened.referral.organisation).await?;
    let line = site.relay.places.locality(&opened.referral.locality);
    let phones: Vec<&str> =
        line.map_or_else(Vec::new, |line| line.phones.iter().map(|phone| phone.as_typed()).collect());
    Ok(Letterhead {
        reference: opened.referral.reference.clone(),
        version: opened.referral.content_version,
        setting: setting.map_or_else(String::new, |setting| setting.name),
        line: line.map_or_else(String::new, |line| line.name.clone()),
        phones: phones.join(" or "),
    })
}

fn child_rows(answers: &Answers, today: Date) -> Vec<SummaryRow> {
    let mut rows = vec![SummaryRow::new("Name", answers.child_name())];
    let born = BirthDate::parse(answers.get("child.date_of_birth"), today).ok();
    rows.extend(answers.shown("child.date_of_birth").map(|day| SummaryRow::new("Date of birth", day)));
    rows.extend(born.map(|born| SummaryRow::new("Age in months", born.months_at(today).to_string())));
    rows.extend(answers.shown("child.nhs_number").map(|number| SummaryRow::new("NHS number", number)));
    rows
}

/// What the insert says; never other agencies, addresses or telephone numbers of the family.
fn insert_rows(answers: &Answers) -> Vec<SummaryRow> {
    [
        ("Strengths", "reason.strengths"),
        ("Prime areas of concern", "reason.areas"),
        ("Concerns", "reason.concerns"),
        ("Parent’s or carer’s views", "reason.parent_goals"),
    ]
    .into_iter()
    .filter_map(|(label, path)| answers.shown(path).map(|words| SummaryRow::new(label, words)))
    .collect()
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
