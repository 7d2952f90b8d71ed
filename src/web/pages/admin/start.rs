//! What an administrator has to do, and where everything is.

use askama::Template;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Tag, Task};
use super::super::super::shell::Shell;
use crate::administration::lines::{self, Line};
use crate::people::reset;
use crate::store::settings;

#[derive(Template)]
#[template(path = "pages/admin/start.html")]
struct Start {
    shell: Shell,
    waiting: Vec<Task>,
    others: Vec<Task>,
}

/// `GET /admin`
pub async fn show(site: State, Who(person): Who) -> Page {
    let lines = lines::all(&site.relay).await?;
    let planned_silent = |line: &Line| line.planned.as_ref().is_some_and(|planned| planned.confirmed_at == 0);
    let silent = lines.iter().filter(|line| line.confirmed_at == 0 || planned_silent(line)).count();
    let planned = lines.iter().filter(|line| line.planned.is_some()).count();
    let settings = settings::waiting(&mut site.relay.store.read().await?).await?.len();
    let resets = reset::waiting(&site.relay, &person).await?.len();
    let waiting = vec![
        Task::new("Mailboxes that are not live", "/admin/lines", counted(silent, "orange"))
            .hint("No notices go to a mailbox, today’s or a planned one, until somebody presses the button in a test notice."),
        Task::new("Settings to check", "/organisations/waiting", counted(settings, "orange"))
            .hint("They signed themselves up. Duty lines see that the sender is not verified."),
        Task::new("Requests for a reset", "/people/resets", counted(resets, "orange"))
            .hint("These people say that they cannot sign in."),
    ];
    let others = vec![
        Task::new("People", "/people", Tag::plain("")),
        Task::new("Load settings from a list", "/people/import", Tag::plain("")),
        Task::new("Changes of duty lines that are planned", "/admin/lines", counted(planned, "blue")),
        Task::new("Organisations", "/admin/organisations", Tag::plain("")),
        Task::new("Numbers", "/admin/numbers", Tag::plain("")),
        Task::new("Bank holidays and closing days", "/admin/calendar", Tag::plain("")),
        Task::new("Agreement statements", "/admin/statements", Tag::plain("")),
        Task::new("Keys", "/admin/keys", Tag::plain("")),
    ];
    page(Start { shell: shell(&site, "To do", Some(&person), "/admin"), waiting, others })
}

fn counted(number: usize, colour: &'static str) -> Tag {
    if number == 0 { Tag::plain("None") } else { Tag::new(number.to_string(), colour) }
}
