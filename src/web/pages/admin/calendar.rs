//! England's bank holidays as they are loaded, and the closing days of single lines.

use axum::response::{IntoResponse as _, Redirect};

use super::super::super::access::Who;
use super::super::super::field::{Answer, Choice, DateField};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::Pages;
use super::super::super::{Site, State};
use super::super::referral::list::{self, Asked};
use super::shapes::{Cell, Post, Table};
use super::{Control, FormPage, Section, View, decider, fault};
use crate::administration::{AdministrationError, Faults, closing};
use crate::domain::calendar::Calendar;
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::time::day_for_people;

/// `GET /admin/calendar`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let done = match list::asked(&asked).get("done") {
        "closed" => "The closing day is added",
        "open" => "The closing day is taken back",
        _ => "",
    };
    let closed = closing_days(&site).await?;
    page(View {
        shell: shell(&site, "Calendar", Some(&person), "/admin").back("/admin", "To do"),
        done,
        done_more: "It counts from now on.",
        heading: "Bank holidays and closing days".to_owned(),
        intro: vec![
            "Weekends, bank holidays and a line’s own closing days are not counted as working days."
                .to_owned(),
        ],
        sections: vec![closed, bank_holidays(&site)],
        pages: Pages::default(),
    })
}

async fn closing_days(site: &Site) -> Result<Section, super::super::super::error::PageError> {
    let coming = closing::coming(&site.relay).await?;
    let mut read = site.relay.store.read().await?;
    let mut rows = Vec::new();
    let mut posts = Vec::new();
    for one in &coming {
        let name =
            site.relay.places.locality(&one.locality).map_or_else(|| one.locality.clone(), |line| line.name);
        let day = one.day.parse().map_or_else(|_| one.day.clone(), day_for_people);
        let who = decider(&mut read, &one.decided_by).await?;
        rows.push(vec![
            Cell::plain("Day", &day),
            Cell::plain("Duty line", &name),
            Cell::plain("Decided by", who),
        ]);
        posts.push(Post {
            label: format!("Take back {day}, {name}"),
            action: "/admin/calendar/open".to_owned(),
            hidden: vec![("line", one.locality.clone()), ("day", one.day.clone())],
        });
    }
    Ok(closing_section(rows, posts))
}

fn closing_section(rows: Vec<Vec<Cell>>, posts: Vec<Post>) -> Section {
    let links = vec![("Add a closing day".to_owned(), "/admin/calendar/close".to_owned())];
    let words =
        if rows.is_empty() { vec!["No line has a closing day to come.".to_owned()] } else { Vec::new() };
    let table = (!rows.is_empty()).then(|| Table {
        caption: "To come, by line".to_owned(),
        heads: vec!["Day", "Duty line", "Decided by"],
        rows,
    });
    let posts = posts.into_iter().collect();
    Section { words, table, links, posts, ..Section::headed("Closing days of a line") }
}

fn bank_holidays(site: &Site) -> Section {
    let today = site.relay.clock.now().day();
    let coming = Calendar::england().days().filter(|(day, _)| *day >= today);
    let row = |(day, name): (jiff::civil::Date, &str)| {
        vec![Cell::plain("Day", day_for_people(day)), Cell::plain("Name", name)]
    };
    let rows: Vec<_> = coming.map(row).collect();
    let last = Calendar::england().days().last().map_or(0, |(day, _)| day.year());
    Section {
        words: vec![format!(
            "Loaded up to {last}. After that only weekends count, until a new version brings more."
        )],
        table: Some(Table { caption: "Still to come".to_owned(), heads: vec!["Day", "Name"], rows }),
        ..Section::headed("Bank holidays in England")
    }
}

/// `GET /admin/calendar/close`
pub async fn ask(site: State, Who(person): Who) -> Page {
    form(&site, &person, &Raw::default(), &Faults::new())
}

fn form(site: &Site, person: &Person, typed: &Raw, faults: &Faults) -> Page {
    let lines = site.relay.places.localities();
    let answers = lines.iter().map(|line| Answer::new(line.id.as_str(), &line.name)).collect();
    let chosen = Some(typed.get("line")).filter(|line| !line.is_empty());
    let [day, month, year] = ["day-day", "day-month", "day-year"].map(|name| typed.get(name));
    let controls = vec![
        Control::One(
            Choice::new("line", "Which duty line?", answers).chosen(chosen).error(fault(faults, "line")),
        ),
        Control::Date(
            DateField::new("day", "On which day is it closed?")
                .typed(day, month, year)
                .error(fault(faults, "day")),
        ),
    ];
    let shell = shell(site, "Add a closing day", Some(person), "/admin").back("/admin/calendar", "Calendar");
    page(FormPage { button: "Add", ..FormPage::new(shell, "Add a closing day", controls) })
}

/// `POST /admin/calendar/close`
pub async fn close(site: State, Who(person): Who, Protected(typed): Protected) -> Page {
    match closing::close(&site.relay, &person, &typed).await {
        Ok(()) => Ok(Redirect::to("/admin/calendar?done=closed").into_response()),
        Err(AdministrationError::Refused(faults)) => form(&site, &person, &typed, &faults),
        Err(other) => Err(other.into()),
    }
}

/// `POST /admin/calendar/open`
pub async fn open(site: State, Who(person): Who, Protected(typed): Protected) -> Page {
    closing::open(&site.relay, &person, &typed).await?;
    Ok(Redirect::to("/admin/calendar?done=open").into_response())
}
