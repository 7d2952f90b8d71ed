//! Joiners, movers, leavers; rights that wait; settings that sign themselves up; the register.

use dutyline::audit::Actor;
use dutyline::domain::ids::{OrganisationId, PersonId};
use dutyline::domain::people::{Person, Role};
use dutyline::domain::time::{DAY, HOUR};
use dutyline::people as people_room;
use dutyline::people::looking_after::{self, Invitee, Outcome};
use dutyline::people::{PeopleError, approval};
use dutyline::store::register::{self, RegisterSetting};
use dutyline::store::requests::{self, RightRequest};
use dutyline::store::settings::{self, Standing};
use dutyline::store::sign_ups::{self, SignUp};
use dutyline::store::{StoreError, joiners, people, sessions, trail};

use super::{on_both_engines, unit};
use crate::support::{World, organisation, person};

async fn the_trail_fits(world: &World) {
    trail::verify(&mut world.relay.store.read().await.expect("reads"), &[]).await.expect("verifies");
}

async fn listed(world: &World, id: PersonId) -> joiners::Listed {
    let now = world.relay.clock.now();
    let mut read = world.relay.store.read().await.expect("reads");
    joiners::find(&mut read, id, now).await.expect("looks").expect("there")
}

/// Administrators who have signed in before.
async fn administrators(world: &World, names: &[&str]) -> Vec<Person> {
    let trust = organisation(&world.relay, "The trust", "trust").await;
    let mut all = Vec::new();
    for name in names {
        let email = format!("{}@trust.example", name.to_lowercase().replace(' ', "."));
        let one = person(&world.relay, &trust, name, Role::Administrator, "", &email).await;
        people_room::sign_in(&world.relay, one.id).await.expect("answers").expect("signs in");
        all.push(one);
    }
    all
}

fn request(world: &World, of: &Person, by: &Person, role: Role, line: &str) -> RightRequest {
    RightRequest {
        id: format!("{}-{line}", role.code()),
        person: of.id,
        organisation: of.organisation,
        name: of.name.clone(),
        email: of.email.clone(),
        role,
        line: line.to_owned(),
        asked_by: by.id,
        asked_at: world.relay.clock.now().micros(),
    }
}

fn sign_up(urn: &str, email: &str) -> SignUp {
    SignUp {
        urn: urn.to_owned(),
        setting: "Newcomers".to_owned(),
        postcode: "CT1 2EH".to_owned(),
        phone: "01632 960111".to_owned(),
        name: "New Comer".to_owned(),
        email: email.to_owned(),
        role: Role::Manager,
    }
}

on_both_engines! {
    people_are_listed_with_their_state_and_changed_with_their_events(world) {
        let id = world.sender.id;
        let ends = world.relay.clock.now().plus(DAY);
        let (setting, now) = (world.sender.organisation, world.relay.clock.now());
        let mut read = world.relay.store.read().await.expect("reads");
        let all = joiners::everybody(&mut read, now).await.expect("lists");
        assert!(all.len() >= 6 && all.windows(2).all(|two| two[0].person.organisation_name <= two[1].person.organisation_name));
        assert_eq!(joiners::of(&mut read, setting, now).await.expect("lists").len(), 1);
        drop(read);
        assert_eq!((listed(&world, id).await.signed_in_at, listed(&world, id).await.invited_until), (0, 0));
        unit!(world, unit => sessions::insert_link(unit, [1; 32], id, "invitation", ends).await).expect("a link");
        assert_eq!(listed(&world, id).await.invited_until, ends.micros());
        let token = people_room::sign_in(&world.relay, id).await.expect("answers").expect("signs in");
        assert_eq!(listed(&world, id).await.signed_in_at, now.micros());
        let before = world.sender.clone();
        unit!(world, unit => joiners::change_details(unit, &Actor::operator(), &before, "Jo Other", "jo.other@setting1.example").await).expect("changed");
        let mut read = world.relay.store.read().await.expect("reads");
        let moved = joiners::address_changed_at(&mut read, id).await.expect("looks");
        assert_eq!(moved, world.relay.clock.now());
        drop(read);
        let one = listed(&world, id).await;
        assert_eq!((one.person.name.as_str(), one.person.email.as_str(), one.invited_until), ("Jo Other", "jo.other@setting1.example", 0));
        assert!(people_room::whose(&world.relay, &token).await.expect("looks").is_some(), "a new address signs nobody out");
        let before = one.person;
        unit!(world, unit => joiners::change_rights(unit, &Actor::operator(), &before, Role::Manager, &[]).await).expect("changed");
        assert_eq!(listed(&world, id).await.person.role, Role::Manager);
        assert!(people_room::whose(&world.relay, &token).await.expect("looks").is_none(), "another role does");
        let stale = world.sender.clone();
        let done = unit!(world, unit => joiners::change_rights(unit, &Actor::operator(), &stale, Role::SafeguardingLead, &[]).await);
        assert!(matches!(done, Err(StoreError::Conflict(_))), "not the rights that were looked at");
        unit!(world, unit => people::disable(unit, &Actor::operator(), id).await).expect("disabled");
        let gone = world.sender.clone();
        let done = unit!(world, unit => joiners::change_details(unit, &Actor::operator(), &gone, "X", "x@setting1.example").await);
        assert!(matches!(done, Err(StoreError::Missing(_))));
        the_trail_fits(&world).await;
    }

    who_counts_as_another_is_counted(world) {
        let admins = administrators(&world, &["Ada One", "Ada Two"]).await;
        let (one, setting, sender) = (admins[0].id, world.sender.organisation, world.sender.id);
        let trust = organisation(&world.relay, "Second trust", "trust").await;
        person(&world.relay, &trust, "Ada Invited", Role::Administrator, "", "ada@second.example").await;
        let lead = person(&world.relay, &trust, "Lee Lead", Role::DutyLead, "swale ashford", "lee@second.example").await;
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(joiners::others_who_can_sign_in(&mut read, Role::Administrator, one).await.expect("counts"), 1, "who only is invited is none");
        assert_eq!(joiners::other_managers(&mut read, setting, sender).await.expect("counts"), 0);
        assert!(joiners::managers(&mut read, setting).await.expect("looks").is_empty(), "never signed in");
        assert!(joiners::leads_of(&mut read, "swale").await.expect("looks").is_empty(), "never signed in");
        drop(read);
        let office = people::organisation(&mut world.relay.store.read().await.expect("reads"), setting).await.expect("looks").expect("there");
        let manager = person(&world.relay, &office, "Max Manager", Role::Manager, "", "max@setting1.example").await;
        for id in [lead.id, sender, manager.id] {
            people_room::sign_in(&world.relay, id).await.expect("answers").expect("signs in");
        }
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(joiners::leads_of(&mut read, "swale").await.expect("looks"), [lead.id]);
        assert_eq!(joiners::managers(&mut read, setting).await.expect("looks"), std::slice::from_ref(&manager.email));
        assert!(joiners::managers(&mut read, trust.id).await.expect("looks").is_empty(), "administrators are none");
        assert!(joiners::leads_of(&mut read, "dover").await.expect("looks").is_empty());
        drop(read);
        unit!(world, unit => { joiners::one_at_a_time(unit).await?; joiners::one_at_a_time(unit).await }).expect("twice is nothing");
    }

    of_two_administrators_who_disable_each_other_at_once_one_stays(world) {
        for round in 0..4 {
            let [one, two] = administrators(&world, &[&format!("Ada A{round}"), &format!("Ada B{round}")]).await.try_into().expect("two");
            let others: Vec<_> = {
                let mut read = world.relay.store.read().await.expect("reads");
                people::everybody(&mut read).await.expect("lists")
            };
            for other in others.iter().filter(|p| p.role == Role::Administrator && p.id != one.id && p.id != two.id) {
                looking_after::disable(&world.relay, &one, other.id).await.expect("the ones of the round before");
            }
            let (a, b) = tokio::join!(
                looking_after::disable(&world.relay, &one, two.id),
                looking_after::disable(&world.relay, &two, one.id)
            );
            assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1, "{a:?} {b:?}");
            let lost = if a.is_ok() { b } else { a };
            assert!(matches!(lost, Err(PeopleError::Refused(_) | PeopleError::Missing)), "{lost:?}");
        }
        the_trail_fits(&world).await;
    }

    a_request_waits_until_it_is_decided_once(world) {
        let admin = administrators(&world, &["Ada One"]).await.remove(0);
        let asked = request(&world, &world.swale, &admin, Role::Duty, "ashford");
        let kept = asked.clone();
        unit!(world, unit => requests::insert(unit, &Actor::operator(), &kept).await).expect("asked");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(requests::waiting(&mut read).await.expect("lists"), std::slice::from_ref(&asked));
        assert_eq!(requests::find(&mut read, &asked.id).await.expect("looks"), Some(asked.clone()));
        assert_eq!(requests::of(&mut read, world.swale.id).await.expect("lists"), std::slice::from_ref(&asked));
        assert!(requests::of(&mut read, world.desk.id).await.expect("lists").is_empty());
        drop(read);
        let kept = asked.clone();
        unit!(world, unit => requests::decide(unit, &Actor::operator(), &kept, "declined", "not-known").await).expect("decided");
        let kept = asked.clone();
        let twice = unit!(world, unit => requests::decide(unit, &Actor::operator(), &kept, "approved", "").await);
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(requests::waiting(&mut read).await.expect("lists").is_empty());
        assert_eq!(requests::find(&mut read, &asked.id).await.expect("looks"), None);
        let now = world.relay.clock.now();
        let declined = requests::declined_since(&mut read, &asked.email, now).await.expect("lists");
        assert_eq!(declined, std::slice::from_ref(&asked));
        assert!(requests::declined_since(&mut read, &asked.email, now.plus(1)).await.expect("lists").is_empty());
        assert!(requests::declined_since(&mut read, "other@health.example", now).await.expect("lists").is_empty());
        drop(read);
        the_trail_fits(&world).await;
    }

    a_duty_person_is_made_when_the_lead_approves_and_works_only_the_lines_that_were_approved(world) {
        let relay = &world.relay;
        let admin = administrators(&world, &["Ada One"]).await.remove(0);
        let mut read = relay.store.read().await.expect("reads");
        let service = people::organisation(&mut read, world.canterbury.organisation).await.expect("looks").expect("there");
        drop(read);
        let lead = person(relay, &service, "Lee Lead", Role::DutyLead, "canterbury", "lee@health.example").await;
        let ig = person(relay, &service, "Ira Guardian", Role::IgLead, "", "ira@health.example").await;
        for one in [&lead, &ig] {
            people_room::sign_in(relay, one.id).await.expect("answers").expect("signs in");
        }
        let invitee = Invitee { organisation: service, name: "New Nurse".into(), email: "new@health.example".into(), role: Role::Duty, lines: vec!["canterbury".into(), "swale".into()] };
        let Outcome::Waits(id) = looking_after::invite(relay, &admin, invitee.clone()).await.expect("asked") else { panic!("it was made at once") };
        assert!(matches!(looking_after::invite(relay, &admin, invitee).await, Err(PeopleError::Refused(_))), "asked for twice");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(people::whoever(&mut read, id).await.expect("looks"), None, "nobody before the approval");
        drop(read);
        let mine = approval::to_decide(relay, &lead).await.expect("lists");
        assert_eq!(mine.iter().map(|one| one.line.as_str()).collect::<Vec<_>>(), ["canterbury"]);
        let theirs = approval::to_decide(relay, &ig).await.expect("lists");
        assert_eq!(theirs.iter().map(|one| one.line.as_str()).collect::<Vec<_>>(), ["swale"], "a line without a lead");
        assert!(matches!(approval::approve(relay, &lead, &theirs[0].id).await, Err(PeopleError::Missing)));
        let (a, b) = tokio::join!(approval::approve(relay, &lead, &mine[0].id), approval::approve(relay, &lead, &mine[0].id));
        assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1, "once: {a:?} {b:?}");
        let one = listed(&world, id).await;
        assert_eq!((one.person.role, one.person.lines.as_slice()), (Role::Duty, ["canterbury".to_owned()].as_slice()));
        assert!(one.invited_until > 0, "the invitation goes out with the approval");
        approval::approve(relay, &ig, &theirs[0].id).await.expect("approved");
        assert_eq!(listed(&world, id).await.person.lines, ["canterbury", "swale"]);
        the_trail_fits(&world).await;
    }

    a_setting_waits_is_verified_or_declined(world) {
        let new = |name: &str, urn: &str| people::Organisation {
            id: world.relay.fresh(OrganisationId::new), kind: "setting".into(), name: name.into(), urn: urn.into(), postcode: "CT1 2EH".into(), phone: "07700 900111".into(),
        };
        let (first, second, third) = (new("First", "EY200001"), new("Second", "EY200002"), new("Third", "EY200003"));
        let rows = [first.clone(), second.clone()];
        let made = third.clone();
        unit!(world, unit => {
            for row in &rows {
                people::insert_organisation(unit, &Actor::stranger(), row).await?;
            }
            people::insert_organisation(unit, &Actor::operator(), &made).await
        }).expect("made");
        let listed = [RegisterSetting { urn: "EY200001".into(), name: "First".into(), postcode: "CT1 2EH".into(), phone: "01632 960001".into() }];
        unit!(world, unit => register::load(unit, &Actor::operator(), &listed).await).expect("loaded");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(settings::waiting(&mut read).await.expect("lists"), [first.clone(), second.clone()]);
        let standing = settings::standing(&mut read, first.id).await.expect("looks");
        assert_eq!(standing, Standing::Unverified { register_phone: Some("01632 960001".into()) }, "never its own number");
        assert_eq!(settings::standing(&mut read, second.id).await.expect("looks"), Standing::Unverified { register_phone: None });
        assert_eq!(settings::standing(&mut read, third.id).await.expect("looks"), Standing::Verified);
        let with_urn = settings::with_urn(&mut read).await.expect("lists");
        assert!(with_urn.contains(&(first.clone(), false)) && with_urn.contains(&(third.clone(), true)));
        assert_eq!(settings::people_of(&mut read, world.sender.organisation).await.expect("lists"), [world.sender.id]);
        drop(read);
        let (a, b, c) = (first.id, second.id, third.clone());
        unit!(world, unit => settings::verify(unit, &Actor::operator(), a, "visited").await).expect("verified");
        let twice = unit!(world, unit => settings::verify(unit, &Actor::operator(), a, "visited").await);
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        unit!(world, unit => settings::decline(unit, &Actor::operator(), b, "not-them").await).expect("declined");
        let renamed = people::Organisation { name: "Third renamed".into(), ..c };
        unit!(world, unit => { settings::change(unit, &Actor::operator(), &renamed).await?; settings::unverify(unit, &Actor::stranger(), renamed.id).await }).expect("changed");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(settings::standing(&mut read, first.id).await.expect("looks"), Standing::Verified);
        assert_eq!(people::organisation_with_urn(&mut read, "EY200002").await.expect("looks"), None, "declined");
        assert_eq!(settings::waiting(&mut read).await.expect("lists").into_iter().map(|one| one.name).collect::<Vec<_>>(), ["Third renamed"]);
        drop(read);
        the_trail_fits(&world).await;
    }

    the_register_keeps_a_number_and_its_digest_is_in_the_trail(world) {
        let row = |urn: &str, name: &str, phone: &str| RegisterSetting { urn: urn.into(), name: name.into(), postcode: "CT1 2EH".into(), phone: phone.into() };
        let first = vec![row("EY300002", "Two", "01632 960002"), row("EY300001", "One", "")];
        unit!(world, unit => register::load(unit, &Actor::operator(), &first).await).expect("loaded");
        let again = vec![row("EY300002", "Two renamed", "")];
        unit!(world, unit => register::load(unit, &Actor::operator(), &again).await).expect("loaded");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(register::find(&mut read, "EY300002").await.expect("looks"), Some(row("EY300002", "Two renamed", "01632 960002")));
        assert_eq!(register::find(&mut read, "EY999999").await.expect("looks"), None);
        assert_eq!(register::everything(&mut read).await.expect("lists").len(), 2);
        drop(read);
        the_trail_fits(&world).await;
    }

    a_sign_up_is_used_once_and_goes_when_it_ends(world) {
        let now = world.relay.clock.now();
        let (one, kept) = (sign_up("EY400001", "new@newcomers.example"), sign_up("EY400001", "new@newcomers.example"));
        unit!(world, unit => { sign_ups::insert(unit, [1; 32], &kept, now.plus(HOUR)).await?; sign_ups::insert(unit, [2; 32], &kept, now.plus(HOUR)).await }).expect("kept");
        let look = async |hash, at| sign_ups::look(&mut world.relay.store.read().await.expect("reads"), hash, at).await.expect("looks");
        assert_eq!(look([1; 32], now).await, Some(one.clone()));
        assert_eq!(look([1; 32], now.plus(HOUR)).await, None, "too late");
        assert_eq!(unit!(world, unit => sign_ups::take(unit, [1; 32]).await).expect("takes"), Some(one));
        assert_eq!(unit!(world, unit => sign_ups::take(unit, [1; 32]).await).expect("takes"), None, "once");
        assert_eq!(look([1; 32], now).await, None);
        unit!(world, unit => { sign_ups::note_try(unit, 1, [9; 32]).await?; sign_ups::note_try(unit, 2, [9; 32]).await }).expect("noted");
        let tries = async |at| sign_ups::tries(&mut world.relay.store.read().await.expect("reads"), [9; 32], at).await.expect("counts");
        assert_eq!((tries(now).await, tries(now.plus(HOUR)).await), (2, 0));
        world.relay.clock.advance(HOUR);
        assert_eq!(unit!(world, unit => sign_ups::take(unit, [2; 32]).await).expect("takes"), None, "too late");
        assert_eq!(unit!(world, unit => sign_ups::sweep(unit).await).expect("sweeps"), 4);
    }
}
