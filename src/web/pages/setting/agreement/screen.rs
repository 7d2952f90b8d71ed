//! The page that the parent, carer or young person reads and signs on the setting's screen: what will be
//! sent and the statement, word for word, on a screen from which nothing leads to other families. It
//! carries the hash of what it showed: a signature for other words is not taken. Nothing on it tells that
//! there is a staff-only part, and what staff answered first stays in the draft.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use serde::Deserialize;

use super::super::super::super::access::Who;
use super::super::super::super::form::Protected;
use super::super::super::super::peer::Peer;
use super::super::super::super::shell::Shell;
use super::super::super::super::statement::StatementView;
use super::super::super::super::{Site, State};
use super::super::summary::{self, Changed, Section};
use super::super::{Step, at, draft_id, for_family, go, settled};
use super::by;
use super::signed::{self, Questions, Signed, Signer};
use crate::domain::agreement::{Agreement, Method, Way};
use crate::domain::allowed::Allowed;
use crate::domain::before::{Before, How};
use crate::domain::form::Raw;
use crate::domain::words::Words;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/agreement.html")]
struct AgreementPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    /// What is not as it was when somebody last agreed.
    changes: Vec<Changed>,
    sections: Vec<Section>,
    statement: StatementView,
    content: String,
    asked: Questions,
}

/// Longest name of a browser that is kept with a signature, in characters.
const BROWSER: usize = 200;

/// `GET /drafts/{id}/screen`
pub async fn show(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Query(asked): Query<InLanguage>,
) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Screen]).await?;
    let statement = StatementView::of(site.relay.statement(), &asked.language);
    let signer = signer(&before, &site.relay.gate().methods, statement.words());
    super::super::show(page_of(&site, &open, statement, Questions::of(&Raw::default(), signer), None))
}

/// The language that was chosen on a page.
#[derive(Deserialize)]
pub struct InLanguage {
    /// BCP 47; empty for English.
    #[serde(default)]
    pub language: String,
}

/// `POST /drafts/{id}/screen`: the signature, or that they do not agree.
pub async fn save(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Screen]).await?;
    let statement = StatementView::of(site.relay.statement(), form.get("language"));
    if form.get("decision") == "refuse" {
        return go(at(open.row.id, &format!("not-agreed?language={}", statement.chosen.language)));
    }
    let signer = signer(&before, &site.relay.gate().methods, statement.words());
    let signed = match signed::read(&form, signer) {
        Ok(signed) => signed,
        Err(asked) => return super::super::mend(page_of(&site, &open, statement, *asked, None)),
    };
    let changed = |statement| {
        let asked = Questions::of(&form, signer).unsigned();
        super::super::mend(page_of(&site, &open, statement, asked, Some(signer.words.sign_changed)))
    };
    if form.get("statement") != statement.version {
        return changed(statement);
    }
    let online = Online { browser: browser_name(&headers), address: peer.to_string() };
    let agreement = record(&site, &before, signed, &statement, form.get("content"), online);
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(_)) => changed(statement),
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, &format!("sign?language={}", statement.chosen.language)))
        }
    }
}

/// What a browser tells of itself, kept with a signature.
pub struct Online {
    /// The name that it gives itself.
    pub browser: String,
    /// The network address that it came from.
    pub address: String,
}

fn signer<'a>(before: &Before, allowed: &'a Allowed, words: &'static Words) -> Signer<'a> {
    Signer { who: before.signatory, told: false, methods: allowed.of(before.signatory), words }
}

fn page_of(
    site: &Site,
    open: &Open,
    statement: StatementView,
    asked: Questions,
    changed: Option<&'static str>,
) -> AgreementPage {
    let family = open.content.family(site.relay.context());
    let changed = changed.map(|sentence| ("content".to_owned(), sentence.to_owned()));
    let errors: Vec<(String, String)> = changed.into_iter().chain(asked.errors()).collect();
    let words = statement.words();
    AgreementPage {
        shell: for_family(site, words.sign_title).words(words).error(!errors.is_empty()),
        errors,
        changes: summary::changed(&open.content.since_agreed(site.relay.context())),
        sections: summary::to_sign(&family),
        statement,
        content: family.sha256(),
        asked,
    }
}

fn record(
    site: &Site,
    before: &Before,
    signed: Signed,
    shown: &StatementView,
    content: &str,
    online: Online,
) -> Agreement {
    let now = site.relay.clock.now();
    let (statement, beside) = site.relay.statement().signed(&shown.chosen.language);
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: before.signatory.who_says(signed.responsibility),
        parental_responsibility: signed.responsibility,
        method: if signed.strokes.is_some() { Method::Drawn } else { Method::Typed },
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

/// The name that a browser gives itself, cut to a bearable length: part of the evidence.
pub fn browser_name(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    name.chars().take(BROWSER).collect()
}
