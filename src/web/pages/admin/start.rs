//! What an administrator has to do, and where everything is.

use askama::Template;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Tag, Task};
use super::super::super::routes::access_of;
use super::super::super::shell::Shell;
use crate::administration::lines;

#[derive(Template)]
#[template(path = "pages/admin/start.html")]
struct Start {
    shell: Shell,
    waiting: Vec<Task>,
    others: Vec<Task>,
}

/// Pages about people, which show what waits there.
const PEOPLE: [(&str, &str); 3] = [
    ("Settings that wait for approval", "/organisations/waiting"),
    ("People", "/people"),
    ("Invite people from a file", "/people/import"),
];

/// `GET /admin`
pub async fn show(site: State, Who(person): Who) -> Page {
    let lines = lines::all(&site.relay).await?;
    let silent = lines.iter().filter(|line| line.confirmed_at == 0).count();
    let planned = lines.iter().filter(|line| line.planned.is_some()).count();
    let mut waiting = vec![
        Task::new("Mailboxes that are not live", "/admin/lines", counted(silent, "orange"))
            .hint("A duty line gets no notices until somebody presses the button in a test notice."),
    ];
    let there =
        |(title, href): (&str, &str)| access_of("GET", href).map(|_| Task::new(title, href, Tag::plain("")));
    waiting.extend(PEOPLE.into_iter().filter_map(there));
    let others = vec![
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
