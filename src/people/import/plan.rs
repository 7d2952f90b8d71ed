//! What becomes of each row of a list, decided from what is there: pure but for gathering the facts.

use std::collections::HashMap;

use super::read::{Manager, Row, Setting};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::relay::Relay;
use crate::store::people::{self, Organisation};
use crate::store::register::{self, RegisterSetting};
use crate::store::{Sees, StoreError, settings};

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The setting is new.
    Made,
    /// Everything is there already.
    Same,
    /// Something of it is new or another.
    Changed,
    /// It cannot be taken; the sentence says why.
    Refused(String),
}

/// One row of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line of the file on which the row begins.
    pub line: u64,
    /// The setting, when the row could be read.
    pub setting: String,
    /// What becomes of it.
    pub what: What,
}

/// What becomes of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Row by row.
    pub lines: Vec<Line>,
    /// Settings that are new.
    pub made: usize,
    /// Rows that change nothing.
    pub same: usize,
    /// Settings of which something is new or another.
    pub changed: usize,
    /// Rows that cannot be taken: one is enough, and nothing is applied.
    pub refused: usize,
    /// People who are invited.
    pub invited: usize,
}

/// Ids for what a row may make.
#[derive(Clone, Copy)]
pub(super) struct Ids {
    organisation: OrganisationId,
    person: PersonId,
}

impl Ids {
    pub(super) fn fresh(relay: &Relay) -> Self {
        Self { organisation: relay.fresh(OrganisationId::new), person: relay.fresh(PersonId::new) }
    }
}

/// What is there already.
pub(super) struct Facts {
    organisations: HashMap<String, (Organisation, bool)>,
    addresses: HashMap<String, OrganisationId>,
    leads: Vec<OrganisationId>,
    register: HashMap<String, RegisterSetting>,
}

impl Facts {
    pub(super) async fn gather(door: &mut impl Sees) -> Result<Self, StoreError> {
        let mut organisations = HashMap::new();
        for (one, verified) in settings::with_urn(door).await? {
            organisations.entry(one.urn.clone()).or_insert((one, verified));
        }
        let everybody = people::everybody(door).await?;
        let lead = |one: &&Person| one.role == Role::SafeguardingLead;
        let leads = everybody.iter().filter(lead).map(|one| one.organisation).collect();
        let addresses = everybody.into_iter().map(|one| (one.email, one.organisation)).collect();
        let register = register::everything(door).await?;
        let register = register.into_iter().map(|row| (row.urn.clone(), row)).collect();
        Ok(Self { organisations, addresses, leads, register })
    }
}

/// What is done about an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OrganisationStep {
    Make(Organisation),
    Change(Organisation),
    Keep,
}

/// What is done about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub organisation: OrganisationStep,
    /// Who is made and invited.
    pub person: Option<Person>,
    /// What the register has anew.
    pub listed: Option<RegisterSetting>,
}

/// What is done about a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub report: Report,
}

/// Decides about every row.
pub(super) fn plan(rows: &[Row], ids: &[Ids], facts: Facts) -> Plan {
    let mut plan = Plan::default();
    let mut seen = Seen::default();
    for (row, ids) in rows.iter().zip(ids) {
        let step = match &row.setting {
            Ok(setting) => seen.check(row.line, setting).and_then(|()| step(setting, *ids, &facts)),
            Err(said) => Err(said.clone()),
        };
        let setting =
            row.setting.as_ref().map_or_else(|_| String::new(), |s| format!("{} {}", s.urn, s.name));
        let what = plan.report.count(step, &mut plan.steps);
        plan.report.lines.push(Line { line: row.line, setting, what });
    }
    plan
}

/// Numbers and addresses of the rows before, with their lines.
#[derive(Default)]
struct Seen<'a> {
    numbers: HashMap<&'a str, u64>,
    addresses: HashMap<&'a str, u64>,
}

impl<'a> Seen<'a> {
    fn check(&mut self, line: u64, setting: &'a Setting) -> Result<(), String> {
        if let Some(first) = self.numbers.insert(&setting.urn, line) {
            return Err(format!("urn: line {first} has the same number"));
        }
        let address = setting.manager.as_ref().map(|manager| manager.email.as_str());
        match address.and_then(|address| self.addresses.insert(address, line)) {
            Some(first) => Err(format!("email: line {first} has the same address")),
            None => Ok(()),
        }
    }
}

impl Report {
    fn count(&mut self, step: Result<Step, String>, steps: &mut Vec<Step>) -> What {
        let step = match step {
            Ok(step) => step,
            Err(said) => {
                self.refused += 1;
                return What::Refused(said);
            }
        };
        self.invited += usize::from(step.person.is_some());
        let nothing = step.person.is_none() && step.listed.is_none();
        let what = match &step.organisation {
            OrganisationStep::Make(_) => What::Made,
            OrganisationStep::Keep if nothing => What::Same,
            _ => What::Changed,
        };
        let counted = match what {
            What::Made => &mut self.made,
            What::Changed => &mut self.changed,
            _ => &mut self.same,
        };
        *counted += 1;
        if what != What::Same {
            steps.push(step);
        }
        what
    }
}

fn step(setting: &Setting, ids: Ids, facts: &Facts) -> Result<Step, String> {
    let wanted = |id: OrganisationId, phone: &str| Organisation {
        id,
        kind: "setting".to_owned(),
        name: setting.name.clone(),
        urn: setting.urn.clone(),
        postcode: setting.postcode.clone(),
        phone: if setting.phone.is_empty() { phone.to_owned() } else { setting.phone.clone() },
    };
    let (id, organisation) = match facts.organisations.get(&setting.urn) {
        None => (ids.organisation, OrganisationStep::Make(wanted(ids.organisation, ""))),
        Some((there, _)) if there.kind != "setting" => {
            return Err("urn: another organisation, which is not a setting, has this number".to_owned());
        }
        Some((_, false)) => {
            return Err("urn: this setting signed itself up. Check it first, then load the list".to_owned());
        }
        Some((there, true)) => {
            let to = wanted(there.id, &there.phone);
            (there.id, if to == *there { OrganisationStep::Keep } else { OrganisationStep::Change(to) })
        }
    };
    let person = match &setting.manager {
        Some(manager) => person(manager, id, setting, ids, facts)?,
        None => None,
    };
    Ok(Step { organisation, person, listed: listed(setting, facts) })
}

/// Who is to be invited; nobody when they are there already.
fn person(
    manager: &Manager,
    organisation: OrganisationId,
    setting: &Setting,
    ids: Ids,
    facts: &Facts,
) -> Result<Option<Person>, String> {
    match facts.addresses.get(&manager.email) {
        Some(theirs) if *theirs == organisation => return Ok(None),
        Some(_) => return Err("email: somebody of another organisation has this address".to_owned()),
        None => {}
    }
    if manager.role == Role::SafeguardingLead && facts.leads.contains(&organisation) {
        return Err("role: the setting has a designated safeguarding lead already".to_owned());
    }
    Ok(Some(Person {
        id: ids.person,
        organisation,
        organisation_name: setting.name.clone(),
        name: manager.name.clone(),
        role: manager.role,
        lines: Vec::new(),
        covers: Vec::new(),
        email: manager.email.clone(),
    }))
}

/// What the register has anew; a telephone that the list does not have stays.
fn listed(setting: &Setting, facts: &Facts) -> Option<RegisterSetting> {
    let Setting { urn, name, postcode, phone, .. } = setting;
    let there = facts.register.get(urn);
    let kept = there.map_or("", |row| row.phone.as_str());
    let phone = if phone.is_empty() { kept } else { phone };
    let row = RegisterSetting {
        urn: urn.clone(),
        name: name.clone(),
        postcode: postcode.clone(),
        phone: phone.to_owned(),
    };
    (there != Some(&row)).then_some(row)
}
