//! Covers as leads see them, openings by reason, look-ups counted, counts.

use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::casework;
use dutyline::domain::opening::{Opening, Part, Purpose};
use dutyline::domain::people::Role;
use dutyline::domain::time::{DAY, HOUR, Instant};
use dutyline::store::sessions::{self, Cover};
use dutyline::store::{counts, covers, openings, trail};

use super::{on_both_engines, unit};
use crate::support::{form, given_a_referral, organisation, person};

on_both_engines! {
    covers_are_listed_by_line_and_ended_once(world) {
        let (relay, who, by) = (&world.relay, world.swale.id, world.canterbury.id);
        let now = relay.clock.now();
        let cover = Cover { id: "c1".to_owned(), person: who, locality: "canterbury".to_owned(), from: now, ends: now.plus(DAY) };
        let kept = cover.clone();
        unit!(world, unit => sessions::insert_cover(unit, &Actor::operator(), by, &kept).await).expect("granted");
        let of = async |line, at| covers::of_line(&mut relay.store.read().await.expect("reads"), line, at).await.expect("looks");
        let found = of("canterbury", now).await;
        assert_eq!((found.len(), &found[0].cover, found[0].by), (1, &cover, by));
        assert!(of("swale", now).await.is_empty() && of("canterbury", now.plus(DAY)).await.is_empty());
        let find = async |id| covers::find(&mut relay.store.read().await.expect("reads"), id).await.expect("looks");
        assert_eq!(find("c1").await.map(|one| one.cover), Some(cover.clone()));
        assert_eq!(find("c2").await, None);
        relay.clock.advance(HOUR);
        let ending = cover.clone();
        unit!(world, unit => covers::end(unit, &Actor::operator(), &ending).await).expect("ends");
        assert!(of("canterbury", relay.clock.now()).await.is_empty());
        let again = unit!(world, unit => covers::end(unit, &Actor::operator(), &cover).await);
        assert!(again.is_err(), "it has ended");
        let mut snapshot = relay.store.snapshot().await.expect("a snapshot");
        trail::verify(&mut snapshot, &[]).await.expect("sound");
    }

    who_works_a_line_and_who_leads_it(world) {
        let relay = &world.relay;
        let office = organisation(relay, "Service", "service").await;
        let lead = person(relay, &office, "Lee", Role::DutyLead, "canterbury swale", "").await;
        let mut read = relay.store.read().await.expect("reads");
        let names: Vec<String> = covers::workers(&mut read).await.expect("reads").into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["Lee", "Nurse Canterbury", "Nurse Swale"], "by name, and no desk or auditor");
        assert_eq!(covers::leads(&mut read, "swale").await.expect("reads"), [lead]);
        assert!(covers::leads(&mut read, "thanet").await.expect("reads").is_empty());
    }

    an_opening_is_active_for_its_person_its_referral_and_its_time(world) {
        let relay = &world.relay;
        let (id, other) = (given_a_referral(&world, &form(|_| {})).await, given_a_referral(&world, &form(|_| {})).await);
        let now = relay.clock.now();
        let opening = |name: &str, part, purpose| Opening {
            id: name.to_owned(), person: world.swale.id, referral: id, locality: "canterbury".to_owned(), purpose, part, note: 1,
            at: now, ends: now.plus(DAY),
        };
        let all = [
            opening("o1", Part::Referral, Purpose::BreakGlass),
            opening("o2", Part::Restricted, Purpose::BreakGlass),
            opening("o3", Part::Referral, Purpose::Complaint),
        ];
        let rows = all.clone();
        unit!(world, unit => {
            for one in &rows {
                let act = if one.purpose == Purpose::BreakGlass { Act::BreakGlass } else { Act::GovernanceOpened };
                openings::insert(unit, EventDraft::new(act, Actor::operator()), one).await?;
            }
            Ok::<(), dutyline::store::StoreError>(())
        }).expect("kept");
        let mut read = relay.store.read().await.expect("reads");
        let mut active = async |who, what, at| openings::active(&mut read, who, what, at).await.expect("looks");
        assert_eq!(active(world.swale.id, id, now).await, Some(all[0].clone()));
        assert_eq!(active(world.swale.id, id, now.plus(DAY)).await, None, "over");
        assert_eq!(active(world.swale.id, other, now).await, None, "of another referral");
        assert_eq!(active(world.canterbury.id, id, now).await, None, "of somebody else");
        let names = |all: Vec<Opening>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(names(openings::of_person(&mut read, world.swale.id, now).await.expect("reads")), ["o1", "o3"]);
        assert_eq!(names(openings::of_line(&mut read, "canterbury").await.expect("reads")), ["o1", "o2"], "the other line's leads only");
        assert!(openings::of_line(&mut read, "swale").await.expect("reads").is_empty());
        assert_eq!(openings::find(&mut read, "o2").await.expect("reads"), Some(all[1].clone()));
        drop(read);
        let mut snapshot = relay.store.snapshot().await.expect("a snapshot");
        trail::verify(&mut snapshot, &[]).await.expect("sound");
    }

    acts_of_a_person_are_counted_from_a_moment_on(world) {
        let relay = &world.relay;
        let (who, from) = (world.auditor.id.to_string(), relay.clock.now());
        for _ in 0..2 {
            casework::look_up(relay, &world.auditor, "Nobody Here", "2024-09-03").await.expect("looks");
        }
        let mut read = relay.store.read().await.expect("reads");
        let act = Act::ChildLookedUp.code();
        assert_eq!(trail::count(&mut read, &who, act, from).await.expect("counts"), 2);
        assert_eq!(trail::count(&mut read, &who, act, from.plus(1)).await.expect("counts"), 0);
        assert_eq!(trail::count(&mut read, &world.desk.id.to_string(), act, from).await.expect("counts"), 0);
    }

    what_reached_a_line_is_counted_as_it_stood_at_the_end(world) {
        let relay = &world.relay;
        let now = relay.clock.now();
        let (one, two) = (given_a_referral(&world, &form(|_| {})).await, given_a_referral(&world, &form(|_| {})).await);
        given_a_referral(&world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
        relay.clock.advance(HOUR);
        casework::open(relay, &world.canterbury, one).await.expect("opens");
        relay.clock.advance(DAY);
        casework::open(relay, &world.canterbury, two).await.expect("opens");
        let at = |hours: i64| now.plus(hours * HOUR);
        let count = async |months: [Instant; 4]| counts::reached(&mut relay.store.read().await.expect("reads"), months).await.expect("counts");
        let cell = |month, stage, count| counts::Cell { locality: "canterbury".to_owned(), month, stage, without_agreement: 0, count };
        assert_eq!(count([at(0), at(1), at(2), at(3)]).await, [cell(0, 0, 1), cell(0, 1, 1)]);
        assert_eq!(count([at(-9), at(-8), at(-7), at(48)]).await, [cell(2, 1, 2)]);
        assert_eq!(count([at(-9), at(0), at(1), at(1)]).await, [cell(1, 0, 2)], "before anybody opened one");
        assert!(count([at(1), at(2), at(3), at(4)]).await.is_empty(), "the desk's has reached no line");
    }
}
