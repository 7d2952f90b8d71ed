//! On paper: print the form, have it signed, photograph or scan it back, confirm what is on it.
//!
//! ```text
//!  /drafts/{id}/paper ─> print (paper.pdf, paper/form) ─> signed by hand ─> send each page here ─┐
//!        ^  a sentence for every page that is not taken                                           │
//!        └────────────────────────────────────────────────────────────────────────────────────────┤
//!  sign <─ paper/confirm: the pictures beside the questions <─ every page is here <───────────────┘
//! ```
//!
//! The file that is sent is never kept and never shown: only pictures drawn afresh from it, in a child
//! process (`scan`). A crash keeps the pages that were acknowledged.

mod confirm;
mod questions;

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse as _;

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::ScanUpload;
use super::super::super::headers::picture as as_picture;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::summary::{self, Changed};
use super::{CHECK, Step, Stop, around, at, complete, draft_id, go, settled};
use crate::documents::facts::FamilyAnswers;
use crate::documents::{self, Attached, Document, PaperForm};
use crate::domain::agreement::{Scans, Statement};
use crate::domain::people::Person;
use crate::domain::words::Words;
use crate::intake::Family;
use crate::pipeline::drafts::Open;
use crate::pipeline::papers::{self, Form, Refusal, Sent};

pub use confirm::{save as confirm_save, show as confirm};

/// What the form is opened with to choose a file.
const ACCEPT: &str = "image/jpeg,image/png,application/pdf";

#[derive(Template)]
#[template(path = "pages/setting/paper.html")]
struct PaperPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    file: Field,
    accept: &'static str,
    /// What is not as it was when somebody last agreed.
    changes: Vec<Changed>,
    /// Pages that the form has when it is printed now.
    printed: u8,
    reference: String,
    version: String,
    /// Pages that are here, with the address of the picture.
    here: Vec<(u8, String)>,
    /// The pages that are missing, in words; empty when none is or none came yet.
    missing: String,
    /// No code was found: they may compare the printed reference instead.
    may_compare: bool,
    pdf: String,
    twin: String,
    send: String,
    /// Where it goes on; empty while a page is missing.
    next: String,
    social_care: String,
}

/// `GET /drafts/{id}/paper`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    super::show(page_of(&site, &person, &open, None)?)
}

/// `POST /drafts/{id}/paper`: one photo or one PDF.
pub async fn send(site: State, Who(person): Who, Path(id): Path<String>, upload: ScanUpload) -> Step {
    let open = complete(&site, &person, &id).await?;
    let statement = printed_statement(&site);
    let pages = printed_pages(&document(&site, &open, &statement))?;
    drop(open);
    let sent = Sent { bytes: &upload.bytes, compared: upload.compared, pages };
    let added = papers::add(&site.relay, &person, draft_id(&id)?, &statement, sent).await;
    match settled(&site, &person, &id, added).await? {
        Ok(scans) if scans.missing().is_empty() => go(at(draft_id(&id)?, "paper/confirm")),
        Ok(_) => go(at(draft_id(&id)?, "paper")),
        Err(refusal) => {
            let open = complete(&site, &person, &id).await?;
            super::mend(page_of(&site, &person, &open, Some(refusal))?)
        }
    }
}

/// `GET /drafts/{id}/paper.pdf`
pub async fn pdf(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    let file = documents::render(&document(&site, &open, &printed_statement(&site)));
    let file = file.map_err(|error| PageError::Internal(error.to_string()))?;
    papers::printed(&site.relay, &person, &open).await?;
    let kind = (header::CONTENT_TYPE, "application/pdf");
    let name = (header::CONTENT_DISPOSITION, "inline; filename=\"form-to-sign.pdf\"");
    Ok(([kind, name], file.pdf).into_response())
}

#[derive(Template)]
#[template(path = "pages/print/document.html")]
struct Twin {
    shell: Shell,
    /// Escaped by `documents::html`, the one place that writes a document as a page.
    content: String,
    approved: bool,
    pdfs: Vec<(&'static str, String)>,
}

/// `GET /drafts/{id}/paper/form`: the same form as a page.
pub async fn twin(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    let content = documents::html(&document(&site, &open, &printed_statement(&site)));
    papers::printed(&site.relay, &person, &open).await?;
    let id = open.row.id;
    super::show(Twin {
        shell: around(&site, &person, "Form to sign", at(id, "paper")),
        content,
        approved: false,
        pdfs: vec![("Get it as a PDF", at(id, "paper.pdf"))],
    })
}

/// `GET /drafts/{id}/paper/{number}`: a picture that was drawn here.
pub async fn picture(site: State, Who(person): Who, Path((id, number)): Path<(String, String)>) -> Step {
    let number: u64 = number.parse().map_err(|_| PageError::NotFound)?;
    let bytes = papers::picture(&site.relay, &person, draft_id(&id)?, number).await;
    let bytes = settled(&site, &person, &id, bytes).await?;
    Ok(as_picture(bytes.to_vec(), number))
}

/// The form as it would be printed now.
fn document(site: &Site, open: &Open, statement: &Statement) -> Document {
    let family = open.content.family(site.relay.context());
    let form = Form::of(&site.relay, open, statement);
    documents::paper_form(&PaperForm {
        family: FamilyAnswers(&family.answers),
        attachments: attached(&family),
        statement,
        beside: None,
        setting: open.content.raw.get("referrer.setting"),
        mark: form.mark,
        printed: site.relay.clock.now(),
    })
}

fn attached(family: &Family) -> Vec<Attached> {
    let one = |file: &crate::intake::Attachment| Attached {
        name: file.name.clone(),
        kind: file.kind.clone(),
        size: file.size,
    };
    family.attachments.iter().map(one).collect()
}

/// The statement that is printed: the English one of the version that is shown today.
fn printed_statement(site: &Site) -> Statement {
    site.relay.statement().signed(Words::english().code).0
}

fn printed_pages(document: &Document) -> Result<u8, Stop> {
    let pages = documents::pages(document).map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(u8::try_from(pages).unwrap_or(u8::MAX))
}

fn page_of(site: &Site, person: &Person, open: &Open, refusal: Option<Refusal>) -> Result<PaperPage, Stop> {
    let (id, statement) = (open.row.id, printed_statement(site));
    let form = Form::of(&site.relay, open, &statement);
    let scans = form.scans(open);
    let error = refusal.map(|refusal| refusal.to_string()).or_else(|| stale(open, scans));
    let file = Field::new("file", "Choose a photo or a scan of one page, or a PDF of all pages")
        .hint("A JPEG, a PNG or a PDF, 10 MB or smaller. On a phone, take the photo as JPEG.")
        .error(error);
    let errors = error_list(&[&file]);
    let whole = scans.is_some_and(|scans| scans.missing().is_empty());
    Ok(PaperPage {
        shell: around(site, person, "Sign on paper", at(id, CHECK)).error(!errors.is_empty()),
        errors,
        file,
        accept: ACCEPT,
        changes: summary::changed(&open.content.since_agreed(site.relay.context())),
        printed: printed_pages(&document(site, open, &statement))?,
        reference: form.mark.reference(),
        version: form.mark.version(),
        here: scans.map_or_else(Vec::new, |scans| here(id, scans)),
        missing: scans.map_or_else(String::new, missing),
        may_compare: refusal == Some(Refusal::NoCode),
        pdf: at(id, "paper.pdf"),
        twin: at(id, "paper/form"),
        send: at(id, "paper"),
        next: if whole { at(id, "paper/confirm") } else { String::new() },
        social_care: site.social_care.clone(),
    })
}

/// What is said of pages that came back before the words were changed.
fn stale(open: &Open, scans: Option<&Scans>) -> Option<String> {
    let old = open.content.paper.is_some() && scans.is_none();
    old.then(|| Refusal::OlderWords.to_string())
}

/// Each page that is here, with its picture's address.
fn here(id: crate::domain::ids::DraftId, scans: &Scans) -> Vec<(u8, String)> {
    scans.found.iter().map(|one| (one.page, at(id, &format!("paper/{}", one.number)))).collect()
}

/// `Page 2 of 3 is missing.`
fn missing(scans: &Scans) -> String {
    let pages: Vec<String> = scans.missing().iter().map(u8::to_string).collect();
    match pages.as_slice() {
        [] => String::new(),
        [one] => format!("Page {one} of {} is missing. Send it too.", scans.pages),
        [most @ .., last] => {
            format!("Pages {} and {last} of {} are missing. Send them too.", most.join(", "), scans.pages)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agreement::PaperPage as Page;
    use crate::gate::statements;

    #[test]
    fn what_is_missing_is_named() {
        let page = |page| Page { page, number: 1, picture_sha256: String::new(), code_read: true };
        let with = |pages: u8, here: &[u8]| {
            missing(&Scans {
                content_sha256: String::new(),
                statement: statements::sample(),
                pages,
                found: here.iter().map(|one| page(*one)).collect(),
            })
        };
        assert_eq!(with(2, &[1, 2]), "");
        assert_eq!(with(3, &[1, 3]), "Page 2 of 3 is missing. Send it too.");
        assert_eq!(with(4, &[2]), "Pages 1, 3 and 4 of 4 are missing. Send them too.");
    }
}
