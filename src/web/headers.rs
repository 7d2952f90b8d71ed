//! What every answer carries, and what no request may lack.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::error::{Failed, PageError, failure_page};

/// No inline script, no third party, no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static REQUESTS: AtomicU64 = AtomicU64::new(1);

/// Numbers the request, checks the host, logs the matched route, sets the headers.
pub async fn every_answer(site: State, request: Request, next: Next) -> Response {
    let number = format!("{:06}", REQUESTS.fetch_add(1, Ordering::Relaxed));
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let is_asset = route == "/assets/{name}";
    let answer = match host_is_ours(&site, &request) {
        true => next.run(request).await,
        false => PageError::BadRequest.into_response(),
    };
    let status = answer.status();
    let mut answer = match answer.extensions().get::<Failed>().cloned() {
        Some(failed) => failure_page(&site, &failed, &answer, &number, handed_over(&method, &route)),
        None => answer,
    };
    tracing::info!(request = %number, %method, route, status = status.as_u16(), "answered");
    set_headers(&mut answer, site.secure, is_asset);
    answer
}

/// Whether a parent may hold the screen that this answer goes to.
fn handed_over(method: &Method, route: &str) -> bool {
    method == Method::POST && route == "/drafts/{id}/agreement"
}

fn host_is_ours(site: &super::Site, request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let named =
        |host: &str, ours: &str| host == ours || host.rsplit_once(':').is_some_and(|(name, _)| name == ours);
    site.hosts.is_empty() || host.is_some_and(|host| site.hosts.iter().any(|ours| named(host, ours)))
}

fn set_headers(answer: &mut Response, secure: bool, is_asset: bool) {
    let headers = answer.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    );
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if !is_asset {
        set(header::CACHE_CONTROL, "no-store");
    }
}

/// A change that carries neither `Sec-Fetch-Site` nor `Origin` is refused: every browser of the last
/// years sends one of them, and nothing else has business here.
pub async fn refuse_unmarked_changes(request: Request, next: Next) -> Response {
    let marked =
        request.headers().contains_key("sec-fetch-site") || request.headers().contains_key(header::ORIGIN);
    if request.method() == Method::POST && !marked {
        return PageError::CrossSite.into_response();
    }
    next.run(request).await
}
