//! Half a session opens nothing but its own pages; what wants a fresh check of a second factor sends to
//! it; and whoever is not wholly signed in changes nothing, by any route.

use std::sync::Arc;

use dutyline::domain::people::{Person, Role};
use dutyline::domain::sign_in::Stage;
use dutyline::store::trail;
use dutyline::web::Site;
use dutyline::web::routes::{Access, ROUTES, Route};

use super::site;
use crate::door::Browser;
use crate::support::{Engine, World, form, given_a_draft, given_a_referral, organisation, person};

async fn somebody(world: &World, role: Role) -> Person {
    let office = organisation(&world.relay, "An office", "trust").await;
    let address = format!("{}@office.example", role.code());
    person(&world.relay, &office, "A Person", role, "canterbury", &address).await
}

/// Routes for people who are wholly signed in.
fn closed() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| !matches!(route.access, Access::Anyone | Access::Begun))
}

fn a_role_of(route: &Route) -> Role {
    match route.access {
        Access::Roles(roles) | Access::Fresh(roles) => roles[0],
        _ => Role::Practitioner,
    }
}

#[tokio::test]
async fn whoever_is_on_the_way_is_sent_to_the_next_step_from_everywhere() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    for role in [Role::Practitioner, Role::DutyLead, Role::Auditor] {
        let who = somebody(&world, role).await;
        for (stage, next) in [(Stage::Second, "/sign-in/second"), (Stage::SetUp, "/account/set-up")] {
            let browser = Browser::begun(&site, &who, stage, false).await;
            // A page of the next step itself would lead in a circle: those are for everybody who has begun.
            for route in closed() {
                let answer = browser.ask(route.method, route.path, "").await;
                let said = format!("{} {} at {}", route.method, route.path, stage.code());
                assert_eq!((answer.status, answer.location.as_str()), (303, next), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn what_wants_a_fresh_check_sends_to_it_and_the_rest_does_not() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let mut fresh = 0;
    for route in closed() {
        let who = somebody(&world, a_role_of(route)).await;
        let stale = Browser::begun(&site, &who, Stage::Full, false).await;
        let answer = stale.ask(route.method, route.path, "").await;
        let again = answer.location.starts_with("/sign-in/again?next=/");
        let wanted = matches!(route.access, Access::Fresh(_));
        assert_eq!(again, wanted, "{} {}: {}", route.method, route.path, answer.location);
        fresh += usize::from(wanted);
    }
    assert!(fresh > 0, "other lines' cases want one at least");
}

/// How many events there are: every change of anything leaves one.
async fn events(site: &Arc<Site>) -> u64 {
    let mut read = site.relay.store.read().await.expect("reads");
    trail::head(&mut read).await.expect("a head").size()
}

#[tokio::test]
async fn a_form_of_somebody_who_is_not_wholly_signed_in_or_checked_changes_nothing() {
    let world = World::on(Engine::Sqlite).await;
    let id = given_a_referral(&world, &form(|_| {})).await;
    let draft = given_a_draft(&world, &form(|_| {})).await;
    let site = site(&world);
    for route in closed().filter(|route| route.method == "POST") {
        let path = route.path.replace("/drafts/{id}", &format!("/drafts/{draft}"));
        let path = path.replace("{id}", &id.to_string()).replace("{slug}", "child").replace("{number}", "1");
        let who = if a_role_of(route).in_setting() {
            world.sender.clone()
        } else {
            somebody(&world, a_role_of(route)).await
        };
        let ended = Browser::of(&site, &who).await;
        world.relay.clock.advance(site.relay.sign_in.of(who.role).idle);
        let mut browsers = vec![
            ended,
            Browser::begun(&site, &who, Stage::Second, false).await,
            Browser::begun(&site, &who, Stage::SetUp, false).await,
        ];
        if matches!(route.access, Access::Fresh(_)) {
            browsers.push(Browser::begun(&site, &who, Stage::Full, false).await);
        }
        let before = events(&site).await;
        for browser in browsers {
            let form =
                "reference=7K3M-9QX3&reason=x&line=canterbury&child.forename=Changed&safe=yes&version=1";
            let answer = browser.post(&path, form).await;
            assert_eq!(answer.status, 303, "{path}");
            let to = ["/sign-in", "/account/set-up"];
            assert!(to.iter().any(|page| answer.location.starts_with(page)), "{path}: {}", answer.location);
        }
        // A page of a draft is kept, sealed, for its writer to check; it is part of nothing (`web/kept.rs`).
        let kept = route.path == "/drafts/{id}/{slug}";
        assert_eq!(events(&site).await != before, kept, "{path} changed something");
    }
}
