//! Who a person is at an identity provider, and single sign-ons under way.

use dutyline::audit::{Act, Actor};
use dutyline::domain::people::{Person, Role};
use dutyline::domain::time::Instant;
use dutyline::domain::time::MINUTE;
use dutyline::store::identities::{self, Ceremony, Holder, Identity};
use dutyline::store::{StoreError, people, trail};

use super::{on_both_engines, unit};

const ISSUER: &str = "https://login.example.org";

fn identity(id: &str, person: &Person, subject: &str) -> Identity {
    Identity { id: id.into(), person: person.id, issuer: ISSUER.into(), subject: subject.into() }
}

on_both_engines! {
    an_issuers_subject_is_one_person_and_the_trail_knows_the_row(world) {
        let who = Actor::operator();
        let first = identity("i1", &world.canterbury, "s1");
        let by = who.clone();
        unit!(world, unit => identities::insert(unit, &by, &first).await).expect("is linked");
        let again = identity("i2", &world.swale, "s1");
        let taken = unit!(world, unit => identities::insert(unit, &who, &again).await);
        assert!(matches!(taken, Err(StoreError::Constraint(_))), "{taken:?}");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(identities::find(&mut read, ISSUER, "s1").await.expect("looks"), Some(world.canterbury.id));
        assert_eq!(identities::find(&mut read, ISSUER, "S1").await.expect("looks"), None);
        assert_eq!(identities::find(&mut read, "https://other.example", "s1").await.expect("looks"), None);
        assert!(trail::verify(&mut read, &[]).await.is_ok());
    }

    who_has_an_address_is_told_with_what_linking_needs(world) {
        let (id, swale) = (world.canterbury.id, world.swale.clone());
        let linked = identity("i1", &world.canterbury, "s1");
        unit!(world, unit => {
            identities::insert(unit, &Actor::operator(), &linked).await?;
            people::disable(unit, &Actor::operator(), swale.id).await
        }).expect("done");
        let mut read = world.relay.store.read().await.expect("reads");
        let mut holders = async |address, issuer| identities::holders_of(&mut read, address, issuer).await.expect("looks");
        let one = Holder { person: id, organisation: world.canterbury.organisation, disabled: false, linked: true, address_changed_at: Instant::from_micros(0) };
        assert_eq!(holders("nurse@health.example", ISSUER).await, std::slice::from_ref(&one));
        assert_eq!(holders("nurse@health.example", "https://other.example").await, [Holder { linked: false, ..one.clone() }]);
        assert_eq!(holders("swale@health.example", ISSUER).await, [Holder { person: world.swale.id, disabled: true, linked: false, ..one }]);
        assert_eq!(holders("nobody@health.example", ISSUER).await, []);
        assert_eq!(holders("", ISSUER).await, []);
    }

    rights_change_with_the_old_and_the_new_ones_in_the_event(world) {
        let before = world.canterbury.clone();
        let after = Person { role: Role::DutyLead, lines: vec!["swale".into(), "ashford".into()], ..before.clone() };
        let (old, new) = (before.clone(), after.clone());
        unit!(world, unit => identities::change_rights(unit, &Actor::system(), &old, &new).await).expect("changed");
        let mut read = world.relay.store.read().await.expect("reads");
        let found = people::find(&mut read, before.id).await.expect("looks").expect("is there");
        assert_eq!((found.role, found.lines), (Role::DutyLead, after.lines.clone()));
        let filter = trail::Filter { act: Act::RightsChanged.code().to_owned(), ..trail::Filter::default() };
        let said = trail::page(&mut read, &filter).await.expect("reads");
        let text = String::from_utf8_lossy(&said[0].bytes);
        assert!(said.len() == 1 && text.contains("canterbury") && text.contains("swale:ashford"), "{text}");
        assert!(trail::verify(&mut read, &[]).await.is_ok());
        drop(read);
        let late = unit!(world, unit => identities::change_rights(unit, &Actor::system(), &before, &after).await);
        assert!(matches!(late, Err(StoreError::Conflict("person"))), "{late:?}");
    }

    a_ceremony_is_taken_once_in_its_browser_and_in_time(world) {
        let now = world.relay.clock.now();
        let ceremony = Ceremony {
            state: [1; 32], browser: [2; 32], provider: "nhsmail".into(), session: Vec::new(), next: "/inbox".into(),
            begun_at: now, ends_at: now.plus(10 * MINUTE),
        };
        let late = Ceremony { state: [3; 32], session: vec![7; 32], ..ceremony.clone() };
        let (one, two) = (ceremony.clone(), late.clone());
        unit!(world, unit => {
            identities::insert_ceremony(unit, &one).await?;
            identities::insert_ceremony(unit, &two).await
        }).expect("kept");
        for (browser, provider) in [([9; 32], "nhsmail"), ([2; 32], "cis2")] {
            let other = unit!(world, unit => identities::take_ceremony(unit, [1; 32], browser, provider).await);
            assert_eq!(other.expect("looks"), None, "{provider}");
        }
        let taken = unit!(world, unit => identities::take_ceremony(unit, [1; 32], [2; 32], "nhsmail").await);
        assert_eq!(taken.expect("looks"), Some(ceremony));
        let again = unit!(world, unit => identities::take_ceremony(unit, [1; 32], [2; 32], "nhsmail").await);
        assert_eq!(again.expect("looks"), None);
        assert_eq!(unit!(world, unit => identities::sweep_ceremonies(unit).await).expect("swept"), 0);
        world.relay.clock.advance(10 * MINUTE);
        let after = unit!(world, unit => identities::take_ceremony(unit, [3; 32], [2; 32], "nhsmail").await);
        assert_eq!(after.expect("looks"), None);
        assert_eq!(unit!(world, unit => identities::sweep_ceremonies(unit).await).expect("swept"), 1);
    }
}
