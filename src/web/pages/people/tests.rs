//! The pages of those who look after people, over HTTP.

use axum::http::StatusCode;

use super::super::referral::testing::World;
use crate::delivery::{self, Ran};
use crate::domain::email::EmailAddress;
use crate::domain::people::{Person, Role};
use crate::mail::{Mailer, Memory};
use crate::store::{joiners, people, requests, trail};

/// Sends what waits; the texts.
async fn mails(world: &World) -> Vec<(String, String)> {
    let memory = Memory::default();
    let settings = delivery::Settings {
        base_url: "http://relay.example".to_owned(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").expect("an address"),
        from_name: "dutyline".to_owned(),
    };
    let mailer = Mailer::Memory(memory.clone());
    while delivery::run_one(&world.site.relay, &mailer, &settings).await.expect("runs") != Ran::Nothing {}
    memory.kept().into_iter().map(|mail| (mail.to.as_str().to_owned(), mail.text)).collect()
}

/// The link in the only mail to somebody.
async fn link_to(world: &World, address: &str) -> String {
    let all = mails(world).await;
    let text =
        all.iter().rev().find(|(to, _)| to == address).unwrap_or_else(|| panic!("no mail to {address}"));
    let line = text.1.lines().find_map(|line| line.strip_prefix("http://relay.example")).expect("a link");
    line.to_owned()
}

async fn by_email(world: &World, email: &str) -> Option<Person> {
    people::by_email(&mut world.site.relay.store.read().await.expect("reads"), email).await.expect("looks")
}

async fn everyone_fits(world: &World) {
    let mut read = world.site.relay.store.read().await.expect("reads");
    trail::verify(&mut read, &[]).await.expect("the trail verifies");
}

#[tokio::test]
async fn an_administrator_invites_and_the_link_works_once() {
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    let page = world.get(Some(&admin), "/people/new").await.body;
    for words in ["Its whole name, or its Ofsted number", "Which duty lines", "works once, for seven days"] {
        assert!(page.contains(words), "{words}");
    }
    let wrong =
        world.post(Some(&admin), "/people/new", "organisation=Nowhere&name=&email=x&role=king").await.body;
    for words in ["There is no such organisation", "Enter the name", "has an @ in it", "Choose what they do"]
    {
        assert!(wrong.contains(words), "{words}: {wrong}");
    }
    let form = "organisation=Acorn+Nursery&name=Mo+Newcomer&email=Mo@acorn.example&role=manager";
    let done = world.post(Some(&admin), "/people/new", form).await;
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, "/people?done=invited"));
    let again = world.post(Some(&admin), "/people/new", form).await.body;
    assert!(again.contains("Another person has this address already"), "{again}");
    let list = world.get(Some(&admin), "/people").await.body;
    assert!(list.contains("Mo Newcomer") && list.contains("Invited") && list.contains("Never"), "{list}");
    let first = link_to(&world, "mo@acorn.example").await;
    let mo = by_email(&world, "mo@acorn.example").await.expect("made");
    let sent = world.post(Some(&admin), &format!("/people/{}/invite", mo.id), "").await;
    assert_eq!(sent.location, format!("/people/{}?done=invited", mo.id));
    let second = link_to(&world, "mo@acorn.example").await;
    assert_ne!(first, second);
    assert_eq!(world.get(None, &first).await.status, StatusCode::GONE, "the newer one counts");
    for _ in 0..3 {
        let page = world.get(None, &second).await;
        assert!(
            page.body.contains("Mo Newcomer, you are invited to dutyline for Acorn Nursery"),
            "{}",
            page.body
        );
    }
    let (one, two) = tokio::join!(world.post(None, &second, ""), world.post(None, &second, ""));
    let won =
        [&one, &two].into_iter().find(|answer| answer.status == StatusCode::SEE_OTHER).expect("one wins");
    let lost = [&one, &two].into_iter().find(|answer| answer.status == StatusCode::GONE).expect("one loses");
    assert_eq!(won.location, "/account/set-up");
    assert!(won.headers.contains_key("set-cookie") && !lost.headers.contains_key("set-cookie"));
    assert_eq!(world.get(None, &second).await.status, StatusCode::GONE);
    assert_eq!(world.get(None, "/invitation/short").await.status, StatusCode::NOT_FOUND);
    everyone_fits(&world).await;
}

#[tokio::test]
async fn a_withdrawn_invitation_and_one_of_somebody_who_left_do_nothing() {
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    for (name, email) in [("Al+One", "al@acorn.example"), ("Bo+Two", "bo@acorn.example")] {
        let form = format!("organisation=Acorn+Nursery&name={name}&email={email}&role=practitioner");
        world.post(Some(&admin), "/people/new", &form).await;
    }
    let al = link_to(&world, "al@acorn.example").await;
    let one = by_email(&world, "al@acorn.example").await.expect("made");
    let done = world.post(Some(&admin), &format!("/people/{}/withdraw", one.id), "").await;
    assert_eq!(done.location, format!("/people/{}?done=withdrawn", one.id));
    assert_eq!(world.post(None, &al, "").await.status, StatusCode::GONE);
    let twice = world.post(Some(&admin), &format!("/people/{}/withdraw", one.id), "").await.body;
    assert!(twice.contains("There is no invitation that could be used"), "{twice}");
    let two = by_email(&world, "bo@acorn.example").await.expect("made");
    world.post(Some(&admin), &format!("/people/{}/invite", two.id), "").await;
    let bo = link_to(&world, "bo@acorn.example").await;
    let ask = world.get(Some(&admin), &format!("/people/{}/end", two.id)).await.body;
    assert!(ask.contains("End this person’s access?") && ask.contains("signed out everywhere"), "{ask}");
    assert!(by_email(&world, "bo@acorn.example").await.is_some(), "looking ends nothing");
    let done = world.post(Some(&admin), &format!("/people/{}/end", two.id), "").await;
    assert_eq!(done.location, "/people?done=ended");
    assert_eq!(world.post(None, &bo, "").await.status, StatusCode::GONE);
    assert!(world.get(Some(&admin), "/people").await.body.contains("No access"));
    everyone_fits(&world).await;
}

#[tokio::test]
async fn nobody_changes_themselves_and_the_last_administrator_and_manager_stay() {
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    let other = world.person(Role::Administrator, "").await;
    let manager = world.person(Role::Manager, "").await;
    world.get(Some(&admin), "/people").await;
    let own = world.post(Some(&admin), &format!("/people/{}/end", admin.id), "").await.body;
    assert!(own.contains("You cannot change your own role or end your own access"), "{own}");
    let own = world.post(Some(&admin), &format!("/people/{}/rights", admin.id), "role=auditor").await.body;
    assert!(own.contains("You cannot change your own role"), "{own}");
    let page = world.get(Some(&admin), &format!("/people/{}", admin.id)).await.body;
    assert!(!page.contains("End their access") && !page.contains("/rights"), "{page}");
    let last = world.post(Some(&admin), &format!("/people/{}/end", manager.id), "").await.body;
    assert!(last.contains("This is the last manager of the setting. Name another manager first"), "{last}");
    let last =
        world.post(Some(&admin), &format!("/people/{}/rights", manager.id), "role=practitioner").await.body;
    assert!(last.contains("last manager of the setting"), "{last}");
    // `other` has never signed in: whoever looks after people without a session of their own is not counted.
    let of_other = world.post(Some(&admin), &format!("/people/{}/end", other.id), "").await;
    assert_eq!(of_other.location, "/people?done=ended");
    let lonely = crate::people::looking_after::disable(&world.site.relay, &other, admin.id).await;
    let sentence = lonely.expect_err("the last one").to_string();
    assert!(sentence.contains("last administrator who can sign in"), "{sentence}");
    everyone_fits(&world).await;
}

#[tokio::test]
async fn a_manager_looks_after_the_settings_own_people_and_names_one_lead() {
    let world = World::new().await;
    let manager = world.person(Role::Manager, "").await;
    let (first, second) =
        (world.person(Role::Practitioner, "").await, world.person(Role::Practitioner, "").await);
    let nurse = world.person(Role::Duty, "swale").await;
    let list = world.get(Some(&manager), "/setting/people").await.body;
    assert!(
        list.contains("No designated safeguarding lead is named") && !list.contains("Health visiting"),
        "{list}"
    );
    assert_eq!(world.get(Some(&manager), "/people").await.status, StatusCode::NOT_FOUND);
    for way in ["", "/details", "/rights", "/end"] {
        let path = format!("/setting/people/{}{way}", nurse.id);
        assert_eq!(world.get(Some(&manager), &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let clinical = world
        .post(Some(&manager), "/setting/people/new", "name=A+B&email=a@acorn.example&role=duty&lines=swale")
        .await;
    assert!(clinical.body.contains("Choose what they do"), "{}", clinical.body);
    for lead in [&first, &second] {
        let named = world.post(Some(&manager), "/setting/people/lead", &format!("person={}", lead.id)).await;
        assert_eq!(named.location, "/setting/people?done=lead");
    }
    let now = world.site.relay.clock.now();
    let mut read = world.site.relay.store.read().await.expect("reads");
    let all = joiners::of(&mut read, manager.organisation, now).await.expect("lists");
    drop(read);
    let role = |id| all.iter().find(|one| one.person.id == id).map(|one| one.person.role);
    assert_eq!((role(first.id), role(second.id)), (Some(Role::Practitioner), Some(Role::SafeguardingLead)));
    let own =
        world.post(Some(&manager), "/setting/people/lead", &format!("person={}", manager.id)).await.body;
    assert!(own.contains("Choose who it is"), "nobody names themselves: {own}");
    let list = world.get(Some(&manager), "/setting/people").await.body;
    assert!(
        list.contains("Designated safeguarding lead: <strong>") && !list.contains("No designated"),
        "{list}"
    );
    let more = world
        .post(Some(&manager), "/setting/people/new", "name=A+B&email=a@acorn.example&role=safeguarding-lead")
        .await
        .body;
    assert!(more.contains("has a designated safeguarding lead already"), "{more}");
    let done = world
        .post(Some(&manager), "/setting/people/new", "name=A+B&email=a@acorn.example&role=practitioner")
        .await;
    assert_eq!(done.location, "/setting/people?done=invited");
    let text = mails(&world).await.pop().expect("a mail").1;
    assert!(text.starts_with("Pat Setting manager has invited you to dutyline for Acorn Nursery."), "{text}");
    everyone_fits(&world).await;
}

#[tokio::test]
async fn details_are_changed_and_people_found_without_their_words_in_an_address() {
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    let jo = world.person(Role::Practitioner, "").await;
    let there = format!("/people/{}/details", jo.id);
    let wrong = world.post(Some(&admin), &there, "name=&email=jo").await.body;
    assert!(wrong.contains("Enter the name") && wrong.contains("has an @ in it"), "{wrong}");
    let done = world.post(Some(&admin), &there, "name=Jo+Other&email=JO@acorn.example").await;
    assert_eq!(done.location, format!("/people/{}?done=changed", jo.id));
    assert!(by_email(&world, "jo@acorn.example").await.is_some_and(|one| one.name == "Jo Other"));
    let found = world.post(Some(&admin), "/people/search", "search=other+ACORN").await.body;
    assert!(found.contains("1 person was found") && found.contains("Jo Other"), "{found}");
    let none = world.post(Some(&admin), "/people/search", "search=%3Cscript%3E").await.body;
    assert!(none.contains("Nobody was found") && !none.contains("<script>\""), "{none}");
    everyone_fits(&world).await;
}

#[tokio::test]
async fn a_clinical_right_waits_for_the_lines_lead_who_declines_with_a_reason_or_approves() {
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    let lead = world.person(Role::DutyLead, "canterbury").await;
    let ig = world.person(Role::IgLead, "").await;
    for who in [&lead, &ig] {
        assert!(world.get(Some(who), "/people/requests").await.body.contains("Nobody waits"));
    }
    let form =
        "organisation=Health+visiting&name=New+Nurse&email=new@health.example&role=duty&lines=canterbury";
    assert_eq!(world.post(Some(&admin), "/people/new", form).await.location, "/people?done=asked");
    assert!(by_email(&world, "new@health.example").await.is_none(), "nobody before the approval");
    assert!(mails(&world).await.is_empty(), "no invitation before the approval");
    assert!(
        world.get(Some(&ig), "/people/requests").await.body.contains("Nobody waits"),
        "the line has a lead"
    );
    let list = world.get(Some(&lead), "/people/requests").await.body;
    assert!(list.contains("New Nurse") && list.contains("Duty practitioner, Canterbury"), "{list}");
    let id = requests::waiting(&mut world.site.relay.store.read().await.expect("reads"))
        .await
        .expect("lists")
        .remove(0)
        .id;
    let there = format!("/people/requests/{id}");
    assert_eq!(world.get(Some(&ig), &there).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.post(Some(&admin), &there, "decision=approve").await.status, StatusCode::NOT_FOUND);
    assert!(world.post(Some(&lead), &there, "").await.body.contains("Choose what you decide"));
    assert!(world.post(Some(&lead), &there, "decision=decline").await.body.contains("Choose why"));
    assert_eq!(
        world.post(Some(&lead), &there, "decision=approve").await.location,
        "/people/requests?done=approved"
    );
    let nurse = by_email(&world, "new@health.example").await.expect("made");
    assert_eq!((nurse.role, nurse.lines.as_slice()), (Role::Duty, ["canterbury".to_owned()].as_slice()));
    assert!(link_to(&world, "new@health.example").await.starts_with("/invitation/"));
    let more = format!("/people/{}/rights", nurse.id);
    let asked = world.post(Some(&admin), &more, "role=duty-lead&lines=canterbury").await;
    assert_eq!(asked.location, format!("/people/{}?done=asked", nurse.id));
    let page = world.get(Some(&admin), &format!("/people/{}", nurse.id)).await.body;
    assert!(page.contains("Waits for an approval") && page.contains("Duty lead, Canterbury"), "{page}");
    let id = requests::waiting(&mut world.site.relay.store.read().await.expect("reads"))
        .await
        .expect("lists")
        .remove(0)
        .id;
    let declined = world
        .post(Some(&lead), &format!("/people/requests/{id}"), "decision=decline&reason=not-needed")
        .await;
    assert_eq!(declined.location, "/people/requests?done=declined");
    assert_eq!(by_email(&world, "new@health.example").await.expect("there").role, Role::Duty);
    everyone_fits(&world).await;
}

#[tokio::test]
async fn a_list_is_looked_at_then_loaded_whole() {
    use base64::Engine as _;
    let world = World::new().await;
    let admin = world.person(Role::Administrator, "").await;
    let sample = include_str!("../../../../data/settings_sample.csv");
    let ask = async |path: &str, content: &str| world.upload(&admin, path, content).await;
    let empty = ask("/people/import", "").await;
    assert!(empty.contains("Choose a file with a heading row"), "{empty}");
    let bad = ask("/people/import", "urn,name,postcode\n1,=1+1,CT1 2EH\n").await;
    assert!(bad.contains("cannot be loaded yet") && bad.contains("runs as a formula"), "{bad}");
    assert!(!bad.contains("Load the list"), "{bad}");
    let looked = ask("/people/import", sample).await;
    assert!(looked.contains("<li>200 new settings</li>") && looked.contains("Load the list"), "{looked}");
    let file = base64::engine::general_purpose::STANDARD.encode(sample);
    let loaded = ask("/people/import/apply", &file).await;
    assert!(
        loaded.contains("The list is loaded") && loaded.contains("<li>200 new settings</li>"),
        "{loaded}"
    );
    let again = ask("/people/import", sample).await;
    assert!(
        again.contains("<li>200 settings that are the same already</li>") && !again.contains("Load the list"),
        "{again}"
    );
    everyone_fits(&world).await;
}
