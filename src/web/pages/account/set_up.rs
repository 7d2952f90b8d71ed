//! Setting up how one signs in, after an invitation or a reset: one question a page.
//!
//! ```text
//! a password ─> a second factor (a passkey · an app · a code by mail, where the role may) ─> codes ─> signed in
//! ```
//!
//! Which page comes next is read off what the person has, so going back or coming again loses nothing. The
//! whole session, with another token, begins at the end. Somebody who is signed in by a link of whoever
//! runs the relay, and has nothing yet, may use the same pages.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::super::access::Session;
use super::super::super::browser;
use super::super::super::device::Device;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::super::sign_in::wholly_signed_in;
use super::authenticator::{Where, form};
use super::codes::make_at_set_up;
use super::password::new_password;
use crate::domain::sign_in::{Factor, Method, RoleRules, Stage};
use crate::people::factors::{self, Have};
use crate::people::{self, password, totp};

#[derive(Template)]
#[template(path = "pages/account/set_up_password.html")]
struct ChoosePassword {
    shell: Shell,
    name: String,
    address: String,
    errors: Vec<(String, String)>,
    password: Field,
}

#[derive(Template)]
#[template(path = "pages/account/set_up_factor.html")]
struct ChooseFactor {
    shell: Shell,
    app: bool,
    mail: bool,
    address: String,
    passkeys: String,
    suggested: String,
}

#[derive(Template)]
#[template(path = "pages/account/set_up_codes.html")]
struct AskCodes {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "pages/account/set_up_done.html")]
struct Done {
    shell: Shell,
}

/// Which page comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Password,
    Factor,
    Codes,
}

struct Here {
    step: Step,
    have: Have,
    rules: RoleRules,
}

/// How far somebody is, or where they belong when they have no business here.
async fn here(site: &Site, session: &Session) -> Result<Result<Here, Response>, PageError> {
    let (person, now) = (&session.now.person, &session.now.session);
    let rules = site.relay.sign_in.of(person.role);
    let have = factors::of(&site.relay, person).await?;
    let whole = have.ready(&rules);
    let elsewhere = match now.stage {
        Stage::SetUp => None,
        Stage::Full if now.method == Method::Link && !whole => None,
        Stage::Full => Some("/account"),
        Stage::Second => Some("/sign-in/second"),
    };
    if let Some(there) = elsewhere {
        return Ok(Err(Redirect::to(there).into_response()));
    }
    let step = match (have.password, have.totp || have.passkey(&rules)) {
        (_, true) if have.ready(&rules) => Step::Codes,
        (false, _) => Step::Password,
        (true, _) => Step::Factor,
    };
    Ok(Ok(Here { step, have, rules }))
}

fn start() -> Page {
    Ok(Redirect::to("/account/set-up").into_response())
}

/// `GET /account/set-up`
pub async fn show(site: State, session: Session) -> Page {
    let here = match here(&site, &session).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match here.step {
        Step::Password => choose_password(&site, &session, None),
        Step::Factor => choose_factor(&site, &session, &here),
        Step::Codes => page(AskCodes { shell: shell(&site, "Recovery codes", None, "") }),
    }
}

fn choose_password(site: &Site, session: &Session, wrong: Option<String>) -> Page {
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let password = new_password(wrong);
    let errors = error_list(&[&password]);
    let shell = shell(site, "Choose a password", None, "").error(!errors.is_empty());
    let (name, address) = (session.now.person.name.clone(), session.now.person.email.clone());
    Ok((status, page(ChoosePassword { shell, name, address, errors, password })?).into_response())
}

/// The ways that the role may use.
fn choose_factor(site: &Site, session: &Session, here: &Here) -> Page {
    let app = here.rules.factors.contains(&Factor::Totp);
    let mail = here.rules.factors.contains(&Factor::MailedCode) && here.have.mailbox;
    let shell = shell(site, "Choose a second way to show that it is you", None, "");
    let passkeys = match here.rules.factors.contains(&Factor::Passkey) {
        true => site.passkey_host(),
        false => String::new(),
    };
    let suggested = browser::words(&session.now.session.browser);
    page(ChooseFactor { shell, app, mail, address: session.now.person.email.clone(), passkeys, suggested })
}

/// `POST /account/set-up/password`
pub async fn set_password(site: State, session: Session, Protected(sent): Protected) -> Page {
    let (have, rules) = match here(&site, &session).await? {
        Ok(Here { step: Step::Password, have, rules }) => (have, rules),
        Ok(_) => return start(),
        Err(elsewhere) => return Ok(elsewhere),
    };
    match password::fit(&site.relay, &session.now.person, sent.get("password")).await {
        Ok(fit) => {
            password::set(&site.relay, &session.now, fit).await?;
            // Who came by a link of whoever runs the relay, and has a second way already, is done.
            match session.is_whole() && (Have { password: true, ..have }).ready(&rules) {
                true => Ok(Redirect::to("/account?done=first").into_response()),
                false => start(),
            }
        }
        Err(unfit) => choose_password(&site, &session, Some(unfit.to_string())),
    }
}

/// `GET /account/set-up/authenticator`
pub async fn app(site: State, session: Session) -> Page {
    match here(&site, &session).await? {
        Ok(here) if here.step == Step::Factor => form(&site, &session, Where::SetUp, false).await,
        Ok(_) => start(),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /account/set-up/authenticator`: confirmed by a code, the recovery codes are shown.
pub async fn add_app(site: State, session: Session, Protected(sent): Protected) -> Page {
    match here(&site, &session).await? {
        Ok(here) if here.step == Step::Factor => {}
        Ok(_) => return start(),
        Err(elsewhere) => return Ok(elsewhere),
    }
    if !totp::confirm(&site.relay, &session.now, sent.get("code")).await? {
        return form(&site, &session, Where::SetUp, true).await;
    }
    if session.is_whole() {
        people::checked(&site.relay, &session.token, &session.now).await?;
    }
    make_at_set_up(&site, &session).await
}

/// `POST /account/set-up/codes`: makes recovery codes and shows them. Who chose the code by mail comes here
/// from the choice.
pub async fn codes(site: State, session: Session) -> Page {
    match here(&site, &session).await? {
        Ok(Here { have, rules, .. }) if have.ready(&rules) => make_at_set_up(&site, &session).await,
        Ok(_) => start(),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /account/set-up/done`: signed in, with another token. Who was signed in by a link before stays so.
pub async fn done(site: State, session: Session, Device(device): Device) -> Page {
    let person = &session.now.person;
    match here(&site, &session).await? {
        Ok(Here { have, rules, .. }) if have.ready(&rules) => {}
        Ok(_) => return start(),
        Err(_) if session.is_whole() && session.now.session.method == Method::Link => {
            return page(Done { shell: shell(&site, "You are set up", Some(person), "") });
        }
        Err(elsewhere) => return Ok(elsewhere),
    }
    let Some(token) = people::advance(&site.relay, &session.token, true).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let answer = page(Done { shell: shell(&site, "You are set up", Some(person), "") })?;
    wholly_signed_in(&site, (&token, person.id), device.as_ref(), answer).await
}
