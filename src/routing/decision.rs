//! What routing answers: an outcome, whose line, by which rule and which edition.
//!
//! Every decision is stored whole (DOMAIN section 4), so that years later anyone can see why a
//! referral went where it went. It holds the postcode: it is content, to be sealed with the referral.

use serde::{Deserialize, Serialize};

use super::table::District;
use crate::domain::locality::LocalityId;

/// The five answers of DOMAIN section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// To a duty line.
    Routed,
    /// Somewhere else's child; the council is named.
    OutOfArea,
    /// To a duty line, by the last district of a postcode that has ended.
    Retired,
    /// To the intake desk: nobody can tell from the postcode.
    Unknown,
    /// To the intake desk, or back to the field: not a postcode.
    Malformed,
}

/// The rule that decided. Its code is stable: stored, counted and documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The postcode lies in a district served here.
    UnitInArea,
    /// The postcode lies in a district not served here.
    UnitOutOfArea,
    /// The postcode has ended; its last district is served here.
    EndedInArea,
    /// The postcode has ended; its last district is not served here.
    EndedOutOfArea,
    /// Not in the table, and no district of its outward code is served here.
    OutcodeOutOfArea,
    /// Northern Ireland, the Isle of Man, Jersey or Guernsey.
    OutsideGreatBritain,
    /// Not in the table, but its outward code reaches a district served here.
    UnitNotInTable,
    /// No such outward code.
    NoSuchOutcode,
    /// `ZZ99 3VZ`.
    NoFixedAbode,
    /// `ZZ99 3WZ`, another `ZZ99` code, or "not known".
    NotKnown,
    /// Not a postcode.
    NotAPostcode,
}

/// The intake desk's help: the line that it probably is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Whose line.
    pub locality: LocalityId,
    /// Why, as a sentence.
    pub why: String,
}

/// The answer for one postcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was typed; empty when the postcode is not known.
    pub input: String,
    /// Which of the five answers.
    pub outcome: Outcome,
    /// Whose line, when it is routed.
    pub locality: Option<LocalityId>,
    /// The district, when there is exactly one.
    pub district: Option<District>,
    /// The rule that decided.
    pub rule: Rule,
    /// The sentence for people. It does not repeat the postcode.
    pub reason: String,
    /// The edition of the table.
    pub edition: String,
    /// Help for the intake desk; never followed without a person.
    pub suggestion: Option<Suggestion>,
}

impl Outcome {
    /// The word in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::OutOfArea => "out-of-area",
            Self::Retired => "retired",
            Self::Unknown => "unknown",
            Self::Malformed => "malformed",
        }
    }
}

impl Rule {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnitInArea => "unit-in-area",
            Self::UnitOutOfArea => "unit-out-of-area",
            Self::EndedInArea => "ended-in-area",
            Self::EndedOutOfArea => "ended-out-of-area",
            Self::OutcodeOutOfArea => "outcode-out-of-area",
            Self::OutsideGreatBritain => "outside-great-britain",
            Self::UnitNotInTable => "unit-not-in-table",
            Self::NoSuchOutcode => "no-such-outcode",
            Self::NoFixedAbode => "no-fixed-abode",
            Self::NotKnown => "not-known",
            Self::NotAPostcode => "not-a-postcode",
        }
    }
}

impl Decision {
    /// Whether a person at the intake desk has to choose the line.
    pub fn needs_desk(&self) -> bool {
        matches!(self.outcome, Outcome::Unknown | Outcome::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes_are_those_that_are_stored() {
        use Outcome::{Malformed, OutOfArea, Retired, Routed, Unknown};
        for outcome in [Routed, OutOfArea, Retired, Unknown, Malformed] {
            assert_eq!(serde_json::to_value(outcome).expect("text"), outcome.word());
        }
        use Rule::{EndedInArea, EndedOutOfArea, NoFixedAbode, NoSuchOutcode, NotAPostcode, NotKnown};
        use Rule::{OutcodeOutOfArea, OutsideGreatBritain, UnitInArea, UnitNotInTable, UnitOutOfArea};
        let ended = [EndedInArea, EndedOutOfArea, NoFixedAbode, NoSuchOutcode, NotAPostcode, NotKnown];
        let rest = [OutcodeOutOfArea, OutsideGreatBritain, UnitInArea, UnitNotInTable, UnitOutOfArea];
        for rule in ended.into_iter().chain(rest) {
            assert_eq!(serde_json::to_value(rule).expect("text"), rule.code());
        }
    }
}
