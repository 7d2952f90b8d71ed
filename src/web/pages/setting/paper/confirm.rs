//! A person looks at the pictures and says what is on them: who signed, and that name, signature and date
//! are there. No machine reads handwriting here.

use askama::Template;
use axum::extract::Path;

use super::super::super::super::access::Who;
use super::super::super::super::form::Protected;
use super::super::super::super::shell::Shell;
use super::super::super::super::{Site, State};
use super::super::sign::BY_STAFF;
use super::super::{Step, Stop, around, at, complete, draft_id, go, settled};
use super::here;
use super::questions::{self, Confirmed, Questions};
use crate::domain::agreement::{Agreement, Method, Paper, Scans, Way};
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};
use crate::pipeline::papers::Form;

#[derive(Template)]
#[template(path = "pages/setting/paper_confirm.html")]
struct Confirm {
    shell: Shell,
    errors: Vec<(String, String)>,
    /// Each page with the address of its picture.
    pages: Vec<(u8, String)>,
    /// The square code of a page could not be read: a person compared the printed reference.
    compared: bool,
    asked: Questions,
    content: String,
    again: String,
    social_care: String,
}

/// `GET /drafts/{id}/paper/confirm`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    let scans = whole(&site, &open)?;
    super::super::show(page_of(&site, &person, &open, &scans, (Questions::of(&Raw::default()), None)))
}

/// `POST /drafts/{id}/paper/confirm`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let open = complete(&site, &person, &id).await?;
    let scans = whole(&site, &open)?;
    let today = site.relay.clock.now().day();
    let confirmed = match questions::read(&form, today, site.relay.gate().signature_days) {
        Ok(confirmed) => confirmed,
        Err(asked) => return super::super::mend(page_of(&site, &person, &open, &scans, (*asked, None))),
    };
    let agreement = record(&site, &person, &scans, confirmed, form.get("content"));
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(sentence)) => {
            let asked = Questions::of(&form);
            super::super::mend(page_of(&site, &person, &open, &scans, (asked, Some(sentence))))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, BY_STAFF))
        }
    }
}

/// The scans of this very form, every page of it; else the page that says what is missing.
fn whole(site: &Site, open: &Open) -> Result<Scans, Stop> {
    let statement = super::printed_statement(site);
    let form = Form::of(&site.relay, open, &statement);
    let scans = form.scans(open).filter(|scans| scans.missing().is_empty() && !scans.found.is_empty());
    scans.cloned().ok_or_else(|| Stop::Go(at(open.row.id, "paper")))
}

fn page_of(
    site: &Site,
    person: &Person,
    open: &Open,
    scans: &Scans,
    (asked, changed): (Questions, Option<String>),
) -> Confirm {
    let mut errors: Vec<(String, String)> =
        changed.map(|sentence| ("content".to_owned(), sentence)).into_iter().collect();
    errors.extend(asked.errors());
    Confirm {
        shell: around(site, person, "Check the signed form", at(open.row.id, "paper"))
            .error(!errors.is_empty()),
        errors,
        pages: here(open.row.id, scans),
        compared: scans.found.iter().any(|page| !page.code_read),
        asked,
        content: scans.content_sha256.clone(),
        again: at(open.row.id, "paper"),
        social_care: site.social_care.clone(),
    }
}

fn record(site: &Site, person: &Person, scans: &Scans, confirmed: Confirmed, content: &str) -> Agreement {
    let signed = scans.found.last();
    let paper = Paper {
        picture_sha256: signed.map_or_else(String::new, |page| page.picture_sha256.clone()),
        number: signed.map_or(0, |page| page.number),
        code_read: scans.found.iter().all(|page| page.code_read),
        confirmed_by: person.name.clone(),
        pages: scans.found.clone(),
    };
    Agreement {
        printed_name: confirmed.name,
        relationship: confirmed.relationship,
        signatory: confirmed.signatory,
        parental_responsibility: confirmed.responsibility,
        method: Method::PaperScan,
        strokes: None,
        statement: scans.statement.clone(),
        beside: None,
        content_sha256: content.to_owned(),
        signed_on: confirmed.signed_on,
        recorded_at: site.relay.clock.now(),
        present: confirmed.present,
        checked_how: confirmed.checked,
        browser: String::new(),
        address: String::new(),
        notice: site.relay.notice().id(),
        way: Way::Paper(paper),
    }
}
