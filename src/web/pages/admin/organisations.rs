//! Organisations: the list with a search, one with its history, a new one, a change.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect};

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::{Answer, Choice, Field};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow};
use super::super::super::{Site, State};
use super::super::referral::list::{self, Asked};
use super::shapes::{Cell, Table};
use super::{Changed, Control, FormPage, Section, View, conflict, decider, fault, typed, who_was_first};
use crate::administration::organisations::{self as administration, Details, KINDS};
use crate::administration::{AdministrationError, Faults};
use crate::domain::form::Raw;
use crate::domain::ids::OrganisationId;
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::domain::urn::Urn;
use crate::store::organisations::{self, Former};
use crate::store::people::{self, Organisation};
use crate::store::{Read, StoreError};

const HERE: &str = "/admin/organisations";

fn kind_label(kind: &str) -> &'static str {
    KINDS.iter().find(|(code, _)| *code == kind).map_or("Organisation", |(_, label)| label)
}

/// `GET /admin/organisations?search=acorn`: settings are in a public register, so that what is searched for
/// may stand in the address.
pub async fn list(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let (text, skip) = (asked.get("search").trim(), list::skip(&asked));
    let rows = search(&site, text, skip).await?;
    let field = Field::new("search", "Find an organisation by name or URN").value(text).width(20);
    let links = vec![("Add an organisation".to_owned(), format!("{HERE}/add"))];
    page(View {
        shell: shell(&site, "Organisations", Some(&person), HERE),
        done: "",
        done_more: "",
        heading: "Organisations".to_owned(),
        intro: Vec::new(),
        sections: vec![
            Section { search: Some((HERE, field)), links, ..Section::default() },
            found(&rows, text),
        ],
        pages: pages(text, skip, rows.len()),
    })
}

/// Id, kind, name and URN.
type Row = (String, String, String, String);

/// Those with the text in their name or URN; a URN may be typed with spaces.
async fn search(site: &Site, text: &str, skip: i64) -> Result<Vec<Row>, StoreError> {
    let mut read = site.relay.store.read().await?;
    let rows = organisations::page(&mut read, text, skip).await?;
    match Urn::parse(text) {
        Ok(urn) if rows.is_empty() => organisations::page(&mut read, urn.as_str(), skip).await,
        _ => Ok(rows),
    }
}

fn found(rows: &[Row], text: &str) -> Section {
    let row = |(id, kind, name, urn): &Row| {
        let urn = if urn.is_empty() { "None" } else { urn.as_str() };
        vec![
            Cell::link("Name", name, format!("{HERE}/{id}")),
            Cell::plain("What it is", kind_label(kind)),
            Cell::plain("URN", urn),
        ]
    };
    let words = match (rows.is_empty(), text.is_empty()) {
        (false, _) => Vec::new(),
        (true, true) => vec!["There is none here.".to_owned()],
        (true, false) => vec!["Nothing was found. Try a part of the name, or the whole URN.".to_owned()],
    };
    let caption = if text.is_empty() { "Organisations by name" } else { "What was found, by name" };
    let table = (!rows.is_empty()).then(|| Table {
        caption: caption.to_owned(),
        heads: vec!["Name", "What it is", "URN"],
        rows: rows.iter().map(row).collect(),
    });
    Section { words, table, ..Section::default() }
}

fn pages(text: &str, skip: i64, shown: usize) -> Pages {
    let size = organisations::PAGE;
    let full = i64::try_from(shown).is_ok_and(|shown| shown >= size);
    let at = |skip: i64| match text {
        "" => format!("{HERE}?skip={skip}"),
        text => format!("{HERE}?search={}&skip={skip}", in_address(text)),
    };
    Pages {
        previous: (skip > 0).then(|| at((skip - size).max(0))),
        next: full.then(|| at(skip + size)),
        previous_label: "Organisations before these".to_owned(),
        next_label: "More organisations".to_owned(),
    }
}

/// A text as it stands behind a question mark.
fn in_address(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

async fn find(read: &mut Read, id: &str) -> Result<Organisation, PageError> {
    let id: OrganisationId = id.parse().map_err(|_| PageError::NotFound)?;
    people::organisation(read, id).await?.ok_or(PageError::NotFound)
}

/// `GET /admin/organisations/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let mut read = site.relay.store.read().await?;
    let one = find(&mut read, &id).await?;
    let history = organisations::history(&mut read, one.id).await?;
    let done = match list::asked(&asked).get("done") {
        "added" => "The organisation is added",
        "changed" => "The change is saved",
        _ => "",
    };
    let links = vec![("Change these details".to_owned(), format!("{HERE}/{id}/change"))];
    let now = Section { rows: rows(&one), links, ..Section::default() };
    page(View {
        shell: shell(&site, &one.name, Some(&person), HERE).back(HERE, "Organisations"),
        done,
        done_more: "It holds from now on.",
        heading: one.name.clone(),
        intro: Vec::new(),
        sections: vec![now, past(&mut read, &one, &history).await?],
        pages: Pages::default(),
    })
}

fn rows(one: &Organisation) -> Vec<SummaryRow> {
    let or_none = |text: &str| if text.is_empty() { "None".to_owned() } else { text.to_owned() };
    vec![
        SummaryRow::new("Name", &one.name),
        SummaryRow::new("What it is", kind_label(&one.kind)),
        SummaryRow::new("Ofsted URN", or_none(&one.urn)),
        SummaryRow::new("Postcode", or_none(&one.postcode)),
        SummaryRow::new("Telephone", or_none(&one.phone)),
    ]
}

/// Every change, newest first: what each detail was and what it became.
async fn past(read: &mut Read, now: &Organisation, history: &[Former]) -> Result<Section, StoreError> {
    let mut after = [now.name.clone(), now.urn.clone(), now.postcode.clone(), now.phone.clone()];
    let mut lines = Vec::new();
    for one in history.iter().rev() {
        let before = [one.name.clone(), one.urn.clone(), one.postcode.clone(), one.phone.clone()];
        lines.push(vec![
            Cell::plain("When", Instant::from_micros(one.decided_at).for_people()),
            Cell::plain("What changed", differences(&before, &after)),
            Cell::plain("Changed by", decider(read, &one.decided_by).await?),
        ]);
        after = before;
    }
    let words = if lines.is_empty() { vec!["Nothing was changed yet.".to_owned()] } else { Vec::new() };
    let heads = vec!["When", "What changed", "Changed by"];
    let table = (!lines.is_empty()).then(|| Table {
        caption: "Changes, newest first".to_owned(),
        heads,
        rows: lines,
    });
    Ok(Section { words, table, ..Section::headed("History") })
}

fn differences(before: &[String; 4], after: &[String; 4]) -> String {
    let or_nothing = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    let labels = ["Name", "URN", "Postcode", "Telephone"];
    let all = labels.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
    let said = |(label, (before, after)): (&&str, (&String, &String))| {
        format!("{label}: from {} to {}", or_nothing(before), or_nothing(after))
    };
    all.map(said).collect::<Vec<_>>().join("\n")
}

/// `GET /admin/organisations/add`
pub async fn ask_new(site: State, Who(person): Who) -> Page {
    let id = site.relay.fresh(OrganisationId::new).to_string();
    page(form(&site, &person, None, &Raw::default(), &Faults::new(), ("id", id)))
}

fn form(
    site: &Site,
    person: &Person,
    one: Option<&Organisation>,
    raw: &Raw,
    faults: &Faults,
    hidden: (&'static str, String),
) -> FormPage {
    let kept = |part: fn(&Organisation) -> &String| one.map_or("", |one| part(one).as_str());
    let field = |name: &str, label: &str, kept: &str| {
        Field::new(name, label).value(typed(raw, name, kept)).error(fault(faults, name)).label_size("s")
    };
    let mut controls = vec![
        Control::Text(field("name", "Name", kept(|one| &one.name))),
        Control::Text(
            field("urn", "Ofsted URN", kept(|one| &one.urn))
                .width(10)
                .hint("Only early years settings have one, such as EY123456."),
        ),
        Control::Text(
            field("postcode", "Postcode", kept(|one| &one.postcode))
                .width(10)
                .hint("It helps to check where referrals from there should go."),
        ),
        Control::Text(
            field("phone", "Telephone", kept(|one| &one.phone))
                .telephone()
                .hint("Duty lines ring it: take it from the register, not from a mail."),
        ),
    ];
    if one.is_none() {
        let answers = KINDS.iter().map(|(code, label)| Answer::new(*code, *label)).collect();
        let chosen = Some(raw.get("kind")).filter(|kind| !kind.is_empty());
        let kind = Choice::new("kind", "What is it?", answers).chosen(chosen).error(fault(faults, "kind"));
        controls.insert(0, Control::One(kind));
    }
    let title = one.map_or_else(|| "Add an organisation".to_owned(), |one| format!("Change {}", one.name));
    let back = one.map_or_else(|| HERE.to_owned(), |one| format!("{HERE}/{}", one.id));
    let shell = shell(site, &title, Some(person), HERE).back(back, "Back");
    FormPage { hidden: vec![hidden], ..FormPage::new(shell, title, controls) }
}

/// `POST /admin/organisations/add`
pub async fn add(site: State, Who(person): Who, Protected(raw): Protected) -> Page {
    let id: OrganisationId = raw.get("id").parse().unwrap_or_else(|_| site.relay.fresh(OrganisationId::new));
    let done = match administration::read(&raw, "") {
        Ok(details) => administration::add(&site.relay, &person, id, &details).await,
        Err(faults) => Err(AdministrationError::Refused(faults)),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}/{id}?done=added")).into_response()),
        Err(AdministrationError::Refused(faults)) => {
            page(form(&site, &person, None, &raw, &faults, ("id", id.to_string())))
        }
        Err(other) => Err(other.into()),
    }
}

async fn version(read: &mut Read, id: OrganisationId) -> Result<i64, StoreError> {
    Ok(organisations::history(read, id).await?.pop().map_or(0, |last| last.version))
}

/// `GET /admin/organisations/{id}/change`
pub async fn ask(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let mut read = site.relay.store.read().await?;
    let one = find(&mut read, &id).await?;
    let seen = version(&mut read, one.id).await?.to_string();
    page(form(&site, &person, Some(&one), &Raw::default(), &Faults::new(), ("version", seen)))
}

/// `POST /admin/organisations/{id}/change`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(raw): Protected) -> Page {
    let mut read = site.relay.store.read().await?;
    let one = find(&mut read, &id).await?;
    drop(read);
    let seen = raw.get("version").parse().unwrap_or(-1);
    let done = match administration::read(&raw, &one.kind) {
        Ok(details) => changed(&site, &person, &one, seen, &details).await,
        Err(faults) => Err(AdministrationError::Refused(faults)),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}/{id}?done=changed")).into_response()),
        Err(AdministrationError::Refused(faults)) => {
            page(form(&site, &person, Some(&one), &raw, &faults, ("version", seen.to_string())))
        }
        Err(AdministrationError::Changed) => told(&site, &person, &id, &raw).await,
        Err(other) => Err(other.into()),
    }
}

async fn changed(
    site: &Site,
    person: &Person,
    one: &Organisation,
    seen: i64,
    details: &Details,
) -> Result<(), AdministrationError> {
    administration::change(&site.relay, person, one.id, seen, details).await
}

/// Somebody else was first: who, and what is kept now.
async fn told(site: &Site, person: &Person, id: &str, raw: &Raw) -> Page {
    let mut read = site.relay.store.read().await?;
    let one = find(&mut read, id).await?;
    let last = organisations::history(&mut read, one.id).await?.pop().ok_or(PageError::Conflict)?;
    let who = who_was_first(&mut read, &last.decided_by, last.decided_at).await?;
    let hidden = ("version", last.version.to_string());
    let changed = Some(Changed { who, rows: rows(&one) });
    conflict(FormPage { changed, ..form(site, person, Some(&one), raw, &Faults::new(), hidden) })
}
