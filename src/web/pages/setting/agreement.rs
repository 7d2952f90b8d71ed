//! Before anybody agrees (DOMAIN section 3): staff say who agrees, how, and who is present, one small
//! group a page. The answers are kept in the draft, sealed, and the last of them decides what comes next.
//!
//! ```text
//!  agreement (who) ─> how ─┬─> present ─┬─> screen   the parent or carer reads and signs here
//!                          │            ├─> phone    on their own telephone, in the same room
//!                          │            └─> told     a member of staff was told, and a witness heard it
//!                          ├─> link     later, by a link
//!                          ├─> paper    on paper
//!                          ├─> lawful   nobody agreed, and the law lets it be shared
//!                          └─> not-agreed
//! ```
//!
//! A way that this signatory may not use is not offered; one that the gate would hold says so. Nothing
//! here reads the staff-only part. A crash between two pages loses one page's answers.

mod asked;

pub mod screen;
pub mod signed;
pub mod told;

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::field::{Asked as _, Choice, Field};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::{CHECK, Step, Stop, around, at, complete, draft_id, go, settled};
use crate::domain::before::{Before, How};
use crate::domain::people::Person;
use crate::pipeline::drafts::{self, Open};

pub(super) use asked::{full_name, same_name};

#[derive(Template)]
#[template(path = "pages/setting/before_agreement.html")]
struct BeforePage {
    shell: Shell,
    errors: Vec<(String, String)>,
    signed_before: bool,
    heading: &'static str,
    intro: &'static str,
    choice: Option<Choice>,
    fields: Vec<Field>,
    social_care: String,
}

/// The address of the page that asks how.
pub(super) const HOW: &str = "how";
/// The address of the page that asks who is present.
const PRESENT: &str = "present";

/// `GET /drafts/{id}/agreement`: who agrees.
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    let before = open.content.before.clone();
    let who = asked::who(&site.relay.gate().methods, before.map(|before| before.signatory.code()));
    super::show(page_of(&site, &person, &open, Page::Who, Some(who), Vec::new()))
}

/// `POST /drafts/{id}/agreement`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let open = complete(&site, &person, &id).await?;
    let methods = &site.relay.gate().methods;
    let signatory = match asked::read_who(&form, methods) {
        Ok(signatory) => signatory,
        Err(error) => {
            let who = asked::who(methods, None).error(Some(error));
            return super::mend(page_of(&site, &person, &open, Page::Who, Some(who), Vec::new()));
        }
    };
    let before = Before { signatory, ..open.content.before.clone().unwrap_or_default() };
    keep(&site, &person, &id, before).await?;
    go(at(open.row.id, HOW))
}

/// `GET /drafts/{id}/how`: how they agree.
pub async fn how(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, before) = begun(&site, &person, &id).await?;
    let how = asked::how(before.signatory, &ways(&site, &before), before.how.map(How::code));
    super::show(page_of(&site, &person, &open, Page::How, Some(how), Vec::new()))
}

/// `POST /drafts/{id}/how`: leads to the page of that way.
pub async fn save_how(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Step {
    let (open, before) = begun(&site, &person, &id).await?;
    let ways = ways(&site, &before);
    let chosen = How::from_code(form.get("how")).filter(|how| ways.iter().any(|way| way.how == *how));
    let Some(how) = chosen else {
        let how = asked::how(before.signatory, &ways, None).error(Some("Say how they agree"));
        return super::mend(page_of(&site, &person, &open, Page::How, Some(how), Vec::new()));
    };
    keep(&site, &person, &id, Before { how: Some(how), ..before }).await?;
    let next = if how.asks_checked() { PRESENT } else { page_after(how) };
    go(at(open.row.id, next))
}

/// `GET /drafts/{id}/present`: who is present, and how staff know them.
pub async fn present(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, before) = begun(&site, &person, &id).await?;
    let how = asking(&open, &before)?;
    let fields = asked::present(how, &before.present, &before.checked);
    super::show(page_of(&site, &person, &open, Page::Present, None, fields))
}

/// `POST /drafts/{id}/present`
pub async fn save_present(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Step {
    let (open, before) = begun(&site, &person, &id).await?;
    let how = asking(&open, &before)?;
    let (present, checked) = match asked::read_present(&form, how) {
        Ok(answers) => answers,
        Err(fields) => {
            return super::mend(page_of(&site, &person, &open, Page::Present, None, fields));
        }
    };
    keep(&site, &person, &id, Before { present, checked, ..before }).await?;
    go(at(open.row.id, page_after(how)))
}

/// The page on which they agree in this way.
const fn page_after(how: How) -> &'static str {
    match how {
        How::Screen => "screen",
        How::Phone => "phone",
        How::Link => "link",
        How::Paper => "paper",
        How::Told => "told",
        How::No => "not-agreed?staff=yes",
        How::Lawful => "lawful",
    }
}

/// The ways that are offered to this signatory in this deployment.
fn ways(site: &Site, before: &Before) -> Vec<asked::Way> {
    asked::ways(before.signatory, &site.relay.gate().methods, site.relay.lawful.on)
}

async fn keep(site: &Site, person: &Person, id: &str, before: Before) -> Result<(), Stop> {
    let kept = drafts::before_signing(&site.relay, person, draft_id(id)?, before).await;
    settled(site, person, id, kept).await
}

/// As [`complete`], when staff have said who agrees.
async fn begun(site: &Site, person: &Person, id: &str) -> Result<(Open, Before), Stop> {
    let open = complete(site, person, id).await?;
    match open.content.before.clone() {
        Some(before) => Ok((open, before)),
        None => Err(Stop::Go(at(open.row.id, "agreement"))),
    }
}

/// The way that was chosen, when it asks something here; else the page to go to.
fn asking(open: &Open, before: &Before) -> Result<How, Stop> {
    match before.how {
        Some(how) if how.asks_checked() => Ok(how),
        Some(how) => Err(Stop::Go(at(open.row.id, page_after(how)))),
        None => Err(Stop::Go(at(open.row.id, HOW))),
    }
}

/// A draft of which staff have said that it is agreed to in this way, with everything that the way asks
/// of them answered; else the first page that lacks an answer. For the pages of each way.
pub(super) async fn by(site: &Site, person: &Person, id: &str, ways: &[How]) -> Result<(Open, Before), Stop> {
    let (open, before) = begun(site, person, id).await?;
    let there = |page| Err(Stop::Go(at(open.row.id, page)));
    let offered = |how: How| self::ways(site, &before).iter().any(|way| way.how == how);
    match before.how {
        Some(how) if !ways.contains(&how) || !offered(how) => there(HOW),
        Some(_) if before.is_whole() => Ok((open, before)),
        Some(_) => there(PRESENT),
        None => there(HOW),
    }
}

/// Which of the three pages.
#[derive(Clone, Copy)]
enum Page {
    Who,
    How,
    Present,
}

fn page_of(
    site: &Site,
    person: &Person,
    open: &Open,
    which: Page,
    choice: Option<Choice>,
    fields: Vec<Field>,
) -> BeforePage {
    let mut errors: Vec<(String, String)> = choice.iter().filter_map(|one| one.fault()).collect();
    errors.extend(fields.iter().filter_map(|one| one.fault()));
    let (heading, intro, back) = match which {
        Page::Who => {
            ("Who agrees", "You answer this and the next page. Then they read what will be sent.", CHECK)
        }
        Page::How => ("How they agree", "", "agreement"),
        Page::Present => ("Before they agree", "You answer this, not the family.", HOW),
    };
    BeforePage {
        shell: around(site, person, heading, at(open.row.id, back)).error(!errors.is_empty()),
        errors,
        signed_before: open.content.agreement.is_some(),
        heading,
        intro,
        choice,
        fields,
        social_care: site.social_care.clone(),
    }
}
