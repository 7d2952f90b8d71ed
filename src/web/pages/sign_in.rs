//! Signing in and out. The demo's one click uses the same sessions and rights as everybody.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect};
use serde::Deserialize;

use super::super::access::{Session, cookie};
use super::super::browser::Browser;
use super::super::error::PageError;
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use crate::domain::people::Person;
use crate::people::{self, Token};
use crate::store::people as rows;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    shell: Shell,
    ended: bool,
    people: Vec<Person>,
    /// Single sign-on: id and name of each provider.
    providers: Vec<(String, String)>,
    next: String,
}

#[derive(Template)]
#[template(path = "pages/sign_in_link.html")]
struct Link {
    shell: Shell,
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
    let people = match &site.demo {
        Some(_) => rows::everybody(&mut site.relay.store.read().await?).await?,
        None => Vec::new(),
    };
    let shell = shell(&site, "Sign in", None, "");
    let (providers, next) = (super::sso::buttons(&site), own_path(&asked.next));
    page(SignIn { shell, ended: !asked.ended.is_empty(), people, providers, next })
}

/// `POST /sign-in/demo`: there is no such door but in the demo.
pub async fn demo(site: State, Protected(form): Protected) -> Page {
    if site.demo.is_none() {
        return Err(PageError::NotFound);
    }
    let person = form.get("person").parse().map_err(|_| PageError::NotFound)?;
    let token = people::sign_in(&site.relay, person).await?.ok_or(PageError::NotFound)?;
    signed_in(&site, &token, &own_path(form.get("next")))
}

/// `GET /sign-in/link/{token}`: looking at a link uses nothing up.
pub async fn link(site: State, Path(_): Path<String>) -> Page {
    page(Link { shell: shell(&site, "Sign in", None, "") })
}

/// `POST /sign-in/link/{token}`
pub async fn use_link(site: State, Browser(browser): Browser, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    let token = people::use_link(&site.relay, &link, browser).await?.ok_or(PageError::NotFound)?;
    signed_in(&site, &token, "/")
}

/// `POST /sign-out`
pub async fn out(site: State, session: Session) -> Page {
    people::sign_out(&site.relay, &session.token, &session.now).await?;
    let ended = AppendHeaders([(header::SET_COOKIE, cookie(&site, None))]);
    Ok((ended, Redirect::to("/sign-in")).into_response())
}

fn signed_in(site: &Site, token: &Token, next: &str) -> Page {
    let begun = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(token)))]);
    Ok((begun, Redirect::to(next)).into_response())
}

/// A path of this site, or the start page: never somewhere else.
pub(super) fn own_path(next: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    let ours = next.starts_with('/') && !next.starts_with("//") && next.chars().all(plain);
    if ours { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/referrals/1-2"), "/referrals/1-2");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a?b=c", "/%0d%0a"] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
