//! The made-up people: of settings, of duty lines, and one of every other role.

use crate::audit::Actor;
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::people::{Person, Role};
use crate::relay::Relay;
use crate::store::StoreError;
use crate::store::people::{self, Organisation};

/// Settings with people who can sign in.
const STAFFED: usize = 4;

/// A setting in every fourth locality has people; the register's settings themselves are real, their
/// people here are made up.
pub(super) async fn staff(
    relay: &Relay,
    settings: &[Organisation],
) -> Result<Vec<(Person, Organisation)>, StoreError> {
    let names = [
        ("Jo Sample", Role::Practitioner, "jo"),
        ("Sam Madeup", Role::Practitioner, "sam"),
        ("Kit Specimen", Role::SafeguardingLead, "kit"),
        ("Mel Makebelieve", Role::Manager, "mel"),
        ("Alex Example", Role::Practitioner, "alex"),
        ("Pat Invented", Role::Manager, "pat"),
    ];
    let mut senders = Vec::new();
    let step = settings.len() / STAFFED;
    for (n, setting) in settings.iter().step_by(step.max(1)).take(STAFFED).enumerate() {
        let people = if n == 0 { &names[..4] } else { &names[3 + n.min(2)..4 + n.min(2)] };
        for (name, role, address) in people {
            let email = format!("{address}@setting{}.example", n + 1);
            let person = person(relay, setting, name, *role, "", &email).await?;
            if *role == Role::Practitioner || n > 0 {
                senders.push((person, setting.clone()));
            }
        }
    }
    Ok(senders)
}

/// A duty person of each line, leads of three lines, and one person of every other role.
pub(super) async fn lines(relay: &Relay) -> Result<Vec<Person>, StoreError> {
    let service = office(relay, "Health visiting service (made up)", "service").await?;
    let trust = office(relay, "The trust (made up)", "trust").await?;
    let mut line = Vec::new();
    let ids: Vec<String> = relay.places.localities().iter().map(|l| l.id.as_str().to_owned()).collect();
    for id in &ids {
        let name = format!("Nurse {}", title(id));
        line.push(
            person(relay, &service, &name, Role::Duty, id, &format!("nurse.{id}@health.example")).await?,
        );
    }
    person(relay, &service, "Lee Leading", Role::DutyLead, "canterbury", "lead@health.example").await?;
    person(relay, &service, "Val Vanguard", Role::DutyLead, "ashford dover", "val@health.example").await?;
    person(relay, &service, "Robin Desk", Role::IntakeDesk, "", "desk@health.example").await?;
    for (name, role, address) in [
        ("Morgan Auditor", Role::Auditor, "auditor"),
        ("Ira Guardian", Role::IgLead, "ig"),
        ("Cam Commissioner", Role::Commissioner, "commissioner"),
        ("Ada Administrator", Role::Administrator, "admin"),
    ] {
        person(relay, &trust, name, role, "", &format!("{address}@trust.example")).await?;
    }
    Ok(line)
}

fn title(id: &str) -> String {
    id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>().join(" ")
}

async fn office(relay: &Relay, name: &str, kind: &str) -> Result<Organisation, StoreError> {
    let row = Organisation {
        id: relay.fresh(OrganisationId::new),
        kind: kind.to_owned(),
        name: name.to_owned(),
        urn: String::new(),
        postcode: String::new(),
        phone: "01632 960500".to_owned(),
    };
    let copy = row.clone();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move { people::insert_organisation(unit, &Actor::operator(), &copy).await })
        })
        .await?;
    Ok(row)
}

async fn person(
    relay: &Relay,
    office: &Organisation,
    name: &str,
    role: Role,
    locality: &str,
    email: &str,
) -> Result<Person, StoreError> {
    let row = Person {
        id: relay.fresh(PersonId::new),
        organisation: office.id,
        organisation_name: office.name.clone(),
        name: name.to_owned(),
        role,
        lines: locality.split_whitespace().map(str::to_owned).collect(),
        covers: Vec::new(),
        email: email.to_owned(),
    };
    let copy = row.clone();
    relay
        .store
        .write(move |unit| Box::pin(async move { people::insert(unit, &Actor::operator(), &copy).await }))
        .await?;
    Ok(row)
}
