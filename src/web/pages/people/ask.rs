//! One form of few questions, as all the pages of joining have it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use crate::web::field::{Asked, Choice, Field};
use crate::web::page::{Page, page};
use crate::web::parts::SummaryRow;
use crate::web::shell::Shell;

/// A question on a page.
pub enum Question {
    /// Answered by typing.
    Line(Field),
    /// Answered by choosing one.
    One(Choice),
    /// Answered by choosing any number.
    Many(Choice),
}

impl Question {
    fn fault(&self) -> Option<(String, String)> {
        match self {
            Question::Line(field) => field.fault(),
            Question::One(choice) | Question::Many(choice) => choice.fault(),
        }
    }

    fn id(&self) -> &str {
        match self {
            Question::Line(field) => &field.id,
            Question::One(choice) | Question::Many(choice) => &choice.id,
        }
    }
}

/// A page with a form.
#[derive(Template)]
#[template(path = "pages/people/ask.html")]
pub struct Ask {
    shell: Shell,
    errors: Vec<(String, String)>,
    refused: Option<String>,
    heading: String,
    said: Vec<String>,
    rows: Vec<SummaryRow>,
    action: String,
    hidden: Vec<(String, String)>,
    questions: Vec<Question>,
    button: &'static str,
    variant: &'static str,
    other: Option<(&'static str, String)>,
}

impl Ask {
    /// A page whose form is sent to `action`.
    pub fn new(
        shell: Shell,
        heading: impl Into<String>,
        action: impl Into<String>,
        button: &'static str,
    ) -> Self {
        Self {
            shell,
            errors: Vec::new(),
            refused: None,
            heading: heading.into(),
            said: Vec::new(),
            rows: Vec::new(),
            action: action.into(),
            hidden: Vec::new(),
            questions: Vec::new(),
            button,
            variant: "",
            other: None,
        }
    }

    /// With a paragraph above the questions.
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.said.push(words.into());
        self
    }

    /// With facts above the questions.
    pub fn rows(self, rows: Vec<SummaryRow>) -> Self {
        Self { rows, ..self }
    }

    /// With something the form carries on.
    pub fn hidden(mut self, name: &str, value: impl Into<String>) -> Self {
        self.hidden.push((name.to_owned(), value.into()));
        self
    }

    /// With a question answered by typing.
    pub fn line(mut self, field: Field) -> Self {
        self.questions.push(Question::Line(field));
        self
    }

    /// With a question answered by choosing one.
    pub fn one(mut self, choice: Choice) -> Self {
        self.questions.push(Question::One(choice));
        self
    }

    /// With a question answered by choosing any number.
    pub fn many(mut self, choice: Choice) -> Self {
        self.questions.push(Question::Many(choice));
        self
    }

    /// With a red button: what it does cannot be taken back.
    pub fn warning(self) -> Self {
        Self { variant: "warning", ..self }
    }

    /// With a link below the button.
    pub fn other(self, label: &'static str, href: impl Into<String>) -> Self {
        Self { other: Some((label, href.into())), ..self }
    }

    /// With what was refused as a whole.
    pub fn refused(self, sentence: Option<&str>) -> Self {
        Self { refused: sentence.map(str::to_owned), ..self }
    }

    /// The answer; the summary of what is wrong stands above everything.
    pub fn page(mut self) -> Page {
        self.errors = self.questions.iter().filter_map(Question::fault).collect();
        if let Some(sentence) = self.refused.take() {
            let first = self.questions.first().map_or("maincontent", Question::id);
            self.errors.push((first.to_owned(), sentence));
        }
        self.shell = self.shell.clone().error(!self.errors.is_empty());
        page(self)
    }

    /// The answer with another status.
    pub fn page_with(self, status: StatusCode) -> Page {
        Ok((status, self.page()?).into_response())
    }
}
