//! The whole trail checked at one press: events, tree, checkpoints and every sealed record. The first
//! that does not fit is named, by number. The check reads one snapshot, so that the relay's own work
//! meanwhile is no misfit.

use std::io::ErrorKind;
use std::path::Path;

use askama::Template;

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use crate::audit::{Act, Code, EventDraft, Outcome, VerifierKey};
use crate::relay::actor;
use crate::store::trail;

/// What the check found.
enum Found {
    /// Nothing was checked yet.
    NotYet,
    /// So many events fit.
    Sound(u64),
    /// The sentence that names the first that does not.
    Misfit(String),
}

#[derive(Template)]
#[template(path = "pages/trail/verify.html")]
struct Verify {
    shell: Shell,
    found: Found,
    log_key: String,
}

/// `GET /trail/verify`
pub async fn ask(site: State, Who(person): Who) -> Page {
    let shell = shell(&site, "Verify the trail", Some(&person), "/trail").back("/trail", "Trail");
    page(Verify { shell, found: Found::NotYet, log_key: site.log_key.clone() })
}

/// `POST /trail/verify`
pub async fn run(site: State, Who(person): Who) -> Page {
    let found = check(&site).await?;
    let event = EventDraft::new(Act::TrailVerified, actor(&person));
    let event = match &found {
        Found::Sound(events) => event.extra("events", Code::number(*events)),
        _ => event.outcome(Outcome::Failed),
    };
    site.relay.store.record(event).await?;
    let shell = shell(&site, "Verify the trail", Some(&person), "/trail").back("/trail", "Trail");
    page(Verify { shell, found, log_key: site.log_key.clone() })
}

async fn check(site: &Site) -> Result<Found, PageError> {
    let key = VerifierKey::parse(&site.log_key).map_err(|error| PageError::Internal(error.to_string()))?;
    // Read before the trail is held still: the relay may be signing meanwhile.
    let outside = match &site.checkpoint_file {
        Some(file) => outside(file).await?,
        None => None,
    };
    match trail::verdict(&mut site.relay.store.snapshot().await?, &key, outside).await? {
        Ok(checked) => Ok(Found::Sound(checked.events)),
        Err(misfit) => Ok(Found::Misfit(misfit)),
    }
}

/// The checkpoint that the relay keeps outside its database; a database that was exchanged whole does
/// not fit it.
async fn outside(file: &Path) -> Result<Option<String>, PageError> {
    match tokio::fs::read_to_string(file).await {
        Ok(note) => Ok(Some(note)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PageError::Internal(format!("the checkpoint file: {error}"))),
    }
}
