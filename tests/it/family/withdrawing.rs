//! Taking an agreement back: each effect, in each state, for each scope.

use dutyline::casework;
use dutyline::domain::family::{Contact, Purpose, Scope};
use dutyline::domain::people::Role;
use dutyline::domain::referral::State;
use dutyline::family::{self, FamilyError};
use dutyline::store::{referrals, trail};

use super::support::*;
use crate::store::on_both_engines;
use crate::support::{form, given_a_referral};

on_both_engines! {
    what_nobody_had_read_is_closed_for_everything_and_stays_readable_for_sharing(world) {
        let relay = &world.relay;
        for (scope, state) in [(Scope::Everything, State::Withdrawn), (Scope::Sharing, State::Delivered)] {
            let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
            family::withdraw(relay, &page, scope).await.expect("is taken back");
            let after = row(&world, id).await;
            assert_eq!((after.state, after.withdrawn.as_str()), (state, scope.code()));
            assert!(after.withdrawn_at > 0);
            let read = casework::open(relay, &world.canterbury, id).await;
            assert_eq!(read.is_ok(), scope == Scope::Sharing, "{scope:?}");
        }
        let mut read = relay.store.read().await.expect("reads");
        let inbox = referrals::inbox(&mut read, "canterbury", 0).await.expect("reads");
        assert_eq!(inbox.len(), 1);
        let listed = referrals::withdrawn_for(&mut read, "canterbury", 0).await.expect("reads");
        assert_eq!(listed.len(), 2, "the line sees that both were taken back");
        trail::verify(&mut read, &[]).await.expect("sound");
    }

    what_was_read_stays_and_says_so_and_its_family_sees_who_had_read_it(world) {
        let relay = &world.relay;
        let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        casework::open(relay, &world.canterbury, id).await.expect("opens");
        casework::open_restricted(relay, &world.canterbury, id, "triage").await.expect("opens");
        family::withdraw(relay, &page, Scope::Everything).await.expect("is taken back");
        assert_eq!(row(&world, id).await.state, State::Opened);
        casework::open(relay, &world.canterbury, id).await.expect("the record stays");
        let shared = family::shared(relay, &page, "page").await.expect("opens");
        let readers: Vec<(Role, &str)> = shared.readers.iter().map(|one| (one.role, one.organisation.as_str())).collect();
        assert_eq!(readers, [(Role::Duty, "Health visiting")], "the role and the organisation, once");
    }

    every_holder_is_told_without_a_word_about_the_child_and_nobody_else_is(world) {
        let (relay, out) = (&world.relay, Out::new());
        let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        let other = Contact { other: true, email: "other.parent@home.example".to_owned(), ..contact() };
        casework::give_page(relay, &world.sender, id, other).await.expect("gives");
        out.run(&world).await;
        let (to_other, before) = (out.to("other.parent@home.example").len(), out.mails.kept().len());
        family::withdraw(relay, &page, Scope::Everything).await.expect("is taken back");
        out.run(&world).await;
        let told: Vec<_> = out.mails.kept().into_iter().skip(before).collect();
        let to: Vec<String> = told.iter().map(|mail| mail.to.to_string()).collect();
        assert!(to.contains(&world.sender.email), "{to:?}");
        assert!(told.iter().all(|mail| !mail.text.contains("Aoife") && !mail.text.contains("Sample")));
        assert_eq!(out.to("other.parent@home.example").len(), to_other, "the other parent is told nothing");
        let seen = link_of_other(&world, id).await;
        let shown = family::shared(relay, &seen, "page").await.expect("their page stays");
        assert!(shown.contact.other);
    }

    notices_that_have_not_gone_out_are_stopped_and_links_to_sign_die(world) {
        let (relay, out) = (&world.relay, Out::new());
        let (_, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        family::withdraw(relay, &page, Scope::Sharing).await.expect("is taken back");
        out.run(&world).await;
        let kinds: Vec<String> = out.mails.kept().iter().map(|mail| mail.subject.clone()).collect();
        assert!(!kinds.iter().any(|subject| subject.starts_with("A referral is waiting")), "{kinds:?}");
        let links = dutyline::store::family::of_case(&mut relay.store.read().await.expect("reads"), page.case).await.expect("reads");
        let now = relay.clock.now();
        assert!(links.iter().all(|link| link.purpose == Purpose::See || !link.lives(now)));
    }

    twice_is_once_everything_widens_and_a_new_sending_is_refused(world) {
        let relay = &world.relay;
        let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        family::withdraw(relay, &page, Scope::Sharing).await.expect("is taken back");
        let first = row(&world, id).await;
        family::withdraw(relay, &page, Scope::Sharing).await.expect("again is no error");
        assert_eq!(row(&world, id).await, first, "and changes nothing");
        family::withdraw(relay, &page, Scope::Everything).await.expect("widens");
        assert_eq!(row(&world, id).await.state, State::Withdrawn);
        family::withdraw(relay, &page, Scope::Sharing).await.expect("no error");
        assert_eq!(row(&world, id).await.withdrawn, Scope::Everything.code(), "and does not narrow");
    }

    another_parent_and_a_link_to_sign_take_nothing_back(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let signer = given_a_page(&world, id).await;
        let other = Contact { other: true, ..contact() };
        casework::give_page(relay, &world.sender, id, other).await.expect("gives");
        let other = link_of_other(&world, id).await;
        assert_ne!(other.id, signer.id, "the signer's link stays");
        assert!(signer.lives(relay.clock.now()));
        assert!(matches!(family::withdraw(relay, &other, Scope::Everything).await, Err(FamilyError::Missing)));
        let waits = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let link = link_of(&world, row(&world, waits).await.case, Purpose::SignLater).await.expect("a link");
        assert!(matches!(family::withdraw(relay, &link, Scope::Everything).await, Err(FamilyError::Missing)));
    }

    a_lead_of_another_line_opens_nothing_that_was_taken_back(world) {
        let relay = &world.relay;
        let office = crate::support::organisation(relay, "Other service", "service").await;
        let lead = crate::support::person(relay, &office, "Lee Lead", Role::DutyLead, "swale", "").await;
        let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
        casework::open(relay, &world.canterbury, id).await.expect("opens");
        let reference = row(&world, id).await.reference;
        casework::break_glass(relay, &lead, &reference, "They moved.").await.expect("opens");
        casework::open(relay, &lead, id).await.expect("reads");
        family::withdraw(relay, &page, Scope::Sharing).await.expect("is taken back");
        assert!(casework::open(relay, &lead, id).await.is_err(), "at once, in an open opening too");
        assert!(casework::break_glass(relay, &lead, &reference, "Again.").await.is_err());
    }
}

async fn link_of_other(
    world: &crate::support::World,
    id: dutyline::domain::ids::ReferralId,
) -> dutyline::store::family::Link {
    let given = casework::page_links(&world.relay, &world.sender, id).await.expect("reads");
    given.into_iter().find(|one| one.other).expect("another parent's").link
}
