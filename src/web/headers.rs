//! What every answer carries, and what no request may lack.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::{Failed, PageError, failure_page};
use super::{State, host};

/// No inline script, no third party, no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Everything that a page could ask a browser for is off, but for this site's own passkeys. Names that
/// Chromium does not know are left out: it would complain about them on every page.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
    clipboard-read=(), clipboard-write=(), compute-pressure=(), display-capture=(), encrypted-media=(), \
    fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), \
    idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), \
    otp-credentials=(), payment=(), picture-in-picture=(), publickey-credentials-create=(self), \
    publickey-credentials-get=(self), screen-wake-lock=(), serial=(), storage-access=(), sync-xhr=(), \
    usb=(), window-management=(), xr-spatial-tracking=()";

/// Two years, as the preload lists want it.
const ONLY_TLS: &str = "max-age=63072000; includeSubDomains";

static REQUESTS: AtomicU64 = AtomicU64::new(1);

/// Numbers the request, checks the host, logs the matched route, sets the headers.
pub async fn every_answer(site: State, request: Request, next: Next) -> Response {
    let number = format!("{:06}", REQUESTS.fetch_add(1, Ordering::Relaxed));
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let is_asset = route == "/assets/{name}";
    let answer = match host::is_ours(&site.hosts, &site.base_url, request.headers(), request.uri()) {
        true => next.run(request).await,
        false => PageError::BadRequest.into_response(),
    };
    let status = answer.status();
    let mut answer = match answer.extensions().get::<Failed>().cloned() {
        Some(failed) => failure_page(&site, &failed, &answer, &number, handed_over(&method, &route)),
        None => answer,
    };
    tracing::info!(request = %number, %method, route, status = status.as_u16(), "answered");
    let kept =
        answer.headers().get(header::CACHE_CONTROL).filter(|_| is_asset && status.is_success()).cloned();
    strict(answer.headers_mut(), site.secure);
    if answer.extensions().get::<Alone>().is_some() {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ALONE));
    }
    if let Some(kept) = kept {
        answer.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    answer
}

/// Whether a parent may hold the screen that this answer goes to.
fn handed_over(method: &Method, route: &str) -> bool {
    method == Method::POST && route == "/drafts/{id}/screen"
}

/// An answer that is a picture and nothing else.
#[derive(Clone, Copy)]
struct Alone;

/// Nothing is loaded, run or framed by it, should a browser take it for a page after all.
const ALONE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A picture that was drawn here, to be shown inside a page: under our own type and name.
pub fn picture(jpeg: Vec<u8>, number: u64) -> Response {
    let name = format!("inline; filename=\"signed-paper-{number}.jpg\"");
    let kind = (header::CONTENT_TYPE, "image/jpeg".to_owned());
    let mut answer = ([kind, (header::CONTENT_DISPOSITION, name)], jpeg).into_response();
    answer.extensions_mut().insert(Alone);
    answer
}

/// Sets what every answer carries, whoever makes it: the pages, the door that only redirects. An answer is
/// kept by nobody (`no-store`). `secure`: people reach us over TLS, our own or a proxy's, so that a browser
/// may be told to come no other way (RFC 6797, 7.2: never in clear).
pub fn strict(headers: &mut HeaderMap, secure: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
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
