//! What became of a referral, right after it was sent: its reference, whose line has it, what happens
//! next and when; or what is missing; or what may be done instead. The staff-only answers show in
//! nothing here, not even in what is left out.

use askama::Template;
use axum::extract::Path;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::shell::Shell;
use super::super::print::without_agreement;
use super::{Step, area, around, list, summary};
use crate::casework;
use crate::domain::ids::ReferralId;
use crate::domain::referral::State as Stage;
use crate::domain::time::{Instant, day_for_people};
use crate::domain::verdict::Reason;

#[derive(Template)]
#[template(path = "pages/setting/sent.html")]
struct Sent {
    shell: Shell,
    stage: Stage,
    reference: String,
    line: Option<area::Line>,
    /// Empty for a held one before somebody who may not know why.
    reasons: Vec<Reason>,
    /// Where a held referral is completed; empty when nothing is to be done.
    complete: String,
    by_one: String,
    by_two: String,
    view: String,
    copy: String,
    without_agreement: Option<String>,
    social_care: String,
}

/// Working days after which a person of the line has acknowledged, and after which its sender is given
/// the number (DOMAIN section 8).
const PROMISED: [u32; 2] = [1, 2];

/// `GET /referrals/{id}/sent`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let id: ReferralId = id.parse().map_err(|_| PageError::NotFound)?;
    let opened = casework::open(&site.relay, &person, id).await?;
    let referral = &opened.referral;
    let mut read = site.relay.store.read().await?;
    let complete = list::complete_at(&mut read, referral).await?;
    drop(read);
    let day = Instant::from_micros(referral.sent_at()).day();
    let calendar = site.relay.calendars.of(&referral.locality);
    let [by_one, by_two] = PROMISED.map(|days| day_for_people(calendar.add_working_days(day, days)));
    let reasons = summary::reasons_for(&person, referral, &opened.verdict);
    super::show(Sent {
        shell: around(&site, &person, title(referral.state), "/referrals".to_owned()),
        stage: referral.state,
        reference: referral.reference.clone(),
        line: area::line(&site, &referral.locality),
        complete,
        reasons,
        by_one,
        by_two,
        view: format!("/referrals/{id}"),
        copy: format!("/referrals/{id}/copy"),
        without_agreement: without_agreement(&opened),
        social_care: site.social_care.clone(),
    })
}

fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Held => "Not sent yet",
        Stage::Refused => "Not sent",
        _ => "Referral sent",
    }
}
