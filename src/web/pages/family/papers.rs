//! The family's papers: their copy of the form and the page for the Red Book, as page and as PDF; each
//! opening is recorded. They are the signer's: another parent gets none.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse as _;

use super::super::super::error::PageError;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::print;
use super::super::setting::{Step, Stop};
use super::{Reading, around, at, opened, show};
use crate::casework::{Opened, Reach};
use crate::documents::{self, Document};
use crate::family::{self, FamilyError};

#[derive(Template)]
#[template(path = "pages/family/paper.html")]
struct Paper {
    shell: Shell,
    /// Escaped by `documents::html`, the one place that writes a document as a page.
    content: String,
    back: String,
    pdf: String,
}

/// Which paper.
#[derive(Clone, Copy)]
enum Which {
    Copy,
    RedBook,
}

impl Which {
    const fn file(self) -> &'static str {
        match self {
            Which::Copy => "copy.pdf",
            Which::RedBook => "red-book.pdf",
        }
    }
}

/// `GET /family/{token}/copy`
pub async fn copy(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    twin(&site, &token, &reading, Which::Copy).await
}

/// `GET /family/{token}/red-book`
pub async fn red_book(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    twin(&site, &token, &reading, Which::RedBook).await
}

/// `GET /family/{token}/copy.pdf`
pub async fn copy_pdf(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    pdf(&site, &token, &reading, Which::Copy).await
}

/// `GET /family/{token}/red-book.pdf`
pub async fn red_book_pdf(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    pdf(&site, &token, &reading, Which::RedBook).await
}

async fn twin(site: &Site, token: &str, reading: &Reading, which: Which) -> Step {
    let document = document(site, token, reading, which).await?;
    let page = Paper {
        shell: around(site, reading, &document.title),
        content: documents::html(&document),
        back: at(token, ""),
        pdf: at(token, which.file()),
    };
    show(reading, page)
}

async fn pdf(site: &Site, token: &str, reading: &Reading, which: Which) -> Step {
    let document = document(site, token, reading, which).await?;
    let rendered = documents::render(&document).map_err(|error| PageError::Internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", which.file())),
    ];
    Ok((headers, rendered.pdf).into_response())
}

/// The paper; what is withdrawn or not theirs leads back to the first page of the link.
async fn document(site: &Site, token: &str, reading: &Reading, which: Which) -> Result<Document, Stop> {
    let link = opened(site, token, reading).await?;
    let what = match which {
        Which::Copy => "copy",
        Which::RedBook => "red-book",
    };
    let shared = match family::shared(&site.relay, &link, what).await {
        Ok(shared) if !shared.contact.other => shared,
        Ok(_) | Err(FamilyError::Missing) => return Err(Stop::Go(at(token, ""))),
        Err(error) => return Err(error.into()),
    };
    let opened = Opened {
        referral: shared.referral,
        reach: Reach::Theirs,
        family: shared.family,
        evidence: shared.evidence,
        verdict: shared.verdict,
        route: shared.route,
    };
    let facts = print::facts(site, &opened).await?;
    let print = print::print_of(&opened, &facts);
    Ok(match which {
        Which::Copy => documents::senders_copy(&print),
        Which::RedBook => documents::red_book_insert(&print, documents::Page::A5Insert),
    })
}
