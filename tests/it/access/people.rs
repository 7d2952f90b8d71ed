//! What is somebody's own of people and organisations: made for [`super::own`].

use std::collections::BTreeMap;

use dutyline::audit::Actor;
use dutyline::domain::ids::OrganisationId;
use dutyline::domain::people::{Person, Role};
use dutyline::domain::time::Instant;
use dutyline::people::looking_after::{Invitee, invite};
use dutyline::store::{passkeys, people, requests, resets};

use crate::support::{World, hex, organisation, person};

/// The id of a new object of this kind, the first person's of a role.
pub async fn make(world: &World, owners: &BTreeMap<Role, Person>, whose: &str, role: Role) -> String {
    let owner = &owners[&role];
    match whose {
        "any-organisation" => organisation(&world.relay, "Any office", "service").await.id.to_string(),
        "any-waiting" => waiting(world).await,
        "own-request" => request(world, owners, role).await,
        "own-reset" => reset(world, owner, role).await,
        "own-passkey" => passkey(world, owner).await,
        _ => colleague(world, owner, Role::Practitioner, "").await.id.to_string(),
    }
}

/// Somebody else of the owner's organisation.
async fn colleague(world: &World, owner: &Person, role: Role, line: &str) -> Person {
    let mut read = world.relay.store.read().await.expect("reads");
    let office = people::organisation(&mut read, owner.organisation).await.expect("reads").expect("there");
    drop(read);
    let address = format!("{}@colleague.example", hex(&world.relay.rng.bytes::<6>()));
    person(&world.relay, &office, "A Colleague", role, line, &address).await
}

/// A setting that signed itself up and waits to be checked.
async fn waiting(world: &World) -> String {
    let row = organisation(&world.relay, "Waiting nursery", "setting").await;
    let id = world.relay.fresh(OrganisationId::new);
    let stranger = people::Organisation { id, ..row };
    let made = world.relay.store.write(move |unit| {
        Box::pin(async move { people::insert_organisation(unit, &Actor::stranger(), &stranger).await })
    });
    made.await.expect("signed up");
    id.to_string()
}

/// A right that waits for this role's approval, asked for by an administrator.
async fn request(world: &World, owners: &BTreeMap<Role, Person>, role: Role) -> String {
    let lead = &owners[&Role::DutyLead];
    dutyline::people::sign_in(&world.relay, lead.id).await.expect("answers").expect("the line has a lead");
    let administrator = &owners[&Role::Administrator];
    let (asked, lines) = match role {
        Role::DutyLead => (Role::Duty, vec!["canterbury".to_owned()]),
        _ => (Role::IntakeDesk, Vec::new()),
    };
    let organisation = organisation(&world.relay, "Asking service", "service").await;
    let email = format!("{}@asked.example", hex(&world.relay.rng.bytes::<6>()));
    let invitee = Invitee { organisation, name: "Asked Madeup".to_owned(), email, role: asked, lines };
    invite(&world.relay, administrator, invitee).await.expect("asked");
    let mut read = world.relay.store.read().await.expect("reads");
    let all = requests::waiting(&mut read).await.expect("reads");
    all.into_iter().rfind(|one| one.role == asked).expect("it waits").id
}

/// Somebody who asked for a reset that this role approves.
async fn reset(world: &World, owner: &Person, role: Role) -> String {
    let who = match role {
        Role::DutyLead => colleague(world, owner, Role::Duty, "canterbury").await,
        _ => colleague(world, owner, Role::Auditor, "").await,
    };
    let id = hex(&world.relay.rng.bytes::<8>());
    let (copy, person) = (id.clone(), who.id);
    let asked = world.relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a test");
            resets::ask(unit, &copy, person).await
        })
    });
    assert!(asked.await.expect("asked"));
    id
}

async fn passkey(world: &World, owner: &Person) -> String {
    let id = hex(&world.relay.rng.bytes::<8>());
    let row = passkeys::Passkey {
        id: id.clone(),
        person: owner.id,
        name: "Office computer".to_owned(),
        credential_id: world.relay.rng.bytes::<16>().to_vec(),
        key_hash: hex(&world.relay.rng.bytes::<32>()),
        credential: "{}".to_owned(),
        created_at: world.relay.clock.now(),
        used_at: Instant::from_micros(0),
    };
    let kept = world
        .relay
        .store
        .write(move |unit| Box::pin(async move { passkeys::insert(unit, &Actor::operator(), &row).await }));
    kept.await.expect("kept");
    id
}
