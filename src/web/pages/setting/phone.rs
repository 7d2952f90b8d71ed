//! The parent or carer reads and signs on their own phone, beside this screen: a square to photograph, or a
//! short address and a code to type. The page goes on by itself when they have answered, and by a link
//! without a script. The square works for one phone, once, for half an hour; a new one ends the old.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::shell::Shell;
use super::super::super::square::square;
use super::super::super::{Site, State};
use super::agreement::by;
use super::{Step, Stop, around, at, draft_id, go};
use crate::domain::before::How;
use crate::domain::people::Person;
use crate::pipeline::by_link;
use crate::pipeline::drafts::{self, Open};
use crate::store::family::Link;

#[derive(Template)]
#[template(path = "pages/setting/phone.html")]
struct Phone {
    shell: Shell,
    /// The `svg` element of the square; empty when none stands here.
    square: String,
    address: String,
    short: String,
    until: String,
    state: &'static str,
    waiting: String,
    here: String,
}

/// `GET /drafts/{id}/phone`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, _) = by(&site, &person, &id, &[How::Phone]).await?;
    let here = open.row.id;
    if let Some(next) = answered(&open) {
        return go(at(here, next));
    }
    let link = standing(&site, &person, &open).await?;
    let state = state_of(&site, link.as_ref());
    let shown = link.filter(|_| state == WAITING);
    let square = match &shown {
        Some(link) => square(&format!("{}/family/{}", site.base_url, site.relay.family_token(link.id)))?,
        None => String::new(),
    };
    let until = shown.as_ref().map_or_else(String::new, |link| link.ends.for_people());
    let short = shown.map_or_else(String::new, |link| grouped(&site.relay.family_short(link.id)));
    super::show(Phone {
        shell: around(&site, &person, "They sign on their own phone", at(here, "how")),
        square,
        address: format!("{}/sign", without_scheme(&site.base_url)),
        short,
        until,
        state,
        waiting: at(here, "phone/state"),
        here: at(here, "phone"),
    })
}

/// `POST /drafts/{id}/phone`: a new square; an earlier one ends.
pub async fn stand(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, _) = by(&site, &person, &id, &[How::Phone]).await?;
    by_link::on_screen(&site.relay, &person, open.row.id).await?;
    go(at(open.row.id, "phone"))
}

/// `POST /drafts/{id}/phone/cancel`: the square ends; another way is chosen.
pub async fn cancel(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let draft = draft_id(&id)?;
    by_link::cancel(&site.relay, &person, draft).await?;
    go(at(draft, "how"))
}

/// `GET /drafts/{id}/phone/state`: one word, for the page that waits.
pub async fn state(site: State, Who(person): Who, Path(id): Path<String>) -> Result<Response, PageError> {
    let draft = id.parse().map_err(|_| PageError::NotFound)?;
    let links = by_link::of_draft(&site.relay, &person, draft).await?;
    let word = match drafts::open(&site.relay, &person, draft).await {
        Ok(open) if answered(&open).is_some() => ANSWERED,
        Ok(_) => state_of(&site, links.iter().find(|link| here(link))),
        Err(error) => return Err(error.into()),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], word).into_response())
}

const NONE: &str = "none";
const WAITING: &str = "waiting";
const OPENED: &str = "opened";
const ANSWERED: &str = "answered";

/// Where staff go on once the family has answered.
fn answered(open: &Open) -> Option<&'static str> {
    match (&open.content.agreement, open.content.is_refused()) {
        (Some(_), _) => Some("sign?staff=yes"),
        (None, true) => Some("not-agreed?staff=yes"),
        (None, false) => None,
    }
}

fn here(link: &Link) -> bool {
    link.purpose == crate::domain::family::Purpose::SignHere
}

async fn standing(site: &Site, person: &Person, open: &Open) -> Result<Option<Link>, Stop> {
    let links = by_link::of_draft(&site.relay, person, open.row.id).await?;
    Ok(links.into_iter().find(here))
}

fn state_of(site: &Site, link: Option<&Link>) -> &'static str {
    match link {
        Some(link) if !link.lives(site.relay.clock.now()) => NONE,
        Some(link) if link.opened_at > 0 => OPENED,
        Some(_) => WAITING,
        None => NONE,
    }
}

/// In groups of four, as people read a code out.
fn grouped(code: &str) -> String {
    let (first, rest) = code.split_at(code.len() / 2);
    format!("{first} {rest}")
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}
