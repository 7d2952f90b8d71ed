//! Mail to look at: what was held because no referral could be made of it. The preview is plain
//! text, written by the template's escaping, with nothing active in it; opening is recorded.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::super::Site;
use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::field::{Answer, Choice, error_list};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow};
use super::super::super::shell::Shell;
use super::super::line::record_list;
use super::super::referral::id_of;
use super::super::referral::list::{self, Asked};
use crate::casework;
use crate::domain::ids::MailId;
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::store::mails::{self, Mail};
use crate::store::{Read, StoreError, people};

/// How a mail was dealt with: the code in the trail and the words beside the button.
const ENDS: [(&str, &str); 4] = [
    ("duplicate", "It is here already, by another mail or the web form"),
    ("spam", "It is not for us"),
    ("answered-by-phone", "I rang the sender"),
    ("passed-on", "I passed it on to somebody who can help"),
];

struct Item {
    id: String,
    received: String,
    why: &'static str,
    size: String,
    setting: String,
}

#[derive(Template)]
#[template(path = "pages/desk/mails.html")]
struct List {
    shell: Shell,
    closed: bool,
    items: Vec<Item>,
    pages: Pages,
}

#[derive(Template)]
#[template(path = "pages/desk/mail.html")]
struct View {
    shell: Shell,
    errors: Vec<(String, String)>,
    id: String,
    rows: Vec<SummaryRow>,
    attachments: Vec<String>,
    text: String,
    end: Choice,
}

/// `GET /desk/mails`
pub async fn list(site: State, Who(person): Who, asked: Asked) -> Page {
    let asked = list::asked(&asked);
    let skip = list::skip(&asked);
    record_list(&site, &person, "held-mail").await?;
    let mut read = site.relay.store.read().await?;
    let rows = mails::held(&mut read, skip).await?;
    let mut items = Vec::with_capacity(rows.len());
    for mail in &rows {
        items.push(Item {
            id: mail.id.to_string(),
            received: Instant::from_micros(mail.received_at).for_people(),
            why: in_words(&mail.code),
            size: size_of(mail),
            setting: sender(&mut read, mail).await?,
        });
    }
    page(List {
        shell: shell(&site, "Mail to look at", Some(&person), "/desk/mails"),
        closed: asked.get("closed") == "yes",
        pages: list::pages("/desk/mails", skip, items.len()),
        items,
    })
}

/// `GET /desk/mails/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    view(&site, &person, id_of(&id)?, None).await
}

/// `POST /desk/mails/{id}/close`
pub async fn close(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: MailId = id_of(&id)?;
    let Some((code, _)) = ENDS.iter().find(|(code, _)| *code == form.get("end")) else {
        return view(&site, &person, id, Some("Choose what you did with it")).await;
    };
    casework::close_mail(&site.relay, &person, id, code).await?;
    Ok(Redirect::to("/desk/mails?closed=yes").into_response())
}

async fn view(site: &Site, person: &Person, id: MailId, wrong: Option<&'static str>) -> Page {
    let open = casework::open_mail(&site.relay, person, id).await?;
    let mut read = site.relay.store.read().await?;
    let answers = ENDS.iter().map(|(code, words)| Answer::new(*code, *words)).collect();
    let end = Choice::new("end", "What did you do with it?", answers).error(wrong);
    let said = |text: &str| if text.is_empty() { "Not said".to_owned() } else { text.to_owned() };
    let connection = if open.mail.tls.is_empty() { "Not encrypted" } else { open.mail.tls.as_str() };
    let setting = sender(&mut read, &open.mail).await?;
    page(View {
        shell: shell(site, "Mail to look at", Some(person), "/desk/mails")
            .back("/desk/mails", "Mail to look at")
            .error(wrong.is_some()),
        errors: error_list(&[&end]),
        id: id.to_string(),
        rows: vec![
            SummaryRow::new("Received", Instant::from_micros(open.mail.received_at).for_people()),
            SummaryRow::new("Why it is here", in_words(&open.mail.code)),
            SummaryRow::new("Setting", setting),
            SummaryRow::new("Says it is from", said(&open.shown.from)),
            SummaryRow::new("Envelope sender", said(&open.envelope_from)),
            SummaryRow::new("Subject", said(&open.shown.subject)),
            SummaryRow::new("Connection", connection),
            SummaryRow::new("Size", size_of(&open.mail)),
        ],
        attachments: open
            .shown
            .attachments
            .iter()
            .map(|(name, size)| format!("{name}, {size} bytes"))
            .collect(),
        text: open.shown.text,
        end,
    })
}

async fn sender(read: &mut Read, mail: &Mail) -> Result<String, StoreError> {
    let unknown = || "Sender not known".to_owned();
    let Ok(id) = mail.organisation.parse() else { return Ok(unknown()) };
    Ok(people::organisation(read, id).await?.map_or_else(unknown, |setting| setting.name))
}

fn size_of(mail: &Mail) -> String {
    if mail.size < 10_000 { format!("{} bytes", mail.size) } else { format!("{} kB", mail.size / 1_000) }
}

/// What the judge found, for people.
fn in_words(code: &str) -> &'static str {
    match code {
        "sender-not-known" => "It is sealed properly, but its sender is not known here",
        "mail-broken" => "The mail is built in a way that cannot be read",
        "not-sealed" => "It holds no sealed referral",
        "sealed-to-another-key" => "The referral is sealed to another key than this relay’s",
        "sealed-file-damaged" => "The sealed referral is damaged or not complete",
        "sealed-file-too-large" => "The sealed referral is too large",
        "sealed-with-passphrase" => "The referral is sealed with a passphrase",
        "several-sealed-files" => "It holds more than one sealed file",
        "format-not-read" => "The sealed document is not in the form of a referral",
        "same-id-other-content" => "The same submission was sent before with other content",
        "repeated" => "The same referral was sent before",
        "cannot-be-opened" => "What is stored is not what arrived: tell the person who runs this service",
        "judging-failed" => "Reading it failed more than once: it was left unread",
        _ => "It could not be made into a referral",
    }
}
