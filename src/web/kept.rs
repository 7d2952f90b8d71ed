//! A page of a draft that is sent after its writer's session has ended by rest: what was typed is kept
//! beside the draft, sealed, and shown again to the same person when they have signed in. Whoever
//! really sits at the screen learns nothing and changes nothing.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};

use super::Site;
use super::form::Protected;
use crate::domain::form::Part;
use crate::domain::ids::DraftId;
use crate::people::{self, Token};
use crate::pipeline::drafts;

/// The pages that are kept.
const PAGE: &str = "/drafts/{id}/{slug}";

/// Keeps what was typed and sends to the sign-in page; `None` when this is no such page or nobody's.
pub(super) async fn keep(
    site: &Arc<Site>,
    route: &str,
    token: Option<&Token>,
    request: Request,
) -> Result<Response, Request> {
    let there = request.uri().path().to_owned();
    let (Some(token), Some((draft, part))) = (token, page_of(&there)) else { return Err(request) };
    if route != PAGE || request.method() != Method::POST {
        return Err(request);
    }
    let Ok(Some(person)) = people::rested(&site.relay, token).await else { return Err(request) };
    let Ok(Protected(form)) = Protected::from_request(request, site).await else {
        return Ok(Redirect::to("/sign-in?ended=yes").into_response());
    };
    let ended = match drafts::keep_typing(&site.relay, &person, draft, part, form).await {
        Ok(()) => "kept",
        Err(error) => {
            tracing::warn!(%error, "what was typed could not be kept");
            "yes"
        }
    };
    Ok(Redirect::to(&format!("/sign-in?ended={ended}&next={there}")).into_response())
}

fn page_of(path: &str) -> Option<(DraftId, Part)> {
    let (draft, slug) = path.strip_prefix("/drafts/")?.split_once('/')?;
    Some((draft.parse().ok()?, Part::from_slug(slug)?))
}
