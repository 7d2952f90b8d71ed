//! A referral before its readers: the setting's own view, and the view of the duty line and of the
//! information governance lead. Opening is recorded first; the restricted part is another act
//! ([`restricted`]). Nothing about a family stands in an address or a title (DOMAIN section 3).

pub mod facts;
pub mod family;
pub mod list;
pub mod restricted;
pub mod safety;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Asked, Field, error_list};
use super::super::headers::picture as as_picture;
use super::super::page::{Page, page, shell};
use super::super::parts::{SummaryRow, Tag};
use super::super::shell::Shell;
use super::super::{Site, State};
use crate::casework::{self, CaseworkError, Opened, Reach};
use crate::domain::form::Part;
use crate::domain::ids::ReferralId;
use crate::domain::people::{Person, Role};
use crate::domain::reference::Reference;
use crate::domain::referral::State as Stands;
use crate::intake::attachment;
use crate::store::referrals::Referral;
use facts::Section;
use list::Asked as Query;

/// The id in an address; anything else is not there.
pub fn id_of<T: FromStr>(text: &str) -> Result<T, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

/// `GET /referrals/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, asked: Query) -> Page {
    let id: ReferralId = id_of(&id)?;
    if person.role == Role::IntakeDesk {
        return Ok(Redirect::to(&format!("/desk/referrals/{id}")).into_response());
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    if person.role.in_setting() {
        return super::setting::view::for_setting(&site, &person, opened).await;
    }
    let asked = list::asked(&asked);
    let said = match (asked.get("acknowledged"), asked.get("approved")) {
        ("yes", _) if opened.referral.state == Stands::Acknowledged => Said::Acknowledged,
        (_, "yes") if !opened.referral.print_approved_by.is_empty() => Said::Approved,
        _ => Said::Nothing,
    };
    reader_view(&site, &person, opened, said).await
}

/// `GET /referrals/by-reference/{reference}`: what somebody read out over the telephone.
pub async fn by_reference(site: State, Who(person): Who, Path(reference): Path<String>) -> Page {
    let reference = Reference::parse(&reference).map_err(|_| PageError::NotFound)?;
    let id = casework::by_reference(&site.relay, &person, &reference).await?;
    Ok(Redirect::to(&format!("/referrals/{id}")).into_response())
}

/// `POST /referrals/{id}/acknowledge`
pub async fn acknowledge(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let id: ReferralId = id_of(&id)?;
    match casework::acknowledge(&site.relay, &person, id).await {
        Ok(_) => Ok(Redirect::to(&format!("/referrals/{id}?acknowledged=yes")).into_response()),
        Err(CaseworkError::Refused(sentence)) => {
            let opened = casework::open(&site.relay, &person, id).await?;
            reader_view(&site, &person, opened, Said::Wrong { at: "restricted", sentence }).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /referrals/{id}/files/{number}`: under a name and a type of ours, never its own.
pub async fn file(site: State, Who(person): Who, Path((id, number)): Path<(String, String)>) -> Page {
    let number: u64 = id_of(&number)?;
    let bytes = casework::open_attachment(&site.relay, &person, id_of(&id)?, number).await?;
    let ending = match attachment::kind_of(&bytes) {
        Ok("application/pdf") => "pdf",
        Ok("image/jpeg") => "jpg",
        Ok("image/png") => "png",
        _ => "bin",
    };
    let disposition = format!("attachment; filename=\"attachment-{number}.{ending}\"");
    let kind = (header::CONTENT_TYPE, "application/octet-stream".to_owned());
    Ok(([kind, (header::CONTENT_DISPOSITION, disposition)], bytes.to_vec()).into_response())
}

/// `GET /referrals/{id}/signed-paper/{number}`: a page of the form that was signed on paper.
pub async fn signed_paper(site: State, Who(person): Who, Path((id, number)): Path<(String, String)>) -> Page {
    let number: u64 = id_of(&number)?;
    let bytes = casework::open_signed_paper(&site.relay, &person, id_of(&id)?, number).await?;
    Ok(as_picture(bytes.to_vec(), number))
}

/// What the page says of the last press of a button.
#[derive(Clone, Copy, PartialEq)]
pub enum Said {
    /// No button was pressed.
    Nothing,
    /// It was refused: beside which control, by its id, and the sentence for people.
    Wrong { at: &'static str, sentence: &'static str },
    /// The referral is taken on.
    Acknowledged,
    /// Its words may be printed.
    Approved,
}

#[derive(Template)]
#[template(path = "pages/referral/reader.html")]
struct ReaderView {
    shell: Shell,
    errors: Vec<(String, String)>,
    said: Said,
    id: String,
    reference: String,
    child: String,
    tags: Vec<Tag>,
    waiting: String,
    timeline: Vec<SummaryRow>,
    sections: Vec<Section>,
    contact: Vec<SummaryRow>,
    signatures: facts::Signatures,
    route: Vec<SummaryRow>,
    files: Vec<facts::File>,
    /// Pages of the form that was signed on paper: which page, and its picture's number.
    papers: Vec<(u8, u64)>,
    reason: Option<Field>,
    /// What the family took back, and when; empty when nothing.
    withdrawn: String,
    /// Until when it is open to somebody whose it is not; empty for its own line.
    open_until: String,
    /// Another line's: to be read, and nothing more.
    elsewhere: bool,
    may_acknowledge: bool,
    restricted_read: bool,
    approved: bool,
    without_agreement: Option<String>,
    /// The number to ring when the sender is not verified; empty when none is known.
    unverified: Option<String>,
    social_care: String,
}

/// What a duty line, the information governance lead or a lead of another line sees of an open referral.
pub async fn reader_view(site: &Site, person: &Person, opened: Opened, said: Said) -> Page {
    let Opened { referral, family, evidence, route, reach, .. } = &opened;
    let mut read = site.relay.store.read().await?;
    let elsewhere = reach.elsewhere();
    let reason = (elsewhere || !person.role.on_line()).then(|| reason(said));
    let mut errors =
        error_list(&reason.as_ref().map(|field| field as &dyn Asked).into_iter().collect::<Vec<_>>());
    if let Said::Wrong { at, sentence } = said
        && at != "reason"
    {
        errors.push((at.to_owned(), sentence.to_owned()));
    }
    let (back, label) = back(person, &opened);
    let title = format!("Referral {}", referral.reference);
    let today = site.relay.clock.now().day();
    page(ReaderView {
        shell: shell(site, &title, Some(person), back).back(back, label).error(!errors.is_empty()),
        errors,
        said,
        id: referral.id.to_string(),
        reference: referral.reference.clone(),
        child: facts::child_line(&family.answers, today),
        tags: vec![facts::state_tag(referral.state), facts::urgency_tag(referral.urgency)],
        waiting: facts::waiting(&site.relay.calendars.of(&referral.locality), referral, today),
        timeline: facts::timeline(&mut read, referral).await?,
        sections: Part::FAMILY
            .iter()
            .filter_map(|part| facts::section(&family.answers, *part, false))
            .collect(),
        contact: facts::contact(&family.answers),
        signatures: facts::signatures(evidence),
        route: facts::route(site, &mut read, referral, route).await?,
        files: facts::files(&family.attachments),
        papers: facts::papers(evidence),
        reason,
        withdrawn: facts::withdrawn(referral),
        open_until: until(reach),
        elsewhere,
        may_acknowledge: may_acknowledge(person, referral),
        restricted_read: referral.restricted_read_at != 0,
        approved: !referral.print_approved_by.is_empty(),
        without_agreement: super::print::without_agreement(&opened),
        unverified: list::unverified(&mut read, referral.organisation).await?,
        social_care: site.social_care.clone(),
    })
}

/// Where the page leads back to.
fn back(person: &Person, opened: &Opened) -> (&'static str, &'static str) {
    match (person.role.on_line(), opened.referral.state) {
        (false, _) => ("/governance", "Governance"),
        (true, _) if opened.reach.elsewhere() => ("/break-glass", "Other lines"),
        (true, Stands::Acknowledged) => ("/inbox/acknowledged", "Acknowledged referrals"),
        (true, _) => ("/inbox", "Inbox"),
    }
}

/// Until when a referral stays open to somebody whose it is not.
fn until(reach: &Reach) -> String {
    match reach {
        Reach::Theirs => String::new(),
        Reach::ByReason(opening) => opening.ends.for_people(),
    }
}

/// The question that whoever it does not belong to answers before the restricted part is opened.
fn reason(said: Said) -> Field {
    let wrong = match said {
        Said::Wrong { at: "reason", sentence } => Some(sentence),
        _ => None,
    };
    Field::new("reason", "Why do you have to read the restricted part?").limit(1_000).rows(3).error(wrong)
}

/// Whether the page shows the button that takes the referral on.
fn may_acknowledge(person: &Person, referral: &Referral) -> bool {
    person.role.on_line() && casework::may_read(person, referral) && referral.state == Stands::Opened
}
