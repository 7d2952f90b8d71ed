//! Whether a change of one line fits the others on every day from its own on, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::{AdministrationError, refused};
use super::Change;
use crate::domain::time::day_for_people;
use crate::relay::Relay;
use crate::relay::decided::localities_on;
use crate::store::lines::{self, LineChange};

/// Whether the change fits the other lines on every day from its own on.
pub(super) fn fits(
    relay: &Relay,
    decided: &[LineChange],
    id: &str,
    change: &Change,
) -> Result<(), AdministrationError> {
    let days = days_from(decided, change.from);
    let mine: BTreeSet<&str> = change.details.lad_codes.split_whitespace().collect();
    for day in &days {
        for (_, (name, codes)) in served_on(decided, *day).iter().filter(|(other, _)| other.as_str() != id) {
            if let Some(district) = codes.split_whitespace().find(|code| mine.contains(code)) {
                return Err(refused("districts", contested(district, name, *day)));
            }
        }
    }
    let with = with(decided, id, change);
    let places = relay.places.current();
    for day in &days {
        let localities = localities_on(&with, *day)?;
        if let Err(fault) = places.table().check(&localities) {
            return Err(refused("districts", sentence(&fault.to_string())));
        }
    }
    let mut follows = warnings(relay, without_line(decided, &with, &days));
    if mine.is_empty() {
        let day = day_for_people(change.from);
        follows.push(format!("This line gets no new referrals from {day} on. It keeps those that it has."));
    }
    if change.sure || follows.is_empty() { Ok(()) } else { Err(AdministrationError::Warned(follows)) }
}

fn contested(district: &str, line: &str, day: Date) -> String {
    let day = day_for_people(day);
    format!("{district} is served by {line} on {day}, and a district has one line: take it out there first")
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The day itself, and every later one on which something changes.
fn days_from(decided: &[LineChange], from: Date) -> BTreeSet<Date> {
    let later = decided.iter().filter_map(|one| one.valid_from.parse().ok()).filter(|day| *day > from);
    later.chain([from]).collect()
}

/// Name and districts of each line on a day.
fn served_on(decided: &[LineChange], day: Date) -> BTreeMap<String, (String, String)> {
    let of_each = decided.chunk_by(|a, b| a.locality == b.locality);
    let on = of_each.filter_map(|of_one| lines::in_force(of_one, day));
    on.map(|one| (one.locality.clone(), (one.details.name.clone(), one.details.lad_codes.clone()))).collect()
}

/// The decisions with this one after the line's others.
fn with(decided: &[LineChange], id: &str, change: &Change) -> Vec<LineChange> {
    let mut all = decided.to_vec();
    let after = all.iter().rposition(|one| one.locality == id).map_or(all.len(), |at| at + 1);
    let new = LineChange {
        locality: id.to_owned(),
        version: change.seen.max(1) + 1,
        valid_from: change.from.to_string(),
        details: change.details.clone(),
        confirmed_at: 0,
        decided_by: String::new(),
        decided_at: 0,
    };
    all.insert(after, new);
    all
}

/// The districts that have a line without the change and none with it, each with the first such day.
fn without_line(
    before: &[LineChange],
    after: &[LineChange],
    days: &BTreeSet<Date>,
) -> BTreeMap<String, Date> {
    let all = |decided: &[LineChange], day: Date| -> BTreeSet<String> {
        let served = served_on(decided, day).into_values();
        served
            .flat_map(|(_, codes)| codes.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let mut lost = BTreeMap::new();
    for day in days {
        for code in all(before, *day).difference(&all(after, *day)) {
            lost.entry(code.clone()).or_insert(*day);
        }
    }
    lost
}

fn warnings(relay: &Relay, lost: BTreeMap<String, Date>) -> Vec<String> {
    let names = district_names(relay);
    let one = |(code, day): (String, Date)| {
        let name = names.get(&code).map_or_else(String::new, |name| format!(" ({name})"));
        let day = day_for_people(day);
        format!("{code}{name} has no duty line from {day} on: its referrals are then refused as out of area.")
    };
    lost.into_iter().map(one).collect()
}

/// The districts of the table in use: code and council.
pub fn district_names(relay: &Relay) -> BTreeMap<String, String> {
    let places = relay.places.current();
    let pair = |district: &crate::routing::table::District| {
        (district.code.as_str().to_owned(), district.name.clone())
    };
    places.table().districts().map(pair).collect()
}
