//! Files that go with a referral: what may be attached is said before and after it is tried. The
//! parent signs for them too.

use askama::Template;
use axum::extract::{Path, Query};

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Upload;
use super::super::super::shell::Shell;
use super::{Asked, CHECK, FILES, Step, after, around, at, before, draft_id, go, in_area, settled, summary};
use crate::domain::people::Person;
use crate::intake::attachment::MOST;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};

struct Attached {
    name: String,
    about: String,
    remove: String,
}

#[derive(Template)]
#[template(path = "pages/setting/files.html")]
struct Files {
    shell: Shell,
    errors: Vec<(String, String)>,
    file: Field,
    attached: Vec<Attached>,
    full: bool,
    upload: String,
    next: String,
    social_care: String,
}

/// `GET /drafts/{id}/files`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, Query(asked): Query<Asked>) -> Step {
    let open = in_area(&site, &person, &id).await?;
    super::show(page_of(&site, &person, &open, &asked, None))
}

/// `POST /drafts/{id}/files`
pub async fn add(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    upload: Upload,
) -> Step {
    let added = drafts::attach(&site.relay, &person, draft_id(&id)?, &upload.name, &upload.bytes).await;
    if let Err(PipelineError::Refused(sentence)) = added {
        let open = in_area(&site, &person, &id).await?;
        return super::mend(page_of(&site, &person, &open, &asked, Some(sentence)));
    }
    settled(&site, &person, &id, added).await?;
    go(at(draft_id(&id)?, &here(&asked)))
}

/// `POST /drafts/{id}/files/{number}/remove`
pub async fn remove(
    site: State,
    Who(person): Who,
    Path((id, number)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Step {
    let number = number.parse().map_err(|_| PageError::NotFound)?;
    let removed = drafts::detach(&site.relay, &person, draft_id(&id)?, number).await;
    settled(&site, &person, &id, removed).await?;
    go(at(draft_id(&id)?, &here(&asked)))
}

fn here(asked: &Asked) -> String {
    format!("{FILES}{}", from(asked))
}

fn from(asked: &Asked) -> &'static str {
    if asked.checking() { "?from=check" } else { "" }
}

fn page_of(
    site: &super::super::super::Site,
    person: &Person,
    open: &Open,
    asked: &Asked,
    error: Option<String>,
) -> Files {
    let (id, raw) = (open.row.id, &open.content.raw);
    let file = Field::new("file", "Choose a file")
        .hint("A PDF, a JPEG or a PNG, 10 MB or smaller. Up to 5 files in all.")
        .error(error);
    let errors = error_list(&[&file]);
    let (back, next) = match asked.checking() {
        true => (CHECK, CHECK),
        false => (before(FILES, raw), after(FILES, raw)),
    };
    let attached = open.content.attachments.iter().map(|one| Attached {
        name: one.name.clone(),
        about: format!("{}, {}", summary::kind(&one.kind), summary::size(one.size)),
        remove: at(id, &format!("{FILES}/{}/remove{}", one.number, from(asked))),
    });
    Files {
        shell: around(site, person, "Attached files", at(id, back)).error(!errors.is_empty()),
        errors,
        file,
        attached: attached.collect(),
        full: open.content.attachments.len() >= MOST,
        upload: at(id, &here(asked)),
        next: at(id, next),
        social_care: site.social_care.clone(),
    }
}
