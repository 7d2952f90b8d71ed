//! Clinical rights: which need an approval, and who gives it (DOMAIN section 9).
//!
//! ```text
//!  administrator asks ──> waits (right_request, one for each line) ──> lead of the line, or IG lead ──> person's rights
//! ```
//!
//! A line's lead decides about their own line. While a line has no lead who has signed in, and for the
//! intake desk and the IG lead, the IG lead decides. The first IG lead comes from the command line only.
//! Nobody approves what they asked for, nor their own. What an identity provider's rule gives counts as asked for
//! by the person themselves (`sso/given.rs`).

use super::invitations::{self, Prepared};
use super::looking_after::last_of;
use super::refused::{PeopleError, Said};
use crate::audit::Actor;
use crate::domain::ids::PersonId;
use crate::domain::joining::DeclineReason;
use crate::domain::people::{Person, Role};
use crate::relay::{Relay, actor};
use crate::store::requests::{self, RightRequest};
use crate::store::{StoreError, Unit, joiners, people};

/// One right that needs an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The role.
    pub role: Role,
    /// The line, for duty roles; empty otherwise.
    pub line: String,
}

/// What of a role and its lines somebody does not have yet and cannot get without an approval.
pub fn needed(before: Option<&Person>, role: Role, lines: &[String]) -> Vec<Right> {
    let right = |line: &str| Right { role, line: line.to_owned() };
    match role {
        Role::Duty | Role::DutyLead => {
            lines.iter().filter(|line| !has(before, role, line)).map(|line| right(line)).collect()
        }
        Role::IntakeDesk | Role::IgLead if before.is_none_or(|person| person.role != role) => vec![right("")],
        _ => Vec::new(),
    }
}

/// Whether somebody works a line already in this role or a stronger one.
fn has(before: Option<&Person>, role: Role, line: &str) -> bool {
    before.is_some_and(|person| {
        let enough = person.role == role || (person.role == Role::DutyLead && role == Role::Duty);
        enough && person.lines.iter().any(|own| own == line)
    })
}

/// Whether somebody decides about a request. `leads`: those of its line who have signed in before.
pub fn may_decide(who: &Person, request: &RightRequest, leads: &[PersonId]) -> bool {
    let concerned = |id: PersonId| id == request.asked_by || id == request.person;
    if concerned(who.id) {
        return false;
    }
    let led = request.role.on_line() && leads.iter().any(|lead| !concerned(*lead));
    match led {
        true => who.role == Role::DutyLead && who.lines.contains(&request.line),
        false => who.role == Role::IgLead,
    }
}

/// The requests that somebody decides about, oldest first.
pub async fn to_decide(relay: &Relay, who: &Person) -> Result<Vec<RightRequest>, StoreError> {
    let mut read = relay.store.read().await?;
    let mut theirs = Vec::new();
    for request in requests::waiting(&mut read).await? {
        let leads = joiners::leads_of(&mut read, &request.line).await?;
        if may_decide(who, &request, &leads) {
            theirs.push(request);
        }
    }
    Ok(theirs)
}

/// A request that somebody decides about.
///
/// # Errors
/// [`PeopleError::Missing`] when it is not theirs, or decided.
pub async fn request(relay: &Relay, who: &Person, id: &str) -> Result<RightRequest, PeopleError> {
    let mut read = relay.store.read().await?;
    let request = requests::find(&mut read, id).await?.ok_or(PeopleError::Missing)?;
    let leads = joiners::leads_of(&mut read, &request.line).await?;
    may_decide(who, &request, &leads).then_some(request).ok_or(PeopleError::Missing)
}

/// Declines a request.
///
/// # Errors
/// As [`request`]; [`PeopleError::Conflict`] when it was decided meanwhile.
pub async fn decline(relay: &Relay, who: &Person, id: &str, why: DeclineReason) -> Result<(), PeopleError> {
    let request = request(relay, who, id).await?;
    let who = actor(who);
    let done = relay.store.write(move |unit| {
        Box::pin(async move { requests::decide(unit, &who, &request, "declined", why.code()).await })
    });
    Ok(done.await?)
}

/// The requests for rights that `by` asks for somebody; what waits already is not asked for twice.
pub(super) async fn ask(
    relay: &Relay,
    by: PersonId,
    of: &Person,
    rights: &[Right],
) -> Result<Vec<RightRequest>, StoreError> {
    let waiting = requests::of(&mut relay.store.read().await?, of.id).await?;
    let known = |right: &&Right| !waiting.iter().any(|one| one.role == right.role && one.line == right.line);
    let request = |right: &Right| RightRequest {
        id: relay.chance::<16>(),
        person: of.id,
        organisation: of.organisation,
        name: of.name.clone(),
        email: of.email.clone(),
        role: right.role,
        line: right.line.clone(),
        asked_by: by,
        asked_at: relay.clock.now().micros(),
    };
    Ok(rights.iter().filter(known).map(request).collect())
}

/// Stores requests, with their events.
pub(super) async fn put(unit: &mut Unit, who: &Actor, asked: &[RightRequest]) -> Result<(), StoreError> {
    for request in asked {
        requests::insert(unit, who, request).await?;
    }
    Ok(())
}

/// Approves a request: the person has the right from now on. Somebody new is made now, and invited.
///
/// # Errors
/// As [`request`]; [`PeopleError::Conflict`] when it was decided meanwhile; [`PeopleError::Refused`] when
/// the person is without access, the address is another person's by now, or they are the last of a kind.
pub async fn approve(relay: &Relay, who: &Person, id: &str) -> Result<(), PeopleError> {
    let request = request(relay, who, id).await?;
    let person = new_person(&request);
    let prepared = invitations::prepare(relay, Some(request.asked_by), &person);
    let who = actor(who);
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            let said = grant(unit, &who, &request, &prepared).await?;
            match said {
                Ok(()) => requests::decide(unit, &who, &request, "approved", "").await?,
                Err(_) => unit.unaudited("refused: nothing is changed"),
            }
            Ok(said)
        })
    });
    done.await?.map_err(PeopleError::Refused)?;
    relay.bell.notify_waiters();
    Ok(())
}

fn new_person(request: &RightRequest) -> Person {
    Person {
        id: request.person,
        organisation: request.organisation,
        organisation_name: String::new(),
        name: request.name.clone(),
        role: request.role,
        lines: Some(request.line.clone()).filter(|line| !line.is_empty()).into_iter().collect(),
        covers: Vec::new(),
        email: request.email.clone(),
    }
}

/// Gives the right. Whoever changes to another role on a line keeps none of the lines that were approved
/// for the old one: each line's lead approves for themselves.
async fn grant(
    unit: &mut Unit,
    who: &Actor,
    request: &RightRequest,
    invitation: &Prepared,
) -> Result<Said<()>, StoreError> {
    let new = new_person(request);
    let Some(before) = people::whoever(unit, request.person).await? else {
        if people::address_is_taken(unit, &new.email).await? {
            return Ok(Err("Another person has this address by now: decline it and tell who asked"));
        }
        people::insert(unit, who, &new).await?;
        // Who came by single sign-on has a way in already, and needs no second one that outlives it.
        if request.asked_by != request.person {
            invitations::put(unit, who, invitation).await?;
        }
        return Ok(Ok(()));
    };
    if people::find(unit, before.id).await?.is_none() {
        return Ok(Err("This person has no access any more: decline it"));
    }
    if before.role != new.role
        && let Some(sentence) = last_of(unit, &before).await?
    {
        return Ok(Err(sentence));
    }
    let mut lines = if before.role == new.role { before.lines.clone() } else { Vec::new() };
    let more: Vec<String> = new.lines.into_iter().filter(|line| !lines.contains(line)).collect();
    lines.extend(more);
    joiners::change_rights(unit, who, &before, new.role, &lines).await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrganisationId;
    use crate::domain::time::Instant;

    fn person(n: u8, role: Role, lines: &[&str]) -> Person {
        let at = Instant::from_micros(0);
        Person {
            id: PersonId::new(at, [n; 10]),
            organisation: OrganisationId::new(at, [0; 10]),
            organisation_name: String::new(),
            name: String::new(),
            role,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            covers: vec!["thanet".to_owned()],
            email: String::new(),
        }
    }

    fn asked(role: Role, line: &str) -> RightRequest {
        let (them, asker) = (person(1, role, &[]), person(2, Role::Administrator, &[]));
        RightRequest {
            id: "r".to_owned(),
            person: them.id,
            organisation: them.organisation,
            name: String::new(),
            email: String::new(),
            role,
            line: line.to_owned(),
            asked_by: asker.id,
            asked_at: 0,
        }
    }

    #[test]
    fn only_what_is_more_than_before_needs_an_approval() {
        let lines = |all: &[&str]| all.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let of = |rights: Vec<Right>| rights.into_iter().map(|right| right.line).collect::<Vec<_>>();
        let both = lines(&["swale", "ashford"]);
        let duty = person(1, Role::Duty, &["swale"]);
        let lead = person(1, Role::DutyLead, &["swale"]);
        assert_eq!(of(needed(None, Role::Duty, &both)), both);
        assert_eq!(of(needed(Some(&duty), Role::Duty, &both)), ["ashford"]);
        assert_eq!(of(needed(Some(&duty), Role::DutyLead, &both)), both, "leading is more than working");
        assert_eq!(of(needed(Some(&lead), Role::Duty, &both)), ["ashford"], "working is less than leading");
        assert_eq!(of(needed(Some(&duty), Role::IntakeDesk, &[])), [""]);
        assert_eq!(of(needed(None, Role::IgLead, &[])), [""]);
        for role in Role::ALL.iter().filter(|role| !role.on_line()) {
            let clinical = matches!(role, Role::IntakeDesk | Role::IgLead);
            assert_eq!(needed(None, *role, &[]).is_empty(), !clinical, "{role:?}");
            assert!(needed(Some(&person(1, *role, &[])), *role, &[]).is_empty(), "{role:?} has it");
        }
    }

    #[test]
    fn a_lines_lead_decides_and_else_the_ig_lead_and_nobody_about_their_own() {
        let lead = person(3, Role::DutyLead, &["swale"]);
        let other = person(4, Role::DutyLead, &["ashford"]);
        let covering = person(5, Role::DutyLead, &["dover"]);
        let ig = person(6, Role::IgLead, &[]);
        let duty = person(7, Role::Duty, &["swale"]);
        let administrator = person(8, Role::Administrator, &[]);
        let led = [lead.id];
        let request = asked(Role::Duty, "swale");
        assert!(may_decide(&lead, &request, &led));
        for who in [&other, &covering, &ig, &duty, &administrator] {
            assert!(!may_decide(who, &request, &led), "{:?}", who.role);
        }
        assert!(may_decide(&ig, &request, &[]), "a line without a lead");
        assert!(!may_decide(&lead, &asked(Role::Duty, "thanet"), &[]), "a cover is not one's own line");
        for role in [Role::IntakeDesk, Role::IgLead] {
            assert!(may_decide(&ig, &asked(role, ""), &[]) && !may_decide(&lead, &asked(role, ""), &[]));
        }
        let own = RightRequest { person: lead.id, ..asked(Role::Duty, "swale") };
        assert!(!may_decide(&lead, &own, &led), "nobody approves their own");
        assert!(may_decide(&ig, &own, &led), "their line has no other lead");
        let asker = RightRequest { asked_by: ig.id, ..asked(Role::IntakeDesk, "") };
        assert!(!may_decide(&ig, &asker, &[]), "nobody approves what they asked for");
    }
}
