//! What goes on paper, as a page and as a PDF of the same content (DOMAIN section 6: every document has
//! an HTML twin). Making one is recorded before it is shown. What a family may hold stays off until
//! somebody has read every free-text answer and approved it. File names say nothing of a child.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::id_of;
use super::referral::list::{self, Asked};
use crate::casework::{self, Opened, Paper};
use crate::documents::facts::FamilyAnswers;
use crate::documents::{self, Attached, Document, DutyLine, Facts, Printed, ReferralPrint};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::domain::reference::Reference;
use crate::domain::time::Instant;
use crate::domain::verdict::Verdict;
use crate::store::people;

#[derive(Template)]
#[template(path = "pages/print/document.html")]
struct Twin {
    shell: Shell,
    /// Escaped by `documents::html`, the one place that writes a document as a page.
    content: String,
    /// Said above it when its words have just been approved.
    approved: bool,
    pdfs: Vec<(&'static str, String)>,
}

/// `GET /referrals/{id}/print`
pub async fn referral(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let pdfs = [("Get it as a PDF", "referral.pdf")];
    twin(&site, &person, id_of(&id)?, (Paper::Referral, "print"), &asked, &pdfs).await
}

/// `GET /referrals/{id}/copy`: without anything of the restricted part, the urgency included.
pub async fn copy(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let pdfs = [("Get it as a PDF", "copy.pdf")];
    twin(&site, &person, id_of(&id)?, (Paper::Copy, "copy"), &asked, &pdfs).await
}

/// `GET /referrals/{id}/red-book`
pub async fn red_book(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let pdfs = [("Get it as a PDF, A5", "red-book.pdf"), ("Get two on an A4 sheet", "red-book-2up.pdf")];
    twin(&site, &person, id_of(&id)?, (Paper::RedBook, "red-book"), &asked, &pdfs).await
}

/// `GET /referrals/{id}/referral.pdf`
pub async fn referral_pdf(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    pdf(&site, &person, id_of(&id)?, (Paper::Referral, "referral.pdf"), documents::Page::A4).await
}

/// `GET /referrals/{id}/copy.pdf`
pub async fn copy_pdf(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    pdf(&site, &person, id_of(&id)?, (Paper::Copy, "copy.pdf"), documents::Page::A4).await
}

/// `GET /referrals/{id}/red-book.pdf`
pub async fn red_book_pdf(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    pdf(&site, &person, id_of(&id)?, (Paper::RedBook, "red-book.pdf"), documents::Page::A5Insert).await
}

/// `GET /referrals/{id}/red-book-2up.pdf`
pub async fn red_book_two_up(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    pdf(&site, &person, id_of(&id)?, (Paper::RedBook, "red-book-2up.pdf"), documents::Page::A5TwoUpOnA4).await
}

/// `POST /referrals/{id}/restricted-sheet`: a recorded act of its own; as a PDF, or as a page.
pub async fn restricted_sheet(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    let opened = casework::open(&site.relay, &person, id).await?;
    let restricted = casework::open_restricted(&site.relay, &person, id, "triage").await?;
    casework::printed(&site.relay, &person, &opened.referral, Paper::RestrictedSheet).await?;
    let printed = Printed { by: person.name.clone(), at: site.relay.clock.now() };
    let facts = facts(&site, &opened).await?;
    let sheet = documents::restricted_sheet(&print_of(&opened, &facts), &restricted.answers, &printed);
    match form.get("as") {
        "page" => page(Twin {
            shell: shell(&site, "Restricted sheet", Some(&person), "")
                .back(format!("/referrals/{id}"), "Referral")
                .exit_this_page(),
            content: documents::html(&sheet),
            approved: false,
            pdfs: Vec::new(),
        }),
        _ => as_file(&sheet, "restricted-sheet.pdf"),
    }
}

/// A paper, and the end of the address under which it was asked for.
type Wanted = (Paper, &'static str);

async fn twin(
    site: &Site,
    person: &Person,
    id: ReferralId,
    wanted: Wanted,
    asked: &Asked,
    pdfs: &[(&'static str, &str)],
) -> Page {
    let (paper, _) = wanted;
    let Some(opened) = on_paper(site, person, id, paper).await? else { return Ok(approve_first(id, wanted)) };
    let facts = facts(site, &opened).await?;
    let document = document(&print_of(&opened, &facts), paper, documents::Page::A5Insert);
    page(Twin {
        shell: shell(site, &document.title, Some(person), "").back(format!("/referrals/{id}"), "Referral"),
        content: documents::html(&document),
        approved: paper.needs_approval() && list::asked(asked).get("approved") == "yes",
        pdfs: pdfs.iter().map(|(label, file)| (*label, format!("/referrals/{id}/{file}"))).collect(),
    })
}

async fn pdf(site: &Site, person: &Person, id: ReferralId, wanted: Wanted, sheet: documents::Page) -> Page {
    let (paper, _) = wanted;
    let Some(opened) = on_paper(site, person, id, paper).await? else { return Ok(approve_first(id, wanted)) };
    let facts = facts(site, &opened).await?;
    as_file(&document(&print_of(&opened, &facts), paper, sheet), &format!("{}.pdf", paper.code()))
}

fn document(print: &ReferralPrint, paper: Paper, sheet: documents::Page) -> Document {
    match paper {
        Paper::RedBook => documents::red_book_insert(print, sheet),
        Paper::Copy => documents::senders_copy(print),
        Paper::Referral | Paper::RestrictedSheet => documents::referral(print),
    }
}

pub(super) fn as_file(document: &Document, name: &str) -> Page {
    let rendered = documents::render(document).map_err(|error| PageError::Internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
    ];
    Ok((headers, rendered.pdf).into_response())
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
    if opened.reach.elsewhere() {
        return Err(PageError::NotFound);
    }
    let sent = opened.referral.was_sent();
    let off = opened.referral.without_agreement || opened.referral.print_approved_by.is_empty();
    if paper.needs_approval() && (!sent || off) {
        return Ok(None);
    }
    if !sent {
        return Err(PageError::NotFound);
    }
    casework::printed(&site.relay, person, &opened.referral, paper).await?;
    Ok(Some(opened))
}

fn approve_first(id: ReferralId, (_, file): Wanted) -> Response {
    Redirect::to(&format!("/referrals/{id}/approve?for={file}")).into_response()
}

/// What a document says besides the answers.
pub(super) async fn facts(site: &Site, opened: &Opened) -> Result<Facts, PageError> {
    let referral = &opened.referral;
    let setting = people::organisation(&mut site.relay.store.read().await?, referral.organisation).await?;
    let reference = Reference::parse(&referral.reference);
    Ok(Facts {
        reference: reference.map_err(|_| PageError::Tampered("reference".to_owned()))?,
        version: referral.content_version,
        received: Instant::from_micros(referral.submitted_at),
        door: referral.door,
        setting: setting.map_or_else(String::new, |setting| setting.name),
        line: site.relay.places.locality(&referral.locality).as_ref().map(DutyLine::from),
        routed_by: opened.route.reason.clone(),
        urgency: referral.urgency,
        without_agreement: without_agreement(opened),
    })
}

/// Who decided that it went on without agreement, for paper and pages of those who hold it; `None` when
/// somebody agreed.
pub(super) fn without_agreement(opened: &Opened) -> Option<String> {
    let Verdict::LawfulRoute(route) = &opened.verdict else { return None };
    let told = match route.parent_told {
        true => "The parent was told that it is shared.",
        false => "The parent was not told: talk with each other before anybody contacts the family.",
    };
    Some(format!("Decided by {}. Checked by {}. {told}", route.decided_by, route.checked_by))
}

/// What the documents are made from.
pub(super) fn print_of<'a>(opened: &'a Opened, facts: &'a Facts) -> ReferralPrint<'a> {
    let attached = |file: &crate::intake::Attachment| Attached {
        name: file.name.clone(),
        kind: file.kind.clone(),
        size: file.size,
    };
    ReferralPrint {
        facts,
        family: FamilyAnswers(&opened.family.answers),
        agreement: opened.evidence.agreement.as_ref(),
        referrer: opened.evidence.referrer.as_ref(),
        attachments: opened.family.attachments.iter().map(attached).collect(),
    }
}
