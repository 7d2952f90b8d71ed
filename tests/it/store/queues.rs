//! The two queues: leases are taken once, counted before the work, and let go.

use dutyline::audit::Actor;
use dutyline::domain::ids::{CaseId, LetterId, MailId};
use dutyline::store::letters::{self, Attempt, NewLetter};
use dutyline::store::mails::{self, Found};
use dutyline::store::{StoreError, cases};

use super::{on_both_engines, unit};

on_both_engines! {
    a_letter_is_claimed_by_one_worker_and_by_the_next_when_the_lease_runs_out(world) {
        let relay = &world.relay;
        let letter = NewLetter {
            id: relay.fresh(LetterId::new), kind: "line-notice", recipient: "a@health.example".into(),
            locality: "canterbury".into(), reference: "7K3M-9QX3".into(), params: "{}".into(),
        };
        let queued = letter.clone();
        unit!(world, unit => letters::queue(unit, &Actor::operator(), &queued).await).expect("queued");
        assert!(letters::any_due(&mut relay.store.read().await.expect("reads"), relay.clock.now()).await.expect("looks"));
        let first = unit!(world, unit => letters::claim(unit, "one").await).expect("answers").expect("claimed");
        assert_eq!(first.attempts, 1);
        assert_eq!(unit!(world, unit => letters::claim(unit, "two").await).expect("answers"), None);
        assert!(!letters::any_due(&mut relay.store.read().await.expect("reads"), relay.clock.now()).await.expect("looks"));
        relay.clock.advance(letters::LEASE);
        let second = unit!(world, unit => letters::claim(unit, "two").await).expect("answers").expect("claimed");
        assert_eq!(second.attempts, 2);
        let id = second.id.clone();
        let late = unit!(world, unit => letters::settle(unit, &id, "one", &Attempt::Sent, "250").await);
        assert!(matches!(late, Err(StoreError::Conflict(_))), "the first worker has lost it");
        let (id, again) = (second.id.clone(), Attempt::Retry(relay.clock.now().plus(5)));
        unit!(world, unit => letters::settle(unit, &id, "two", &again, "451").await).expect("settled");
        relay.clock.advance(5);
        let third = unit!(world, unit => letters::claim(unit, "three").await).expect("answers").expect("claimed");
        let id = third.id.clone();
        unit!(world, unit => letters::settle(unit, &id, "three", &Attempt::Failed, "550").await).expect("settled");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(letters::undelivered(&mut read).await.expect("reads")[0].last_code, "550");
        assert_eq!(letters::about(&mut read, "7K3M-9QX3").await.expect("reads").len(), 1);
    }

    a_mail_is_judged_by_one_at_a_time_and_settled_once(world) {
        let relay = &world.relay;
        let (case, id) = (relay.fresh(CaseId::new), relay.fresh(MailId::new));
        unit!(world, unit => {
            cases::insert_case(unit, &dutyline::audit::Actor::system(), case, b"sealed").await?;
            mails::insert(unit, id, case, "TLSv1.3", 12).await
        }).expect("received");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(mails::waiting(&mut read, relay.clock.now()).await.expect("reads").len(), 1);
        drop(read);
        assert!(unit!(world, unit => mails::claim(unit, id, "one").await).expect("answers").is_some());
        assert!(unit!(world, unit => mails::claim(unit, id, "two").await).expect("answers").is_none());
        assert_eq!(unit!(world, unit => mails::let_go(unit).await).expect("answers"), 1);
        assert!(unit!(world, unit => mails::claim(unit, id, "one").await).expect("answers").is_some(), "free again");
        let found = |state| Found { state, code: "not-sealed".into(), organisation: String::new(), referral: String::new() };
        let not_mine = unit!(world, unit => mails::settle(unit, id, "two", &found("held")).await);
        assert!(matches!(not_mine, Err(StoreError::Conflict(_))));
        unit!(world, unit => mails::settle(unit, id, "one", &found("held")).await).expect("settled");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(mails::held(&mut read, 0).await.expect("reads").len(), 1);
        assert_eq!(mails::find(&mut read, id).await.expect("reads").expect("there").code, "not-sealed");
        let nobodys = relay.fresh(dutyline::domain::ids::ReferralId::new);
        assert_eq!(mails::repeats_of(&mut read, nobodys, case).await.expect("reads"), vec![]);
        drop(read);
        unit!(world, unit => mails::close(unit, id).await).expect("closed");
        let twice = unit!(world, unit => mails::close(unit, id).await);
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
    }
}
