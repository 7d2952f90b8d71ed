//! A named person reads every free-text answer and approves the words for print. It is asked for every
//! referral, so that the asking tells nothing (docs/decisions.md).

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::field::{Answer, Choice, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::referral::{facts, id_of};
use crate::casework::{self, Opened};
use crate::domain::form::{FIELDS, Kind, Part};
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;

#[derive(Template)]
#[template(path = "pages/print/approve.html")]
struct Approve {
    shell: Shell,
    errors: Vec<(String, String)>,
    id: String,
    reference: String,
    words: Vec<SummaryRow>,
    approved_by: Option<String>,
    kept_off: bool,
    question: Choice,
}

/// `GET /referrals/{id}/approve`
pub async fn ask(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let opened = casework::open(&site.relay, &person, id_of(&id)?).await?;
    approval_page(&site, &person, &opened, Said::Nothing).await
}

/// `POST /referrals/{id}/approve`
pub async fn approve(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    if form.get("safe") == "yes" {
        casework::approve_for_print(&site.relay, &person, id).await?;
        return Ok(Redirect::to(&format!("/referrals/{id}")).into_response());
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    let said = if form.get("safe") == "no" { Said::No } else { Said::Empty };
    approval_page(&site, &person, &opened, said).await
}

/// How the question was answered.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    Nothing,
    Empty,
    No,
}

async fn approval_page(site: &Site, person: &Person, opened: &Opened, said: Said) -> Page {
    let referral = &opened.referral;
    let mut read = site.relay.store.read().await?;
    let answers = vec![
        Answer::new("yes", "Yes: approve them for print"),
        Answer::new("no", "No: keep the Red Book insert and the copies off"),
    ];
    let wrong = (said == Said::Empty).then_some("Choose an answer");
    let question =
        Choice::new("safe", "Is each of these safe to be read by anyone at home?", answers).error(wrong);
    let approved_by = facts::name_of(&mut read, &referral.print_approved_by).await?;
    page(Approve {
        shell: shell(site, "Approve words for print", Some(person), "")
            .back(format!("/referrals/{}", referral.id), "Referral")
            .error(wrong.is_some()),
        errors: error_list(&[&question]),
        id: referral.id.to_string(),
        reference: referral.reference.clone(),
        words: words(opened),
        approved_by,
        kept_off: said == Said::No,
        question,
    })
}

/// Everything that a person typed freely and that a document may print: answers, who was present, how
/// the signer was checked, names of files.
fn words(opened: &Opened) -> Vec<SummaryRow> {
    let free = |kind: Kind| matches!(kind, Kind::Text(_) | Kind::Line(_));
    let answers =
        FIELDS.iter().filter(|field| field.part != Part::Restricted && free(field.kind)).filter_map(
            |field| opened.family.answers.shown(field.path).map(|words| SummaryRow::new(field.label, words)),
        );
    let signed = opened.evidence.agreement.iter().flat_map(|agreement| {
        [
            ("Who the signer is to the child", &agreement.relationship),
            ("Who was present", &agreement.present),
            ("How the signer was checked", &agreement.checked_how),
        ]
        .map(|(label, words)| SummaryRow::new(label, words.clone()))
    });
    let files =
        opened.family.attachments.iter().map(|file| SummaryRow::new("Attached file", file.name.clone()));
    answers.chain(signed).chain(files).collect()
}

#[cfg(test)]
mod tests {
    use super::super::referral::testing::{Case, World};
    use crate::documents::facts::FamilyAnswers;
    use crate::documents::{ReferralPrint, free_words};
    use crate::domain::people::Role;

    #[tokio::test]
    async fn whatever_the_insert_prints_freely_is_asked_about() {
        let world = World::new().await;
        let sender = world.person(Role::Practitioner, "").await;
        let referral = world.send(&sender, Case::default()).await;
        let opened = crate::casework::open(&world.site.relay, &sender, referral.id).await.expect("opens");
        let asked: Vec<String> = super::words(&opened).into_iter().map(|row| row.value).collect();
        let facts = crate::documents::sample::Sample::new();
        let print = ReferralPrint {
            facts: facts.print().facts,
            family: FamilyAnswers(&opened.family.answers),
            agreement: opened.evidence.agreement.as_ref(),
            referrer: opened.evidence.referrer.as_ref(),
            attachments: Vec::new(),
        };
        let printed = free_words(&print);
        assert!(!printed.is_empty());
        for (label, words) in printed {
            assert!(asked.contains(&words), "{label} is printed and not asked about");
        }
    }
}
