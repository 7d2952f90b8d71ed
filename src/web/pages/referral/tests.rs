use axum::http::StatusCode;

use super::testing::{Case, World};
use crate::domain::people::Role;
use crate::domain::referral::State;

const FLAGGED: &[(&str, &str)] = &[
    ("abuse.concerns", "yes"),
    ("abuse.safe_contact", "07700 900456"),
    ("abuse.safe_times", "Tuesday mornings"),
    ("abuse.perpetrator_name", "Bad Markerman"),
];

#[tokio::test]
async fn another_locality_another_role_and_nobody_find_nothing() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let sent = world.send(&author, Case::default()).await;
    assert_eq!((sent.state, sent.locality.as_str()), (State::Delivered, "canterbury"));
    let there = format!("/referrals/{}", sent.id);
    let elsewhere = world.person(Role::Duty, "thanet").await;
    let auditor = world.person(Role::Auditor, "").await;
    let desk = world.person(Role::IntakeDesk, "").await;
    for person in [&elsewhere, &auditor] {
        for path in ["", "/print", "/approve", "/red-book", "/copy", "/files/1"] {
            let answer = world.get(Some(person), &format!("{there}{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/restricted", "/acknowledge", "/approve"] {
            let answer = world.post(Some(person), &format!("{there}{path}"), "safe=yes").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        let by = format!("/referrals/by-reference/{}", sent.reference);
        assert_eq!(world.get(Some(person), &by).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        world.get(Some(&desk), &format!("/desk/referrals/{}", sent.id)).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(world.get(Some(&auditor), "/inbox").await.status, StatusCode::NOT_FOUND);
    assert!(world.get(None, &there).await.location.starts_with("/sign-in"));
    assert_eq!(world.row(sent.id).await.state, State::Delivered, "nobody opened it");
}

#[tokio::test]
async fn a_line_opens_reads_the_restricted_part_and_only_then_acknowledges_a_flagged_referral() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent = world.send(&author, Case { restricted: FLAGGED, urgency: "today", ..Case::default() }).await;
    let there = format!("/referrals/{}", sent.id);

    let inbox = world.get(Some(&duty), "/inbox").await.body;
    assert!(inbox.contains("Markerfirst Markerlast, 2 years 4 months") && inbox.contains("Today"), "{inbox}");

    let page = world.get(Some(&duty), &there).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Markerconcern") && page.body.contains("The setting lies in the same locality")
    );
    assert!(
        !page.body.contains("07700 900456") && !page.body.contains("Markerman"),
        "restricted words leaked"
    );
    let title =
        page.body.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).expect("a title");
    assert!(!title.contains("Marker"), "{title}");
    assert_eq!(world.row(sent.id).await.state, State::Opened);

    let first = "Open the restricted part first. Then acknowledge when your team takes this referral on.";
    assert!(page.body.contains(first) && page.body.contains("Sent today"), "{}", page.body);

    let early = world.post(Some(&duty), &format!("{there}/acknowledge"), "").await;
    assert!(early.body.contains("Open the restricted part before you acknowledge"), "{}", early.body);
    assert_eq!(world.row(sent.id).await.state, State::Opened);

    let restricted = world.post(Some(&duty), &format!("{there}/restricted"), "").await;
    assert_eq!(restricted.status, StatusCode::OK);
    let body = &restricted.body;
    assert!(
        body.contains("Exit this page")
            && body.contains("Bad Markerman")
            && body.contains("Tuesday mornings")
    );
    let (safe, ordinary) = (body.find("07700 900456"), body.find("07700 900123"));
    assert!(safe.is_some() && safe < ordinary, "the safe contact stands first");
    assert!(body.find("May be unsafe") < ordinary, "the ordinary number stands behind a warning");

    let button = format!("action=\"{there}/acknowledge\"");
    assert!(body.find("Bad Markerman") < body.find(&button), "the button stands below what was read");
    assert!(!world.get(Some(&duty), &there).await.body.contains(first), "the way is free");

    let done = world.post(Some(&duty), &format!("{there}/acknowledge"), "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(world.row(sent.id).await.state, State::Acknowledged);
    assert!(!world.get(Some(&duty), "/inbox").await.body.contains(&sent.reference));
    assert!(world.get(Some(&duty), "/inbox/acknowledged").await.body.contains(&sent.reference));
}

#[tokio::test]
async fn every_list_says_whose_it_is() {
    let world = World::new().await;
    let duty = world.person(Role::Duty, "canterbury").await;
    for (path, heading) in
        [("/inbox", "Inbox"), ("/inbox/held", "Held"), ("/inbox/acknowledged", "Acknowledged")]
    {
        let list = world.get(Some(&duty), path).await.body;
        assert!(list.contains(&format!("{heading}: Canterbury and Coastal</h1>")), "{list}");
        assert!(list.contains(&format!("<title>{heading}: Canterbury and Coastal")), "{list}");
    }
}

#[tokio::test]
async fn whoever_acknowledges_is_told_that_it_is_done() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent = world.send(&author, Case::default()).await;
    let there = format!("/referrals/{}", sent.id);
    let button = format!("action=\"{there}/acknowledge\"");
    world.get(Some(&duty), &there).await;
    assert!(world.post(Some(&duty), &format!("{there}/restricted"), "").await.body.contains(&button));
    let done = world.post(Some(&duty), &format!("{there}/acknowledge"), "").await;
    assert_eq!(done.location, format!("{there}?acknowledged=yes"));
    let page = world.get(Some(&duty), &done.location).await.body;
    assert!(page.contains("Acknowledged. The setting can see it.</h3>"), "{page}");
    assert!(page.contains("href=\"/inbox\">Back to the inbox</a>") && !page.contains(&button), "{page}");
    assert!(!world.post(Some(&duty), &format!("{there}/restricted"), "").await.body.contains(&button));
}

#[tokio::test]
async fn an_unflagged_referral_looks_the_same_and_is_taken_on_the_same_way() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let plain = world.send(&author, Case::default()).await;
    let flagged = world.send(&author, Case { restricted: FLAGGED, ..Case::default() }).await;
    let mut pages = Vec::new();
    for sent in [&plain, &flagged] {
        let page = world.get(Some(&duty), &format!("/referrals/{}", sent.id)).await.body;
        pages.push(page.replace(&sent.reference, "").replace(&sent.id.to_string(), ""));
    }
    assert_eq!(pages[0], pages[1], "the page tells whether there is a reason for care");
    for sent in [&plain, &flagged] {
        let there = format!("/referrals/{}", sent.id);
        world.post(Some(&duty), &format!("{there}/acknowledge"), "").await;
        assert_eq!(world.row(sent.id).await.state, State::Opened, "its restricted part comes first");
        world.post(Some(&duty), &format!("{there}/restricted"), "").await;
        world.post(Some(&duty), &format!("{there}/acknowledge"), "").await;
        assert_eq!(world.row(sent.id).await.state, State::Acknowledged);
    }
}

#[tokio::test]
async fn of_the_held_a_line_sees_reference_setting_with_its_telephone_and_age_only() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let held = world.send(&author, Case { signed: false, urgency: "today", ..Case::default() }).await;
    assert_eq!(held.state, State::Held);
    world.site.relay.clock.advance(2 * crate::domain::time::DAY);
    let page = world.get(Some(&duty), "/inbox/held").await.body;
    assert!(
        page.contains(&held.reference) && page.contains("Acorn Nursery") && page.contains("2 days"),
        "{page}"
    );
    assert!(
        page.contains("01632 960001</span>") && page.contains("The setting has been told why."),
        "{page}"
    );
    assert!(!page.contains("Marker") && !page.contains("Today"), "{page}");
    assert_eq!(
        world.get(Some(&duty), &format!("/referrals/{}", held.id)).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!world.get(Some(&duty), "/inbox").await.body.contains(&held.reference));
}

#[tokio::test]
async fn paper_for_families_waits_for_approval_and_leaves_out_what_may_harm() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent = world.send(&author, Case { restricted: FLAGGED, ..Case::default() }).await;
    let there = format!("/referrals/{}", sent.id);
    for paper in ["red-book", "copy"] {
        let answer = world.get(Some(&duty), &format!("{there}/{paper}")).await;
        assert_eq!(answer.location, format!("{there}/approve?for={paper}"), "{paper}");
    }
    world.post(Some(&duty), &format!("{there}/restricted"), "").await;
    let clinical = world.get(Some(&duty), &format!("{there}/print")).await.body;
    assert!(clinical.contains("07700 900123") && !clinical.contains("Markerman"));

    let empty = world.post(Some(&duty), &format!("{there}/approve"), "").await.body;
    assert!(empty.contains("Choose an answer") && empty.contains("Markerconcern"));
    world.post(Some(&duty), &format!("{there}/approve"), "safe=no&version=1").await;
    assert_eq!(world.row(sent.id).await.print_approved_by, "");
    world.post(Some(&duty), &format!("{there}/approve"), "safe=yes&version=1").await;

    let insert = world.get(Some(&duty), &format!("{there}/red-book")).await.body;
    assert!(insert.contains("Markerfirst") && insert.contains("Sings"));
    for word in ["Markeragency", "07700 900123", "CT1 2EH", "Markerman", "07700 900456"] {
        assert!(!insert.contains(word), "{word} on the insert");
    }
    let copy = world.get(Some(&author), &format!("{there}/copy")).await.body;
    assert!(copy.contains("Markerconcern") && !copy.contains("Markerman") && !copy.contains("Routine"));
}

#[tokio::test]
async fn the_governance_lead_writes_a_reason_first_and_the_other_practitioner_is_refused() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let colleague = world.person(Role::Practitioner, "").await;
    let lead = world.person(Role::IgLead, "").await;
    let sent = world.send(&author, Case { restricted: FLAGGED, ..Case::default() }).await;
    let there = format!("/referrals/{}/restricted", sent.id);
    assert_eq!(world.post(Some(&colleague), &there, "").await.status, StatusCode::NOT_FOUND);
    assert!(world.post(Some(&author), &there, "").await.body.contains("Bad Markerman"));
    assert_eq!(world.post(Some(&lead), &there, "reason=x").await.status, StatusCode::NOT_FOUND);
    let form = format!("reference={}&purpose=complaint&reason=They+rang.", sent.reference);
    assert_eq!(world.post(Some(&lead), "/governance", &form).await.status, StatusCode::SEE_OTHER);
    let asked = world.post(Some(&lead), &there, "reason=+").await.body;
    assert!(asked.contains("Write why you have to read") && !asked.contains("Markerman"));
    for _ in 0..2 {
        let shown = world.post(Some(&lead), &there, "reason=A+complaint").await.body;
        assert!(shown.contains("Bad Markerman"), "{shown}");
    }
}

#[tokio::test]
async fn who_is_asked_for_a_safe_number_is_somebody_else_than_the_reader() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let sent =
        world.send(&author, Case { restricted: &[("abuse.concerns", "not-safe")], ..Case::default() }).await;
    let there = format!("/referrals/{}/restricted", sent.id);
    let (ask, ring) = ("Ask the person who sent the referral", "Add a safe number by ringing the duty line.");
    let line = world.post(Some(&duty), &there, "").await.body;
    assert!(line.contains(ask) && !line.contains(ring), "{line}");
    let setting = world.post(Some(&author), &there, "").await.body;
    assert!(setting.contains(ring) && !setting.contains(ask), "{setting}");
    assert!(setting.contains("Canterbury and Coastal health visiting duty line: "), "{setting}");
}

#[tokio::test]
async fn a_reference_read_out_over_the_telephone_leads_there_in_any_writing() {
    let world = World::new().await;
    let author = world.person(Role::Manager, "").await;
    let sent = world.send(&author, Case::default()).await;
    let spoken = sent.reference.replace('-', "").to_lowercase();
    let answer = world.get(Some(&author), &format!("/referrals/by-reference/{spoken}")).await;
    assert_eq!(answer.location, format!("/referrals/{}", sent.id));
    let answer = world.get(Some(&author), "/referrals/by-reference/22222222").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_attachment_comes_under_a_name_and_a_type_of_ours() {
    let world = World::new().await;
    let author = world.person(Role::Practitioner, "").await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let file = b"\x89PNG\r\n\x1a\n<script>";
    let sent = world.send(&author, Case { file, ..Case::default() }).await;
    let there = format!("/referrals/{}", sent.id);
    assert!(world.get(Some(&duty), &there).await.body.contains("Download Markerfile.html"));
    let answer = world.get(Some(&duty), &format!("{there}/files/1")).await;
    let header = |name: &str| answer.headers[name].to_str().expect("ASCII").to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), "attachment; filename=\"attachment-1.png\"");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(answer.body.contains("<script>"));
    assert_eq!(world.get(Some(&duty), &format!("{there}/files/2")).await.status, StatusCode::NOT_FOUND);
}
