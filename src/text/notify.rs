//! The gateway, as GOV.UK Notify describes its interface: a text is a POST of number, template and what is
//! filled in; 201 says that it was taken, anything else comes with a list of errors.
//!
//! | status | what it means | what we do |
//! |---|---|---|
//! | 201 | taken | sent |
//! | 400 | this number or this text cannot be sent | never again |
//! | 401, 403 | our key or our clock is not right | again, until somebody has mended it |
//! | 429 | too many a minute, or today | again |
//! | 5xx, anything else, no answer | the gateway's fault, or the way there | again |
//!
//! The sentence in an error may repeat the number, so it goes nowhere: only its kind does.

use std::time::Duration;

use hyper::{Method, Request, StatusCode};
use serde::Deserialize;

use super::http::{Http, NoAnswer};
use super::{ApiKey, Kind, Text, TextError, TextOutcome};
use crate::domain::time::Instant;

/// Where texts are sent to, behind the base address.
const SEND: &str = "/v2/notifications/sms";
/// Where the templates are listed.
const TEMPLATES: &str = "/v2/templates?type=sms";
/// How far the gateway lets clocks differ.
const CLOCK: Duration = Duration::from_secs(30);

/// How the gateway is asked.
pub struct NotifySettings {
    /// Its address, such as `https://api.notifications.service.gov.uk`.
    pub base_url: String,
    /// Our key there.
    pub key: ApiKey,
    /// Certificates to trust in place of the system's, PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// The gateway's template for each kind.
    pub templates: Vec<(Kind, String)>,
}

/// The gateway.
pub struct Notify {
    http: Http,
    base: String,
    key: ApiKey,
    templates: Vec<(Kind, String)>,
}

/// What the gateway says when it refuses.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    error: String,
}

/// The templates that the gateway has.
#[derive(Deserialize)]
struct Listed {
    templates: Vec<Template>,
}

#[derive(Deserialize)]
struct Template {
    id: String,
}

impl Notify {
    /// A client of the gateway. Connects to nothing yet.
    ///
    /// # Errors
    /// [`TextError::Address`], [`TextError::Certificates`].
    pub fn new(settings: NotifySettings) -> Result<Self, TextError> {
        let NotifySettings { base_url, key, ca_pem, templates } = settings;
        let http = Http::new(&base_url, ca_pem.as_deref())?;
        Ok(Self { http, base: base_url.trim_end_matches('/').to_owned(), key, templates })
    }

    pub(super) async fn send(&self, text: &Text) -> TextOutcome {
        let Some((_, template)) = self.templates.iter().find(|(kind, _)| *kind == text.kind) else {
            return TextOutcome::permanent("no-template");
        };
        let filled = text.kind.personalisation(&text.given);
        let filled: serde_json::Map<String, serde_json::Value> =
            filled.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let body = serde_json::json!({
            "phone_number": text.to.e164(),
            "template_id": template,
            "personalisation": filled,
            "reference": text.id.to_string(),
        });
        match self.ask(Method::POST, SEND, body.to_string().into_bytes(), text.date).await {
            Ok((status, bytes)) => outcome(status, &bytes),
            Err(none) => TextOutcome::temporary(none.word()),
        }
    }

    /// Whether the gateway knows our key and has the templates; sends nothing.
    ///
    /// # Errors
    /// [`TextError::Gateway`], with what to do.
    pub(super) async fn check(&self, now: Instant) -> Result<(), TextError> {
        let wrong = |why: String| Err(TextError::Gateway(why));
        let (status, bytes) = match self.ask(Method::GET, TEMPLATES, Vec::new(), now).await {
            Ok(answer) => answer,
            Err(none) => return wrong(format!("{} does not answer ({})", self.base, none.word())),
        };
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return wrong(format!(
                "it does not take our key: correct the key file, and this machine’s clock to within {} seconds",
                CLOCK.as_secs()
            ));
        }
        let Some(listed) = Some(bytes)
            .filter(|_| status == StatusCode::OK)
            .and_then(|bytes| serde_json::from_slice::<Listed>(&bytes).ok())
        else {
            return wrong(format!("it answered {} when it was asked for its templates", status.as_u16()));
        };
        let there = |id: &str| listed.templates.iter().any(|one| one.id.eq_ignore_ascii_case(id));
        match self.templates.iter().find(|(_, id)| !there(id)) {
            Some((kind, _)) => wrong(format!("it has no template with the id of {}", kind.code())),
            None => Ok(()),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        now: Instant,
    ) -> Result<(StatusCode, Vec<u8>), NoAnswer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.key.token(now)))
            .header("content-type", "application/json")
            .header("user-agent", "dutyline")
            .body(body);
        match request {
            Ok(request) => self.http.ask(request).await,
            Err(_) => Err(NoAnswer::Unreachable),
        }
    }
}

/// What an answer means.
fn outcome(status: StatusCode, bytes: &[u8]) -> TextOutcome {
    let number = status.as_u16();
    if status == StatusCode::CREATED {
        return TextOutcome::sent(number.to_string());
    }
    let refusal: Refusal = serde_json::from_slice(bytes).unwrap_or_default();
    let word = refusal.errors.first().map_or("", |fault| word(&fault.error));
    let code = if word.is_empty() { number.to_string() } else { format!("{number}-{word}") };
    tracing::warn!(status = number, word, "the text gateway did not take a text");
    match number {
        400 => TextOutcome::permanent(code),
        _ => TextOutcome::temporary(code),
    }
}

/// The kinds of error that are known, as words of our own.
fn word(error: &str) -> &'static str {
    match error {
        "ValidationError" => "not-valid",
        "BadRequestError" => "bad-request",
        "AuthError" => "key-or-clock",
        "RateLimitError" => "too-fast",
        "TooManyRequestsError" => "too-many-today",
        _ => "",
    }
}

#[cfg(test)]
#[path = "notify_tests.rs"]
mod tests;
