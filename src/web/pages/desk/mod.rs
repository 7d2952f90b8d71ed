//! The intake desk: referrals for which no rule found a line, and mail that was held ([`mails`]).
//! The desk picks the line with a reason; nothing is guessed silently (DOMAIN section 4).

pub mod mails;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::field::{Answer, Asked as _, Choice, Field, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::{Pages, SummaryRow, Tag};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::line::record_list;
use super::referral::facts::{self, Section};
use super::referral::id_of;
use super::referral::list::{self, Asked};
use crate::casework::{self, CaseworkError, Opened};
use crate::domain::form::{Part, Raw};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::store::letters::{self, Letter};
use crate::store::referrals::{self, Referral};

/// Most characters of a reason.
const REASON: usize = 1_000;

struct Item {
    id: String,
    reference: String,
    setting: String,
    urgency: Tag,
    age: String,
}

#[derive(Template)]
#[template(path = "pages/desk/list.html")]
struct List {
    shell: Shell,
    placed: bool,
    items: Vec<Item>,
    pages: Pages,
    undelivered: Vec<Letter>,
}

#[derive(Template)]
#[template(path = "pages/desk/referral.html")]
struct View {
    shell: Shell,
    errors: Vec<(String, String)>,
    reference: String,
    urgency: Tag,
    waiting: String,
    why: Vec<SummaryRow>,
    suggestion: Option<(String, String)>,
    sections: Vec<Section>,
    lines: Choice,
    reason: Field,
    social_care: String,
}

/// `GET /desk`
pub async fn list(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let skip = list::skip(&asked);
    record_list(&site, &person, "intake-desk").await?;
    let mut read = site.relay.store.read().await?;
    let rows = referrals::intake_desk(&mut read, skip).await?;
    let settings = list::settings(&mut read, &rows).await?;
    let undelivered = letters::undelivered(&mut read).await?;
    let today = site.relay.clock.now().day();
    let item = |row: &Referral| Item {
        id: row.id.to_string(),
        reference: row.reference.clone(),
        setting: settings.get(&row.organisation).cloned().unwrap_or_default(),
        urgency: facts::urgency_tag(row.urgency),
        age: facts::working_days(row.submitted_at, today),
    };
    page(List {
        shell: shell(&site, "Referrals to place", Some(&person), "/desk"),
        placed: asked.get("placed") == "yes",
        items: rows.iter().map(item).collect(),
        pages: list::pages("/desk", skip, rows.len()),
        undelivered,
    })
}

/// `GET /desk/referrals/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let opened = casework::open(&site.relay, &person, id_of(&id)?).await?;
    view(&site, &person, &opened, &Raw::default(), Faults::default()).await
}

/// `POST /desk/referrals/{id}`: the line and the reason.
pub async fn choose(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    let faults = Faults::of(&site, &form);
    if faults == Faults::default() {
        let (line, reason) = (form.get("line"), form.get("reason"));
        match casework::choose_line(&site.relay, &person, id, line, reason).await {
            Ok(()) => return Ok(Redirect::to("/desk?placed=yes").into_response()),
            Err(CaseworkError::Refused(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    view(&site, &person, &opened, &form, faults).await
}

/// What is wrong with what was sent.
#[derive(Clone, Copy, Default, PartialEq)]
struct Faults {
    line: Option<&'static str>,
    reason: Option<&'static str>,
}

impl Faults {
    fn of(site: &Site, form: &Raw) -> Self {
        let no_line = site.relay.places.locality(form.get("line")).is_none();
        let reason = form.get("reason").trim().chars().count();
        Self {
            line: no_line.then_some("Choose a duty line"),
            reason: match reason {
                0 => Some("Write why you choose this line"),
                1..=REASON => None,
                _ => Some("Write the reason in 1,000 characters or fewer"),
            },
        }
    }
}

async fn view(site: &Site, person: &Person, opened: &Opened, form: &Raw, faults: Faults) -> Page {
    let Opened { referral, family, route, .. } = opened;
    let localities = &site.relay.places;
    let name = |id: &str| localities.locality(id).map_or_else(|| id.to_owned(), |line| line.name.clone());
    let answers =
        localities.localities().iter().map(|line| Answer::new(line.id.as_str(), &line.name)).collect();
    let chosen = Some(form.get("line")).filter(|line| !line.is_empty());
    let lines = Choice::new("line", "Which duty line?", answers).chosen(chosen).error(faults.line);
    let reason = Field::new("reason", "Why this line?")
        .hint("For example, whom you rang and what they said. It is kept with the referral.")
        .value(form.get("reason"))
        .limit(1_000)
        .label_size("s")
        .error(faults.reason);
    let mut read = site.relay.store.read().await?;
    let mut why = facts::route(site, &mut read, referral, route).await?;
    let typed = if route.input.is_empty() { "Not known" } else { &route.input };
    why.insert(0, SummaryRow::new("Postcode as it was typed", typed));
    let title = format!("Place referral {}", referral.reference);
    page(View {
        shell: shell(site, &title, Some(person), "/desk")
            .back("/desk", "Referrals to place")
            .error(lines.fault().is_some() || reason.fault().is_some()),
        errors: error_list(&[&lines, &reason]),
        reference: referral.reference.clone(),
        urgency: facts::urgency_tag(referral.urgency),
        waiting: facts::waiting(referral, site.relay.clock.now().day()),
        why,
        suggestion: route.suggestion.as_ref().map(|s| (name(s.locality.as_str()), s.why.clone())),
        sections: Part::FAMILY
            .iter()
            .filter_map(|part| facts::section(&family.answers, *part, false))
            .collect(),
        lines,
        reason,
        social_care: site.social_care.clone(),
    })
}
