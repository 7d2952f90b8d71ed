//! Games with the host of a request, against the whole web door over real sockets: only our own names are
//! answered, and nothing is ever built from what the request says.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::app::doors::{self, Front};
use dutyline::web::Site;
use dutyline::web::routes::ROUTES;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::headers::{filled_in, site};
use super::support::ask;
use crate::support::{Engine, World};

async fn door(site: Arc<Site>) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(doors::web(listener, Front::default(), dutyline::web::router(site), stopped));
    (port, stop)
}

async fn first_line(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connects");
    ask(&mut stream, request).await.0.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let world = World::on(Engine::Sqlite).await;
    let (port, _stop) = door(site(&world, "https://relay.example:8443", &["relay.example"])).await;
    for (target, headers, expected) in [
        ("/healthz", "Host: relay.example", "200"),
        ("/healthz", "Host: RELAY.Example", "200"),
        ("/healthz", "Host: relay.example:8443", "200"),
        ("/healthz", "Host: relay.example:443", "200"),
        ("http://relay.example/healthz", "Host: relay.example", "200"),
        ("/healthz", "Host: evil.example", "400"),
        ("/healthz", "Host: relay.example:8080", "400"),
        ("/healthz", "Host: relay.example.", "400"),
        ("/healthz", "Host: relay.example:443@evil.example", "400"),
        ("/healthz", "Host: relay.example, evil.example", "400"),
        ("/healthz", "Host: relay.example\r\nHost: relay.example", "400"),
        ("/healthz", "Host: relay.example\r\nHost: evil.example", "400"),
        ("/healthz", "Host:", "400"),
        ("/healthz", "X-Forwarded-Host: relay.example", "400"),
        ("/healthz", "Host: evil.example\r\nX-Forwarded-Host: relay.example", "400"),
        ("http://evil.example/healthz", "Host: relay.example", "400"),
        ("http://relay.example/healthz", "Host: evil.example", "400"),
        ("http://relay.example@evil.example/healthz", "Host: relay.example", "400"),
        ("//evil.example/healthz", "Host: relay.example", "404"),
    ] {
        let line = first_line(port, &format!("GET {target} HTTP/1.1\r\n{headers}\r\n\r\n")).await;
        assert!(line.starts_with(&format!("http/1.1 {expected}")), "{target} {headers}: {line}");
    }
    let old = first_line(port, "GET /healthz HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("http/1.0 400"), "no host at all: {old}");
    let tunnel = first_line(port, "CONNECT evil.example:25 HTTP/1.1\r\nHost: relay.example\r\n\r\n").await;
    assert!(tunnel.starts_with("http/1.1 400"), "{tunnel}");
}

/// What is no HTTP is answered by the HTTP library, with nothing in it, and the connection is closed.
#[tokio::test]
async fn what_is_no_http_is_refused_with_an_empty_answer() {
    let world = World::on(Engine::Sqlite).await;
    let (port, _stop) = door(site(&world, "https://relay.example", &["relay.example"])).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: relay.example\r\n\r\n", "x".repeat(70_000));
    let wide = format!("GET / HTTP/1.1\r\nHost: relay.example\r\nX: {}\r\n\r\n", "x".repeat(600_000));
    for request in ["EHLO evil.example\r\n\r\n", "GET / HTTP/9\r\n\r\n", &long, &wide] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connects");
        let (head, body) = ask(&mut stream, request).await;
        let shown = head.get(..200).unwrap_or(&head);
        assert!(head.is_empty() || head.starts_with("http/1.1 4"), "{shown}");
        assert!(body.is_empty() && !head.contains("set-cookie") && !head.contains("server:"), "{shown}");
    }
}

/// Every page and every redirect, asked for under another name that is ours, under a stranger's where any
/// is taken, and with a forwarding header: the name is nowhere in the answer.
#[tokio::test]
async fn nothing_is_built_from_the_host_of_a_request() {
    let world = World::on(Engine::Sqlite).await;
    let named = site(&world, "https://relay.example", &["relay.example", "second.example"]);
    let any = site(&world, "https://relay.example", &[]);
    for route in ROUTES {
        for site in [&named, &any] {
            let request = Request::builder()
                .method(route.method)
                .uri(filled_in(route.path))
                .header("host", "second.example")
                .header("x-forwarded-host", "second.example")
                .header("forwarded", "host=second.example")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::empty())
                .expect("a request");
            let answer = dutyline::web::router(site.clone()).oneshot(request).await.expect("answers");
            let (parts, body) = answer.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let said = format!("{:?} {}", parts.headers, String::from_utf8_lossy(&body));
            assert!(!said.contains("second.example"), "{} {}: {said}", route.method, route.path);
        }
    }
}
