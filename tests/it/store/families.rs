//! Families' links and requests.

use dutyline::audit::Actor;
use dutyline::domain::family::{Ask, Purpose, Scope};
use dutyline::domain::ids::{AskId, LetterId};
use dutyline::domain::time::{DAY, MINUTE};
use dutyline::store::family_asks::{self, Asked};
use dutyline::store::{StoreError, family, letters, referrals, trail};

use super::{on_both_engines, unit};
use crate::family::given_a_page;
use crate::support::{form, given_a_referral};

on_both_engines! {
    a_link_is_found_opened_in_one_browser_closed_and_ended(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let case = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("reads").expect("there").case;
        let new = relay.new_link(case, Purpose::SignHere, "somebody");
        let (link, hash, short) = (new.id, new.token_hash, new.short_mac);
        unit!(world, unit => family::insert(unit, &Actor::operator(), &new).await).expect("made");
        let mut read = relay.store.read().await.expect("reads");
        let now = relay.clock.now();
        let found = family::find(&mut read, link).await.expect("reads").expect("there");
        assert_eq!(family::by_token(&mut read, hash).await.expect("reads"), Some(found.clone()));
        assert_eq!(family::by_token(&mut read, [0; 32]).await.expect("reads"), None);
        assert_eq!(family::by_short(&mut read, short, now).await.expect("reads"), Some(found.clone()));
        assert_eq!(family::by_short(&mut read, short, now.plus(DAY)).await.expect("reads"), None);
        assert_eq!(family::of_case(&mut read, case).await.expect("reads"), [found]);
        drop(read);
        let until = now.plus(MINUTE);
        unit!(world, unit => family::open(unit, link, [1; 32], until, true).await).expect("opens");
        let again = unit!(world, unit => family::open(unit, link, [2; 32], until, true).await);
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
        let find = async || family::find(&mut relay.store.read().await.expect("reads"), link).await.expect("reads").expect("there");
        assert!(find().await.open_in(&[1; 32], now) && !find().await.open_in(&[2; 32], now));
        assert!(!find().await.open_in(&[1; 32], until));
        unit!(world, unit => family::close(unit, link).await).expect("closes");
        assert!(!find().await.open_in(&[1; 32], now));
        assert!(unit!(world, unit => family::end(unit, &Actor::operator(), link).await).expect("ends"));
        assert!(!unit!(world, unit => family::end(unit, &Actor::operator(), link).await).expect("ended"));
        let ended = unit!(world, unit => family::open(unit, link, [1; 32], until, false).await);
        assert!(matches!(ended, Err(StoreError::Conflict(_))));
        let mut snapshot = relay.store.snapshot().await.expect("a snapshot");
        trail::verify(&mut snapshot, &[]).await.expect("sound");
    }

    codes_and_tries_are_counted_and_reminders_go_once(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let case = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("reads").expect("there").case;
        let new = relay.new_link(case, Purpose::SignLater, "somebody");
        let link = new.id;
        unit!(world, unit => family::insert(unit, &Actor::operator(), &new).await).expect("made");
        for n in 0..3 {
            let code = relay.fresh(LetterId::new);
            let ends = relay.clock.now().plus(MINUTE);
            let made = unit!(world, unit => family::set_code(unit, &Actor::family(), link, code, ends, 2).await).expect("asked");
            assert_eq!(made, n < 2, "code {n}");
            let counted = unit!(world, unit => family::count_try(unit, link, 2).await).expect("counted");
            assert_eq!(counted, n < 2, "try {n}");
        }
        let mut read = relay.store.read().await.expect("reads");
        let waiting = family::waiting(&mut read, relay.clock.now(), 2).await.expect("reads");
        assert_eq!(waiting.iter().map(|one| one.id).collect::<Vec<_>>(), [link]);
        assert!(family::waiting(&mut read, relay.clock.now(), 0).await.expect("reads").is_empty());
        drop(read);
        unit!(world, unit => family::reminded(unit, link, 1).await).expect("the first");
        let twice = unit!(world, unit => family::reminded(unit, link, 1).await);
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        let none = unit!(world, unit => family::end_all(unit, &Actor::operator(), case, &[Purpose::See]).await).expect("looks");
        let one = unit!(world, unit => family::end_all(unit, &Actor::operator(), case, Purpose::ALL).await).expect("ends");
        assert_eq!((none, one), (0, 1));
    }

    requests_are_listed_until_they_are_settled_once(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let link = given_a_page(&world, id).await;
        let now = relay.clock.now();
        let asked = Asked {
            id: relay.fresh(AskId::new), referral: id, link: link.id, kind: Ask::Access, note: 1,
            asked: now, due: now.plus(30 * DAY), settled_at: 0, settled_by: String::new(),
        };
        let kept = asked.clone();
        unit!(world, unit => family_asks::insert(unit, "K7M2-QX9", &kept).await).expect("kept");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(family_asks::find(&mut read, asked.id).await.expect("reads"), Some(asked.clone()));
        assert_eq!(family_asks::open(&mut read).await.expect("reads"), std::slice::from_ref(&asked));
        assert_eq!(family_asks::of_link(&mut read, link.id).await.expect("reads"), std::slice::from_ref(&asked));
        drop(read);
        let settled = asked.clone();
        unit!(world, unit => family_asks::settle(unit, &Actor::operator(), "K7M2-QX9", &settled).await).expect("settled");
        let again = unit!(world, unit => family_asks::settle(unit, &Actor::operator(), "K7M2-QX9", &asked).await);
        assert!(matches!(again, Err(StoreError::Conflict(_))));
        let mut read = relay.store.read().await.expect("reads");
        assert!(family_asks::open(&mut read).await.expect("reads").is_empty());
    }

    letters_that_have_not_gone_out_are_stopped_by_kind_and_readers_are_grouped(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let reference = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("reads").expect("there").reference;
        let about = reference.clone();
        unit!(world, unit => letters::stop(unit, &about, &["line-notice"], "withdrawn").await).expect("stopped");
        let mut read = relay.store.read().await.expect("reads");
        let all = letters::undelivered(&mut read).await.expect("reads");
        let stopped: Vec<&str> = all.iter().filter(|one| one.reference == reference).map(|one| one.last_code.as_str()).collect();
        assert_eq!(stopped, ["withdrawn"]);
        drop(read);
        for _ in 0..2 {
            dutyline::casework::open(relay, &world.canterbury, id).await.expect("opens");
            relay.clock.advance(MINUTE);
        }
        dutyline::casework::open(relay, &world.sender, id).await.expect("opens");
        let readers = trail::readers(&mut relay.store.read().await.expect("reads"), &reference).await.expect("reads");
        let none = referrals::withdrawn_for(&mut relay.store.read().await.expect("reads"), "canterbury", 0).await.expect("reads");
        assert_eq!(none, []);
        let link = given_a_page(&world, id).await;
        dutyline::family::withdraw(relay, &link, Scope::Sharing).await.expect("taken back");
        let mut read = relay.store.read().await.expect("reads");
        let back = referrals::withdrawn_for(&mut read, "canterbury", 0).await.expect("reads");
        assert_eq!(back.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
        assert!(referrals::withdrawn_for(&mut read, "swale", 0).await.expect("reads").is_empty());
        drop(read);
        let roles: Vec<&str> = readers.iter().map(|one| one.role.as_str()).collect();
        assert_eq!(roles, ["duty", "practitioner"]);
        assert!(readers[0].last > readers[0].first);
    }
}
