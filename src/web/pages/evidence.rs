//! The evidence page of a referral: everything about its signatures on one page, and as a PDF of the same
//! content (DOMAIN section 3). Each look is recorded; the check of the content is made at each look.

use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse as _;

use super::super::access::Who;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::print::as_file;
use super::referral::id_of;
use crate::casework::{self, EvidenceOpened};
use crate::documents::{self, Content, EvidencePrint};
use crate::domain::ids::ReferralId;
use crate::domain::reference::Reference;
use crate::store::people;

#[derive(Template)]
#[template(path = "pages/print/evidence.html")]
struct Twin {
    shell: Shell,
    /// Escaped by `documents::html`, the one place that writes a document as a page.
    content: String,
    pdf: String,
}

/// `GET /referrals/{id}/evidence`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let id: ReferralId = id_of(&id)?;
    let opened = casework::open_evidence(&site.relay, &person, id, "page").await?;
    let document = documents::evidence_sheet(&print_of(&site, &opened).await?);
    let back = format!("/referrals/{id}");
    page(Twin {
        shell: shell(&site, &document.title, Some(&person), "").back(back, "Referral"),
        content: documents::html(&document),
        pdf: format!("/referrals/{id}/evidence.pdf"),
    })
}

/// `GET /referrals/{id}/evidence.pdf`
pub async fn pdf(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let opened = casework::open_evidence(&site.relay, &person, id_of(&id)?, "pdf").await?;
    let document = documents::evidence_sheet(&print_of(&site, &opened).await?);
    Ok(as_file(&document, "evidence.pdf")?.into_response())
}

async fn print_of<'a>(site: &Site, opened: &'a EvidenceOpened) -> Result<EvidencePrint<'a>, PageError> {
    let referral = &opened.referral;
    let setting = people::organisation(&mut site.relay.store.read().await?, referral.organisation).await?;
    let reference = Reference::parse(&referral.reference);
    Ok(EvidencePrint {
        reference: reference.map_err(|_| PageError::Tampered("reference".to_owned()))?,
        version: referral.content_version,
        setting: setting.map_or_else(String::new, |setting| setting.name),
        agreement: opened.evidence.agreement.as_ref(),
        referrer: opened.evidence.referrer.as_ref(),
        lawful: opened.evidence.lawful.as_ref(),
        with_reasons: opened.with_reasons,
        content: opened.content_sha256.clone().map_or(Content::Unreadable, Content::Hash),
        checked_at: site.relay.clock.now(),
    })
}
