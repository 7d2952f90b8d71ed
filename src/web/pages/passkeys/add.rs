//! Adding a passkey: by somebody who is signed in and showed who they are a short while ago, or who is
//! setting up. At the second step it would be a way around that step.

use axum::http::HeaderMap;
use axum::response::Response;

use super::super::super::access::Session;
use super::super::super::browser::{self, Browser};
use super::super::super::error::PageError;
use super::super::super::form::Protected;
use super::super::super::page::Page;
use super::super::super::{Site, State};
use super::super::sign_in::own_path;
use super::{HERE, failed, finished, go, handle_of, offered, question};
use crate::domain::sign_in::Stage;
use crate::people::factors;
use crate::people::passkeys::{self, Answer, PasskeyError};

const REFUSED: &str = "This passkey could not be added. Try again, or use another device.";
/// Longest name of a passkey, characters.
const LONGEST: usize = 50;

/// `POST /account/passkeys/begin`: field `name`.
pub async fn begin(site: State, session: Session, Protected(form): Protected) -> Page {
    if let Some(first) = first(&site, &session).await? {
        return Ok(first);
    }
    if form.get("name").trim().chars().count() > LONGEST {
        let words = serde_json::json!({ "error": "Use at most 50 characters for the name." });
        return Ok(super::told(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &words));
    }
    match passkeys::begin_add(&site.relay, offered(&site)?, &session.now.person).await {
        Ok(asked) => Ok(question(&site, &asked)),
        Err(error) => failed(error, REFUSED),
    }
}

/// `POST /account/passkeys/finish`: fields `answer`, `name` and `next`.
pub async fn finish(
    site: State,
    session: Session,
    Browser(browser): Browser,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Page {
    if let Some(first) = first(&site, &session).await? {
        return Ok(first);
    }
    let name = named(form.get("name"), browser);
    match added(&site, &session, &headers, form.get("answer"), &name).await {
        Ok(()) => Ok(finished(&site, None, &after(&session, form.get("next")))),
        Err(error) => failed(error, REFUSED),
    }
}

/// What comes first: nothing, or the check again. Whoever has nothing to show yet adds their first soon
/// after signing in. A session of the second step adds nothing.
async fn first(site: &Site, session: &Session) -> Result<Option<Response>, PageError> {
    match session.now.session.stage {
        Stage::SetUp => return Ok(None),
        Stage::Second => return Err(PageError::NotFound),
        Stage::Full => {}
    }
    let (now, fresh) = (site.relay.clock.now(), site.relay.sign_in.fresh);
    let (at, person) = (&session.now.session, &session.now.person);
    let ready = factors::of(&site.relay, person).await?.ready(&site.relay.sign_in.of(person.role));
    let recent = at.checked_within(now, fresh) || !ready && at.proven_within(now, fresh);
    Ok((!recent).then(|| go(&format!("/sign-in/again?next={HERE}"))))
}

async fn added(
    site: &Site,
    session: &Session,
    headers: &HeaderMap,
    said: &str,
    name: &str,
) -> Result<(), PasskeyError> {
    let passkeys = site.passkeys.as_deref().ok_or(PasskeyError::Refused("not-offered"))?;
    let answer = Answer { handle: &handle_of(site, headers)?, said };
    passkeys::finish_add(&site.relay, passkeys, &session.now.person, answer, name).await
}

/// What the person calls it, or else the browser.
fn named(typed: &str, browser: &str) -> String {
    let plain: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let short: String = plain.trim().chars().take(LONGEST).collect();
    if short.is_empty() { browser::words(browser) } else { short }
}

/// The list; whoever sets up goes on where the page said.
fn after(session: &Session, next: &str) -> String {
    if session.is_whole() { format!("{HERE}?done=added") } else { own_path(next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_has_a_short_name_of_plain_characters() {
        assert_eq!(named("  Office computer ", "edge-windows"), "Office computer");
        assert_eq!(named(" \n ", "edge-windows"), "Edge on Windows");
        assert_eq!(named("a\u{7}b", ""), "a b");
        assert_eq!(named(&"x".repeat(60), "").len(), LONGEST);
    }
}
