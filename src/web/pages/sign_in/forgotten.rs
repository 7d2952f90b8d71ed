//! "Forgotten your password?": asks for the address and says the same to everybody; and the link that
//! comes by mail. Opening the link's page uses nothing up: mail filters open links, people press buttons.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::super::super::State;
use super::super::super::browser::Browser;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::peer::Peer;
use super::super::super::shell::Shell;
use super::{signed_in, wait_page};
use crate::domain::email::EmailAddress;
use crate::people::Token;
use crate::people::reset::{self, Taken};

#[derive(Template)]
#[template(path = "pages/sign_in/forgotten.html")]
struct Forgotten {
    shell: Shell,
    errors: Vec<(String, String)>,
    address: Field,
    /// After it was sent.
    said: bool,
}

#[derive(Template)]
#[template(path = "pages/sign_in/reset.html")]
struct Reset {
    shell: Shell,
    works: bool,
}

fn field() -> Field {
    Field::new("address", "Email address").email().autocomplete("username").hint("The one you sign in with")
}

/// `GET /sign-in/forgotten`
pub async fn ask(site: State) -> Page {
    let shell = shell(&site, "Forgotten your password?", None, "").back("/sign-in", "Back to sign in");
    page(Forgotten { shell, errors: Vec::new(), address: field(), said: false })
}

/// `POST /sign-in/forgotten`
pub async fn send(site: State, Peer(peer): Peer, Protected(form): Protected) -> Page {
    let typed = form.get("address");
    if let Err(error) = EmailAddress::parse(typed) {
        let address = field().value(typed).error(Some(error.to_string()));
        let shell = shell(&site, "Forgotten your password?", None, "").error(true);
        let errors = error_list(&[&address]);
        let again = page(Forgotten { shell, errors, address, said: false })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    if let Taken::Wait(seconds) = reset::forgotten(&site.relay, typed, peer).await? {
        return wait_page(&site, seconds);
    }
    let shell = shell(&site, "What happens next", None, "");
    page(Forgotten { shell, errors: Vec::new(), address: field(), said: true })
}

/// `GET /sign-in/reset/{token}`
pub async fn look(site: State, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    let works = reset::look(&site.relay, &link).await?;
    let body = page(Reset { shell: shell(&site, "Set up your signing in", None, ""), works })?;
    Ok((if works { StatusCode::OK } else { StatusCode::GONE }, body).into_response())
}

/// `POST /sign-in/reset/{token}`
pub async fn open(site: State, Browser(browser): Browser, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    match reset::open(&site.relay, &link, browser).await? {
        Some(token) => signed_in(&site, &token, "/account/set-up"),
        None => {
            let body = page(Reset { shell: shell(&site, "This link has ended", None, ""), works: false })?;
            Ok((StatusCode::GONE, body).into_response())
        }
    }
}
