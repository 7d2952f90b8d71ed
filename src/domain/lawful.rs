//! The lawful route: a referral that goes on although nobody agreed (DOMAIN section 3).
//!
//! Confidentiality yields to safeguarding, by a decision and not by a setting that forgot to ask: a named
//! person of the setting decides, on a basis from the deployment's list, and writes why; a second person
//! checks. Both are bound to the words as they were: a change afterwards makes them stale. It is off
//! unless the deployment turns it on.

use serde::{Deserialize, Serialize};

use super::people::{Person, Role};
use super::time::Instant;

/// A basis in law on which may be shared without agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Stable code, `[a-z0-9-]`.
    pub code: String,
    /// The words for people.
    pub words: String,
}

/// What the deployment decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawfulRules {
    /// Whether there is such a route at all.
    pub on: bool,
    /// The bases to choose from.
    pub bases: Vec<Basis>,
}

impl Default for LawfulRules {
    /// Off, with the usual bases.
    fn default() -> Self {
        let bases = [
            (
                "ca2004-s16la",
                "Children Act 2004, section 16LA: the duty to share information to safeguard or promote a child’s \
                 welfare, unless sharing would harm the child more",
            ),
            (
                "ca1989-s47-s17",
                "Children Act 1989, section 47 or 17: children’s social care asked for help with its enquiries or \
                 its assessment",
            ),
            ("vital-interests", "A life, or serious harm to the child, is at stake"),
            ("court-order", "A court has ordered it"),
        ];
        let basis = |(code, words): (&str, &str)| Basis { code: code.to_owned(), words: words.to_owned() };
        Self { on: false, bases: bases.map(basis).to_vec() }
    }
}

impl LawfulRules {
    /// The basis with this code.
    pub fn basis(&self, code: &str) -> Option<&Basis> {
        self.bases.iter().find(|basis| basis.code == code)
    }
}

/// Who acted, as they were when they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role's words.
    pub role: String,
}

impl Actor {
    /// This person, now.
    pub fn of(person: &Person) -> Self {
        let role = person.role.label().to_owned();
        Self { id: person.id.to_string(), name: person.name.clone(), role }
    }

    /// `Jo Lead, Designated safeguarding lead`.
    pub fn title(&self) -> String {
        format!("{}, {}", self.name, self.role.to_lowercase())
    }
}

/// What a second person said about a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Confirmed, or declined.
    pub confirmed: bool,
    /// What they wrote; may be empty when confirmed.
    pub words: String,
}

/// A decision that this goes on without agreement. Sealed: the reasons may say anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// On which basis, with its words as they were.
    pub basis: Basis,
    /// Why, as it was typed.
    pub reason: String,
    /// The parent was told that this is shared.
    pub parent_told: bool,
    /// Why they were not; empty when they were.
    pub not_told_because: String,
    /// Lower-case hex SHA-256 of the family part for which it was decided.
    pub content_sha256: String,
    /// The second person's check, once it was made.
    pub check: Option<Check>,
}

impl Decision {
    /// Whether a second person has confirmed it.
    pub fn is_confirmed(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.confirmed && check.by.id != self.by.id)
    }
}

/// Whether this person may decide, or check, for their setting.
pub fn may_decide(person: &Person) -> bool {
    matches!(person.role, Role::Manager | Role::SafeguardingLead)
}

/// Whether this person may check a decision: nobody checks their own.
pub fn may_check(person: &Person, decision: &Decision) -> bool {
    may_decide(person) && person.id.to_string() != decision.by.id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_and_has_its_usual_bases() {
        let rules = LawfulRules::default();
        assert!(!rules.on);
        let codes: Vec<&str> = rules.bases.iter().map(|basis| basis.code.as_str()).collect();
        assert_eq!(codes, ["ca2004-s16la", "ca1989-s47-s17", "vital-interests", "court-order"]);
        assert!(rules.basis("vital-interests").is_some() && rules.basis("convenience").is_none());
    }
}
