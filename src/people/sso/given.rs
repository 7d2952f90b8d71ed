//! What a rule gives, brought to a person. What the provider takes away goes at once. What it gives holds at once
//! too, but for clinical rights that are new: these wait for the line's lead (DOMAIN section 9), unless the rule
//! says that whoever gives the claim stands for the lead.
//!
//! A request that a rule makes lives as long as the rule gives the right: it is withdrawn at the next sign-in that
//! does not. What was declined is not asked for again for [`DECLINED`].

use super::super::approval::{self, Right};
use super::super::looking_after::{last_of, one_lead};
use super::SsoError;
use super::rules::Given;
use super::who::{left, left_waiting, refused};
use crate::audit::Actor;
use crate::domain::people::{Person, Role};
use crate::domain::time::DAY;
use crate::relay::Relay;
use crate::store::requests::{self, RightRequest};
use crate::store::{StoreError, identities, joiners, sessions};

/// How long a right that was declined is not asked for again by a rule, microseconds.
const DECLINED: i64 = 30 * DAY;

/// The person with role and lines as the rule gives them now, as far as they hold at once.
pub(super) async fn in_line(relay: &Relay, person: Person, given: Option<Given>) -> Result<Person, SsoError> {
    let Some(given) = given else { return Ok(person) };
    let given = match known_lines(relay, given) {
        Ok(given) => given,
        Err(none) => {
            left(relay, &person, "no-rule").await?;
            return Err(none);
        }
    };
    let waits = waiting(&given, Some(&person));
    ask(relay, &person, &waits).await?;
    let (now, enough) = at_once(&person, &given, &waits);
    let person = if same(&person, &now) { person } else { change(relay, person, now).await? };
    if enough {
        return Ok(person);
    }
    left_waiting(relay, &person).await?;
    Err(SsoError::Waits)
}

/// Asks for the clinical rights of somebody who is nobody here yet; their account is made when the first of
/// them is approved, and found by its address at the next sign-in.
pub(super) async fn ask_for_new(
    relay: &Relay,
    given: &Given,
    mut person: Person,
) -> Result<Person, SsoError> {
    let waits = waiting(given, None);
    if waits.is_empty() {
        return Ok(person);
    }
    let all = requests::waiting(&mut relay.store.read().await?).await?;
    if let Some(before) = all.iter().find(|request| request.email == person.email) {
        person.id = before.person;
    }
    ask(relay, &person, &waits).await?;
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

/// Asks for what waits, unless it was asked for or declined before, and withdraws what rules asked for and give
/// no more.
pub(super) async fn ask(relay: &Relay, person: &Person, waits: &[Right]) -> Result<(), StoreError> {
    let mut read = relay.store.read().await?;
    let since = relay.clock.now().plus(-DECLINED);
    let declined = requests::declined_since(&mut read, &person.email, since).await?;
    let before = requests::of(&mut read, person.id).await?;
    drop(read);
    let by_rule = before.into_iter().filter(|request| request.asked_by == person.id);
    let over: Vec<_> = by_rule.filter(|request| !waits.iter().any(|right| is(right, request))).collect();
    let new = waits.iter().filter(|right| !declined.iter().any(|request| is(right, request)));
    let new: Vec<Right> = new.cloned().collect();
    let asked = approval::ask(relay, person.id, person, &new).await?;
    if asked.is_empty() && over.is_empty() {
        return Ok(());
    }
    let put = relay.store.write(move |unit| {
        Box::pin(async move {
            for request in &over {
                requests::decide(unit, &Actor::system(), request, "withdrawn", "").await?;
            }
            approval::put(unit, &Actor::system(), &asked).await
        })
    });
    put.await
}

fn is(right: &Right, request: &RightRequest) -> bool {
    right.role == request.role && right.line == request.line
}

/// What holds while some wait, and whether it is enough to be let in with. Of a line's person only the lines stay
/// that the rule gives, and leading only when the rule gives that. Others keep their role, and are not let in.
fn at_once(person: &Person, given: &Given, waits: &[Right]) -> (Person, bool) {
    if waits.is_empty() {
        return (Person { role: given.role, lines: given.lines.clone(), ..person.clone() }, true);
    }
    if !(person.role.on_line() && given.role.on_line()) {
        return (person.clone(), false);
    }
    let role = if person.role == given.role { given.role } else { Role::Duty };
    let lines: Vec<String> = person.lines.iter().filter(|line| given.lines.contains(line)).cloned().collect();
    let enough = !lines.is_empty();
    (Person { role, lines, ..person.clone() }, enough)
}

/// Nothing is changed of the last administrator who can sign in and the last manager of a setting, and nobody
/// becomes a second safeguarding lead. Sessions end: another role may want another way of signing in.
async fn change(relay: &Relay, person: Person, now: Person) -> Result<Person, SsoError> {
    let (before, after) = (person.clone(), now.clone());
    let changed = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            if before.role != after.role {
                let last = last_of(unit, &before).await?;
                let second = one_lead(unit, before.organisation, after.role).await?;
                if last.or(second).is_some() {
                    unit.unaudited("refused: recorded below");
                    return Ok(false);
                }
            }
            identities::change_rights(unit, &Actor::system(), &before, &after).await?;
            sessions::end_others(unit, after.id, "").await?;
            Ok(true)
        })
    });
    if changed.await? {
        return Ok(now);
    }
    refused(relay, &person, "role-stays").await?;
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
    fn now(before: &Person, role: Role, lines: &[&str], approved: bool) -> (Role, Vec<String>, bool) {
        let given = Given { role, lines: lines.iter().map(|line| (*line).to_owned()).collect(), approved };
        let waits = waiting(&given, Some(before));
        let (person, enough) = at_once(before, &given, &waits);
        (person.role, person.lines, enough)
    }

    #[test]
    fn what_is_taken_goes_at_once_and_what_is_new_and_clinical_waits() {
        let all = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let some = |role, lines: &[&str]| (role, all(lines), true);
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
        let nothing = (Role::Duty, all(&[]), false);
        assert_eq!(now(&duty, Role::Duty, &["thanet"], false), nothing, "nothing is left");
        let lead = person(Role::DutyLead, &["swale", "canterbury"]);
        let moves = now(&lead, Role::Duty, &["swale", "thanet"], false);
        assert_eq!(moves, some(Role::Duty, &["swale"]), "leads no more, and works what is left");
        assert_eq!(
            now(&lead, Role::Duty, &["swale"], false),
            some(Role::Duty, &["swale"]),
            "less than before"
        );
        let administrator = person(Role::Administrator, &[]);
        let stays = (Role::Administrator, all(&[]), false);
        assert_eq!(now(&administrator, Role::IgLead, &[], false), stays, "and is not let in");
        assert_eq!(now(&administrator, Role::Auditor, &[], false), some(Role::Auditor, &[]));
    }
}
