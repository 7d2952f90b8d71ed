//! Pages and answers that are the same for everybody.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::super::access::MaybeWho;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State, assets};
use crate::domain::notice::Notice;
use crate::domain::people::Person;

#[derive(Template)]
#[template(path = "pages/accessibility.html")]
struct Accessibility {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "pages/privacy.html")]
struct Privacy {
    shell: Shell,
    notice: Notice,
}

/// `GET /assets/{name}`
pub async fn asset(Path(name): Path<String>) -> Page {
    let asset = assets::find(&name).ok_or(PageError::NotFound)?;
    let kind = (header::CONTENT_TYPE, asset.content_type);
    Ok(([kind, (header::CACHE_CONTROL, assets::CACHE_CONTROL)], asset.body).into_response())
}

/// `GET /accessibility`
pub async fn accessibility(site: State, MaybeWho(who): MaybeWho, RawQuery(asked): RawQuery) -> Page {
    page(Accessibility { shell: for_anybody(&site, "Accessibility statement", who.as_ref(), asked) })
}

/// `GET /privacy`
pub async fn privacy(site: State, MaybeWho(who): MaybeWho, RawQuery(asked): RawQuery) -> Page {
    let notice = site.relay.notice().clone();
    page(Privacy { shell: for_anybody(&site, "Privacy notice", who.as_ref(), asked), notice })
}

/// A page for anybody. Opened from the agreement (`?for=family`) it leads nowhere: a parent reads it on
/// a screen where somebody is signed in.
fn for_anybody(site: &Site, title: &str, who: Option<&Person>, asked: Option<String>) -> Shell {
    let shell = shell(site, title, who, "");
    if asked.as_deref() == Some("for=family") { shell.handed_over() } else { shell }
}

#[derive(Template)]
#[template(path = "pages/keys.html")]
struct Keys {
    shell: Shell,
    classic: String,
    hybrid: String,
    fingerprint: String,
}

/// `GET /keys`: what a setting seals its referrals to.
pub async fn keys(site: State, MaybeWho(who): MaybeWho) -> Page {
    let (classic, hybrid) = site.relay.keys.published();
    let shell = shell(&site, "Published keys", who.as_ref(), "");
    page(Keys { shell, classic, hybrid, fingerprint: site.relay.keys.fingerprint() })
}

/// `GET /healthz`: the process answers.
pub async fn healthz() -> Page {
    Ok("ok\n".into_response())
}

/// `GET /readyz`: the store can be read, its writer works, there is space, and the trail is the one
/// that was signed before.
pub async fn readyz(site: State) -> Page {
    let says = |sign: &std::sync::atomic::AtomicBool| sign.load(std::sync::atomic::Ordering::Relaxed);
    let well = !says(&site.relay.low_disk) && !says(&site.relay.distrusted);
    match (site.relay.store.can_write().await, site.relay.store.read().await) {
        (Ok(()), Ok(_)) if well => Ok("ready
"
        .into_response()),
        _ => Ok((StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()),
    }
}
