//! Forgotten: a link for settings, another person's approval for the strong roles.

use dutyline::domain::people::{Person, Role};
use dutyline::domain::time::HOUR;

use super::door::{
    Browser, OTHER, PASSWORD, SESSION, events, letters, path_in, the_trail_holds, with_app, with_password,
    world,
};
use crate::support::{World, organisation, person};

async fn forgets(site: &std::sync::Arc<dutyline::web::Site>, address: &str) -> String {
    let answer = Browser::new(site).post("/sign-in/forgotten", &[("address", address)]).await;
    assert_eq!(answer.status, 200, "{address}");
    site.relay.behind.ended().await;
    answer.body
}

#[tokio::test]
async fn a_setting_gets_a_link_that_works_once_and_ends_everything_old() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    let app = with_app(&site, who).await;
    let mut old = Browser::new(&site);
    old.signs_in(relay, who, &app).await;
    let said = forgets(&site, &who.email).await;
    assert_eq!(said, forgets(&site, "nobody@setting1.example").await, "the same words");
    assert_eq!(said, forgets(&site, &world.canterbury.email).await);
    let sent = letters(relay).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, who.email.as_str()));
    let path = path_in(&sent[0]);
    assert!(path.starts_with("/sign-in/reset/"), "{path}");
    for _ in 0..3 {
        assert_eq!(Browser::new(&site).get(&path).await.status, 200, "looking uses nothing up");
    }
    assert!(old.who(relay).await.is_some());
    let (mut one, mut two) = (Browser::new(&site), Browser::new(&site));
    let (first, second) = tokio::join!(one.post(&path, &[]), two.post(&path, &[]));
    let mut both = [first.status, second.status];
    both.sort_unstable();
    assert_eq!(both, [303, 410], "of two uses at once one wins");
    let mut browser = if first.status == 303 { one } else { two };
    assert!(old.who(relay).await.is_none(), "signed out everywhere");
    assert_eq!(Browser::new(&site).types(&who.email, PASSWORD).await.status, 422, "the old password is gone");
    assert_eq!(browser.get("/referrals").await.location, "/account/set-up");
    browser.post("/account/set-up/password", &[("password", OTHER)]).await;
    browser.post("/account/set-up/codes", &[]).await;
    browser.post("/account/set-up/done", &[]).await;
    assert_eq!(browser.get("/referrals").await.status, 200);
    assert_eq!(Browser::new(&site).get(&path).await.status, 410);
    assert_eq!((events(relay, "reset-asked").await, events(relay, "reset-used").await), (2, 1));
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn a_link_ends_after_an_hour_and_a_newer_one_ends_the_older() {
    let (world, site) = world().await;
    let relay = &world.relay;
    forgets(&site, &world.sender.email).await;
    let first = path_in(&letters(relay).await[0]);
    relay.clock.advance(60_000_000);
    forgets(&site, &world.sender.email).await;
    let second = path_in(&letters(relay).await[0]);
    assert_eq!(Browser::new(&site).post(&first, &[]).await.status, 410);
    // No more of them for a while, and nobody is told.
    forgets(&site, &world.sender.email).await;
    assert!(letters(relay).await.is_empty());
    relay.clock.advance(HOUR);
    assert_eq!(Browser::new(&site).post(&second, &[]).await.status, 410, "too late");
    assert_eq!(
        Browser::new(&site).post(&format!("/sign-in/reset/{}", "ab".repeat(32)), &[]).await.status,
        410
    );
    assert_eq!(Browser::new(&site).get("/sign-in/reset/short").await.status, 404);
    let odd = Browser::new(&site).post("/sign-in/forgotten", &[("address", "no address")]).await;
    assert!(odd.status == 422 && odd.body.contains("An email address has no spaces"));
}

struct People {
    admin: Person,
    other_admin: Person,
    lead: Person,
    other_lead: Person,
    ig: Person,
}

async fn people(world: &World) -> People {
    let office = organisation(&world.relay, "The trust", "trust").await;
    let make = async |name: &str, role, line: &str, address: &str| {
        person(&world.relay, &office, name, role, line, address).await
    };
    People {
        admin: make("Sam Admin", Role::Administrator, "", "sam@trust.example").await,
        other_admin: make("Kit Admin", Role::Administrator, "", "kit@trust.example").await,
        lead: make("Lee Lead", Role::DutyLead, "canterbury", "lee@trust.example").await,
        other_lead: make("Val Lead", Role::DutyLead, "swale", "val@trust.example").await,
        ig: make("Ira Guardian", Role::IgLead, "", "ira@trust.example").await,
    }
}

async fn signed_in(site: &std::sync::Arc<dutyline::web::Site>, who: &Person) -> Browser {
    let token = dutyline::people::sign_in(&site.relay, who.id).await.expect("answers").expect("signs in");
    let mut browser = Browser::new(site);
    browser.cookies.insert(SESSION.to_owned(), token.secret().to_owned());
    browser
}

/// A manager of somebody's setting.
async fn manager_beside(world: &World, who: &Person) -> Person {
    let mut read = world.relay.store.read().await.expect("reads");
    let found = dutyline::store::people::organisation(&mut read, who.organisation).await;
    let setting = found.expect("looks").expect("there");
    drop(read);
    person(&world.relay, &setting, "Max Manager", Role::Manager, "", "max@setting1.example").await
}

/// The address of the first request on somebody's list.
async fn request(browser: &mut Browser) -> Option<String> {
    let page = browser.get("/people/resets").await;
    assert_eq!(page.status, 200);
    let at = page.body.find("href=\"/people/resets/")? + "href=\"".len();
    page.body[at..].split('"').next().map(str::to_owned)
}

#[tokio::test]
async fn a_strong_role_needs_another_person_of_the_right_line() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.canterbury);
    with_app(&site, who).await;
    let people = people(&world).await;
    forgets(&site, &who.email).await;
    forgets(&site, &who.email).await;
    assert!(letters(relay).await.is_empty(), "no link without approval");
    assert_eq!(events(relay, "reset-asked").await, 1, "one request at a time");
    assert_eq!(request(&mut signed_in(&site, &people.other_lead).await).await, None, "another line's");
    assert_eq!(
        request(&mut signed_in(&site, &people.admin).await).await,
        None,
        "sees no content, gives none"
    );
    assert!(
        request(&mut signed_in(&site, &people.ig).await).await.is_some(),
        "where a line has no other lead"
    );
    let mut lead = signed_in(&site, &people.lead).await;
    assert!(lead.get("/account").await.body.contains("1 waiting for you"));
    let path = request(&mut lead).await.expect("a request");
    assert_eq!(signed_in(&site, &people.other_lead).await.get(&path).await.status, 404);
    assert_eq!(
        signed_in(&site, &people.other_lead).await.post(&path, &[("decision", "approve")]).await.status,
        404
    );
    assert!(lead.get(&path).await.body.contains("I have spoken with them on a number I know"));
    assert_eq!(lead.post(&path, &[]).await.status, 422, "nothing was chosen");
    assert!(letters(relay).await.is_empty());
    assert_eq!(lead.post(&path, &[("decision", "approve")]).await.status, 303);
    assert_eq!(lead.post(&path, &[("decision", "approve")]).await.status, 404, "decided");
    let sent = letters(relay).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, who.email.as_str()));
    let mut browser = Browser::new(&site);
    assert_eq!(browser.post(&path_in(&sent[0]), &[]).await.location, "/account/set-up");
    assert_eq!((events(relay, "reset-approved").await, events(relay, "reset-used").await), (1, 1));
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn nobody_approves_their_own_and_a_declined_request_sends_nothing() {
    let (world, site) = world().await;
    let relay = &world.relay;
    let people = people(&world).await;
    with_password(&site, &people.admin).await;
    forgets(&site, &people.admin.email).await;
    let mut own = signed_in(&site, &people.admin).await;
    assert_eq!(request(&mut own).await, None, "their own");
    let mut ig = signed_in(&site, &people.ig).await;
    let path = request(&mut ig).await.expect("a request");
    assert_eq!(own.get(&path).await.status, 404);
    assert_eq!(own.post(&path, &[("decision", "approve")]).await.status, 404);
    let mut other = signed_in(&site, &people.other_admin).await;
    let (one, two) = tokio::join!(
        ig.post(&path, &[("decision", "decline")]),
        other.post(&path, &[("decision", "decline")])
    );
    assert_eq!([one.status, two.status].iter().filter(|status| **status == 303).count(), 1);
    assert!(letters(relay).await.is_empty());
    assert_eq!(events(relay, "reset-declined").await, 1);
    assert_eq!(
        Browser::new(&site).types(&people.admin.email, PASSWORD).await.status,
        303,
        "all is as before"
    );
    // They may ask again later.
    relay.clock.advance(2 * HOUR);
    forgets(&site, &people.admin.email).await;
    assert!(request(&mut signed_in(&site, &people.ig).await).await.is_some());
}

#[tokio::test]
async fn whoever_changes_an_address_does_not_get_in_by_it() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    let app = with_app(&site, who).await;
    let mut owner = Browser::new(&site);
    owner.signs_in(relay, who, &app).await;
    let people = people(&world).await;
    let manager = manager_beside(&world, who).await;
    signed_in(&site, &manager).await;
    let mut admin = signed_in(&site, &people.admin).await;
    let to = [("name", who.name.as_str()), ("email", "thief@elsewhere.example")];
    let changed = admin.post(&format!("/people/{}/details", who.id), &to).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    let told = letters(relay).await;
    let mut whom: Vec<&str> = told.iter().map(|letter| letter.to.as_str()).collect();
    whom.sort_unstable();
    assert_eq!(whom, [who.email.as_str(), manager.email.as_str()], "the old address, and the manager");
    let texts: String = told.iter().map(|letter| letter.text.as_str()).collect();
    assert!(
        texts.contains("changed the email address of")
            && texts.contains("https://relay.example/setting/people"),
        "{texts}"
    );
    assert_eq!(signed_in(&site, &manager).await.get("/setting/people").await.status, 200, "where it leads");
    assert!(!texts.contains("thief") && !texts.contains(&who.name), "{texts}");

    forgets(&site, "thief@elsewhere.example").await;
    assert!(letters(relay).await.is_empty(), "no link goes to the new address by itself");
    assert!(request(&mut admin).await.is_none(), "nor by the word of whoever changed it");
    let mut ig = signed_in(&site, &people.ig).await;
    let path = request(&mut ig).await.expect("the governance lead is asked");
    let page = ig.get(&path).await.body;
    assert!(page.contains("This address was changed in the last 3 days"), "{page}");
    assert_eq!(admin.get(&path).await.status, 404);
    ig.post(&path, &[("decision", "decline")]).await;
    assert!(letters(relay).await.is_empty() && owner.who(relay).await.is_some());

    relay.clock.advance(3 * 24 * HOUR);
    forgets(&site, "thief@elsewhere.example").await;
    assert_eq!(letters(relay).await.len(), 1, "three days after nobody objected");
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn a_request_ends_with_the_address_and_no_administrator_gets_another_ones_account() {
    let (world, site) = world().await;
    let relay = &world.relay;
    let people = people(&world).await;
    let other = &people.other_admin;
    with_app(&site, other).await;
    for one in [&people.admin, other] {
        signed_in(&site, one).await;
    }
    let mut admin = signed_in(&site, &people.admin).await;
    forgets(&site, &other.email).await;
    let seen = request(&mut admin).await.expect("an administrator decides it");
    let to = [("name", other.name.as_str()), ("email", "thief@trust.example")];
    assert_eq!(admin.post(&format!("/people/{}/details", other.id), &to).await.status, 303);
    assert_eq!(letters(relay).await.len(), 1, "the old address is told");
    assert_eq!(
        admin.post(&seen, &[("decision", "approve")]).await.status,
        404,
        "it spoke of the old address"
    );
    forgets(&site, "thief@trust.example").await;
    assert!(request(&mut admin).await.is_none(), "not by whoever can change the address");
    let mut ig = signed_in(&site, &people.ig).await;
    assert!(request(&mut ig).await.is_some());
    assert!(letters(relay).await.is_empty());
    the_trail_holds(relay).await;
}

#[tokio::test]
async fn whoever_changes_their_own_address_is_told_at_the_old_one() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    let manager = manager_beside(&world, who).await;
    let mut browser = signed_in(&site, &manager).await;
    let to = [("name", manager.name.as_str()), ("email", "other@setting1.example")];
    let done = browser.post(&format!("/setting/people/{}/details", manager.id), &to).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let told = letters(relay).await;
    assert_eq!((told.len(), told[0].to.as_str()), (1, manager.email.as_str()), "somebody else may sit there");
}
