//! A referral as its setting follows it: where it stands with each time, what is missing, what was
//! sent and who signed. The staff-only answers stand behind a recorded act of their own; the way to it
//! is the same whatever they are.

use askama::Template;

use super::super::super::Site;
use super::super::super::page::{Page, page};
use super::super::super::parts::{SummaryRow, Tag};
use super::super::super::shell::Shell;
use super::super::print::without_agreement;
use super::super::referral::facts::{self, papers};
use super::summary::{self, Section};
use super::{area, around, evidence, list, state_tag};
use crate::casework::{self, Opened};
use crate::domain::people::Person;
use crate::domain::referral::State as Stage;
use crate::domain::time::Instant;
use crate::domain::verdict::Reason;
use crate::intake::{Attachment, Family};
use crate::store::referrals::Referral;

#[derive(Template)]
#[template(path = "pages/setting/view.html")]
struct View {
    shell: Shell,
    reference: String,
    state: Tag,
    held: bool,
    refused: bool,
    withdrawn: String,
    /// The family's page; empty before there is one.
    family: String,
    line: Option<area::Line>,
    timeline: Vec<SummaryRow>,
    /// Empty for a held one before somebody who may not know why.
    reasons: Vec<Reason>,
    complete: String,
    sections: Vec<Section>,
    files: Vec<Attached>,
    evidence: Vec<SummaryRow>,
    id: String,
    /// Pages of the form that was signed on paper: which page, and its picture's number.
    papers: Vec<(u8, u64)>,
    /// The page with everything about them.
    proof: String,
    /// Where the staff-only part is opened; empty for those who may not.
    restricted: String,
    /// Where the copy is; empty when there is none.
    copy: String,
    without_agreement: Option<String>,
    social_care: String,
}

/// A file that went with the referral; opening it is recorded.
struct Attached {
    name: String,
    about: String,
    href: String,
}

/// The page of a referral for somebody of the setting that sent it.
///
/// # Errors
/// When the store cannot be read, or the page not be written.
pub async fn for_setting(site: &Site, person: &Person, opened: Opened) -> Page {
    let without_agreement = without_agreement(&opened);
    let Opened { referral, family, evidence, verdict, .. } = opened;
    let mut read = site.relay.store.read().await?;
    let complete = list::complete_at(&mut read, &referral).await?;
    drop(read);
    let reasons = summary::reasons_for(person, &referral, &verdict);
    let may = casework::may_read_restricted(person, &referral);
    let id = referral.id;
    let told = may || referral.state != Stage::Held;
    page(View {
        shell: around(site, person, "Referral", "/referrals".to_owned()),
        state: state_tag(referral.state),
        held: referral.state == Stage::Held,
        refused: referral.state == Stage::Refused,
        withdrawn: facts::withdrawn(&referral),
        family: if referral.was_sent() { format!("/referrals/{id}/family") } else { String::new() },
        line: area::line(site, &referral.locality),
        timeline: timeline(&referral),
        complete,
        reasons,
        sections: summary::plain(&family),
        files: files(&referral, &family),
        // How it was signed could tell a colleague what it is held for.
        evidence: if told { evidence::rows(&evidence) } else { Vec::new() },
        papers: if told { papers(&evidence) } else { Vec::new() },
        id: id.to_string(),
        proof: format!("/referrals/{id}/evidence"),
        restricted: if may { format!("/referrals/{id}/restricted") } else { String::new() },
        copy: if referral.without_agreement { String::new() } else { format!("/referrals/{id}/copy") },
        without_agreement,
        social_care: site.social_care.clone(),
        reference: referral.reference,
    })
}

fn files(referral: &Referral, family: &Family) -> Vec<Attached> {
    let about = |one: &Attachment| format!("{}, {}", summary::kind(&one.kind), summary::size(one.size));
    let attached = family.attachments.iter().map(|one| Attached {
        name: one.name.clone(),
        about: about(one),
        href: format!("/referrals/{}/files/{}", referral.id, one.number),
    });
    attached.collect()
}

/// Sent (or kept), delivered, opened, acknowledged: each with its time, or "Not yet".
fn timeline(referral: &Referral) -> Vec<SummaryRow> {
    let steps = [
        (list::first_step(referral.state), referral.sent_at()),
        ("Delivered", referral.delivered_at),
        ("Opened", referral.opened_at),
        ("Acknowledged", referral.acknowledged_at),
    ];
    let words = |at: i64| match at {
        0 => "Not yet".to_owned(),
        at => Instant::from_micros(at).for_people(),
    };
    steps.into_iter().map(|(step, at)| SummaryRow::new(step, words(at))).collect()
}
