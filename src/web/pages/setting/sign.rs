//! The screen comes back to staff, then the referrer signs, by a typed name, the words that the parent
//! has signed.
//!
//! After a signature on this screen the first page leads nowhere but on: whoever holds the screen says
//! that they are staff before the menu comes back. Nobody is stopped by it; it is said, and it works
//! without a script.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

use super::super::super::access::Who;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::agreement::{full_name, same_name};
use super::{Step, agreed, around, at, draft_id, for_family, go, settled};
use crate::domain::agreement::{Method, ReferrerSignature};
use crate::domain::form::Part;
use crate::domain::people::{Person, Role};
use crate::domain::words::Words;
use crate::pipeline::drafts::{self, Open};

/// What whoever holds the screen sees last: it leads nowhere but on, to a page for staff.
#[derive(Template)]
#[template(path = "pages/setting/hand_back.html")]
pub(super) struct HandBack {
    shell: Shell,
    said: &'static str,
    on: String,
}

impl HandBack {
    /// The page in a family's language, with what it says first and where staff go on.
    pub(super) fn page(
        site: &Site,
        words: &'static Words,
        said: fn(&Words) -> &'static str,
        on: String,
    ) -> Self {
        Self { shell: for_family(site, words.back_title).words(words), said: said(words), on }
    }
}

#[derive(Template)]
#[template(path = "pages/setting/sign.html")]
struct Sign {
    shell: Shell,
    errors: Vec<(String, String)>,
    signer: String,
    /// The agreement was told to staff: nobody signed it.
    told: bool,
    /// The parent or carer signs later, by a link.
    later: bool,
    /// Who decided that it goes on without agreement; empty when somebody agreed.
    lawful: String,
    /// The name that the signature has to be.
    referrer: String,
    name: Field,
    content: String,
    check: String,
    you: String,
}

/// Whether somebody said that staff have the screen.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    pub(super) staff: String,
    /// The language that the family chose.
    #[serde(default)]
    pub(super) language: String,
}

/// The address of the page itself, for staff.
pub(super) const BY_STAFF: &str = "sign?staff=yes";

/// `GET /drafts/{id}/sign`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, Query(back): Query<Back>) -> Step {
    let open = agreed(&site, &person, &id).await?;
    if back.staff == "yes" || told(&person, &open) || open.content.agreement.is_none() {
        return super::show(page_of(&site, &person, &open, question("")));
    }
    let language = open.content.agreement.as_ref().map_or("", |one| one.statement.language.as_str());
    let words = Words::or_english(language);
    super::show(HandBack::page(&site, words, |words| words.back_signed, at(open.row.id, BY_STAFF)))
}

/// `POST /drafts/{id}/sign`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let open = agreed(&site, &person, &id).await?;
    let typed = form.get("signature");
    let name = match signature(typed, open.content.raw.get("referrer.name")) {
        Ok(name) => name,
        Err(error) => {
            let name = question(typed).error(Some(error));
            return super::mend(page_of(&site, &person, &open, name));
        }
    };
    let now = site.relay.clock.now();
    let signature = ReferrerSignature {
        printed_name: name,
        content_sha256: form.get("content").to_owned(),
        signed_on: now.day(),
        recorded_at: now,
    };
    let signed = drafts::sign_as_referrer(&site.relay, &person, draft_id(&id)?, signature).await;
    settled(&site, &person, &id, signed).await?;
    go(at(open.row.id, "staff-only"))
}

/// The name as it was typed, when it is the referrer's.
fn signature(typed: &str, referrer: &str) -> Result<String, String> {
    let name = full_name(typed, "Enter your full name")?;
    same_name(typed, referrer)?;
    Ok(name)
}

/// Whether the agreement was told to staff. Only its author and the safeguarding lead are told that: it
/// could be what a referral is held for.
fn told(person: &Person, open: &Open) -> bool {
    let may = person.id == open.row.person || person.role == Role::SafeguardingLead;
    may && open.content.agreement.as_ref().is_some_and(|agreement| agreement.method == Method::ToldToStaff)
}

fn question(typed: &str) -> Field {
    Field::new("signature", "Type your full name as your signature")
        .value(typed)
        .autocomplete("off")
        .label_size("s")
}

fn page_of(site: &Site, person: &Person, open: &Open, name: Field) -> Sign {
    let errors = error_list(&[&name]);
    let agreement = open.content.agreement.as_ref();
    let you = format!("{}?from=check#referrer.name", Part::Referrer.slug());
    Sign {
        shell: around(site, person, "Your signature", at(open.row.id, "")).error(!errors.is_empty()),
        errors,
        signer: agreement.map_or_else(String::new, |agreement| agreement.printed_name.clone()),
        told: told(person, open),
        later: agreement.is_none() && open.content.later.is_some(),
        lawful: match (agreement, &open.content.lawful) {
            (None, Some(decision)) => decision.by.title(),
            _ => String::new(),
        },
        referrer: open.content.raw.get("referrer.name").trim().to_owned(),
        name,
        content: open.content.family(site.relay.context()).sha256(),
        check: at(open.row.id, super::CHECK),
        you: at(open.row.id, &you),
    }
}
