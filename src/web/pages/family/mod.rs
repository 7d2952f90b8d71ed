//! The family's own pages: no account; a link, and a code that went to the recorded contact.
//!
//! ```text
//!  /sign (short code) ──┐
//!  /family/{token} ─────┴─> start (on a screen) or code ─┬─> sign ─> thank you
//!                                                        └─> what was shared ─> papers · withdraw · ask
//! ```
//!
//! Phone first, in the family's language, with nothing around it that leads to anybody else. Nothing here
//! tells that there is a staff-only part. A link that has ended, was never there or is kept back is one page.

pub mod ask;
pub mod door;
pub mod papers;
pub mod seen;
pub mod short;
pub mod sign;
pub mod withdraw;

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::super::Site;
use super::super::access::cookie_value;
use super::super::page::shell;
use super::super::shell::Shell;
use super::setting::{Step, Stop};
use crate::domain::family::OPEN;
use crate::domain::time::SECOND;
use crate::domain::words::Words;
use crate::family::{Browser, Door, look};
use crate::store::family::Link;

/// How a reader comes: in which language, and with which browser's secret.
pub struct Reading {
    /// The words of the pages.
    pub words: &'static Words,
    /// What the browser keeps while it has a link open.
    browser: Option<Browser>,
    /// The language as it was asked for: a trust's statement may be in one that the pages are not.
    asked: String,
    /// The language was chosen just now: it is kept in the browser.
    chosen: bool,
}

/// Longest name of a language (BCP 47) that is looked for, in characters.
const LONGEST: usize = 35;

/// The cookie that keeps the chosen language; it says nothing of anybody.
const LANGUAGE: &str = "dutyline-language";

impl FromRequestParts<Arc<Site>> for Reading {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let typed = query.split('&').find_map(|pair| pair.strip_prefix("language=")).unwrap_or_default();
        let asked = Words::of(typed);
        let kept = || cookie_value(&parts.headers, LANGUAGE).and_then(Words::of);
        let browsers = || {
            let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Words::preferred(header.unwrap_or_default())
        };
        Ok(Self {
            words: asked.or_else(kept).unwrap_or_else(browsers),
            browser: cookie_value(&parts.headers, cookie_name(site)).and_then(Browser::parse),
            asked: typed.chars().take(LONGEST).collect(),
            chosen: asked.is_some(),
        })
    }
}

impl Reading {
    /// The language that was asked for, or that of the pages.
    fn language(&self) -> String {
        if self.asked.is_empty() { self.words.code.to_owned() } else { self.asked.clone() }
    }

    /// The answer, with the language kept when it was chosen just now.
    fn keep(&self, mut answer: Response) -> Response {
        if self.chosen {
            let cookie = format!("{LANGUAGE}={}; Path=/; HttpOnly; SameSite=Lax", self.words.code);
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        answer
    }
}

fn cookie_name(site: &Site) -> &'static str {
    if site.secure { "__Host-dutyline-family" } else { "dutyline-demo-family" }
}

/// The `Set-Cookie` of an open link, or of its end.
fn cookie(site: &Site, browser: Option<&Browser>) -> String {
    let secure = if site.secure { "; Secure" } else { "" };
    let (value, age) = match browser {
        Some(browser) => (browser.secret(), OPEN / SECOND),
        None => ("", 0),
    };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(site))
}

/// What stands around a family's page.
fn around(site: &Site, reading: &Reading, title: &str) -> Shell {
    shell(site, title, None, "").handed_over().words(reading.words)
}

/// A language to choose, as a link.
struct Choice {
    code: &'static str,
    name: &'static str,
    dir: &'static str,
    current: bool,
}

/// Every language, for `templates/family/choose.html`.
fn languages(reading: &Reading) -> Vec<Choice> {
    let choice = |words: &'static Words| Choice {
        code: words.code,
        name: words.name,
        dir: words.dir,
        current: words.code == reading.words.code,
    };
    crate::domain::words::ALL.iter().map(choice).collect()
}

#[derive(Template)]
#[template(path = "pages/family/ended.html")]
struct Ended {
    shell: Shell,
}

/// The one page of every link that opens nothing: ended, cancelled, used, kept back, never there.
fn ended(site: &Site, reading: &Reading) -> Step {
    let page = Ended { shell: around(site, reading, reading.words.ended_title) };
    Ok((StatusCode::GONE, Html(page.render()?)).into_response())
}

fn show(reading: &Reading, template: impl Template) -> Step {
    Ok(reading.keep(Html(template.render()?).into_response()))
}

/// A page that came back because something has to be mended.
fn mend(template: impl Template) -> Step {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(template.render()?)).into_response())
}

fn go(there: impl Into<String>) -> Step {
    Err(Stop::Go(there.into()))
}

fn at(token: &str, rest: &str) -> String {
    if rest.is_empty() { format!("/family/{token}") } else { format!("/family/{token}/{rest}") }
}

/// The link, when this browser has it open; else its first page, which asks or says that it has ended.
async fn opened(site: &Site, token: &str, reading: &Reading) -> Result<Box<Link>, Stop> {
    match look(&site.relay, token, reading.browser.as_ref()).await? {
        Door::Open(link) => Ok(link),
        Door::Closed(_) | Door::Ended => Err(Stop::Go(at(token, ""))),
    }
}
