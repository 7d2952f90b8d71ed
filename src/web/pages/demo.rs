//! In the demo only: outgoing mail and texts, captured instead of sent. There is no such door anywhere else.

use askama::Template;
use axum::extract::Path;

use super::super::State;
use super::super::access::Who;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use crate::mail::Message;
use crate::text::Captured;

#[derive(Template)]
#[template(path = "pages/demo/list.html")]
struct List {
    shell: Shell,
    mails: Vec<Message>,
    texts: Vec<Captured>,
}

#[derive(Template)]
#[template(path = "pages/demo/mail.html")]
struct One {
    shell: Shell,
    mail: Message,
}

/// `GET /demo/mail`: the newest first.
pub async fn list(site: State, Who(person): Who) -> Page {
    let demo = site.demo.as_ref().ok_or(PageError::NotFound)?;
    let mut mails = demo.captured.kept();
    mails.reverse();
    let mut texts = demo.texts.kept();
    texts.reverse();
    page(List { shell: shell(&site, "Captured mail", Some(&person), "/demo/mail"), mails, texts })
}

/// `GET /demo/mail/{letter}`
pub async fn show(site: State, Who(person): Who, Path(letter): Path<String>) -> Page {
    let demo = site.demo.as_ref().ok_or(PageError::NotFound)?;
    let mail = demo.captured.kept().into_iter().find(|mail| mail.id.to_string() == letter);
    let shell =
        shell(&site, "A captured mail", Some(&person), "/demo/mail").back("/demo/mail", "Captured mail");
    page(One { shell, mail: mail.ok_or(PageError::NotFound)? })
}
