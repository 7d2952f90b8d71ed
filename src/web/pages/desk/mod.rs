//! The intake desk: referrals for which no rule found a line, and mail that was held ([`mails`]).
//! The desk picks the line with a reason; nothing is guessed silently (DOMAIN section 4).
//!
//! A held referral whose postcode leads to no line is on no line's list, so it stands here: reference,
//! setting and age in days, as a line sees its own (DOMAIN section 3). No label is opened for it.

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
use crate::domain::calendar::Calendar;
use crate::domain::form::{Part, Raw};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;
use crate::domain::postcode::PostcodeInput;
use crate::routing::Decision;
use crate::store::letters::{self, Letter};
use crate::store::referrals::{self, Referral};
use crate::store::{Read, StoreError, people};

/// Most characters of a reason.
const REASON: usize = 1_000;

struct Item {
    id: String,
    reference: String,
    setting: String,
    urgency: Tag,
    age: String,
    without_agreement: bool,
}

/// A held referral: there is no more that may be known of it.
struct HeldItem {
    reference: String,
    setting: String,
    phone: String,
    age: String,
}

#[derive(Template)]
#[template(path = "pages/desk/list.html")]
struct List {
    shell: Shell,
    /// The referral that was placed just now, and its line's name.
    placed: Option<(String, String)>,
    items: Vec<Item>,
    held: Vec<HeldItem>,
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
    without_agreement: Option<String>,
    waiting: String,
    why: Vec<SummaryRow>,
    suggestion: Option<(String, String)>,
    sections: Vec<Section>,
    lines: Choice,
    reason: Field,
    /// The number to ring when the sender is not verified; empty when none is known.
    unverified: Option<String>,
    social_care: String,
}

/// `GET /desk`
pub async fn list(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let skip = list::skip(&asked);
    record_list(&site, &person, "intake-desk").await?;
    record_list(&site, &person, "held").await?;
    let mut read = site.relay.store.read().await?;
    let items = items(&site, &mut read, skip).await?;
    let held = held(&site, &mut read, skip).await?;
    page(List {
        shell: shell(&site, "Referrals to place", Some(&person), "/desk"),
        placed: placed(&site, &mut read, &asked).await?,
        pages: list::pages("/desk", skip, items.len().max(held.len())),
        items,
        held,
        undelivered: letters::undelivered(&mut read).await?,
    })
}

async fn items(site: &Site, read: &mut Read, skip: i64) -> Result<Vec<Item>, StoreError> {
    let rows = referrals::intake_desk(read, skip).await?;
    let settings = list::settings(read, &rows).await?;
    let today = site.relay.clock.now().day();
    let item = |row: &Referral| Item {
        id: row.id.to_string(),
        reference: row.reference.clone(),
        setting: settings.get(&row.organisation).cloned().unwrap_or_default(),
        urgency: facts::urgency_tag(row.urgency),
        age: facts::working_days(Calendar::england(), row.submitted_at, today),
        without_agreement: row.without_agreement,
    };
    Ok(rows.iter().map(item).collect())
}

async fn held(site: &Site, read: &mut Read, skip: i64) -> Result<Vec<HeldItem>, StoreError> {
    let rows = referrals::held_without_line(read, skip).await?;
    let settings = list::senders(read, &rows).await?;
    let today = site.relay.clock.now().day();
    let of = |row: &Referral| settings.get(&row.organisation);
    let item = |row: &Referral| HeldItem {
        reference: row.reference.clone(),
        setting: of(row).map(|setting| setting.name.clone()).unwrap_or_default(),
        phone: of(row).map(|setting| setting.phone.clone()).unwrap_or_default(),
        age: facts::days(row.submitted_at, today),
    };
    Ok(rows.iter().map(item).collect())
}

/// What the address says was placed, when the row says the same: a link from elsewhere can neither
/// make the page say what is not so nor ask it where a referral is.
async fn placed(site: &Site, read: &mut Read, asked: &Raw) -> Result<Option<(String, String)>, StoreError> {
    let Some(line) = site.relay.places.locality(asked.get("line")) else { return Ok(None) };
    let row = referrals::by_reference(read, asked.get("placed")).await?;
    let there = row.filter(|row| row.locality == line.id.as_str() && row.state.shared_with_line());
    Ok(there.map(|row| (row.reference, line.name)))
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
            Ok(()) => return to_list(&site, id).await,
            Err(CaseworkError::Refused(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    view(&site, &person, &opened, &form, faults).await
}

/// Back to the list, which says where the referral is now.
async fn to_list(site: &Site, id: ReferralId) -> Page {
    let row = referrals::find(&mut site.relay.store.read().await?, id).await?;
    let Referral { reference, locality, .. } = row.ok_or(CaseworkError::Missing)?;
    Ok(Redirect::to(&format!("/desk?placed={reference}&line={locality}")).into_response())
}

/// What is wrong with what was sent.
#[derive(Clone, Copy, Default, PartialEq)]
struct Faults {
    line: Option<&'static str>,
    reason: Option<&'static str>,
}

impl Faults {
    fn of(site: &Site, form: &Raw) -> Self {
        let line = site.relay.places.locality(form.get("line"));
        let no_line = line.is_none_or(|line| line.districts.is_empty());
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
    let all = localities.localities();
    let open = all.iter().filter(|line| !line.districts.is_empty());
    let answers = open.map(|line| Answer::new(line.id.as_str(), &line.name)).collect();
    let chosen = Some(form.get("line")).filter(|line| !line.is_empty());
    let lines = Choice::new("line", "Which duty line?", answers).chosen(chosen).error(faults.line);
    let reason = Field::new("reason", "Why this line?")
        .hint("For example, whom you rang and what they said. It is kept with the referral.")
        .value(form.get("reason"))
        .limit(1_000)
        .label_size("s")
        .error(faults.reason);
    let mut read = site.relay.store.read().await?;
    let why = why(site, &mut read, referral, route).await?;
    let unverified = list::unverified(&mut read, referral.organisation).await?;
    let title = format!("Place referral {}", referral.reference);
    page(View {
        shell: shell(site, &title, Some(person), "/desk")
            .back("/desk", "Referrals to place")
            .error(lines.fault().is_some() || reason.fault().is_some()),
        errors: error_list(&[&lines, &reason]),
        reference: referral.reference.clone(),
        urgency: facts::urgency_tag(referral.urgency),
        without_agreement: super::print::without_agreement(opened),
        waiting: facts::waiting(Calendar::england(), referral, site.relay.clock.now().day()),
        why,
        suggestion: route.suggestion.as_ref().map(|s| (name(s.locality.as_str()), s.why.clone())),
        sections: Part::FAMILY
            .iter()
            .filter_map(|part| facts::section(&family.answers, *part, false))
            .collect(),
        lines,
        reason,
        unverified,
        social_care: site.social_care.clone(),
    })
}

/// Why no rule found a line, with what helps to find it.
async fn why(
    site: &Site,
    read: &mut Read,
    referral: &Referral,
    route: &Decision,
) -> Result<Vec<SummaryRow>, StoreError> {
    let setting = people::organisation(read, referral.organisation).await?;
    let (name, postcode) = setting.map_or_else(Default::default, |setting| (setting.name, setting.postcode));
    let input = if postcode.is_empty() { PostcodeInput::NotKnown } else { PostcodeInput::read(&postcode) };
    let places = &site.relay.places;
    let near = places.second_opinion(route, &input).locality;
    let near = near.as_ref().and_then(|id| places.locality(id.as_str()));
    let typed = if route.input.is_empty() { "Not known" } else { &route.input };
    Ok(vec![
        SummaryRow::new("Postcode as it was typed", typed),
        SummaryRow::new("Why", route.reason.clone()),
        SummaryRow::new("Setting", name),
        SummaryRow::new(
            "Where the setting is",
            near.map_or_else(|| "Not known".to_owned(), |line| line.name),
        ),
        SummaryRow::new("Postcode table", route.edition.clone()),
        SummaryRow::new("Came by", referral.door.label()),
    ])
}
