//! The two shapes of these pages.

use askama::Template;

use super::super::super::field::{Asked as _, Choice, DateField, Field, error_list};
use super::super::super::parts::{Pages, SummaryRow};
use super::super::super::shell::Shell;

/// A page that shows what is kept.
#[derive(Template)]
#[template(path = "pages/admin/view.html")]
pub(super) struct View {
    pub shell: Shell,
    /// What was done just now, or empty.
    pub done: &'static str,
    pub done_more: &'static str,
    pub heading: String,
    pub intro: Vec<String>,
    pub sections: Vec<Section>,
    pub pages: Pages,
}

/// A part of such a page.
#[derive(Default)]
pub(super) struct Section {
    pub heading: String,
    /// A question that this page answers itself (`GET`), with where it is sent.
    pub search: Option<(&'static str, Field)>,
    pub words: Vec<String>,
    pub rows: Vec<SummaryRow>,
    /// Something to copy, in its own box.
    pub code: String,
    pub table: Option<Table>,
    /// Label and address of links that look like buttons.
    pub links: Vec<(String, String)>,
    pub posts: Vec<Post>,
}

/// A button that does something.
pub(super) struct Post {
    pub label: String,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
}

/// A table; the first cell of a row names it.
pub(super) struct Table {
    pub caption: String,
    pub heads: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

/// A cell that says which column it belongs to.
pub(super) struct Cell {
    pub head: &'static str,
    pub text: String,
    /// Where it leads; only in the first cell.
    pub href: String,
    /// Of a tag; empty for plain words.
    pub colour: &'static str,
}

impl Section {
    /// A part with a heading.
    pub fn headed(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }
}

impl Cell {
    pub fn plain(head: &'static str, text: impl Into<String>) -> Self {
        Self { head, text: text.into(), href: String::new(), colour: "" }
    }

    pub fn link(head: &'static str, text: impl Into<String>, href: String) -> Self {
        Self { href, ..Self::plain(head, text) }
    }

    pub fn tag(head: &'static str, text: impl Into<String>, colour: &'static str) -> Self {
        Self { colour, ..Self::plain(head, text) }
    }
}

/// Something a form asks.
pub(super) enum Control {
    Text(Field),
    Area(Field),
    Date(DateField),
    One(Choice),
    Many(Choice),
}

impl Control {
    fn fault(&self) -> Vec<(String, String)> {
        match self {
            Self::Text(field) | Self::Area(field) => error_list(&[field]),
            Self::Date(date) => date.fault().into_iter().collect(),
            Self::One(choice) | Self::Many(choice) => error_list(&[choice]),
        }
    }
}

/// What somebody else saved first: who and when, and what is kept now.
pub(super) struct Changed {
    pub who: String,
    pub rows: Vec<SummaryRow>,
}

/// A page on which something is changed.
#[derive(Template)]
#[template(path = "pages/admin/form.html")]
pub(super) struct FormPage {
    pub shell: Shell,
    pub errors: Vec<(String, String)>,
    pub changed: Option<Changed>,
    pub heading: String,
    pub intro: Vec<String>,
    pub controls: Vec<Control>,
    pub hidden: Vec<(&'static str, String)>,
    /// What follows from saving, to be said first.
    pub warnings: Vec<String>,
    pub button: &'static str,
}

impl FormPage {
    /// A form, with its errors gathered from what it asks.
    pub fn new(shell: Shell, heading: impl Into<String>, controls: Vec<Control>) -> Self {
        let errors: Vec<_> = controls.iter().flat_map(Control::fault).collect();
        Self {
            shell: shell.error(!errors.is_empty()),
            errors,
            changed: None,
            heading: heading.into(),
            intro: Vec::new(),
            controls,
            hidden: Vec::new(),
            warnings: Vec::new(),
            button: "Save",
        }
    }
}

/// The date from which a change holds.
pub(super) fn from_field(form: &crate::domain::form::Raw, error: Option<&str>) -> Control {
    let [day, month, year] = ["from-day", "from-month", "from-year"].map(|name| form.get(name));
    Control::Date(
        DateField::new("from", "From which day?")
            .hint("Leave it empty for today. A later day is kept and takes effect by itself.")
            .typed(day, month, year)
            .error(error),
    )
}
