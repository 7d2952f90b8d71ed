//! Something about safety became known after sending: the staff-only part is written anew, with what
//! stands there before the writer. It is answered to a POST, so no address leads to it. Saving ends every
//! link of the family whatever was answered, so that the ending of one tells nothing.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};

use super::super::super::access::Who;
use super::super::super::form::Protected;
use super::super::super::page::{Page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::setting::questions::{self, Question};
use super::id_of;
use crate::casework;
use crate::domain::form::spec::fields_of;
use crate::domain::form::{Answers, Fault, Part, Raw};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;

#[derive(Template)]
#[template(path = "pages/referral/safety.html")]
struct Safety {
    shell: Shell,
    errors: Vec<(String, String)>,
    questions: Vec<Question>,
    action: String,
    social_care: String,
}

/// `POST /referrals/{id}/safety`: shows the form, or saves it.
pub async fn write(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    if form.get("then") != "save" {
        let restricted = casework::open_restricted(&site.relay, &person, id, "writing-anew").await?;
        return answer(&site, &person, id, &typed(&restricted.answers), &[]);
    }
    let faults = casework::change_restricted(&site.relay, &person, id, &form).await?;
    if faults.is_empty() {
        return Ok(Redirect::to(&format!("/referrals/{id}")).into_response());
    }
    answer(&site, &person, id, &form, &faults)
}

/// Kept answers as the form has them.
fn typed(answers: &Answers) -> Raw {
    let mut raw = Raw::default();
    for field in fields_of(Part::Restricted) {
        answers.all(field.path).iter().for_each(|value| raw.push(field.path, value.clone()));
    }
    raw
}

fn answer(site: &Site, person: &Person, id: ReferralId, raw: &Raw, faults: &[Fault]) -> Page {
    let questions = questions::of(Part::Restricted, raw, faults);
    let errors = questions::errors(&questions);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Safety {
        shell: shell(site, "Staff only", Some(person), "")
            .back(format!("/referrals/{id}"), "Referral")
            .exit_this_page()
            .error(!errors.is_empty()),
        errors,
        questions,
        action: format!("/referrals/{id}/safety"),
        social_care: site.social_care.clone(),
    };
    Ok((status, Html(page.render()?)).into_response())
}
