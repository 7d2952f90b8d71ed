//! One's own sessions and recent sign-ins, and how long the present one lasts: for whoever shares a
//! computer.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use serde::Serialize;

use super::super::State;
use super::super::access::Session;
use super::super::browser;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use crate::audit::{Act, Code, StoredEvent, decode};
use crate::domain::sign_in::{Method, Stage};
use crate::people::{self, Ends, SignedIn};
use crate::store::{StoreError, trail};

/// Most recent sign-ins that are shown.
const RECENT: usize = 10;

struct Row {
    id: String,
    browser: String,
    how: &'static str,
    since: String,
    seen: String,
    this: bool,
}

struct Recent {
    when: String,
    how: String,
    browser: String,
}

#[derive(Template)]
#[template(path = "pages/account/sessions.html")]
struct Sessions {
    shell: Shell,
    rows: Vec<Row>,
    recent: Vec<Recent>,
    idle_minutes: i64,
    ended: Option<u64>,
}

/// `GET /account/sessions`
pub async fn show(site: State, session: Session) -> Page {
    Ok(listed(&site, &session, None).await?.into_response())
}

async fn listed(site: &State, session: &Session, ended: Option<u64>) -> Page {
    let me = &session.now;
    let rows = people::own_sessions(&site.relay, me).await?;
    let rows = rows.into_iter().map(|one| Row {
        this: one.id == me.session.id,
        browser: browser::words(&one.browser),
        how: if one.stage == Stage::Full { one.method.label() } else { "Not finished" },
        since: one.created_at.for_people(),
        seen: one.seen_at.for_people(),
        id: one.id,
    });
    page(Sessions {
        shell: shell(site, "Where you are signed in", Some(&me.person), "").back("/account", "Your account"),
        rows: rows.collect(),
        recent: recent(site, me).await?,
        idle_minutes: site.relay.sign_in.of(me.person.role).idle / crate::domain::time::MINUTE,
        ended,
    })
}

/// The last sign-ins of whoever asks, as the trail has them.
async fn recent(site: &State, me: &SignedIn) -> Result<Vec<Recent>, PageError> {
    let filter = trail::Filter {
        actor: me.person.id.to_string(),
        act: Act::SignedIn.code().to_owned(),
        ..trail::Filter::default()
    };
    let mut read = site.relay.store.read().await?;
    let events = trail::page(&mut read, &filter).await?;
    let whole = events.iter().map(sign_in).filter_map(Result::transpose).take(RECENT);
    whole.collect::<Result<_, _>>().map_err(PageError::from)
}

/// A sign-in; `None` for one that was still on its way, which another event follows when it is whole.
fn sign_in(stored: &StoredEvent) -> Result<Option<Recent>, StoreError> {
    let event = decode(&stored.bytes).map_err(|error| StoreError::Tampered(error.to_string()))?;
    let extra = |name: &str| event.extra.get(&Code::of(name)).map_or("", |code| code.as_str());
    if extra("stage") != Stage::Full.code() {
        return Ok(None);
    }
    Ok(Some(Recent {
        when: event.at.for_people(),
        how: Method::from_code(extra("method")).map_or("", Method::label).to_owned(),
        browser: browser::words(extra("browser")),
    }))
}

/// `POST /account/sessions/{id}/end`
pub async fn end(site: State, session: Session, Path(id): Path<String>) -> Page {
    if id == session.now.session.id {
        return Err(PageError::BadRequest);
    }
    let ended = people::end_own(&site.relay, &session.now, Ends::One(id)).await?;
    listed(&site, &session, Some(ended)).await
}

/// `POST /account/sessions/end-others`
pub async fn end_others(site: State, session: Session) -> Page {
    let ended = people::end_own(&site.relay, &session.now, Ends::Others).await?;
    listed(&site, &session, Some(ended)).await
}

/// What a page asks to warn in time.
#[derive(Serialize)]
struct Left {
    /// Whose session it is, so that a page never comes back to light before somebody else.
    person: String,
    /// Seconds until it ends if nobody does anything.
    seconds: i64,
    /// Seconds until it ends in any case.
    most: i64,
}

/// `GET /session`: how long the session lasts; 204 when there is none. Asking does not make it longer.
pub async fn left(site: State, session: Option<axum::Extension<Session>>) -> Page {
    let Some(axum::Extension(Session { now, .. })) = session.filter(|one| one.is_whole()) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let rules = site.relay.sign_in.of(now.person.role);
    let until = |end: crate::domain::time::Instant| {
        (end.micros() - site.relay.clock.now().micros()).max(0) / 1_000_000
    };
    let left = Left {
        person: now.person.id.to_string(),
        seconds: until(now.session.idle_end(&rules)),
        most: until(now.session.ends_at),
    };
    let json = serde_json::to_string(&left).map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

/// `POST /session/stay`: the request alone makes the session longer.
pub async fn stay(_: State) -> Page {
    Ok(Redirect::to("/session").into_response())
}
