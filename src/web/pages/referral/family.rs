//! Staff give the family its own page, see which links there are, and end one. Only after the words were
//! approved, and never to where the staff-only answers forbid it (`casework::give_page`).

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::super::super::access::Who;
use super::super::super::field::{Answer, Choice, Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::setting::link::{ContactFaults, contact_of};
use super::id_of;
use crate::casework::{self, CaseworkError, Given, Opened};
use crate::domain::agreement::CodeBy;
use crate::domain::family::Channel;
use crate::domain::form::Raw;
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::domain::words::{ALL, Words};

#[derive(Template)]
#[template(path = "pages/referral/family.html")]
struct View {
    shell: Shell,
    errors: Vec<(String, String)>,
    reference: String,
    here: String,
    /// Why no link can be given now; empty when one can.
    not_now: String,
    approve: String,
    links: Vec<Row>,
    asked: AskedFor,
}

/// What is asked about a link.
struct AskedFor {
    who: Choice,
    by: Choice,
    email: Field,
    phone: Field,
    code_by: Choice,
    language: Choice,
}

impl AskedFor {
    fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.who, &self.by, &self.email, &self.phone, &self.code_by, &self.language])
    }
}

/// One link.
struct Row {
    who: &'static str,
    sent_to: String,
    sent: String,
    state: String,
    /// Where it is ended; empty when it has ended.
    end: String,
}

/// `GET /referrals/{id}/family`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let id: ReferralId = id_of(&id)?;
    let opened = casework::open(&site.relay, &person, id).await?;
    let form = prefilled(&opened);
    page(view(&site, &person, &opened, &form, &ContactFaults::default(), None).await?)
}

/// `POST /referrals/{id}/family`: sends a link.
pub async fn give(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Page {
    let id: ReferralId = id_of(&id)?;
    let (faults, refused) = match contact_of(&form) {
        Ok(mut contact) => {
            contact.other = form.get("who") == OTHER;
            match casework::give_page(&site.relay, &person, id, contact).await {
                Ok(()) => return Ok(Redirect::to(&format!("/referrals/{id}/family")).into_response()),
                Err(CaseworkError::Refused(sentence)) => (ContactFaults::default(), Some(sentence)),
                Err(other) => return Err(other.into()),
            }
        }
        Err(faults) => (faults, None),
    };
    let opened = casework::open(&site.relay, &person, id).await?;
    let body = page(view(&site, &person, &opened, &form, &faults, refused).await?)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `POST /referrals/{id}/family/{link}/end`
pub async fn end(site: State, Who(person): Who, Path((id, link)): Path<(String, String)>) -> Page {
    let id: ReferralId = id_of(&id)?;
    casework::end_link(&site.relay, &person, id, id_of(&link)?).await?;
    Ok(Redirect::to(&format!("/referrals/{id}/family")).into_response())
}

const SIGNER: &str = "signer";
const OTHER: &str = "other";

fn prefilled(opened: &Opened) -> Raw {
    let mut raw = Raw::default();
    raw.set("email", opened.family.answers.get("carer.email"));
    raw.set("phone", opened.family.answers.get("carer.phone"));
    raw
}

async fn view(
    site: &Site,
    person: &Person,
    opened: &Opened,
    form: &Raw,
    faults: &ContactFaults,
    refused: Option<&'static str>,
) -> Result<View, super::PageError> {
    let id = opened.referral.id;
    let may = casework::may_give(person, &opened.referral);
    let links = match casework::may_read_restricted(person, &opened.referral) {
        true => casework::page_links(&site.relay, person, id).await?,
        false => Vec::new(),
    };
    let asked = asked(form, faults, refused);
    let errors = asked.errors();
    let (back, here) = (format!("/referrals/{id}"), format!("/referrals/{id}/family"));
    Ok(View {
        shell: shell(site, "The family's page", Some(person), "")
            .back(&*back, "Referral")
            .error(!errors.is_empty()),
        errors,
        reference: opened.referral.reference.clone(),
        not_now: may.err().unwrap_or_default().to_owned(),
        approve: if opened.referral.was_sent() && opened.referral.print_approved_by.is_empty() {
            format!("{back}/approve")
        } else {
            String::new()
        },
        links: links.iter().map(|one| row(site, &here, one)).collect(),
        here,
        asked,
    })
}

/// The questions with what was typed and what is wrong.
fn asked(form: &Raw, faults: &ContactFaults, refused: Option<&'static str>) -> AskedFor {
    let chosen = |name: &str| Some(form.get(name).to_owned()).filter(|value| !value.is_empty());
    let who = vec![
        Answer::new(SIGNER, "The person who agreed"),
        Answer::new(OTHER, "Another parent")
            .hint("Only when you are sure that it is right and safe. They do not see the address, the words or the acts of the person who agreed"),
    ];
    let ways = Channel::ALL.iter().map(|one| Answer::new(one.code(), one.label())).collect();
    let codes = [CodeBy::Text, CodeBy::Mail].iter().map(|one| Answer::new(one.code(), one.label())).collect();
    let languages = ALL.iter().map(|words| Answer::new(words.code, words.name)).collect();
    let who =
        Choice::new("who", "Whose page is it?", who).chosen([chosen("who").unwrap_or(SIGNER.to_owned())]);
    let by =
        Choice::new("by", "How is the link sent?", ways).chosen(chosen("by")).error(refused.or(faults.by));
    let email = Field::new("email", "Their email address")
        .email()
        .value(form.get("email"))
        .error(faults.email.clone());
    let phone = Field::new("phone", "Their mobile number")
        .telephone()
        .value(form.get("phone"))
        .error(faults.phone.clone());
    let code_by = Choice::new("code_by", "How do they get the code each time?", codes)
        .chosen(chosen("code_by"))
        .error(faults.code_by);
    let language = Choice::new("language", "In which language do they read?", languages)
        .chosen([chosen("language").unwrap_or(Words::english().code.to_owned())]);
    AskedFor { who, by, email, phone, code_by, language }
}

fn row(site: &Site, here: &str, given: &Given) -> Row {
    let link = &given.link;
    let lives = link.lives(site.relay.clock.now());
    let state = match (lives, link.opened_at) {
        (false, _) => "Ended".to_owned(),
        (true, 0) => "Not opened yet".to_owned(),
        (true, _) => "Opened".to_owned(),
    };
    Row {
        who: if given.other { "Another parent" } else { "The person who agreed" },
        sent_to: given.sent_to.clone(),
        sent: link.created.for_people(),
        state,
        end: if lives { format!("{here}/{}/end", link.id) } else { String::new() },
    }
}
