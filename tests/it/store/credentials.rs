//! Passwords, second factors, tries, known browsers and requests for a reset.

use dutyline::domain::ids::LetterId;
use dutyline::domain::time::{DAY, HOUR, Instant, MINUTE};
use dutyline::store::credentials::{self, TotpState};
use dutyline::store::throttle::{self, Bucket};
use dutyline::store::{people, resets};

use super::{on_both_engines, unit};

on_both_engines! {
    a_password_is_kept_changed_and_cleared(world) {
        let id = world.sender.id;
        let kept = async || {
            let mut read = world.relay.store.read().await.expect("reads");
            credentials::password(&mut read, Some(id)).await.expect("looks")
        };
        assert_eq!(kept().await, None);
        for phc in ["$argon2id$one", "$argon2id$two"] {
            unit!(world, unit => credentials::set_password(unit, id, phc).await).expect("set");
            assert_eq!(kept().await.as_deref(), Some(phc));
        }
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(credentials::password(&mut read, None).await.expect("looks"), None, "nobody's");
        drop(read);
        let ends = world.relay.clock.now().plus(DAY);
        unit!(world, unit => throttle::insert_device(unit, [1; 32], id, ends).await).expect("known");
        unit!(world, unit => credentials::put_recovery_codes(unit, id, &[[1; 32]]).await).expect("made");
        unit!(world, unit => credentials::clear(unit, id).await).expect("cleared");
        assert_eq!(kept().await, None);
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(throttle::device(&mut read, [1; 32], world.relay.clock.now()).await.expect("looks"), None);
        assert_eq!(credentials::recovery_codes_left(&mut read, id).await.expect("counts"), 0);
    }

    an_authenticator_waits_is_confirmed_and_each_step_is_used_once(world) {
        let id = world.sender.id;
        let find = async |state| {
            let mut read = world.relay.store.read().await.expect("reads");
            credentials::totp(&mut read, id, state).await.expect("looks")
        };
        unit!(world, unit => credentials::put_pending_totp(unit, id, "s1", b"one").await).expect("kept");
        unit!(world, unit => credentials::put_pending_totp(unit, id, "s2", b"two").await).expect("kept");
        assert_eq!(find(TotpState::Pending).await.expect("waits").sealed, b"two");
        assert_eq!(find(TotpState::Live).await, None);
        let confirm = async |session: &'static str| unit!(world, unit => credentials::confirm_totp(unit, id, session, 7).await).expect("answers");
        assert!(!confirm("s1").await && confirm("s2").await && !confirm("s2").await);
        let live = find(TotpState::Live).await.expect("in use");
        assert_eq!((live.last_step, live.session.as_str()), (7, ""));
        let uses = async |step| unit!(world, unit => credentials::use_totp_step(unit, id, step).await).expect("answers");
        assert!(!uses(6).await && !uses(7).await && uses(8).await && !uses(8).await);
        unit!(world, unit => credentials::put_pending_totp(unit, id, "s3", b"three").await).expect("kept");
        assert!(confirm("s3").await, "the next one takes its place");
        assert_eq!(find(TotpState::Live).await.expect("in use").sealed, b"three");
        unit!(world, unit => credentials::put_pending_totp(unit, id, "s4", b"four").await).expect("kept");
        let removed = unit!(world, unit => credentials::remove_totp(unit, id).await);
        assert_eq!(removed.expect("removed"), 1);
        world.relay.clock.advance(DAY);
        assert_eq!(unit!(world, unit => credentials::sweep(unit).await).expect("swept"), 1, "never confirmed");
        assert_eq!(find(TotpState::Pending).await, None);
    }

    a_recovery_code_is_used_once_and_new_ones_end_the_old(world) {
        let (id, other) = (world.sender.id, world.desk.id);
        unit!(world, unit => credentials::put_recovery_codes(unit, id, &[[1; 32], [2; 32]]).await).expect("made");
        let uses = async |who, mac| unit!(world, unit => credentials::use_recovery_code(unit, who, mac).await).expect("answers");
        assert!(!uses(other, [1; 32]).await, "another person's");
        assert!(uses(id, [1; 32]).await && !uses(id, [1; 32]).await && !uses(id, [3; 32]).await);
        let left = async || {
            let mut read = world.relay.store.read().await.expect("reads");
            credentials::recovery_codes_left(&mut read, id).await.expect("counts")
        };
        assert_eq!(left().await, 1);
        unit!(world, unit => credentials::put_recovery_codes(unit, id, &[[4; 32]]).await).expect("made");
        assert!(!uses(id, [2; 32]).await && left().await == 1);
    }

    a_mailed_code_has_tries_an_end_and_a_session(world) {
        let (relay, id) = (&world.relay, world.sender.id);
        let now = relay.clock.now();
        let letter = relay.fresh(LetterId::new);
        unit!(world, unit => credentials::insert_mailed_code(unit, letter, id, "s1", now.plus(MINUTE)).await).expect("kept");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(credentials::mailed_code(&mut read, id, "s1").await.expect("looks"), Some(letter));
        assert_eq!(credentials::mailed_code(&mut read, id, "s2").await.expect("looks"), None);
        assert_eq!(credentials::mailed_codes_since(&mut read, id, now.plus(-HOUR)).await.expect("counts"), 1);
        assert_eq!(credentials::mailed_codes_since(&mut read, id, now).await.expect("counts"), 0);
        drop(read);
        let tries = async |letter| unit!(world, unit => credentials::try_mailed_code(unit, letter, 2).await).expect("answers");
        assert!(tries(letter).await && tries(letter).await && !tries(letter).await, "two tries");
        let uses = async |letter| unit!(world, unit => credentials::use_mailed_code(unit, letter).await).expect("answers");
        assert!(uses(letter).await && !uses(letter).await);
        let late = relay.fresh(LetterId::new);
        unit!(world, unit => credentials::insert_mailed_code(unit, late, id, "s1", now.plus(MINUTE)).await).expect("kept");
        relay.clock.advance(MINUTE);
        assert!(!tries(late).await, "too late");
        relay.clock.advance(DAY);
        assert_eq!(unit!(world, unit => credentials::sweep(unit).await).expect("swept"), 2);
    }

    tries_are_held_counted_and_forgotten(world) {
        let look = async || {
            let mut read = world.relay.store.read().await.expect("reads");
            throttle::look(&mut read, [3; 32]).await.expect("looks")
        };
        assert_eq!(look().await, Bucket::default());
        let bucket = Bucket { tries: 2, next_at: 9, last_at: 8 };
        let held = unit!(world, unit => {
            let held = throttle::hold(unit, [3; 32]).await?;
            throttle::put(unit, [3; 32], bucket).await?;
            Ok(held)
        });
        assert_eq!(held.expect("held"), Bucket::default());
        assert_eq!(look().await, bucket);
        unit!(world, unit => throttle::give_back(unit, [3; 32]).await).expect("given back");
        assert_eq!(look().await.tries, 1);
        unit!(world, unit => throttle::forget(unit, [3; 32]).await).expect("forgotten");
        assert_eq!(look().await, Bucket::default());
        unit!(world, unit => { throttle::hold(unit, [4; 32]).await?; throttle::put(unit, [4; 32], bucket).await }).expect("held");
        let ends = world.relay.clock.now();
        let id = world.sender.id;
        unit!(world, unit => throttle::insert_device(unit, [5; 32], id, ends).await).expect("known");
        assert_eq!(unit!(world, unit => throttle::sweep(unit).await).expect("swept"), 2);
    }

    refusals_are_told_once_a_minute(world) {
        let count = async || unit!(world, unit => throttle::count_refusal(unit, "sign-in").await).expect("counted");
        assert_eq!((count().await, count().await, count().await), (Some(1), None, None));
        world.relay.clock.advance(MINUTE);
        assert_eq!((count().await, count().await), (Some(3), None));
        let other = unit!(world, unit => throttle::count_refusal(unit, "forgotten").await);
        assert_eq!(other.expect("counted"), Some(1), "another kind");
    }

    a_request_for_a_reset_waits_once_and_is_decided_once(world) {
        let (relay, id, by) = (&world.relay, world.canterbury.id, world.auditor.id);
        let ask = async |name: &'static str| unit!(world, unit => resets::ask(unit, name, id).await).expect("answers");
        assert!(ask("r1").await && !ask("r2").await);
        let mut read = relay.store.read().await.expect("reads");
        let waits = resets::waiting(&mut read).await.expect("lists");
        assert_eq!((waits.len(), waits[0].id.as_str(), waits[0].person), (1, "r1", id));
        assert_eq!(resets::find(&mut read, "r1").await.expect("looks").as_ref(), Some(&waits[0]));
        assert_eq!(resets::find(&mut read, "r2").await.expect("looks"), None);
        drop(read);
        let decide = async |name: &'static str| unit!(world, unit => resets::decide(unit, name, by, true).await).expect("answers");
        assert!(!decide("r2").await && decide("r1").await && !decide("r1").await);
        assert!(ask("r3").await, "they may ask again");
        assert_eq!(unit!(world, unit => resets::close_of(unit, id).await).expect("closed"), 1);
        assert!(ask("r4").await);
        unit!(world, unit => people::disable(unit, &dutyline::audit::Actor::operator(), id).await).expect("disabled");
        let mut read = relay.store.read().await.expect("reads");
        assert!(resets::waiting(&mut read).await.expect("lists").is_empty());
        assert_eq!(waits[0].asked_at, Instant::from_micros(crate::support::NOON));
    }
}
