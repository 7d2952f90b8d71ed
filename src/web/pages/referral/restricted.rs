//! The restricted part: a separate recorded act, with the safe contact where the phone number would
//! stand (DOMAIN section 3). It is answered to a POST, so no address leads to it and no history holds it.

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::SummaryRow;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::{Said, facts, id_of, may_acknowledge, reader_view};
use crate::casework::{self, CaseworkError, Opened, RestrictedOpened};
use crate::documents::{DutyLine, NOT_ANSWERED};
use crate::domain::form::spec::fields_of;
use crate::domain::form::{Answers, Part};
use crate::domain::ids::ReferralId;
use crate::domain::people::{Person, Role};
use crate::store::referrals::Referral;

#[derive(Template)]
#[template(path = "pages/referral/restricted.html")]
struct View {
    shell: Shell,
    id: String,
    reference: String,
    child: String,
    rows: Vec<SummaryRow>,
    safe_contact: String,
    safe_times: String,
    careful: bool,
    on_line: bool,
    /// Whether its own line reads it, which may have it on paper.
    sheet: bool,
    may_change: bool,
    may_acknowledge: bool,
    /// The duty line and its telephone, for who has to ring it.
    line: String,
    numbers: Vec<SummaryRow>,
    signer_is_perpetrator: bool,
    social_care: String,
}

/// `POST /referrals/{id}/restricted`
pub async fn open(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Page {
    let id: ReferralId = id_of(&id)?;
    if person.role == Role::IgLead {
        match casework::give_reason(&site.relay, &person, id, form.get("reason")).await {
            Ok(()) => {}
            Err(CaseworkError::Refused(sentence)) => {
                let opened = casework::open(&site.relay, &person, id).await?;
                return reader_view(&site, &person, opened, Said::Wrong { at: "reason", sentence }).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
    let restricted = casework::open_restricted(&site.relay, &person, id, purpose(person.role)).await?;
    let opened = casework::open(&site.relay, &person, id).await?;
    page(view(&site, &person, &restricted, &opened))
}

/// `POST /break-glass/{id}/restricted`: a lead of another line, to whom the referral is open, with a
/// reason of its own.
pub async fn open_elsewhere(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    match casework::open_restricted_elsewhere(&site.relay, &person, id, form.get("reason")).await {
        Ok(restricted) => {
            let opened = casework::open(&site.relay, &person, id).await?;
            page(view(&site, &person, &restricted, &opened))
        }
        Err(CaseworkError::Refused(sentence)) => {
            let opened = casework::open(&site.relay, &person, id).await?;
            reader_view(&site, &person, opened, Said::Wrong { at: "reason", sentence }).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Why this role may read it, as the trail says it.
fn purpose(role: Role) -> &'static str {
    match role {
        Role::Duty | Role::DutyLead => "triage",
        Role::SafeguardingLead => "safeguarding-lead",
        Role::IgLead => "ig-lead",
        _ => "author",
    }
}

fn view(site: &Site, person: &Person, restricted: &RestrictedOpened, opened: &Opened) -> View {
    let (answers, referral) = (&restricted.answers, &opened.referral);
    let here = format!("/referrals/{}", referral.id);
    View {
        shell: shell(site, "Staff only", Some(person), "")
            .back(here, format!("Referral {}", referral.reference))
            .exit_this_page(),
        id: referral.id.to_string(),
        reference: referral.reference.clone(),
        child: facts::child_line(&opened.family.answers, site.relay.clock.now().day()),
        rows: rows(answers),
        safe_contact: answers.get("abuse.safe_contact").to_owned(),
        safe_times: answers.get("abuse.safe_times").to_owned(),
        careful: careful(answers),
        on_line: person.role.on_line(),
        sheet: person.role.on_line() && !opened.reach.elsewhere(),
        may_change: casework::may_change_restricted(person, referral),
        may_acknowledge: may_acknowledge(person, referral),
        line: line(site, referral),
        numbers: facts::contact(&opened.family.answers),
        signer_is_perpetrator: restricted.signer_is_perpetrator,
        social_care: site.social_care.clone(),
    }
}

/// `Swale health visiting duty line: 01632 960001`; empty before there is one.
fn line(site: &Site, referral: &Referral) -> String {
    let line = site.relay.places.locality(&referral.locality).as_ref().map(DutyLine::from);
    line.map_or_else(String::new, |line| format!("{}: {}", line.title(), line.numbers()))
}

/// Whether the ordinary numbers may be unsafe: a yes, or a question that it was not safe to ask.
fn careful(answers: &Answers) -> bool {
    let not_safe = |path: &&str| answers.get(path) == "not-safe";
    answers.flagged() || ["safeguarding.concerns", "abuse.concerns"].iter().any(not_safe)
}

/// Every question, answered or not: an empty answer is told apart from a missing one.
fn rows(answers: &Answers) -> Vec<SummaryRow> {
    let words = |path| answers.shown(path).unwrap_or_else(|| NOT_ANSWERED.to_owned());
    fields_of(Part::Restricted).map(|field| SummaryRow::new(field.label, words(field.path))).collect()
}
