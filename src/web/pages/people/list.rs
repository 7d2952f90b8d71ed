//! The list of people, by organisation; and searching in it.

use askama::Template;

use super::person::words;
use super::{base, last_sign_in, state};
use crate::domain::form::Raw;
use crate::domain::people::{Person, Role};
use crate::people::looking_after;
use crate::store::StoreError;
use crate::store::joiners::Listed;
use crate::store::requests::{self, RightRequest};
use crate::web::access::Who;
use crate::web::field::Field;
use crate::web::form::Protected;
use crate::web::page::{Page, page, shell};
use crate::web::pages::line::record_list;
use crate::web::pages::referral::list::{self, Asked};
use crate::web::parts::{Pages, Tag};
use crate::web::shell::Shell;
use crate::web::{Site, State};

/// Most people who are found at once.
const MOST_FOUND: usize = 100;
/// People on a page.
const PAGE: usize = 50;

struct Item {
    name: String,
    href: String,
    organisation: String,
    role: &'static str,
    state: Tag,
    last: String,
}

#[derive(Template)]
#[template(path = "pages/people/list.html")]
struct List {
    shell: Shell,
    /// What was done just now.
    done: &'static str,
    here: &'static str,
    own: bool,
    /// The designated safeguarding lead of one's own setting, by name.
    lead: Option<String>,
    search: Field,
    /// Rights that somebody has to approve first: whose, and which.
    waiting: Vec<String>,
    found: Option<String>,
    items: Vec<Item>,
    pages: Pages,
}

/// `GET /people`, `GET /setting/people`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    record_list(&site, &person, "people").await?;
    let all = looking_after::everybody(&site.relay, &person).await?;
    let skip = usize::try_from(list::skip(&asked)).unwrap_or(0);
    let shown: Vec<&Listed> = all.iter().skip(skip).take(PAGE).collect();
    let pages = list::pages(base(&person), list::skip(&asked), shown.len());
    let waiting = waiting(&site, &person).await?;
    let done = match asked.get("done") {
        "invited" => "The invitation is sent",
        "asked" => "It waits for an approval. The invitation goes out with it",
        "ended" => "Their access has ended",
        "lead" => "The designated safeguarding lead is named",
        _ => "",
    };
    page(List { done, pages, waiting, ..of(&site, &person, &all, shown, "") })
}

/// What waits for an approval: `Nina Newcomer: Duty practitioner, Canterbury and Coastal`. Somebody new is
/// in no list before that.
async fn waiting(site: &Site, who: &Person) -> Result<Vec<String>, StoreError> {
    if who.role != Role::Administrator {
        return Ok(Vec::new());
    }
    let requests = requests::waiting(&mut site.relay.store.read().await?).await?;
    let said = |one: &RightRequest| format!("{}: {}", one.name, words(site, one));
    Ok(requests.iter().map(said).collect())
}

/// `POST /people/search`: what is searched for stands in no address and in no trail.
pub async fn search(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    record_list(&site, &person, "people").await?;
    let all = looking_after::everybody(&site.relay, &person).await?;
    let found: Vec<&Listed> = all.iter().filter(|one| matches(one, &form)).take(MOST_FOUND).collect();
    let words = match found.len() {
        0 => "Nobody was found. Try a part of the name, of the address or of the organisation.".to_owned(),
        1 => "1 person was found".to_owned(),
        MOST_FOUND => "The first 100 people are shown. Type more to find fewer.".to_owned(),
        more => format!("{more} people were found"),
    };
    page(List { found: Some(words), ..of(&site, &person, &all, found, form.get("search")) })
}

/// Whether every word that was typed is in the name, the address or the organisation's name.
fn matches(one: &Listed, form: &Raw) -> bool {
    let typed = form.get("search").to_lowercase();
    let Person { name, email, organisation_name, .. } = &one.person;
    let text = format!("{name} {email} {organisation_name}").to_lowercase();
    typed.split_whitespace().all(|word| text.contains(word))
}

fn of(site: &Site, who: &Person, all: &[Listed], shown: Vec<&Listed>, typed: &str) -> List {
    let here = base(who);
    let own = who.role == Role::Manager;
    let lead = |one: &&Listed| one.disabled_at == 0 && one.person.role == Role::SafeguardingLead;
    let item = |one: &Listed| Item {
        name: one.person.name.clone(),
        href: format!("{here}/{}", one.person.id),
        organisation: one.person.organisation_name.clone(),
        role: one.person.role.label(),
        state: state(one),
        last: last_sign_in(one),
    };
    List {
        shell: shell(site, "People", Some(who), here),
        done: "",
        here,
        own,
        lead: all.iter().find(lead).map(|one| one.person.name.clone()),
        search: Field::new("search", "Find somebody by name, email address or organisation")
            .value(typed)
            .width(20),
        waiting: Vec::new(),
        found: None,
        items: shown.into_iter().map(item).collect(),
        pages: Pages::default(),
    }
}
