//! The web door as a browser meets it, through the router: somebody with a session asks, and the answer
//! is looked at.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use dutyline::domain::people::Person;
use dutyline::domain::sign_in::{Method, Stage};
use dutyline::people::{self, Begin, Token};
use dutyline::web::Site;
use tower::ServiceExt as _;

/// What came back.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub cached: String,
    pub body: String,
}

/// A session of somebody, kept over several requests.
#[derive(Clone)]
pub struct Browser {
    site: Arc<Site>,
    cookie: String,
}

impl Browser {
    /// Signed in, with a second factor checked just now.
    pub async fn of(site: &Arc<Site>, who: &Person) -> Self {
        Self::begun(site, who, Stage::Full, true).await
    }

    /// As far as this in signing in.
    pub async fn begun(site: &Arc<Site>, who: &Person, stage: Stage, checked: bool) -> Self {
        let checked = checked.then(|| site.relay.clock.now());
        let how = Begin { stage, method: Method::Password, checked, browser: "firefox-linux".to_owned() };
        let token = people::begin(&site.relay, who.id, how).await.expect("answers").expect("begins");
        Self::with(site, &token)
    }

    /// With this token.
    pub fn with(site: &Arc<Site>, token: &Token) -> Self {
        Self { site: site.clone(), cookie: format!("dutyline-demo={}", token.secret()) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, form).await
    }

    pub async fn ask(&self, method: &str, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(method, path, kind, form.to_owned()).await
    }

    /// A file by the page's own form.
    pub async fn upload(&self, path: &str, bytes: &str) -> Answer {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{bytes}\r\n--b--\r\n"
        );
        self.send("POST", path, "multipart/form-data; boundary=b", body).await
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", kind)
            .body(Body::from(body))
            .expect("a request");
        let answer = dutyline::web::router(self.site.clone()).oneshot(request).await.expect("answers");
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, location, cached) =
            (answer.status().as_u16(), header("location"), header("cache-control"));
        let body = to_bytes(answer.into_body(), 1 << 24).await.expect("a body");
        Answer { status, location, cached, body: String::from_utf8_lossy(&body).into_owned() }
    }
}
