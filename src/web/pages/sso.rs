//! Single sign-on in the browser: off to the provider, back from it, and what is said when it fails.
//!
//! The way out is a page and not a redirect: `form-action 'self'` also covers where a form's answer
//! redirects to, and a provider may send people on to others that nobody here knows. The way back is a
//! GET that finishes a sign-in, because OpenID Connect is made so; it does something only in the browser
//! with the cookie of the ceremony, once.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::access::{Session, cookie, cookie_named};
use super::super::browser::Browser;
use super::super::error::PageError;
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::sign_in::own_path;
use crate::people::Token;
use crate::people::sso::{self, Answer, Bearer, Finished, NoFit, Provider, SsoError};

#[derive(Template)]
#[template(path = "pages/sso_go.html")]
struct Go {
    shell: Shell,
    name: String,
    address: String,
}

/// What a provider puts behind the question mark.
#[derive(Deserialize)]
pub struct Returned {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    iss: String,
}

/// Id and name of each provider, for the sign-in page.
pub(super) fn buttons(site: &Site) -> Vec<(String, String)> {
    site.sso.iter().map(|one| (one.settings.id.clone(), one.settings.name.clone())).collect()
}

/// `POST /sign-in/sso/{provider}`
pub async fn begin(site: State, Path(id): Path<String>, Protected(form): Protected) -> Page {
    go(&site, &id, &own_path(form.get("next")), None).await
}

/// `POST /sign-in/sso/{provider}/again`: whoever is signed in shows again who they are.
pub async fn again(
    site: State,
    Path(id): Path<String>,
    session: Session,
    Protected(form): Protected,
) -> Page {
    if !session.is_whole() {
        return Err(PageError::NotFound);
    }
    go(&site, &id, &own_path(form.get("next")), Some(&session.token)).await
}

async fn go(site: &Site, id: &str, next: &str, again: Option<&Token>) -> Page {
    let provider = provider(site, id)?;
    let begun = sso::begin(&site.relay, provider, next, again).await?;
    let name = provider.settings.name.clone();
    let shell = shell(site, &format!("Going to {name}"), None, "");
    let page = page(Go { shell, name, address: begun.address })?;
    Ok(keeping(site, Some(&begun.browser), page))
}

/// `GET /sign-in/sso/{provider}/callback`
pub async fn callback(
    site: State,
    Path(id): Path<String>,
    returned: Result<Query<Returned>, QueryRejection>,
    Browser(name): Browser,
    session: Option<Extension<Session>>,
    headers: HeaderMap,
) -> Response {
    let bearer = Bearer {
        browser: cookie_named(&headers, cookie_name(&site)),
        session: session.map(|Extension(session)| (session.token, session.now)),
        name: name.to_owned(),
    };
    let Ok(Query(returned)) = returned else { return PageError::BadRequest.into_response() };
    match come_back(&site, &id, returned, bearer).await {
        Ok(answer) => keeping(&site, None, answer),
        // A stranger's link must not end the ceremony that this browser has under way.
        Err(error @ PageError::SingleSignOn(SsoError::Ceremony)) => error.into_response(),
        Err(error) => keeping(&site, None, error.into_response()),
    }
}

async fn come_back(site: &Site, id: &str, returned: Returned, bearer: Bearer) -> Page {
    let provider = provider(site, id)?;
    let Returned { state, code, error, iss } = returned;
    let answer = Answer { state, code, error, issuer: iss };
    match sso::finish(&site.relay, provider, &answer, bearer).await? {
        Finished::SignedIn(token, next) => {
            let begun = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(&token)))]);
            Ok((begun, Redirect::to(&next)).into_response())
        }
        Finished::Checked(next) => Ok(Redirect::to(&next).into_response()),
    }
}

fn provider<'a>(site: &'a Site, id: &str) -> Result<&'a Provider, PageError> {
    site.sso.iter().find(|one| one.settings.id == id).ok_or(PageError::NotFound)
}

/// The name of the cookie that binds a ceremony to its browser.
fn cookie_name(site: &Site) -> &'static str {
    if site.secure { "__Host-dutyline-sso" } else { "dutyline-sso-demo" }
}

/// The answer, with the ceremony's cookie kept or taken away. It comes back from the provider's page, so
/// it is `Lax`.
fn keeping(site: &Site, token: Option<&Token>, mut answer: Response) -> Response {
    let secure = if site.secure { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", 0), |token| (token.secret(), sso::CEREMONY / 1_000_000));
    let cookie =
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(site));
    if let Ok(cookie) = cookie.parse() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The status of a failure.
pub(in super::super) fn status(error: &SsoError) -> StatusCode {
    match error {
        SsoError::Ceremony => StatusCode::BAD_REQUEST,
        SsoError::Provider(_) | SsoError::Token(_) => StatusCode::BAD_GATEWAY,
        SsoError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    }
}

/// A failure in words: a heading, and what to do. Whoever reads them may be anybody, so they say nothing
/// about who is known here.
pub(in super::super) fn words(error: &SsoError) -> (&'static str, &'static [&'static str]) {
    match error {
        SsoError::Ceremony => (
            "Sign in again",
            &[
                "You took longer than 10 minutes, used an old page, or began in another browser.",
                "Go to the sign-in page and begin again in this browser.",
            ],
        ),
        SsoError::Declined(_) => (
            "You are not signed in",
            &[
                "Your organisation’s sign-in did not let you through, or you stopped it.",
                "Try again. If it happens again, ask the people who look after your work account.",
            ],
        ),
        SsoError::Provider(_) | SsoError::Token(_) | SsoError::Store(_) => (
            "We could not check your sign-in",
            &[
                "Something went wrong between us and your organisation’s sign-in. It is not your mistake.",
                "Try again in a few minutes. If it happens again, tell the person who runs this service.",
            ],
        ),
        SsoError::Address => (
            "We could not find you by your email address",
            &[
                "Your organisation’s sign-in did not tell us a work email address that it has checked.",
                "Ask the people who look after your work account.",
            ],
        ),
        SsoError::Waits => (
            "Somebody has to approve your access first",
            &[
                "Your work account is in order. Before you can see families’ referrals, somebody has to approve it. They find your request when they sign in.",
                "Ask your duty lead or the information governance lead to look. Then sign in again.",
            ],
        ),
        SsoError::OtherWay => (
            "Sign in another way",
            &["People with your role do not sign in this way here. Choose another way on the sign-in page."],
        ),
        SsoError::NotChecked => (
            "Show again who you are",
            &[
                "You are still signed in, but we could not see that it was you just now.",
                "Try again: sign in at your organisation with your own account, and type your password there.",
            ],
        ),
        SsoError::NoFit(NoFit::Organisation | NoFit::Role | NoFit::Rule)
        | SsoError::Organisation
        | SsoError::Unknown
        | SsoError::Disabled => (
            "You cannot use dutyline with this account",
            &[
                "Your work account is in order, but it is not set up here, or no longer.",
                "In an early years setting, ask your manager. On a duty line, ask your duty lead. Anybody else asks the person who runs this service.",
            ],
        ),
    }
}
