use dutyline::delivery;
use dutyline::domain::email::EmailAddress;
use dutyline::domain::ids::ReferralId;
use dutyline::domain::people::Role;
use dutyline::domain::referral::State;
use dutyline::domain::sign_in::Stage;
use dutyline::domain::time::{DAY, HOUR, MINUTE};
use dutyline::mail::{Mailer, Memory, Message};
use dutyline::pipeline::submit;
use dutyline::store::letters;

use super::Area;
use crate::door::{Answer, Browser};
use crate::support::{Engine, form, given_a_draft, given_a_referral, person};

const WHY: &str = "The+family+moved+to+Zwordstreet";

async fn break_glass(browser: &Browser, reference: &str) -> Answer {
    browser.post("/break-glass", &format!("reference={reference}&reason={WHY}")).await
}

/// A referral of Canterbury's line, opened by Swale's lead.
async fn opened(area: &Area) -> (ReferralId, String, Browser) {
    let id = given_a_referral(
        &area.world,
        &form(|raw| {
            raw.set("abuse.concerns", "yes");
            raw.set("abuse.safe_contact", "07700 900456");
        }),
    )
    .await;
    let reference = area.row(id).await.reference;
    let lead = Browser::of(&area.site, &area.other_lead).await;
    let done = break_glass(&lead, &reference).await;
    assert_eq!((done.status, done.location), (303, format!("/referrals/{id}")));
    (id, reference, lead)
}

#[tokio::test]
async fn a_lead_reads_one_referral_of_another_line_for_a_day_and_moves_nothing() {
    let area = Area::on(Engine::Sqlite).await;
    let (id, reference, lead) = opened(&area).await;
    let other = given_a_referral(&area.world, &form(|_| {})).await;
    let there = format!("/referrals/{id}");
    let page = lead.get(&there).await;
    assert!(
        page.status == 200 && page.body.contains("Aoife") && page.body.contains("ten words"),
        "{}",
        page.body
    );
    assert!(page.body.contains("belongs to another duty line") && page.body.contains("22 November 2026"));
    for button in ["/acknowledge\"", "/print\"", "/approve\"", "/red-book\""] {
        assert!(!page.body.contains(button), "{button}");
    }
    let row = area.row(id).await;
    assert_eq!((row.state, row.opened_at, row.restricted_read_at), (State::Delivered, 0, 0), "nothing moved");
    assert_eq!(lead.get(&format!("/referrals/by-reference/{reference}")).await.location, there);
    assert_eq!(lead.get(&format!("/referrals/{other}")).await.status, 404, "no other");
    assert!(!lead.get("/inbox").await.body.contains(&reference), "no list");
    assert_eq!(lead.get("/inbox?line=canterbury").await.status, 404);
    let colleague = Browser::of(&area.site, &area.world.swale).await;
    assert_eq!(colleague.get(&there).await.status, 404, "for that lead only");
    assert!(lead.get("/break-glass").await.body.contains(&reference));

    area.world.relay.clock.advance(DAY - MINUTE);
    let next_day = Browser::of(&area.site, &area.other_lead).await;
    assert_eq!(next_day.get(&there).await.status, 200, "23 hours and 59 minutes later");
    area.world.relay.clock.advance(MINUTE);
    assert_eq!(next_day.get(&there).await.status, 404, "in an open session too");
    assert!(!next_day.get("/break-glass").await.body.contains(&reference));
    area.trail_is_sound().await;
}

#[tokio::test]
async fn reading_is_all_that_it_allows() {
    let area = Area::on(Engine::Sqlite).await;
    let (id, _, lead) = opened(&area).await;
    let there = format!("/referrals/{id}");
    // Its own line makes everything possible first: what is refused below is refused to this lead.
    let nurse = Browser::of(&area.site, &area.world.canterbury).await;
    nurse.get(&there).await;
    nurse.post(&format!("{there}/restricted"), "").await;
    nurse.post(&format!("{there}/approve"), "safe=yes&version=1").await;
    let before = area.row(id).await;
    assert_eq!(before.state, State::Opened);
    assert!(!before.print_approved_by.is_empty());
    for path in [
        "print",
        "approve",
        "red-book",
        "copy",
        "referral.pdf",
        "red-book.pdf",
        "red-book-2up.pdf",
        "copy.pdf",
    ] {
        assert_eq!(lead.get(&format!("{there}/{path}")).await.status, 404, "{path}");
    }
    for path in ["acknowledge", "approve", "restricted", "restricted-sheet"] {
        let answer = lead.post(&format!("{there}/{path}"), "safe=yes&version=1&as=page&reason=x").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("07700 900456"));
    }
    assert_eq!(area.row(id).await, before, "nothing changed");
    assert_eq!((area.acts("printed").await, area.acts("copy-downloaded").await), (0, 0));
    area.trail_is_sound().await;
}

#[tokio::test]
async fn its_restricted_part_wants_the_same_act_with_a_reason_of_its_own() {
    let area = Area::on(Engine::Sqlite).await;
    let (id, _, lead) = opened(&area).await;
    let there = format!("/break-glass/{id}/restricted");
    let asked = lead.post(&there, "reason=+").await;
    assert!(asked.status == 200 && asked.body.contains("Write why you have to read"), "{}", asked.body);
    assert!(!asked.body.contains("07700 900456"));
    let shown = lead.post(&there, "reason=Zwordsecond").await;
    assert!(shown.status == 200 && shown.body.contains("07700 900456"), "{}", shown.body);
    assert!(!shown.body.contains("restricted-sheet") && !shown.body.contains("/acknowledge\""));
    let row = area.row(id).await;
    assert_eq!((row.state, row.restricted_read_at), (State::Delivered, 0), "its own line has not read it");
    assert_eq!(area.acts("break-glass").await, 2);
    // Another lead, to whom it is not open, has no such act; nor has its own lead, who needs none.
    let third = person_lead(&area, "thanet").await;
    let third = Browser::of(&area.site, &third).await;
    assert_eq!(third.post(&there, "reason=x").await.status, 404);
    let own = Browser::of(&area.site, &area.lead).await;
    assert_eq!(own.post(&there, "reason=x").await.status, 404);
    area.world.relay.clock.advance(DAY);
    let late = Browser::of(&area.site, &area.other_lead).await;
    assert_eq!(late.post(&there, "reason=x").await.status, 404, "it is open no longer");
    area.nothing_typed_is_in_the_trail(&["zword"]).await;
    area.trail_is_sound().await;
}

async fn person_lead(area: &Area, line: &str) -> dutyline::domain::people::Person {
    let office = crate::support::organisation(&area.world.relay, "Another service", "service").await;
    person(&area.world.relay, &office, "Tam Leading", Role::DutyLead, line, "tam@health.example").await
}

#[tokio::test]
async fn the_lines_leads_are_told_at_once_and_read_why_by_a_recorded_act() {
    let area = Area::on(Engine::Sqlite).await;
    let (id, reference, opener) = opened(&area).await;
    let mut read = area.world.relay.store.read().await.expect("reads");
    let letters = letters::about(&mut read, &reference).await.expect("reads");
    let told: Vec<_> = letters.iter().filter(|letter| letter.kind == "line-opened-elsewhere").collect();
    let mailbox = area.world.relay.places.locality("canterbury").expect("a line").email.as_str().to_owned();
    let to: Vec<&str> = told.iter().map(|letter| letter.recipient.as_str()).collect();
    assert_eq!(to.len(), 2, "{to:?}");
    assert!(to.contains(&"lee@health.example") && to.contains(&mailbox.as_str()), "{to:?}");
    assert!(told.iter().all(|letter| letter.locality == "canterbury" && !letter.params.contains("word")));
    drop(read);
    let sent = sent(&area).await;
    assert_eq!(sent.len(), 1, "the mailbox is not confirmed, the lead's own address need not be");
    assert_eq!(sent[0].to.as_str(), "lee@health.example");
    assert!(sent[0].text.contains(&reference) && sent[0].text.contains("/line/opened-elsewhere"));
    for word in ["zword", "aoife", "sample", "restricted"] {
        assert!(!sent[0].text.to_lowercase().contains(word), "{}", sent[0].text);
    }

    let lead = Browser::of(&area.site, &area.lead).await;
    let list = lead.get("/line/opened-elsewhere").await.body;
    assert!(
        list.contains(&reference) && list.contains("Sal Leading, Duty lead, Health visiting east"),
        "{list}"
    );
    assert!(!list.to_lowercase().contains("zword") && !list.contains("Aoife"), "{list}");
    let there =
        list.split("action=\"").find(|rest| rest.starts_with("/line/opened-elsewhere/")).expect("a form");
    let there = there.split('"').next().expect("an address");
    let why = lead.post(there, "").await;
    assert!(why.status == 200 && why.body.contains("The family moved to Zwordstreet"), "{}", why.body);
    assert_eq!(why.cached, "no-store");
    assert!(!why.body.contains("Aoife"), "no child data");
    assert_eq!(area.acts("reason-opened").await, 1);

    let nurse = Browser::of(&area.site, &area.world.canterbury).await;
    assert_eq!(nurse.post(there, "").await.status, 404, "leads only");
    assert_eq!(opener.post(there, "").await.status, 404, "of that line only");
    assert!(opener.get("/line/opened-elsewhere").await.body.contains("No lead of another line"));
    assert_eq!(area.acts("reason-opened").await, 1);
    area.nothing_typed_is_in_the_trail(&["zword", "aoife"]).await;
    assert_eq!(area.row(id).await.state, State::Delivered);
    area.trail_is_sound().await;
}

/// The letters of the kind that leave when every one that is due was tried.
async fn sent(area: &Area) -> Vec<Message> {
    let memory = Memory::default();
    let mailer = Mailer::Memory(memory.clone());
    let settings = delivery::Settings {
        base_url: "https://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    let relay = &area.world.relay;
    while delivery::run_one(relay, &mailer, &settings).await.expect("runs") != delivery::Ran::Nothing {}
    memory.kept().into_iter().filter(|letter| letter.subject.contains("another duty line")).collect()
}

/// A page with the two things in it that may differ taken out.
fn alike(answer: &Answer, reference: &str) -> (u16, String) {
    (answer.status, answer.body.replace(reference, "REFERENCE"))
}

#[tokio::test]
async fn unknown_held_refused_waiting_and_erased_look_alike_and_each_attempt_is_recorded() {
    let area = Area::on(Engine::Sqlite).await;
    let (relay, world) = (&area.world.relay, &area.world);
    let held = submit(relay, &world.sender, given_a_draft(world, &form(|_| {})).await).await.expect("held");
    let draft = given_a_draft(world, &form(|_| {})).await;
    dutyline::pipeline::drafts::refuse_agreement(relay, &world.sender, draft, relay.clock.now().day())
        .await
        .expect("recorded");
    let refused = submit(relay, &world.sender, draft).await.expect("refused");
    let waiting = given_a_referral(world, &form(|raw| raw.set("carer.postcode_known", "no"))).await;
    let gone = submit(relay, &world.sender, given_a_draft(world, &form(|_| {})).await).await.expect("held");
    let reference =
        dutyline::domain::reference::Reference::parse(&area.row(gone).await.reference).expect("one");
    let (operator, ground) =
        (dutyline::audit::Actor::operator(), dutyline::domain::referral::Ground::SentInError);
    dutyline::casework::erase(relay, operator, &reference, ground).await.expect("erased");
    let unknown = dutyline::domain::reference::Reference::sample().to_string();
    let lead = Browser::of(&area.site, &area.other_lead).await;
    let before = area.acts("break-glass").await;
    let expected = alike(&break_glass(&lead, &unknown).await, &unknown);
    assert!(
        expected.0 == 200 && expected.1.contains("There is no referral with this reference"),
        "{}",
        expected.1
    );
    for id in [held, refused, waiting, gone] {
        let reference = area.row(id).await.reference;
        let answer = break_glass(&lead, &reference).await;
        assert_eq!(alike(&answer, &reference), expected, "{:?}", area.row(id).await.state);
        assert_eq!(lead.get(&format!("/referrals/{id}")).await.status, 404);
        assert_eq!(letters_of(&area, &reference).await, 0, "nobody is told");
    }
    let slip = break_glass(&lead, "7K3M-ZWORD").await;
    assert!(slip.status == 200 && slip.body.contains("There is a problem"));
    assert_eq!(area.acts("break-glass").await - before, 6, "each attempt, the slip too");
    area.nothing_typed_is_in_the_trail(&["zword"]).await;
    area.trail_is_sound().await;
}

async fn letters_of(area: &Area, reference: &str) -> usize {
    let mut read = area.world.relay.store.read().await.expect("reads");
    let all = letters::about(&mut read, reference).await.expect("reads");
    all.iter().filter(|letter| letter.kind == "line-opened-elsewhere").count()
}

#[tokio::test]
async fn it_wants_a_lead_a_fresh_check_and_a_reason() {
    let area = Area::on(Engine::Sqlite).await;
    let id = given_a_referral(&area.world, &form(|_| {})).await;
    let reference = area.row(id).await.reference;
    for who in [&area.world.swale, &area.world.desk, &area.world.auditor, &area.world.sender] {
        let browser = Browser::of(&area.site, who).await;
        assert_eq!(break_glass(&browser, &reference).await.status, 404, "{}", who.name);
        assert_eq!(browser.get("/break-glass").await.status, 404);
    }
    let stale = Browser::begun(&area.site, &area.other_lead, Stage::Full, false).await;
    assert!(break_glass(&stale, &reference).await.location.starts_with("/sign-in/again"));
    assert_eq!(stale.get("/break-glass").await.location, "/sign-in/again?next=/break-glass");
    let lead = Browser::of(&area.site, &area.other_lead).await;
    for reason in ["", "+", &"x".repeat(1_001)] {
        let answer = lead.post("/break-glass", &format!("reference={reference}&reason={reason}")).await;
        assert!(answer.status == 200 && answer.body.contains("There is a problem"), "{}", answer.body);
    }
    assert_eq!(area.acts("break-glass").await, 0, "without a reason nothing is looked up");
    assert_eq!(lead.get(&format!("/referrals/{id}")).await.status, 404);
    // One of their own line needs no such act, and tells nobody.
    let own = Browser::of(&area.site, &area.lead).await;
    assert_eq!(break_glass(&own, &reference).await.location, format!("/referrals/{id}"));
    assert_eq!((area.acts("break-glass").await, letters_of(&area, &reference).await), (0, 0));
    area.world.relay.clock.advance(HOUR);
    assert_eq!(own.get("/inbox").await.status, 303, "rested too long");
}
