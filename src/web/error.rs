//! The one place where a failure becomes an answer: a title, a fixed sentence, a way forward. What
//! caused it goes to the log, once; nothing typed and nothing about a child goes anywhere.

use std::any::Any;

use askama::Template;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::Site;
use super::access::Who;
use super::page::shell;
use super::pages::sso;
use super::shell::{Back, Shell};
use crate::casework::CaseworkError;
use crate::family::FamilyError;
use crate::people::sso::SsoError;
use crate::pipeline::PipelineError;
use crate::store::StoreError;

/// What a handler can answer instead of a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Not there, or not the asker's.
    #[error("not found")]
    NotFound,
    /// The request does not make sense.
    #[error("bad request")]
    BadRequest,
    /// Sent from another site, or by something that is no browser.
    #[error("cross-site")]
    CrossSite,
    /// Over a size limit.
    #[error("too large")]
    TooLarge,
    /// Somebody else was first.
    #[error("changed meanwhile")]
    Conflict,
    /// What is stored is not what was sealed.
    #[error("tampered: {0}")]
    Tampered(String),
    /// The content was erased.
    #[error("erased")]
    Erased,
    /// Not now: the store cannot be used, or its answer is not known.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Ours.
    #[error("internal: {0}")]
    Internal(String),
    /// A single sign-on that did not work.
    #[error("single sign-on: {0}")]
    SingleSignOn(SsoError),
}

impl From<SsoError> for PageError {
    fn from(error: SsoError) -> Self {
        match error {
            SsoError::Store(error) => error.into(),
            other => PageError::SingleSignOn(other),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_) => PageError::NotFound,
            StoreError::Conflict(_) => PageError::Conflict,
            StoreError::Tampered(what) => PageError::Tampered(what),
            StoreError::Unavailable(_) | StoreError::Unknown(_) => PageError::Unavailable(error.to_string()),
            other => PageError::Internal(other.to_string()),
        }
    }
}

impl From<PipelineError> for PageError {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Missing => PageError::NotFound,
            PipelineError::Conflict | PipelineError::Sent(_) => PageError::Conflict,
            PipelineError::Erased => PageError::Erased,
            PipelineError::Refused(_) => PageError::BadRequest,
            PipelineError::Tampered(what) => PageError::Tampered(what),
            PipelineError::Store(error) => error.into(),
        }
    }
}

impl From<CaseworkError> for PageError {
    fn from(error: CaseworkError) -> Self {
        match error {
            CaseworkError::Missing => PageError::NotFound,
            CaseworkError::Erased => PageError::Erased,
            CaseworkError::Conflict => PageError::Conflict,
            CaseworkError::Refused(_) => PageError::BadRequest,
            CaseworkError::Tampered(what) => PageError::Tampered(what),
            CaseworkError::Store(error) => error.into(),
        }
    }
}

impl From<FamilyError> for PageError {
    fn from(error: FamilyError) -> Self {
        match error {
            FamilyError::Missing => PageError::NotFound,
            FamilyError::Conflict => PageError::Conflict,
            FamilyError::Refused(_) => PageError::BadRequest,
            FamilyError::Tampered(what) => PageError::Tampered(what),
            FamilyError::Store(error) => error.into(),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        PageError::Internal(error.to_string())
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::BadRequest => StatusCode::BAD_REQUEST,
            PageError::CrossSite => StatusCode::FORBIDDEN,
            PageError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            PageError::Conflict => StatusCode::CONFLICT,
            PageError::Erased => StatusCode::GONE,
            PageError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            PageError::Tampered(_) | PageError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            PageError::SingleSignOn(error) => sso::status(error),
        }
    }

    fn words(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            PageError::NotFound => (
                "Page not found",
                &[
                    "If you typed the address, check that it is right.",
                    "It may also be something that your role cannot open.",
                ],
            ),
            PageError::BadRequest => {
                ("This did not work", &["Go back, check what you entered and try again."])
            }
            PageError::CrossSite => {
                ("This did not work", &["The form has to be sent from this site. Go back and try again."])
            }
            PageError::TooLarge => {
                ("This is too large", &["A file can have up to 10 MB. Go back and choose a smaller one."])
            }
            PageError::Conflict => (
                "This was changed meanwhile",
                &["Somebody, perhaps you in another window, changed it first. Look at it again."],
            ),
            PageError::Erased => {
                ("This has been erased", &["What was here was erased when its time had come."])
            }
            PageError::Tampered(_) => (
                "This record cannot be shown",
                &[
                    "What is stored is not what was sealed. Tell the person who runs this service and say the number below.",
                ],
            ),
            PageError::Unavailable(_) => (
                "Try again in a few minutes",
                &["Nothing was sent. What you had saved before is still there."],
            ),
            PageError::Internal(_) => {
                ("Something went wrong", &["It is our mistake. Try again in a few minutes."])
            }
            PageError::SingleSignOn(error) => sso::words(error),
        }
    }
}

/// What `headers::every_answer` turns into a page, once it knows the request's number.
#[derive(Clone)]
pub(super) struct Failed {
    heading: &'static str,
    sentences: &'static [&'static str],
    /// What went wrong with a single sign-on, for the log beside the request's number: the page shows
    /// that number and leads to the sign-in page.
    sso: Option<String>,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = self.status();
        let sso = if let PageError::SingleSignOn(error) = &self { Some(error.to_string()) } else { None };
        if status.is_server_error() && sso.is_none() {
            tracing::error!(cause = %self, "a page could not be shown");
        }
        let (heading, sentences) = self.words();
        let mut response = (status, Body::empty()).into_response();
        response.extensions_mut().insert(Failed { heading, sentences, sso });
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    heading: &'static str,
    sentences: &'static [&'static str],
    way_forward: Option<Back>,
    request_number: String,
}

/// The page of a failure. A person whose session is known keeps name, menu and way out: without them
/// the page would look like being signed out.
///
/// `handed_over`: a parent may hold the screen, and the page leads nowhere.
pub(super) fn failure_page(
    site: &Site,
    failed: &Failed,
    answer: &Response,
    number: &str,
    handed_over: bool,
) -> Response {
    let who = answer.extensions().get::<Who>().map(|Who(person)| person);
    let status = answer.status();
    let whole = shell(site, failed.heading, who, "");
    let (href, label) = match (&failed.sso, who) {
        (Some(_), None) => ("/sign-in", "Go to the sign-in page"),
        (Some(_), Some(_)) => ("/sign-in/again", "Try again"),
        (None, _) => ("/", "Go to the start page"),
    };
    let start = Back { href: href.to_owned(), label: label.to_owned() };
    if let Some(cause) = &failed.sso {
        tracing::warn!(request = %number, cause, "a single sign-on did not work");
    }
    let page = ErrorPage {
        shell: if handed_over { whole.handed_over() } else { whole },
        heading: failed.heading,
        sentences: failed.sentences,
        way_forward: (!handed_over).then_some(start),
        request_number: match status.is_server_error() || failed.sso.is_some() {
            true => number.to_owned(),
            false => String::new(),
        },
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, failed.heading).into_response(),
    }
}

/// The answer to a path that no route has.
pub(super) async fn not_found() -> PageError {
    PageError::NotFound
}

/// The answer to a panic; its words may hold anything, so they are not logged here.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    PageError::Internal("a handler panicked".to_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::super::pages::referral::testing::World;
    use super::*;
    use crate::domain::people::Role;

    #[tokio::test]
    async fn a_signed_in_person_stays_signed_in_on_an_error_page() {
        let world = World::new().await;
        let duty = world.person(Role::Duty, "canterbury").await;
        for path in ["/no-such-page", "/referrals/no-such-id", "/trail"] {
            let answer = world.get(Some(&duty), path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            for words in
                ["Pat Duty practitioner", "Sign out", "href=\"/inbox/held\"", "your role cannot open"]
            {
                assert!(answer.body.contains(words), "{words} on {path}: {}", answer.body);
            }
        }
        let odd = world.post(Some(&duty), "/referrals/no-such-id/acknowledge", "").await;
        assert!(odd.body.contains("Sign out"), "{}", odd.body);
        let stranger = world.get(None, "/no-such-page").await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
        assert!(stranger.body.contains("Page not found") && !stranger.body.contains("Sign out"));
    }
}
