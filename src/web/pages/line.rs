//! The duty line's lists, of its own locality only: what is open (most urgent first, then longest
//! waiting), what is held, what was acknowledged. A list that shows names is recorded with the cases
//! whose labels were opened. Of the held, the line knows reference, setting (with its telephone, to ask)
//! and age and no more (DOMAIN section 3): no label is opened for that list.

use askama::Template;

use super::super::access::Who;
use super::super::page::{Page, page, shell};
use super::super::parts::{Pages, Tag};
use super::super::shell::{NavItem, Shell};
use super::super::{Site, State};
use super::referral::facts;
use super::referral::list::{self, Asked};
use crate::audit::{Act, Code, EventDraft, Object};
use crate::casework;
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::referral::State as Stands;
use crate::relay::actor;
use crate::store::StoreError;
use crate::store::referrals::{self, Referral};
use crate::web::error::PageError;

struct Item {
    id: String,
    reference: String,
    child: String,
    setting: String,
    urgency: Tag,
    age: String,
    state: Tag,
    without_agreement: bool,
}

#[derive(Template)]
#[template(path = "pages/inbox/list.html")]
struct List {
    shell: Shell,
    heading: String,
    caption: String,
    empty: &'static str,
    lines: Vec<NavItem>,
    items: Vec<Item>,
    pages: Pages,
}

struct HeldItem {
    reference: String,
    setting: String,
    phone: String,
    age: String,
}

#[derive(Template)]
#[template(path = "pages/inbox/held.html")]
struct Held {
    shell: Shell,
    heading: String,
    lines: Vec<NavItem>,
    items: Vec<HeldItem>,
    pages: Pages,
}

/// `GET /inbox`
pub async fn inbox(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let (skip, line) = (list::skip(&asked), line_of(&person, &asked)?);
    let mut read = site.relay.store.read().await?;
    let rows = referrals::inbox(&mut read, line, skip).await?;
    let unopened = referrals::count(&mut read, line, Stands::Delivered).await?;
    let opened = referrals::count(&mut read, line, Stands::Opened).await?;
    drop(read);
    let heading = named(&site, line, "Inbox");
    page(List {
        shell: shell(&site, &heading, Some(&person), "/inbox"),
        heading,
        caption: format!("{} not opened yet, {} opened", most(unopened), most(opened)),
        empty: "Nothing is waiting.",
        lines: lines(&site, &person, line, "/inbox"),
        pages: list::pages(&there("/inbox", &person, line), skip, rows.len()),
        items: items(&site, &person, "inbox", rows).await?,
    })
}

/// `GET /inbox/acknowledged`
pub async fn acknowledged(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let (skip, line) = (list::skip(&asked), line_of(&person, &asked)?);
    let mut read = site.relay.store.read().await?;
    let rows = referrals::acknowledged(&mut read, line, skip).await?;
    let count = referrals::count(&mut read, line, Stands::Acknowledged).await?;
    drop(read);
    let here = "/inbox/acknowledged";
    let heading = named(&site, line, "Acknowledged");
    page(List {
        shell: shell(&site, &heading, Some(&person), here),
        heading,
        caption: format!("{} acknowledged, newest first", most(count)),
        empty: "Nothing was acknowledged yet.",
        lines: lines(&site, &person, line, here),
        pages: list::pages(&there(here, &person, line), skip, rows.len()),
        items: items(&site, &person, "acknowledged", rows).await?,
    })
}

/// `Inbox: Canterbury and Coastal`: whoever works for two lines sees whose list it is.
pub(super) fn named(site: &Site, line: &str, list: &str) -> String {
    let line = site.relay.places.locality(line);
    line.map_or_else(|| list.to_owned(), |line| format!("{list}: {}", line.name))
}

/// The line whose list is asked for: one that the person works, their first one when they do not say.
pub(super) fn line_of<'p>(person: &'p Person, asked: &Raw) -> Result<&'p str, PageError> {
    match asked.get("line") {
        "" => Ok(person.all_lines().next().unwrap_or_default()),
        line => person.all_lines().find(|own| *own == line).ok_or(PageError::NotFound),
    }
}

/// A list's address with its line, where the person works several.
pub(super) fn there(list: &str, person: &Person, line: &str) -> String {
    if person.all_lines().count() < 2 { list.to_owned() } else { format!("{list}?line={line}") }
}

/// The lines to choose from; none when there is no choice.
pub(super) fn lines(site: &Site, person: &Person, here: &str, list: &str) -> Vec<NavItem> {
    let name =
        |id: &str| site.relay.places.locality(id).map_or_else(|| id.to_owned(), |line| line.name.clone());
    let label = |id: &str| match person.lines.iter().any(|own| own == id) {
        true => name(id),
        false => format!("{} (cover)", name(id)),
    };
    let item = |id: &str| NavItem::new(label(id), there(list, person, id)).current(id == here);
    let all: Vec<NavItem> = person.all_lines().map(item).collect();
    if all.len() < 2 { Vec::new() } else { all }
}

/// Counts stop at a hundred.
fn most(count: i64) -> String {
    if count >= 100 { "100 or more".to_owned() } else { count.to_string() }
}

async fn items(
    site: &Site,
    person: &Person,
    list_name: &'static str,
    rows: Vec<Referral>,
) -> Result<Vec<Item>, PageError> {
    let labels = casework::labels(&site.relay, actor(person), list_name, &rows).await?;
    let mut read = site.relay.store.read().await?;
    let settings = list::settings(&mut read, &rows).await?;
    let today = site.relay.clock.now().day();
    let item = |(row, label): (&Referral, &casework::Label)| Item {
        id: row.id.to_string(),
        reference: row.reference.clone(),
        child: facts::with_age(&label.name, &label.born, today),
        setting: settings.get(&row.organisation).cloned().unwrap_or_default(),
        urgency: facts::urgency_tag(row.urgency),
        age: facts::working_days(&site.relay.calendars.of(&row.locality), row.sent_at(), today),
        state: facts::state_tag(row.state),
        without_agreement: row.without_agreement,
    };
    Ok(rows.iter().zip(&labels).map(item).collect())
}

/// `GET /inbox/held`
pub async fn held(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let (skip, line) = (list::skip(&asked), line_of(&person, &asked)?);
    record_list(&site, &person, "held").await?;
    let mut read = site.relay.store.read().await?;
    let rows = referrals::held_for(&mut read, line, skip).await?;
    let settings = list::senders(&mut read, &rows).await?;
    let today = site.relay.clock.now().day();
    let item = |row: &Referral| {
        let setting = settings.get(&row.organisation);
        HeldItem {
            reference: row.reference.clone(),
            setting: setting.map_or_else(String::new, |setting| setting.name.clone()),
            phone: setting.map_or_else(String::new, |setting| setting.phone.clone()),
            age: facts::days(row.submitted_at, today),
        }
    };
    let heading = named(&site, line, "Held");
    page(Held {
        shell: shell(&site, &heading, Some(&person), "/inbox/held"),
        heading,
        lines: lines(&site, &person, line, "/inbox/held"),
        items: rows.iter().map(item).collect(),
        pages: list::pages(&there("/inbox/held", &person, line), skip, rows.len()),
    })
}

/// Records that a list without names was looked at.
pub(super) async fn record_list(
    site: &Site,
    person: &Person,
    list_name: &'static str,
) -> Result<(), StoreError> {
    let on = Object::new("list", Code::fixed(list_name));
    site.relay.store.record(EventDraft::new(Act::ListViewed, actor(person)).on(on)).await
}
