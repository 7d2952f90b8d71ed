//! Opening a duty line: the form of a line, empty.

use axum::response::{IntoResponse as _, Redirect};

use super::super::super::super::access::Who;
use super::super::super::super::form::Protected;
use super::super::super::super::page::{Page, page, shell};
use super::super::super::super::{Site, State};
use super::super::FormPage;
use super::{HERE, controls};
use crate::administration::lines;
use crate::administration::{AdministrationError, Faults};
use crate::domain::form::Raw;
use crate::domain::people::Person;

/// `GET /admin/lines/new`
pub async fn ask(site: State, Who(person): Who) -> Page {
    page(form(&site, &person, &Raw::default(), &Faults::new()))
}

fn form(site: &Site, person: &Person, raw: &Raw, faults: &Faults) -> FormPage {
    let title = "Open a duty line";
    let shell = shell(site, title, Some(person), HERE).back(HERE, "Duty lines");
    let mut page = FormPage::new(shell, title.to_owned(), controls(&lines::blank(), raw, faults));
    page.intro.push(
        "A district has one line. If one moves here, take it out of its line first, from the same day on."
            .to_owned(),
    );
    page.button = "Open this line";
    page
}

/// `POST /admin/lines/new`
pub async fn save(site: State, Who(person): Who, Protected(raw): Protected) -> Page {
    let done = match lines::read(&site.relay, &lines::blank(), &raw) {
        Ok(change) => lines::open(&site.relay, &person, &change).await,
        Err(faults) => Err(AdministrationError::Refused(faults)),
    };
    match done {
        Ok(id) => Ok(Redirect::to(&format!("{HERE}/{id}?done=opened")).into_response()),
        Err(AdministrationError::Refused(faults)) => page(form(&site, &person, &raw, &faults)),
        Err(AdministrationError::Warned(warnings)) => page(FormPage {
            warnings,
            button: "Open it all the same",
            ..form(&site, &person, &raw, &Faults::new())
        }),
        Err(other) => Err(other.into()),
    }
}
