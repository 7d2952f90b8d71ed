//! People and sender keys; localities, mailboxes, editions, facts.

use dutyline::audit::Actor;
use dutyline::domain::ids::PersonId;
use dutyline::domain::people::Role;
use dutyline::domain::time::HOUR;
use dutyline::people as people_room;
use dutyline::store::places::{self, Edition, LocalityRow};
use dutyline::store::{StoreError, people};

use super::{on_both_engines, unit};
use crate::support::{organisation, person};

on_both_engines! {
    a_disabled_person_is_found_nowhere_and_the_trail_still_knows_the_name(world) {
        let (relay, id) = (&world.relay, world.sender.id);
        let token = people_room::sign_in(relay, id).await.expect("answers").expect("signs in");
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(people::address_is_taken(&mut read, &world.sender.email).await.expect("looks"));
        assert!(!people::address_is_taken(&mut read, "nobody@setting1.example").await.expect("looks"));
        drop(read);
        unit!(world, unit => people::disable(unit, &Actor::operator(), id).await).expect("disabled");
        let twice = unit!(world, unit => people::disable(unit, &Actor::operator(), id).await);
        assert!(matches!(twice, Err(StoreError::Missing(_))));
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(people::find(&mut read, id).await.expect("looks"), None);
        assert!(people::whoever(&mut read, id).await.expect("looks").is_some(), "the trail still knows the name");
        assert_eq!(people::by_email(&mut read, "jo@setting1.example").await.expect("looks"), None);
        drop(read);
        assert!(people_room::whose(relay, &token).await.expect("looks").is_none(), "the session went with the access");
        assert!(people_room::sign_in(relay, id).await.expect("answers").is_none());
    }

    an_address_of_two_people_is_nobodys(world) {
        let relay = &world.relay;
        let office = organisation(relay, "Third Nursery", "setting").await;
        let first = person(relay, &office, "Kim Madeup", Role::Manager, "", "kim@setting3.example").await;
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(people::by_email(&mut read, "kim@setting3.example").await.expect("looks").as_ref(), Some(&first));
        assert_eq!(people::first_of(&mut read, office.id).await.expect("looks").as_ref(), Some(&first));
        assert_eq!(people::organisation_named(&mut read, "Third Nursery").await.expect("looks").as_ref(), Some(&office));
        assert!(people::organisation_with_urn(&mut read, "EY123456").await.expect("looks").is_some());
        assert_eq!(people::organisation(&mut read, office.id).await.expect("looks").as_ref(), Some(&office));
        drop(read);
        person(relay, &office, "Kim Other", Role::Manager, "", "kim@setting3.example").await;
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(people::by_email(&mut read, "kim@setting3.example").await.expect("looks"), None);
        assert!(people::everybody(&mut read).await.expect("looks").len() >= 7);
        drop(read);
        let ghost = dutyline::domain::people::Person { id: relay.fresh(PersonId::new), organisation: relay.fresh(dutyline::domain::ids::OrganisationId::new), ..first };
        let done = unit!(world, unit => people::insert(unit, &Actor::operator(), &ghost).await);
        assert!(matches!(done, Err(StoreError::Constraint(_))), "nobody without an organisation");
    }

    a_sender_key_names_its_setting(world) {
        let organisation = world.sender.organisation;
        unit!(world, unit => people::insert_sender_key(unit, [7; 32], organisation).await).expect("made");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(people::by_sender_key(&mut read, [7; 32]).await.expect("looks"), Some(organisation));
        assert_eq!(people::by_sender_key(&mut read, [8; 32]).await.expect("looks"), None);
        drop(read);
        let row = people::Organisation { id: world.relay.fresh(dutyline::domain::ids::OrganisationId::new), kind: "setting".into(), name: "N".into(), urn: String::new(), postcode: String::new(), phone: String::new() };
        unit!(world, unit => people::insert_organisation(unit, &Actor::operator(), &row).await).expect("made");
    }

    a_mailbox_goes_live_by_a_click_and_a_changed_one_is_not_live(world) {
        let row = LocalityRow {
            id: "swale".into(), name: "Swale".into(), phones: "01632 960100".into(),
            mailbox: "swale@health.example".into(), lad_codes: "E07000113".into(), confirmed_at: 0,
        };
        let ends = world.relay.clock.now().plus(HOUR);
        let (put, changed) = (row.clone(), LocalityRow { mailbox: "new@health.example".into(), ..row.clone() });
        unit!(world, unit => {
            places::put_locality(unit, &Actor::operator(), &put).await?;
            places::insert_mailbox_test(unit, [4; 32], "swale", "swale@health.example", ends).await
        }).expect("put");
        assert_eq!(unit!(world, unit => places::confirm_mailbox(unit, [4; 32]).await).expect("answers"), Some("swale".to_owned()));
        assert_eq!(unit!(world, unit => places::confirm_mailbox(unit, [4; 32]).await).expect("answers"), None, "once");
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(places::locality(&mut read, "swale", world.relay.clock.now().day()).await.expect("reads").expect("there").confirmed_at > 0);
        drop(read);
        unit!(world, unit => places::put_locality(unit, &Actor::operator(), &changed).await).expect("changed");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(places::localities(&mut read, world.relay.clock.now().day()).await.expect("reads")[0].confirmed_at, 0);
        drop(read);
        unit!(world, unit => places::confirm_for_demo(unit, "swale").await).expect("a made-up mailbox");
    }

    the_newest_edition_counts_and_a_fact_is_written_once(world) {
        let edition = |name: &str| Edition { edition: name.to_owned(), live: b"postcode".to_vec(), retired: Vec::new() };
        let (old, new) = (edition("2025.4"), edition("2026.1"));
        unit!(world, unit => places::insert_edition(unit, &Actor::operator(), &old, 1).await).expect("loaded");
        world.relay.clock.advance(HOUR);
        unit!(world, unit => places::insert_edition(unit, &Actor::operator(), &new, 1).await).expect("loaded");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(places::newest_edition(&mut read).await.expect("reads").expect("there").edition, "2026.1");
        drop(read);
        assert_eq!(unit!(world, unit => places::put_meta_once(unit, "k", "one").await).expect("put"), "one");
        assert_eq!(unit!(world, unit => places::put_meta_once(unit, "k", "two").await).expect("put"), "one");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(places::meta(&mut read, "k").await.expect("reads").as_deref(), Some("one"));
    }
}
