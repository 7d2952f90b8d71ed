//! Signing by link: beside the setting's screen, and later.

use dutyline::domain::agreement::Method;
use dutyline::domain::before::{Before, How};
use dutyline::domain::family::Purpose;
use dutyline::domain::form::Part;
use dutyline::domain::referral::State;
use dutyline::domain::time::{DAY, MINUTE};
use dutyline::family::{self, Browser, Checked, Door, FamilyError};
use dutyline::pipeline::by_link::{self, Answer};
use dutyline::pipeline::{PipelineError, drafts};
use dutyline::store::trail;

use super::support::*;
use crate::store::on_both_engines;
use crate::support::{World, form, given_a_draft};

async fn looked(world: &World, token: &str, browser: Option<&Browser>) -> &'static str {
    match family::look(&world.relay, token, browser).await.expect("looks") {
        Door::Ended => "ended",
        Door::Closed(_) => "closed",
        Door::Open(_) => "open",
    }
}

async fn verdict(world: &World, id: dutyline::domain::ids::ReferralId) -> Vec<String> {
    let opened = dutyline::casework::open(&world.relay, &world.sender, id).await.expect("opens");
    opened.verdict.reasons().iter().map(|reason| reason.code.clone()).collect()
}

on_both_engines! {
    on_their_own_phone_in_the_room_one_phone_signs_once_and_staff_go_on(world) {
        let (relay, sender) = (&world.relay, &world.sender);
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let before = Before { how: Some(How::Phone), present: "Key person".to_owned(), checked: "Known".to_owned(), ..Before::default() };
        drafts::before_signing(relay, sender, draft, before).await.expect("kept");
        let first = by_link::on_screen(relay, sender, draft).await.expect("stands");
        let id = by_link::on_screen(relay, sender, draft).await.expect("stands anew");
        assert_eq!(looked(&world, &relay.family_token(first), None).await, "ended", "a new square ends the old");
        let token = relay.family_token(id);
        let short = relay.family_short(id);
        let spaced = format!("{} {}", &short[..4].to_lowercase(), &short[4..]);
        assert_eq!(family::by_short_code(relay, &spaced).await.expect("looks"), Some(token.clone()));
        assert_eq!(family::by_short_code(relay, "ABCDEFGH").await.expect("looks"), None);
        let Door::Closed(link) = family::look(relay, &token, None).await.expect("looks") else { panic!("not closed") };
        let phone = family::begin_here(relay, &link).await.expect("starts");
        assert_eq!(looked(&world, &token, Some(&phone)).await, "open");
        assert_eq!(looked(&world, &token, None).await, "ended", "nobody else's phone");
        assert!(matches!(family::begin_here(relay, &link).await, Err(FamilyError::Conflict)), "one phone");
        assert_eq!(family::by_short_code(relay, &short).await.expect("looks"), None, "the short code is used up");
        when_they_sign(&world, &link, "Niamh Sample").await;
        assert_eq!(looked(&world, &token, Some(&phone)).await, "ended", "signed once");
        let open = drafts::open(relay, sender, draft).await.expect("opens");
        assert_eq!(open.content.agreement.expect("signed").method, Method::RemoteLink);
        let mut read = relay.store.read().await.expect("reads");
        trail::verify(&mut read, &[]).await.expect("sound");
    }

    signed_later_it_goes_on_by_itself_and_the_family_gets_its_page(world) {
        let (relay, out) = (&world.relay, Out::new());
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        assert_eq!(row(&world, id).await.state, State::Held);
        assert_eq!(verdict(&world, id).await, ["agreement-waiting"]);
        out.run(&world).await;
        let mails = out.to(EMAIL);
        assert_eq!(mails.len(), 1, "one link");
        let token = token_in(&mails[0].text);
        let Door::Closed(link) = family::look(relay, &token, None).await.expect("looks") else { panic!("not closed") };
        assert!(family::begin_here(relay, &link).await.is_err(), "not without a code");
        assert!(family::ask_code(relay, &link).await.expect("asks"));
        out.run(&world).await;
        let texted = out.texted();
        assert_eq!((texted.len(), texted[0].0.as_str()), (1, MOBILE));
        let Checked::Open(browser) = family::check_code(relay, &link, &code_in(&texted[0].1)).await.expect("checks") else {
            panic!("not open")
        };
        assert_eq!(looked(&world, &token, Some(&browser)).await, "open");
        when_they_sign(&world, &link, "Niamh Sample").await;
        let after = row(&world, id).await;
        assert_eq!(after.state, State::Delivered);
        assert_eq!(after.print_approved_by, world.sender.id.to_string(), "who approved the words for the link");
        assert_eq!(looked(&world, &token, Some(&browser)).await, "ended");
        out.run(&world).await;
        let mails = out.to(EMAIL);
        assert_eq!(mails.len(), 2, "their own page");
        assert_eq!(looked(&world, &token_in(&mails[1].text), None).await, "closed");
        assert_eq!(out.to(&world.sender.email).last().map(|mail| mail.subject.contains("has answered")), Some(true));
        let mut read = relay.store.read().await.expect("reads");
        trail::verify(&mut read, &[]).await.expect("sound");
    }

    five_wrong_codes_end_a_link_and_each_is_in_the_trail(world) {
        let relay = &world.relay;
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let case = row(&world, id).await.case;
        let link = link_of(&world, case, Purpose::SignLater).await.expect("a link");
        family::ask_code(relay, &link).await.expect("asks");
        let right = relay.family_code(link_of(&world, case, Purpose::SignLater).await.expect("it").code.expect("a code"));
        let wrong = if right == "000000" { "000001" } else { "000000" };
        for n in 1..=5 {
            let checked = family::check_code(relay, &link, wrong).await.expect("checks");
            assert!(matches!((n, checked), (1..=4, Checked::Wrong) | (5, Checked::Ended)), "try {n}");
        }
        assert!(matches!(family::check_code(relay, &link, &right).await.expect("checks"), Checked::Ended), "the right one too");
        let mut read = relay.store.read().await.expect("reads");
        let filter = trail::Filter { act: "family-code-refused".into(), ..trail::Filter::default() };
        assert_eq!(trail::page(&mut read, &filter).await.expect("reads").len(), 5);
        assert_eq!(row(&world, id).await.state, State::Held, "the setting still has it");
    }

    a_code_works_once_for_its_time_and_only_the_newest(world) {
        let relay = &world.relay;
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let case = row(&world, id).await.case;
        let newest = async || {
            let link = link_of(&world, case, Purpose::SignLater).await.expect("a link");
            let code = link.code.map(|code| relay.family_code(code));
            (link, code)
        };
        let (link, none) = newest().await;
        assert_eq!(none, None);
        family::ask_code(relay, &link).await.expect("asks");
        let (_, old) = newest().await;
        family::ask_code(relay, &link).await.expect("asks");
        let (link, new) = newest().await;
        let (old, new) = (old.expect("one"), new.expect("another"));
        if old != new {
            assert!(matches!(family::check_code(relay, &link, &old).await.expect("checks"), Checked::Wrong));
        }
        relay.clock.advance(15 * MINUTE);
        assert!(matches!(family::check_code(relay, &link, &new).await.expect("checks"), Checked::Wrong), "too late");
        family::ask_code(relay, &link).await.expect("asks");
        let (link, new) = newest().await;
        let code = new.expect("one");
        assert!(matches!(family::check_code(relay, &link, &code).await.expect("checks"), Checked::Open(_)));
        assert!(matches!(family::check_code(relay, &link, &code).await.expect("checks"), Checked::Wrong), "used");
    }

    who_says_no_by_link_ends_it_and_nothing_leaves_the_setting(world) {
        let (relay, out) = (&world.relay, Out::new());
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let case = row(&world, id).await.case;
        let link = link_of(&world, case, Purpose::SignLater).await.expect("a link");
        by_link::answer(relay, &link, Answer::No).await.expect("is taken");
        assert_eq!(row(&world, id).await.state, State::Refused);
        assert!(matches!(by_link::answer(relay, &link, Answer::No).await, Err(PipelineError::Missing | PipelineError::Conflict)));
        assert_eq!(link_of(&world, case, Purpose::See).await, None, "no page of something that was not sent");
        out.run(&world).await;
        assert!(out.to(EMAIL).is_empty(), "the link's own letter was stopped: it has ended");
    }

    words_that_were_changed_meanwhile_are_not_signed(world) {
        let relay = &world.relay;
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let id = by_link::on_screen(relay, &world.sender, draft).await.expect("stands");
        let Door::Closed(link) = family::look(relay, &relay.family_token(id), None).await.expect("looks") else { panic!("closed") };
        let signed = signature(&world, &link, "Niamh Sample").await;
        let changed = form(|raw| raw.set("reason.concerns", "Something else."));
        drafts::save_part(relay, &world.sender, draft, Part::Reason, &changed).await.expect("saved");
        let answer = by_link::answer(relay, &link, Answer::Agrees(Box::new(signed))).await;
        assert!(matches!(answer, Err(PipelineError::Refused(_))), "{answer:?}");
        when_they_sign(&world, &link, "Niamh Sample").await;
    }

    a_link_to_sign_later_ends_with_the_words_and_with_any_writing_of_the_last_page(world) {
        let (relay, sender) = (&world.relay, &world.sender);
        for part in [Part::Reason, Part::Restricted] {
            let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
            let case = row(&world, id).await.case;
            let mut read = relay.store.read().await.expect("reads");
            let draft = dutyline::store::drafts::by_case(&mut read, case).await.expect("reads").expect("a draft");
            drop(read);
            let raw = form(|raw| raw.set("reason.concerns", "Other words."));
            drafts::save_part(relay, sender, draft.id, part, &raw).await.expect("saved");
            let link = link_of(&world, case, Purpose::SignLater).await.expect("a link");
            assert!(!link.lives(relay.clock.now()), "{part:?}");
        }
    }

    changed_words_are_compared_with_what_was_last_agreed_to_however_it_was(world) {
        let (relay, sender, context) = (&world.relay, &world.sender, world.relay.context());
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let before = Before { how: Some(How::Phone), ..Before::default() };
        drafts::before_signing(relay, sender, draft, before).await.expect("kept");
        let id = by_link::on_screen(relay, sender, draft).await.expect("stands");
        let links = by_link::of_draft(relay, sender, draft).await.expect("reads");
        let link = links.into_iter().find(|link| link.id == id).expect("it");
        let open = drafts::open(relay, sender, draft).await.expect("opens");
        assert!(open.content.since_agreed(context).changes.is_empty(), "nobody has agreed yet");
        when_they_sign(&world, &link, "Niamh Sample").await;
        for words in ["Other words.", "Again others."] {
            let raw = form(|raw| raw.set("reason.concerns", words));
            drafts::save_part(relay, sender, draft, Part::Reason, &raw).await.expect("saved");
            let open = drafts::open(relay, sender, draft).await.expect("opens");
            assert!(open.content.agreement.is_none(), "it was for other words");
            let since = open.content.since_agreed(context);
            let said: Vec<_> = since.changes.iter().map(|one| (one.before(), one.now())).collect();
            assert_eq!(said, [("Says about ten words.".to_owned(), words.to_owned())], "with what was signed");
        }
        drafts::refuse_agreement(relay, sender, draft, relay.clock.now().day()).await.expect("they say no");
        let open = drafts::open(relay, sender, draft).await.expect("opens");
        assert_eq!(open.content.since_agreed(context).changes.len(), 1, "a no changes nothing of it");
        crate::support::when_both_sign(&world, draft, "Niamh Sample").await;
        let open = drafts::open(relay, sender, draft).await.expect("opens");
        assert!(open.content.since_agreed(context).changes.is_empty(), "agreed to as it is");
    }

    reminders_go_out_twice_and_stop_with_the_link(world) {
        let (relay, out) = (&world.relay, Out::new());
        let id = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        assert_eq!(family::remind(relay).await.expect("looks"), 0);
        for (days, sent) in [(3, 1), (1, 0), (4, 1), (1, 0)] {
            relay.clock.advance(days * DAY);
            assert_eq!(family::remind(relay).await.expect("looks"), sent, "after {days} more days");
        }
        out.run(&world).await;
        assert_eq!(out.to(EMAIL).iter().filter(|mail| mail.subject.contains("still waiting")).count(), 2);
        let other = given_one_that_waits(&world, &form(|_| {}), contact()).await;
        let case = row(&world, other).await.case;
        let mut read = relay.store.read().await.expect("reads");
        let draft = dutyline::store::drafts::by_case(&mut read, case).await.expect("reads").expect("a draft");
        drop(read);
        by_link::cancel(relay, &world.sender, draft.id).await.expect("ends");
        relay.clock.advance(5 * DAY);
        assert_eq!(family::remind(relay).await.expect("looks"), 0, "a link that has ended is not reminded of");
        relay.clock.advance(10 * DAY);
        let link = link_of(&world, row(&world, id).await.case, Purpose::SignLater).await.expect("a link");
        assert!(!link.lives(relay.clock.now()), "two weeks");
    }
}
