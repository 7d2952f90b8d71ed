//! A passkey as the second step after a password, and as the check again in a session that is old.

use axum::http::HeaderMap;

use super::super::super::access::Session;
use super::super::super::error::PageError;
use super::super::super::form::Protected;
use super::super::super::page::Page;
use super::super::super::{Site, State};
use super::super::sign_in::own_path;
use super::{failed, finished, handle_of, offered, question};
use crate::domain::sign_in::Stage;
use crate::people::passkeys::{self, Answer, PasskeyError};
use crate::people::{advance, checked};

const REFUSED: &str = "This passkey was not accepted. Try again, or use another way.";

/// `POST /sign-in/passkey/check/begin`
pub async fn begin(site: State, session: Session) -> Page {
    not_setting_up(&session)?;
    match passkeys::begin_check(&site.relay, offered(&site)?, &session.now.person).await {
        Ok(asked) => Ok(question(&site, &asked)),
        Err(error) => failed(error, REFUSED),
    }
}

/// `POST /sign-in/passkey/check/finish`: fields `answer` and `next`. At the second step it goes on to a
/// whole session under another token; in a whole session it notes the check.
pub async fn finish(site: State, session: Session, headers: HeaderMap, Protected(form): Protected) -> Page {
    not_setting_up(&session)?;
    if let Err(error) = shown(&site, &session, &headers, form.get("answer")).await {
        return failed(error, REFUSED);
    }
    let next = own_path(form.get("next"));
    if session.is_whole() {
        checked(&site.relay, &session.token, &session.now).await?;
        return Ok(finished(&site, None, &next));
    }
    let token = advance(&site.relay, &session.token, true).await?.ok_or(PageError::Conflict)?;
    Ok(finished(&site, Some(&token), &next))
}

/// Whoever sets up has nothing to check yet.
fn not_setting_up(session: &Session) -> Result<(), PageError> {
    match session.now.session.stage {
        Stage::SetUp => Err(PageError::NotFound),
        Stage::Second | Stage::Full => Ok(()),
    }
}

async fn shown(site: &Site, session: &Session, headers: &HeaderMap, said: &str) -> Result<(), PasskeyError> {
    let passkeys = site.passkeys.as_deref().ok_or(PasskeyError::Refused("not-offered"))?;
    let answer = Answer { handle: &handle_of(site, headers)?, said };
    passkeys::finish_check(&site.relay, passkeys, &session.now.person, answer).await
}
