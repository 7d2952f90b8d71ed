//! The agreement statements as parents see them: every version in every language, word for word. They are
//! files, shipped with the relay or loaded from the trust's folder, and are not edited here.

use askama::Template;

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::{Page, page, shell};
use super::super::super::shell::Shell;
use super::super::super::statement::Shown;
use crate::domain::words::Words;
use crate::gate::statements::Version;

#[derive(Template)]
#[template(path = "pages/admin/statements.html")]
struct Statements {
    shell: Shell,
    versions: Vec<One>,
    notice: String,
}

/// A version, as the page lists it.
struct One {
    name: String,
    state: String,
    languages: Vec<Shown>,
}

/// `GET /admin/statements`: what is shown now comes first.
pub async fn show(site: State, Who(person): Who) -> Page {
    let (relay, today) = (&site.relay, site.relay.clock.now().day());
    let current = relay.statement();
    let state = |version: &Version| {
        let from = if version.is_shipped() { "came with the program" } else { "your own" };
        match (version == current, version.from() > today) {
            (true, _) => format!("Current, {from}: every new agreement is given to it"),
            (false, true) => format!("Planned, {from}: shown from {}", Words::english().day(version.from())),
            (false, false) => format!("Not shown, {from}: signatures that were given for it stay good"),
        }
    };
    let mut versions: Vec<&Version> = relay.statements().versions().iter().rev().collect();
    versions.sort_by_key(|version| *version != current);
    let versions = versions.into_iter().map(|version| One {
        name: version.name().to_owned(),
        state: state(version),
        languages: version.wordings().iter().map(Shown::of).collect(),
    });
    page(Statements {
        shell: shell(&site, "Agreement statements", Some(&person), "/admin").back("/admin", "To do"),
        versions: versions.collect(),
        notice: relay.notice().id(),
    })
}
