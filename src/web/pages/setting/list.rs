//! Your referrals: what is still being written, and what became of what was sent.

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::shell;
use super::super::super::parts::{Pages, Tag};
use super::super::super::shell::Shell;
use super::{Step, at, go, state_tag};
use crate::casework;
use crate::domain::family::Purpose;
use crate::domain::referral::State as Stage;
use crate::domain::time::Instant;
use crate::pipeline::drafts;
use crate::relay::actor;
use crate::store::StoreError;
use crate::store::drafts as draft_rows;
use crate::store::family;
use crate::store::referrals::{self, PAGE, Referral};

/// A draft in the list. It says nothing about the child: that is sealed until it is opened.
struct Unsent {
    href: String,
    begun: String,
    saved: String,
}

struct Sent {
    href: String,
    reference: String,
    child: String,
    state: Tag,
    times: Vec<String>,
    without_agreement: bool,
    complete: String,
}

#[derive(Template)]
#[template(path = "pages/setting/list.html")]
struct List {
    shell: Shell,
    /// Held: they wait for somebody of the setting.
    held: Vec<Sent>,
    unsent: Vec<Unsent>,
    sent: Vec<Sent>,
    /// Ended without being sent.
    refused: Vec<Sent>,
    pages: Pages,
}

/// Which page of the list.
#[derive(Deserialize)]
pub struct Turn {
    #[serde(default)]
    page: u32,
}

/// `GET /referrals`
pub async fn show(site: State, Who(person): Who, Query(turn): Query<Turn>) -> Step {
    let skip = i64::from(turn.page) * PAGE;
    let mut read = site.relay.store.read().await?;
    let unsent = draft_rows::unsent_of(&mut read, person.id).await?;
    let rows = referrals::of_setting(&mut read, person.organisation, skip).await?;
    let mut drafts_of_held = Vec::new();
    for row in &rows {
        drafts_of_held.push((complete_at(&mut read, row).await?, waits(&mut read, row).await?));
    }
    drop(read);
    let labels = casework::labels(&site.relay, actor(&person), "setting", &rows).await?;
    let pages = pages(turn.page, rows.len());
    let (mut held, mut refused, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    for ((row, label), (complete, waits)) in rows.into_iter().zip(labels).zip(drafts_of_held) {
        let group = match row.state {
            Stage::Held => &mut held,
            Stage::Refused => &mut refused,
            _ => &mut sent,
        };
        group.push(line(row, label.name, complete, waits));
    }
    let shell = shell(&site, "Your referrals", Some(&person), "/referrals");
    let unsent = unsent.into_iter().map(unsent_line).collect();
    super::show(List { shell, held, unsent, sent, refused, pages })
}

/// Until when a held referral waits for a signature by link; empty for others.
async fn waits(read: &mut crate::store::Read, referral: &Referral) -> Result<String, StoreError> {
    if referral.state != Stage::Held {
        return Ok(String::new());
    }
    let links = family::of_case(read, referral.case).await?;
    let link = links.iter().find(|link| link.purpose == Purpose::SignLater);
    Ok(link.map_or_else(String::new, |link| match link.ended_at {
        0 => format!("Waits for the family until {}", link.ends.for_people()),
        at => format!("The family’s link ended {}", Instant::from_micros(at).for_people()),
    }))
}

fn line(row: Referral, child: String, complete: String, waits: String) -> Sent {
    let mut times = times(&row);
    times.extend(Some(waits).filter(|waits| !waits.is_empty()));
    Sent {
        href: format!("/referrals/{}", row.id),
        child,
        state: state_tag(row.state),
        times,
        without_agreement: row.without_agreement,
        complete,
        reference: row.reference,
    }
}

/// `POST /referrals`
pub async fn begin(site: State, Who(person): Who) -> Step {
    let id = drafts::begin(&site.relay, &person).await?;
    go(at(id, super::WAY[0]))
}

/// Where a held referral is completed; empty for others.
pub(super) async fn complete_at(
    read: &mut crate::store::Read,
    referral: &Referral,
) -> Result<String, StoreError> {
    if referral.state != Stage::Held {
        return Ok(String::new());
    }
    let draft = draft_rows::by_case(read, referral.case).await?;
    Ok(draft.map_or_else(String::new, |draft| at(draft.id, "")))
}

fn unsent_line(draft: draft_rows::Draft) -> Unsent {
    Unsent {
        href: at(draft.id, ""),
        begun: draft.id.made_at().for_people(),
        saved: Instant::from_micros(draft.updated_at).for_people(),
    }
}

/// What the first time of a referral is the time of.
pub(super) fn first_step(state: Stage) -> &'static str {
    match state {
        Stage::Held => "Held since",
        Stage::Refused => "Ended",
        _ => "Sent",
    }
}

fn times(row: &Referral) -> Vec<String> {
    let steps = [
        (first_step(row.state), row.sent_at()),
        ("Delivered", row.delivered_at),
        ("Opened", row.opened_at),
        ("Acknowledged", row.acknowledged_at),
    ];
    let reached = steps.into_iter().filter(|(_, at)| *at != 0);
    reached.map(|(step, at)| format!("{step} {}", Instant::from_micros(at).for_people())).collect()
}

fn pages(page: u32, shown: usize) -> Pages {
    let to = |page: u32| format!("/referrals?page={page}");
    let full = i64::try_from(shown).unwrap_or(i64::MAX) >= PAGE;
    Pages {
        previous: page.checked_sub(1).map(to),
        next: full.then(|| to(page.saturating_add(1))),
        previous_label: "Newer referrals".to_owned(),
        next_label: "Older referrals".to_owned(),
    }
}
