//! The shape of a list of what waits for whoever is signed in: rights, settings, resets.

use askama::Template;

use crate::web::shell::Shell;

/// One that waits, with where it is decided.
pub struct Item {
    pub name: String,
    pub href: String,
    /// What stands under the other three headings.
    pub cells: [String; 3],
}

/// The page.
#[derive(Template)]
#[template(path = "pages/people/to_decide.html")]
pub struct ToDecide {
    pub shell: Shell,
    /// What was done just now, or empty.
    pub done: &'static str,
    pub heading: &'static str,
    /// What is said when nothing waits.
    pub none: &'static str,
    /// What is said above those that wait; empty for nothing.
    pub intro: &'static str,
    pub caption: &'static str,
    pub heads: [&'static str; 4],
    pub items: Vec<Item>,
}
