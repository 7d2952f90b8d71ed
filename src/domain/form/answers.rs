//! What was typed ([`Raw`]) and what it means ([`Answers`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spec::{FIELDS, Field, Kind, Part, field};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::slot_time::time_for_people;
use crate::domain::time::day_for_people;

/// What somebody typed or sent, by field name, untouched: shown again as it was after an error.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw(BTreeMap<String, Vec<String>>);

impl Raw {
    /// The first value of a name; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values of a name.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Adds one more value.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_owned()).or_default().push(value.into());
    }

    /// Puts one value in the place of all others.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), vec![value.into()]);
    }

    /// Takes a name out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// All names that are there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Takes everything a page sent for its part, and forgets what that part held before: an
    /// unticked box is not sent at all.
    pub fn replace_part(&mut self, part: Part, sent: &Raw) {
        for field in FIELDS.iter().filter(|field| field.part == part) {
            for name in names_of(field) {
                match sent.0.get(&name) {
                    Some(values) => self.0.insert(name, values.clone()),
                    None => self.0.remove(&name),
                };
            }
        }
    }

    /// Whether anything of this part was answered.
    pub fn touched(&self, part: Part) -> bool {
        FIELDS
            .iter()
            .filter(|field| field.part == part)
            .flat_map(names_of)
            .any(|name| self.all(&name).iter().any(|value| !value.trim().is_empty()))
    }
}

/// The names under which a field comes from a page: itself, or its pieces.
fn names_of(field: &Field) -> Vec<String> {
    let pieces: &[&str] = match field.kind {
        Kind::Birth | Kind::PastDate => &["", "-day", "-month", "-year"],
        Kind::Slot => &["", "-day", "-month", "-year", "-time"],
        _ => &[""],
    };
    pieces.iter().map(|piece| format!("{}{piece}", field.path)).collect()
}

/// Canonical answers by path: checked, in one form, only what was answered.
///
/// Its JSON (keys in order, no spaces) is the exact content that is signed and sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Vec<String>>);

impl Answers {
    pub(super) fn put(&mut self, path: &str, values: Vec<String>) {
        self.0.insert(path.to_owned(), values);
    }

    /// Forgets the answers whose paths fit: for a page that may show only some.
    pub fn forget(&mut self, which: impl Fn(&str) -> bool) {
        self.0.retain(|path, _| !which(path));
    }

    /// The first value; empty when not answered.
    pub fn get(&self, path: &str) -> &str {
        self.0.get(path).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values.
    pub fn all(&self, path: &str) -> &[String] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    /// A date answer.
    pub fn date(&self, path: &str) -> Option<jiff::civil::Date> {
        self.get(path).parse().ok()
    }

    /// The canonical bytes: what signatures are given for.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("a map of strings is JSON")
    }

    /// Reads canonical bytes again.
    pub fn from_canonical(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The value as people read it, or `None` when it was not answered.
    pub fn shown(&self, path: &str) -> Option<String> {
        let values = self.0.get(path)?;
        Some(Self::in_words(field(path)?, values))
    }

    /// Values of a field as people read them, a line each; empty without any.
    pub fn in_words(field: &Field, values: &[String]) -> String {
        let words: Vec<String> = values.iter().map(|value| shown(field.kind, value)).collect();
        words.join("\n")
    }

    /// The answered fields of a part, in form order, with their words.
    pub fn shown_part(&self, part: Part) -> Vec<(&'static Field, String)> {
        let fields = FIELDS.iter().filter(|field| field.part == part);
        fields.filter_map(|field| self.shown(field.path).map(|words| (field, words))).collect()
    }

    /// Child's full name.
    pub fn child_name(&self) -> String {
        format!("{} {}", self.get("child.forename"), self.get("child.surname"))
    }

    /// Whether a meeting is asked for.
    pub fn wants_meeting(&self) -> bool {
        self.get("request.kind") == "referral-and-meeting"
    }

    /// Whether either restricted question was answered with yes: reason to be careful with paper.
    /// Meaningful on restricted answers only.
    pub fn flagged(&self) -> bool {
        ["safeguarding.concerns", "abuse.concerns"].iter().any(|path| self.get(path) == "yes")
    }
}

fn shown(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Birth | Kind::PastDate => value.parse().map_or_else(|_| value.to_owned(), day_for_people),
        Kind::NhsNumber => NhsNumber::parse(value).map_or_else(|_| value.to_owned(), |n| n.to_string()),
        Kind::Slot => slot_for_people(value),
        Kind::One(options) | Kind::Any(options) => {
            options.iter().find(|(code, _)| *code == value).map_or(value, |(_, words)| words).to_owned()
        }
        _ => value.to_owned(),
    }
}

fn slot_for_people(value: &str) -> String {
    let Ok(at) = value.parse::<jiff::civil::DateTime>() else { return value.to_owned() };
    format!("{} {}, {}", at.strftime("%A"), day_for_people(at.date()), time_for_people(at.time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meetings_time_is_said_as_everywhere_else() {
        assert_eq!(slot_for_people("2026-12-08T10:00:00"), "Tuesday 8 December 2026, 10am");
        assert_eq!(slot_for_people("2026-12-08T14:30:00"), "Tuesday 8 December 2026, 2:30pm");
    }
}
