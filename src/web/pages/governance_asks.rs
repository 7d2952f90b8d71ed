//! What families asked for, in the governance lead's list: corrections, copies of all that is held (with
//! the day by which the law wants an answer), complaints. Reading one is recorded.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::State;
use super::super::access::Who;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::referral::id_of;
use crate::casework;
use crate::domain::time::day_for_people;
use crate::store::family_asks::Asked;

struct Row {
    href: String,
    what: &'static str,
    reference: String,
    asked: String,
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "pages/governance_asks.html")]
struct List {
    shell: Shell,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "pages/governance_ask.html")]
struct One {
    shell: Shell,
    what: &'static str,
    rows: Vec<SummaryRow>,
    words: String,
    settled: bool,
    here: String,
}

const HERE: &str = "/governance/asks";

/// `GET /governance/asks`
pub async fn list(site: State, Who(person): Who) -> Page {
    let now = site.relay.clock.now();
    let row = |(asked, reference): (Asked, String)| Row {
        href: format!("{HERE}/{}", asked.id),
        what: asked.kind.label(),
        reference,
        asked: day_for_people(asked.asked.day()),
        due: day_for_people(asked.due.day()),
        late: now > asked.due,
    };
    let rows = casework::open_asks(&site.relay).await?.into_iter().map(row).collect();
    page(List { shell: shell(&site, "Families' requests", Some(&person), HERE), rows })
}

/// `GET /governance/asks/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let open = casework::open_ask(&site.relay, &person, id_of(&id)?).await?;
    let asked = &open.asked;
    let rows = vec![
        SummaryRow::new("Referral", open.reference.clone()),
        SummaryRow::new("Asked", asked.asked.for_people()),
        SummaryRow::new("Answer by", day_for_people(asked.due.day())),
    ];
    page(One {
        shell: shell(&site, "A family's request", Some(&person), HERE).back(HERE, "Families' requests"),
        what: asked.kind.label(),
        rows,
        words: open.words,
        settled: asked.settled_at > 0,
        here: format!("{HERE}/{}", asked.id),
    })
}

/// `POST /governance/asks/{id}`: it was answered.
pub async fn settle(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    casework::settle_ask(&site.relay, &person, id_of(&id)?).await?;
    Ok(Redirect::to(HERE).into_response())
}
