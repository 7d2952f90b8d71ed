//! What administrators decide: dated lines, numbers, closing days, organisations with what they were.

use dutyline::audit::Actor;
use dutyline::domain::ids::OrganisationId;
use dutyline::domain::time::{DAY, HOUR};
use dutyline::relay::decided::row_of;
use dutyline::relay::live::Rules;
use dutyline::store::lines::LineDetails;
use dutyline::store::people::Organisation;
use dutyline::store::rules::RulesRow;
use dutyline::store::{StoreError, closing, lines, organisations, places, rules, trail};

use super::on_both_engines;
use crate::support::{World, organisation};

fn swale(mailbox: &str) -> LineDetails {
    LineDetails {
        name: "Swale".to_owned(),
        phones: "01632 960100".to_owned(),
        mailbox: mailbox.to_owned(),
        address: String::new(),
        lad_codes: "E07000113".to_owned(),
    }
}

/// Commits one unit of work with the events that it records itself.
macro_rules! decide {
    ($world:expr, $unit:ident => $body:expr) => {
        $world
            .relay
            .store
            .write(move |$unit| {
                Box::pin(async move {
                    $unit.unaudited("what is tried here records its own events");
                    $body
                })
            })
            .await
    };
}

async fn fits(world: &World) {
    let mut snapshot = world.relay.store.snapshot().await.expect("a snapshot");
    trail::verify(&mut snapshot, &[]).await.expect("the trail fits the rows");
}

on_both_engines! {
    a_line_is_what_was_decided_last_for_the_day(world) {
        let relay = &world.relay;
        let today = relay.clock.now().day();
        let tomorrow = today.tomorrow().expect("a day");
        let (now, later) = (swale("one@line.example"), swale("two@line.example"));
        let (first, second) = (now.clone(), later.clone());
        decide!(world, unit => lines::insert(unit, &Actor::operator(), "swale", 0, (today, &first)).await).expect("decided");
        decide!(world, unit => lines::insert(unit, &Actor::operator(), "swale", 1, (tomorrow, &second)).await).expect("decided");
        let stale = later.clone();
        let done = decide!(world, unit => lines::insert(unit, &Actor::operator(), "swale", 1, (today, &stale)).await);
        assert!(matches!(done, Err(StoreError::Conflict(_))), "somebody decided since");

        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(lines::count(&mut read).await.expect("counts"), 2);
        let history = lines::history(&mut read, "swale").await.expect("reads");
        assert_eq!(history, lines::all(&mut read).await.expect("reads"));
        assert_eq!(lines::in_force(&history, today).map(|one| &one.details), Some(&now));
        assert_eq!(lines::in_force(&history, tomorrow).map(|one| &one.details), Some(&later));
        assert_eq!(lines::in_force(&history, today.yesterday().expect("a day")), None);
        for (day, mailbox) in [(today, "one@line.example"), (tomorrow, "two@line.example")] {
            assert_eq!(places::locality(&mut read, "swale", day).await.expect("reads").expect("there").mailbox, mailbox);
        }
        drop(read);
        decide!(world, unit => lines::alone(unit, 2).await).expect("nobody decided since");
        let late = decide!(world, unit => lines::alone(unit, 1).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))));
        fits(&world).await;
    }

    a_planned_mailbox_is_confirmed_before_its_day_and_stays_live(world) {
        let relay = &world.relay;
        let today = relay.clock.now().day();
        let (now, later) = (swale("one@line.example"), swale("two@line.example"));
        let ends = relay.clock.now().plus(HOUR);
        decide!(world, unit => {
            lines::insert(unit, &Actor::operator(), "swale", 0, (today, &now)).await?;
            let tomorrow = today.tomorrow().expect("a day");
            lines::insert(unit, &Actor::operator(), "swale", 1, (tomorrow, &later)).await?;
            places::insert_mailbox_test(unit, [5; 32], "swale", "two@line.example", ends).await
        }).expect("decided");
        let waiting = places::mailbox_tests(&mut relay.store.read().await.expect("reads")).await.expect("reads");
        assert_eq!(waiting, [("swale".to_owned(), "two@line.example".to_owned(), ends.micros())]);
        let live = decide!(world, unit => places::confirm_mailbox(unit, [5; 32]).await).expect("answers");
        assert_eq!(live.as_deref(), Some("swale"));
        let mut read = relay.store.read().await.expect("reads");
        let now = places::locality(&mut read, "swale", today).await.expect("reads").expect("there");
        assert_eq!(now.confirmed_at, 0);
        relay.clock.advance(DAY);
        let row = places::locality(&mut read, "swale", relay.clock.now().day()).await.expect("reads").expect("there");
        assert!(row.confirmed_at > 0);
        drop(read);
        fits(&world).await;
    }

    numbers_are_decided_against_what_was_seen(world) {
        let relay = &world.relay;
        let today = relay.clock.now().day();
        let before = row_of(&Rules::default());
        let after = RulesRow { signature_days: 14, ..before.clone() };
        let (old, new) = (before.clone(), after.clone());
        decide!(world, unit => rules::insert(unit, &Actor::operator(), 0, today, (&old, &new)).await).expect("decided");
        let (old, new) = (before, after.clone());
        let late = decide!(world, unit => rules::insert(unit, &Actor::operator(), 0, today, (&old, &new)).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))));
        let history = rules::history(&mut relay.store.read().await.expect("reads")).await.expect("reads");
        assert_eq!(history.iter().map(|one| (one.version, &one.rules)).collect::<Vec<_>>(), [(1, &after)]);
        fits(&world).await;
    }

    the_last_decision_about_a_day_holds(world) {
        let day = world.relay.clock.now().day();
        for (close, changes) in [(true, true), (true, false), (false, true), (false, false), (true, true)] {
            let done = decide!(world, unit => closing::decide(unit, &Actor::operator(), "swale", (day, close)).await);
            assert_eq!(done.expect("decided"), changes);
            let all = closing::all(&mut world.relay.store.read().await.expect("reads")).await.expect("reads");
            assert_eq!(closing::closed(&all).len(), usize::from(close));
        }
        fits(&world).await;
    }

    an_organisation_keeps_what_it_was(world) {
        let relay = &world.relay;
        let old = organisation(relay, "Bluebell 100%", "setting").await;
        let new = Organisation { name: "Harebell".to_owned(), phone: String::new(), ..old.clone() };
        let row = new.clone();
        decide!(world, unit => organisations::change(unit, &Actor::operator(), 0, &row).await).expect("changed");
        let row = new.clone();
        let late = decide!(world, unit => organisations::change(unit, &Actor::operator(), 0, &row).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))));
        let ghost = Organisation { id: relay.fresh(OrganisationId::new), ..new };
        let none = decide!(world, unit => organisations::change(unit, &Actor::operator(), 0, &ghost).await);
        assert!(matches!(none, Err(StoreError::Missing(_))));
        let mut read = relay.store.read().await.expect("reads");
        let history = organisations::history(&mut read, old.id).await.expect("reads");
        assert_eq!((history.len(), history[0].name.as_str(), history[0].phone.as_str()), (1, "Bluebell 100%", "01632 960123"));
        let found = organisations::page(&mut read, "HareB", 0).await.expect("reads");
        assert_eq!(found.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(), ["setting"]);
        assert!(organisations::page(&mut read, "", 0).await.expect("reads").len() >= 4);
        drop(read);
        fits(&world).await;
    }
}
