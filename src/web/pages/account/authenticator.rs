//! Adding or replacing an authenticator app: the square and the secret, then a code of it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::super::super::access::Session;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::square::square;
use super::super::super::{Site, State};
use super::may_remove;
use crate::people::{factors, totp};

#[derive(Template)]
#[template(path = "pages/account/authenticator.html")]
struct Add {
    shell: Shell,
    errors: Vec<(String, String)>,
    /// The `svg` element of the square: made here from the secret, and so safe to write as it is.
    square: String,
    groups: String,
    code: Field,
    action: &'static str,
    replaces: bool,
}

/// Where a page stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Account,
    SetUp,
}

/// The page: in one's account, or while setting up.
pub(super) async fn form(site: &Site, session: &Session, place: Where, wrong: bool) -> Page {
    let person = &session.now.person;
    let have = factors::of(&site.relay, person).await?;
    let app = totp::begin(&site.relay, &session.now).await?;
    let code = Field::new("code", "Code that the app shows").numeric().autocomplete("one-time-code");
    let sentence = "This code is not right. Check that the app has the newest entry for dutyline, and type the code it shows now";
    let code = code.hint("6 numbers").error(wrong.then_some(sentence));
    let title = "Set up an authenticator app";
    let (shell, action) = match place {
        Where::Account => {
            let shell = shell(site, title, Some(person), "/account").back("/account", "Back");
            (shell, "/account/authenticator")
        }
        Where::SetUp => (shell(site, title, None, ""), "/account/set-up/authenticator"),
    };
    let body = page(Add {
        shell: shell.error(wrong),
        errors: error_list(&[&code]),
        square: square(&app.url)?,
        groups: app.groups,
        code,
        action,
        replaces: have.totp,
    })?;
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, body).into_response())
}

/// `GET /account/authenticator`
pub async fn show(site: State, session: Session) -> Page {
    form(&site, &session, Where::Account, false).await
}

/// `POST /account/authenticator`
pub async fn add(site: State, session: Session, Protected(sent): Protected) -> Page {
    match totp::confirm(&site.relay, &session.now, sent.get("code")).await? {
        true => Ok(Redirect::to("/account?done=app").into_response()),
        false => form(&site, &session, Where::Account, true).await,
    }
}

/// `POST /account/authenticator/remove`
pub async fn remove(site: State, session: Session) -> Page {
    let person = &session.now.person;
    let have = factors::of(&site.relay, person).await?;
    if !may_remove(&have, &site.relay.sign_in.of(person.role)) {
        return Err(PageError::BadRequest);
    }
    totp::remove(&site.relay, person).await?;
    Ok(Redirect::to("/account?done=removed").into_response())
}
