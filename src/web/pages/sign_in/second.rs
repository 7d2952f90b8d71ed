//! The second step of signing in, and being asked for it again when the last time is too long ago.
//!
//! Both show the same factors: what the role's rules allow and the person has. Somebody with the right
//! password and no second factor is told to ask for a reset, and never to set one up now: a password alone
//! may be a thief's.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::super::super::access::Session;
use super::super::super::device::Device;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::{own_path, wait_page, wholly_signed_in};
use crate::domain::sign_in::{Factor, Method, Stage};
use crate::people::factors::{self, Checked};
use crate::people::{self, mailed_code};

#[derive(Template)]
#[template(path = "pages/sign_in/second.html")]
struct Second {
    shell: Shell,
    heading: &'static str,
    errors: Vec<(String, String)>,
    /// The site's name for passkeys, when this person has one; else empty.
    passkeys: String,
    /// The factor that is asked for, and its field; none while a code is still to be mailed.
    factor: Factor,
    code: Option<Field>,
    /// The other factors: address and words.
    others: Vec<(String, &'static str)>,
    address: String,
    door: Door,
    next: String,
}

#[derive(Template)]
#[template(path = "pages/sign_in/no_factor.html")]
struct NoFactor {
    shell: Shell,
    heading: &'static str,
    /// Signed in by a link from whoever runs the relay, with nothing set up yet.
    by_link: bool,
    /// Signed in by single sign-on, which is done again there: id and name of each provider.
    providers: Vec<(String, String)>,
    next: String,
}

/// What may stand behind the question mark.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    way: String,
}

/// Which of the two pages this is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Second,
    Again,
}

impl Door {
    const fn path(self) -> &'static str {
        match self {
            Door::Second => "/sign-in/second",
            Door::Again => "/sign-in/again",
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Door::Second => "Show that it is you",
            Door::Again => "Show again that it is you",
        }
    }

    /// Where somebody belongs who is not at this door.
    fn elsewhere(self, session: &Session) -> Option<&'static str> {
        match (self, session.now.session.stage) {
            (_, Stage::SetUp) => Some("/account/set-up"),
            (Door::Second, Stage::Full) => Some("/"),
            (Door::Again, Stage::Second) => Some("/sign-in/second"),
            (Door::Second, Stage::Second) | (Door::Again, Stage::Full) => None,
        }
    }
}

/// `GET /sign-in/second`
pub async fn show(site: State, session: Session, Query(asked): Query<Asked>) -> Page {
    ask(&site, &session, Door::Second, &asked).await
}

/// `GET /sign-in/again`
pub async fn again(site: State, session: Session, Query(asked): Query<Asked>) -> Page {
    ask(&site, &session, Door::Again, &asked).await
}

async fn ask(site: &Site, session: &Session, door: Door, asked: &Asked) -> Page {
    if let Some(there) = door.elsewhere(session) {
        return Ok(Redirect::to(there).into_response());
    }
    form(site, session, door, asked, None).await
}

/// The page for one factor: the one that was chosen, or the first.
async fn form(site: &Site, session: &Session, door: Door, asked: &Asked, wrong: Option<&str>) -> Page {
    let person = &session.now.person;
    let (have, rules) = (factors::of(&site.relay, person).await?, site.relay.sign_in.of(person.role));
    let offered = have.offered(&rules);
    let passkeys = if have.passkey(&rules) { site.passkey_host() } else { String::new() };
    let chosen = Factor::from_code(&asked.way).filter(|factor| offered.contains(factor));
    let passkey = (!passkeys.is_empty()).then_some(Factor::Passkey);
    let Some(factor) = chosen.or(offered.first().copied()).or(passkey) else {
        return no_factor(site, session, &own_path(&asked.next));
    };
    let next = own_path(&asked.next);
    let to_mail = factor == Factor::MailedCode && !mailed_code::was_asked(&site.relay, &session.now).await?;
    let code = (!to_mail && factor != Factor::Passkey).then(|| field(factor).error(wrong));
    let way = |factor: Factor| format!("{}?way={}&next={next}", door.path(), factor.code());
    page(Second {
        errors: code.as_ref().map(|code| error_list(&[code])).unwrap_or_default(),
        shell: shell(site, door.heading(), None, "").error(wrong.is_some()),
        heading: door.heading(),
        passkeys,
        others: offered.iter().filter(|one| **one != factor).map(|one| (way(*one), other(*one))).collect(),
        factor,
        code,
        address: person.email.clone(),
        door,
        next: next.clone(),
    })
}

fn field(factor: Factor) -> Field {
    let code = |label: &str| Field::new("code", label).numeric().autocomplete("one-time-code");
    match factor {
        Factor::RecoveryCode => Field::new("code", "Recovery code").autocomplete("off").width(20),
        Factor::MailedCode => code("Code from the email").hint("6 numbers"),
        _ => code("Code from your authenticator app").hint("6 numbers"),
    }
}

/// The words of a link to another factor.
fn other(factor: Factor) -> &'static str {
    match factor {
        Factor::MailedCode => "Get a code by email",
        Factor::RecoveryCode => "Use a recovery code",
        _ => "Use your authenticator app",
    }
}

fn no_factor(site: &Site, session: &Session, next: &str) -> Page {
    let (method, stage) = (session.now.session.method, session.now.session.stage);
    let whole = stage == Stage::Full;
    let by_link = whole && matches!(method, Method::Link | Method::Demo);
    let providers = match whole && method == Method::Sso {
        true => super::super::sso::buttons(site),
        false => Vec::new(),
    };
    let heading = if providers.is_empty() { "We cannot check that it is you" } else { Door::Again.heading() };
    let shell = shell(site, heading, None, "");
    page(NoFactor { shell, heading, by_link, providers, next: next.to_owned() })
}

/// `POST /sign-in/code`: mails a code, and goes on to the page that asks for it.
pub async fn mail(site: State, session: Session, Protected(form): Protected) -> Page {
    let door = if session.is_whole() { Door::Again } else { Door::Second };
    if let Some(there) = door.elsewhere(&session) {
        return Ok(Redirect::to(there).into_response());
    }
    let person = &session.now.person;
    let offered = factors::of(&site.relay, person).await?.offered(&site.relay.sign_in.of(person.role));
    if !offered.contains(&Factor::MailedCode) {
        return Err(PageError::NotFound);
    }
    if !mailed_code::ask(&site.relay, &session.now).await? {
        return wait_page(&site, crate::domain::time::HOUR / crate::domain::time::SECOND);
    }
    let next = own_path(form.get("next"));
    Ok(Redirect::to(&format!("{}?way=mailed-code&next={next}", door.path())).into_response())
}

/// `POST /sign-in/second`
pub async fn send(site: State, session: Session, Device(device): Device, Protected(form): Protected) -> Page {
    check(&site, &session, Door::Second, Device(device), &form).await
}

/// `POST /sign-in/again`
pub async fn send_again(
    site: State,
    session: Session,
    Device(device): Device,
    Protected(form): Protected,
) -> Page {
    check(&site, &session, Door::Again, Device(device), &form).await
}

async fn check(
    site: &Site,
    session: &Session,
    door: Door,
    Device(device): Device,
    sent: &crate::domain::form::Raw,
) -> Page {
    if let Some(there) = door.elsewhere(session) {
        return Ok(Redirect::to(there).into_response());
    }
    let asked = Asked { next: sent.get("next").to_owned(), way: sent.get("way").to_owned() };
    let factor = Factor::from_code(&asked.way).ok_or(PageError::BadRequest)?;
    let checked =
        factors::check(&site.relay, &session.now, factor, sent.get("code"), device.as_ref()).await?;
    match checked {
        Checked::Wait(seconds) => wait_page(site, seconds),
        Checked::Wrong => {
            let again = form(site, session, door, &asked, Some(wrong(factor))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Checked::Right => go_on(site, session, door, device.as_ref(), &own_path(&asked.next)).await,
    }
}

fn wrong(factor: Factor) -> &'static str {
    match factor {
        Factor::RecoveryCode => "This recovery code is not right, or was used before",
        Factor::MailedCode => "This code is not right, or its 10 minutes are over. Check the newest email",
        _ => "This code is not right, or was used before. Wait for the next one in your app",
    }
}

async fn go_on(
    site: &Site,
    session: &Session,
    door: Door,
    device: Option<&people::Token>,
    next: &str,
) -> Page {
    let answer = Redirect::to(next).into_response();
    if door == Door::Again {
        people::checked(&site.relay, &session.token, &session.now).await?;
        return Ok(answer);
    }
    match people::advance(&site.relay, &session.token, true).await? {
        Some(token) => wholly_signed_in(site, (&token, session.now.person.id), device, answer).await,
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}
