//! From a page struct to an answer, and what stands around a signed-in person's page.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::Site;
use super::error::PageError;
use super::shell::{NavItem, Shell, SignedIn};
use crate::domain::people::{Person, Role};

/// What a handler answers.
pub type Page = Result<Response, PageError>;

/// Renders a page.
pub fn page(template: impl Template) -> Page {
    Ok(Html(template.render()?).into_response())
}

/// What stands around a page; `here` is the navigation's address that this page belongs to.
pub fn shell(site: &Site, title: &str, who: Option<&Person>, here: &str) -> Shell {
    let shell = Shell::new(title).demo(site.demo.is_some());
    let Some(person) = who else { return shell };
    let nav = nav(person.role, site.demo.is_some())
        .iter()
        .map(|(label, href)| NavItem::new(*label, *href).current(*href == here))
        .collect();
    let mut nav: Vec<NavItem> = nav;
    if site.relay.lawful.on && crate::domain::lawful::may_decide(person) {
        nav.push(NavItem::new("Decisions", DECISIONS).current(here == DECISIONS));
    }
    shell.nav(nav).signed_in(SignedIn {
        name: person.name.clone(),
        role: person.role.label().to_owned(),
        organisation: person.organisation_name.clone(),
    })
}

/// The first page of a role.
pub fn start_of(role: Role) -> &'static str {
    nav(role, false).first().map_or("/sign-in", |(_, href)| href)
}

/// Decisions on the lawful route that wait for somebody of the setting.
pub const DECISIONS: &str = "/setting/decisions";
/// Rights that wait for whoever is signed in.
const REQUESTS: &str = "/people/requests";
/// Settings that signed themselves up.
const WAITING: &str = "/organisations/waiting";

fn nav(role: Role, demo: bool) -> Vec<(&'static str, &'static str)> {
    let mut items = match role {
        Role::Practitioner | Role::Manager | Role::SafeguardingLead => vec![("Referrals", "/referrals")],
        Role::Duty | Role::DutyLead => {
            vec![
                ("Inbox", "/inbox"),
                ("Held", "/inbox/held"),
                ("Acknowledged", "/inbox/acknowledged"),
                ("Taken back", "/inbox/taken-back"),
            ]
        }
        Role::IgLead => vec![("Governance", "/governance"), ("Families' requests", "/governance/asks")],
        Role::Commissioner => vec![("Counts", "/counts")],
        Role::IntakeDesk => vec![("To place", "/desk"), ("Mail to look at", "/desk/mails")],
        Role::Auditor => vec![
            ("Trail", "/trail"),
            ("Look up a child", "/trail/children"),
            ("Duty lines", "/admin/lines"),
            ("Numbers", "/admin/numbers"),
        ],
        // Administering; "People" (/people) belongs between the first two.
        Role::Administrator => vec![
            ("To do", "/admin"),
            ("Organisations", "/admin/organisations"),
            ("Duty lines", "/admin/lines"),
            ("Numbers", "/admin/numbers"),
        ],
    };
    // Joining, and what is theirs
    match role {
        Role::Administrator => items.extend([("People", "/people"), ("Settings to check", WAITING)]),
        Role::Manager => items.push(("People", "/setting/people")),
        Role::DutyLead => items.extend([
            ("Cover", "/line/cover"),
            ("Other lines", "/break-glass"),
            ("People to approve", REQUESTS),
            ("Settings to check", WAITING),
        ]),
        Role::IgLead => items.push(("People to approve", REQUESTS)),
        _ => {}
    }
    if demo {
        items.push(("Captured mail", "/demo/mail"));
    }
    items
}
