//! Duty lines: the list, one line with its history, a change, the test notice.

mod history;
pub mod open;

use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect};

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::Field;
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow, Tag};
use super::super::super::{Site, State};
use super::super::referral::list::{self, Asked};
use super::shapes::{Cell, Post, Table, from_field};
use super::{Changed, Control, FormPage, Section, View, conflict, fault, typed, who_was_first};
use crate::administration::lines::{self, Line, district_names};
use crate::administration::{AdministrationError, Faults};
use crate::delivery::{self, DeliveryError, TEST_DAYS};
use crate::domain::form::Raw;
use crate::domain::people::{Person, Role};
use crate::domain::time::{DAY, Instant, MINUTE, day_for_people};
use crate::relay::actor;
use crate::store::lines::LineDetails;
use crate::store::{StoreError, places};

const HERE: &str = "/admin/lines";

/// Test notices that wait for their click: line, mailbox, and when the notice was made.
struct Tests(Vec<(String, String, Instant)>);

impl Tests {
    async fn read(site: &Site) -> Result<Self, StoreError> {
        let rows = places::mailbox_tests(&mut site.relay.store.read().await?).await?;
        let now = site.relay.clock.now().micros();
        let waiting = rows.into_iter().filter(|(.., ends)| *ends > now);
        let made = |(line, mailbox, ends)| (line, mailbox, Instant::from_micros(ends).plus(-TEST_DAYS * DAY));
        Ok(Self(waiting.map(made).collect()))
    }

    fn of(&self, line: &str, mailbox: &str) -> Option<Instant> {
        self.0.iter().find(|(id, address, _)| id == line && address == mailbox).map(|(.., made)| *made)
    }

    /// Whether the mailbox gets notices, in a word.
    fn tag(&self, line: &str, mailbox: &str, confirmed_at: i64) -> Tag {
        match (confirmed_at, self.of(line, mailbox)) {
            (1.., _) => Tag::new("Live", "green"),
            (_, Some(_)) => Tag::new("Waiting", "yellow"),
            (_, None) => Tag::new("Not tested", "red"),
        }
    }

    /// The same in a sentence.
    fn sentence(&self, line: &str, mailbox: &str, confirmed_at: i64) -> String {
        match (confirmed_at, self.of(line, mailbox)) {
            (1.., _) => format!("Live since {}", Instant::from_micros(confirmed_at).for_people()),
            (_, Some(made)) => {
                format!(
                    "Waiting for the click in the test notice of {}. No notices go to it yet.",
                    made.for_people()
                )
            }
            (_, None) => {
                "Never tested. No notices go to it until somebody presses the button in a test notice."
                    .to_owned()
            }
        }
    }
}

/// `GET /admin/lines`
pub async fn list(site: State, Who(person): Who) -> Page {
    let tests = Tests::read(&site).await?;
    let names = district_names(&site.relay);
    let name = |code: &str| names.get(code).map_or_else(|| code.to_owned(), ToString::to_string);
    let row = |line: &Line| {
        let tag = tests.tag(&line.id, &line.now.mailbox, line.confirmed_at);
        vec![
            Cell::link("Duty line", &line.now.name, format!("{HERE}/{}", line.id)),
            Cell::tag("Mailbox", tag.text, tag.colour),
            Cell::plain(
                "Districts",
                line.now.lad_codes.split_whitespace().map(name).collect::<Vec<_>>().join("\n"),
            ),
            Cell::plain("Planned", line.planned_from().map_or_else(|| "Nothing".to_owned(), day_for_people)),
        ]
    };
    let rows: Vec<_> = lines::all(&site.relay).await?.iter().map(row).collect();
    let table = Table {
        caption: "Duty lines by name".to_owned(),
        heads: vec!["Duty line", "Mailbox", "Districts", "Planned"],
        rows,
    };
    page(View {
        shell: shell(&site, "Duty lines", Some(&person), HERE),
        done: "",
        done_more: "",
        heading: "Duty lines".to_owned(),
        intro: vec![
            "A referral goes to the line that serves the district in which the child lives.".to_owned(),
        ],
        sections: vec![Section { table: Some(table), links: new_line(&person), ..Section::default() }],
        pages: Pages::default(),
    })
}

fn new_line(person: &Person) -> Vec<(String, String)> {
    let may = person.role == Role::Administrator;
    may.then(|| ("Open a duty line".to_owned(), format!("{HERE}/new"))).into_iter().collect()
}

/// `GET /admin/lines/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let line = lines::line(&site.relay, &id).await?;
    let tests = Tests::read(&site).await?;
    let (done, done_more) = done(list::asked(&asked).get("done"));
    let mut sections = Vec::new();
    if line.open {
        sections.push(today(&site, &person, &line, &tests));
    }
    sections.extend(planned(&site, &person, &line, &tests));
    sections.push(history::section(&site, &line.history).await?);
    page(View {
        shell: shell(&site, &line.now.name, Some(&person), HERE).back(HERE, "Duty lines"),
        done,
        done_more,
        heading: line.now.name.clone(),
        intro: Vec::new(),
        sections,
        pages: Pages::default(),
    })
}

fn done(what: &str) -> (&'static str, &'static str) {
    match what {
        "changed" => ("The change is saved", "It takes effect on its day, by itself."),
        "opened" => (
            "The line is open",
            "From its day on it gets the referrals of its districts. Send a test notice to its mailbox now. Add its people once it is open.",
        ),
        "tested" => (
            "A test notice is on its way",
            "Whoever reads the mailbox presses the button in it within seven days.",
        ),
        "taken-back" => (
            "The planned change is taken back",
            "What holds today goes on. A line that was to open gets no district.",
        ),
        _ => ("", ""),
    }
}

fn today(site: &Site, person: &Person, line: &Line, tests: &Tests) -> Section {
    let mut rows = rows(site, &line.now);
    rows.push(SummaryRow::new(
        "State of the mailbox",
        tests.sentence(&line.id, &line.now.mailbox, line.confirmed_at),
    ));
    let mut section = Section { rows, ..Section::headed("Today") };
    if person.role == Role::Administrator {
        section.links.push(("Change this line".to_owned(), format!("{HERE}/{}/change", line.id)));
        section.posts.push(test_notice(line));
    }
    section
}

fn test_notice(line: &Line) -> Post {
    Post {
        label: "Send a test notice".to_owned(),
        action: format!("{HERE}/{}/test", line.id),
        hidden: Vec::new(),
    }
}

fn planned(site: &Site, person: &Person, line: &Line, tests: &Tests) -> Option<Section> {
    let (planned, day) = (line.planned.as_ref()?, line.planned_from()?);
    let mut rows = rows(site, &planned.details);
    rows.push(SummaryRow::new(
        "State of the mailbox",
        tests.sentence(&line.id, &planned.details.mailbox, planned.confirmed_at),
    ));
    let mut section = Section { rows, ..Section::headed(format!("Planned from {}", day_for_people(day))) };
    if person.role == Role::Administrator {
        if !line.open {
            section.links.push(("Change this line".to_owned(), format!("{HERE}/{}/change", line.id)));
            section.posts.push(test_notice(line));
        }
        section.posts.push(Post {
            label: "Take back the planned change".to_owned(),
            action: format!("{HERE}/{}/take-back", line.id),
            hidden: vec![("version", line.version.to_string())],
        });
    }
    Some(section)
}

/// A line's words, for people.
fn rows(site: &Site, line: &LineDetails) -> Vec<SummaryRow> {
    let names = district_names(&site.relay);
    let district = |code: &str| match names.get(code) {
        Some(name) => format!("{code} {name}"),
        None => format!("{code}, not in the postcode table"),
    };
    let districts: Vec<String> = line.lad_codes.split_whitespace().map(district).collect();
    let or_none = |text: &str| if text.is_empty() { "None".to_owned() } else { text.to_owned() };
    vec![
        SummaryRow::new("Name", &line.name),
        SummaryRow::new("Telephone numbers", or_none(&line.phones)),
        SummaryRow::new("Mailbox", &line.mailbox),
        SummaryRow::new("Postal address", or_none(&line.address)),
        SummaryRow::new("Districts", or_none(&districts.join("\n"))),
    ]
}

/// `GET /admin/lines/{id}/change`
pub async fn ask(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let line = lines::line(&site.relay, &id).await?;
    page(form(&site, &person, &line, &Raw::default(), &Faults::new()))
}

fn form(site: &Site, person: &Person, line: &Line, raw: &Raw, faults: &Faults) -> FormPage {
    let title = format!("Change {}", line.now.name);
    let shell = shell(site, &title, Some(person), HERE).back(format!("{HERE}/{}", line.id), &line.now.name);
    let mut page = FormPage::new(shell, title, controls(line, raw, faults));
    page.hidden = vec![("version", line.version.to_string())];
    if let Some(day) = line.planned_from() {
        page.intro.push(format!(
            "A change from {} on is planned already. This form begins with it; yours can hold from that day or a later one on.",
            day_for_people(day)
        ));
    }
    page
}

/// What a line's form asks, with what was typed or else what is kept.
fn controls(line: &Line, raw: &Raw, faults: &Faults) -> Vec<Control> {
    let last = line.last();
    let field = |name: &str, label: &str, kept: &str| {
        Field::new(name, label).value(typed(raw, name, kept)).error(fault(faults, name)).label_size("s")
    };
    let districts = last.lad_codes.replace(' ', "\n");
    vec![
        Control::Text(field("name", "Name of the line", &last.name)),
        Control::Area(
            field("phones", "Telephone numbers", &last.phones)
                .rows(3)
                .hint("One on each line, in the order to try them."),
        ),
        Control::Text(
            field("mailbox", "Mailbox", &last.mailbox)
                .email()
                .hint("A new mailbox gets no notices until somebody presses the button in a test notice."),
        ),
        Control::Area(
            field("address", "Postal address", &last.address)
                .rows(4)
                .hint("For letters and printed referrals. You can leave it empty."),
        ),
        Control::Area(
            field("districts", "Districts", &districts)
                .rows(3)
                .hint("The code of each district, such as E07000106. A district has one line. A line without a district gets no new referrals."),
        ),
        from_field(raw, fault(faults, "from")),
    ]
}

/// `POST /admin/lines/{id}/change`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(raw): Protected) -> Page {
    let line = lines::line(&site.relay, &id).await?;
    let done = match lines::read(&site.relay, &line, &raw) {
        Ok(change) => lines::change(&site.relay, &person, &id, &change).await,
        Err(_) if was_changed(&line, &raw) => Err(AdministrationError::Changed),
        Err(faults) => Err(AdministrationError::Refused(faults)),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}/{id}?done=changed")).into_response()),
        Err(AdministrationError::Refused(faults)) => page(form(&site, &person, &line, &raw, &faults)),
        Err(AdministrationError::Warned(warnings)) => page(FormPage {
            warnings,
            button: "Save all the same",
            ..form(&site, &person, &line, &raw, &Faults::new())
        }),
        Err(AdministrationError::Changed) => told(&site, &person, &id, &raw).await,
        Err(other) => Err(other.into()),
    }
}

fn was_changed(line: &Line, raw: &Raw) -> bool {
    raw.get("version").parse::<i64>().is_ok_and(|seen| seen != line.version)
}

/// Somebody else was first: who, and what is kept now; what was typed stays in the form.
async fn told(site: &Site, person: &Person, id: &str, raw: &Raw) -> Page {
    let line = lines::line(&site.relay, id).await?;
    let Some(last) = line.history.last() else { return Err(PageError::Conflict) };
    let mut read = site.relay.store.read().await?;
    let who = who_was_first(&mut read, &last.decided_by, last.decided_at).await?;
    let changed = Changed { who, rows: rows(site, line.last()) };
    conflict(FormPage { changed: Some(changed), ..form(site, person, &line, raw, &Faults::new()) })
}

/// `POST /admin/lines/{id}/take-back`
pub async fn take_back(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(raw): Protected,
) -> Page {
    let seen = raw.get("version").parse().unwrap_or(-1);
    match lines::take_back(&site.relay, &person, &id, seen).await {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}/{id}?done=taken-back")).into_response()),
        Err(AdministrationError::Refused(faults)) => {
            let line = lines::line(&site.relay, &id).await?;
            page(form(&site, &person, &line, &Raw::default(), &faults))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /admin/lines/{id}/test`: a double click sends one.
pub async fn test(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let line = lines::line(&site.relay, &id).await?;
    let who = actor(&person);
    lines::adopt(&site.relay, &who).await?;
    let just_now = site.relay.clock.now().plus(-MINUTE);
    let tests = Tests::read(&site).await?;
    let coming =
        line.planned.as_ref().map(|planned| (planned.details.mailbox.as_str(), planned.confirmed_at));
    let both = [Some((line.now.mailbox.as_str(), line.confirmed_at)), coming];
    let silent = both.into_iter().flatten().find(|(_, confirmed)| *confirmed == 0);
    let mailbox = silent.map_or(line.now.mailbox.as_str(), |(mailbox, _)| mailbox);
    if tests.of(&id, mailbox).is_none_or(|made| made < just_now) {
        delivery::queue_mailbox_test(&site.relay, who, &id).await.map_err(failed)?;
    }
    Ok(Redirect::to(&format!("{HERE}/{id}?done=tested")).into_response())
}

fn failed(error: DeliveryError) -> PageError {
    match error {
        DeliveryError::Store(error) => error.into(),
        DeliveryError::NoLocality => PageError::NotFound,
        other @ DeliveryError::NoAddress => PageError::Internal(other.to_string()),
    }
}
