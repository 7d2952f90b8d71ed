//! Drafts and referrals: rows, versions, lists, idempotency, the index.

use dutyline::domain::ids::{CaseId, ReferralId};
use dutyline::domain::referral::State;
use dutyline::store::{StoreError, drafts, lawful, referrals};

use super::{on_both_engines, unit};
use crate::support::{form, given_a_draft, given_a_referral, when_both_sign};

on_both_engines! {
    a_draft_is_saved_by_one_tab_at_a_time(world) {
        let id = given_a_draft(&world, &form(|_| {})).await;
        let mut read = world.relay.store.read().await.expect("reads");
        let row = drafts::find(&mut read, id).await.expect("reads").expect("there");
        assert_eq!(drafts::by_case(&mut read, row.case).await.expect("reads").as_ref(), Some(&row));
        assert_eq!(drafts::unsent_of(&mut read, world.sender.id).await.expect("reads"), vec![row.clone()]);
        drop(read);
        let stale = row.version - 1;
        let late = unit!(world, unit => drafts::saved(unit, id, stale).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))));
        let version = row.version;
        unit!(world, unit => drafts::unchanged(unit, id, version).await).expect("still the same");
        let referral = world.relay.fresh(ReferralId::new);
        unit!(world, unit => drafts::sent(unit, id, version, referral).await).expect("sent");
        let twice = unit!(world, unit => drafts::sent(unit, id, version, referral).await);
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        let after = unit!(world, unit => drafts::saved(unit, id, version).await);
        assert!(matches!(after, Err(StoreError::Conflict(_))), "a sent draft is not written again");
        let mut copy = row.clone();
        copy.id = world.relay.fresh(dutyline::domain::ids::DraftId::new);
        unit!(world, unit => drafts::insert(unit, &copy).await).expect("another draft");
    }

    what_waits_for_a_decision_is_listed_for_its_setting_until_it_is_checked(world) {
        let id = given_a_draft(&world, &form(|_| {})).await;
        let (of, by) = (world.sender.organisation, world.sender.id);
        unit!(world, unit => lawful::put(unit, id, of, "asked", by).await).expect("asked");
        world.relay.clock.advance(1_000_000);
        unit!(world, unit => lawful::put(unit, id, of, "decided", by).await).expect("decided");
        let list = async |of| {
            let mut read = world.relay.store.read().await.expect("reads");
            lawful::waiting(&mut read, of).await.expect("reads")
        };
        let waiting = list(of).await;
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].draft, waiting[0].author, waiting[0].state.as_str()), (id, by, "decided"));
        assert!(list(world.other_sender.organisation).await.is_empty());
        unit!(world, unit => lawful::put(unit, id, of, "checked", by).await).expect("checked");
        assert!(list(of).await.is_empty());
    }

    a_referral_is_found_by_id_reference_case_and_in_the_right_lists_only(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let held = given_a_draft(&world, &form(|_| {})).await;
        dutyline::pipeline::submit(&world.relay, &world.sender, held).await.expect("is held");
        let placed = given_a_draft(&world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
        when_both_sign(&world, placed, "Niamh Sample").await;
        dutyline::pipeline::submit(&world.relay, &world.sender, placed).await.expect("is at the desk");
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
        assert_eq!((row.state, row.locality.as_str()), (State::Delivered, "canterbury"));
        assert_eq!(referrals::by_reference(&mut read, &row.reference).await.expect("reads").as_ref(), Some(&row));
        assert_eq!(referrals::by_case(&mut read, row.case).await.expect("reads").as_ref(), Some(&row));
        assert_eq!(referrals::inbox(&mut read, "canterbury", 0).await.expect("reads"), vec![row.clone()]);
        assert_eq!(referrals::inbox(&mut read, "swale", 0).await.expect("reads"), vec![]);
        assert_eq!(referrals::acknowledged(&mut read, "canterbury", 0).await.expect("reads"), vec![]);
        assert_eq!(referrals::held_for(&mut read, "canterbury", 0).await.expect("reads").len(), 1);
        assert_eq!(referrals::intake_desk(&mut read, 0).await.expect("reads").len(), 1);
        assert_eq!(referrals::of_setting(&mut read, world.sender.organisation, 0).await.expect("reads").len(), 3);
        assert_eq!(referrals::of_setting(&mut read, world.other_sender.organisation, 0).await.expect("reads"), vec![]);
        assert_eq!(referrals::count(&mut read, "canterbury", State::Delivered).await.expect("reads"), 1);
    }

    lines_and_desk_see_the_most_urgent_first_then_who_waits_longest(world) {
        let (mut of_line, mut of_desk) = (Vec::new(), Vec::new());
        for urgency in ["routine", "today", "routine", "today"] {
            of_line.push(given_a_referral(&world, &form(|raw| raw.set("request.urgency", urgency))).await);
            let raw = form(|raw| {
                raw.set("request.urgency", urgency);
                raw.set("carer.postcode_known", "no");
            });
            of_desk.push(given_a_referral(&world, &raw).await);
            world.relay.clock.advance(dutyline::domain::time::DAY);
        }
        let mut read = world.relay.store.read().await.expect("reads");
        let inbox = referrals::inbox(&mut read, "canterbury", 0).await.expect("reads");
        let desk = referrals::intake_desk(&mut read, 0).await.expect("reads");
        for (rows, sent) in [(inbox, of_line), (desk, of_desk)] {
            let order: Vec<ReferralId> = rows.into_iter().map(|row| row.id).collect();
            assert_eq!(order, [sent[1], sent[3], sent[0], sent[2]]);
        }
    }

    what_is_held_without_a_line_is_on_the_desks_list_longest_first(world) {
        let mut sent = Vec::new();
        for (known, urgency) in [("no", "routine"), ("no", "today"), ("yes", "today")] {
            let raw = form(|raw| {
                raw.set("carer.postcode_known", known);
                raw.set("request.urgency", urgency);
            });
            let draft = given_a_draft(&world, &raw).await;
            sent.push(dutyline::pipeline::submit(&world.relay, &world.sender, draft).await.expect("is held"));
            world.relay.clock.advance(dutyline::domain::time::DAY);
        }
        let mut read = world.relay.store.read().await.expect("reads");
        let ids = |rows: Vec<referrals::Referral>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(referrals::held_without_line(&mut read, 0).await.expect("reads")), sent[..2]);
        assert_eq!(ids(referrals::held_without_line(&mut read, 1).await.expect("reads")), sent[1..2]);
        assert_eq!(ids(referrals::held_for(&mut read, "canterbury", 0).await.expect("reads")), sent[2..]);
        assert_eq!(referrals::intake_desk(&mut read, 0).await.expect("reads"), vec![]);
    }

    a_change_hangs_on_the_version_that_was_read(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
        drop(read);
        let (first, second) = (row.clone(), row.clone());
        unit!(world, unit => referrals::update(unit, &first).await).expect("the first writes");
        let late = unit!(world, unit => referrals::update(unit, &second).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))));
        let mut twin = row;
        twin.id = world.relay.fresh(ReferralId::new);
        twin.case = world.relay.fresh(CaseId::new);
        let same_reference = unit!(world, unit => referrals::insert(unit, &twin).await);
        assert!(matches!(same_reference, Err(StoreError::Constraint(_))), "a reference is given once");
    }

    a_submission_key_is_taken_once_and_an_erased_child_is_not_found(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let (key, tag, mac) = ([1; 32], [2; 32], [3; 32]);
        assert_eq!(unit!(world, unit => referrals::take_key(unit, key, tag, id).await).expect("taken"), None);
        let again = unit!(world, unit => referrals::take_key(unit, key, [9; 32], id).await).expect("answers").expect("seen");
        assert_eq!((again.tag.as_slice(), again.referral), (tag.as_slice(), id));
        unit!(world, unit => referrals::index_child(unit, id, "birth", mac).await).expect("indexed");
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(referrals::seen(&mut read, key).await.expect("reads").is_some());
        assert_eq!(referrals::by_index(&mut read, "birth", mac).await.expect("reads"), vec![id]);
        let real = world.relay.keys.index_mac("birth", b"2024-09-03");
        assert_eq!(referrals::by_index(&mut read, "birth", real).await.expect("reads"), vec![id]);
        drop(read);
        let mut read = world.relay.store.read().await.expect("reads");
        let case = referrals::find(&mut read, id).await.expect("reads").expect("there").case;
        drop(read);
        unit!(world, unit => referrals::forget(unit, id, case).await).expect("forgotten");
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(dutyline::store::drafts::by_case(&mut read, case).await.expect("reads").is_none());
        assert_eq!(referrals::by_index(&mut read, "birth", mac).await.expect("reads"), vec![]);
        assert_eq!(referrals::seen(&mut read, key).await.expect("reads"), None);
    }
}
