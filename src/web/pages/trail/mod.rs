//! The trail before an auditor: who did what to which referral, when and by which door; ids and codes
//! turned into words, never content (DOMAIN section 9). Reading it is itself recorded, under the
//! reference when one was asked for.

pub mod children;
mod filter;
#[cfg(test)]
mod tests;
pub mod verify;
mod words;

use std::collections::HashMap;

use askama::Template;

use super::super::State;
use super::super::access::Who;
use super::super::field::{DateField, Field};
use super::super::page::{Page, page, shell};
use super::super::parts::Pages;
use super::super::shell::Shell;
use super::referral::list::{self, Asked};
use crate::audit::{Act, Actor, ActorKind, Code, Event, EventDraft, StoredEvent, decode};
use crate::domain::people::{Person, Role};
use crate::relay::actor;
use crate::store::{Read, StoreError, people, trail};
use filter::Wanted;

/// One choice of a drop-down list.
struct Pick {
    value: String,
    label: String,
    chosen: bool,
}

struct Line {
    number: u64,
    when: String,
    who: String,
    what: String,
    on: String,
    reference: String,
    state: String,
    outcome: &'static str,
    door: &'static str,
}

#[derive(Template)]
#[template(path = "pages/trail/list.html")]
struct List {
    shell: Shell,
    errors: Vec<(String, String)>,
    reference: Field,
    people: Vec<Pick>,
    acts: Vec<Pick>,
    from: DateField,
    to: DateField,
    caption: String,
    lines: Vec<Line>,
    pages: Pages,
}

/// `GET /trail`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let wanted = Wanted::read(&list::asked(&asked));
    let mut lines = Vec::new();
    let mut older = None;
    if wanted.errors().is_empty() {
        site.relay.store.record(reading(&person, &wanted)).await?;
        let mut read = site.relay.store.read().await?;
        let events = trail::page(&mut read, &wanted.filter).await?;
        let full = i64::try_from(events.len()).is_ok_and(|shown| shown >= trail::PAGE);
        older = events.last().filter(|_| full).map(|last| wanted.older_than(last.seq));
        let mut names = Names::default();
        for event in &events {
            lines.push(line(&mut read, &mut names, event).await?);
        }
    }
    let everybody = people::everybody(&mut site.relay.store.read().await?).await?;
    let newest = (wanted.filter.below != i64::MAX).then(|| wanted.newest());
    page(List {
        shell: shell(&site, "Trail", Some(&person), "/trail").error(!wanted.errors().is_empty()),
        errors: wanted.errors(),
        people: people_to_pick(&everybody, &wanted.filter.actor),
        acts: acts_to_pick(&wanted.filter.act),
        caption: caption(&lines, wanted.narrowed()),
        lines,
        pages: Pages {
            previous: newest,
            next: older,
            previous_label: "Newest events".to_owned(),
            next_label: "Older events".to_owned(),
        },
        reference: wanted.reference,
        from: wanted.from,
        to: wanted.to,
    })
}

/// From which number to which; of a narrower question only how many, for between those numbers there
/// are others.
fn caption(lines: &[Line], narrowed: bool) -> String {
    match (lines, narrowed) {
        ([], _) => "No event fits".to_owned(),
        ([_], true) => "1 matching event".to_owned(),
        (lines, true) => format!("{} matching events, newest first", lines.len()),
        ([first, .., last], false) => format!("Events {} to {}, newest first", first.number, last.number),
        ([only], false) => format!("Event {}", only.number),
    }
}

/// The event of reading the trail: what was asked for stands in it as codes.
fn reading(person: &Person, wanted: &Wanted) -> EventDraft {
    let filter = &wanted.filter;
    let mut event = EventDraft::new(Act::TrailRead, actor(person)).reference(Code::of(&filter.reference));
    for (key, value) in [("person", &filter.actor), ("act", &filter.act)] {
        if !value.is_empty() {
            event = event.extra(key, Code::of(value));
        }
    }
    event
}

fn people_to_pick(everybody: &[Person], chosen: &str) -> Vec<Pick> {
    let pick = |person: &Person| {
        let value = person.id.to_string();
        let label = format!("{}, {}, {}", person.name, person.role.label(), person.organisation_name);
        Pick { chosen: value == chosen, value, label }
    };
    let mut picks: Vec<Pick> = everybody.iter().map(pick).collect();
    if !chosen.is_empty() && !picks.iter().any(|pick| pick.chosen) {
        let label = "Somebody who can no longer sign in".to_owned();
        picks.push(Pick { value: chosen.to_owned(), label, chosen: true });
    }
    picks
}

fn acts_to_pick(chosen: &str) -> Vec<Pick> {
    let pick = |act: &Act| Pick {
        value: act.code().to_owned(),
        label: words::act(*act).to_owned(),
        chosen: act.code() == chosen,
    };
    Act::ALL.iter().map(pick).collect()
}

/// What ids stand for, looked up once for each page.
#[derive(Default)]
struct Names {
    people: HashMap<String, String>,
    organisations: HashMap<String, String>,
}

async fn line(read: &mut Read, names: &mut Names, stored: &StoredEvent) -> Result<Line, StoreError> {
    let Ok(event) = decode(&stored.bytes) else {
        return Ok(Line {
            number: stored.seq,
            when: stored.columns.at.for_people(),
            who: "Not known".to_owned(),
            what: "This event cannot be read: verify the trail".to_owned(),
            on: String::new(),
            reference: String::new(),
            state: String::new(),
            outcome: "",
            door: "",
        });
    };
    let who = who(read, names, &event.actor).await?;
    Ok(Line {
        number: event.seq,
        when: event.at.for_people(),
        who,
        what: what(&event),
        on: words::object(&event.object),
        reference: event.reference.as_ref().map_or_else(String::new, Code::to_string),
        state: words::state(&event.state),
        outcome: words::outcome(event.outcome),
        door: words::door(event.door),
    })
}

/// The act, its purpose where one was given, and what was changed from what to what.
fn what(event: &Event) -> String {
    let act = words::act(event.act);
    let changed = words::changed(event);
    match &event.purpose {
        Some(purpose) => format!("{act} ({}){changed}", purpose.as_str().replace('-', " ")),
        None => format!("{act}{changed}"),
    }
}

async fn who(read: &mut Read, names: &mut Names, actor: &Actor) -> Result<String, StoreError> {
    if !matches!(actor.kind, ActorKind::Person | ActorKind::Sender) {
        return Ok(words::actor(actor.kind).to_owned());
    }
    let id = actor.id.to_string();
    if !names.people.contains_key(&id) {
        let person = match id.parse() {
            Ok(id) => people::whoever(read, id).await?,
            Err(_) => None,
        };
        names.people.insert(id.clone(), person.map_or_else(|| "Not known".to_owned(), |person| person.name));
    }
    let office = actor.organisation.to_string();
    if !names.organisations.contains_key(&office) {
        let found = match office.parse() {
            Ok(id) => people::organisation(read, id).await?,
            Err(_) => None,
        };
        names.organisations.insert(office.clone(), found.map_or_else(String::new, |found| found.name));
    }
    let role = Role::from_code(actor.role.as_str()).map_or(words::actor(actor.kind), Role::label);
    let parts = [names.people[&id].as_str(), role, names.organisations[&office].as_str()];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
}
