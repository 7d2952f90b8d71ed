//! Asking for a correction, for all that is held, or complaining: into the governance lead's list.

use askama::Template;
use axum::extract::Path;

use super::super::super::State;
use super::super::super::field::{Answer, Choice, Field, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::setting::Step;
use super::{Reading, around, at, ended, go, mend, opened, show};
use crate::domain::family::Ask;
use crate::domain::form::Raw;
use crate::domain::words::Words;
use crate::family::{self, FamilyError, LONGEST};

#[derive(Template)]
#[template(path = "pages/family/ask.html")]
struct AskPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    kind: Choice,
    words: Field,
    back: String,
}

/// `GET /family/{token}/ask`
pub async fn form(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    opened(&site, &token, &reading).await?;
    show(&reading, page_of(&site, &token, &reading, &Raw::default(), [None, None]))
}

/// `POST /family/{token}/ask`
pub async fn send(
    site: State,
    Path(token): Path<String>,
    reading: Reading,
    Protected(form): Protected,
) -> Step {
    let link = opened(&site, &token, &reading).await?;
    let words = reading.words;
    let kind = Ask::from_code(form.get("kind"));
    let wrong = [kind.is_none().then_some(words.ask_missing), typed(&form, kind, words)];
    let (Some(kind), [None, None]) = (kind, wrong) else {
        return mend(page_of(&site, &token, &reading, &form, wrong));
    };
    match family::ask(&site.relay, &link, kind, form.get("words")).await {
        Err(FamilyError::Missing) => ended(&site, &reading),
        Err(FamilyError::Refused(_)) => {
            mend(page_of(&site, &token, &reading, &form, [None, Some(words.ask_enough)]))
        }
        answer => {
            answer?;
            go(format!("{}#asked", at(&token, "")))
        }
    }
}

/// What is wrong with what was typed.
fn typed(form: &Raw, kind: Option<Ask>, words: &'static Words) -> Option<&'static str> {
    match form.get("words").trim().chars().count() {
        0 if kind != Some(Ask::Access) => Some(words.ask_words_missing),
        0..=LONGEST => None,
        _ => Some(words.ask_words_long),
    }
}

fn page_of(
    site: &super::super::super::Site,
    token: &str,
    reading: &Reading,
    form: &Raw,
    [no_kind, no_words]: [Option<&'static str>; 2],
) -> AskPage {
    let said = reading.words;
    let answers = vec![
        Answer::new(Ask::Correction.code(), said.ask_correction),
        Answer::new(Ask::Access.code(), said.ask_access).hint(said.ask_access_hint),
        Answer::new(Ask::Complaint.code(), said.ask_complaint),
    ];
    let kind = Choice::new("kind", said.ask_question, answers)
        .chosen(form.all("kind").iter().cloned())
        .error(no_kind);
    let words = Field::new("words", said.ask_words)
        .hint(said.ask_words_hint)
        .value(form.get("words"))
        .error(no_words);
    let errors = error_list(&[&kind, &words]);
    AskPage {
        shell: around(site, reading, said.ask_title).error(!errors.is_empty()),
        errors,
        kind,
        words,
        back: at(token, ""),
    }
}
