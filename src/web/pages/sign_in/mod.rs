//! Signing in and out: an address and a password, then a second factor ([`second`]); a link; in the demo
//! one click. All use the same sessions and rights.

pub mod forgotten;
pub mod second;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::access::{Session, cookie};
use super::super::browser::Browser;
use super::super::device::{self, Device};
use super::super::error::PageError;
use super::super::field::{Field, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::peer::Peer;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::invitation::gone;
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::people::{self, Attempt, FirstStep, Token};
use crate::store::people as rows;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    shell: Shell,
    ended: String,
    errors: Vec<(String, String)>,
    address: Field,
    password: Field,
    people: Vec<Person>,
    next: String,
    passkeys: String,
    /// Single sign-on: id and name of each provider.
    providers: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/sign_in_link.html")]
struct Link {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "pages/sign_in/wait.html")]
struct Wait {
    shell: Shell,
    wait: String,
}

/// What may stand behind the question mark of the sign-in page.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    ended: String,
}

/// `GET /sign-in`
pub async fn show(site: State, Query(asked): Query<Asked>) -> Page {
    page(sign_in(&site, &asked.next, &asked.ended, None).await?)
}

/// The page; after a refusal with the address that was typed.
async fn sign_in(site: &Site, next: &str, ended: &str, refused: Option<&str>) -> Result<SignIn, PageError> {
    let people = match &site.demo {
        Some(_) => rows::everybody(&mut site.relay.store.read().await?).await?,
        None => Vec::new(),
    };
    let wrong = refused.map(|_| "The email address or the password is not right");
    let address = Field::new("address", "Email address").email().autocomplete("username webauthn");
    let address = address.value(refused.unwrap_or_default()).error(wrong);
    let password = Field::new("password", "Password").password().autocomplete("current-password");
    let errors = error_list(&[&address, &password]);
    let shell = shell(site, "Sign in", None, "").error(!errors.is_empty());
    let ended = ended.to_owned();
    Ok(SignIn {
        shell,
        ended,
        errors,
        address,
        password,
        people,
        next: own_path(next),
        passkeys: site.passkey_host(),
        providers: super::sso::buttons(site),
    })
}

/// `POST /sign-in/password`: the first step.
pub async fn password(
    site: State,
    Browser(browser): Browser,
    Peer(peer): Peer,
    Device(device): Device,
    Protected(form): Protected,
) -> Page {
    let attempt = Attempt {
        address: form.get("address").to_owned(),
        password: Zeroizing::new(form.get("password").to_owned()),
        peer,
        device,
        browser: browser.to_owned(),
    };
    match people::by_password(&site.relay, attempt).await? {
        FirstStep::Wait(seconds) => wait_page(&site, seconds),
        FirstStep::Begun(token) => {
            let next = own_path(form.get("next"));
            signed_in(&site, &token, &format!("/sign-in/second?next={next}"))
        }
        FirstStep::Refused => {
            let again = sign_in(&site, form.get("next"), "", Some(form.get("address"))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(again)?).into_response())
        }
    }
}

/// "Too many tries": 429, with how long to wait.
pub(super) fn wait_page(site: &Site, seconds: i64) -> Page {
    let body =
        page(Wait { shell: shell(site, "Wait before you try again", None, ""), wait: in_words(seconds) })?;
    let later = AppendHeaders([(header::RETRY_AFTER, seconds.to_string())]);
    Ok((StatusCode::TOO_MANY_REQUESTS, later, body).into_response())
}

/// Such as `1 second` or `3 minutes`, upwards.
fn in_words(seconds: i64) -> String {
    let (n, unit) = if seconds < 60 { (seconds, "second") } else { ((seconds + 59) / 60, "minute") };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

/// `POST /sign-in/demo`: there is no such door but in the demo.
pub async fn demo(site: State, Browser(browser): Browser, Protected(form): Protected) -> Page {
    if site.demo.is_none() {
        return Err(PageError::NotFound);
    }
    let person = form.get("person").parse().map_err(|_| PageError::NotFound)?;
    let token = people::sign_in_to_demo(&site.relay, person, browser).await?.ok_or(PageError::NotFound)?;
    signed_in(&site, &token, &own_path(form.get("next")))
}

/// `GET /sign-in/link/{token}`: looking at a link uses nothing up.
pub async fn link(site: State, Path(_): Path<String>) -> Page {
    page(Link { shell: shell(&site, "Sign in", None, "") })
}

/// `POST /sign-in/link/{token}`
pub async fn use_link(site: State, Browser(browser): Browser, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    match people::use_link(&site.relay, &link, browser).await? {
        Some(token) => signed_in(&site, &token, "/"),
        None => {
            gone(&site, "It was used before, or it is too old. Ask whoever gave it to you for a new one.")
        }
    }
}

/// `POST /sign-out`
pub async fn out(site: State, session: Session) -> Page {
    people::sign_out(&site.relay, &session.token, &session.now).await?;
    let forget = (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"".to_owned());
    let ended = AppendHeaders([(header::SET_COOKIE, cookie(&site, None)), forget]);
    Ok((ended, Redirect::to("/sign-in")).into_response())
}

fn signed_in(site: &Site, token: &Token, next: &str) -> Page {
    let begun = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(token)))]);
    Ok((begun, Redirect::to(next)).into_response())
}

/// Puts the cookies of a whole session on an answer: the session's, and the device's when the browser
/// `carries` none of this person's yet. For every way that ends in being signed in.
///
/// # Errors
/// The store's.
pub async fn wholly_signed_in(
    site: &Site,
    (token, person): (&Token, PersonId),
    carries: Option<&Token>,
    answer: Response,
) -> Page {
    let session = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(token)))]);
    Ok(match people::devices::remember(&site.relay, person, carries).await? {
        Some(known) => (session, AppendHeaders([device::cookie(site, &known)]), answer).into_response(),
        None => (session, answer).into_response(),
    })
}

/// A path of this site, or the start page: never somewhere else.
pub(super) fn own_path(next: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    let ours = next.starts_with('/') && !next.starts_with("//") && next.chars().all(plain);
    if ours { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{in_words, own_path};

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/referrals/1-2"), "/referrals/1-2");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a?b=c", "/%0d%0a"] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }

    #[test]
    fn a_wait_is_said_in_words() {
        assert_eq!(
            [1, 59, 60, 61, 300].map(in_words),
            ["1 second", "59 seconds", "1 minute", "2 minutes", "5 minutes"]
        );
    }
}
