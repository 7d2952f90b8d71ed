//! A duty lead's page of covers: who works one of their lines for a time, granting one, ending one. The
//! line is the lead's own; whose it is, is checked beside the data (`people::grant_cover`).

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Answer, Choice, DateField, Field, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::list::{self, Asked};
use crate::domain::day::Day;
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::time::day_for_people;
use crate::people::{self, CoverError, Covering};

const HERE: &str = "/line/cover";

struct Item {
    id: String,
    who: String,
    line: String,
    until: String,
    by: String,
}

/// What was done just now, when the list says it.
#[derive(Clone, Copy, PartialEq)]
enum Done {
    Nothing,
    Granted,
    Ended,
}

#[derive(Template)]
#[template(path = "pages/cover/list.html")]
struct List {
    shell: Shell,
    done: Done,
    leads: bool,
    items: Vec<Item>,
}

/// One choice of the list of people.
struct Pick {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "pages/cover/grant.html")]
struct Grant {
    shell: Shell,
    errors: Vec<(String, String)>,
    line: Choice,
    /// The only line, when there is no choice.
    only: Option<(String, String)>,
    person: Field,
    people: Vec<Pick>,
    until: DateField,
}

/// `GET /line/cover`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let done = match list::asked(&asked).get("done") {
        "granted" => Done::Granted,
        "ended" => Done::Ended,
        _ => Done::Nothing,
    };
    let covers = people::covers_of(&site.relay, &person).await?;
    page(List {
        shell: shell(&site, "Cover", Some(&person), HERE),
        done,
        leads: !person.lines.is_empty(),
        items: covers.into_iter().map(|one| item(&site, one)).collect(),
    })
}

fn item(site: &Site, one: Covering) -> Item {
    // The end is a midnight: its last day is the one before.
    let last = one.cover.ends.plus(-1).day();
    Item {
        id: one.cover.id,
        who: one.who,
        line: line_name(site, &one.cover.locality),
        until: format!("The end of {}", day_for_people(last)),
        by: one.by,
    }
}

/// A line's name by its locality.
pub(super) fn line_name(site: &Site, locality: &str) -> String {
    site.relay.places.locality(locality).map_or_else(|| locality.to_owned(), |line| line.name.clone())
}

/// `GET /line/cover/grant`
pub async fn ask(site: State, Who(person): Who) -> Page {
    form_page(&site, &person, &Raw::default(), Faults::default()).await
}

/// `POST /line/cover/grant`
pub async fn grant(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let mut faults = Faults::of(&person, &form);
    let line = line_of(&person, &form);
    if let (Some(line), Ok(who), Ok(until)) = (line, form.get("person").parse(), day_of(&form)) {
        match people::grant_cover(&site.relay, &person, line, who, until).await {
            Ok(()) => return Ok(Redirect::to(&format!("{HERE}?done=granted")).into_response()),
            Err(CoverError::Refused("until", sentence)) => faults.until = Some(sentence),
            Err(CoverError::Refused(_, sentence)) => faults.person = Some(sentence),
            Err(other) => return Err(other.into()),
        }
    }
    form_page(&site, &person, &form, faults).await
}

/// `POST /line/cover/{cover}/end`
pub async fn end(site: State, Who(person): Who, Path(cover): Path<String>) -> Page {
    people::end_cover(&site.relay, &person, &cover).await?;
    Ok(Redirect::to(&format!("{HERE}?done=ended")).into_response())
}

impl From<CoverError> for PageError {
    fn from(error: CoverError) -> Self {
        match error {
            CoverError::Missing => PageError::NotFound,
            CoverError::Refused(..) => PageError::BadRequest,
            CoverError::Store(error) => error.into(),
        }
    }
}

/// The line that was chosen among the lead's own: the only one when there is no choice.
fn line_of<'p>(person: &'p Person, form: &Raw) -> Option<&'p str> {
    match person.lines.as_slice() {
        [only] => Some(only),
        lines => lines.iter().find(|line| *line == form.get("line")).map(String::as_str),
    }
}

fn day_of(form: &Raw) -> Result<Date, String> {
    let part = |part: &str| form.get(&format!("until-{part}")).trim().to_owned();
    let day = Day::from_fields(&part("day"), &part("month"), &part("year"));
    day.map(Day::date).map_err(|error| error.to_string())
}

/// What is wrong with what was sent.
#[derive(Default)]
struct Faults {
    line: Option<&'static str>,
    person: Option<String>,
    until: Option<String>,
}

impl Faults {
    fn of(person: &Person, form: &Raw) -> Self {
        let nobody = form.get("person").parse::<crate::domain::ids::PersonId>().is_err();
        Self {
            line: line_of(person, form).is_none().then_some("Choose a line"),
            person: nobody.then(|| "Choose who will cover".to_owned()),
            until: day_of(form).err(),
        }
    }
}

async fn form_page(site: &Site, person: &Person, form: &Raw, faults: Faults) -> Page {
    let lines: Vec<(String, String)> =
        person.lines.iter().map(|line| (line.clone(), line_name(site, line))).collect();
    let answers = lines.iter().map(|(id, name)| Answer::new(id, name)).collect();
    let chosen = Some(form.get("line")).filter(|line| !line.is_empty());
    let line = Choice::new("line", "Which line?", answers).chosen(chosen).error(faults.line);
    let who = Field::new("person", "Who will cover?").label_size("s").error(faults.person);
    let last =
        day_for_people(site.relay.clock.now().day().saturating_add(site.relay.rights.cover_days.days()));
    let until = DateField::new("until", "What is the last day?")
        .hint(format!("{last} at the latest. The cover ends by itself at the end of that day."))
        .typed(form.get("until-day"), form.get("until-month"), form.get("until-year"))
        .error(faults.until);
    let errors = error_list(&[&line, &who, &until]);
    page(Grant {
        shell: shell(site, "Grant cover", Some(person), HERE).back(HERE, "Cover").error(!errors.is_empty()),
        errors,
        line,
        only: (lines.len() == 1).then(|| lines[0].clone()),
        person: who,
        people: picks(site, person, form.get("person")).await?,
        until,
    })
}

async fn picks(site: &Site, lead: &Person, chosen: &str) -> Result<Vec<Pick>, PageError> {
    let people = people::who_may_cover(&site.relay, lead).await?;
    let pick = |one: Person| {
        let lines: Vec<String> = one.lines.iter().map(|line| line_name(site, line)).collect();
        let value = one.id.to_string();
        let label = format!("{}, {}, {}", one.name, one.role.label(), lines.join(", "));
        Pick { chosen: value == chosen, value, label }
    };
    Ok(people.into_iter().map(pick).collect())
}
