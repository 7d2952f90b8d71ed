//! An auditor looks a child up by name and birth date and gets references: no name that is stored, no
//! content (DOMAIN section 9). Asked by POST and answered with a page that nobody keeps, so that what
//! was typed is in no address, history or log; and the answer does not say it again.

use askama::Template;

use super::super::super::access::Who;
use super::super::super::field::{DateField, Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::cover::line_name;
use crate::casework::{self, CaseworkError, LookedUp};
use crate::domain::birth::BirthDate;
use crate::domain::form::Raw;
use crate::domain::name::PersonName;
use crate::domain::people::Person;

const HERE: &str = "/trail/children";

struct Line {
    reference: String,
    state: &'static str,
    line: String,
}

#[derive(Template)]
#[template(path = "pages/trail/children.html")]
struct Ask {
    shell: Shell,
    errors: Vec<(String, String)>,
    name: Field,
    born: DateField,
    today: u64,
    most: u64,
}

#[derive(Template)]
#[template(path = "pages/trail/found.html")]
struct Found {
    shell: Shell,
    lines: Vec<Line>,
    cut: bool,
    today: u64,
    most: u64,
}

/// `GET /trail/children`
pub async fn ask(site: State, Who(person): Who) -> Page {
    ask_page(&site, &person, &Raw::default(), [None, None]).await
}

/// `POST /trail/children`
pub async fn look(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let name = PersonName::parse(form.get("name")).map_err(|error| error.to_string());
    let part = |part: &str| form.get(&format!("born-{part}")).trim().to_owned();
    let today = site.relay.clock.now().day();
    let born = BirthDate::from_fields(&part("day"), &part("month"), &part("year"), today);
    let born = born.map_err(|error| error.to_string());
    match (name, born) {
        (Ok(name), Ok(born)) => {
            let born = born.day().iso();
            match casework::look_up(&site.relay, &person, name.as_str(), &born).await {
                Ok(found) => found_page(&site, &person, found).await,
                Err(CaseworkError::Refused(sentence)) => {
                    ask_page(&site, &person, &Raw::default(), [Some(sentence.to_owned()), None]).await
                }
                Err(other) => Err(other.into()),
            }
        }
        (name, born) => ask_page(&site, &person, &form, [name.err(), born.err()]).await,
    }
}

async fn ask_page(site: &Site, person: &Person, form: &Raw, [name, born]: [Option<String>; 2]) -> Page {
    let name = Field::new("name", "First and last name")
        .value(form.get("name"))
        .width(30)
        .label_size("s")
        .autocomplete("off")
        .error(name);
    let born = DateField::new("born", "Date of birth")
        .hint("For example, 14 3 2024")
        .typed(form.get("born-day"), form.get("born-month"), form.get("born-year"))
        .error(born);
    let errors = error_list(&[&name, &born]);
    page(Ask {
        shell: shell(site, "Look up a child", Some(person), HERE).error(!errors.is_empty()),
        errors,
        name,
        born,
        today: casework::looked_up_today(&site.relay, person).await?,
        most: site.relay.rights.look_ups,
    })
}

async fn found_page(site: &Site, person: &Person, found: LookedUp) -> Page {
    let line = |one: casework::Matched| Line {
        reference: one.reference,
        state: one.state.label(),
        line: if one.locality.is_empty() { "None".to_owned() } else { line_name(site, &one.locality) },
    };
    page(Found {
        shell: shell(site, "Look up a child", Some(person), HERE).back(HERE, "Look up a child"),
        cut: found.cut,
        lines: found.matched.into_iter().map(line).collect(),
        today: casework::looked_up_today(&site.relay, person).await?,
        most: site.relay.rights.look_ups,
    })
}
