//! Recovery codes: made anew and shown once.

use askama::Template;

use super::super::super::access::Session;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use crate::people::{factors, recovery};

#[derive(Template)]
#[template(path = "pages/account/codes.html")]
struct Codes {
    shell: Shell,
    left: i64,
    /// The new codes; empty on the page that asks first.
    codes: Vec<String>,
    /// While setting up, the way goes on from here.
    setting_up: bool,
}

/// `GET /account/recovery-codes`
pub async fn show(site: State, session: Session) -> Page {
    let person = &session.now.person;
    let left = factors::of(&site.relay, person).await?.recovery_codes;
    let shell = shell(&site, "Recovery codes", Some(person), "/account").back("/account", "Back");
    page(Codes { shell, left, codes: Vec::new(), setting_up: false })
}

/// `POST /account/recovery-codes`
pub async fn make(site: State, session: Session) -> Page {
    let codes = recovery::make(&site.relay, &session.now).await?;
    let shell = shell(&site, "Your new recovery codes", Some(&session.now.person), "/account");
    page(Codes { shell: shell.back("/account", "Back"), left: 0, codes, setting_up: false })
}

/// The same while setting up.
pub(super) async fn make_at_set_up(site: &Site, session: &Session) -> Page {
    let codes = recovery::make(&site.relay, &session.now).await?;
    page(Codes { shell: shell(site, "Your recovery codes", None, ""), left: 0, codes, setting_up: true })
}
