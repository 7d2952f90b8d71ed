//! The agreement statements as parents see them. They are files that come with the relay, word for word as
//! the trust approved them, and are not edited here.

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow};
use super::{Section, View};
use crate::gate::statements;

/// `GET /admin/statements`
pub async fn show(site: State, Who(person): Who) -> Page {
    let current = statements::current();
    let rows = vec![
        SummaryRow::new("Version", current.version),
        SummaryRow::new(
            "Language",
            if current.language == "en" { "English" } else { current.language.as_str() },
        ),
        SummaryRow::new("State", "Current: every new agreement is given to it"),
        SummaryRow::new("What a parent or carer reads", current.text),
    ];
    page(View {
        shell: shell(&site, "Agreement statements", Some(&person), "/admin").back("/admin", "To do"),
        done: "",
        done_more: "",
        heading: "Agreement statements".to_owned(),
        intro: vec![
            "A parent or carer signs exactly these words. They come as files with the relay and are changed with a new version of it, so that nobody can change a signed text.".to_owned(),
        ],
        sections: vec![Section { rows, ..Section::default() }],
        pages: Pages::default(),
    })
}
