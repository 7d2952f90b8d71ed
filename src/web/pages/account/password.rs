//! Changing one's password: asks for the current one, signs out everywhere else, and changes this
//! session's token.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use super::super::super::access::Session;
use super::super::super::device::Device;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::sign_in::{wait_page, wholly_signed_in};
use crate::people;
use crate::people::factors::Checked;
use crate::people::password::{self, SHORTEST};

#[derive(Template)]
#[template(path = "pages/account/password.html")]
struct Change {
    shell: Shell,
    errors: Vec<(String, String)>,
    address: String,
    current: Field,
    new: Field,
}

/// The question for a new password, here and when setting up.
pub(super) fn new_password(wrong: Option<String>) -> Field {
    let hint =
        format!("At least {SHORTEST} characters. Three or four words that do not belong together are good");
    Field::new("password", "New password").password().autocomplete("new-password").hint(hint).error(wrong)
}

fn form(site: &Site, session: &Session, wrong: [Option<String>; 2]) -> Page {
    let [current, new] = wrong;
    let current =
        Field::new("current", "Current password").password().autocomplete("current-password").error(current);
    let new = new_password(new);
    let errors = error_list(&[&current, &new]);
    let person = &session.now.person;
    let shell = shell(site, "Change your password", Some(person), "/account").back("/account", "Back");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = shell.error(!errors.is_empty());
    let body = page(Change { shell, errors, address: person.email.clone(), current, new })?;
    Ok((status, body).into_response())
}

/// `GET /account/password`
pub async fn show(site: State, session: Session) -> Page {
    form(&site, &session, [None, None])
}

/// `POST /account/password`
pub async fn change(
    site: State,
    session: Session,
    Device(device): Device,
    Protected(sent): Protected,
) -> Page {
    let fit = match password::fit(&site.relay, &session.now.person, sent.get("password")).await {
        Ok(fit) => fit,
        Err(unfit) => return form(&site, &session, [None, Some(unfit.to_string())]),
    };
    match password::current(&site.relay, &session.now, sent.get("current")).await? {
        Checked::Wait(seconds) => return wait_page(&site, seconds),
        Checked::Wrong => {
            return form(&site, &session, [Some("This is not your current password".to_owned()), None]);
        }
        Checked::Right => {}
    }
    password::set(&site.relay, &session.now, fit).await?;
    let answer = Redirect::to("/account?done=password").into_response();
    match people::advance(&site.relay, &session.token, true).await? {
        Some(token) => {
            wholly_signed_in(&site, (&token, session.now.person.id), device.as_ref(), answer).await
        }
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}
