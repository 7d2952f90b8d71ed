//! A second web door, in clear, that only sends people on to the first: whoever types the bare name comes
//! by `http://`, and should not meet silence there.
//!
//! Where it leads is `base_url` and never the request's own `Host`. Only reading is sent on: a form that
//! came in clear has been read on its way already, and is refused rather than asked for again. It says
//! nothing about HSTS, which does not count in clear (RFC 6797, 7.2). Nothing behind it is reachable, so a
//! crash costs a redirect.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, HeaderValue, LOCATION};
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::sync::watch as signal;

use super::web::{Front, Limits, serve};
use crate::web::headers;

/// Sends everybody on to `base_url` until the signal.
pub async fn redirect(listener: TcpListener, base_url: String, stop: signal::Receiver<bool>) {
    let there = Elsewhere { base_url: base_url.into() };
    serve(listener, Arc::new(Front::default()), there, stop, Limits::default()).await;
}

#[derive(Clone)]
struct Elsewhere {
    base_url: Arc<str>,
}

impl Service<Request<Incoming>> for Elsewhere {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        ready(Ok(answer(&self.base_url, request.method(), request.uri())))
    }
}

fn answer(base_url: &str, method: &Method, target: &Uri) -> Response<Empty<Bytes>> {
    let mut answer = Response::new(Empty::new());
    let (status, name, value) = match *method {
        Method::GET | Method::HEAD => {
            (StatusCode::PERMANENT_REDIRECT, LOCATION, HeaderValue::try_from(there(base_url, target)))
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, ALLOW, Ok(HeaderValue::from_static("GET, HEAD"))),
    };
    match value {
        Ok(value) => {
            *answer.status_mut() = status;
            answer.headers_mut().insert(name, value);
        }
        Err(_) => *answer.status_mut() = StatusCode::BAD_REQUEST,
    }
    headers::strict(answer.headers_mut(), false);
    answer
}

/// The same page behind TLS. An absolute-form target loses its authority.
fn there(base_url: &str, target: &Uri) -> String {
    let path = target.path_and_query().map_or("/", |path| path.as_str());
    if path.starts_with('/') { format!("{base_url}{path}") } else { format!("{base_url}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_to_the_base_url_and_nowhere_else() {
        for (target, expected) in [
            ("/", "https://relay.example/"),
            ("/inbox?page=2", "https://relay.example/inbox?page=2"),
            ("//evil.example/x", "https://relay.example//evil.example/x"),
            ("http://evil.example/x", "https://relay.example/x"),
            ("http://evil.example", "https://relay.example/"),
            ("/%0d%0aSet-Cookie:x", "https://relay.example/%0d%0aSet-Cookie:x"),
            ("*", "https://relay.example/"),
        ] {
            let answer = answer("https://relay.example", &Method::GET, &target.parse().unwrap());
            assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
            assert_eq!(answer.headers()[LOCATION], expected, "{target}");
        }
        let refused = answer("https://relay.example", &Method::POST, &Uri::from_static("/sign-in"));
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert!(!refused.headers().contains_key(LOCATION));
    }
}
