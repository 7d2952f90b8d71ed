//! Across localities (DOMAIN section 9). A lead opens one referral of another line with a reason, after
//! a fresh check of a second factor; and a lead sees who opened what of their own line, and reads why.
//!
//! The reason is answered to a POST: no address leads to it and no history holds it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Field, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::cover::line_name;
use super::line::record_list;
use crate::casework::{self, CaseworkError};
use crate::domain::form::Raw;
use crate::domain::opening::{Opening, Part};
use crate::domain::people::Person;
use crate::domain::reference::Reference;
use crate::store::{Read, openings, people, referrals};

const HERE: &str = "/break-glass";
/// Said of every reference that cannot be opened, whatever the reason.
const NOT_THERE: &str =
    "There is no referral with this reference that you can open. Check it with whoever gave it to you";

struct OpenNow {
    id: String,
    reference: String,
    line: String,
    until: String,
}

#[derive(Template)]
#[template(path = "pages/elsewhere/ask.html")]
struct Ask {
    shell: Shell,
    errors: Vec<(String, String)>,
    reference: Field,
    reason: Field,
    hours: i64,
    open: Vec<OpenNow>,
    social_care: String,
}

struct Item {
    id: String,
    reference: String,
    line: String,
    who: String,
    when: String,
    what: &'static str,
}

#[derive(Template)]
#[template(path = "pages/elsewhere/list.html")]
struct List {
    shell: Shell,
    items: Vec<Item>,
}

#[derive(Template)]
#[template(path = "pages/elsewhere/reason.html")]
struct ReasonPage {
    shell: Shell,
    reference: String,
    rows: Vec<SummaryRow>,
}

/// `GET /break-glass`
pub async fn ask(site: State, Who(person): Who) -> Page {
    ask_page(&site, &person, &Raw::default(), &Faults::default()).await
}

/// `POST /break-glass`
pub async fn open(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let mut faults = Faults::of(&form);
    if faults.may_be_tried(&form) {
        let done = casework::break_glass(&site.relay, &person, form.get("reference"), form.get("reason"));
        match done.await {
            Ok(id) => return Ok(Redirect::to(&format!("/referrals/{id}")).into_response()),
            Err(CaseworkError::Missing) => faults.not_there(),
            Err(CaseworkError::Refused(sentence)) => faults.reason = Some(sentence.to_owned()),
            Err(other) => return Err(other.into()),
        }
    }
    ask_page(&site, &person, &form, &faults).await
}

/// What is wrong with a reference and a reason that were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub(super) reference: Option<String>,
    pub(super) reason: Option<String>,
}

impl Faults {
    /// What can be said without looking anything up.
    pub(super) fn of(form: &Raw) -> Self {
        let reason = form.get("reason").trim().chars().count();
        Self {
            reference: Reference::parse(form.get("reference")).err().map(|error| error.to_string()),
            reason: match reason {
                0 => Some("Write why you have to open this referral".to_owned()),
                1..=1_000 => None,
                _ => Some("Write the reason in 1,000 characters or fewer".to_owned()),
            },
        }
    }

    /// Whether it is an attempt, to be recorded: a slip in the reference makes it none the less one.
    pub(super) fn may_be_tried(&self, form: &Raw) -> bool {
        self.reason.is_none() && !form.get("reference").trim().is_empty()
    }

    /// The reference opens nothing. What is wrong with it as a reference is said; more is not.
    pub(super) fn not_there(&mut self) {
        self.reference.get_or_insert_with(|| NOT_THERE.to_owned());
    }

    pub(super) fn none(&self) -> bool {
        self.reference.is_none() && self.reason.is_none()
    }

    /// Both questions with what was typed.
    pub(super) fn fields(&self, form: &Raw, why: &'static str) -> [Field; 2] {
        let reference = Field::new("reference", "Reference")
            .hint("For example, 7K3M-9QX3")
            .value(form.get("reference"))
            .width(10)
            .label_size("s")
            .autocomplete("off")
            .error(self.reference.clone());
        let reason = Field::new("reason", why)
            .value(form.get("reason"))
            .limit(1_000)
            .rows(4)
            .label_size("s")
            .error(self.reason.clone());
        [reference, reason]
    }
}

async fn ask_page(site: &Site, person: &Person, form: &Raw, faults: &Faults) -> Page {
    let [reference, reason] = faults.fields(form, "Why do you have to open it?");
    let reason = reason.hint("It is kept with the referral. The leads of its line can read it.");
    let errors = error_list(&[&reference, &reason]);
    page(Ask {
        shell: shell(site, "Open a referral of another line", Some(person), HERE).error(!faults.none()),
        errors,
        reference,
        reason,
        hours: site.relay.rights.opening_hours(),
        open: open_now(site, person).await?,
        social_care: site.social_care.clone(),
    })
}

/// What stands open to this person just now.
async fn open_now(site: &Site, person: &Person) -> Result<Vec<OpenNow>, PageError> {
    let mut read = site.relay.store.read().await?;
    let mut all: Vec<OpenNow> = Vec::new();
    for one in openings::of_person(&mut read, person.id, site.relay.clock.now()).await? {
        let id = one.referral.to_string();
        let row = referrals::find(&mut read, one.referral).await?;
        let Some(row) = row.filter(|_| !all.iter().any(|shown| shown.id == id)) else { continue };
        let (line, until) = (line_name(site, &one.locality), one.ends.for_people());
        all.push(OpenNow { id, reference: row.reference, line, until });
    }
    Ok(all)
}

/// `GET /line/opened-elsewhere`
pub async fn list(site: State, Who(person): Who) -> Page {
    record_list(&site, &person, "opened-elsewhere").await?;
    let mut read = site.relay.store.read().await?;
    let (mut items, mut names) = (Vec::new(), HashMap::new());
    for line in &person.lines {
        for one in openings::of_line(&mut read, line).await? {
            items.push(item(&site, &mut read, &mut names, one).await?);
        }
    }
    let shell = shell(&site, "Opened by leads of other lines", Some(&person), "/line/cover");
    page(List { shell: shell.back("/line/cover", "Cover"), items })
}

async fn item(
    site: &Site,
    read: &mut Read,
    names: &mut HashMap<String, String>,
    one: Opening,
) -> Result<Item, PageError> {
    let row = referrals::find(read, one.referral).await?;
    let who = who(read, names, &one).await?;
    Ok(Item {
        id: one.id,
        reference: row.map_or_else(String::new, |row| row.reference),
        line: line_name(site, &one.locality),
        who,
        when: one.at.for_people(),
        what: one.part.label(),
    })
}

/// `Lee Leading, Duty lead, Health visiting`.
async fn who(
    read: &mut Read,
    names: &mut HashMap<String, String>,
    one: &Opening,
) -> Result<String, PageError> {
    let id = one.person.to_string();
    if !names.contains_key(&id) {
        let person = people::whoever(read, one.person).await?;
        let said = person.map_or_else(String::new, |person| {
            format!("{}, {}, {}", person.name, person.role.label(), person.organisation_name)
        });
        names.insert(id.clone(), said);
    }
    Ok(names[&id].clone())
}

/// `POST /line/opened-elsewhere/{opening}`
pub async fn reason(site: State, Who(person): Who, Path(opening): Path<String>) -> Page {
    let reason = casework::read_reason(&site.relay, &person, &opening).await?;
    let mut read = site.relay.store.read().await?;
    let who = who(&mut read, &mut HashMap::new(), &reason.opening).await?;
    let what = match reason.opening.part {
        Part::Referral => "The referral, without the restricted part",
        Part::Restricted => "The restricted part",
    };
    page(ReasonPage {
        shell: shell(&site, "Why a referral was opened", Some(&person), "/line/cover")
            .back("/line/opened-elsewhere", "Opened by leads of other lines"),
        reference: reason.reference,
        rows: vec![
            SummaryRow::new("Who", who),
            SummaryRow::new("When", reason.opening.at.for_people()),
            SummaryRow::new("What", what),
            SummaryRow::new("Why", reason.words),
        ],
    })
}
