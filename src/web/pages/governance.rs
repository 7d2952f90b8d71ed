//! The start page of the information governance lead: one referral by its reference, for a purpose from
//! a list and with a reason (DOMAIN section 9). Without that act nothing opens; with it, for a time.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Answer, Choice, Field, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::elsewhere::Faults;
use crate::casework::{self, CaseworkError};
use crate::domain::form::Raw;
use crate::domain::opening::Purpose;
use crate::domain::people::Person;
use crate::store::{openings, referrals};

const HERE: &str = "/governance";

struct OpenNow {
    id: String,
    reference: String,
    purpose: &'static str,
    until: String,
}

#[derive(Template)]
#[template(path = "pages/governance.html")]
struct Governance {
    shell: Shell,
    errors: Vec<(String, String)>,
    reference: Field,
    purpose: Choice,
    reason: Field,
    hours: i64,
    open: Vec<OpenNow>,
}

/// `GET /governance`
pub async fn ask(site: State, Who(person): Who) -> Page {
    form_page(&site, &person, &Raw::default(), &Faults::default(), None).await
}

/// `POST /governance`
pub async fn open(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let mut faults = Faults::of(&form);
    let purpose = Purpose::from_code(form.get("purpose")).filter(|one| Purpose::GOVERNANCE.contains(one));
    let unsaid = purpose.is_none().then_some("Choose what it is for");
    if let (true, Some(purpose)) = (faults.may_be_tried(&form), purpose) {
        let (typed, reason) = (form.get("reference"), form.get("reason"));
        match casework::govern(&site.relay, &person, typed, purpose, reason).await {
            Ok(id) => return Ok(Redirect::to(&format!("/referrals/{id}")).into_response()),
            Err(CaseworkError::Missing) => faults.not_there(),
            Err(CaseworkError::Refused(sentence)) => faults.reason = Some(sentence.to_owned()),
            Err(other) => return Err(other.into()),
        }
    }
    form_page(&site, &person, &form, &faults, unsaid).await
}

async fn form_page(
    site: &Site,
    person: &Person,
    form: &Raw,
    faults: &Faults,
    unsaid: Option<&'static str>,
) -> Page {
    let [reference, reason] = faults.fields(form, "Why do you have to open it?");
    let reason = reason.hint("For example, who asked, and when. It is kept with the referral.");
    let answers = Purpose::GOVERNANCE.iter().map(|one| Answer::new(one.code(), one.label())).collect();
    let chosen = Some(form.get("purpose")).filter(|purpose| !purpose.is_empty());
    let purpose = Choice::new("purpose", "What is it for?", answers).chosen(chosen).error(unsaid);
    let errors = error_list(&[&reference, &purpose, &reason]);
    page(Governance {
        shell: shell(site, "Governance", Some(person), HERE).error(!errors.is_empty()),
        errors,
        reference,
        purpose,
        reason,
        hours: site.relay.rights.opening_hours(),
        open: open_now(site, person).await?,
    })
}

async fn open_now(site: &Site, person: &Person) -> Result<Vec<OpenNow>, PageError> {
    let mut read = site.relay.store.read().await?;
    let mut all: Vec<OpenNow> = Vec::new();
    for one in openings::of_person(&mut read, person.id, site.relay.clock.now()).await? {
        let id = one.referral.to_string();
        let row = referrals::find(&mut read, one.referral).await?;
        let Some(row) = row.filter(|_| !all.iter().any(|shown| shown.id == id)) else { continue };
        let (purpose, until) = (one.purpose.label(), one.ends.for_people());
        all.push(OpenNow { id, reference: row.reference, purpose, until });
    }
    Ok(all)
}
