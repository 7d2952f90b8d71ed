//! The decision: which duty line hears about a child who lives at this postcode.
//!
//! | what is known                                       | outcome     | goes to              |
//! |-----------------------------------------------------|-------------|----------------------|
//! | in the table, district served here                  | routed      | that locality's line |
//! | in the table, district not served                   | out of area | sender, council named|
//! | ended, last district served here                    | retired     | that line, flagged   |
//! | ended, last district not served                     | out of area | sender, council named|
//! | not in the table, its outward code is all elsewhere | out of area | sender, council named|
//! | not in the table otherwise; `ZZ99`; "not known"     | unknown     | intake desk          |
//! | not a postcode                                      | malformed   | the field, else desk |
//!
//! Never guessed silently, never dropped (DOMAIN section 4). A suggestion is made only when every
//! live postcode of the sector lies in one district, and only a person follows it.

use super::decision::{Decision, Outcome, Rule, Suggestion};
use super::localities::Localities;
use super::outcodes::{Outcodes, elsewhere};
use super::table::{District, Place, Table};
use crate::domain::locality::{Locality, LocalityId};
use crate::domain::postcode::{Postcode, PostcodeInput, Pseudo};

/// How many councils an out-of-area answer names.
const NAMED: usize = 3;

/// What the setting's own postcode says, beside the child's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondOpinion {
    /// The locality that the setting lies in.
    pub locality: Option<LocalityId>,
    /// Whether it is the child's too; `None` when either is not settled.
    pub agrees: Option<bool>,
    /// The sentence for people.
    pub sentence: String,
}

/// Decides. Pure: the same input, localities and edition always give the same answer.
pub fn route(table: &Table, localities: &Localities, input: &PostcodeInput) -> Decision {
    match input {
        PostcodeInput::Given(postcode) => match postcode.pseudo() {
            Some(pseudo) => stand_in(table, postcode, pseudo),
            None => given(table, localities, postcode),
        },
        PostcodeInput::NotKnown => {
            let reason = "The postcode is not known: the intake desk will choose the duty line.";
            undecided(table, "", Rule::NotKnown, reason)
        }
        PostcodeInput::Malformed { typed, fault } => Decision {
            outcome: Outcome::Malformed,
            ..undecided(table, typed, Rule::NotAPostcode, &sentence(&fault.to_string()))
        },
    }
}

/// Where the setting lies, and whether that is the locality the child was routed to.
pub fn second_opinion(
    table: &Table,
    localities: &Localities,
    child: &Decision,
    setting: &PostcodeInput,
) -> SecondOpinion {
    let locality = route(table, localities, setting).locality;
    let name = |id: &LocalityId| localities.get(id).map_or(id.as_str(), |locality| &locality.name).to_owned();
    let agrees = child.locality.as_ref().zip(locality.as_ref()).map(|(child, setting)| child == setting);
    let sentence = match (&locality, agrees) {
        (None, _) => "The setting’s own postcode leads to none of the localities.".to_owned(),
        (Some(id), Some(true)) => format!("The setting lies in the same locality, {}.", name(id)),
        (Some(id), Some(false)) => format!("The setting lies in another locality, {}.", name(id)),
        (Some(id), None) => format!("The setting lies in {}.", name(id)),
    };
    SecondOpinion { locality, agrees, sentence }
}

fn given(table: &Table, localities: &Localities, postcode: &Postcode) -> Decision {
    match table.find(postcode) {
        Some(place) => match localities.serving(&place.district.code) {
            Some(locality) => served(table, postcode, place, locality),
            None => not_served(table, postcode, place),
        },
        None => not_in_table(table, localities, postcode),
    }
}

fn served(table: &Table, postcode: &Postcode, place: Place<'_>, locality: &Locality) -> Decision {
    let (district, line) = (&place.district.name, &locality.name);
    let (outcome, rule, reason) = match place.ended {
        None => {
            let reason = format!("The postcode is in the district of {district}: duty line {line}.");
            (Outcome::Routed, Rule::UnitInArea, reason)
        }
        Some(seen) => {
            let seen = seen.replace('~', "about ");
            let reason = format!(
                "The postcode is no longer in use (last seen {seen}). Its last district was {district}: duty line \
                 {line}. Check the address with the family."
            );
            (Outcome::Retired, Rule::EndedInArea, reason)
        }
    };
    let locality = Some(locality.id.clone());
    let district = Some(place.district.clone());
    Decision { outcome, locality, district, ..undecided(table, postcode.as_typed(), rule, &reason) }
}

fn not_served(table: &Table, postcode: &Postcode, place: Place<'_>) -> Decision {
    let district = &place.district.name;
    let (rule, lies) = match place.ended {
        None => (Rule::UnitOutOfArea, format!("The postcode is in {district}")),
        Some(_) => (Rule::EndedOutOfArea, format!("The postcode is no longer in use, and was in {district}")),
    };
    let district = Some(place.district.clone());
    Decision { district, ..out_of_area(table, postcode, rule, &lies, district_help(&place.district.name)) }
}

fn not_in_table(table: &Table, localities: &Localities, postcode: &Postcode) -> Decision {
    let mut districts: Vec<&District> = Outcodes::great_britain().districts(postcode.outcode()).collect();
    for (district, _) in table.within(postcode.outcode_keys()) {
        if !districts.iter().any(|known| known.code == district.code) {
            districts.push(district);
        }
    }
    if districts.iter().any(|district| localities.serving(&district.code).is_some()) {
        return perhaps_new(table, localities, postcode);
    }
    if let [first, ..] = districts.as_slice() {
        let names = listed(&districts);
        let district = (districts.len() == 1).then(|| (*first).clone());
        let lies = format!("Postcodes that start with these letters and numbers are in {names}");
        let decision = out_of_area(table, postcode, Rule::OutcodeOutOfArea, &lies, district_help(&names));
        return Decision { district, ..decision };
    }
    match elsewhere(postcode.outcode()) {
        Some(land) => {
            let lies = format!("The postcode is in {land}");
            out_of_area(table, postcode, Rule::OutsideGreatBritain, &lies, district_help(land))
        }
        None => {
            let reason = "No postcode area is known that starts like this: check it with the family. The intake desk \
                          will choose the duty line.";
            undecided(table, postcode.as_typed(), Rule::NoSuchOutcode, reason)
        }
    }
}

/// A postcode of our area that the table does not have: a new building, or a slip.
fn perhaps_new(table: &Table, localities: &Localities, postcode: &Postcode) -> Decision {
    let sector = table.within(postcode.sector_keys());
    let suggestion = match sector.as_slice() {
        [(district, count)] => localities.serving(&district.code).map(|locality| Suggestion {
            locality: locality.id.clone(),
            why: match count {
                1 => format!("The one known postcode of its sector is in the district of {}.", district.name),
                _ => format!(
                    "All {count} known postcodes of its sector are in the district of {}.",
                    district.name
                ),
            },
        }),
        _ => None,
    };
    let reason = "The postcode is well formed but not in this table; it may be new. The intake desk will choose the \
                  duty line.";
    Decision { suggestion, ..undecided(table, postcode.as_typed(), Rule::UnitNotInTable, reason) }
}

fn stand_in(table: &Table, postcode: &Postcode, pseudo: Pseudo) -> Decision {
    let (rule, reason) = match pseudo {
        Pseudo::NoFixedAbode => {
            let reason = "The family has no fixed abode: the intake desk will choose the duty line.";
            (Rule::NoFixedAbode, reason)
        }
        Pseudo::NotKnown | Pseudo::Other => {
            let reason =
                "This stands for an address that is not known: the intake desk will choose the duty line.";
            (Rule::NotKnown, reason)
        }
    };
    undecided(table, postcode.as_typed(), rule, reason)
}

fn out_of_area(table: &Table, postcode: &Postcode, rule: Rule, lies: &str, help: String) -> Decision {
    let reason = format!("{lies}, outside the area served here. {help}");
    Decision { outcome: Outcome::OutOfArea, ..undecided(table, postcode.as_typed(), rule, &reason) }
}

fn district_help(names: &str) -> String {
    format!("Ask the health visiting service for {names}.")
}

/// An answer with nobody's line in it.
fn undecided(table: &Table, input: &str, rule: Rule, reason: &str) -> Decision {
    Decision {
        input: input.to_owned(),
        outcome: Outcome::Unknown,
        locality: None,
        district: None,
        rule,
        reason: reason.to_owned(),
        edition: table.edition().to_owned(),
        suggestion: None,
    }
}

/// A field's message ended as a sentence.
fn sentence(message: &str) -> String {
    let end = if message.ends_with('?') { "" } else { "." };
    format!("{message}{end}")
}

/// At most [`NAMED`] names, the largest district first.
fn listed(districts: &[&District]) -> String {
    let names: Vec<&str> = districts.iter().take(NAMED).map(|district| district.name.as_str()).collect();
    match (districts.len() > NAMED, names.as_slice()) {
        (true, names) => format!("{} or nearby", names.join(", ")),
        (false, [rest @ .., last]) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        (false, names) => names.join(", "),
    }
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
