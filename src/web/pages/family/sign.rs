//! The family reads what will be sent and signs it, or says no, on their own device.
//!
//! The page carries the hash of what it showed: a signature for other words is not taken. What is shown
//! is the family part alone.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect};
use serde::Deserialize;

use super::super::super::form::Protected;
use super::super::super::peer::Peer;
use super::super::super::shell::Shell;
use super::super::super::statement::StatementView;
use super::super::super::{Site, State};
use super::super::setting::agreement::screen::{Online, browser_name};
use super::super::setting::agreement::signed::{self, Questions, Signed, Signer};
use super::super::setting::summary::{self, Changed, Section};
use super::super::setting::{Step, Stop, for_family};
use super::{Reading, around, cookie, ended, mend, opened, show};
use crate::domain::agreement::{Agreement, CodeBy, Link as LinkUsed, Method, Signatory, Way};
use crate::domain::family::{Purpose, masked};
use crate::domain::form::Raw;
use crate::pipeline::PipelineError;
use crate::pipeline::by_link::{self, Answer};
use crate::pipeline::drafts::Open;
use crate::store::family::Link;

#[derive(Template)]
#[template(path = "pages/family/sign.html")]
struct SignPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    /// What is not as it was when somebody last agreed.
    changes: Vec<Changed>,
    sections: Vec<Section>,
    statement: StatementView,
    content: String,
    asked: Questions,
}

#[derive(Template)]
#[template(path = "pages/family/done.html")]
struct Done {
    shell: Shell,
    heading: &'static str,
    said: &'static str,
}

/// `GET /family/{token}/sign`
pub async fn read(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    let link = opened(&site, &token, &reading).await?;
    let Some(open) = to_sign(&site, &link).await? else { return ended(&site, &reading) };
    let statement = StatementView::of(site.relay.statement(), &reading.language());
    let asked = Questions::of(&Raw::default(), signer(&open, &statement));
    show(&reading, page_of(&site, &open, statement, asked, None))
}

/// What is to be signed; `None` when there is nothing any more.
async fn to_sign(site: &Site, link: &Link) -> Result<Option<Open>, Stop> {
    match by_link::open(&site.relay, link).await {
        Err(PipelineError::Missing | PipelineError::Erased) => Ok(None),
        open => Ok(Some(open?)),
    }
}

/// `POST /family/{token}/sign`: the signature, or that they do not agree.
pub async fn answer(
    site: State,
    Path(token): Path<String>,
    Peer(peer): Peer,
    headers: HeaderMap,
    reading: Reading,
    Protected(form): Protected,
) -> Step {
    let link = opened(&site, &token, &reading).await?;
    let Some(open) = to_sign(&site, &link).await? else { return ended(&site, &reading) };
    if form.get("decision") == "refuse" {
        by_link::answer(&site.relay, &link, Answer::No).await?;
        return thanks(&site, "no");
    }
    let statement = StatementView::of(site.relay.statement(), form.get("language"));
    let signer = signer(&open, &statement);
    let signed = match signed::read(&form, signer) {
        Ok(signed) => signed,
        Err(asked) => return mend(page_of(&site, &open, statement, *asked, None)),
    };
    let changed = |statement| {
        let asked = Questions::of(&form, signer).unsigned();
        mend(page_of(&site, &open, statement, asked, Some(signer.words.done_again)))
    };
    if form.get("statement") != statement.version {
        return changed(statement);
    }
    let by = by(&site, &link).await?;
    let online = Online { browser: browser_name(&headers), address: peer.to_string() };
    let agreement = record(&site, &open, signed, (&statement, form.get("content")), by, online);
    match by_link::answer(&site.relay, &link, Answer::Agrees(Box::new(agreement))).await {
        Err(PipelineError::Refused(_)) => changed(statement),
        Err(PipelineError::Missing) => ended(&site, &reading),
        answer => {
            answer?;
            thanks(&site, "yes")
        }
    }
}

/// To the last page; the link has ended, and the browser keeps nothing of it.
fn thanks(site: &Site, signed: &str) -> Step {
    let gone = AppendHeaders([(header::SET_COOKIE, cookie(site, None))]);
    Ok((gone, Redirect::to(&format!("/sign/done?signed={signed}"))).into_response())
}

/// What they answered.
#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    signed: String,
}

/// `GET /sign/done`: the last page. Its address is nobody's.
pub async fn done(site: State, Query(said): Query<Said>, reading: Reading) -> Step {
    let words = reading.words;
    let (heading, said) = match said.signed.as_str() {
        "no" => (words.done_no_title, words.done_no),
        _ => (words.done_title, words.done_signed),
    };
    show(&reading, Done { shell: around(&site, &reading, heading), heading, said })
}

/// Who signs: as staff said, a parent where they did not. A link takes both kinds of signature.
fn signer(open: &Open, statement: &StatementView) -> Signer<'static> {
    let who = open.content.before.as_ref().map_or(Signatory::Parent, |before| before.signatory);
    Signer { who, told: false, methods: &[Method::Drawn, Method::Typed], words: statement.words() }
}

/// How the link was opened.
async fn by(site: &Site, link: &Link) -> Result<LinkUsed, Stop> {
    let (code_by, sent_to) = match link.purpose {
        Purpose::SignHere => (CodeBy::SameRoom, String::new()),
        _ => {
            let contact = crate::family::contact(&site.relay, link, crate::audit::Actor::system()).await?;
            let sent_to = contact.code_channel().map(|channel| masked(contact.address(channel)));
            (contact.code_by, sent_to.unwrap_or_default())
        }
    };
    Ok(LinkUsed { link: link.id.to_string(), code_by, sent_to })
}

fn record(
    site: &Site,
    open: &Open,
    signed: Signed,
    (shown, content): (&StatementView, &str),
    by: LinkUsed,
    online: Online,
) -> Agreement {
    let now = site.relay.clock.now();
    let before = open.content.before.clone().unwrap_or_default();
    let (statement, beside) = site.relay.statement().signed(&shown.chosen.language);
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: before.signatory.who_says(signed.responsibility),
        parental_responsibility: signed.responsibility,
        method: Method::RemoteLink,
        strokes: signed.strokes,
        statement,
        beside,
        content_sha256: content.to_owned(),
        signed_on: now.day(),
        recorded_at: now,
        present: before.present,
        checked_how: if by.code_by == CodeBy::SameRoom {
            before.checked
        } else {
            by.code_by.label().to_owned()
        },
        browser: online.browser,
        address: online.address,
        way: Way::Link(by),
        notice: site.relay.notice().id(),
    }
}

fn page_of(
    site: &Site,
    open: &Open,
    statement: StatementView,
    asked: Questions,
    changed: Option<&'static str>,
) -> SignPage {
    let family = open.content.family(site.relay.context());
    let changed = changed.map(|sentence| ("content".to_owned(), sentence.to_owned()));
    let errors: Vec<(String, String)> = changed.into_iter().chain(asked.errors()).collect();
    let words = statement.words();
    SignPage {
        shell: for_family(site, words.sign_title).words(words).error(!errors.is_empty()),
        errors,
        changes: summary::changed(&open.content.since_agreed(site.relay.context())),
        sections: summary::to_sign(&family),
        statement,
        content: family.sha256(),
        asked,
    }
}
