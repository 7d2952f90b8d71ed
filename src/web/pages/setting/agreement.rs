//! The agreement, in two steps (DOMAIN section 3).
//!
//! First staff say how the parent or carer agrees, who is present and how they know them. Then the page
//! that the parent or carer reads and signs: what will be sent and the statement, word for word, on a
//! screen from which nothing leads to other families. It carries the hash of what it showed: a signature
//! for other words is not taken. Nothing on it tells that there is a staff-only part.
//!
//! Who cannot sign may tell a member of staff; what they said is recorded, and the gate holds the
//! referral until somebody has checked it. What staff answered first travels in the second page's form:
//! a crash between the two keeps nothing and loses three answers.

mod asked;

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};

use super::super::super::access::Who;
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::summary::{self, Section};
use super::{CHECK, Step, around, at, complete, draft_id, for_family, go, settled};
use crate::domain::agreement::{Agreement, Method, Signatory, Way};
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::gate::statements;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};
use asked::{Before, BeforeQuestions, Questions, Signed};

pub(super) use asked::{full_name, same_name};

#[derive(Template)]
#[template(path = "pages/setting/before_agreement.html")]
struct BeforePage {
    shell: Shell,
    errors: Vec<(String, String)>,
    signed_before: bool,
    asked: BeforeQuestions,
    social_care: String,
}

#[derive(Template)]
#[template(path = "pages/setting/agreement.html")]
struct AgreementPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    before: Before,
    /// What was told is held here until somebody has checked it.
    holds_told: bool,
    sections: Vec<Section>,
    statement: Vec<String>,
    content: String,
    asked: Questions,
}

/// Longest name of a browser that is kept with a signature, in characters.
const BROWSER: usize = 200;

/// `GET /drafts/{id}/agreement`: what staff answer before they hand the screen over.
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    super::show(before_page(&site, &person, &open, BeforeQuestions::of(&Raw::default(), holds_told(&site))))
}

/// `POST /drafts/{id}/agreement`: from the first step the page to sign; from there the signature.
pub async fn save(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Step {
    let open = complete(&site, &person, &id).await?;
    if form.get("decision") == "refuse" {
        // What was told to staff was said without the screen.
        let told = form.get("how") == asked::TOLD;
        return go(at(open.row.id, if told { "not-agreed?staff=yes" } else { "not-agreed" }));
    }
    let before = match asked::read_before(&form, holds_told(&site)) {
        Ok(before) => before,
        Err(asked) => return super::mend(before_page(&site, &person, &open, *asked)),
    };
    if form.get("decision") != "agree" {
        let asked = Questions::of(&Raw::default(), before.told);
        return super::show(page_of(&site, &person, &open, before, asked, None));
    }
    let signed = match asked::read(&form, before.told) {
        Ok(signed) => signed,
        Err(asked) => return super::mend(page_of(&site, &person, &open, before, *asked, None)),
    };
    let agreement = record(&site, &before, signed, form.get("content"), browser(&headers));
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(sentence)) => {
            let asked = Questions::of(&form, before.told).unsigned();
            super::mend(page_of(&site, &person, &open, before, asked, Some(sentence)))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, "sign"))
        }
    }
}

/// Whether this deployment's gate holds an agreement that was told to staff.
fn holds_told(site: &Site) -> bool {
    !site.relay.gate().methods.contains(&Method::ToldToStaff)
}

fn before_page(site: &Site, person: &Person, open: &Open, asked: BeforeQuestions) -> BeforePage {
    let errors = asked.errors();
    let title = "Before the parent or carer agrees";
    BeforePage {
        shell: around(site, person, title, at(open.row.id, CHECK)).error(!errors.is_empty()),
        errors,
        signed_before: open.content.agreement.is_some(),
        asked,
        social_care: site.social_care.clone(),
    }
}

fn page_of(
    site: &Site,
    person: &Person,
    open: &Open,
    before: Before,
    asked: Questions,
    changed: Option<String>,
) -> AgreementPage {
    let family = open.content.family(site.relay.context());
    let mut errors: Vec<(String, String)> =
        changed.map(|sentence| ("content".to_owned(), sentence)).into_iter().collect();
    errors.extend(asked.errors());
    let statement = statements::current().text;
    let title = "Agreement to send this referral";
    // What was told to staff is written down by staff, who keep the screen.
    let shell = match before.told {
        true => around(site, person, title, at(open.row.id, "agreement")),
        false => for_family(site, title),
    };
    AgreementPage {
        shell: shell.error(!errors.is_empty()),
        errors,
        before,
        holds_told: holds_told(site),
        sections: summary::to_sign(&family),
        statement: statement.split("\n\n").map(str::to_owned).collect(),
        content: family.sha256(),
        asked,
    }
}

fn record(site: &Site, before: &Before, signed: Signed, content: &str, browser: String) -> Agreement {
    let now = site.relay.clock.now();
    let method = match (before.told, &signed.strokes) {
        (true, _) => Method::ToldToStaff,
        (false, Some(_)) => Method::Drawn,
        (false, None) => Method::Typed,
    };
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: Signatory::Parent,
        parental_responsibility: signed.responsibility,
        method,
        strokes: signed.strokes,
        statement: statements::current(),
        beside: None,
        content_sha256: content.to_owned(),
        signed_on: now.day(),
        recorded_at: now,
        present: before.present.clone(),
        checked_how: before.checked.clone(),
        browser,
        address: String::new(),
        way: Way::Screen,
    }
}

fn browser(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    name.chars().take(BROWSER).collect()
}
