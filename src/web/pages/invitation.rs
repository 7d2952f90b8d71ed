//! The link of an invitation. Looking uses nothing up: mail scanners follow links, people press buttons.
//! Accepting begins a session in which a password or a passkey is set up, and nothing else.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect};

use super::super::access::cookie;
use super::super::browser::Browser;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use crate::people::{self, Token};

/// Where somebody sets up how they sign in.
const SET_UP: &str = "/account/set-up";

/// A link that works once: what it is for, or that it has ended.
#[derive(Template)]
#[template(path = "pages/invitation.html")]
struct Link {
    shell: Shell,
    heading: &'static str,
    said: Vec<String>,
    button: Option<&'static str>,
}

/// `GET /invitation/{token}`
pub async fn ask(site: State, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    let Some(person) = people::invited(&site.relay, &link).await? else { return ended(&site) };
    let said = vec![
        format!("{}, you are invited to dutyline for {}.", person.name, person.organisation_name),
        "If this is you, accept, and then choose how you will sign in. That takes a few minutes.".to_owned(),
    ];
    link_page(&site, "You are invited", said, "Accept")
}

/// `POST /invitation/{token}`
pub async fn accept(site: State, Browser(browser): Browser, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    match people::accept(&site.relay, &link, browser).await? {
        Some(session) => begun(&site, &session),
        None => ended(&site),
    }
}

/// To setting up, with the session's cookie.
pub fn begun(site: &Site, session: &Token) -> Page {
    let begun = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(session)))]);
    Ok((begun, Redirect::to(SET_UP)).into_response())
}

/// The page of a link that asks before it is used.
pub fn link_page(site: &Site, heading: &'static str, said: Vec<String>, button: &'static str) -> Page {
    page(Link { shell: shell(site, heading, None, ""), heading, said, button: Some(button) })
}

/// The page of a link that is unknown, used or too old: they look alike.
pub fn ended(site: &Site) -> Page {
    gone(
        site,
        "It may have been used already, or it is too old, or a newer one was sent. Ask whoever invited you to send it again, or sign in if you have done this before.",
    )
}

/// The page of a link that does nothing any more, with the way forward.
pub fn gone(site: &Site, way_forward: &'static str) -> Page {
    const HEADING: &str = "This link has ended";
    let said = vec![way_forward.to_owned()];
    let link = Link { shell: shell(site, HEADING, None, ""), heading: HEADING, said, button: None };
    Ok((StatusCode::GONE, page(link)?).into_response())
}
