//! Clinical rights that wait: the line's lead, or the information governance lead, approves or declines.

use axum::extract::Path;

use super::to_decide::{Item, ToDecide};
use super::{Ask, chosen, go, person, refusal};
use crate::domain::form::Raw;
use crate::domain::joining::DeclineReason;
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::people::approval;
use crate::store::requests::RightRequest;
use crate::store::{StoreError, people};
use crate::web::access::Who;
use crate::web::field::{Answer, Choice};
use crate::web::form::Protected;
use crate::web::page::{Page, page, shell};
use crate::web::pages::referral::list::{self, Asked};
use crate::web::parts::SummaryRow;
use crate::web::{Site, State};

/// `GET /people/requests`
pub async fn show(site: State, Who(who): Who, asked: Asked) -> Page {
    let mut items = Vec::new();
    for request in approval::to_decide(&site.relay, &who).await? {
        items.push(Item {
            href: format!("/people/requests/{}", request.id),
            cells: [
                person::words(&site, &request),
                organisation(&site, &request).await?,
                Instant::from_micros(request.asked_at).for_people(),
            ],
            name: request.name,
        });
    }
    let done = match list::asked(&asked).get("done") {
        "approved" => "Approved",
        "declined" => "Declined",
        _ => "",
    };
    page(ToDecide {
        shell: shell(&site, "People to approve", Some(&who), "/people/requests"),
        done,
        heading: "People to approve",
        none: "Nobody waits for your approval.",
        intro: "",
        caption: "Oldest first",
        heads: ["Name", "Asked for", "Organisation", "Asked"],
        items,
    })
}

async fn organisation(site: &Site, request: &RightRequest) -> Result<String, StoreError> {
    let found = people::organisation(&mut site.relay.store.read().await?, request.organisation).await?;
    Ok(found.map_or_else(String::new, |organisation| organisation.name))
}

/// `GET /people/requests/{id}`
pub async fn ask(site: State, Who(who): Who, Path(id): Path<String>) -> Page {
    let request = approval::request(&site.relay, &who, &id).await?;
    form_page(&site, &who, &request, &Raw::default(), (None, None), None).await
}

/// `POST /people/requests/{id}`
pub async fn decide(site: State, Who(who): Who, Path(id): Path<String>, Protected(form): Protected) -> Page {
    let request = approval::request(&site.relay, &who, &id).await?;
    let why = DeclineReason::from_code(form.get("reason"));
    let done = match (form.get("decision"), why) {
        ("approve", _) => approval::approve(&site.relay, &who, &id).await,
        ("decline", Some(why)) => approval::decline(&site.relay, &who, &id, why).await,
        ("decline", None) => {
            return form_page(&site, &who, &request, &form, (None, Some("Choose why")), None).await;
        }
        _ => {
            let wrong = (Some("Choose what you decide"), None);
            return form_page(&site, &who, &request, &form, wrong, None).await;
        }
    };
    match refusal(done)? {
        Ok(()) if form.get("decision") == "approve" => go("/people/requests?done=approved"),
        Ok(()) => go("/people/requests?done=declined"),
        Err(sentence) => form_page(&site, &who, &request, &form, (None, None), Some(sentence)).await,
    }
}

/// Whoever came by single sign-on asked by signing in.
fn asked_by(request: &RightRequest, by: Option<Person>) -> String {
    match request.asked_by == request.person {
        true => "Their organisation’s single sign-on".to_owned(),
        false => by.map_or_else(String::new, |person| person.name),
    }
}

async fn form_page(
    site: &Site,
    who: &Person,
    request: &RightRequest,
    typed: &Raw,
    (decision, reason): (Option<&'static str>, Option<&'static str>),
    refused: Option<&'static str>,
) -> Page {
    let by = people::whoever(&mut site.relay.store.read().await?, request.asked_by).await?;
    let rows = vec![
        SummaryRow::new("Name", &request.name),
        SummaryRow::new("Work email address", &request.email),
        SummaryRow::new("Organisation", organisation(site, request).await?),
        SummaryRow::new("Asked for", person::words(site, request)),
        SummaryRow::new("Asked by", asked_by(request, by)),
        SummaryRow::new("When", Instant::from_micros(request.asked_at).for_people()),
    ];
    let shell = shell(site, "Approve a person", Some(who), "/people/requests");
    let decisions = vec![
        Answer::new("approve", "Approve").hint("They can see families’ referrals from then on"),
        Answer::new("decline", "Decline"),
    ];
    let reasons = DeclineReason::ALL.iter().map(|why| Answer::new(why.code(), why.label())).collect();
    Ask::new(
        shell.back("/people/requests", "People to approve"),
        "Should this person have these rights?",
        format!("/people/requests/{}", request.id),
        "Save",
    )
    .rows(rows)
    .one(
        Choice::new("decision", "What do you decide?", decisions)
            .chosen(chosen(typed, "decision"))
            .error(decision),
    )
    .one(Choice::new("reason", "If you decline: why?", reasons).chosen(chosen(typed, "reason")).error(reason))
    .refused(refused)
    .page()
}
