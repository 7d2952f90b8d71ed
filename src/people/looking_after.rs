//! Looking after people: administrators look after everybody's, a setting's manager after the setting's
//! own. Nobody changes their own role or ends their own access; the last administrator who could sign in
//! stays, and so does a setting's last manager.

use super::approval::{self, Right};
use super::invitations;
use super::notices::Notices;
use super::refused::{PeopleError, Said};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::relay::{Relay, actor};
use crate::store::joiners::{self, Listed};
use crate::store::people::{self, Organisation};
use crate::store::requests;
use crate::store::{StoreError, Unit};

/// The last administrator was to lose the role or the access.
const LAST_ADMINISTRATOR: &str =
    "This is the last administrator who can sign in. Invite another one, and wait until they have signed in";
/// The last manager of a setting was to lose the role or the access.
const LAST_MANAGER: &str = "This is the last manager of the setting. Name another manager first";
/// Somebody was to change themselves.
const ONESELF: &str = "You cannot change your own role or end your own access. Ask somebody else who may";
/// An address is another person's.
pub const TAKEN: &str = "Another person has this address already: each person needs their own";
/// A second designated safeguarding lead.
const ONE_LEAD: &str = "The setting has a designated safeguarding lead already. Choose another role, and name the new lead afterwards";

/// Whether somebody looks after another's account.
pub fn may(who: &Person, of: &Person) -> bool {
    match who.role {
        Role::Administrator => true,
        Role::Manager => who.organisation == of.organisation && of.role.in_setting(),
        _ => false,
    }
}

/// A person whom somebody looks after, disabled or not.
///
/// # Errors
/// [`PeopleError::Missing`] when there is none or they are not the asker's: it looks alike.
pub async fn find(relay: &Relay, who: &Person, id: PersonId) -> Result<Listed, PeopleError> {
    let now = relay.clock.now();
    let found = joiners::find(&mut relay.store.read().await?, id, now).await?;
    found.filter(|listed| may(who, &listed.person)).ok_or(PeopleError::Missing)
}

/// Everybody whom somebody looks after, by organisation and name.
pub async fn everybody(relay: &Relay, who: &Person) -> Result<Vec<Listed>, StoreError> {
    let mut read = relay.store.read().await?;
    let now = relay.clock.now();
    let all = match who.role {
        Role::Administrator => joiners::everybody(&mut read, now).await?,
        _ => joiners::of(&mut read, who.organisation, now).await?,
    };
    Ok(all.into_iter().filter(|listed| may(who, &listed.person)).collect())
}

/// Changes a person's name and address (small letters). Who had the old address is told there, once they have
/// signed in; a setting's managers are told of what an administrator changes, here and in all that follows.
///
/// # Errors
/// As [`find`]; [`PeopleError::Refused`] when the address is another person's.
pub async fn change_details(
    relay: &Relay,
    who: &Person,
    id: PersonId,
    name: &str,
    email: &str,
) -> Result<(), PeopleError> {
    let Listed { person: before, signed_in_at, .. } = listed_with_access(relay, who, id).await?;
    let mut notices = Notices::to_managers(relay, Some(who), before.organisation).await?;
    if signed_in_at != 0 && email != before.email {
        notices = notices.and_to_old_address(relay, &before);
    }
    let (who, name, email) = (actor(who), name.to_owned(), email.to_owned());
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            let moves = email != before.email;
            if moves && (people::address_is_taken(unit, &email).await? || asked_for(unit, &email).await?) {
                unit.unaudited("refused: nothing is changed");
                return Ok(Err(TAKEN));
            }
            joiners::change_details(unit, &who, &before, &name, &email).await?;
            notices.queue(unit, &who).await?;
            Ok(Ok(()))
        })
    });
    done.await?.map_err(PeopleError::Refused)?;
    relay.bell.notify_waiters();
    Ok(())
}

async fn listed_with_access(relay: &Relay, who: &Person, id: PersonId) -> Result<Listed, PeopleError> {
    let listed = find(relay, who, id).await?;
    if listed.disabled_at == 0 { Ok(listed) } else { Err(PeopleError::Missing) }
}

async fn with_access(relay: &Relay, who: &Person, id: PersonId) -> Result<Person, PeopleError> {
    Ok(listed_with_access(relay, who, id).await?.person)
}

/// Ends a person's access at once: sessions and pending links go with it.
///
/// # Errors
/// As [`find`]; [`PeopleError::Refused`] for oneself and for the last of a kind.
pub async fn disable(relay: &Relay, who: &Person, id: PersonId) -> Result<(), PeopleError> {
    let before = with_access(relay, who, id).await?;
    not_oneself(who, id)?;
    let notices = Notices::to_managers(relay, Some(who), before.organisation).await?;
    let who = actor(who);
    changing(relay, move |unit| {
        Box::pin(async move {
            let Some(before) = people::find(unit, before.id).await? else {
                return Err(StoreError::Missing("person"));
            };
            if let Some(sentence) = last_of(unit, &before).await? {
                return Ok(Err(sentence));
            }
            people::disable(unit, &who, before.id).await?;
            notices.queue(unit, &who).await?;
            Ok(Ok(()))
        })
    })
    .await
}

fn not_oneself(who: &Person, id: PersonId) -> Result<(), PeopleError> {
    if who.id == id { Err(PeopleError::Refused(ONESELF)) } else { Ok(()) }
}

/// Runs a unit of work that counts before it changes; what it refuses changes nothing.
async fn changing<W>(relay: &Relay, work: W) -> Result<(), PeopleError>
where
    W: for<'u> FnOnce(&'u mut Unit) -> crate::store::Work<'u, Said<()>> + Send + 'static,
{
    let done = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            let said = work(unit).await?;
            if said.is_err() {
                unit.unaudited("refused: nothing is changed");
            }
            Ok(said)
        })
    });
    done.await?.map_err(PeopleError::Refused)?;
    relay.bell.notify_waiters();
    Ok(())
}

/// Why this person must keep role and access, when they are the last of a kind. The caller holds
/// [`joiners::one_at_a_time`].
pub(super) async fn last_of(unit: &mut Unit, person: &Person) -> Result<Option<&'static str>, StoreError> {
    let (left, sentence) = match person.role {
        Role::Administrator => {
            (joiners::others_who_can_sign_in(unit, person.role, person.id).await?, LAST_ADMINISTRATOR)
        }
        Role::Manager => (joiners::other_managers(unit, person.organisation, person.id).await?, LAST_MANAGER),
        _ => return Ok(None),
    };
    Ok((left == 0).then_some(sentence))
}

/// What became of rights that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They hold from now on; somebody new is invited.
    Done(PersonId),
    /// Some wait for an approval; what needs none holds from now on.
    Waits(PersonId),
}

/// Changes a person's role and lines. What needs an approval waits, and what they have stays meanwhile.
/// Lines that are taken away go at once, unless none would be left.
///
/// # Errors
/// As [`find`]; [`PeopleError::Refused`] for oneself, for what does not fit, and for the last of a kind.
pub async fn change_rights(
    relay: &Relay,
    who: &Person,
    id: PersonId,
    role: Role,
    lines: &[String],
) -> Result<Outcome, PeopleError> {
    let before = with_access(relay, who, id).await?;
    not_oneself(who, id)?;
    let organisation = organisation(relay, before.organisation).await?;
    fits(relay, who, &organisation, role, lines)?;
    let becomes = role != before.role;
    let rights = approval::needed(Some(&before), role, lines);
    let now: Vec<String> = lines.iter().filter(|line| !waits(&rights, line)).cloned().collect();
    let asked = approval::ask(relay, who.id, &before, &rights).await?;
    let at_once = rights.is_empty() || !now.is_empty();
    let changes = role != before.role || now != before.lines;
    let notices = Notices::to_managers(relay, Some(who), before.organisation).await?;
    let actor = actor(who);
    let outcome = if rights.is_empty() { Outcome::Done(id) } else { Outcome::Waits(id) };
    changing(relay, move |unit| {
        Box::pin(async move {
            let stops = match becomes && at_once {
                true => last_of(unit, &before).await?.or(one_lead(unit, before.organisation, role).await?),
                false => None,
            };
            if let Some(sentence) = stops {
                return Ok(Err(sentence));
            }
            if at_once && changes {
                joiners::change_rights(unit, &actor, &before, role, &now).await?;
                notices.queue(unit, &actor).await?;
            } else {
                unit.unaudited("nothing is to be changed at once");
            }
            approval::put(unit, &actor, &asked).await?;
            Ok(Ok(()))
        })
    })
    .await?;
    Ok(outcome)
}

fn waits(rights: &[Right], line: &str) -> bool {
    rights.iter().any(|right| right.line == line)
}

async fn organisation(relay: &Relay, id: OrganisationId) -> Result<Organisation, PeopleError> {
    people::organisation(&mut relay.store.read().await?, id).await?.ok_or(PeopleError::Missing)
}

/// Whether this role with these lines is one that `who` may ask for there.
fn fits(
    relay: &Relay,
    who: &Person,
    organisation: &Organisation,
    role: Role,
    lines: &[String],
) -> Result<(), PeopleError> {
    let refused = |sentence| Err(PeopleError::Refused(sentence));
    let own = who.role == Role::Administrator || who.organisation == organisation.id && role.in_setting();
    if !own {
        return Err(PeopleError::Missing);
    }
    if role.in_setting() != (organisation.kind == "setting") {
        return refused("This role does not fit this organisation");
    }
    if lines.iter().any(|line| relay.places.locality(line).is_none()) {
        return refused("Choose duty lines from the list");
    }
    match (role.on_line(), lines.is_empty()) {
        (true, true) => refused("Choose the duty lines they work with"),
        (false, false) => refused("Only the roles of a duty line have lines"),
        _ => Ok(()),
    }
}

/// Why nobody may become a designated safeguarding lead there, if `role` is that and there is one. The caller
/// holds [`joiners::one_at_a_time`].
pub(super) async fn one_lead(
    unit: &mut Unit,
    organisation: OrganisationId,
    role: Role,
) -> Result<Option<&'static str>, StoreError> {
    if role != Role::SafeguardingLead {
        return Ok(None);
    }
    let now = unit.now();
    let all = joiners::of(unit, organisation, now).await?;
    let lead = |one: &Listed| one.disabled_at == 0 && one.person.role == Role::SafeguardingLead;
    Ok(all.iter().any(lead).then_some(ONE_LEAD))
}

/// Somebody to be invited.
#[derive(Clone, Debug)]
pub struct Invitee {
    /// Whose people they will be.
    pub organisation: Organisation,
    /// Their name.
    pub name: String,
    /// Their work address, in small letters.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The lines they work, for duty roles.
    pub lines: Vec<String>,
}

/// Invites somebody. Clinical rights wait for an approval first: the account is made, and the invitation
/// sent, when the first of them is approved.
///
/// # Errors
/// [`PeopleError::Refused`] when the address is taken, or the role or the lines do not fit.
pub async fn invite(relay: &Relay, who: &Person, invitee: Invitee) -> Result<Outcome, PeopleError> {
    fits(relay, who, &invitee.organisation, invitee.role, &invitee.lines)?;
    let person = Person {
        id: relay.fresh(PersonId::new),
        organisation: invitee.organisation.id,
        organisation_name: invitee.organisation.name,
        name: invitee.name,
        role: invitee.role,
        lines: invitee.lines,
        covers: Vec::new(),
        email: invitee.email,
    };
    let rights = approval::needed(None, person.role, &person.lines);
    let asked = approval::ask(relay, who.id, &person, &rights).await?;
    let (id, waits) = (person.id, !asked.is_empty());
    let notices = Notices::to_managers(relay, Some(who), person.organisation).await?;
    let (actor, prepared) = (actor(who), invitations::prepare(relay, Some(who.id), &person));
    changing(relay, move |unit| {
        Box::pin(async move {
            if people::address_is_taken(unit, &person.email).await? || asked_for(unit, &person.email).await? {
                return Ok(Err(TAKEN));
            }
            if let Some(sentence) = one_lead(unit, person.organisation, person.role).await? {
                return Ok(Err(sentence));
            }
            if waits {
                approval::put(unit, &actor, &asked).await?;
            } else {
                people::insert(unit, &actor, &person).await?;
                invitations::put(unit, &actor, &prepared).await?;
                notices.queue(unit, &actor).await?;
            }
            Ok(Ok(()))
        })
    })
    .await?;
    Ok(if waits { Outcome::Waits(id) } else { Outcome::Done(id) })
}

/// Whether somebody with this address waits for an approval.
pub(super) async fn asked_for(unit: &mut Unit, email: &str) -> Result<bool, StoreError> {
    Ok(requests::waiting(unit).await?.iter().any(|request| request.email == email))
}

/// Names a setting's designated safeguarding lead: exactly one. Who was it before is a practitioner.
///
/// # Errors
/// As [`find`]; [`PeopleError::Refused`] for oneself and for the last manager.
pub async fn name_lead(relay: &Relay, who: &Person, id: PersonId) -> Result<(), PeopleError> {
    let chosen = with_access(relay, who, id).await?;
    not_oneself(who, id)?;
    if !chosen.role.in_setting() {
        return Err(PeopleError::Missing);
    }
    let now = relay.clock.now();
    let notices = Notices::to_managers(relay, Some(who), chosen.organisation).await?;
    let who = actor(who);
    changing(relay, move |unit| {
        Box::pin(async move {
            if let Some(sentence) = last_of(unit, &chosen).await? {
                return Ok(Err(sentence));
            }
            for one in joiners::of(unit, chosen.organisation, now).await? {
                let lead = one.disabled_at == 0 && one.person.role == Role::SafeguardingLead;
                if lead && one.person.id != chosen.id {
                    joiners::change_rights(unit, &who, &one.person, Role::Practitioner, &[]).await?;
                }
            }
            joiners::change_rights(unit, &who, &chosen, Role::SafeguardingLead, &[]).await?;
            notices.queue(unit, &who).await?;
            Ok(Ok(()))
        })
    })
    .await
}
