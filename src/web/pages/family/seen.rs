//! What was shared, as its family sees it: the form without the staff-only part, who has it, which role has
//! read it and when, their agreement, papers, and what they may do. Another parent sees neither the signer's
//! address and wishes nor what the signer did.

use askama::Template;

use super::super::super::Site;
use super::super::super::parts::SummaryRow;
use super::super::super::shell::Shell;
use super::super::setting::Step;
use super::super::setting::summary::{self, Section};
use super::{Choice, Reading, around, at, languages, show};
use crate::domain::family::{Ask, Scope};
use crate::domain::people::Role;
use crate::domain::referral::State;
use crate::domain::time::Instant;
use crate::domain::words::{Words, fill};
use crate::family::{self, Shared};
use crate::store::family::Link;
use crate::store::family_asks::Asked;
use crate::store::people;

#[derive(Template)]
#[template(path = "pages/family/seen.html")]
struct Seen {
    shell: Shell,
    languages: Vec<Choice>,
    /// What was taken back, and when; empty when nothing.
    withdrawn: String,
    /// Said once, after something was asked for.
    asked_now: bool,
    setting: String,
    line: String,
    readers: Vec<Reader>,
    agreement: String,
    sections: Vec<Section>,
    /// Papers and taking back are the signer's.
    signer: bool,
    may_withdraw: bool,
    asks: Vec<SummaryRow>,
    at: String,
}

/// One row of who has read it.
struct Reader {
    who: &'static str,
    place: String,
    first: String,
    last: String,
}

/// The page, for a browser that has the link open.
pub(super) async fn page_of(site: &Site, token: &str, link: &Link, reading: &Reading) -> Step {
    let shared = match family::shared(&site.relay, link, "page").await {
        Err(family::FamilyError::Missing) => return super::ended(site, reading),
        shared => shared?,
    };
    let words = reading.words;
    let mut read = site.relay.store.read().await?;
    let setting = people::organisation(&mut read, shared.referral.organisation).await?;
    drop(read);
    let setting = setting.map_or_else(String::new, |setting| setting.name);
    let signer = !shared.contact.other;
    let asks = family::asked(&site.relay, link).await?;
    show(
        reading,
        Seen {
            shell: around(site, reading, words.seen_title),
            languages: languages(reading),
            withdrawn: if signer { withdrawn(&shared, words) } else { String::new() },
            asked_now: asks
                .iter()
                .any(|one| site.relay.clock.now() < one.asked.plus(crate::domain::time::MINUTE)),
            setting: fill(words.seen_setting, &[("setting", &setting)]),
            line: line(site, &shared, words),
            readers: readers(&shared, words),
            agreement: if signer { agreement(&shared, words) } else { String::new() },
            sections: sections(&shared, signer),
            signer,
            may_withdraw: signer && shared.referral.withdrawn != Scope::Everything.code(),
            asks: asks.iter().map(|one| ask_row(one, words)).collect(),
            at: at(token, ""),
        },
    )
}

/// What was taken back, and when.
fn withdrawn(shared: &Shared, words: &'static Words) -> String {
    let day = words.day(Instant::from_micros(shared.referral.withdrawn_at).day());
    match Scope::from_code(&shared.referral.withdrawn) {
        Some(Scope::Everything) => fill(words.seen_everything, &[("day", &day)]),
        Some(Scope::Sharing) => fill(words.seen_sharing, &[("day", &day)]),
        None => String::new(),
    }
}

/// Where it is.
fn line(site: &Site, shared: &Shared, words: &'static Words) -> String {
    let kept = shared.referral.state == State::Withdrawn && shared.referral.delivered_at == 0;
    match site.relay.places.locality(&shared.referral.locality) {
        _ if kept => words.seen_kept.to_owned(),
        Some(line) => {
            let phones: Vec<&str> = line.phones.iter().map(|phone| phone.as_typed()).collect();
            fill(words.seen_line, &[("line", &line.name), ("phones", &phones.join(", "))])
        }
        None => words.seen_no_line.to_owned(),
    }
}

fn readers(shared: &Shared, words: &'static Words) -> Vec<Reader> {
    let row = |one: &family::Reader| Reader {
        who: role(one.role, words),
        place: one.organisation.clone(),
        first: one.first.for_people(),
        last: one.last.for_people(),
    };
    shared.readers.iter().map(row).collect()
}

fn role(role: Role, words: &'static Words) -> &'static str {
    match role {
        Role::Practitioner | Role::Manager | Role::SafeguardingLead => words.role_setting,
        Role::Duty | Role::DutyLead => words.role_line,
        Role::IntakeDesk => words.role_desk,
        Role::IgLead | Role::Auditor | Role::Commissioner | Role::Administrator => words.role_governance,
    }
}

fn agreement(shared: &Shared, words: &'static Words) -> String {
    let Some(agreement) = &shared.evidence.agreement else { return String::new() };
    let day = words.day(agreement.signed_on);
    fill(words.seen_signed, &[("name", &agreement.printed_name), ("day", &day)])
}

/// Questions whose answers are the signer's own.
const SIGNERS: [&str; 2] = ["carer.", "reason.parent_goals"];

/// The form as it was signed; for another parent without what is the signer's.
fn sections(shared: &Shared, signer: bool) -> Vec<Section> {
    let mut family = shared.family.clone();
    if !signer {
        family.answers.forget(|path| SIGNERS.iter().any(|own| path.starts_with(own)));
    }
    summary::to_sign(&family)
}

fn ask_row(one: &Asked, words: &'static Words) -> SummaryRow {
    let what = match one.kind {
        Ask::Correction => words.ask_correction,
        Ask::Access => words.ask_access,
        Ask::Complaint => words.ask_complaint,
    };
    let (day, due) = (words.day(one.asked.day()), words.day(one.due.day()));
    let sentence = if one.settled_at > 0 { words.seen_asked_done } else { words.seen_asked_open };
    SummaryRow::new(what, fill(sentence, &[("day", &day), ("due", &due)]))
}
