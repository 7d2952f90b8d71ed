//! Who can help, as far as the child's postcode says (DOMAIN section 4). Asked anew for every page:
//! a look-up costs less than keeping its answer right.

use super::super::super::Site;
use crate::domain::form::{Part, Raw, read_part};
use crate::domain::postcode::PostcodeInput;
use crate::routing::{Decision, Outcome};

/// What the postcode says.
pub enum Area {
    /// Nothing yet.
    NotAsked,
    /// A duty line here.
    Line(Line),
    /// A person at the intake desk chooses the line; why.
    Desk(String),
    /// Nobody here: the council, when there is one, and the sentence.
    Elsewhere {
        /// The council's name, or words for it.
        council: String,
        /// Why, and whom to ask.
        reason: String,
    },
}

/// A duty line, as pages name it.
#[derive(Clone)]
pub struct Line {
    /// The locality's name.
    pub name: String,
    /// Its telephone numbers, in the order to try them.
    pub phones: Vec<String>,
    /// What should be said about the postcode, or nothing.
    pub note: String,
}

/// What the postcode typed so far says.
pub fn of(site: &Site, raw: &Raw) -> Area {
    let answers = read_part(raw, Part::Home, site.relay.context()).0;
    let input = match (raw.get("carer.postcode_known"), answers.get("carer.postcode")) {
        ("no", _) => PostcodeInput::NotKnown,
        (_, "") => return Area::NotAsked,
        (_, postcode) => PostcodeInput::read(postcode),
    };
    let decision = site.relay.places.route(&input);
    match decision.outcome {
        Outcome::OutOfArea => elsewhere(decision),
        Outcome::Routed | Outcome::Retired => {
            match line(site, decision.locality.as_ref().map_or("", |id| id.as_str())) {
                Some(line) => Area::Line(Line { note: note(&decision), ..line }),
                None => Area::Desk(decision.reason),
            }
        }
        Outcome::Unknown | Outcome::Malformed => Area::Desk(decision.reason),
    }
}

/// The duty line of a locality.
pub fn line(site: &Site, locality: &str) -> Option<Line> {
    let locality = site.relay.places.locality(locality)?;
    let phones = locality.phones.iter().map(|phone| phone.as_typed().to_owned()).collect();
    Some(Line { name: locality.name.clone(), phones, note: String::new() })
}

fn elsewhere(decision: Decision) -> Area {
    let council = decision.district.map_or_else(|| "another area".to_owned(), |district| district.name);
    Area::Elsewhere { council, reason: decision.reason }
}

/// A postcode that has ended is worth a second look.
fn note(decision: &Decision) -> String {
    if decision.outcome == Outcome::Retired { decision.reason.clone() } else { String::new() }
}

impl Line {
    /// The numbers as a sentence has them.
    pub fn numbers(&self) -> String {
        self.phones.join(" or ")
    }
}
