//! The parent or carer says no: the referral is not made (DOMAIN section 3). The page says what the
//! setting may still do; recording the answer ends this referral, which stays with the setting.

use askama::Template;
use axum::extract::{Path, Query};

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::shell::Shell;
use super::area::{self, Area};
use super::sign::{Back, HandBack};
use super::{Step, around, at, draft_id, go, in_area, settled, unsent};
use crate::domain::words::Words;
use crate::pipeline::{self, drafts};

#[derive(Template)]
#[template(path = "pages/setting/not_agreed.html")]
struct NotAgreed {
    shell: Shell,
    line: Option<area::Line>,
    agreement: String,
    social_care: String,
}

/// `GET /drafts/{id}/not-agreed`: whoever said no gives the screen back first.
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, Query(back): Query<Back>) -> Step {
    let open = in_area(&site, &person, &id).await?;
    if back.staff != "yes" {
        let (words, on) = (Words::or_english(&back.language), at(open.row.id, "not-agreed?staff=yes"));
        return super::show(HandBack::page(&site, words, |words| words.back_refused, on));
    }
    let line = match area::of(&site, &open.content.raw) {
        Area::Line(line) => Some(line),
        _ => None,
    };
    let agreement = at(open.row.id, "agreement");
    let shell = around(&site, &person, "The parent or carer does not agree", at(open.row.id, ""));
    super::show(NotAgreed { shell, line, agreement, social_care: site.social_care.clone() })
}

/// `POST /drafts/{id}/not-agreed`
pub async fn record(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    unsent(&site, &person, &id).await?;
    let draft = draft_id(&id)?;
    let refused = drafts::refuse_agreement(&site.relay, &person, draft).await;
    settled(&site, &person, &id, refused).await?;
    let referral = pipeline::submit(&site.relay, &person, draft).await?;
    go(format!("/referrals/{referral}/sent"))
}
