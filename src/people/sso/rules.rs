//! What an identity provider says about somebody, judged by the configured rules: whose person they
//! are and what they may do. Pure: no network, no store, no clock.
//!
//! The rules are tried in their order and the first that fits counts. A rule fits when each claim that
//! it names has one of the values that it wants; a claim is found by its path with dots, and may be a
//! text, a number or a list. Two claims of one list element have to be right in the *same* element:
//! an NHS smartcard lists several roles, each with an organisation, and the role of one may not be
//! taken with the organisation of another. Nobody who fits no rule gets in (DOMAIN section 9).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::email::EmailAddress;
use crate::domain::people::Role;
use crate::domain::urn::Urn;

/// The claims of a person, by name.
pub type Claims = serde_json::Map<String, Value>;

/// Which claims say what; each is a path with dots. Empty: nobody says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// Their work address.
    pub address: String,
    /// Whether the provider has verified that the address is theirs.
    pub address_verified: String,
    /// Their name.
    pub name: String,
    /// Their organisation: its URN, or its name as it is registered here.
    pub organisation: String,
    /// Their role, as the code of a setting's role.
    pub role: String,
}

/// An organisation as a rule or a claim names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its Ofsted URN.
    Urn(String),
    /// By its name.
    Name(String),
}

impl Named {
    /// A URN when it is one, else a name.
    pub fn of(text: &str) -> Self {
        match Urn::recognise(text) {
            Some(urn) => Named::Urn(urn.as_str().to_owned()),
            None => Named::Name(text.trim().to_owned()),
        }
    }
}

/// Rights by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The role.
    pub role: Role,
    /// The lines, for roles on a line.
    pub lines: Vec<String>,
    /// Clinical rights hold at once: whoever gives the claim to somebody stands for the line's lead.
    pub approved: bool,
}

/// What a rule says about rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// These, by the word of whoever wrote the configuration.
    Given(Given),
    /// What the claim for the role says: a setting's role only.
    ByClaim,
    /// Those that the person has here.
    AsTheyAre,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Claims by their paths, each with the values of which one is wanted.
    pub when: BTreeMap<String, Vec<String>>,
    /// Whose people they are; `None` when the claim for the organisation says it.
    pub organisation: Option<Named>,
    /// What they may do.
    pub rights: Rights,
}

/// All rules of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Which claims say what.
    pub claims: ClaimNames,
    /// Every address that the provider names is verified.
    pub trust_email: bool,
    /// Tried in this order.
    pub people: Vec<Rule>,
}

/// What the rules make of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Whose person they are.
    pub organisation: Named,
    /// What the rule gives; `None` for what they have here.
    pub rights: Option<Given>,
    /// Their address in small letters, if one was given and it is verified.
    pub address: Option<String>,
    /// Their name, if one was given.
    pub name: Option<String>,
}

/// Why the rules let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFit {
    /// No rule fits the claims.
    Rule,
    /// A rule fits, and the claim for the organisation says none or several.
    Organisation,
    /// A rule fits, and the claim for the role says none, several, or one that no claim may give.
    Role,
}

impl Rules {
    /// What the rules make of somebody with these claims.
    ///
    /// # Errors
    /// When no rule fits, or one does and the claims that it relies on do not say one thing.
    pub fn judge(&self, claims: &Claims) -> Result<Described, NoFit> {
        let claims = Value::Object(claims.clone());
        let rule = self.people.iter().find(|rule| self.fits(rule, &claims)).ok_or(NoFit::Rule)?;
        let organisation = match &rule.organisation {
            Some(named) => named.clone(),
            None => Named::of(&only(&claims, &self.claims.organisation).ok_or(NoFit::Organisation)?),
        };
        let rights = match &rule.rights {
            Rights::Given(given) => Some(given.clone()),
            Rights::ByClaim => {
                Some(Given { role: self.setting_role(&claims)?, lines: Vec::new(), approved: false })
            }
            Rights::AsTheyAre => None,
        };
        let name = only(&claims, &self.claims.name);
        Ok(Described { organisation, rights, address: self.address(&claims), name })
    }

    /// `organisation` and `role` stand for the claims that say these.
    fn fits(&self, rule: &Rule, claims: &Value) -> bool {
        let path = |name: &'_ str| match name {
            "organisation" if !self.claims.organisation.is_empty() => self.claims.organisation.clone(),
            "role" if !self.claims.role.is_empty() => self.claims.role.clone(),
            other => other.to_owned(),
        };
        let wanted: Vec<(String, &[String])> =
            rule.when.iter().map(|(name, values)| (path(name), values.as_slice())).collect();
        let borrowed: Vec<Wanted> = wanted.iter().map(|(path, values)| (path.as_str(), *values)).collect();
        holds(claims, &borrowed)
    }

    /// Clinical rights, oversight and administration come from a written rule, never from a claim alone.
    fn setting_role(&self, claims: &Value) -> Result<Role, NoFit> {
        let code = only(claims, &self.claims.role).ok_or(NoFit::Role)?;
        Role::from_code(&code).filter(|role| role.in_setting()).ok_or(NoFit::Role)
    }

    fn address(&self, claims: &Value) -> Option<String> {
        let verified = only(claims, &self.claims.address_verified).is_some_and(|said| said == "true");
        let address = only(claims, &self.claims.address)?;
        let address = EmailAddress::parse(&address).ok()?.folded();
        (verified || self.trust_email).then_some(address)
    }
}

/// A path, empty at its end, and the values of which one is wanted there.
type Wanted<'a> = (&'a str, &'a [String]);

/// Whether all that is wanted is found below `value`; of a list, in one and the same element.
fn holds(value: &Value, wanted: &[Wanted]) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| holds(element, wanted)),
        Value::Object(fields) => {
            let mut below: BTreeMap<&str, Vec<Wanted>> = BTreeMap::new();
            for (path, values) in wanted {
                let (field, rest) = step(fields, path);
                below.entry(field).or_default().push((rest, values));
            }
            below.iter().all(|(field, wanted)| fields.get(*field).is_some_and(|value| holds(value, wanted)))
        }
        scalar => {
            let text = as_text(scalar);
            wanted.iter().all(|(path, values)| {
                path.is_empty() && text.as_ref().is_some_and(|text| values.contains(text))
            })
        }
    }
}

/// The first field of a path and what is left; a claim whose own name has dots is found by all of it.
fn step<'a>(fields: &Claims, path: &'a str) -> (&'a str, &'a str) {
    if fields.contains_key(path) { (path, "") } else { path.split_once('.').unwrap_or((path, "")) }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The one value at a path; `None` when there is none, an empty one, or several different ones.
fn only(claims: &Value, path: &str) -> Option<String> {
    let mut found = Vec::new();
    collect(claims, path, &mut found);
    found.dedup();
    match found.as_slice() {
        [one] if !path.is_empty() && !one.trim().is_empty() => Some(one.trim().to_owned()),
        _ => None,
    }
}

fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, path, found)),
        Value::Object(fields) => {
            let (field, rest) = step(fields, path);
            if let Some(value) = fields.get(field) {
                collect(value, rest, found);
            }
        }
        scalar if path.is_empty() => found.extend(as_text(scalar)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(people: Vec<Rule>) -> Rules {
        let claims = ClaimNames {
            address: "email".into(),
            address_verified: "email_verified".into(),
            name: "name".into(),
            organisation: "organisation.urn".into(),
            role: "roles".into(),
        };
        Rules { claims, trust_email: false, people }
    }

    fn rule(when: &[(&str, &str)], rights: Rights) -> Rule {
        let when = when.iter().map(|(path, value)| ((*path).to_owned(), vec![(*value).to_owned()])).collect();
        Rule { when, organisation: Some(Named::Name("Trust".into())), rights }
    }

    fn swale() -> Given {
        Given { role: Role::Duty, lines: vec!["swale".into()], approved: false }
    }

    fn duty() -> Rights {
        Rights::Given(swale())
    }

    fn judge(rules: &Rules, claims: Value) -> Result<Described, NoFit> {
        rules.judge(claims.as_object().expect("claims"))
    }

    #[test]
    fn a_claim_may_be_a_text_a_list_or_deep_inside() {
        let rules = rules(vec![rule(&[("a.b", "R1")], duty())]);
        for fits in [
            json!({"a": {"b": "R1"}}),
            json!({"a": {"b": ["R0", "R1"]}}),
            json!({"a": [{"b": "R0"}, {"b": "R1"}]}),
            json!({"a.b": "R1"}),
        ] {
            assert!(judge(&rules, fits.clone()).is_ok(), "{fits}");
        }
        for not in [
            json!({}),
            json!({"a": "R1"}),
            json!({"a": {"b": "R10"}}),
            json!({"a": {"b": {"c": "R1"}}}),
            json!({"a": []}),
            json!({"b": "R1"}),
            json!({"a": {"b": null}}),
        ] {
            assert_eq!(judge(&rules, not.clone()), Err(NoFit::Rule), "{not}");
        }
    }

    #[test]
    fn the_role_of_one_post_is_not_taken_with_the_organisation_of_another() {
        let rules = rules(vec![rule(&[("posts.role", "R1"), ("posts.org", "A")], duty())]);
        assert!(
            judge(&rules, json!({"posts": [{"role": "R0", "org": "A"}, {"role": "R1", "org": "A"}]})).is_ok()
        );
        let crossed = json!({"posts": [{"role": "R1", "org": "B"}, {"role": "R0", "org": "A"}]});
        assert_eq!(judge(&rules, crossed), Err(NoFit::Rule));
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_one_value_of_several_is_enough() {
        let mut lead = rule(&[("role", "lead")], Rights::AsTheyAre);
        lead.when.insert("org".into(), vec!["A".into(), "B".into()]);
        let rules = rules(vec![lead, rule(&[], duty())]);
        assert_eq!(judge(&rules, json!({"roles": ["lead"], "org": "B"})).expect("fits").rights, None);
        let rest = judge(&rules, json!({"roles": ["lead"], "org": "C"})).expect("fits");
        assert_eq!(rest.rights, Some(swale()));
    }

    #[test]
    fn a_claim_names_the_organisation_and_gives_no_role_outside_settings() {
        let by_claims = Rule { organisation: None, rights: Rights::ByClaim, when: BTreeMap::new() };
        let rules = rules(vec![by_claims]);
        let said =
            |urn: Value, role: Value| judge(&rules, json!({"organisation": {"urn": urn}, "roles": role}));
        let manager = said(json!("EY123456"), json!(["manager"])).expect("fits");
        assert_eq!(manager.organisation, Named::Urn("EY123456".into()));
        let role = Given { role: Role::Manager, lines: Vec::new(), approved: false };
        assert_eq!(manager.rights, Some(role));
        assert_eq!(
            said(json!("Acorns"), json!("manager")).expect("fits").organisation,
            Named::Name("Acorns".into())
        );
        for role in ["duty", "duty-lead", "intake-desk", "ig-lead", "auditor", "administrator", "head", ""] {
            assert_eq!(said(json!("EY123456"), json!(role)), Err(NoFit::Role), "{role}");
        }
        assert_eq!(said(json!("EY123456"), json!(["manager", "practitioner"])), Err(NoFit::Role));
        assert_eq!(said(json!(["EY123456", "EY654321"]), json!("manager")), Err(NoFit::Organisation));
        assert_eq!(said(json!(null), json!("manager")), Err(NoFit::Organisation));
    }

    #[test]
    fn an_address_counts_when_it_is_verified() {
        let mut rules = rules(vec![rule(&[], duty())]);
        let address = |rules: &Rules, verified: Value| {
            judge(rules, json!({"email": "Sam@Trust.Example", "email_verified": verified}))
                .expect("fits")
                .address
        };
        for yes in [json!(true), json!("true")] {
            assert_eq!(address(&rules, yes).as_deref(), Some("sam@trust.example"));
        }
        for no in [json!(false), json!(null), json!("yes"), json!(1)] {
            assert_eq!(address(&rules, no), None);
        }
        rules.trust_email = true;
        assert_eq!(address(&rules, json!(false)).as_deref(), Some("sam@trust.example"));
        assert_eq!(judge(&rules, json!({"email": "no address"})).expect("fits").address, None);
    }
}
