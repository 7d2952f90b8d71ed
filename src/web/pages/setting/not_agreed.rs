//! The parent or carer says no: the referral is not made (DOMAIN section 3). The page says what the
//! setting may still do; recording the answer, with its day, ends this referral, which stays with the setting.

use askama::Template;
use axum::extract::{Path, Query};

use super::super::super::access::Who;
use super::super::super::field::{DateField, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::agreement::told::on_day;
use super::area::{self, Area};
use super::sign::{Back, HandBack};
use super::{Step, around, at, draft_id, go, in_area, settled, unsent};
use crate::domain::people::Person;
use crate::domain::words::Words;
use crate::pipeline::drafts::Open;
use crate::pipeline::{self, drafts};

#[derive(Template)]
#[template(path = "pages/setting/not_agreed.html")]
struct NotAgreed {
    shell: Shell,
    errors: Vec<(String, String)>,
    line: Option<area::Line>,
    agreement: String,
    day: DateField,
    /// The way on without agreement, where the deployment has it; else empty.
    lawful: String,
    social_care: String,
}

/// The three fields of the day.
const DAY: [&str; 3] = ["refused_on-day", "refused_on-month", "refused_on-year"];

/// `GET /drafts/{id}/not-agreed`: whoever said no gives the screen back first.
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, Query(back): Query<Back>) -> Step {
    let open = in_area(&site, &person, &id).await?;
    if back.staff != "yes" {
        let (words, on) = (Words::or_english(&back.language), at(open.row.id, "not-agreed?staff=yes"));
        return super::show(HandBack::page(&site, words, |words| words.back_refused, on));
    }
    let today = site.relay.clock.now().day();
    let [day, month, year] = [today.day().to_string(), today.month().to_string(), today.year().to_string()];
    super::show(page_of(&site, &person, &open, question().typed(day, month, year)))
}

fn question() -> DateField {
    DateField::new("refused_on", "On which day did they say so?")
}

fn page_of(site: &Site, person: &Person, open: &Open, day: DateField) -> NotAgreed {
    let line = match area::of(site, &open.content.raw) {
        Area::Line(line) => Some(line),
        _ => None,
    };
    let errors = error_list(&[&day]);
    let shell = around(site, person, "The parent or carer does not agree", at(open.row.id, ""));
    NotAgreed {
        shell: shell.error(!errors.is_empty()),
        errors,
        line,
        agreement: at(open.row.id, "agreement"),
        day,
        lawful: if site.relay.lawful.on { at(open.row.id, "lawful") } else { String::new() },
        social_care: site.social_care.clone(),
    }
}

/// `POST /drafts/{id}/not-agreed`
pub async fn record(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Step {
    let open = unsent(&site, &person, &id).await?;
    let draft = draft_id(&id)?;
    let on_day = match on_day(&form, DAY, site.relay.clock.now().day()) {
        Ok(day) => day,
        Err(error) => {
            let [day, month, year] = DAY.map(|name| form.get(name));
            let day = question().typed(day, month, year).error(Some(error));
            return super::mend(page_of(&site, &person, &open, day));
        }
    };
    let refused = drafts::refuse_agreement(&site.relay, &person, draft, on_day).await;
    settled(&site, &person, &id, refused).await?;
    let referral = pipeline::submit(&site.relay, &person, draft).await?;
    go(format!("/referrals/{referral}/sent"))
}
