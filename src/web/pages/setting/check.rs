//! Check answers: the family part as it will be shown to the parent, with links to change it and
//! everything that is missing. Staff-only answers are asked later and never stand here.

use askama::Template;
use axum::extract::Path;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::shell::Shell;
use super::part::{Check, warnings};
use super::summary::{self, Changed, Section};
use super::{Step, around, at, in_area, way};
use crate::domain::form::{Part, read_part};

#[derive(Template)]
#[template(path = "pages/setting/check.html")]
struct CheckPage {
    shell: Shell,
    missing: Vec<(String, String)>,
    checks: Vec<Check>,
    /// What is not as it was when somebody last agreed.
    changes: Vec<Changed>,
    sections: Vec<Section>,
    agreement: String,
    tasks: String,
    social_care: String,
}

/// `GET /drafts/{id}/check`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = in_area(&site, &person, &id).await?;
    let (id, content) = (open.row.id, &open.content);
    let (mut missing, mut checks) = (Vec::new(), Vec::new());
    for part in Part::FAMILY {
        let said = read_part(&content.raw, *part, site.relay.context()).1;
        checks.extend(warnings(&open, *part, &said));
        let stops = said.into_iter().filter(|fault| !fault.warning);
        missing.extend(stops.map(|fault| {
            let sentence = summary::about(fault.code, fault.path, &fault.sentence);
            let there = at(id, &format!("{}?from=check#{}", part.slug(), fault.path));
            (there, format!("{}. {sentence}", part.heading()))
        }));
    }
    let family = content.family(site.relay.context());
    let last = way(&content.raw).last().copied().unwrap_or_default();
    super::show(CheckPage {
        shell: around(&site, &person, "Check the answers", at(id, last)),
        missing,
        checks,
        changes: summary::changed(&content.since_agreed(site.relay.context())),
        sections: summary::with_links(&family, id, &way(&content.raw)),
        agreement: at(id, "agreement"),
        tasks: at(id, ""),
        social_care: site.social_care.clone(),
    })
}
