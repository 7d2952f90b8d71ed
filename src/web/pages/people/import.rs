//! Loading settings from a list: choose the file, look at what would become of each row, then apply all of
//! it. Between the two steps the browser holds the file; what is applied is decided again.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::people::Person;
use crate::people::import::{self, By, ImportError, Report, What};
use crate::relay::actor;
use crate::web::access::Who;
use crate::web::error::PageError;
use crate::web::field::{Asked as _, Field};
use crate::web::form::Upload;
use crate::web::page::{Page, page, shell};
use crate::web::parts::Tag;
use crate::web::shell::Shell;
use crate::web::{Site, State};

/// Most rows that are shown of one kind; the counts are of all.
const MOST_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "pages/people/import.html")]
struct Choose {
    shell: Shell,
    errors: Vec<(String, String)>,
    file: Field,
}

struct Row {
    line: u64,
    setting: String,
    what: Tag,
    why: String,
}

#[derive(Template)]
#[template(path = "pages/people/import_report.html")]
struct Looked {
    shell: Shell,
    heading: &'static str,
    counts: Vec<String>,
    rows: Vec<Row>,
    /// How many rows are not shown.
    more: usize,
    /// The file again, for the next step; empty when there is none.
    file: String,
    refused: usize,
}

/// `GET /people/import`
pub async fn ask(site: State, Who(person): Who) -> Page {
    choose(&site, &person, None)
}

fn choose(site: &Site, who: &Person, wrong: Option<String>) -> Page {
    let file = Field::new("file", "The list, as CSV (UTF-8)")
        .hint("A heading row with urn, name and postcode; phone, manager, email and role if you have them. Up to 20,000 settings.")
        .error(wrong);
    let shell = shell(site, "Load settings from a list", Some(who), "/people").back("/people", "People");
    let errors: Vec<_> = file.fault().into_iter().collect();
    page(Choose { shell: shell.error(!errors.is_empty()), errors, file })
}

/// `POST /people/import`: says what would become of each row, and changes nothing.
pub async fn look(site: State, Who(person): Who, upload: Upload) -> Page {
    match import::look(&site.relay, &upload.bytes).await {
        Ok(report) => {
            let goes_on = report.refused == 0 && report.made + report.changed > 0;
            let file = if goes_on { STANDARD.encode(&upload.bytes) } else { String::new() };
            looked(&site, &person, "What the list would do", report, file)
        }
        Err(ImportError::File(fault)) => choose(&site, &person, Some(fault.to_string())),
        Err(ImportError::People(error)) => Err(error.into()),
    }
}

/// `POST /people/import/apply`: all of it, or nothing.
pub async fn apply(site: State, Who(person): Who, upload: Upload) -> Page {
    let bytes = STANDARD.decode(&upload.bytes).map_err(|_| PageError::BadRequest)?;
    let by = By { actor: actor(&person), person: Some(person.id) };
    match import::apply(&site.relay, by, &bytes).await {
        Ok(report) if report.refused > 0 => looked(
            &site,
            &person,
            "Nothing was loaded: something has changed meanwhile",
            report,
            String::new(),
        ),
        Ok(report) => looked(&site, &person, "The list is loaded", report, String::new()),
        Err(ImportError::File(fault)) => choose(&site, &person, Some(fault.to_string())),
        Err(ImportError::People(error)) => Err(error.into()),
    }
}

fn looked(site: &Site, who: &Person, heading: &'static str, report: Report, file: String) -> Page {
    let counts = [
        counted(report.refused, "row cannot be taken", "rows cannot be taken"),
        counted(report.made, "new setting", "new settings"),
        counted(report.changed, "changed setting", "changed settings"),
        counted(report.same, "setting that is the same already", "settings that are the same already"),
        counted(report.invited, "invitation", "invitations"),
    ];
    let counts = counts.into_iter().flatten().collect();
    let mut rows: Vec<Row> = report.lines.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| row.why.is_empty());
    let more = rows.len().saturating_sub(MOST_SHOWN);
    rows.truncate(MOST_SHOWN);
    let shell = shell(site, heading, Some(who), "/people").back("/people/import", "Choose a list");
    page(Looked { shell, heading, counts, rows, more, file, refused: report.refused })
}

/// `1 new setting`; nothing for none.
fn counted(number: usize, one: &str, more: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {more}")),
    }
}

/// A row of the report; what is the same already is only counted.
fn row(line: import::Line) -> Option<Row> {
    let (what, why) = match line.what {
        What::Same => return None,
        What::Made => (Tag::new("New", "green"), String::new()),
        What::Changed => (Tag::new("Changed", "blue"), String::new()),
        What::Refused(why) => (Tag::new("Cannot be taken", "red"), why),
    };
    let setting = if line.setting.is_empty() { "Not read".to_owned() } else { line.setting };
    Some(Row { line: line.line, setting, what, why })
}
