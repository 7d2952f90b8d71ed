//! The task list of one referral: what is done, what is next, what has to wait.

use askama::Template;
use axum::extract::Path;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::parts::{Tag, Task};
use super::super::super::shell::Shell;
use super::area::{self, Area};
use super::{FILES, Step, around, at, unsent, way};
use crate::domain::form::{Part, Raw};
use crate::domain::ids::DraftId;
use crate::intake::draft::Draft;

#[derive(Template)]
#[template(path = "pages/setting/tasks.html")]
struct Tasks {
    shell: Shell,
    area: Area,
    family: Vec<Task>,
    signing: Vec<Task>,
    sending: Vec<Task>,
    postcode: String,
    social_care: String,
}

/// What a new draft brings along: not yet an answer of its writer's.
const FILLED_IN: [&str; 7] = [
    "referrer.name",
    "referrer.setting",
    "referrer.urn",
    "referrer.phone",
    "referrer.email",
    "referrer.date",
    "child.pre_school",
];

/// `GET /drafts/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = unsent(&site, &person, &id).await?;
    let (id, content) = (open.row.id, &open.content);
    let faulty = content.parts_with_faults(site.relay.context());
    let area = area::of(&site, &content.raw);
    let elsewhere = matches!(area, Area::Elsewhere { .. });
    let family = way(&content.raw).into_iter().map(|slug| task(id, slug, content, &faulty)).collect();
    let ready = faulty.is_empty() && !elsewhere;
    super::show(Tasks {
        shell: around(&site, &person, "This referral", "/referrals".to_owned()),
        area,
        family,
        signing: signing(id, content, ready),
        sending: vec![sending(id, ready && content.agreement.is_some() && content.referrer.is_some())],
        postcode: at(id, Part::Home.slug()),
        social_care: site.social_care.clone(),
    })
}

fn task(id: DraftId, slug: &'static str, content: &Draft, faulty: &[Part]) -> Task {
    let Some(part) = Part::from_slug(slug) else {
        let status = match content.attachments.len() {
            0 => Tag::new("Optional", "white"),
            1 => Tag::plain("1 file"),
            n => Tag::plain(format!("{n} files")),
        };
        return Task::new("Attached files", at(id, FILES), status);
    };
    let begun = begun(part, &content.raw) || content.done.iter().any(|done| done == slug);
    let status = match (faulty.contains(&part), begun) {
        (true, true) => Tag::new("In progress", "blue"),
        (_, false) => Tag::new("Not started", "white"),
        (false, true) => Tag::plain("Done"),
    };
    Task::new(part.heading(), at(id, slug), status)
}

fn begun(part: Part, raw: &Raw) -> bool {
    let mut mine = raw.clone();
    FILLED_IN.iter().for_each(|path| mine.remove(path));
    mine.touched(part)
}

fn signing(id: DraftId, content: &Draft, ready: bool) -> Vec<Task> {
    let wait = || Tag::new("Cannot start yet", "grey");
    let one = |title: &str, slug: &str, may: bool, done: bool| match (may, done) {
        (false, _) => Task::waiting(title, wait()),
        (true, true) => Task::new(title, at(id, slug), Tag::plain("Done")),
        (true, false) => Task::new(title, at(id, slug), Tag::new("Not started", "white")),
    };
    let agreed = ready && content.agreement.is_some();
    vec![
        one("Check the answers", super::CHECK, true, agreed),
        one("Parent or carer reads and signs", "agreement", ready, agreed),
        one("You sign", "sign", agreed, content.referrer.is_some()),
    ]
}

/// The last step has one status whatever was answered there before: its answers show nowhere.
fn sending(id: DraftId, ready: bool) -> Task {
    match ready {
        true => Task::new("Last page and send", at(id, "staff-only"), Tag::new("Not started", "white")),
        false => Task::waiting("Last page and send", Tag::new("Cannot start yet", "grey")),
    }
    .hint("For staff, without the family")
}
