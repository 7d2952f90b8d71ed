//! What families took back, in the list of the line that has or had it: reference, setting, when and what.
//! No label is opened for this list.

use askama::Template;

use super::super::State;
use super::super::access::Who;
use super::super::page::{Page, page, shell};
use super::super::parts::Pages;
use super::super::shell::{NavItem, Shell};
use super::line::{line_of, lines, named, record_list, there};
use super::referral::list::{self, Asked};
use crate::domain::family::Scope;
use crate::domain::referral::State as Stands;
use crate::domain::time::Instant;
use crate::store::referrals;

struct Item {
    reference: String,
    /// Empty for what is closed.
    href: String,
    setting: String,
    when: String,
    what: &'static str,
    now: &'static str,
}

#[derive(Template)]
#[template(path = "pages/inbox/taken_back.html")]
struct List {
    shell: Shell,
    heading: String,
    lines: Vec<NavItem>,
    items: Vec<Item>,
    pages: Pages,
}

const HERE: &str = "/inbox/taken-back";

/// `GET /inbox/taken-back`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let (skip, line) = (list::skip(&asked), line_of(&person, &asked)?);
    record_list(&site, &person, "taken-back").await?;
    let mut read = site.relay.store.read().await?;
    let rows = referrals::withdrawn_for(&mut read, line, skip).await?;
    let settings = list::settings(&mut read, &rows).await?;
    drop(read);
    let heading = named(&site, line, "Taken back");
    let item = |row: &referrals::Referral| Item {
        reference: row.reference.clone(),
        href: if row.state == Stands::Withdrawn { String::new() } else { format!("/referrals/{}", row.id) },
        setting: settings.get(&row.organisation).cloned().unwrap_or_default(),
        when: Instant::from_micros(row.withdrawn_at).for_people(),
        what: Scope::from_code(&row.withdrawn).map_or("", Scope::label),
        now: if row.state == Stands::Withdrawn { "Closed: nobody had read it" } else { "Read before" },
    };
    page(List {
        shell: shell(&site, &heading, Some(&person), HERE),
        heading,
        lines: lines(&site, &person, line, HERE),
        pages: list::pages(&there(HERE, &person, line), skip, rows.len()),
        items: rows.iter().map(item).collect(),
    })
}
