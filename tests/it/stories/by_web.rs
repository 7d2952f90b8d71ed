//! A setting writes, the family signs, the line works: the rules of gate and casework, told by the
//! functions the pages call.

use dutyline::audit::Actor;
use dutyline::casework::{self, CaseworkError};
use dutyline::delivery;
use dutyline::domain::email::EmailAddress;
use dutyline::domain::form::Part;
use dutyline::domain::ids::ReferralId;
use dutyline::domain::opening::Purpose;
use dutyline::domain::people::Role;
use dutyline::domain::reference::Reference;
use dutyline::domain::referral::{Ground, State};
use dutyline::mail::{Mailer, Memory, Message};
use dutyline::pipeline::{PipelineError, drafts, submit};
use dutyline::store::{letters, referrals, trail};

use crate::store::on_both_engines;
use crate::support::{World, form, given_a_draft, given_a_referral, when_both_sign};

on_both_engines! {
    a_referral_goes_from_the_setting_to_an_acknowledgement(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let (relay, nurse) = (&world.relay, &world.canterbury);
        assert!(matches!(casework::acknowledge(relay, nurse, id).await, Err(CaseworkError::Refused(_))), "not before it is opened");
        let opened = casework::open(relay, nurse, id).await.expect("opens");
        assert_eq!(opened.family.answers.child_name(), "Aoife Sample");
        assert_eq!(opened.referral.state, State::Opened);
        assert!(matches!(casework::acknowledge(relay, nurse, id).await, Err(CaseworkError::Refused(_))), "nor before its restricted part");
        casework::open_restricted(relay, nurse, id, "triage").await.expect("opens");
        let done = casework::acknowledge(relay, nurse, id).await.expect("acknowledged");
        assert_eq!(done.state, State::Acknowledged);
        let again = casework::acknowledge(relay, nurse, id).await.expect("a double click is no error");
        assert_eq!(again.acknowledged_at, done.acknowledged_at);
        let mut read = relay.store.read().await.expect("reads");
        assert!(trail::verify(&mut read, &[]).await.is_ok());
    }

    the_trail_of_a_referral_says_who_saw_its_name_in_a_list(world) {
        let relay = &world.relay;
        let (one, other) = (given_a_referral(&world, &form(|_| {})).await, given_a_referral(&world, &form(|_| {})).await);
        let mut read = relay.store.read().await.expect("reads");
        let row = async |read: &mut _, id| referrals::find(read, id).await.expect("reads").expect("there");
        let (first, second) = (row(&mut read, one).await, row(&mut read, other).await);
        let who = dutyline::relay::actor(&world.canterbury);
        casework::labels(relay, who, "inbox", std::slice::from_ref(&first)).await.expect("a list");
        let lists_of = async |read: &mut _, reference: &str| {
            let filter = trail::Filter { reference: reference.to_owned(), act: "list-viewed".into(), ..trail::Filter::default() };
            trail::page(read, &filter).await.expect("reads").len()
        };
        assert_eq!(lists_of(&mut read, &first.reference).await, 1);
        assert_eq!(lists_of(&mut read, &second.reference).await, 0);
        trail::verify(&mut read, &[]).await.expect("verifies");
    }

    what_was_erased_opens_for_nobody_is_not_found_and_leaves_a_trail_that_verifies(world) {
        let relay = &world.relay;
        let id = given_a_referral(&world, &form(|_| {})).await;
        let row = referrals::find(&mut relay.store.read().await.expect("reads"), id).await.expect("reads").expect("there");
        let reference = Reference::parse(&row.reference).expect("a reference");
        let erase = || casework::erase(relay, Actor::operator(), &reference, Ground::Retention);
        assert!(matches!(erase().await, Err(CaseworkError::Refused(_))), "somebody waits for it");
        casework::open(relay, &world.canterbury, id).await.expect("opens");
        casework::open_restricted(relay, &world.canterbury, id, "triage").await.expect("opens");
        assert!(matches!(erase().await, Err(CaseworkError::Refused(_))), "somebody has it open");
        casework::acknowledge(relay, &world.canterbury, id).await.expect("acknowledges");
        let certificate = erase().await.expect("erased");
        assert_eq!((certificate.case, certificate.reference.as_str()), (row.case, row.reference.as_str()));
        assert!(matches!(casework::open(relay, &world.sender, id).await, Err(CaseworkError::Erased)));
        assert!(matches!(casework::open_restricted(relay, &world.sender, id, "author").await, Err(CaseworkError::Erased)));
        assert!(matches!(casework::open(relay, &world.canterbury, id).await, Err(CaseworkError::Missing)));
        let labels = casework::labels(relay, Actor::operator(), "setting", &[row]).await.expect("a list");
        assert_eq!(labels[0].name, "Erased");
        assert!(matches!(erase().await, Err(CaseworkError::Erased)));
        let mut read = relay.store.read().await.expect("reads");
        let born = relay.keys.index_mac("birth", b"2024-09-03");
        assert_eq!(referrals::by_index(&mut read, "birth", born).await.expect("reads"), vec![]);
        assert_eq!(referrals::acknowledged(&mut read, "canterbury", 0).await.expect("reads").len(), 0);
        trail::verify(&mut read, &[]).await.expect("verifies");
    }

    another_line_another_setting_and_people_without_content_see_nothing(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        for person in [&world.swale, &world.other_sender, &world.auditor, &world.desk] {
            assert!(matches!(casework::open(&world.relay, person, id).await, Err(CaseworkError::Missing)), "{}", person.name);
            assert!(matches!(casework::open_restricted(&world.relay, person, id, "triage").await, Err(CaseworkError::Missing)));
        }
    }

    a_referral_is_acknowledged_only_after_its_restricted_part_was_opened(world) {
        let raw = form(|raw| {
            raw.set("abuse.concerns", "yes");
            raw.set("abuse.safe_contact", "07700 900456");
        });
        let id = given_a_referral(&world, &raw).await;
        let (relay, nurse) = (&world.relay, &world.canterbury);
        casework::open(relay, nurse, id).await.expect("opens");
        assert!(matches!(casework::acknowledge(relay, nurse, id).await, Err(CaseworkError::Refused(_))));
        let part = casework::open_restricted(relay, nurse, id, "triage").await.expect("opens");
        assert_eq!(part.answers.get("abuse.safe_contact"), "07700 900456");
        casework::acknowledge(relay, nurse, id).await.expect("acknowledged");
    }

    the_alleged_perpetrators_signature_is_held_and_no_reader_but_the_restricted_one_learns_why(world) {
        let raw = form(|raw| {
            raw.set("abuse.concerns", "yes");
            raw.set("abuse.perpetrator_name", "SAMPLE, Niamh");
        });
        let id = given_a_referral(&world, &raw).await;
        let (relay, sender) = (&world.relay, &world.sender);
        let opened = casework::open(relay, sender, id).await.expect("the sender sees it");
        assert_eq!(opened.referral.state, State::Held);
        let codes: Vec<&str> = opened.verdict.reasons().iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, ["signature-to-check"]);
        assert!(casework::open_restricted(relay, sender, id, "author").await.expect("author").signer_is_perpetrator);
        assert!(matches!(casework::open(relay, &world.canterbury, id).await, Err(CaseworkError::Missing)), "held is not shared");
    }

    sent_by_two_tabs_it_is_one_referral(world) {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        when_both_sign(&world, draft, "Niamh Sample").await;
        let (relay, sender) = (&world.relay, &world.sender);
        let (one, two) = tokio::join!(submit(relay, sender, draft), submit(relay, sender, draft));
        let ids: Vec<_> = [one, two].into_iter().map(|done| done.expect("answers")).collect();
        assert_eq!(ids[0], ids[1]);
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(referrals::of_setting(&mut read, sender.organisation, 0).await.expect("reads").len(), 1);
    }

    a_change_after_signing_takes_the_signatures_away(world) {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        when_both_sign(&world, draft, "Niamh Sample").await;
        let changed = form(|raw| raw.set("reason.concerns", "Something else."));
        drafts::save_part(&world.relay, &world.sender, draft, Part::Reason, &changed).await.expect("saved");
        let open = drafts::open(&world.relay, &world.sender, draft).await.expect("opens");
        assert!(open.content.agreement.is_none() && open.content.referrer.is_none());
        let restricted = form(|raw| raw.set("abuse.concerns", "not-asked"));
        when_both_sign(&world, draft, "Niamh Sample").await;
        drafts::save_part(&world.relay, &world.sender, draft, Part::Restricted, &restricted).await.expect("saved");
        let open = drafts::open(&world.relay, &world.sender, draft).await.expect("opens");
        assert!(open.content.agreement.is_some(), "a later disclosure never re-opens the parent's signature");
    }

    a_signature_for_words_that_were_changed_meanwhile_is_not_taken(world) {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let agreement = crate::support::agreement(&world, "0000", "Niamh Sample");
        let done = drafts::sign_agreement(&world.relay, &world.sender, draft, agreement).await;
        assert!(matches!(done, Err(PipelineError::Refused(_))));
    }

    a_refusal_stays_with_the_setting_and_tells_no_line(world) {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        drafts::refuse_agreement(&world.relay, &world.sender, draft, world.relay.clock.now().day()).await.expect("recorded");
        let id = submit(&world.relay, &world.sender, draft).await.expect("judged");
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
        assert_eq!((row.state, row.locality.as_str()), (State::Refused, ""));
        assert_eq!(letters::about(&mut read, &row.reference).await.expect("reads").len(), 0);
    }

    words_are_approved_for_print_once_by_a_named_person(world) {
        let id = given_a_referral(&world, &form(|_| {})).await;
        let (relay, nurse) = (&world.relay, &world.canterbury);
        assert!(matches!(casework::approve_for_print(relay, nurse, id, 1).await, Err(CaseworkError::Refused(_))), "not before the restricted part");
        casework::open_restricted(relay, nurse, id, "triage").await.expect("opens");
        assert!(matches!(casework::approve_for_print(relay, nurse, id, 2).await, Err(CaseworkError::Conflict)), "not another version");
        casework::approve_for_print(relay, nurse, id, 1).await.expect("approved");
        casework::approve_for_print(relay, nurse, id, 1).await.expect("twice is once");
        assert!(casework::approve_for_print(relay, &world.swale, id, 1).await.is_err());
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
        assert_eq!(row.print_approved_by, world.canterbury.id.to_string());
    }

    an_attachment_is_known_by_its_bytes_and_opens_for_the_line(world) {
        let draft = given_a_draft(&world, &form(|_| {})).await;
        let (relay, sender) = (&world.relay, &world.sender);
        let exe = drafts::attach(relay, sender, draft, "a.pdf", b"MZ not a pdf").await;
        assert!(matches!(exe, Err(PipelineError::Refused(words)) if words.contains("PDF")));
        let large = drafts::attach(relay, sender, draft, "a.pdf", &vec![b'%'; 11 << 20]).await;
        assert!(matches!(large, Err(PipelineError::Refused(words)) if words.contains("10 MB")));
        drafts::attach(relay, sender, draft, "../notes.pdf", b"%PDF-1.7 hello").await.expect("attached");
        drafts::attach(relay, sender, draft, "two.pdf", b"%PDF-1.7 two").await.expect("attached");
        drafts::detach(relay, sender, draft, 2).await.expect("taken off");
        when_both_sign(&world, draft, "Niamh Sample").await;
        let id = submit(relay, sender, draft).await.expect("sent");
        let bytes = casework::open_attachment(relay, &world.canterbury, id, 1).await.expect("opens");
        assert_eq!(bytes.as_slice(), b"%PDF-1.7 hello");
    }

    a_held_referral_is_told_to_its_author_and_the_letters_tell_nothing_else(world) {
        let flagged = |raw: &mut dutyline::domain::form::Raw| {
            raw.set("safeguarding.concerns", "yes");
            raw.set("safeguarding.detail", "x".repeat(900));
            raw.set("abuse.concerns", "yes");
            raw.set("abuse.perpetrator_name", "SAMPLE, Niamh");
        };
        let mut told = Vec::new();
        for (raw, signed) in [(form(|_| {}), false), (form(flagged), false), (form(flagged), true)] {
            let draft = given_a_draft(&world, &raw).await;
            if signed {
                when_both_sign(&world, draft, "Niamh Sample").await;
            }
            let id = submit(&world.relay, &world.sender, draft).await.expect("is held");
            told.push(letters_of(&world, id).await);
        }
        let kinds: Vec<&str> = told[0].iter().map(|letter| letter.kind.as_str()).collect();
        assert_eq!(kinds, ["line-held", "setting-held"]);
        assert_eq!(told[0][1].recipient, world.sender.email);
        let rows = |letters: &[letters::Letter]| -> Vec<(String, String, String, String)> {
            let row = |l: &letters::Letter| (l.kind.clone(), l.recipient.clone(), l.locality.clone(), l.params.clone());
            letters.iter().map(row).collect()
        };
        assert!(told.iter().all(|letters| rows(letters) == rows(&told[0])), "{told:?}");
        let sent = delivered(&world).await;
        let references: Vec<&str> = told.iter().map(|letters| letters[0].reference.as_str()).collect();
        let texts: Vec<String> = references
            .iter()
            .map(|reference| {
                let message = sent.iter().find(|message| message.text.contains(reference)).expect("was sent");
                format!("{}\n{}", message.subject, message.text).replace(reference, "")
            })
            .collect();
        assert_eq!(texts, vec![texts[0].clone(); 3]);
        let lengths: Vec<usize> = sent.iter().map(|message| message.eml().expect("bytes").len()).collect();
        assert_eq!(lengths, vec![lengths[0]; 3]);
    }

    a_held_referral_without_a_known_place_is_told_to_its_author_too(world) {
        let draft = given_a_draft(&world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
        let id = submit(&world.relay, &world.sender, draft).await.expect("is held");
        let kinds: Vec<String> = letters_of(&world, id).await.into_iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, ["setting-held"]);
        when_both_sign(&world, draft, "Niamh Sample").await;
        submit(&world.relay, &world.sender, draft).await.expect("is at the desk");
        assert_eq!(letters_of(&world, id).await.len(), 1, "what passes by web is said on the page");
    }

    concerns_without_a_word_on_social_care_do_not_hold_a_referral(world) {
        let id = given_a_referral(&world, &form(|raw| raw.set("safeguarding.concerns", "yes"))).await;
        let mut read = world.relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
        assert_eq!(row.state, State::Delivered);
    }

    the_governance_lead_opens_what_was_shared_and_nothing_that_stays_with_the_setting(world) {
        let relay = &world.relay;
        let trust = crate::support::organisation(relay, "Trust", "trust").await;
        let lead = crate::support::person(relay, &trust, "Ola Lead", Role::IgLead, "", "lead@trust.example").await;
        let shared = given_a_referral(&world, &form(|_| {})).await;
        let at_desk = given_a_referral(&world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
        for id in [shared, at_desk] {
            let unsaid = casework::open(relay, &lead, id).await;
            assert!(matches!(unsaid, Err(CaseworkError::Missing)), "no purpose, no content");
            let reference = reference_of(&world, id).await;
            casework::govern(relay, &lead, &reference, Purpose::Complaint, "They rang.").await.expect("opens");
            casework::open(relay, &lead, id).await.expect("opens");
            casework::open_restricted(relay, &lead, id, "reason").await.expect("opens");
        }
        let held = submit(relay, &world.sender, given_a_draft(&world, &form(|_| {})).await).await.expect("held");
        let draft = given_a_draft(&world, &form(|_| {})).await;
        drafts::refuse_agreement(relay, &world.sender, draft, relay.clock.now().day()).await.expect("recorded");
        let refused = submit(relay, &world.sender, draft).await.expect("refused");
        let gone = given_a_draft(&world, &form(|_| {})).await;
        let erased = submit(relay, &world.sender, gone).await.expect("held");
        let mut read = relay.store.read().await.expect("reads");
        let row = referrals::find(&mut read, erased).await.expect("reads").expect("there");
        drop(read);
        let reference = Reference::parse(&row.reference).expect("a reference");
        casework::erase(relay, Actor::operator(), &reference, Ground::SentInError).await.expect("erased");
        for id in [held, refused, erased] {
            let reference = reference_of(&world, id).await;
            let asked = casework::govern(relay, &lead, &reference, Purpose::Complaint, "They rang.").await;
            assert!(matches!(asked, Err(CaseworkError::Missing)));
            assert!(matches!(casework::open(relay, &lead, id).await, Err(CaseworkError::Missing)));
            let restricted = casework::open_restricted(relay, &lead, id, "reason").await;
            assert!(matches!(restricted, Err(CaseworkError::Missing)));
        }
    }
}

async fn reference_of(world: &World, id: ReferralId) -> String {
    let mut read = world.relay.store.read().await.expect("reads");
    referrals::find(&mut read, id).await.expect("reads").expect("there").reference
}

/// The letters about a referral, by kind.
async fn letters_of(world: &World, id: ReferralId) -> Vec<letters::Letter> {
    let mut read = world.relay.store.read().await.expect("reads");
    let row = referrals::find(&mut read, id).await.expect("reads").expect("there");
    let mut letters = letters::about(&mut read, &row.reference).await.expect("reads");
    letters.sort_by(|one, other| one.kind.cmp(&other.kind));
    letters
}

/// Sends every letter that is due and gives what left; notices to lines whose mailbox nobody confirmed
/// do not.
pub async fn delivered(world: &World) -> Vec<Message> {
    let memory = Memory::default();
    let mailer = Mailer::Memory(memory.clone());
    let settings = delivery::Settings {
        base_url: "https://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    while delivery::run_one(&world.relay, &mailer, &settings).await.expect("runs") != delivery::Ran::Nothing {
    }
    memory.kept()
}
