//! The lawful route without agreement (DOMAIN section 3), where the deployment has it: a practitioner asks,
//! a manager or safeguarding lead decides, another one checks. Nobody checks their own decision. The page
//! stands at one address and shows each of them what is theirs to do; until the check is made the gate holds
//! the referral.
//!
//! What is typed here may say anything about a family, so it is sealed with the draft and shown on this
//! page and on the evidence page only.

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::{Answer, Choice, Field, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{DECISIONS, shell};
use super::super::super::parts::SummaryRow;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::summary::{self, Section};
use super::{Step, Stop, around, at, complete, draft_id, go, settled};
use crate::domain::form::{Raw, grouped};
use crate::domain::lawful::{Decision, may_check, may_decide};
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::Open;
use crate::pipeline::lawful::{self, Deciding};
use crate::store::{lawful as rows, people};

/// Most characters of a reason.
const REASON: usize = 2_000;

/// What whoever looks may do.
enum Stage {
    /// Ask somebody who may decide.
    Ask,
    /// Decide: the questions.
    Decide(Box<Questions>),
    /// Wait for a second person.
    Wait,
    /// Check it.
    Check(Box<Field>),
    /// Nothing: it is decided and checked.
    Done,
}

#[derive(Template)]
#[template(path = "pages/setting/lawful.html")]
struct LawfulPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    stage: Stage,
    /// What was decided, and of an earlier check what it said.
    decision: Vec<SummaryRow>,
    /// It was decided for other words.
    stale: bool,
    declined: bool,
    you: String,
    sections: Vec<Section>,
    content: String,
    /// Where the writer goes on.
    on: String,
    again: String,
    social_care: String,
}

struct Questions {
    basis: Choice,
    reason: Field,
    told: Choice,
    because: Field,
}

impl Questions {
    fn of(site: &Site, typed: &Raw) -> Self {
        let bases = site.relay.lawful.bases.iter().map(|one| Answer::new(&one.code, &one.words)).collect();
        let area = |id: &str, label: &str| {
            Field::new(id, label).value(typed.get(id)).label_size("s").limit(2_000).rows(4)
        };
        let told = vec![Answer::new("yes", "Yes"), Answer::new("no", "No")];
        Self {
            basis: Choice::new("basis", "Which law lets you share?", bases)
                .chosen(typed.all("basis").iter().cloned()),
            reason: area("reason", "Why is it right to share this without agreement?")
                .hint("What you are worried about, and why you did not ask or were told no"),
            told: Choice::new("told", "Has the parent been told that you share it?", told)
                .chosen(typed.all("told").iter().cloned()),
            because: area("because", "If not, why not?")
                .hint("For example, because telling them could put somebody in danger"),
        }
    }

    /// As they were answered before.
    fn again(site: &Site, decision: &Decision) -> Self {
        let mut typed = Raw::default();
        typed.set("basis", decision.basis.code.as_str());
        typed.set("reason", decision.reason.as_str());
        typed.set("told", if decision.parent_told { "yes" } else { "no" });
        typed.set("because", decision.not_told_because.as_str());
        Self::of(site, &typed)
    }

    fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.basis, &self.reason, &self.told, &self.because])
    }
}

/// Long words, not empty and not endless.
fn long(text: &str, ask: &str) -> Result<String, String> {
    match text.trim().chars().count() {
        0 => Err(ask.to_owned()),
        n if n > REASON => {
            Err(format!("Use {} characters or fewer: this has {}", grouped(REASON), grouped(n)))
        }
        _ => Ok(text.trim().to_owned()),
    }
}

fn read(site: &Site, form: &Raw) -> Result<Deciding, Box<Questions>> {
    let basis = site.relay.lawful.basis(form.get("basis")).map(|basis| basis.code.clone());
    let basis = basis.ok_or("Choose which law lets you share");
    let reason = long(form.get("reason"), "Write why it is right to share this without agreement");
    let told = match form.get("told") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("Say whether the parent has been told"),
    };
    let because = match told {
        Ok(false) => long(form.get("because"), "Write why the parent has not been told"),
        _ => Ok(String::new()),
    };
    match (basis, reason, told, because) {
        (Ok(basis), Ok(reason), Ok(parent_told), Ok(not_told_because)) => Ok(Deciding {
            basis,
            reason,
            parent_told,
            not_told_because,
            content_sha256: form.get("content").to_owned(),
        }),
        (basis, reason, told, because) => {
            let asked = Questions::of(site, form);
            Err(Box::new(Questions {
                basis: asked.basis.error(basis.err()),
                reason: asked.reason.error(reason.err()),
                told: asked.told.error(told.err()),
                because: asked.because.error(because.err()),
            }))
        }
    }
}

/// `GET /drafts/{id}/lawful`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = turned_on(&site, &person, &id).await?;
    let stage = stage(&site, &person, &open);
    super::show(page_of(&site, &person, &open, stage, None))
}

/// `POST /drafts/{id}/lawful`: asks for a decision, or decides.
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let open = turned_on(&site, &person, &id).await?;
    let here = at(open.row.id, "lawful");
    if !may_decide(&person) {
        let asked = lawful::ask(&site.relay, &person, draft_id(&id)?).await;
        settled(&site, &person, &id, asked).await?;
        return go(format!("{here}?asked=yes"));
    }
    let deciding = match read(&site, &form) {
        Ok(deciding) => deciding,
        Err(asked) => {
            return super::mend(page_of(&site, &person, &open, Stage::Decide(asked), None));
        }
    };
    match lawful::decide(&site.relay, &person, draft_id(&id)?, deciding).await {
        Err(PipelineError::Refused(sentence)) => {
            let asked = Stage::Decide(Box::new(Questions::of(&site, &form)));
            super::mend(page_of(&site, &person, &open, asked, Some(sentence)))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(here)
        }
    }
}

/// `POST /drafts/{id}/lawful/check`: the second person confirms or declines.
pub async fn check(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Step {
    let open = turned_on(&site, &person, &id).await?;
    let confirmed = form.get("decision") == "confirm";
    let words = match form.get("words").trim() {
        "" if confirmed => Ok(String::new()),
        words => long(words, "Write why you do not confirm it"),
    };
    let words = match words {
        Ok(words) => words,
        Err(error) => {
            let asked = Stage::Check(Box::new(remark(form.get("words")).error(Some(error))));
            return super::mend(page_of(&site, &person, &open, asked, None));
        }
    };
    let checked = (confirmed, words);
    match lawful::check(&site.relay, &person, draft_id(&id)?, checked, form.get("content")).await {
        Err(PipelineError::Refused(sentence)) => {
            let stage = stage(&site, &person, &open);
            super::mend(page_of(&site, &person, &open, stage, Some(sentence)))
        }
        answer => match settled(&site, &person, &id, answer).await? {
            Some(referral) => go(format!("/referrals/{referral}/sent")),
            None => go(DECISIONS),
        },
    }
}

/// A draft that is whole, where the deployment has this route.
async fn turned_on(site: &Site, person: &Person, id: &str) -> Result<Open, Stop> {
    if !site.relay.lawful.on {
        return Err(PageError::NotFound.into());
    }
    complete(site, person, id).await
}

fn remark(typed: &str) -> Field {
    Field::new("words", "What do you say to it?")
        .hint("Needed if you do not confirm it")
        .value(typed)
        .label_size("s")
        .limit(2_000)
        .rows(3)
}

fn stage(site: &Site, person: &Person, open: &Open) -> Stage {
    let stands = open.content.decided(site.relay.context());
    match (stands, &open.content.lawful) {
        (Some(decision), _) if decision.is_confirmed() => Stage::Done,
        (Some(decision), _) if may_check(person, decision) => Stage::Check(Box::new(remark(""))),
        (Some(_), _) => Stage::Wait,
        (None, _) if !may_decide(person) => Stage::Ask,
        (None, Some(before)) => Stage::Decide(Box::new(Questions::again(site, before))),
        (None, None) => Stage::Decide(Box::new(Questions::of(site, &Raw::default()))),
    }
}

fn page_of(site: &Site, person: &Person, open: &Open, stage: Stage, wrong: Option<String>) -> LawfulPage {
    let family = open.content.family(site.relay.context());
    let content = family.sha256();
    let mut errors: Vec<(String, String)> =
        wrong.map(|sentence| ("content".to_owned(), sentence)).into_iter().collect();
    match &stage {
        Stage::Decide(questions) => errors.extend(questions.errors()),
        Stage::Check(remark) => errors.extend(error_list(&[&**remark])),
        Stage::Ask | Stage::Wait | Stage::Done => {}
    }
    let decision = open.content.lawful.as_ref();
    let declined = decision.and_then(|one| one.check.as_ref()).is_some_and(|check| !check.confirmed);
    // Who only asks reads no reasons: they may come from the staff-only part.
    let may_read = may_decide(person);
    let id = open.row.id;
    LawfulPage {
        shell: around(site, person, TITLE, at(id, super::agreement::HOW)).error(!errors.is_empty()),
        errors,
        decision: decision.filter(|_| may_read).map(rows_of).unwrap_or_default(),
        stale: decision.is_some_and(|one| one.content_sha256 != content),
        declined,
        stage,
        you: format!("{}, {}", person.name, person.role.label().to_lowercase()),
        sections: summary::to_sign(&family),
        content,
        on: at(id, "sign?staff=yes"),
        again: at(id, super::agreement::HOW),
        social_care: site.social_care.clone(),
    }
}

const TITLE: &str = "Sharing without agreement";

/// A decision as rows: everything that was said. For those who may read it.
pub fn rows_of(decision: &Decision) -> Vec<SummaryRow> {
    let mut rows = vec![
        SummaryRow::new("Decided by", decision.by.title()),
        SummaryRow::new("Decided on", decision.at.for_people()),
        SummaryRow::new("Legal basis", decision.basis.words.clone()),
        SummaryRow::new("Why", decision.reason.clone()),
        SummaryRow::new("The parent was told", if decision.parent_told { "Yes" } else { "No" }),
    ];
    if !decision.not_told_because.is_empty() {
        rows.push(SummaryRow::new("Why they were not told", decision.not_told_because.clone()));
    }
    match &decision.check {
        None => rows.push(SummaryRow::new("Checked by", "Nobody yet")),
        Some(check) => {
            let said = if check.confirmed { "Confirmed by" } else { "Not confirmed by" };
            rows.push(SummaryRow::new(said, check.by.title()));
            rows.push(SummaryRow::new("Checked on", check.at.for_people()));
            rows.push(SummaryRow::new("What they wrote", check.words.clone()));
        }
    }
    rows.retain(|row| !row.value.is_empty());
    rows
}

/// A draft that waits, in the list.
struct Waiting {
    href: String,
    what: &'static str,
    author: String,
    since: String,
}

#[derive(Template)]
#[template(path = "pages/setting/decisions.html")]
struct Decisions {
    shell: Shell,
    waiting: Vec<Waiting>,
}

/// `GET /setting/decisions`: what waits for a manager or safeguarding lead. It names no child: that is
/// sealed until it is opened.
pub async fn list(site: State, Who(person): Who) -> Step {
    if !site.relay.lawful.on {
        return Err(PageError::NotFound.into());
    }
    super::super::line::record_list(&site, &person, "decisions").await?;
    let mut read = site.relay.store.read().await?;
    let mut waiting = Vec::new();
    for row in rows::waiting(&mut read, person.organisation).await? {
        let author = people::find(&mut read, row.author).await?;
        waiting.push(Waiting {
            href: at(row.draft, "lawful"),
            what: if row.state == "asked" { "To decide" } else { "To check" },
            author: author.map_or_else(String::new, |author| author.name),
            since: Instant::from_micros(row.since).for_people(),
        });
    }
    let shell = shell(&site, "Decisions", Some(&person), DECISIONS).back("/referrals", "Your referrals");
    super::show(Decisions { shell, waiting })
}
