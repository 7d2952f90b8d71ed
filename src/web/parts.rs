//! Rows, tasks and page links: the shapes that `templates/macros/ui.html` takes where a few
//! words would not do.

/// A small coloured label. `colour` is one of nhsuk-frontend's: white, grey, green,
/// aqua-green, blue, purple, pink, red, orange, yellow; empty for plain words. The words say
/// it all: colour is never the only sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub text: String,
    pub colour: &'static str,
}

impl Tag {
    /// A coloured label.
    pub fn new(text: impl Into<String>, colour: &'static str) -> Self {
        Tag { text: text.into(), colour }
    }

    /// Plain words, for what needs no attention ("Completed").
    pub fn plain(text: impl Into<String>) -> Self {
        Tag::new(text, "")
    }
}

/// One row of a summary list. Line ends in the value are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    pub key: String,
    pub value: String,
    /// Where the answer is changed; `None` for no link.
    pub change: Option<String>,
    /// What the link changes, for screen readers: "Change *the child's name*".
    pub about: String,
}

impl SummaryRow {
    /// A row without a link.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        SummaryRow { key: key.into(), value: value.into(), change: None, about: String::new() }
    }

    /// With a link to change it; `about` continues the word "Change".
    pub fn change(self, href: impl Into<String>, about: impl Into<String>) -> Self {
        SummaryRow { change: Some(href.into()), about: about.into(), ..self }
    }
}

/// One line of a task list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub title: String,
    /// `None` while the task cannot be started.
    pub href: Option<String>,
    pub hint: Option<String>,
    pub status: Tag,
}

impl Task {
    /// A task that can be opened.
    pub fn new(title: impl Into<String>, href: impl Into<String>, status: Tag) -> Self {
        Task { title: title.into(), href: Some(href.into()), hint: None, status }
    }

    /// A task that has to wait for another.
    pub fn waiting(title: impl Into<String>, status: Tag) -> Self {
        Task { title: title.into(), href: None, hint: None, status }
    }

    /// With a sentence below the title.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Task { hint: Some(hint.into()), ..self }
    }
}

/// Links to the page before and the page after of a list. Nothing is shown without either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    pub previous: Option<String>,
    pub next: Option<String>,
    /// For instance "Newer referrals" and "Older referrals".
    pub previous_label: String,
    pub next_label: String,
}
