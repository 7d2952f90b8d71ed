//! Who is asking, and whether they may use this route at all: decided before the body is read.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::PageError;
use super::routes::{Access, access_of};
use super::{Site, State, kept};
use crate::domain::ids::DraftId;
use crate::domain::people::{Person, Role};
use crate::domain::sign_in::Stage;
use crate::domain::time::MINUTE;
use crate::people::{self, SignedIn, Token};
use crate::store::StoreError;

/// The signed-in person of a request.
#[derive(Clone)]
pub struct Who(pub Person);

/// The session of a request, whatever its stage: for signing in further and out.
#[derive(Clone)]
pub struct Session {
    /// The cookie's secret.
    pub token: Token,
    /// Whose session it is, and how far they have come.
    pub now: SignedIn,
}

/// The signed-in person, if there is one.
#[derive(Clone)]
pub struct MaybeWho(pub Option<Person>);

/// Lets a request through to its handler if its sender may use the route. The answer carries who asked,
/// so that an error page can still show who is signed in.
pub async fn guard(site: State, request: Request, next: Next) -> Response {
    let axum::extract::State(site) = site;
    let token = token_of(&site, request.headers());
    let looks_only = request.uri().path() == TIME_LEFT;
    let session = match session_of(&site, token.clone(), looks_only).await {
        Ok(session) => session,
        Err(error) => return PageError::from(error).into_response(),
    };
    let who = session.as_ref().filter(|session| session.is_whole()).map(|one| Who(one.now.person.clone()));
    let before = session.clone();
    let mut answer = admit(&site, request, next, session, token).await;
    if let Some(before) = before.filter(|before| begins_another(&site, &answer, before))
        && let Err(error) = people::sign_out(&site.relay, &before.token, &before.now).await
    {
        return PageError::from(error).into_response();
    }
    if let Some(who) = who {
        answer.extensions_mut().insert(who);
    }
    answer
}

/// Whether an answer begins another session than the browser had. That one is over: nobody comes back to somebody
/// else's session on this screen, and a browser has one at a time.
fn begins_another(site: &Site, answer: &Response, before: &Session) -> bool {
    let begun = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let of_session = |cookie: &str| {
        let (name, rest) = cookie.split_once('=')?;
        (name == cookie_name(site)).then(|| Token::parse(rest.split(';').next().unwrap_or_default()))?
    };
    begun.filter_map(of_session).any(|token| token.secret() != before.token.secret())
}

/// The one page that a browser asks for by itself: looking at the time that is left is no sign that
/// somebody is there.
const TIME_LEFT: &str = "/session";

/// The session that the request's cookie names, if it has not ended; notes that its holder is there.
async fn session_of(
    site: &Site,
    token: Option<Token>,
    looks_only: bool,
) -> Result<Option<Session>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    let Some(now) = people::whose(&site.relay, &token).await? else { return Ok(None) };
    if !looks_only {
        people::stay(&site.relay, &token, &now.session).await?;
    }
    Ok(Some(Session { token, now }))
}

impl Session {
    /// Whether its holder is signed in, and not on the way only.
    pub fn is_whole(&self) -> bool {
        self.now.session.stage == Stage::Full
    }
}

async fn admit(
    site: &Arc<Site>,
    mut request: Request,
    next: Next,
    session: Option<Session>,
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
    match allowed(site, access, session.as_ref(), request.method()) {
        Allowed::Yes => {}
        Allowed::SignInFirst => {
            return match kept::keep(site, &path, token.as_ref(), request).await {
                Ok(answer) => answer,
                Err(request) => sign_in_first(&request),
            };
        }
        Allowed::Go(to) => return Redirect::to(to).into_response(),
        Allowed::CheckAgain => return check_again(&request),
        Allowed::No => return PageError::NotFound.into_response(),
    }
    let whole = session.as_ref().filter(|session| session.is_whole()).map(|one| one.now.person.clone());
    if let Some(person) = &whole {
        request.extensions_mut().insert(Who(person.clone()));
    }
    if let Some(session) = session {
        request.extensions_mut().insert(session);
    }
    let shown_to = whole.filter(|_| !for_family(access, &request));
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
    /// The holder is on the way to being signed in: this page comes first.
    Go(&'static str),
    /// The last check of a second factor is too old.
    CheckAgain,
    No,
}

/// How much older the last check may be for sending a form than for opening its page, microseconds: so
/// that nobody loses what they typed.
const TIME_TO_TYPE: i64 = 30 * MINUTE;

fn allowed(site: &Site, access: Access, session: Option<&Session>, method: &Method) -> Allowed {
    let (roles, fresh) = match access {
        Access::Anyone => return Allowed::Yes,
        Access::Begun if session.is_some() => return Allowed::Yes,
        Access::Begun | Access::SignedIn => (Role::ALL, false),
        Access::Roles(roles) => (roles, false),
        Access::Fresh(roles) => (roles, true),
    };
    let Some(session) = session else { return Allowed::SignInFirst };
    match session.now.session.stage {
        Stage::Second => return Allowed::Go("/sign-in/second"),
        Stage::SetUp => return Allowed::Go("/account/set-up"),
        Stage::Full => {}
    }
    if !roles.contains(&session.now.person.role) {
        return Allowed::No;
    }
    let rules = &site.relay.sign_in;
    let more = if method == Method::POST { TIME_TO_TYPE } else { 0 };
    let now = site.relay.clock.now();
    let old = !session.now.session.proven_within(now, rules.recheck + more);
    let stale = fresh && !session.now.session.checked_within(now, rules.fresh + more);
    if old || stale { Allowed::CheckAgain } else { Allowed::Yes }
}

/// The second factor first, then the page that was asked for, or the start page after a form.
fn check_again(request: &Request) -> Response {
    let there = if request.method() == Method::GET { request.uri().path() } else { "/" };
    Redirect::to(&format!("/sign-in/again?next={there}")).into_response()
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

/// The `Set-Cookie` of a session, or of its end. Closing the browser forgets it; the server ends it in
/// any case.
pub fn cookie(site: &Site, token: Option<&Token>) -> String {
    let secure = if site.secure { "; Secure" } else { "" };
    let (value, end) = match token {
        Some(token) => (token.secret(), ""),
        None => ("", "; Max-Age=0"),
    };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{end}{secure}", cookie_name(site))
}

fn token_of(site: &Site, headers: &HeaderMap) -> Option<Token> {
    cookie_named(headers, cookie_name(site))
}

/// The token in the cookie of this name.
pub fn cookie_named(headers: &HeaderMap, name: &str) -> Option<Token> {
    cookie_value(headers, name).and_then(Token::parse)
}

/// The value of the first cookie with this name.
pub(super) fn cookie_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
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
