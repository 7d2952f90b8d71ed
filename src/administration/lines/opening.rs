//! A new duty line. Its id is made of its name and stays when the name changes; its districts must be free from
//! its day on, so that a district which moves is taken out of the other line first, for the same day.

use super::{Change, Line, all, decide, fitting};
use crate::administration::{AdministrationError, refused};
use crate::audit::Actor;
use crate::domain::locality::{LocalityId, MAX_ID};
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::store::lines::LineDetails;

/// A word of the pages' own addresses.
const RESERVED: &str = "new";

/// A line before it is opened: what an empty form starts from.
pub fn blank() -> Line {
    Line {
        id: String::new(),
        version: 0,
        open: false,
        now: LineDetails::default(),
        confirmed_at: 0,
        planned: None,
        history: Vec::new(),
    }
}

/// Opens a line; gives its id. The same decision twice (a double click) is one.
///
/// # Errors
/// `Refused` when there is a line whose id is the same, or another one serves one of the districts;
/// [`AdministrationError::Changed`] when somebody decided meanwhile.
pub async fn open(relay: &Relay, person: &Person, change: &Change) -> Result<String, AdministrationError> {
    let who = actor(person);
    let id = id_of(&change.details.name)
        .ok_or_else(|| refused("name", "Write a name with plain letters from A to Z in it"))?;
    if let Some(line) = all(relay).await?.into_iter().find(|line| line.id == id) {
        return match is_this(&line, &who, change) {
            true => Ok(id),
            false => Err(refused(
                "name",
                "There is a line with this name, or one was opened under it: choose another",
            )),
        };
    }
    let known = fitting(relay, &who, &id, change).await?;
    decide(relay, who, &id, 0, change.clone(), known).await?;
    Ok(id)
}

/// Whether the line was opened by this very decision.
fn is_this(line: &Line, who: &Actor, change: &Change) -> bool {
    line.history.first().is_some_and(|first| {
        first.details == change.details
            && first.valid_from == change.from.to_string()
            && first.decided_by == who.id.as_str()
            && line.version == 1
    })
}

/// Small letters and digits of the name, with one hyphen in place of all else.
fn id_of(name: &str) -> Option<String> {
    let small = name.to_lowercase();
    let words: Vec<&str> =
        small.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id: String = words.join("-").chars().take(MAX_ID).collect();
    let id = id.trim_end_matches('-');
    (id != RESERVED && LocalityId::parse(id).is_ok()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_a_name_and_is_no_word_of_ours() {
        assert_eq!(id_of("Maidstone  & Malling (North)").as_deref(), Some("maidstone-malling-north"));
        assert_eq!(id_of("St. Mary’s 2").as_deref(), Some("st-mary-s-2"));
        for none in ["", "—", "New", "सुनीता"] {
            assert_eq!(id_of(none), None, "{none}");
        }
        assert!(id_of(&"long name ".repeat(20)).is_some_and(|id| id.len() <= MAX_ID && !id.ends_with('-')));
    }
}
