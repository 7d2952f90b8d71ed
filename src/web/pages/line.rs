//! The duty line's lists, of its own locality only: what is open (most urgent first, then longest
//! waiting), what is held, what was acknowledged. A list that shows names is recorded with the cases
//! whose labels were opened. Of the held, the line knows reference, setting (with its telephone, to ask)
//! and age and no more (DOMAIN section 3): no label is opened for that list.

use askama::Template;

use super::super::access::Who;
use super::super::page::{Page, page, shell};
use super::super::parts::{Pages, Tag};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::facts;
use super::referral::list::{self, Asked};
use crate::audit::{Act, Code, EventDraft, Object};
use crate::casework;
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
}

#[derive(Template)]
#[template(path = "pages/inbox/list.html")]
struct List {
    shell: Shell,
    heading: String,
    caption: String,
    empty: &'static str,
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
    items: Vec<HeldItem>,
    pages: Pages,
}

/// `GET /inbox`
pub async fn inbox(site: State, Who(person): Who, asked: Asked) -> Page {
    let skip = list::skip(&list::asked(&asked));
    let mut read = site.relay.store.read().await?;
    let rows = referrals::inbox(&mut read, &person.locality, skip).await?;
    let unopened = referrals::count(&mut read, &person.locality, Stands::Delivered).await?;
    let opened = referrals::count(&mut read, &person.locality, Stands::Opened).await?;
    drop(read);
    let heading = named(&site, &person, "Inbox");
    page(List {
        shell: shell(&site, &heading, Some(&person), "/inbox"),
        heading,
        caption: format!("{} not opened yet, {} opened", most(unopened), most(opened)),
        empty: "Nothing is waiting.",
        pages: list::pages("/inbox", skip, rows.len()),
        items: items(&site, &person, "inbox", rows).await?,
    })
}

/// `GET /inbox/acknowledged`
pub async fn acknowledged(site: State, Who(person): Who, asked: Asked) -> Page {
    let skip = list::skip(&list::asked(&asked));
    let mut read = site.relay.store.read().await?;
    let rows = referrals::acknowledged(&mut read, &person.locality, skip).await?;
    let count = referrals::count(&mut read, &person.locality, Stands::Acknowledged).await?;
    drop(read);
    let here = "/inbox/acknowledged";
    let heading = named(&site, &person, "Acknowledged");
    page(List {
        shell: shell(&site, &heading, Some(&person), here),
        heading,
        caption: format!("{} acknowledged, newest first", most(count)),
        empty: "Nothing was acknowledged yet.",
        pages: list::pages(here, skip, rows.len()),
        items: items(&site, &person, "acknowledged", rows).await?,
    })
}

/// `Inbox: Canterbury and Coastal`: whoever works for two lines sees whose list it is.
fn named(site: &Site, person: &Person, list: &str) -> String {
    let line = site.relay.places.locality(&person.locality);
    line.map_or_else(|| list.to_owned(), |line| format!("{list}: {}", line.name))
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
        age: facts::working_days(row.sent_at(), today),
        state: facts::state_tag(row.state),
    };
    Ok(rows.iter().zip(&labels).map(item).collect())
}

/// `GET /inbox/held`
pub async fn held(site: State, Who(person): Who, asked: Asked) -> Page {
    let skip = list::skip(&list::asked(&asked));
    record_list(&site, &person, "held").await?;
    let mut read = site.relay.store.read().await?;
    let rows = referrals::held_for(&mut read, &person.locality, skip).await?;
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
    let heading = named(&site, &person, "Held");
    page(Held {
        shell: shell(&site, &heading, Some(&person), "/inbox/held"),
        heading,
        items: rows.iter().map(item).collect(),
        pages: list::pages("/inbox/held", skip, rows.len()),
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
