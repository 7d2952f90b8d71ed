//! Requests for a reset of somebody's signing in: another person speaks with them on a number that they
//! know, and only then the link goes out. Whose requests one sees is checked beside the data.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Answer, Choice, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::people::to_decide::{Item, ToDecide};
use super::referral::list::{self, Asked};
use crate::domain::people::Person;
use crate::people::reset::{self, Waiting};

#[derive(Template)]
#[template(path = "pages/people/reset.html")]
struct One {
    shell: Shell,
    errors: Vec<(String, String)>,
    who: Vec<SummaryRow>,
    decision: Choice,
}

/// `GET /people/resets`
pub async fn list(site: State, Who(person): Who, asked: Asked) -> Page {
    let item = |one: Waiting| Item {
        href: format!("/people/resets/{}", one.id),
        cells: [one.person.role.label().to_owned(), one.person.organisation_name, one.asked_at.for_people()],
        name: one.person.name,
    };
    let waiting = reset::waiting(&site.relay, &person).await?;
    let done = match list::asked(&asked).get("done") {
        "approved" => "The link is sent",
        "declined" => "The request is declined",
        _ => "",
    };
    page(ToDecide {
        shell: shell(&site, "Requests for a reset", Some(&person), "").back("/account", "Your account"),
        done,
        heading: "Requests for a reset",
        none: "No requests wait for you.",
        intro: "These people say that they cannot sign in. Anybody who knows an address can ask, so speak with them first, on a number that you know already.",
        caption: "Requests",
        heads: ["Name", "Role", "Where", "Asked"],
        items: waiting.into_iter().map(item).collect(),
    })
}

/// `GET /people/resets/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let asked = reset::find(&site.relay, &person, &id).await?.ok_or(PageError::NotFound)?;
    form(&site, &person, &asked, None)
}

fn form(site: &Site, person: &Person, asked: &Waiting, wrong: Option<&str>) -> Page {
    let answers = vec![
        Answer::new("approve", "I have spoken with them on a number I know, and it was they who asked"),
        Answer::new("decline", "They did not ask for this, or I am not sure").hint("No link is sent"),
    ];
    let decision =
        Choice::new("decision", "Was it really they who asked?", answers).error(wrong).legend_size("m");
    let who = vec![
        SummaryRow::new("Name", asked.person.name.clone()),
        SummaryRow::new("Role", asked.person.role.label()),
        SummaryRow::new("Organisation", asked.person.organisation_name.clone()),
        SummaryRow::new("Email address", asked.person.email.clone()),
        SummaryRow::new("Asked", asked.asked_at.for_people()),
    ];
    let moved =
        asked.moved.then(|| SummaryRow::new("Careful", "This address was changed in the last 3 days"));
    let who = who.into_iter().chain(moved).collect();
    let shell = shell(site, "Reset somebody’s signing in", Some(person), "");
    let shell = shell.back("/people/resets", "All requests").error(wrong.is_some());
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(One { shell, errors: error_list(&[&decision]), who, decision })?).into_response())
}

/// `POST /people/resets/{id}`
pub async fn decide(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(sent): Protected,
) -> Page {
    let asked = reset::find(&site.relay, &person, &id).await?.ok_or(PageError::NotFound)?;
    let approve = match sent.get("decision") {
        "approve" => true,
        "decline" => false,
        _ => return form(&site, &person, &asked, Some("Choose whether it was really they who asked")),
    };
    match reset::decide(&site.relay, &person, &asked, approve).await? {
        true if approve => Ok(Redirect::to("/people/resets?done=approved").into_response()),
        true => Ok(Redirect::to("/people/resets?done=declined").into_response()),
        false => Err(PageError::Conflict),
    }
}
