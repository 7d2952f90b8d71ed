//! Which person somebody is whom a provider has shown, and whether their rights are still theirs.
//!
//! - Known by issuer and subject: their rights are brought in line with the rules. When no rule fits any
//!   more, or their organisation is another, they have left: every session of theirs ends.
//! - Not known yet: matched to the one person of the organisation with the address, when the address
//!   is verified, and was not changed here a short while ago. Somebody who is known at this provider under
//!   another subject is not matched: an address that went to a new colleague does not take the old one's
//!   rights along.
//! - Nobody yet: made a person where the provider may do so and a rule gives the rights.
//!
//! What a rule gives of clinical rights waits for the line's lead (`given.rs`).

use super::super::looking_after::{asked_for, one_lead};
use super::super::reset::is_new;
use super::SsoError;
use super::given::{ask, ask_for_new, in_line, known_lines};
use super::provider::{Proven, Provider};
use super::rules::{Described, Given, Named};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome};
use crate::domain::ids::PersonId;
use crate::domain::name::PersonName;
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::store::identities::{self, Identity};
use crate::store::people::{self, Organisation};
use crate::store::{StoreError, joiners, sessions};

/// The person, or why they are not let in.
pub(super) async fn who(relay: &Relay, provider: &Provider, proven: &Proven) -> Result<Person, SsoError> {
    let described = provider.settings.rules.judge(&proven.claims).map_err(SsoError::NoFit);
    let Some(id) = known(relay, provider, proven).await? else {
        return first(relay, provider, proven, described?).await;
    };
    let person = people::find(&mut relay.store.read().await?, id).await?.ok_or(SsoError::Disabled)?;
    let fits = match described {
        Ok(described) => organisation_of(relay, &described).await.map(|office| (described, office)),
        Err(no_fit) => Err(no_fit),
    };
    match fits {
        Ok((described, office)) if office.id == person.organisation => {
            in_line(relay, person, described.rights).await
        }
        Err(SsoError::Store(error)) => Err(error.into()),
        gone => {
            left(relay, &person, "no-rule").await?;
            Err(gone.err().unwrap_or(SsoError::Organisation))
        }
    }
}

/// Who has this identity already.
pub(super) async fn known(
    relay: &Relay,
    provider: &Provider,
    proven: &Proven,
) -> Result<Option<PersonId>, StoreError> {
    let mut read = relay.store.read().await?;
    identities::find(&mut read, &provider.settings.issuer, &proven.subject).await
}

/// Records that a known person was refused.
pub(super) async fn refused(relay: &Relay, person: &Person, why: &'static str) -> Result<(), StoreError> {
    relay.store.record(refusal(person, why)).await.map(drop)
}

fn refusal(person: &Person, why: &'static str) -> EventDraft {
    let on = Object::new("person", Code::of(&person.id.to_string()));
    let event = EventDraft::new(Act::SignInRefused, actor(person)).on(on).outcome(Outcome::Refused);
    event.purpose(Code::fixed(why)).extra("method", Code::fixed("sso"))
}

/// The organisation that the rules name, with a role that fits it.
async fn organisation_of(relay: &Relay, described: &Described) -> Result<Organisation, SsoError> {
    let mut read = relay.store.read().await?;
    let office = match &described.organisation {
        Named::Urn(urn) => people::organisation_with_urn(&mut read, urn).await?,
        Named::Name(name) => people::organisation_named(&mut read, name).await?,
    };
    let fits = |office: &Organisation| {
        described.rights.as_ref().is_none_or(|given| given.role.in_setting() == (office.kind == "setting"))
    };
    office.filter(fits).ok_or(SsoError::Organisation)
}

/// Somebody who is not let in any more: their sessions end, wherever they are, and what rules asked for them is
/// withdrawn.
pub(super) async fn left(relay: &Relay, person: &Person, why: &'static str) -> Result<(), StoreError> {
    ask(relay, person, &[]).await?;
    end(relay, person, why).await
}

/// The same for somebody whose requests wait on.
pub(super) async fn left_waiting(relay: &Relay, person: &Person) -> Result<(), StoreError> {
    end(relay, person, "waits-for-lead").await
}

async fn end(relay: &Relay, person: &Person, why: &'static str) -> Result<(), StoreError> {
    let (id, event) = (person.id, refusal(person, why));
    let ended = relay.store.write(move |unit| {
        Box::pin(async move {
            let ended = sessions::end_others(unit, id, "").await?;
            unit.record(event.extra("sessions", Code::number(ended)));
            Ok(())
        })
    });
    ended.await
}

/// Somebody who comes by this provider for the first time.
async fn first(
    relay: &Relay,
    provider: &Provider,
    proven: &Proven,
    described: Described,
) -> Result<Person, SsoError> {
    let office = organisation_of(relay, &described).await?;
    let address = described.address.clone().ok_or(SsoError::Address)?;
    let issuer = &provider.settings.issuer;
    let mut read = relay.store.read().await?;
    let holders = identities::holders_of(&mut read, &address, issuer).await?;
    let here: Vec<_> = holders.iter().filter(|one| one.organisation == office.id && !one.disabled).collect();
    let found = match here.as_slice() {
        [one] if !one.linked && !is_new(relay, one.address_changed_at) => {
            people::find(&mut read, one.person).await?
        }
        _ => None,
    };
    drop(read);
    let identity = |person: PersonId| Identity {
        id: relay.chance::<8>(),
        person,
        issuer: issuer.clone(),
        subject: proven.subject.clone(),
    };
    if let Some(person) = found {
        link(relay, &person, identity(person.id)).await?;
        return in_line(relay, person, described.rights).await;
    }
    match (described.rights, holders.as_slice()) {
        (Some(given), []) if provider.settings.create => {
            let given = known_lines(relay, given)?;
            let person = made(relay, office, &given, address, described.name.as_deref());
            let person = ask_for_new(relay, &given, person).await?;
            create(relay, &person, identity(person.id)).await?;
            Ok(person)
        }
        (_, holders) if holders.iter().any(|one| one.disabled && one.organisation == office.id) => {
            Err(SsoError::Disabled)
        }
        _ => Err(SsoError::Unknown),
    }
}

/// A new person. Whoever has no name that can be shown is called by their address.
fn made(relay: &Relay, office: Organisation, given: &Given, email: String, name: Option<&str>) -> Person {
    let local = email.split('@').next().unwrap_or_default();
    let name = name.and_then(|name| PersonName::parse(name).ok());
    Person {
        id: relay.fresh(PersonId::new),
        organisation: office.id,
        organisation_name: office.name,
        name: name.map_or_else(|| local.to_owned(), |name| name.as_str().to_owned()),
        role: given.role,
        lines: given.lines.clone(),
        covers: Vec::new(),
        email,
    }
}

async fn link(relay: &Relay, person: &Person, identity: Identity) -> Result<(), StoreError> {
    let who = actor(person);
    let linked = relay
        .store
        .write(move |unit| Box::pin(async move { identities::insert(unit, &who, &identity).await }));
    linked.await
}

async fn create(relay: &Relay, person: &Person, identity: Identity) -> Result<(), SsoError> {
    let person = person.clone();
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            joiners::one_at_a_time(unit).await?;
            if people::address_is_taken(unit, &person.email).await? || asked_for(unit, &person.email).await? {
                return Err(StoreError::Conflict("person"));
            }
            if one_lead(unit, person.organisation, person.role).await?.is_some() {
                unit.unaudited("refused: nothing is changed");
                return Ok(Err(SsoError::Unknown));
            }
            people::insert(unit, &Actor::system(), &person).await?;
            identities::insert(unit, &actor(&person), &identity).await?;
            Ok(Ok(()))
        })
    });
    made.await?
}
