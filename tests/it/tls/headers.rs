//! What every answer carries, whoever asks for whatever: pages, redirects, files, refusals, failures.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use dutyline::domain::people::{Person, Role};
use dutyline::web::routes::ROUTES;
use dutyline::web::{Site, access, assets};
use tower::ServiceExt as _;

use crate::support::{Engine, World, form, given_a_draft, given_a_referral, organisation, person};

/// A site with another address and other hosts, and without the demo's doors.
pub fn site(world: &World, base_url: &str, hosts: &[&str]) -> Arc<Site> {
    let made = Arc::into_inner(crate::access::site(world)).expect("nobody else has it");
    Arc::new(Site {
        base_url: base_url.to_owned(),
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        secure: base_url.starts_with("https://"),
        demo: None,
        ..made
    })
}

/// A route's path with something in each of its places.
pub fn filled_in(path: &str) -> String {
    let pieces = path.split('/').map(|piece| match piece {
        "{id}" => "01999999-9999-7999-8999-999999999999",
        "{name}" => "none.css",
        "{reference}" => "7K3M-9QX3",
        "{token}" => "0000000000000000000000000000000000000000000000000000000000000000",
        "{slug}" => "child",
        piece if piece.starts_with('{') => "1",
        piece => piece,
    });
    pieces.collect::<Vec<_>>().join("/")
}

struct Asked {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn ask(site: &Arc<Site>, cookie: &str, method: &str, path: &str, more: &[(&str, &str)]) -> Asked {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept-encoding", "identity");
    let plain = [("host", "relay.example"), ("sec-fetch-site", "same-origin")];
    let kept = plain.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    for (name, value) in kept.chain(more) {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = dutyline::web::router(site.clone()).oneshot(request).await.expect("answers");
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Asked { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

async fn cookie_of(site: &Site, who: &Person) -> String {
    let token = dutyline::people::sign_in(&site.relay, who.id).await.expect("answers").expect("signs in");
    format!("{}={}", access::cookie_name(site), token.secret())
}

/// Fails unless the answer is strict; `what` says which it is.
fn is_strict(asked: &Asked, secure: bool, what: &str) {
    let one = |name: &str| {
        let values: Vec<_> = asked.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{what}: {name} {values:?}");
        values[0].to_str().expect("text").to_owned()
    };
    let policy = one("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    for lax in ["unsafe", "http:", "https:", "*", "blob:", "nonce"] {
        assert!(!policy.contains(lax), "{what}: {policy}");
    }
    for strict in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(strict), "{what}: {policy}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(one(name), value, "{what}: {name}");
    }
    let permissions = one("permissions-policy");
    for piece in permissions.split(", ") {
        let own = piece.starts_with("publickey-credentials-") && piece.ends_with("=(self)");
        assert!(own || piece.ends_with("=()"), "{what}: {piece}");
    }
    assert_eq!(permissions.matches("(self)").count(), 2, "{what}: passkeys of our own");
    let tls = asked.headers.get_all("strict-transport-security").iter().count();
    assert_eq!(tls, usize::from(secure), "{what}: HSTS where people come over TLS");
    for chatter in ["server", "x-powered-by", "via"] {
        assert!(!asked.headers.contains_key(chatter), "{what}: {chatter}");
    }
    for place in ["src=\"", "<link rel=\"stylesheet\" href=\"", "action=\""] {
        for address in asked.body.split(place).skip(1) {
            let own = address.starts_with('/') && !address.starts_with("//");
            assert!(own || address.starts_with("data:") || address.starts_with('"'), "{what}: {address:.60}");
        }
    }
}

fn is_kept_by_nobody(asked: &Asked, what: &str) {
    let values: Vec<_> = asked.headers.get_all("cache-control").iter().collect();
    assert_eq!(values, ["no-store"], "{what}");
}

#[tokio::test]
async fn every_route_answers_strictly_to_a_stranger_and_to_every_role() {
    let world = World::on(Engine::Sqlite).await;
    let referral = given_a_referral(&world, &form(|_| {})).await;
    let draft = given_a_draft(&world, &form(|_| {})).await;
    let office = organisation(&world.relay, "Everybody's office", "trust").await;
    let mut people = vec![world.sender.clone(), world.canterbury.clone()];
    for role in Role::ALL {
        let address = format!("{}@office.example", role.code());
        people.push(person(&world.relay, &office, "A Person", *role, "swale", &address).await);
    }
    for (base_url, secure) in [("https://relay.example", true), ("http://relay.example", false)] {
        let site = site(&world, base_url, &["relay.example"]);
        let mut statuses = std::collections::BTreeSet::new();
        let mut cookies = vec![String::new()];
        // Which roles there are makes no difference to HSTS.
        for one in people.iter().take(if secure { people.len() } else { 1 }) {
            cookies.push(cookie_of(&site, one).await);
        }
        for route in ROUTES.iter().filter(|route| route.path != "/sign-out") {
            let path = route
                .path
                .replace("/drafts/{id}", &format!("/drafts/{draft}"))
                .replace("/referrals/{id}", &format!("/referrals/{referral}"));
            let path = filled_in(&path);
            for cookie in &cookies {
                let asked = ask(&site, cookie, route.method, &path, &[]).await;
                let what = format!("{} {} ({})", route.method, route.path, asked.status);
                is_strict(&asked, secure, &what);
                is_kept_by_nobody(&asked, &what);
                statuses.insert(asked.status.as_u16());
            }
        }
        for expected in [200, 303, 400, 404] {
            assert!(statuses.contains(&expected), "{expected} among {statuses:?}");
        }
        assert!(!statuses.contains(&500), "{statuses:?}");
    }
}

#[tokio::test]
async fn what_no_handler_answers_is_as_strict() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world, "https://relay.example", &["relay.example"]);
    let cookie = cookie_of(&site, &world.sender).await;
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let large = [("content-length", "99999999")];
    for (method, path, more, expected) in [
        ("GET", "/no-such-page", &[][..], 404),
        ("GET", "/assets/none.css", &[], 404),
        ("GET", "/%ff", &[], 404),
        ("PUT", "/", &[], 0),
        ("OPTIONS", "/referrals", &[], 0),
        ("TRACE", "/", &[], 0),
        ("HEAD", "/referrals", &[], 200),
        ("POST", "/referrals", &cross[..], 403),
        ("POST", "/referrals", &[("host", "evil.example")], 400),
        ("GET", "/", &[("host", "evil.example")], 400),
        ("POST", "/sign-in/demo", &large, 0),
    ] {
        let asked = ask(&site, &cookie, method, path, more).await;
        let what = format!("{method} {path} {more:?} ({})", asked.status);
        assert!(expected == 0 && asked.status.is_client_error() || asked.status == expected, "{what}");
        is_strict(&asked, true, &what);
        is_kept_by_nobody(&asked, &what);
    }
    world.relay.distrusted.store(true, Ordering::Relaxed);
    let asked = ask(&site, &cookie, "POST", "/referrals", &[]).await;
    assert_eq!(asked.status, 503);
    is_strict(&asked, true, "a refusal for now");
    is_kept_by_nobody(&asked, "a refusal for now");
}

#[tokio::test]
async fn only_files_that_never_change_are_kept_by_a_browser() {
    let world = World::on(Engine::Sqlite).await;
    let site = site(&world, "https://relay.example", &["relay.example"]);
    for url in [assets::css_url(), assets::js_url(), assets::icon_url()] {
        for encoding in ["identity", "gzip"] {
            let asked = ask(&site, "", "GET", url, &[("accept-encoding", encoding)]).await;
            assert_eq!(asked.status, 200);
            let kept: Vec<_> = asked.headers.get_all("cache-control").iter().collect();
            assert_eq!(kept, [assets::CACHE_CONTROL]);
            is_strict(&Asked { body: String::new(), ..asked }, true, url);
        }
    }
}
