//! Signing in with a passkey alone. Every refusal reads the same: whether there is such an account, and
//! whether it may sign in, is not said to a stranger.

use axum::http::HeaderMap;

use super::super::super::browser::Browser;
use super::super::super::form::Protected;
use super::super::super::page::Page;
use super::super::super::{Site, State};
use super::super::sign_in::own_path;
use super::{failed, finished, handle_of, offered, question};
use crate::people::Token;
use crate::people::passkeys::{self, Answer, PasskeyError};

const REFUSED: &str =
    "This passkey did not sign you in. Sign in another way, or ask the person who looks after your account.";

/// `POST /sign-in/passkey/begin`
pub async fn begin(site: State) -> Page {
    match passkeys::begin_sign_in(&site.relay, offered(&site)?).await {
        Ok(asked) => Ok(question(&site, &asked)),
        Err(error) => failed(error, REFUSED),
    }
}

/// `POST /sign-in/passkey/finish`: fields `answer` and `next`.
pub async fn finish(
    site: State,
    Browser(browser): Browser,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Page {
    offered(&site)?;
    match signed_in(&site, &headers, form.get("answer"), browser).await {
        Ok(token) => Ok(finished(&site, Some(&token), &own_path(form.get("next")))),
        Err(error) => failed(error, REFUSED),
    }
}

async fn signed_in(
    site: &Site,
    headers: &HeaderMap,
    said: &str,
    browser: &str,
) -> Result<Token, PasskeyError> {
    let passkeys = site.passkeys.as_deref().ok_or(PasskeyError::Refused("not-offered"))?;
    let answer = Answer { handle: &handle_of(site, headers)?, said };
    passkeys::finish_sign_in(&site.relay, passkeys, answer, browser).await
}
