//! Who gets in and with which rights: known, matched, made, changed, left.

use dutyline::audit::Actor;
use dutyline::domain::joining::DeclineReason;
use dutyline::domain::people::Role;
use dutyline::domain::sign_in::{Factor, SignInRules};
use dutyline::people::approval;
use dutyline::people::sso::{Given, Rights, Rule};
use dutyline::store::joiners;
use dutyline::store::people::{self, Organisation};
use serde_json::{Value, json};

use super::provider::with;
use super::{Door, nurse};
use crate::support::{Engine, person};

async fn refused(door: &Door, subject: &str, claims: &Value, heading: &str) {
    door.provider.switch(&json!({"person": with(subject, claims)}));
    let (browser, got) = door.sign_in().await;
    assert_eq!((got.status, browser.who().await), (403, None), "{claims}");
    assert!(got.body.contains(heading), "{heading}: {}", got.body);
}

/// The claims with one of them changed.
fn but(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    changed[name] = value;
    changed
}

const NOT_HERE: &str = "You cannot use dutyline with this account";

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_and_told_whom_to_ask() {
    let door = Door::on(Engine::Sqlite).await;
    let nurse = nurse();
    refused(&door, "s1", &but(&nurse, "posts", json!([])), NOT_HERE).await;
    refused(&door, "s1", &but(&nurse, "posts", json!({"role": "R9000"})), NOT_HERE).await;
    refused(&door, "s1", &but(&nurse, "email", json!("nobody@health.example")), NOT_HERE).await;
    refused(&door, "s1", &but(&nurse, "email", json!("jo@setting1.example")), NOT_HERE).await;
    let by_address = "We could not find you by your email address";
    refused(&door, "s1", &but(&nurse, "email_verified", json!(false)), by_address).await;
    refused(&door, "s1", &but(&nurse, "email_verified", json!(null)), by_address).await;
    assert_eq!(door.events("identity-linked").await, 0);

    door.provider.person("nurse-1", &nurse);
    assert_eq!(door.sign_in().await.1.status, 303);
    refused(&door, "nurse-2", &nurse, NOT_HERE).await;

    let (id, store) = (door.nurse.id, &door.site.relay.store);
    let ended =
        store.write(move |unit| Box::pin(async move { people::disable(unit, &Actor::operator(), id).await }));
    ended.await.expect("disabled");
    refused(&door, "nurse-1", &nurse, NOT_HERE).await;
    refused(&door, "nurse-3", &nurse, NOT_HERE).await;
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_known_by_the_urn_that_the_provider_says() {
    let door = Door::on(Engine::Sqlite).await;
    let manager = json!({
        "email": "jo@setting1.example", "email_verified": true, "kind": "setting",
        "organisation": {"urn": "EY123456"},
    });
    refused(&door, "jo", &but(&manager, "organisation", json!({"urn": "EY654321"})), NOT_HERE).await;
    refused(&door, "jo", &but(&manager, "organisation", json!(null)), NOT_HERE).await;
    door.provider.person("jo", &manager);
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    assert_eq!(browser.who().await.expect("signed in").person, door.manager, "with the rights that she has");
    assert_eq!(door.events("rights-changed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_follow_the_rules_and_whoever_left_is_signed_out_everywhere() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.person("nurse-1", &nurse());
    let (first, _) = door.sign_in().await;
    door.provider.person("nurse-1", &but(&nurse(), "posts", json!([{"role": "R8001"}])));
    let (second, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    let now = second.who().await.expect("signed in").person;
    assert_eq!((now.role, now.lines), (Role::DutyLead, vec!["canterbury".to_owned(), "swale".to_owned()]));
    assert_eq!(first.who().await, None, "another role may want another way of signing in");
    assert_eq!(door.events("rights-changed").await, 1);

    refused(&door, "nurse-1", &but(&nurse(), "posts", json!([])), NOT_HERE).await;
    assert_eq!(second.who().await, None, "every session is over");
    assert_eq!(door.events("sign-in-refused").await, 1);
    door.provider.person("nurse-1", &nurse());
    let (back, _) = door.sign_in().await;
    assert_eq!(back.who().await.expect("signed in").person.role, Role::Duty);
    refused(&door, "nurse-1", &json!({"kind": "setting", "organisation": {"urn": "EY123456"}}), NOT_HERE)
        .await;
    assert_eq!(back.who().await, None, "of another organisation now");
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_is_made_only_where_the_provider_may_and_a_rule_gives_the_role() {
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| all[0].create = true).await;
    let new = but(&but(&nurse(), "email", json!("new@health.example")), "name", json!("Kim Newcomer"));
    let keeps = json!({"email": "more@health.example", "email_verified": true, "kind": "staff"});
    refused(&door, "s2", &keeps, NOT_HERE).await;
    refused(&door, "s3", &but(&new, "email", json!("jo@setting1.example")), NOT_HERE).await;
    door.provider.person("s1", &new);
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    let made = browser.who().await.expect("signed in").person;
    assert_eq!(
        (made.name.as_str(), made.email.as_str(), made.role),
        ("Kim Newcomer", "new@health.example", Role::Duty)
    );
    assert_eq!((made.organisation, made.lines), (door.nurse.organisation, vec!["canterbury".to_owned()]));
    assert_eq!(door.sign_in().await.0.who().await.expect("known").person.id, made.id);
    refused(&door, "s4", &new, NOT_HERE).await;
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_single_sign_on_goes_another_way() {
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |_, relay| {
        let mut auditor = SignInRules::default_of(Role::Auditor);
        auditor.factors = vec![Factor::Passkey];
        relay.sign_in.roles.insert(Role::Auditor, auditor);
    })
    .await;
    let claims = json!({"email": door.auditor.email, "email_verified": true, "kind": "staff"});
    refused(&door, "audit-1", &claims, "Sign in another way").await;
    assert_eq!(door.events("sign-in-refused").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_signed_in_on_this_screen_before_is_signed_out() {
    let door = Door::on(Engine::Sqlite).await;
    door.provider.person("nurse-1", &nurse());
    let (mut browser, _) = door.sign_in().await;
    let mut before = door.browser();
    before.cookies = browser.cookies.clone();
    let claims = json!({"email": door.auditor.email, "email_verified": true, "kind": "staff"});
    door.provider.person("audit-1", &claims);
    let address = browser.begin("/").await;
    assert_eq!(browser.back(&door.provider.visit(&address)).await.status, 303);
    assert_eq!(browser.who().await.expect("signed in").person.id, door.auditor.id);
    assert_eq!(before.who().await, None, "the nurse's session is over");
}

/// Changes a rule so that its clinical rights wait for the line's lead.
fn unapproved(rule: &mut Rule) {
    if let Rights::Given(given) = &mut rule.rights {
        given.approved = false;
    }
}

const WAITS: &str = "Somebody has to approve your access first";

#[tokio::test(flavor = "multi_thread")]
async fn new_clinical_rights_wait_for_the_lines_lead_and_what_is_taken_goes_at_once() {
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| {
        all[0].create = true;
        all[0].rules.people.iter_mut().for_each(unapproved);
    })
    .await;
    let lead = but(&nurse(), "posts", json!([{"role": "R8001"}]));
    door.provider.person("nurse-1", &lead);
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    let now = browser.who().await.expect("signed in").person;
    assert_eq!((now.role, now.lines), (Role::Duty, vec!["canterbury".to_owned()]), "as before");
    assert_eq!(door.events("rights-asked").await, 2, "one for each line");
    door.sign_in().await;
    assert_eq!(door.events("rights-asked").await, 2, "what waits is not asked for twice");

    let new = but(&nurse(), "email", json!("new@health.example"));
    refused(&door, "s1", &new, WAITS).await;
    refused(&door, "s1", &new, WAITS).await;
    assert_eq!(door.events("rights-asked").await, 3);
    let relay = &door.site.relay;
    let service = door.auditor.clone();
    let of = Organisation {
        id: service.organisation,
        kind: "service".to_owned(),
        name: service.organisation_name,
        urn: String::new(),
        postcode: String::new(),
        phone: String::new(),
    };
    let ig = person(relay, &of, "Ira Guardian", Role::IgLead, "", "ira@health.example").await;
    let waiting = approval::to_decide(relay, &ig).await.expect("reads");
    let theirs = waiting.iter().find(|request| request.email == "new@health.example").expect("waits");
    approval::decline(relay, &ig, &theirs.id, DeclineReason::NotKnown).await.expect("declined");
    refused(&door, "s1", &new, WAITS).await;
    assert_eq!(door.events("rights-asked").await, 3, "what was declined is not asked for again");
    let new = but(&nurse(), "email", json!("more@health.example"));
    refused(&door, "s2", &new, WAITS).await;
    let waiting = approval::to_decide(relay, &ig).await.expect("reads");
    let theirs = waiting.iter().find(|request| request.email == "more@health.example").expect("waits");
    approval::approve(relay, &ig, &theirs.id).await.expect("approved: the line has no lead yet");
    assert_eq!(door.events("invitation-sent").await, 0, "no second way in that outlives the provider's");
    door.provider.person("s2", &new);
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    assert_eq!(browser.who().await.expect("signed in").person.lines, ["canterbury"]);
    // The rule gives the lead's role no more: what it asked for is withdrawn.
    door.provider.person("nurse-1", &nurse());
    assert_eq!(door.sign_in().await.1.status, 303);
    let waiting = approval::to_decide(relay, &ig).await.expect("reads");
    assert!(waiting.iter().all(|request| request.person != door.nurse.id), "{waiting:?}");
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_does_not_take_the_last_administrator_away() {
    let door = Door::with(Engine::Sqlite, "client_secret_basic", |all, _| {
        let given = Given { role: Role::Auditor, lines: Vec::new(), approved: false };
        let when = [("kind".to_owned(), vec!["moved".to_owned()])].into();
        let organisation = Some(dutyline::people::sso::Named::Name("Health visiting".to_owned()));
        all[0].rules.people.push(Rule { when, organisation, rights: Rights::Given(given) });
    })
    .await;
    let relay = &door.site.relay;
    let mut admin = door.auditor.clone();
    admin.role = Role::Administrator;
    let (before, after) = (door.auditor.clone(), admin);
    let made = relay.store.write(move |unit| {
        Box::pin(async move {
            dutyline::store::identities::change_rights(unit, &Actor::operator(), &before, &after).await
        })
    });
    made.await.expect("an administrator");
    let claims = json!({"email": door.auditor.email, "email_verified": true, "kind": "moved"});
    door.provider.person("admin-1", &claims);
    let (browser, got) = door.sign_in().await;
    assert_eq!(got.status, 303, "{}", got.body);
    assert_eq!(browser.who().await.expect("signed in").person.role, Role::Administrator);
    assert_eq!(door.events("sign-in-refused").await, 1, "and it is in the trail");
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_sign_in_there_is_no_check_just_now() {
    let door = Door::on(Engine::Sqlite).await;
    let now = door.site.relay.clock.now().micros() / 1_000_000;
    for (said, age) in [(json!(now - 3600), Some(3600)), (json!(now + 900), Some(0)), (json!(null), None)] {
        door.provider.switch(&json!({"person": with("nurse-1", &nurse()), "claims": {"auth_time": said}}));
        let (browser, got) = door.sign_in().await;
        assert_eq!(got.status, 303, "{}", got.body);
        let checked = browser.who().await.expect("signed in").session.checked_at.micros() / 1_000_000;
        assert_eq!((checked != 0).then_some(now - checked), age, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_changed_here_a_short_while_ago_is_nobodys_proof() {
    let door = Door::on(Engine::Sqlite).await;
    let relay = &door.site.relay;
    let before = door.nurse.clone();
    let moved = relay.store.write(move |unit| {
        Box::pin(async move {
            let to = "thief@health.example";
            joiners::change_details(unit, &Actor::operator(), &before, &before.name, to).await
        })
    });
    moved.await.expect("changed");
    let thief = but(&nurse(), "email", json!("thief@health.example"));
    refused(&door, "thief-1", &thief, NOT_HERE).await;
    assert_eq!(door.events("identity-linked").await, 0);
    door.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_there_that_is_too_old_is_none() {
    let door = Door::on(Engine::Sqlite).await;
    let long_ago = door.site.relay.clock.now().micros() / 1_000_000 - 11 * 3600;
    door.provider.switch(&json!({"person": with("nurse-1", &nurse()), "claims": {"auth_time": long_ago}}));
    let (browser, got) = door.sign_in().await;
    assert_eq!((got.status, browser.who().await), (403, None));
    assert!(got.body.contains("Show again who you are"), "{}", got.body);
    assert_eq!(door.events("sign-in-refused").await, 1);
}
