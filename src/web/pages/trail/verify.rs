//! The whole trail checked at one press: events, tree, checkpoints and every sealed record. The first
//! that does not fit is named, by number. The check reads one snapshot, so that the relay's own work
//! meanwhile is no misfit.

use askama::Template;

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use crate::audit::{Act, Checked, Checkpoint, Code, EventDraft, Outcome, VerifierKey};
use crate::relay::actor;
use crate::store::trail::{self, Untrue};

/// Said of events that fit each other and that nobody has vouched for.
const UNSIGNED: &str = "The events fit each other, but no signed checkpoint covers any of them.";

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
    let mut snapshot = site.relay.store.snapshot().await?;
    let mut checkpoints = Vec::new();
    for note in trail::notes(&mut snapshot).await? {
        match Checkpoint::parse_and_verify(&note, &key) {
            Ok(checkpoint) => checkpoints.push(checkpoint),
            Err(error) => return Ok(Found::Misfit(format!("A stored checkpoint is not sound: {error}"))),
        }
    }
    match trail::check(&mut snapshot, &checkpoints).await {
        Ok(Checked { events: 1.., signed: 0 }) => Ok(Found::Misfit(UNSIGNED.to_owned())),
        Ok(checked) => Ok(Found::Sound(checked.events)),
        Err(Untrue::Store(error)) => Err(error.into()),
        Err(misfit) => Ok(Found::Misfit(misfit.to_string())),
    }
}
