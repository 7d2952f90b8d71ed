//! Every route as every role: `access.matrix` is reviewed like code and compared with the router. What is
//! somebody's own, and what is not, is tried in [`own`]; half a session and an old check in [`stages`].

mod own;
mod people;
mod stages;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use dutyline::app::watch;
use dutyline::audit::Origin;
use dutyline::domain::people::{Person, Role};
use dutyline::mail::Memory;
use dutyline::web::routes::{Access, ROUTES};
use dutyline::web::{DemoDoor, Site};
use tower::ServiceExt as _;

use crate::support::{Engine, World, form, given_a_draft, given_a_referral, organisation, person};

const MATRIX: &str = include_str!("../access.matrix");

pub fn site(world: &World) -> Arc<Site> {
    Arc::new(Site {
        relay: world.relay.clone(),
        base_url: "http://127.0.0.1".to_owned(),
        hosts: Vec::new(),
        social_care: "01632 960999".to_owned(),
        demo: Some(DemoDoor { captured: Memory::default(), texts: Default::default() }),
        secure: false,
        log_key: watch::verifier_key(&world.relay, &Origin::parse("test.example/log").expect("an origin"))
            .to_string(),
        checkpoint_file: None,
        passkeys: None,
        sso: Vec::new(),
    })
}

/// One request as a person; the status.
pub async fn ask(site: &Arc<Site>, who: &Person, method: &str, path: &str) -> u16 {
    let token = dutyline::people::sign_in(&site.relay, who.id).await.expect("answers").expect("signs in");
    ask_with(site, &format!("dutyline-demo={}", token.secret()), method, path).await
}

async fn ask_with(site: &Arc<Site>, cookie: &str, method: &str, path: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1")
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty())
        .expect("a request");
    dutyline::web::router(site.clone()).oneshot(request).await.expect("answers").status().as_u16()
}

fn said(access: Access) -> String {
    match access {
        Access::Anyone => "anyone".to_owned(),
        Access::Begun => "begun".to_owned(),
        Access::SignedIn => "signed-in".to_owned(),
        Access::Roles(roles) => codes(roles),
        Access::Fresh(roles) => format!("fresh {}", codes(roles)),
    }
}

fn codes(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ")
}

/// Each line of the matrix: route with roles, and whose it must be, empty when it is nobody's.
fn matrix() -> Vec<(&'static str, &'static str)> {
    let lines = MATRIX.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" | ").unwrap_or((line, ""))).collect()
}

/// Whose the matrix says that a route's object must be.
fn whose(method: &str, path: &str) -> &'static str {
    let wanted = format!("{method} {path}:");
    let found = matrix().into_iter().find(|(route, _)| route.starts_with(&wanted));
    found.map_or_else(|| panic!("{wanted} is not in tests/access.matrix"), |(_, whose)| whose)
}

#[test]
fn the_matrix_and_the_router_say_the_same() {
    let router: Vec<String> = ROUTES
        .iter()
        .map(|route| format!("{} {}: {}", route.method, route.path, said(route.access)))
        .collect();
    let matrix: Vec<&str> = matrix().into_iter().map(|(route, _)| route).collect();
    assert_eq!(matrix, router, "review the change, then write it into tests/access.matrix");
}

#[tokio::test]
async fn a_role_reaches_its_routes_and_no_other() {
    let world = World::on(Engine::Sqlite).await;
    let id = given_a_referral(&world, &form(|_| {})).await;
    let draft = given_a_draft(&world, &form(|_| {})).await;
    let site = site(&world);
    let office = organisation(&world.relay, "Everybody's office", "trust").await;
    let mut roles = BTreeMap::new();
    for role in Role::ALL {
        let address = format!("{}@office.example", role.code());
        roles.insert(*role, person(&world.relay, &office, "A Person", *role, "swale", &address).await);
    }
    for route in ROUTES {
        let path = route
            .path
            .replace("/drafts/{id}", &format!("/drafts/{draft}"))
            .replace("{id}", &id.to_string())
            .replace("{slug}", "child")
            .replace("{number}", "1")
            .replace("{reference}", "7K3M-9QX3")
            .replace("{cover}", "0000000000000000")
            .replace("{opening}", "0000000000000000")
            .replace("{token}", &"0".repeat(64))
            .replace("{name}", "none.css")
            .replace("{provider}", "none");
        let stranger = ask_with(&site, "", route.method, &path).await;
        match route.access {
            Access::Anyone => assert_ne!(stranger, 500, "{} {}", route.method, route.path),
            _ => assert_eq!(stranger, 303, "{} {} as a stranger", route.method, route.path),
        }
        let (Access::Roles(allowed) | Access::Fresh(allowed)) = route.access else { continue };
        for (role, who) in &roles {
            let status = ask(&site, who, route.method, &path).await;
            let someone_elses = route.path.contains('{');
            if !allowed.contains(role) || someone_elses {
                // An upload without a body is refused before anybody asks whose draft it is.
                // The desk is sent to its own page of a referral, there or not.
                if status == 303 && *role == Role::IntakeDesk && route.path == "/referrals/{id}" {
                    continue;
                }
                let empty_upload =
                    status == 400 && ["/files", "/paper"].iter().any(|end| route.path.ends_with(end));
                assert!(
                    status == 404 || empty_upload,
                    "{} {} as {}: {status}",
                    route.method,
                    route.path,
                    role.code()
                );
            } else {
                assert_ne!(status, 500, "{} {} as {}", route.method, route.path, role.code());
            }
        }
    }
}

#[tokio::test]
async fn a_change_from_another_site_or_from_no_browser_is_refused() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world);
    let token =
        dutyline::people::sign_in(&site.relay, world.sender.id).await.expect("answers").expect("signs in");
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x-nothing", "here")]
    {
        let request = Request::builder()
            .method("POST")
            .uri("/referrals")
            .header("host", "127.0.0.1")
            .header("cookie", format!("dutyline-demo={}", token.secret()))
            .header(name, value)
            .body(Body::empty())
            .expect("a request");
        let status = dutyline::web::router(site.clone()).oneshot(request).await.expect("answers").status();
        assert_eq!(status.as_u16(), 403, "{name}: {value}");
    }
}
