//! One's own passkeys: the list, adding and removing; and the answers that `web/passkey.js` reads.
//!
//! The script posts a form to `begin`, hands the `options` to the browser, posts what the browser says
//! to `finish`, and goes to `next`. What does not work is one sentence, `error`, with status 422.

pub mod add;
pub mod check;
pub mod sign_in;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::access::{Session, Who, cookie, cookie_named};
use super::super::browser::{self, Browser};
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use crate::people::Token;
use crate::people::passkeys::{self, CEREMONY, PasskeyError, Passkeys, Question};

/// Where the list is.
pub const HERE: &str = "/account/passkeys";
const TOO_LATE: &str = "That took too long. Try again.";

#[derive(Template)]
#[template(path = "pages/account/passkeys.html")]
struct List {
    shell: Shell,
    done: String,
    rows: Vec<Row>,
    passkeys: String,
    demo_at: String,
    suggested: String,
}

struct Row {
    id: String,
    name: String,
    added: String,
    used: String,
}

/// What may stand behind the question mark of the list.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    done: String,
}

/// `GET /account/passkeys`
pub async fn show(
    site: State,
    Who(person): Who,
    Browser(browser): Browser,
    Query(asked): Query<Asked>,
) -> Page {
    let rows = passkeys::of(&site.relay, person.id).await?;
    let used = |at: crate::domain::time::Instant| match at.micros() {
        0 => "Not yet".to_owned(),
        _ => at.for_people(),
    };
    let rows = rows.into_iter().map(|row| Row {
        id: row.id,
        name: row.name,
        added: row.created_at.for_people(),
        used: used(row.used_at),
    });
    let demo = site.demo.as_ref().and(site.passkeys.as_ref());
    page(List {
        shell: shell(&site, "Passkeys", Some(&person), ""),
        done: asked.done,
        rows: rows.collect(),
        passkeys: site.passkey_host(),
        demo_at: demo.map_or("", |passkeys| passkeys.origin()).to_owned(),
        suggested: browser::words(browser),
    })
}

/// `POST /account/passkeys/{id}/remove`
pub async fn remove(site: State, session: Session, Path(id): Path<String>) -> Page {
    passkeys::remove(&site.relay, &session.now.person, &session.now.session, &id).await?;
    Ok(Redirect::to(&format!("{HERE}?done=removed")).into_response())
}

/// The site's passkeys; without a name of its own it has none.
fn offered(site: &Site) -> Result<&Passkeys, PageError> {
    site.passkeys.as_deref().ok_or(PageError::NotFound)
}

fn cookie_name(site: &Site) -> &'static str {
    if site.secure { "__Host-dutyline-passkey" } else { "dutyline-demo-passkey" }
}

/// The `Set-Cookie` of a ceremony's handle, or of its end.
fn handle_cookie(site: &Site, handle: Option<&Token>) -> String {
    let secure = if site.secure { "; Secure" } else { "" };
    let (value, lasts) = handle.map_or(("", 0), |handle| (handle.secret(), CEREMONY / 1_000_000));
    let name = cookie_name(site);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts}{secure}")
}

/// The handle of this browser's ceremony.
fn handle_of(site: &Site, headers: &HeaderMap) -> Result<Token, PasskeyError> {
    cookie_named(headers, cookie_name(site)).ok_or(PasskeyError::Ended)
}

fn told(status: StatusCode, what: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], what.to_string()).into_response()
}

/// The question for the browser, and its handle.
fn question(site: &Site, question: &Question) -> Response {
    let kept = AppendHeaders([(header::SET_COOKIE, handle_cookie(site, Some(&question.handle)))]);
    (kept, told(StatusCode::OK, &json!({ "options": question.options }))).into_response()
}

/// Where to go next.
fn go(next: &str) -> Response {
    told(StatusCode::OK, &json!({ "next": next }))
}

/// Where to go next when the answer was accepted, with the new session if there is one.
fn finished(site: &Site, session: Option<&Token>, next: &str) -> Response {
    let mut cookies = vec![(header::SET_COOKIE, handle_cookie(site, None))];
    cookies.extend(session.map(|token| (header::SET_COOKIE, cookie(site, Some(token)))));
    let mut answer = go(next);
    for (name, value) in cookies {
        if let Ok(value) = value.parse() {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

/// One sentence to the person; why, to the log.
fn failed(error: PasskeyError, refused: &str) -> Page {
    let words = match error {
        PasskeyError::Store(error) => return Err(error.into()),
        PasskeyError::Ended => TOO_LATE,
        PasskeyError::Known => "This passkey is registered already. Use another device or another key.",
        PasskeyError::TooMany => "You have as many passkeys as you can have. Remove one first.",
        PasskeyError::Refused(why) => {
            tracing::info!(why, "a passkey was refused");
            refused
        }
    };
    Ok(told(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "error": words })))
}
