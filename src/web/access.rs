//! Who is asking, and whether they may use this route at all: decided before the body is read.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::PageError;
use super::routes::{Access, access_of};
use super::{Site, State};
use crate::domain::ids::DraftId;
use crate::domain::people::Person;
use crate::people::{self, Token};

/// The signed-in person of a request.
#[derive(Clone)]
pub struct Who(pub Person);

/// The session's token, for signing out.
#[derive(Clone)]
pub struct Session(pub Token);

/// The signed-in person, if there is one.
#[derive(Clone)]
pub struct MaybeWho(pub Option<Person>);

/// Lets a request through to its handler if its sender may use the route. The answer carries who asked,
/// so that an error page can still show who is signed in.
pub async fn guard(site: State, request: Request, next: Next) -> Response {
    let axum::extract::State(site) = site;
    let token = token_of(&site, request.headers());
    let person = match &token {
        Some(token) => match people::whose(&site.relay, token).await {
            Ok(person) => person,
            Err(error) => return PageError::from(error).into_response(),
        },
        None => None,
    };
    let who = person.clone().map(Who);
    let mut answer = admit(&site, request, next, person, token).await;
    if let Some(who) = who {
        answer.extensions_mut().insert(who);
    }
    answer
}

async fn admit(
    site: &Site,
    mut request: Request,
    next: Next,
    person: Option<Person>,
    token: Option<Token>,
) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()) else {
        return PageError::NotFound.into_response();
    };
    let Some(access) = access_of(request.method().as_str(), &path) else {
        return PageError::NotFound.into_response();
    };
    if let (&Method::POST, Some(why)) = (request.method(), no_changes(site)) {
        return PageError::Unavailable(why.to_owned()).into_response();
    }
    match allowed(access, person.as_ref()) {
        Allowed::Yes => {}
        Allowed::SignInFirst => return sign_in_first(&request),
        Allowed::No => return PageError::NotFound.into_response(),
    }
    if let (Some(person), Some(token)) = (&person, token) {
        request.extensions_mut().insert(Who(person.clone()));
        request.extensions_mut().insert(Session(token));
    }
    let shown_to = person.filter(|_| !for_family(access, &request));
    request.extensions_mut().insert(MaybeWho(shown_to));
    next.run(request).await
}

/// Why nothing may be changed just now, if so: for the log.
fn no_changes(site: &Site) -> Option<&'static str> {
    use std::sync::atomic::Ordering::Relaxed;
    let short = site.relay.low_disk.load(Relaxed).then_some("free space is below the floor");
    short.or_else(|| site.relay.distrusted.load(Relaxed).then_some("the trail was rewritten"))
}

/// A page for anybody that a parent opens from the agreement (`?for=family`): without the menu of
/// whoever is signed in on this screen.
fn for_family(access: Access, request: &Request) -> bool {
    access == Access::Anyone && request.uri().query() == Some("for=family")
}

enum Allowed {
    Yes,
    SignInFirst,
    No,
}

fn allowed(access: Access, person: Option<&Person>) -> Allowed {
    match (access, person) {
        (Access::Anyone, _) | (Access::SignedIn, Some(_)) => Allowed::Yes,
        (Access::SignedIn | Access::Roles(_), None) => Allowed::SignInFirst,
        (Access::Roles(roles), Some(person)) if roles.contains(&person.role) => Allowed::Yes,
        (Access::Roles(_), Some(_)) => Allowed::No,
    }
}

/// After signing in, a reader comes back to the page; somebody who was sending a form is told that
/// what was saved is still there, and comes back to the draft that they were writing.
fn sign_in_first(request: &Request) -> Response {
    let there = request.uri().path();
    let to = match (request.method(), draft_of(there)) {
        (&Method::GET, _) => format!("/sign-in?next={there}"),
        (_, Some(draft)) => format!("/sign-in?ended=yes&next=/drafts/{draft}"),
        (_, None) => "/sign-in?ended=yes".to_owned(),
    };
    Redirect::to(&to).into_response()
}

/// The draft whose page this is.
fn draft_of(path: &str) -> Option<DraftId> {
    path.strip_prefix("/drafts/")?.split('/').next()?.parse().ok()
}

/// The name of the session cookie.
pub fn cookie_name(site: &Site) -> &'static str {
    if site.secure { "__Host-dutyline" } else { "dutyline-demo" }
}

/// The `Set-Cookie` of a session, or of its end.
pub fn cookie(site: &Site, token: Option<&Token>) -> String {
    let secure = if site.secure { "; Secure" } else { "" };
    let (value, age) = match token {
        Some(token) => (token.secret(), people::SESSION / 1_000_000),
        None => ("", 0),
    };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(site))
}

fn token_of(site: &Site, headers: &HeaderMap) -> Option<Token> {
    let name = cookie_name(site);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| Token::parse(value))
}

macro_rules! from_extensions {
    ($name:ident) => {
        impl FromRequestParts<Arc<Site>> for $name {
            type Rejection = PageError;
            async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, PageError> {
                parts.extensions.get::<$name>().cloned().ok_or(PageError::NotFound)
            }
        }
    };
}

from_extensions!(Who);
from_extensions!(Session);
from_extensions!(MaybeWho);
