//! The task list of one referral: what is done, what is next, what has to wait; and for one that came
//! back held, why, and what is to be done again.

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::parts::{Tag, Task};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::area::{self, Area};
use super::part::heading;
use super::sign::BY_STAFF;
use super::{FILES, Step, Stop, around, at, summary, unsent, way};
use crate::casework;
use crate::domain::form::{Part, Raw};
use crate::domain::ids::{CaseId, DraftId};
use crate::domain::people::Person;
use crate::domain::referral::State as Stage;
use crate::domain::verdict::{Reason, SIGNATURE_TO_CHECK};
use crate::intake::Evidence;
use crate::intake::draft::Draft;
use crate::store::referrals;

#[derive(Template)]
#[template(path = "pages/setting/tasks.html")]
struct Tasks {
    shell: Shell,
    area: Area,
    /// It was sent before and is held.
    held: bool,
    /// Why, for those who may know.
    reasons: Vec<Reason>,
    being_checked: bool,
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

/// What is held, as far as this person may know it.
#[derive(Default)]
struct Held {
    is: bool,
    reasons: Vec<Reason>,
    /// The signatures that the gate looked at.
    judged: Option<Evidence>,
}

impl Held {
    /// Whether a signature has to be looked at before anybody is asked to sign again.
    fn being_checked(&self) -> bool {
        self.reasons.iter().any(|reason| reason.code == SIGNATURE_TO_CHECK)
    }
}

/// `GET /drafts/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = unsent(&site, &person, &id).await?;
    let held = held(&site, &person, open.row.case).await?;
    let (id, content) = (open.row.id, &open.content);
    let faulty = content.parts_with_faults(site.relay.context());
    let area = area::of(&site, &content.raw);
    let elsewhere = matches!(area, Area::Elsewhere { .. });
    let family = way(&content.raw).into_iter().map(|slug| task(id, slug, content, &faulty, held.is));
    let ready = faulty.is_empty() && !elsewhere;
    let agreed = ready && super::has_agreement(&site, content);
    let all = agreed && content.referrer.is_some();
    super::show(Tasks {
        shell: around(&site, &person, "This referral", "/referrals".to_owned()),
        area,
        family: family.collect(),
        signing: signing(id, content, (ready, agreed), &held),
        sending: vec![sending(id, all, held.is)],
        held: held.is,
        being_checked: held.being_checked(),
        reasons: held.reasons,
        postcode: at(id, Part::Home.slug()),
        social_care: site.social_care.clone(),
    })
}

/// The held referral of this case, opened for those who may know why it is held.
async fn held(site: &Site, person: &Person, case: CaseId) -> Result<Held, Stop> {
    let mut read = site.relay.store.read().await?;
    let row = referrals::by_case(&mut read, case).await?.filter(|row| row.state == Stage::Held);
    drop(read);
    let Some(row) = row else { return Ok(Held::default()) };
    if !casework::may_read_restricted(person, &row) {
        return Ok(Held { is: true, ..Held::default() });
    }
    let opened = casework::open(&site.relay, person, row.id).await?;
    let reasons = summary::reasons_for(person, &row, &opened.verdict);
    Ok(Held { is: true, reasons, judged: Some(opened.evidence) })
}

fn task(id: DraftId, slug: &'static str, content: &Draft, faulty: &[Part], held: bool) -> Task {
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
        (true, _) if held => again(),
        (true, true) => Tag::new("In progress", "blue"),
        (false, true) => Tag::plain("Done"),
        // What was filled in for its writer is whole; whether it is right, nobody has said yet.
        (false, false) if content.raw.touched(part) => Tag::new("Check", "blue"),
        (_, false) => Tag::new("Not started", "white"),
    };
    Task::new(heading(part), at(id, slug), status)
}

/// What the gate held the referral for, or what has become wrong since.
fn again() -> Tag {
    Tag::new("To do again", "orange")
}

/// A signature that somebody has to look at first: whoever gave it is not asked for another meanwhile.
fn being_checked() -> Tag {
    Tag::new("Being checked", "grey")
}

fn begun(part: Part, raw: &Raw) -> bool {
    let mut mine = raw.clone();
    FILLED_IN.iter().for_each(|path| mine.remove(path));
    mine.touched(part)
}

fn signing(id: DraftId, content: &Draft, (ready, agreed): (bool, bool), held: &Held) -> Vec<Task> {
    let wait = || Tag::new("Cannot start yet", "grey");
    let one = |title: &str, slug: &str, may: bool, status: Option<Tag>| match may {
        false => Task::waiting(title, wait()),
        true => Task::new(title, at(id, slug), status.unwrap_or_else(|| Tag::new("Not started", "white"))),
    };
    let done = |is: bool| is.then(|| Tag::plain("Done"));
    let [by_family, by_referrer] = at_fault(content, held);
    // Words that changed after they were agreed to are asked for again.
    let changed = content.agreement.is_none() && content.later.is_none() && content.agreed.is_some();
    let by_family =
        (by_family || changed).then(|| if held.being_checked() { being_checked() } else { again() });
    let by_referrer = by_referrer.then(again);
    vec![
        one("Check the answers", super::CHECK, true, done(agreed)),
        one("Parent or carer agrees", "agreement", ready, by_family.or_else(|| done(agreed))),
        one("You sign", BY_STAFF, agreed, by_referrer.or_else(|| done(content.referrer.is_some()))),
    ]
}

/// Whether the family's and the referrer's signatures are among what the referral is held for, and are
/// still those that the gate looked at.
fn at_fault(content: &Draft, held: &Held) -> [bool; 2] {
    let Some(judged) = &held.judged else { return [false; 2] };
    let about = |begin: &str| held.reasons.iter().any(|reason| reason.code.starts_with(begin));
    let family = ["agreement-", "signature-", "signer-", "statement-", "content-", "witness-", "lawful-"]
        .into_iter()
        .any(about);
    [
        family && judged.agreement == content.agreement && judged.lawful == content.lawful,
        about("referrer-") && judged.referrer == content.referrer,
    ]
}

/// The last step has one status whatever was answered there before: its answers show nowhere. A held
/// referral is sent again from there, whatever it is held for.
fn sending(id: DraftId, ready: bool, held: bool) -> Task {
    match ready {
        true if held => Task::new("Last page and send", at(id, "staff-only"), again()),
        true => Task::new("Last page and send", at(id, "staff-only"), Tag::new("Not started", "white")),
        false => Task::waiting("Last page and send", Tag::new("Cannot start yet", "grey")),
    }
    .hint("For staff, without the family")
}
