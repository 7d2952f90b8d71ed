//! The parent or carer signs later, by a link: to where it goes, how its code is given, and who has read
//! the words first. It is sent with the referral, after the staff-only step, and never where the answers
//! there forbid it. While it waits, this page says since when and until when, and sends, ends or tells anew.

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::field::{Answer, Choice, Field, error_list};
use super::super::super::form::Protected;
use super::super::super::parts::SummaryRow;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::agreement::by;
use super::{Step, around, at, draft_id, go, settled};
use crate::domain::agreement::CodeBy;
use crate::domain::before::How;
use crate::domain::email::EmailAddress;
use crate::domain::family::{Channel, Contact, Purpose};
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::phone::Phone;
use crate::domain::time::Instant;
use crate::domain::words::{ALL, Words};
use crate::family;
use crate::pipeline::by_link;
use crate::pipeline::drafts::{self, Open};
use crate::store::family::Link;

#[derive(Template)]
#[template(path = "pages/setting/link.html")]
struct LinkPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    questions: Questions,
}

#[derive(Template)]
#[template(path = "pages/setting/link_waits.html")]
struct Waits {
    shell: Shell,
    rows: Vec<SummaryRow>,
    /// It still works.
    lives: bool,
    /// Staff read codes out.
    reads_out: bool,
    here: String,
}

#[derive(Template)]
#[template(path = "pages/setting/link_code.html")]
struct Told {
    shell: Shell,
    code: String,
    back: String,
}

/// What is asked about a link.
struct Questions {
    by: Choice,
    email: Field,
    phone: Field,
    code_by: Choice,
    language: Choice,
    read: Choice,
}

/// `GET /drafts/{id}/link`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let (open, _) = by(&site, &person, &id, &[How::Link]).await?;
    let links = by_link::of_draft(&site.relay, &person, open.row.id).await?;
    match links.iter().find(|link| link.purpose == Purpose::SignLater) {
        Some(link) if open.content.later.is_some() => waits(&site, &person, &open, link),
        _ => super::show(page_of(&site, &person, &open, Questions::of(&prefilled(&open), None))),
    }
}

/// `POST /drafts/{id}/link`: kept; it is sent with the referral.
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let (open, _) = by(&site, &person, &id, &[How::Link]).await?;
    let contact = match read(&form) {
        Ok(contact) => contact,
        Err(faults) => {
            let questions = Questions::of(&form, Some(&faults));
            return super::mend(page_of(&site, &person, &open, questions));
        }
    };
    let asked = drafts::ask_later(&site.relay, &person, draft_id(&id)?, contact).await;
    settled(&site, &person, &id, asked).await?;
    go(at(open.row.id, "sign?staff=yes"))
}

/// `POST /drafts/{id}/link/again`: a new link to the same contact; the old one ends.
pub async fn again(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let draft = draft_id(&id)?;
    by_link::send_again(&site.relay, &person, draft).await?;
    go(at(draft, "link"))
}

/// `POST /drafts/{id}/link/cancel`: the link ends; another way is chosen.
pub async fn cancel(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let draft = draft_id(&id)?;
    by_link::cancel(&site.relay, &person, draft).await?;
    go(at(draft, "how"))
}

/// `POST /drafts/{id}/link/code`: a code to be read out to the recorded number.
pub async fn code(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let draft = draft_id(&id)?;
    let links = by_link::of_draft(&site.relay, &person, draft).await?;
    let now = site.relay.clock.now();
    let link = links.iter().find(|link| link.purpose == Purpose::SignLater && link.lives(now));
    let code = match link {
        Some(link) => family::code_to_read(&site.relay, &person, link).await?,
        None => None,
    };
    let Some(code) = code else { return go(at(draft, "link")) };
    let shell = around(&site, &person, "The code to read out", at(draft, "link"));
    super::show(Told { shell, code, back: at(draft, "link") })
}

fn waits(site: &Site, person: &Person, open: &Open, link: &Link) -> Step {
    let lives = link.lives(site.relay.clock.now());
    let state = match (lives, link.opened_at > 0) {
        (false, _) => "It has ended",
        (true, true) => "They have opened it and not signed yet",
        (true, false) => "Not opened yet",
    };
    let reminded = match link.reminded {
        0 => "None yet".to_owned(),
        n => n.to_string(),
    };
    let rows = vec![
        SummaryRow::new("Sent", link.created.for_people()),
        SummaryRow::new("Now", state),
        SummaryRow::new("Reminders sent", reminded),
        SummaryRow::new(if lives { "Works until" } else { "Ended" }, ends(link).for_people()),
    ];
    let contact = open.content.later.as_ref().map(|later| later.contact.code_by);
    super::show(Waits {
        shell: around(site, person, "Waiting for the parent or carer", at(open.row.id, "")),
        rows,
        lives,
        reads_out: lives && contact == Some(CodeBy::ReadOut),
        here: at(open.row.id, "link"),
    })
}

fn ends(link: &Link) -> Instant {
    if link.ended_at > 0 { Instant::from_micros(link.ended_at) } else { link.ends }
}

/// What the referral says already, or what was chosen before.
fn prefilled(open: &Open) -> Raw {
    let mut raw = Raw::default();
    let answers = &open.content.raw;
    raw.set("email", answers.get("carer.email"));
    raw.set("phone", answers.get("carer.phone"));
    if let Some(later) = &open.content.later {
        let contact = &later.contact;
        raw.set("email", &*contact.email);
        raw.set("phone", &*contact.phone);
        raw.set("by", contact.by.code());
        raw.set("code_by", contact.code_by.code());
        raw.set("language", &*contact.language);
    }
    raw
}

/// What is wrong with each answer about a contact.
#[derive(Default)]
pub struct ContactFaults {
    /// How the link goes out.
    pub by: Option<&'static str>,
    /// The address.
    pub email: Option<String>,
    /// The number.
    pub phone: Option<String>,
    /// How its code is given.
    pub code_by: Option<&'static str>,
}

/// Reads a contact: only what is used has to be right.
///
/// # Errors
/// What is wrong with each answer.
pub fn contact_of(form: &Raw) -> Result<Contact, ContactFaults> {
    let by = Channel::from_code(form.get("by"));
    let code_by = CodeBy::from_code(form.get("code_by")).filter(|one| *one != CodeBy::SameRoom);
    let (email, phone) = (form.get("email").trim(), form.get("phone").trim());
    let mail = by == Some(Channel::Mail) || code_by == Some(CodeBy::Mail);
    let text = by == Some(Channel::Text) || code_by == Some(CodeBy::Text);
    let faults = ContactFaults {
        by: by.is_none().then_some("Say how the link is sent"),
        code_by: code_by.is_none().then_some("Say how they get the code"),
        email: EmailAddress::parse(email).err().filter(|_| mail).map(|error| error.to_string()),
        phone: mobile(phone).err().filter(|_| text),
    };
    match (by, code_by, &faults.email, &faults.phone) {
        (Some(by), Some(code_by), None, None) => Ok(Contact {
            by,
            email: email.to_owned(),
            phone: phone.to_owned(),
            code_by,
            language: Words::or_english(form.get("language")).code.to_owned(),
            other: false,
        }),
        _ => Err(faults),
    }
}

/// Texts go to mobile numbers.
fn mobile(typed: &str) -> Result<(), String> {
    match Phone::parse(typed) {
        Ok(phone) if phone.digits().starts_with("07") => Ok(()),
        Ok(_) => Err("A text needs a mobile number: one that starts with 07".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// What is wrong with the page's answers.
#[derive(Default)]
struct Faults {
    contact: ContactFaults,
    read: Option<&'static str>,
}

fn read(form: &Raw) -> Result<Contact, Faults> {
    let unread = (form.get("read") != "yes").then_some("Read the answers, then tick this box");
    match (contact_of(form), unread) {
        (Ok(contact), None) => Ok(contact),
        (contact, read) => Err(Faults { contact: contact.err().unwrap_or_default(), read }),
    }
}

impl Questions {
    fn of(typed: &Raw, faults: Option<&Faults>) -> Self {
        let none = Faults::default();
        let faults = faults.unwrap_or(&none);
        let chosen = |name: &str| Some(typed.get(name).to_owned()).filter(|value| !value.is_empty());
        let ways = Channel::ALL.iter().map(|one| Answer::new(one.code(), one.label())).collect();
        let codes = [CodeBy::Text, CodeBy::Mail, CodeBy::ReadOut];
        let codes = codes.iter().map(|one| match one {
            CodeBy::ReadOut => Answer::new(one.code(), "You read it out on the phone").hint(
                "You ring the number that you know is theirs. You can do that on this page once it is sent",
            ),
            _ => Answer::new(one.code(), one.label()),
        });
        let languages = ALL.iter().map(|words| Answer::new(words.code, words.name)).collect();
        let language = chosen("language").unwrap_or_else(|| Words::english().code.to_owned());
        let approved = Answer::new(
            "yes",
            "I have read every answer. Nothing in them could put anybody in danger if another person in the home reads them",
        );
        Self {
            by: Choice::new("by", "How is the link sent?", ways)
                .chosen(chosen("by"))
                .error(faults.contact.by),
            email: Field::new("email", "Their email address")
                .email()
                .hint("If the link or the code goes by email")
                .value(typed.get("email"))
                .error(faults.contact.email.clone()),
            phone: Field::new("phone", "Their mobile number")
                .telephone()
                .hint("If the link or the code goes by text message")
                .value(typed.get("phone"))
                .error(faults.contact.phone.clone()),
            code_by: Choice::new("code_by", "How do they get the code that opens it?", codes.collect())
                .hint("The link alone opens nothing, so that nobody else can sign")
                .chosen(chosen("code_by"))
                .error(faults.contact.code_by),
            language: Choice::new("language", "In which language do they read?", languages)
                .chosen([language]),
            read: Choice::new("read", "Before it is sent", vec![approved]).error(faults.read),
        }
    }

    fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.by, &self.email, &self.phone, &self.code_by, &self.language, &self.read])
    }
}

fn page_of(site: &Site, person: &Person, open: &Open, questions: Questions) -> LinkPage {
    let errors = questions.errors();
    LinkPage {
        shell: around(site, person, "They sign later, by a link", at(open.row.id, "how"))
            .error(!errors.is_empty()),
        errors,
        questions,
    }
}
