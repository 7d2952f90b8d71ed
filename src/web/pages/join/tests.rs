//! A setting signs itself up, over HTTP: what it and others see on the way.

use axum::http::StatusCode;

use super::super::referral::testing::{Case, NOWHERE, World};
use crate::audit::Actor;
use crate::domain::people::{Person, Role};
use crate::domain::time::{DAY, HOUR, SECOND};
use crate::store::letters::{self, Letter};
use crate::store::register::{self, RegisterSetting};
use crate::store::{people, settings, trail};

const YOU: &str = "name=New+Comer&role=manager";

/// A world whose register has one setting with a number and one without.
async fn world() -> World {
    let world = World::new().await;
    let row = |urn: &str, name: &str, phone: &str| RegisterSetting {
        urn: urn.to_owned(),
        name: name.to_owned(),
        postcode: "CT1 2EH".to_owned(),
        phone: phone.to_owned(),
    };
    let rows = vec![row("EY500001", "Listed Nursery", "01632 960777"), row("EY500002", "Mute Nursery", "")];
    let loaded =
        world.site.relay.store.write(move |unit| {
            Box::pin(async move { register::load(unit, &Actor::operator(), &rows).await })
        });
    loaded.await.expect("loaded");
    world
}

/// The letters that wait, by kind and recipient.
async fn letters_to(world: &World) -> Vec<Letter> {
    let mut read = world.site.relay.store.read().await.expect("reads");
    letters::about(&mut read, "").await.expect("letters")
}

/// Signs up and gives the path of the link that was mailed.
async fn signed_up(world: &World, form: &str) -> String {
    // Letters are in the order of their moments.
    world.site.relay.clock.advance(SECOND);
    let done = world.post(None, "/join/send", form).await;
    assert!(done.body.contains("Check your email"), "{}", done.body);
    let all = letters_to(world).await;
    let letter = all.iter().rfind(|letter| letter.kind == "sign-up").expect("a letter");
    let id = letter.id.parse().expect("an id");
    format!("/join/confirm/{}", world.site.relay.letter_token("sign-up", id))
}

async fn by_email(world: &World, email: &str) -> Option<Person> {
    people::by_email(&mut world.site.relay.store.read().await.expect("reads"), email).await.expect("looks")
}

async fn fits(world: &World) {
    let mut read = world.site.relay.store.read().await.expect("reads");
    trail::verify(&mut read, &[]).await.expect("the trail verifies");
}

#[tokio::test]
async fn a_listed_setting_signs_itself_up_by_a_link_that_works_once() {
    let world = world().await;
    assert!(world.get(None, "/join").await.body.contains("Ofsted number (URN)"));
    assert!(world.post(None, "/join/setting", "urn=+").await.body.contains("Enter your Ofsted number"));
    let this = world.post(None, "/join/setting", "urn=ey+500001").await.body;
    assert!(
        this.contains("Is this you?") && this.contains("Listed Nursery") && this.contains("CT1 2EH"),
        "{this}"
    );
    assert!(!this.contains("960777"), "nobody needs to be told the number: {this}");
    let you = world.post(None, "/join/you", "urn=EY500001").await.body;
    assert!(you.contains("About you") && you.contains("Listed Nursery"), "{you}");
    let wrong = world.post(None, "/join/send", "urn=EY500001&name=&email=x&role=duty").await.body;
    for words in ["Enter the name", "has an @ in it", "Choose what you do there"] {
        assert!(wrong.contains(words), "{words}: {wrong}");
    }
    let typed =
        format!("urn=EY500001&setting=Another+name&phone=07700+900999&email=New@listed.example&{YOU}");
    let link = signed_up(&world, &typed).await;
    assert!(by_email(&world, "new@listed.example").await.is_none(), "no account before the link");
    for _ in 0..2 {
        let page = world.get(None, &link).await.body;
        assert!(page.contains("New Comer, you are signing up Listed Nursery"), "{page}");
    }
    let (one, two) = tokio::join!(world.post(None, &link, ""), world.post(None, &link, ""));
    let mut states = [one.status, two.status];
    states.sort();
    assert_eq!(states, [StatusCode::SEE_OTHER, StatusCode::GONE], "one wins");
    let won = if one.status == StatusCode::SEE_OTHER { one } else { two };
    assert_eq!((won.location.as_str(), won.headers.contains_key("set-cookie")), ("/account/set-up", true));
    let person = by_email(&world, "new@listed.example").await.expect("made");
    assert_eq!(person.organisation_name, "Listed Nursery");
    fits(&world).await;
}

#[tokio::test]
async fn it_submits_at_once_the_line_rings_the_registers_number_and_a_check_takes_the_mark_away() {
    let world = world().await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let lead = world.person(Role::DutyLead, "canterbury").await;
    let typed = format!("urn=EY500001&phone=07700+900999&email=New@listed.example&{YOU}");
    let link = signed_up(&world, &typed).await;
    world.post(None, &link, "").await;
    let person = by_email(&world, "new@listed.example").await.expect("made");
    let sent = world.send(&person, Case::default()).await;
    let inbox = world.get(Some(&duty), "/inbox").await.body;
    assert!(inbox.contains("Listed Nursery (sender not verified)"), "{inbox}");
    let page = world.get(Some(&duty), &format!("/referrals/{}", sent.id)).await.body;
    assert!(page.contains("Sender not verified") && page.contains("01632 960777"), "{page}");
    assert!(!page.contains("900999"), "its own number: {page}");
    let waiting = world.get(Some(&lead), "/organisations/waiting").await.body;
    assert!(waiting.contains("Listed Nursery") && waiting.contains("01632 960777"), "{waiting}");
    let there = format!("/organisations/waiting/{}", person.organisation);
    let ask = world.get(Some(&lead), &there).await.body;
    assert!(ask.contains("Is it really this setting?") && ask.contains("new@listed.example"), "{ask}");
    for (form, words) in [
        ("", "Choose what you decide"),
        ("decision=verify", "Choose how you checked it"),
        ("decision=decline", "Choose why"),
    ] {
        assert!(world.post(Some(&lead), &there, form).await.body.contains(words), "{words}");
    }
    let done = world.post(Some(&lead), &there, "decision=verify&how=rang-register").await;
    assert_eq!(done.location, "/organisations/waiting?done=verified");
    let page = world.get(Some(&duty), &format!("/referrals/{}", sent.id)).await.body;
    assert!(!page.contains("Sender not verified"), "the mark is gone");
    assert!(!world.get(Some(&duty), "/inbox").await.body.contains("not verified"));
    assert_eq!(world.get(Some(&lead), &there).await.status, StatusCode::NOT_FOUND);
    fits(&world).await;
}

#[tokio::test]
async fn a_setting_that_is_not_listed_is_rung_on_no_number_of_its_own_and_loses_access_when_declined() {
    let world = world().await;
    let duty = world.person(Role::Duty, "canterbury").await;
    let desk = world.person(Role::IntakeDesk, "").await;
    let admin = world.person(Role::Administrator, "").await;
    let own = world.post(None, "/join/setting", "urn=EY599999").await.body;
    assert!(own.contains("We do not have this number") && own.contains("Name of the setting"), "{own}");
    let wrong =
        world.post(None, "/join/you", "urn=EY599999&setting=www.evil.example&postcode=x&phone=1").await.body;
    assert!(wrong.contains("not its website") && wrong.contains("full postcode"), "{wrong}");
    let form = format!(
        "urn=EY599999&setting=Brand+New&postcode=ct12eh&phone=07700+900999&email=a@new.example&{YOU}"
    );
    let link = signed_up(&world, &form).await;
    world.post(None, &link, "").await;
    let person = by_email(&world, "a@new.example").await.expect("made");
    let sent = world.send(&person, Case::default()).await;
    let held = world.send(&person, Case { signed: false, ..Case::default() }).await;
    let lost = world.send(&person, Case { postcode: NOWHERE, ..Case::default() }).await;
    assert!(!held.reference.is_empty());
    const FIND: &str = "Find the number on Ofsted’s register, not in this referral";
    for (who, path) in [
        (&duty, format!("/referrals/{}", sent.id)),
        (&duty, "/inbox/held".to_owned()),
        (&desk, format!("/desk/referrals/{}", lost.id)),
    ] {
        let page = world.get(Some(who), &path).await.body;
        assert!(page.contains(FIND) && !page.contains("900999"), "{path}: {page}");
    }
    assert!(world.get(Some(&desk), "/desk").await.body.contains("Brand New (sender not verified)"));
    let there = format!("/organisations/waiting/{}", person.organisation);
    let done = world.post(Some(&admin), &there, "decision=decline&reason=not-them").await;
    assert_eq!(done.location, "/organisations/waiting?done=declined");
    assert!(by_email(&world, "a@new.example").await.is_none(), "no access any more");
    assert!(world.get(Some(&admin), "/organisations/waiting").await.body.contains("No setting waits"));
    fits(&world).await;
}

#[tokio::test]
async fn nobody_is_told_who_is_known_and_who_is_known_gets_a_letter() {
    let world = world().await;
    let form = |email: &str| format!("urn=EY500002&email={email}&{YOU}");
    let link = signed_up(&world, &form("first@mute.example")).await;
    let late = signed_up(&world, &form("second@mute.example")).await;
    assert_eq!(world.post(None, &link, "").await.status, StatusCode::SEE_OTHER);
    let quicker = world.post(None, &late, "").await;
    assert_eq!(quicker.status, StatusCode::GONE);
    assert!(quicker.body.contains("A colleague was quicker"), "{}", quicker.body);
    let before = letters_to(&world).await.len();
    let tick = || world.site.relay.clock.advance(SECOND);
    tick();
    let fresh = world.post(None, "/join/send", &format!("urn=EY500001&email=new@x.example&{YOU}")).await;
    tick();
    let setting = world.post(None, "/join/send", &form("third@mute.example")).await;
    let address =
        world.post(None, "/join/send", &format!("urn=EY500001&email=first@mute.example&{YOU}")).await;
    for known in [&setting, &address] {
        assert_eq!((known.status, &known.body), (fresh.status, &fresh.body), "it tells who is known");
    }
    let told: Vec<(String, String)> =
        letters_to(&world).await.split_off(before).into_iter().map(|one| (one.kind, one.recipient)).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, to)| (kind.as_str(), to.as_str())).collect();
    let known = ("sign-up-known", "first@mute.example");
    assert_eq!(told, [("sign-up", "new@x.example"), known, known]);
    fits(&world).await;
}

#[tokio::test]
async fn too_many_tries_are_stopped_for_an_hour_and_a_link_ends_after_a_day() {
    let world = world().await;
    let try_once = async |n: usize, urn: &str| {
        world
            .post(
                None,
                "/join/send",
                &format!("urn={urn}&setting=N&postcode=CT1+2EH&phone=01632960001&email=a{n}@x.example&{YOU}"),
            )
            .await
    };
    for n in 0..5 {
        assert_eq!(try_once(n, "EY500001").await.status, StatusCode::OK, "{n}");
    }
    let stopped = try_once(5, "EY500001").await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(stopped.body.contains("Try again in an hour"), "{}", stopped.body);
    for n in 6..11 {
        assert_eq!(try_once(n, &format!("EY6000{n:02}")).await.status, StatusCode::OK, "{n}");
    }
    assert_eq!(try_once(11, "EY600099").await.status, StatusCode::TOO_MANY_REQUESTS, "from one network");
    assert_eq!(letters_to(&world).await.len(), 10, "who is stopped sends no letter");
    world.site.relay.clock.advance(HOUR + 1);
    let link = signed_up(&world, &format!("urn=EY500002&email=b@x.example&{YOU}")).await;
    world.site.relay.clock.advance(DAY);
    assert_eq!(world.get(None, &link).await.status, StatusCode::GONE);
    assert_eq!(world.post(None, &link, "").await.status, StatusCode::GONE);
    assert!(crate::people::sweep(&world.site.relay).await.expect("sweeps") > 0);
    fits(&world).await;
}

#[tokio::test]
async fn a_setting_that_was_loaded_and_has_nobody_is_to_be_checked_when_somebody_signs_up_for_it() {
    let world = world().await;
    let list = "urn,name,postcode\nEY500009,Loaded Nursery,CT1 2EH\n";
    let by = crate::people::import::By { actor: Actor::operator(), person: None };
    crate::people::import::apply(&world.site.relay, by, list.as_bytes()).await.expect("loaded");
    let link = signed_up(&world, &format!("urn=EY500009&email=a@loaded.example&{YOU}")).await;
    world.post(None, &link, "").await;
    let person = by_email(&world, "a@loaded.example").await.expect("made");
    let mut read = world.site.relay.store.read().await.expect("reads");
    let there = people::organisation_with_urn(&mut read, "EY500009").await.expect("looks").expect("there");
    assert_eq!(there.id, person.organisation, "the setting that was loaded, and no second one");
    let standing = settings::standing(&mut read, there.id).await.expect("looks");
    assert_eq!(standing, settings::Standing::Unverified { register_phone: None });
    drop(read);
    fits(&world).await;
}
