//! Against a gateway on this machine itself, which checks each request as the real one does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::Sha256;

use super::super::key::tests::KEY;
use super::super::{Given, Texter};
use super::*;
use crate::domain::ids::LetterId;
use crate::domain::phone::Phone;

const NOW: Instant = Instant::from_micros(1_795_251_900_000_000);
const TEMPLATE: &str = "0b8d8f6e-1111-4222-8333-444444444444";

/// What the stand-in was asked: the path and the body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A gateway that answers as it is told, 201 when it is told nothing, and 403 whoever has no good token.
struct Gateway {
    at: String,
    asked: Asked,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
}

impl Gateway {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Self {
            at: format!("http://{}", listener.local_addr().expect("bound")),
            asked: Asked::default(),
            answers: Arc::default(),
        };
        let (asked, answers) = (gateway.asked.clone(), gateway.answers.clone());
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (asked, answers) = (asked.clone(), answers.clone());
                let service = service_fn(move |request| answer(request, asked.clone(), answers.clone()));
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        gateway
    }

    fn answers(&self, status: u16, error: &str) {
        let body =
            json!({ "status_code": status, "errors": [{ "error": error, "message": "07700 900123" }] });
        self.answers.lock().expect("unpoisoned").push_back((status, body));
    }

    fn texter(&self, key: &str) -> Texter {
        let settings = NotifySettings {
            base_url: format!("{}/", self.at),
            key: ApiKey::parse(key).expect("a key"),
            ca_pem: None,
            templates: vec![(Kind::TextCode, TEMPLATE.to_owned())],
        };
        Texter::Notify(Box::new(Notify::new(settings).expect("a client")))
    }
}

async fn answer(
    request: Request<Incoming>,
    asked: Asked,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let told = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, body) = if !is_ours(told) {
        (403, json!({ "errors": [{ "error": "AuthError", "message": "Invalid token" }] }))
    } else if let Some(next) = answers.lock().expect("unpoisoned").pop_front() {
        next
    } else if head.uri.path() == "/v2/templates" {
        (200, json!({ "templates": [{ "id": TEMPLATE.to_uppercase(), "type": "sms" }] }))
    } else {
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        let reference = body["reference"].clone();
        asked.lock().expect("unpoisoned").push((format!("{} {}", head.method, head.uri), body));
        (201, json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": reference }))
    };
    let answer = Response::builder().status(status).body(Full::new(Bytes::from(body.to_string())));
    Ok(answer.expect("an answer"))
}

/// Whether a token is signed with our secret and made within 30 seconds of [`NOW`].
fn is_ours(header: &str) -> bool {
    let Some(token) = header.strip_prefix("Bearer ") else { return false };
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let secret = &KEY[KEY.len() - 36..];
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    let good = URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok());
    let claims = signed.split_once('.').and_then(|(_, claims)| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Value = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let made = claims["iat"].as_i64().unwrap_or_default();
    good && claims["iss"] == KEY[KEY.len() - 73..KEY.len() - 37]
        && (made - NOW.micros() / 1_000_000).abs() <= 30
}

fn text(to: &str) -> Text {
    Text {
        id: LetterId::new(NOW, [7; 10]),
        kind: Kind::TextCode,
        to: Phone::parse(to).expect("a number"),
        given: Given { code: "012345".to_owned(), ..Given::default() },
        date: NOW,
    }
}

#[tokio::test]
async fn a_text_arrives_with_number_template_and_code_and_nothing_else() {
    let gateway = Gateway::start().await;
    let sent = gateway.texter(KEY).send(&text("07700 900 123")).await;
    assert_eq!(sent, TextOutcome::sent("201"));
    let asked = gateway.asked.lock().expect("unpoisoned").clone();
    let body = json!({
        "phone_number": "+447700900123",
        "template_id": TEMPLATE,
        "personalisation": { "code": "012345", "minutes": "15" },
        "reference": text("07700 900123").id.to_string(),
    });
    assert_eq!(asked, [("POST /v2/notifications/sms".to_owned(), body)]);
}

#[tokio::test]
async fn each_answer_says_whether_trying_again_may_help_and_repeats_no_number() {
    let gateway = Gateway::start().await;
    let texter = gateway.texter(KEY);
    for (status, error, outcome) in [
        (400, "ValidationError", TextOutcome::permanent("400-not-valid")),
        (400, "BadRequestError", TextOutcome::permanent("400-bad-request")),
        (403, "AuthError", TextOutcome::temporary("403-key-or-clock")),
        (429, "RateLimitError", TextOutcome::temporary("429-too-fast")),
        (429, "TooManyRequestsError", TextOutcome::temporary("429-too-many-today")),
        (500, "Exception", TextOutcome::temporary("500")),
        (503, "07700 900123", TextOutcome::temporary("503")),
        (302, "", TextOutcome::temporary("302")),
        (200, "", TextOutcome::temporary("200")),
    ] {
        gateway.answers(status, error);
        assert_eq!(texter.send(&text("07700 900123")).await, outcome, "{status} {error}");
    }
    gateway.answers.lock().expect("unpoisoned").push_back((400, json!("no list")));
    assert_eq!(texter.send(&text("07700 900123")).await, TextOutcome::permanent("400"));
    assert!(gateway.asked.lock().expect("unpoisoned").is_empty(), "none was taken");
}

#[tokio::test]
async fn a_wrong_key_or_clock_is_refused_by_the_stand_in_too() {
    let gateway = Gateway::start().await;
    let other = KEY.replace("eeeeeeeeeeee", "eeeeeeeeeeef");
    let refused = TextOutcome::temporary("403-key-or-clock");
    assert_eq!(gateway.texter(&other).send(&text("07700 900123")).await, refused);
    let late = Text { date: Instant::from_micros(NOW.micros() + 31_000_000), ..text("07700 900123") };
    assert_eq!(gateway.texter(KEY).send(&late).await, refused);
}

#[tokio::test]
async fn a_number_that_takes_no_texts_is_never_asked_for() {
    let gateway = Gateway::start().await;
    let sent = gateway.texter(KEY).send(&text("01632 960001")).await;
    assert_eq!(sent, TextOutcome::permanent("no-mobile"));
    assert!(gateway.asked.lock().expect("unpoisoned").is_empty());
}

#[tokio::test]
async fn where_nobody_listens_it_is_tried_again() {
    let settings = NotifySettings {
        base_url: "http://127.0.0.1:1".to_owned(),
        key: ApiKey::parse(KEY).expect("a key"),
        ca_pem: None,
        templates: vec![(Kind::TextCode, TEMPLATE.to_owned())],
    };
    let texter = Texter::Notify(Box::new(Notify::new(settings).expect("a client")));
    assert_eq!(texter.send(&text("07700 900123")).await, TextOutcome::temporary("unreachable"));
    let said = texter.check(NOW).await.expect_err("nobody").to_string();
    assert!(said.contains("does not answer (unreachable)"), "{said}");
}

#[tokio::test]
async fn the_doctor_asks_for_the_templates_and_sends_nothing() {
    let gateway = Gateway::start().await;
    assert!(gateway.texter(KEY).check(NOW).await.is_ok());
    let said = |error: TextError| error.to_string();
    let other = gateway.texter(&KEY.replace("eeeeeeeeeeee", "eeeeeeeeeeef"));
    let key = said(other.check(NOW).await.expect_err("another key"));
    assert!(key.contains("does not take our key"), "{key}");
    gateway.answers.lock().expect("unpoisoned").push_back((200, json!({ "templates": [] })));
    let none = said(gateway.texter(KEY).check(NOW).await.expect_err("no template"));
    assert!(none.contains("no template with the id of text-code"), "{none}");
    gateway.answers(500, "Exception");
    let down = said(gateway.texter(KEY).check(NOW).await.expect_err("down"));
    assert!(down.contains("it answered 500"), "{down}");
    assert!(gateway.asked.lock().expect("unpoisoned").is_empty());
}
