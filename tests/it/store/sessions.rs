//! Sessions, single-use links, covers.

use dutyline::audit::Actor;
use dutyline::domain::people::Role;
use dutyline::domain::sign_in::{Method, Session, Stage};
use dutyline::domain::time::{HOUR, Instant, MINUTE};
use dutyline::people::{self, Begin};
use dutyline::store::sessions::{self, Cover};

use super::{on_both_engines, unit};

fn half(stage: Stage) -> Begin {
    Begin { stage, method: Method::Password, checked: None, browser: "firefox-linux".to_owned() }
}

on_both_engines! {
    a_session_ends_by_rest_and_by_age(world) {
        let (relay, id) = (&world.relay, world.sender.id);
        let rules = relay.sign_in.of(Role::Practitioner);
        let token = people::sign_in(relay, id).await.expect("answers").expect("signs in");
        let now = people::whose(relay, &token).await.expect("looks").expect("signed in");
        assert_eq!((&now.person, now.session.stage), (&world.sender, Stage::Full));
        relay.clock.advance(rules.idle - 1);
        people::stay(relay, &token, &now.session).await.expect("noted");
        relay.clock.advance(rules.idle - 1);
        assert!(people::whose(relay, &token).await.expect("looks").is_some(), "its holder was there meanwhile");
        relay.clock.advance(1);
        assert!(people::whose(relay, &token).await.expect("looks").is_none(), "its holder rested too long");
        let token = people::sign_in(relay, id).await.expect("answers").expect("signs in");
        for _ in 0..rules.absolute / (10 * MINUTE) {
            let now = people::whose(relay, &token).await.expect("looks").expect("not yet");
            people::stay(relay, &token, &now.session).await.expect("noted");
            relay.clock.advance(10 * MINUTE);
        }
        assert!(people::whose(relay, &token).await.expect("looks").is_none(), "a day's work is over");
        assert_eq!(people::sweep(relay).await.expect("swept"), 2, "both are of age");
    }

    coming_further_makes_the_old_token_worthless_and_only_one_tab_wins(world) {
        let relay = &world.relay;
        let token = people::begin(relay, world.desk.id, half(Stage::Second)).await.expect("answers").expect("begun");
        let (one, two) = tokio::join!(people::advance(relay, &token, true), people::advance(relay, &token, true));
        let won: Vec<_> = [one.expect("answers"), two.expect("answers")].into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        assert!(people::whose(relay, &token).await.expect("looks").is_none(), "the old token");
        let now = people::whose(relay, &won[0]).await.expect("looks").expect("signed in");
        assert_eq!((now.session.stage, now.session.method, now.session.browser.as_str()), (Stage::Full, Method::Password, "firefox-linux"));
        assert!(now.session.checked_within(relay.clock.now(), 0));
        relay.clock.advance(MINUTE);
        people::checked(relay, &won[0], &now).await.expect("noted");
        let now = people::whose(relay, &won[0]).await.expect("looks").expect("signed in");
        assert!(now.session.checked_within(relay.clock.now(), 0), "the check is new");
        people::sign_out(relay, &won[0], &now).await.expect("out");
        assert!(people::whose(relay, &won[0]).await.expect("looks").is_none());
        assert!(people::advance(relay, &token, true).await.expect("answers").is_none());
    }

    a_session_is_kept_under_the_hash_of_its_token(world) {
        let (relay, id, now) = (&world.relay, world.auditor.id, world.relay.clock.now());
        let at = |minutes| now.plus(minutes * MINUTE);
        let session = Session {
            id: "s1".to_owned(), stage: Stage::SetUp, method: Method::Link, browser: "edge-windows".to_owned(),
            created_at: now, seen_at: now, ends_at: at(60), checked_at: Instant::from_micros(0),
        };
        let kept = session.clone();
        unit!(world, unit => sessions::insert(unit, [8; 32], id, &kept).await).expect("kept");
        let find = async |hash| sessions::find(&mut relay.store.read().await.expect("reads"), hash, now).await.expect("looks");
        assert_eq!(find([8; 32]).await, Some((world.auditor.clone(), session.clone())));
        assert_eq!(find([9; 32]).await, None);
        relay.clock.advance(MINUTE);
        unit!(world, unit => { sessions::seen(unit, [8; 32]).await?; sessions::checked(unit, [8; 32]).await }).expect("noted");
        let noted = Session { seen_at: at(1), checked_at: at(1), ..session };
        assert_eq!(find([8; 32]).await, Some((world.auditor.clone(), noted)));
        assert_eq!(unit!(world, unit => sessions::sweep(unit).await).expect("swept"), 0, "not ended yet");
        assert_eq!(unit!(world, unit => sessions::end(unit, [8; 32]).await).expect("ends"), 1);
        assert_eq!(unit!(world, unit => sessions::end(unit, [8; 32]).await).expect("ends"), 0);
    }

    ones_sessions_are_listed_and_ended_by_name(world) {
        let (relay, id) = (&world.relay, world.auditor.id);
        for _ in 0..3 {
            people::sign_in(relay, id).await.expect("answers").expect("signs in");
        }
        let list = async || sessions::of(&mut relay.store.read().await.expect("reads"), id).await.expect("lists");
        let all = list().await;
        assert_eq!(all.len(), 3);
        let (first, other) = (all[0].id.clone(), world.desk.id);
        let ended = unit!(world, unit => sessions::end_named(unit, other, &first).await);
        assert_eq!(ended.expect("ends"), 0, "another person's");
        let first = all[0].id.clone();
        let ended = unit!(world, unit => sessions::end_named(unit, id, &first).await);
        assert_eq!(ended.expect("ends"), 1);
        let keep = all[1].id.clone();
        let ended = unit!(world, unit => sessions::end_others(unit, id, &keep).await);
        assert_eq!(ended.expect("ends"), 1);
        assert_eq!(list().await, [all[1].clone()]);
    }

    a_link_signs_in_once_and_of_two_uses_at_once_one_wins(world) {
        let relay = &world.relay;
        let link = people::link(relay, world.auditor.id).await.expect("a link");
        let (one, two) = tokio::join!(people::use_link(relay, &link, ""), people::use_link(relay, &link, ""));
        let won: Vec<_> = [one.expect("answers"), two.expect("answers")].into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        let now = people::whose(relay, &won[0]).await.expect("looks").expect("signed in");
        assert_eq!(now.person.id, world.auditor.id);
        let (id, ends) = (world.auditor.id, relay.clock.now().plus(HOUR));
        unit!(world, unit => {

            sessions::insert_link(unit, [5; 32], id, "reset", ends).await?;
            sessions::insert_link(unit, [6; 32], id, "reset", ends).await?;
            sessions::insert_link(unit, [7; 32], id, "invitation", ends).await
        }).expect("links");
        let look = async |hash, purpose| sessions::look_at_link(&mut relay.store.read().await.expect("reads"), hash, purpose, relay.clock.now()).await.expect("looks");
        assert_eq!(look([5; 32], "reset").await, Some(id));
        assert_eq!(look([5; 32], "reset").await, Some(id), "looking uses nothing up");
        assert_eq!(look([5; 32], "invitation").await, None, "of another purpose");
        let used = unit!(world, unit => sessions::use_link(unit, [5; 32], "sign-in").await);
        assert_eq!(used.expect("answers"), None, "of another purpose");
        let used = unit!(world, unit => sessions::use_link(unit, [5; 32], "reset").await);
        assert_eq!(used.expect("answers"), Some(id));
        assert_eq!(look([5; 32], "reset").await, None, "used");
        let dropped = unit!(world, unit => sessions::drop_links(unit, id, "reset").await);
        assert_eq!(dropped.expect("answers"), 1, "the one that was not used");
        relay.clock.advance(HOUR);
        assert_eq!(look([7; 32], "invitation").await, None, "too late");
    }

    a_cover_lets_somebody_work_another_line_until_its_end(world) {
        let (relay, who) = (&world.relay, world.swale.id);
        let now = relay.clock.now();
        let cover = Cover { id: "c1".to_owned(), person: who, locality: "canterbury".to_owned(), from: now.plus(HOUR), ends: now.plus(2 * HOUR) };
        unit!(world, unit => sessions::insert_cover(unit, &Actor::operator(), who, &cover).await).expect("covered");
        let lines = async |at| sessions::covered(&mut relay.store.read().await.expect("reads"), who, at).await.expect("looks");
        assert!(lines(now).await.is_empty(), "not yet");
        assert_eq!(lines(now.plus(HOUR)).await, ["canterbury"]);
        assert!(lines(now.plus(2 * HOUR)).await.is_empty(), "over");
        relay.clock.advance(HOUR);
        let token = people::sign_in(relay, who).await.expect("answers").expect("signs in");
        let person = people::whose(relay, &token).await.expect("looks").expect("signed in").person;
        assert!(person.works("canterbury") && person.works("swale") && !person.works("ashford"));
        assert_eq!(person.lines, ["swale"], "a cover is not one's own line");
    }
}
