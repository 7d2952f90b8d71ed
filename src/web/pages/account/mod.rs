//! One's own account: who one is, the ways of signing in, and what can be changed about them.

pub mod authenticator;
pub mod codes;
pub mod password;
pub mod set_up;

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use super::super::State;
use super::super::access::Session;
use super::super::page::{Page, page, shell};
use super::super::parts::SummaryRow;
use super::super::shell::Shell;
use crate::domain::people::{Person, Role};
use crate::domain::sign_in::{Factor, Method, RoleRules};
use crate::people::factors::{self, Have};
use crate::people::reset;

/// Who may see requests for a reset.
const DECIDERS: &[Role] = &[Role::Administrator, Role::DutyLead, Role::IgLead];

#[derive(Template)]
#[template(path = "pages/account/front.html")]
struct Front {
    shell: Shell,
    /// What was done just now, in words; empty for nothing.
    done: &'static str,
    you: Vec<SummaryRow>,
    ways: Vec<SummaryRow>,
    /// Signed in by a link, with something still to be set up.
    to_set_up: bool,
    may_remove: bool,
    /// How many requests for a reset wait; `None` for who does not decide them.
    resets: Option<usize>,
}

/// What was done just now.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /account`
pub async fn show(site: State, session: Session, Query(Done { done }): Query<Done>) -> Page {
    let (person, relay) = (&session.now.person, &site.relay);
    let rules = relay.sign_in.of(person.role);
    let have = factors::of(relay, person).await?;
    let by_link = session.now.session.method == Method::Link;
    let resets = match DECIDERS.contains(&person.role) {
        true => Some(reset::waiting(relay, person).await?.len()),
        false => None,
    };
    let to_set_up = by_link && !have.ready(&rules);
    let mut ways = ways(&have, &rules);
    if session.now.session.method == Method::Sso {
        ways.insert(0, SummaryRow::new("Your organisation’s account", "You signed in with it"));
    }
    if to_set_up {
        // All in one go, and each page of its own would ask for a check first.
        ways.iter_mut().for_each(|row| row.change = None);
    }
    page(Front {
        shell: shell(&site, "Your account", Some(person), "/account"),
        done: words(&done),
        you: you(person),
        ways,
        to_set_up,
        may_remove: may_remove(&have, &rules),
        resets,
    })
}

fn words(done: &str) -> &'static str {
    match done {
        "first" => {
            "Your password is set. After it you will be asked for a code. Make recovery codes now, for the day when you cannot get one."
        }
        "password" => "Your password is changed. You are signed out everywhere else.",
        "app" => "Your authenticator app is set up. You are signed out everywhere else.",
        "removed" => "Your authenticator app is removed.",
        _ => "",
    }
}

fn you(person: &Person) -> Vec<SummaryRow> {
    let mut rows = vec![
        SummaryRow::new("Name", person.name.clone()),
        SummaryRow::new("Role", person.role.label()),
        SummaryRow::new("Organisation", person.organisation_name.clone()),
    ];
    if !person.email.is_empty() {
        rows.push(SummaryRow::new("Email address", person.email.clone()));
    }
    rows
}

/// What somebody has, and where it is changed.
fn ways(have: &Have, rules: &RoleRules) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    rows.push(match have.password {
        true => SummaryRow::new("Password", "Set").change("/account/password", "your password"),
        false => SummaryRow::new("Password", "None"),
    });
    if rules.factors.contains(&Factor::Passkey) {
        let many = if have.passkeys == 0 { "None".to_owned() } else { have.passkeys.to_string() };
        rows.push(SummaryRow::new("Passkeys", many).change("/account/passkeys", "your passkeys"));
    }
    if rules.factors.contains(&Factor::Totp) {
        let app = SummaryRow::new("Authenticator app", if have.totp { "Set up" } else { "None" });
        rows.push(app.change("/account/authenticator", "your authenticator app"));
    }
    if rules.factors.contains(&Factor::MailedCode) && have.mailbox {
        rows.push(SummaryRow::new("Code by email", "To your email address, when you ask for it"));
    }
    let codes = SummaryRow::new("Recovery codes", format!("{} left", have.recovery_codes));
    rows.push(codes.change("/account/recovery-codes", "your recovery codes"));
    rows
}

/// Whether the authenticator can go: never below what the role needs.
fn may_remove(have: &Have, rules: &RoleRules) -> bool {
    have.totp && Have { totp: false, ..have.clone() }.enough(rules)
}
