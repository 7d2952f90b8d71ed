//! The agreement, in two steps (DOMAIN section 3).
//!
//! First staff say how the parent or carer agrees, who is present and how they know them. Then the page
//! that the parent or carer reads and signs: what will be sent and the statement, word for word, on a
//! screen from which nothing leads to other families. It carries the hash of what it showed: a signature
//! for other words is not taken. Nothing on it tells that there is a staff-only part.
//!
//! The parent or carer chooses the language: the statement then stands in it beside the English one, and
//! the page around it is in it as far as there are words. What will be sent stays as the setting wrote it.
//!
//! Who cannot sign may tell a member of staff; what they said is recorded, and the gate holds the
//! referral until somebody has checked it. What staff answered first travels in the second page's form:
//! a crash between the two keeps nothing and loses three answers.

pub mod asked;

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};

use super::super::super::access::Who;
use super::super::super::form::Protected;
use super::super::super::peer::Peer;
use super::super::super::shell::Shell;
use super::super::super::statement::StatementView;
use super::super::super::{Site, State};
use super::summary::{self, Section};
use super::{CHECK, Step, around, at, complete, draft_id, for_family, go, settled};
use crate::domain::agreement::{Agreement, Method, Signatory, Way};
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::words::Words;
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
    statement: StatementView,
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
    Peer(peer): Peer,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Step {
    let open = complete(&site, &person, &id).await?;
    if form.get("decision") == "refuse" {
        // What was told to staff was said without the screen.
        let told = form.get("how") == asked::TOLD;
        let language = &site.relay.statement().wording(form.get("language")).language;
        let back = match Words::or_english(language) {
            _ if told => "not-agreed?staff=yes".to_owned(),
            words if words.is_english() => "not-agreed".to_owned(),
            words => format!("not-agreed?language={}", words.code),
        };
        return go(at(open.row.id, &back));
    }
    let before = match asked::read_before(&form, holds_told(&site)) {
        Ok(before) => before,
        Err(asked) => return super::mend(before_page(&site, &person, &open, *asked)),
    };
    let statement = StatementView::of(site.relay.statement(), form.get("language"));
    let words = words_of(&before, &statement);
    if form.get("decision") != "agree" {
        let asked = Questions::of(&Raw::default(), before.told, words);
        return super::show(page_of(&site, &person, &open, before, statement, asked));
    }
    let signed = match asked::read(&form, before.told, words) {
        Ok(signed) => signed,
        Err(asked) => return super::mend(page_of(&site, &person, &open, before, statement, *asked)),
    };
    let kept = match form.get("statement") == statement.version {
        true => {
            let online = Online { browser: browser(&headers), address: peer.to_string() };
            let agreement = record(&site, &before, &statement, signed, form.get("content"), online);
            drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await
        }
        // Another version of the statement holds since the page was shown.
        false => Err(PipelineError::Refused(words.sign_changed.to_owned())),
    };
    match kept {
        Err(PipelineError::Refused(sentence)) => {
            let sentence = if before.told { sentence } else { words.sign_changed.to_owned() };
            let asked = Questions::of(&form, before.told, words).unsigned();
            let page = page_of(&site, &person, &open, before, statement, asked);
            super::mend(page.changed(sentence))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, "sign"))
        }
    }
}

/// The words of the page: the family's, or English for staff who write down what they were told.
fn words_of(before: &Before, statement: &StatementView) -> &'static Words {
    if before.told { Words::english() } else { statement.words() }
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
    statement: StatementView,
    asked: Questions,
) -> AgreementPage {
    let family = open.content.family(site.relay.context());
    let errors = asked.errors();
    let words = words_of(&before, &statement);
    // What was told to staff is written down by staff, who keep the screen.
    let shell = match before.told {
        true => around(site, person, words.sign_title, at(open.row.id, "agreement")),
        false => for_family(site, words.sign_title).words(words),
    };
    AgreementPage {
        shell: shell.error(!errors.is_empty()),
        errors,
        before,
        holds_told: holds_told(site),
        sections: summary::to_sign(&family),
        statement,
        content: family.sha256(),
        asked,
    }
}

impl AgreementPage {
    /// The same page, with what was changed since it was shown as the first thing that is said.
    fn changed(mut self, sentence: String) -> Self {
        self.errors.insert(0, ("content".to_owned(), sentence));
        Self { shell: self.shell.error(true), ..self }
    }
}

/// What a browser tells of itself.
struct Online {
    browser: String,
    address: String,
}

fn record(
    site: &Site,
    before: &Before,
    shown: &StatementView,
    signed: Signed,
    content: &str,
    online: Online,
) -> Agreement {
    let now = site.relay.clock.now();
    let method = match (before.told, &signed.strokes) {
        (true, _) => Method::ToldToStaff,
        (false, Some(_)) => Method::Drawn,
        (false, None) => Method::Typed,
    };
    let (statement, beside) = site.relay.statement().signed(&shown.chosen.language);
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: Signatory::Parent,
        parental_responsibility: signed.responsibility,
        method,
        strokes: signed.strokes,
        statement,
        beside,
        content_sha256: content.to_owned(),
        signed_on: now.day(),
        recorded_at: now,
        present: before.present.clone(),
        checked_how: before.checked.clone(),
        browser: online.browser,
        address: online.address,
        way: Way::Screen,
        notice: site.relay.notice().id(),
    }
}

fn browser(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    name.chars().take(BROWSER).collect()
}
