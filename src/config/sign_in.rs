//! `[sign_in]`: what each role's sessions allow, and the identity providers of single sign-on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Fault;
use super::check::{host_of, loopback, number, open_to_others, pem, unreadable};
use crate::domain::people::Role;
use crate::domain::sign_in::{Factor, RoleRules, SignInRules};
use crate::domain::time::{HOUR, MINUTE};
use crate::domain::urn::Urn;

/// Factors that a role can be asked for; recovery codes stand in for any of them.
const FACTORS: [Factor; 4] = [Factor::Sso, Factor::Passkey, Factor::Totp, Factor::MailedCode];
/// Longest time that may be set, minutes.
const MOST_MINUTES: i64 = 24 * 60;
/// Longest time that may be set, hours.
const MOST_HOURS: i64 = 24;

/// Signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// How old a check may be for exports, bulk printing, other lines' cases and keys, minutes.
    pub fresh_minutes: Option<i64>,
    /// How old a check may be for anything, hours.
    pub recheck_hours: Option<i64>,
    /// What differs for a role, by its code.
    pub roles: BTreeMap<String, RoleLimits>,
    /// Identity providers, in the order of their buttons.
    pub providers: Vec<SsoProvider>,
}

/// What differs for a role; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleLimits {
    /// Codes of the factors of which one is needed.
    pub factors: Option<Vec<String>>,
    /// A session ends after so long without a request, minutes.
    pub idle_minutes: Option<i64>,
    /// A session ends after so long in any case, hours.
    pub absolute_hours: Option<i64>,
}

/// How our secret goes to a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// In a header (`client_secret_basic`).
    #[default]
    Basic,
    /// In the form (`client_secret_post`).
    Post,
}

/// An identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SsoProvider {
    /// Its short name in addresses.
    pub id: String,
    /// Its name on the button.
    pub name: String,
    /// Its issuer, exactly as it writes it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// The file whose first line is our secret there.
    pub client_secret_file: PathBuf,
    /// How the secret goes there.
    pub client_auth: ClientAuth,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Claims are asked of the userinfo endpoint too.
    pub userinfo: bool,
    /// Certificates to trust in place of the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Every address that it names is verified.
    pub trust_email: bool,
    /// Somebody whom a rule describes and nobody knows yet is made a person.
    pub create: bool,
    /// Which claims say what.
    pub claims: ProviderClaims,
    /// The rules, the first that fits counts.
    pub people: Vec<ProviderPeople>,
}

/// Which claims say what; paths with dots.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderClaims {
    /// The work address.
    pub address: String,
    /// Whether it is verified.
    pub address_verified: String,
    /// The name.
    pub name: String,
    /// The organisation, by URN or by name.
    pub organisation: String,
    /// The role.
    pub role: String,
}

impl Default for ProviderClaims {
    fn default() -> Self {
        Self {
            address: "email".to_owned(),
            address_verified: "email_verified".to_owned(),
            name: "name".to_owned(),
            organisation: String::new(),
            role: String::new(),
        }
    }
}

/// One value that a claim must have, or several of which it must have one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// This one.
    One(String),
    /// One of these.
    AnyOf(Vec<String>),
}

impl Values {
    /// As a list.
    pub fn list(&self) -> Vec<String> {
        match self {
            Values::One(value) => vec![value.clone()],
            Values::AnyOf(values) => values.clone(),
        }
    }
}

/// One rule: who, whose people, what they may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderPeople {
    /// The claims that they have.
    pub when: BTreeMap<String, Values>,
    /// Their organisation, by URN or name; empty: the claim says it.
    pub organisation: String,
    /// Their role; empty: the claim says it, or they keep the one they have.
    pub role: String,
    /// Their lines.
    pub lines: Vec<String>,
    /// New clinical rights hold without the line lead's approval.
    pub approved: bool,
}

impl SignIn {
    /// The rules as sessions take them; what cannot work was refused before by the check.
    pub fn rules(&self) -> SignInRules {
        let usual = SignInRules::default();
        let with = |(code, limits): (&String, &RoleLimits)| {
            let role = Role::from_code(code)?;
            Some((role, limits.on_top_of(SignInRules::default_of(role))))
        };
        SignInRules {
            roles: self.roles.iter().filter_map(with).collect(),
            fresh: self.fresh_minutes.map_or(usual.fresh, |minutes| minutes * MINUTE),
            recheck: self.recheck_hours.map_or(usual.recheck, |hours| hours * HOUR),
        }
    }

    /// The files that it names.
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.providers
            .iter_mut()
            .flat_map(|one| [Some(&mut one.client_secret_file), one.ca_file.as_mut()])
            .flatten()
    }
}

impl RoleLimits {
    fn on_top_of(&self, usual: RoleRules) -> RoleRules {
        let named = |codes: &Vec<String>| codes.iter().filter_map(|code| Factor::from_code(code)).collect();
        RoleRules {
            factors: self.factors.as_ref().map_or(usual.factors, named),
            idle: self.idle_minutes.map_or(usual.idle, |minutes| minutes * MINUTE),
            absolute: self.absolute_hours.map_or(usual.absolute, |hours| hours * HOUR),
        }
    }
}

/// Everything that cannot work.
pub(super) fn check(sign_in: &SignIn) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(number("sign_in.fresh_minutes", sign_in.fresh_minutes, MOST_MINUTES, "minutes"));
    faults.extend(number("sign_in.recheck_hours", sign_in.recheck_hours, MOST_HOURS, "hours"));
    for (code, limits) in &sign_in.roles {
        let at = format!("sign_in.roles.{code}");
        match Role::from_code(code) {
            Some(role) => faults.extend(limits_of(&at, role, limits)),
            None => faults.push(unknown(&at, "role", code, Role::ALL.iter().map(|role| role.code()))),
        }
    }
    let mut ids = BTreeSet::new();
    for (n, provider) in sign_in.providers.iter().enumerate() {
        let at = format!("sign_in.providers[{}]", n + 1);
        if !ids.insert(&provider.id) {
            faults.push(Fault::new(format!("{at}.id"), "two providers have this id: give each its own"));
        }
        faults.extend(of_provider(&at, provider));
        for (n, rule) in provider.people.iter().enumerate() {
            faults.extend(of_rule(&format!("{at}.people[{}]", n + 1), provider, rule));
        }
    }
    faults
}

fn unknown<'a>(at: &str, what: &str, code: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let known = known.collect::<Vec<_>>().join(", ");
    Fault::new(at, format!("there is no {what} ‘{code}’: write one of {known}"))
}

fn limits_of(at: &str, role: Role, limits: &RoleLimits) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(number(&format!("{at}.idle_minutes"), limits.idle_minutes, MOST_MINUTES, "minutes"));
    faults.extend(number(&format!("{at}.absolute_hours"), limits.absolute_hours, MOST_HOURS, "hours"));
    let at = format!("{at}.factors");
    if limits.factors.as_ref().is_some_and(Vec::is_empty) {
        faults.push(Fault::new(&*at, "list at least one factor, such as [\"sso\", \"passkey\"]"));
    }
    for code in limits.factors.iter().flatten() {
        match Factor::from_code(code).filter(|factor| FACTORS.contains(factor)) {
            None => {
                faults.push(unknown(&at, "factor", code, FACTORS.iter().map(|factor| factor.code())));
            }
            Some(Factor::MailedCode) if !role.in_setting() => faults.push(Fault::new(
                &*at,
                "‘mailed-code’ is for the roles of settings only: take it out, whoever reads the mailbox could sign in",
            )),
            Some(_) => {}
        }
    }
    faults
}

fn of_provider(at: &str, provider: &SsoProvider) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut say = |name: &str, wrong: bool, words: &str| {
        if wrong {
            faults.push(Fault::new(format!("{at}.{name}"), words));
        }
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let id = &provider.id;
    let bad_id = id.is_empty() || id.len() > 32 || !id.chars().all(plain);
    say("id", bad_id, "write a short name of small letters, digits and hyphens, such as \"nhsmail\"");
    let nameless = provider.name.trim().is_empty();
    say("name", nameless, "write its name as people know it, such as \"NHSmail\"");
    let host = host_of(&provider.issuer);
    say("issuer", host.is_none(), "write its issuer as it writes it, such as https://login.example/tenant");
    let clear = provider.issuer.starts_with("http://") && host.is_some_and(|host| !loopback(host));
    say("issuer", clear, "it must begin with https://: only 127.0.0.1 and localhost may do without");
    say("client_id", provider.client_id.is_empty(), "write the name that it knows this relay by");
    let none = provider.people.is_empty();
    say("people", none, "write at least one rule, or nobody can sign in by it");
    faults.extend(secret(&format!("{at}.client_secret_file"), &provider.client_secret_file));
    let authorities = provider.ca_file.as_ref();
    faults.extend(authorities.and_then(|file| pem(&format!("{at}.ca_file"), file, "CERTIFICATE")));
    faults
}

fn secret(at: &str, file: &Path) -> Option<Fault> {
    if file.as_os_str().is_empty() {
        return Some(Fault::new(at, "it is missing: name the file whose first line is the client secret"));
    }
    match fs::read_to_string(file) {
        Err(why) => Some(unreadable(at, file, &why)),
        Ok(text) if text.lines().next().unwrap_or_default().trim().is_empty() => {
            let sentence =
                format!("the first line of {} is empty: write the client secret there", file.display());
            Some(Fault::new(at, sentence))
        }
        Ok(_) => open_to_others(at, file),
    }
}

fn of_rule(at: &str, provider: &SsoProvider, rule: &ProviderPeople) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut say = |name: &str, wrong: bool, words: &str| {
        if wrong {
            faults.push(Fault::new(format!("{at}.{name}"), words));
        }
    };
    let claims = &provider.claims;
    let role = Role::from_code(&rule.role);
    let nowhere = rule.organisation.is_empty() && claims.organisation.is_empty();
    say("organisation", nowhere, "name the organisation, or the claim that says it in claims.organisation");
    let by_name = !rule.organisation.is_empty() && Urn::recognise(&rule.organisation).is_none();
    let setting = role.is_some_and(Role::in_setting);
    say("organisation", setting && by_name, "a setting is named by its Ofsted URN: write that");
    say(
        "when",
        rule.when.is_empty() && role.is_some(),
        "say which claims they have: this rule gives a role to everybody",
    );
    let empty = rule.when.values().any(|values| values.list().iter().all(|value| value.is_empty()));
    say("when", empty, "write the value that the claim must have: an empty one fits nobody");
    let line = role.is_some_and(Role::on_line);
    say("lines", line && rule.lines.is_empty(), "name the lines that they work, such as [\"canterbury\"]");
    say("lines", !line && !rule.lines.is_empty(), "only duty and duty-lead have lines: take them out");
    let gives = role.is_some_and(|role| role.on_line() || matches!(role, Role::IntakeDesk | Role::IgLead));
    say("approved", rule.approved && !gives, "only clinical rights need an approval: take it out");
    let keeps = rule.role.is_empty() && claims.role.is_empty();
    say("role", provider.create && keeps, "write the role: with create, a new person needs one");
    if role.is_none() && !rule.role.is_empty() {
        let known = Role::ALL.iter().map(|role| role.code());
        faults.push(unknown(&format!("{at}.role"), "role", &rule.role, known));
    }
    faults
}
