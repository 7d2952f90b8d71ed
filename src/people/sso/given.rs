//! What a rule gives, brought to a person. What the provider takes away goes at once. What it gives holds at once
//! too, but for clinical rights that are new: these wait for the line's lead (DOMAIN section 9), unless the rule
//! says that whoever gives the claim stands for the lead.

use super::super::approval::{self, Right};
use super::super::looking_after::last_of;
use super::SsoError;
use super::rules::Given;
use super::who::{left, refused};
use crate::audit::Actor;
use crate::domain::people::{Person, Role};
use crate::relay::Relay;
use crate::store::identities;
use crate::store::{StoreError, joiners, requests};

/// The person with role and lines as the rule gives them now, as far as they hold at once.
pub(super) async fn in_line(relay: &Relay, person: Person, given: Option<Given>) -> Result<Person, SsoError> {
    let Some(given) = given else { return Ok(person) };
    let given = known_lines(relay, given)?;
    let waits = waiting(&given, Some(&person));
    ask(relay, &person, &waits).await?;
    let Some(now) = at_once(&person, &given, &waits) else {
        left(relay, &person, "waits-for-lead").await?;
        return Err(SsoError::Waits);
    };
    if same(&person, &now) {
        return Ok(person);
    }
    change(relay, person, now).await
}

/// Asks for the clinical rights of somebody who is nobody here yet; their account is made when the first of
/// them is approved, and found by its address at the next sign-in.
pub(super) async fn ask_for_new(relay: &Relay, given: &Given, person: &Person) -> Result<(), SsoError> {
    let waits = waiting(given, None);
    if waits.is_empty() {
        return Ok(());
    }
    let all = requests::waiting(&mut relay.store.read().await?).await?;
    if !all.iter().any(|request| request.email == person.email) {
        ask(relay, person, &waits).await?;
    }
    Err(SsoError::Waits)
}

/// Without lines that are no localities here.
pub(super) fn known_lines(relay: &Relay, mut given: Given) -> Result<Given, SsoError> {
    let before = given.lines.len();
    given.lines.retain(|line| relay.places.locality(line).is_some());
    if given.lines.len() < before {
        tracing::warn!("sign_in.providers: a rule names a line that is not among the localities");
    }
    match given.lines.is_empty() && given.role.on_line() {
        true => Err(SsoError::NoFit(super::NoFit::Rule)),
        false => Ok(given),
    }
}

fn waiting(given: &Given, before: Option<&Person>) -> Vec<Right> {
    match given.approved {
        true => Vec::new(),
        false => approval::needed(before, given.role, &given.lines),
    }
}

async fn ask(relay: &Relay, person: &Person, waits: &[Right]) -> Result<(), StoreError> {
    let asked = approval::ask(relay, person.id, person, waits).await?;
    if asked.is_empty() {
        return Ok(());
    }
    let put = relay
        .store
        .write(move |unit| Box::pin(async move { approval::put(unit, &Actor::system(), &asked).await }));
    put.await
}

/// Role and lines that hold while some wait; `None` when nothing would be left.
fn at_once(person: &Person, given: &Given, waits: &[Right]) -> Option<Person> {
    if waits.is_empty() {
        return Some(Person { role: given.role, lines: given.lines.clone(), ..person.clone() });
    }
    let stays = person.role == given.role || (person.role, given.role) == (Role::Duty, Role::DutyLead);
    let lines: Vec<String> = person.lines.iter().filter(|line| given.lines.contains(line)).cloned().collect();
    (stays && !lines.is_empty()).then(|| Person { lines, ..person.clone() })
}

/// Of the last administrator who can sign in, and the last manager of a setting, nothing is changed.
async fn change(relay: &Relay, person: Person, now: Person) -> Result<Person, SsoError> {
    let (before, after) = (person.clone(), now.clone());
    let changed = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            if before.role != after.role && last_of(unit, &before).await?.is_some() {
                unit.unaudited("refused: recorded below");
                return Ok(false);
            }
            identities::change_rights(unit, &Actor::system(), &before, &after).await?;
            Ok(true)
        })
    });
    if changed.await? {
        return Ok(now);
    }
    refused(relay, &person, "last-of-role").await?;
    Ok(person)
}

fn same(person: &Person, now: &Person) -> bool {
    let sorted = |lines: &[String]| {
        let mut lines = lines.to_vec();
        lines.sort_unstable();
        lines
    };
    person.role == now.role && sorted(&person.lines) == sorted(&now.lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{OrganisationId, PersonId};
    use crate::domain::time::Instant;

    fn person(role: Role, lines: &[&str]) -> Person {
        let at = Instant::from_micros(0);
        Person {
            id: PersonId::new(at, [1; 10]),
            organisation: OrganisationId::new(at, [0; 10]),
            organisation_name: String::new(),
            name: String::new(),
            role,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            covers: Vec::new(),
            email: String::new(),
        }
    }

    /// Role and lines that hold at once.
    fn now(before: &Person, role: Role, lines: &[&str], approved: bool) -> Option<(Role, Vec<String>)> {
        let given = Given { role, lines: lines.iter().map(|line| (*line).to_owned()).collect(), approved };
        let waits = waiting(&given, Some(before));
        at_once(before, &given, &waits).map(|person| (person.role, person.lines))
    }

    #[test]
    fn what_is_taken_goes_at_once_and_what_is_new_and_clinical_waits() {
        let some = |role, lines: &[&str]| {
            Some((role, lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()))
        };
        let duty = person(Role::Duty, &["canterbury", "swale"]);
        assert_eq!(now(&duty, Role::Duty, &["canterbury"], false), some(Role::Duty, &["canterbury"]));
        assert_eq!(now(&duty, Role::Duty, &["swale", "thanet"], false), some(Role::Duty, &["swale"]));
        assert_eq!(
            now(&duty, Role::Duty, &["swale", "thanet"], true),
            some(Role::Duty, &["swale", "thanet"])
        );
        assert_eq!(
            now(&duty, Role::DutyLead, &["swale"], false),
            some(Role::Duty, &["swale"]),
            "leads later"
        );
        assert_eq!(now(&duty, Role::Duty, &["thanet"], false), None, "nothing is left");
        let lead = person(Role::DutyLead, &["swale"]);
        assert_eq!(
            now(&lead, Role::Duty, &["swale"], false),
            some(Role::Duty, &["swale"]),
            "less than before"
        );
        let administrator = person(Role::Administrator, &[]);
        assert_eq!(now(&administrator, Role::IgLead, &[], false), None);
        assert_eq!(now(&administrator, Role::Auditor, &[], false), some(Role::Auditor, &[]));
    }
}
