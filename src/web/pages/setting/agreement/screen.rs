//! The page that the parent, carer or young person reads and signs on the setting's screen: what will be
//! sent and the statement, word for word, on a screen from which nothing leads to other families. It
//! carries the hash of what it showed: a signature for other words is not taken. Nothing on it tells that
//! there is a staff-only part, and what staff answered first stays in the draft.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};

use super::super::super::super::access::Who;
use super::super::super::super::form::Protected;
use super::super::super::super::shell::Shell;
use super::super::super::super::{Site, State};
use super::super::summary::{self, Section};
use super::super::{Step, at, draft_id, for_family, go, settled};
use super::by;
use super::signed::{self, Questions, Signed, Signer};
use crate::domain::agreement::{Agreement, Method, Way};
use crate::domain::before::{Before, How};
use crate::domain::form::Raw;
use crate::domain::words::Words;
use crate::gate::statements;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/agreement.html")]
struct AgreementPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    sections: Vec<Section>,
    statement: Vec<String>,
    content: String,
    asked: Questions,
}

/// Longest name of a browser that is kept with a signature, in characters.
const BROWSER: usize = 200;

/// `GET /drafts/{id}/screen`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Screen]).await?;
    let rules = site.relay.gate();
    let asked = Questions::of(&Raw::default(), signer(&before, &rules.methods));
    super::super::show(page_of(&site, &open, asked, None))
}

/// `POST /drafts/{id}/screen`: the signature, or that they do not agree.
pub async fn save(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Screen]).await?;
    if form.get("decision") == "refuse" {
        return go(at(open.row.id, "not-agreed"));
    }
    let rules = site.relay.gate();
    let signer = signer(&before, &rules.methods);
    let signed = match signed::read(&form, signer) {
        Ok(signed) => signed,
        Err(asked) => return super::super::mend(page_of(&site, &open, *asked, None)),
    };
    let agreement = record(&site, &before, signed, form.get("content"), browser_name(&headers));
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(sentence)) => {
            let asked = Questions::of(&form, signer).unsigned();
            super::super::mend(page_of(&site, &open, asked, Some(sentence)))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, "sign"))
        }
    }
}

fn signer<'a>(before: &Before, allowed: &'a crate::domain::allowed::Allowed) -> Signer<'a> {
    Signer {
        who: before.signatory,
        told: false,
        methods: allowed.of(before.signatory),
        words: Words::english(),
    }
}

fn page_of(site: &Site, open: &Open, asked: Questions, changed: Option<String>) -> AgreementPage {
    let family = open.content.family(site.relay.context());
    let mut errors: Vec<(String, String)> =
        changed.map(|sentence| ("content".to_owned(), sentence)).into_iter().collect();
    errors.extend(asked.errors());
    AgreementPage {
        shell: for_family(site, "Agreement to send this referral").error(!errors.is_empty()),
        errors,
        sections: summary::to_sign(&family),
        statement: paragraphs(&statements::current().text),
        content: family.sha256(),
        asked,
    }
}

/// The statement as paragraphs.
pub(super) fn paragraphs(statement: &str) -> Vec<String> {
    statement.split("\n\n").map(str::to_owned).collect()
}

fn record(site: &Site, before: &Before, signed: Signed, content: &str, browser: String) -> Agreement {
    let now = site.relay.clock.now();
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: before.signatory.who_says(signed.responsibility),
        parental_responsibility: signed.responsibility,
        method: if signed.strokes.is_some() { Method::Drawn } else { Method::Typed },
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

/// The name that a browser gives itself, cut to a bearable length: part of the evidence.
pub fn browser_name(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    name.chars().take(BROWSER).collect()
}
