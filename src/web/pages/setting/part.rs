//! One part of the form on one page, made from the field list; and the page that names the council of
//! a child who lives elsewhere, before anything more is typed.

use askama::Template;
use axum::extract::{Path, Query};

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::area::{self, Area};
use super::questions::{self, Question};
use super::{Asked, CHECK, Step, after, around, at, before, draft_id, go, settled, unsent};
use crate::domain::form::{Fault, Part, read_part};
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/part.html")]
struct PartPage {
    shell: Shell,
    heading: &'static str,
    lead: &'static [&'static str],
    errors: Vec<(String, String)>,
    checks: Vec<Check>,
    /// When the page was sent after its writer's session had ended, if it was.
    kept: Option<String>,
    area: Area,
    questions: Vec<Question>,
    tasks: String,
    social_care: String,
}

#[derive(Template)]
#[template(path = "pages/setting/out_of_area.html")]
struct OutOfArea {
    shell: Shell,
    council: String,
    postcode: String,
    social_care: String,
}

/// Something worth a second look, which stops nothing.
pub(super) struct Check {
    /// The sentence.
    pub sentence: String,
    /// The answer that it is about.
    pub href: String,
}

/// `GET /drafts/{id}/{slug}`
pub async fn show(
    site: State,
    Who(person): Who,
    Path((id, slug)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Step {
    let part = Part::from_slug(&slug).ok_or(PageError::NotFound)?;
    let mut open = may_be_asked(&site, &person, &id, part).await?;
    let kept = match open.row.person == person.id {
        true => open.content.show_kept(part),
        false => None,
    };
    let mut said = read_part(&open.content.raw, part, site.relay.context()).1;
    said.retain(|fault| fault.warning || asked.checking());
    let page = page_of(&site, &person, &open, part, &said, &asked);
    super::show(PartPage { kept: kept.map(Instant::for_people), ..page })
}

/// `POST /drafts/{id}/{slug}`
pub async fn save(
    site: State,
    Who(person): Who,
    Path((id, slug)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Protected(form): Protected,
) -> Step {
    let part = Part::from_slug(&slug).ok_or(PageError::NotFound)?;
    let saved = drafts::save_part(&site.relay, &person, draft_id(&id)?, part, &form).await;
    let said = settled(&site, &person, &id, saved).await?;
    if form.get("then") == "later" {
        return go("/referrals");
    }
    let open = unsent(&site, &person, &id).await?;
    if said.iter().any(|fault| !fault.warning) {
        return super::mend(page_of(&site, &person, &open, part, &said, &asked));
    }
    if matches!(area::of(&site, &open.content.raw), Area::Elsewhere { .. }) {
        return go(at(open.row.id, "out-of-area"));
    }
    let next = if asked.checking() { CHECK } else { after(&slug, &open.content.raw) };
    go(at(open.row.id, next))
}

/// `GET /drafts/{id}/out-of-area`
pub async fn out_of_area(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = unsent(&site, &person, &id).await?;
    let postcode = at(open.row.id, Part::Home.slug());
    let Area::Elsewhere { council, .. } = area::of(&site, &open.content.raw) else {
        return go(postcode);
    };
    super::show(OutOfArea {
        shell: around(&site, &person, "The child lives in another area", postcode.clone()),
        council,
        postcode,
        social_care: site.social_care.clone(),
    })
}

/// The draft, if this part may be asked now: nothing after the postcode for a child who lives
/// elsewhere, no times for a meeting that nobody asked for.
async fn may_be_asked(site: &Site, person: &Person, id: &str, part: Part) -> Result<Open, super::Stop> {
    if part == Part::Home {
        return unsent(site, person, id).await;
    }
    let open = super::in_area(site, person, id).await?;
    match super::way(&open.content.raw).contains(&part.slug()) {
        true => Ok(open),
        false => Err(super::Stop::Go(at(open.row.id, ""))),
    }
}

fn page_of(site: &Site, person: &Person, open: &Open, part: Part, said: &[Fault], asked: &Asked) -> PartPage {
    let (id, raw) = (open.row.id, &open.content.raw);
    let questions = questions::of(part, raw, said);
    let errors = questions::errors(&questions);
    let back = if asked.checking() { CHECK } else { before(part.slug(), raw) };
    let mut checks = warnings(open, part, said);
    let earlier = Part::from_slug(before(part.slug(), raw));
    if let Some(earlier) = earlier.filter(|_| errors.is_empty()) {
        let about_it = read_part(raw, earlier, site.relay.context()).1;
        checks.extend(warnings(open, earlier, &about_it));
    }
    PartPage {
        shell: around(site, person, heading(part), at(id, back)).error(!errors.is_empty()),
        heading: heading(part),
        lead: lead(part),
        errors,
        checks,
        kept: None,
        area: if part == Part::Child { area::of(site, raw) } else { Area::NotAsked },
        questions,
        tasks: at(id, ""),
        social_care: site.social_care.clone(),
    }
}

/// The warnings of a part.
pub(super) fn warnings(open: &Open, part: Part, said: &[Fault]) -> Vec<Check> {
    let told = said.iter().filter(|fault| fault.warning);
    told.map(|fault| Check {
        sentence: super::summary::ended(&fault.sentence),
        href: at(open.row.id, &format!("{}#{}", part.slug(), fault.path)),
    })
    .collect()
}

/// The page's own heading: the first page asks for more than its part says.
pub(super) const fn heading(part: Part) -> &'static str {
    match part {
        Part::Home => "What you need and where the child lives",
        part => part.heading(),
    }
}

/// What stands above the questions. Who should have a meeting is DOMAIN section 5: said, never decided.
fn lead(part: Part) -> &'static [&'static str] {
    match part {
        Part::Home => &["The child's home postcode decides which duty line can help."],
        Part::Child => &["We need the child's name and date of birth. Leave empty what you do not know."],
        Part::Carer => &["We need a name and one way to make contact. Leave empty what you do not know."],
        Part::Support => &["Leave empty what you do not know."],
        Part::Reason => &["Tell us about your concerns. Leave empty what does not apply."],
        Part::Meeting => &[
            "Agree three dates and times with the family. A meeting takes one hour, on a weekday, at least \
             two weeks from today.",
            "For a child under two who meets the criteria, a meeting should be arranged.",
            "For a child whose complex needs are known and who has services in place, a meeting is not \
             needed. You decide with the family.",
        ],
        Part::Referrer => &["Check what we filled in. We need your name and a number or an email address."],
        Part::Restricted => &[],
    }
}
