//! A parent in danger: where messages may go, and what ends when something becomes known.

use dutyline::casework::{self, CaseworkError};
use dutyline::domain::agreement::CodeBy;
use dutyline::domain::family::{Channel, Contact, Purpose};
use dutyline::domain::form::Raw;
use dutyline::domain::referral::State;
use dutyline::family::{self, Door};

use super::support::*;
use crate::store::on_both_engines;
use crate::support::{World, form, given_a_referral};

fn flagged(safe: &str) -> Raw {
    form(|raw| {
        raw.set("abuse.concerns", "yes");
        raw.set("abuse.safe_contact", safe);
        raw.set("abuse.perpetrator_name", "Bo Other");
    })
}

/// Every way in which a setting may ask for a link.
fn contacts() -> Vec<Contact> {
    let mut all = Vec::new();
    for by in Channel::ALL {
        for code_by in [CodeBy::Mail, CodeBy::Text, CodeBy::ReadOut] {
            all.push(Contact { by: *by, code_by, ..contact() });
        }
    }
    all
}

/// Everything that went to somebody who is no member of staff.
fn went_to_the_family(world: &World, out: &Out) -> (Vec<String>, Vec<String>) {
    let staff = [&world.sender.email, &world.canterbury.email];
    let mails = out.mails.kept();
    let mails = mails.iter().map(|mail| mail.to.to_string()).filter(|to| !staff.contains(&to));
    let mails = mails.filter(|to| !to.ends_with("nhs.net") && !to.ends_with(".nhs.uk"));
    (mails.collect(), out.texted().into_iter().map(|(to, _)| to).collect())
}

on_both_engines! {
    with_a_danger_and_no_safe_contact_nothing_goes_to_the_family_and_nothing_tells(world) {
        let out = Out::new();
        for contact in contacts() {
            let id = given_one_that_waits(&world, &flagged(""), contact).await;
            let held = row(&world, id).await;
            assert_eq!(held.state, State::Held);
            assert_eq!(link_of(&world, held.case, Purpose::SignLater).await, None);
            let opened = casework::open(&world.relay, &world.sender, id).await.expect("opens");
            let codes: Vec<&str> = opened.verdict.reasons().iter().map(|reason| reason.code.as_str()).collect();
            assert_eq!(codes, ["agreement-missing"], "as one that nobody was asked for");
        }
        out.run(&world).await;
        assert_eq!(went_to_the_family(&world, &out), (vec![], vec![]));
    }

    with_a_safe_contact_every_message_goes_there_and_nowhere_else(world) {
        let (relay, out) = (&world.relay, Out::new());
        for contact in contacts() {
            let id = given_one_that_waits(&world, &flagged(SAFE), contact).await;
            let link = link_of(&world, row(&world, id).await.case, Purpose::SignLater).await.expect("a link");
            family::ask_code(relay, &link).await.expect("asks");
            relay.clock.advance(3 * dutyline::domain::time::DAY);
            family::remind(relay).await.expect("reminds");
            family::ask_code(relay, &link).await.expect("asks");
            out.run(&world).await;
            when_they_sign(&world, &link, "Niamh Sample").await;
            assert_eq!(row(&world, id).await.state, State::Delivered);
            out.run(&world).await;
        }
        let (mails, texts) = went_to_the_family(&world, &out);
        assert_eq!(mails, Vec::<String>::new(), "no mail of any kind");
        assert!(texts.len() >= contacts().len() * 3 && texts.iter().all(|to| to == SAFE), "{texts:?}");
    }

    what_becomes_known_later_ends_links_codes_reminders_and_what_is_on_its_way(world) {
        let (relay, out) = (&world.relay, Out::new());
        for answers in [flagged(""), flagged(SAFE), form(|_| {})] {
            let (id, page) = given_a_page_by_link(&world, &form(|_| {})).await;
            family::ask_code(relay, &page).await.expect("asks");
            let faults = casework::change_restricted(relay, &world.sender, id, &answers).await.expect("is kept");
            assert_eq!(faults, vec![]);
            let token = relay.family_token(page.id);
            assert!(matches!(family::look(relay, &token, None).await.expect("looks"), Door::Ended), "whatever was written");
            assert_eq!(row(&world, id).await.print_approved_by, "", "the words are approved anew");
            assert!(family::shared(relay, &page, "page").await.is_err());
            out.run(&world).await;
            assert!(out.to(EMAIL).is_empty() && out.texted().is_empty(), "what was queued is not sent");
            let again = casework::give_page(relay, &world.sender, id, contact()).await;
            assert!(matches!(again, Err(CaseworkError::Refused(_))), "not before somebody has read the words");
        }
    }

    a_page_is_given_to_the_safe_contact_only_and_never_to_another_parent(world) {
        let (relay, sender, out) = (&world.relay, &world.sender, Out::new());
        for safe in ["", SAFE] {
            let id = given_a_referral(&world, &flagged(safe)).await;
            casework::approve_for_print(relay, sender, id, 1).await.expect("approves");
            let other = Contact { other: true, ..contact() };
            assert!(matches!(casework::give_page(relay, sender, id, other).await, Err(CaseworkError::Refused(_))));
            let given = casework::give_page(relay, sender, id, contact()).await;
            assert_eq!(given.is_ok(), !safe.is_empty(), "{given:?}");
        }
        out.run(&world).await;
        let (mails, texts) = went_to_the_family(&world, &out);
        assert_eq!((mails, texts), (vec![], vec![SAFE.to_owned()]));
    }

    who_may_not_read_the_restricted_part_gives_no_page(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        casework::approve_for_print(relay, &world.sender, id, 1).await.expect("approves");
        for person in [&world.other_sender, &world.swale, &world.desk, &world.auditor] {
            assert!(casework::give_page(relay, person, id, contact()).await.is_err(), "{}", person.name);
            assert!(casework::change_restricted(relay, person, id, &form(|_| {})).await.is_err(), "{}", person.name);
        }
    }

    the_alleged_perpetrators_signature_by_link_is_held_under_the_neutral_reason(world) {
        let id = given_one_that_waits(&world, &flagged(SAFE), contact()).await;
        let case = row(&world, id).await.case;
        let link = link_of(&world, case, Purpose::SignLater).await.expect("a link");
        when_they_sign(&world, &link, "Bo Other").await;
        assert_eq!(row(&world, id).await.state, State::Held);
        let opened = casework::open(&world.relay, &world.sender, id).await.expect("opens");
        let codes: Vec<&str> = opened.verdict.reasons().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, ["signature-to-check"]);
        assert_eq!(link_of(&world, case, Purpose::See).await, None, "and there is no page");
        let restricted = casework::open_restricted(&world.relay, &world.sender, id, "author").await.expect("opens");
        assert!(restricted.signer_is_perpetrator);
    }
}
