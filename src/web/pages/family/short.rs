//! The short address: for a phone whose camera does not read the square on the setting's screen.

use askama::Template;

use super::super::super::State;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::setting::Step;
use super::{Choice, Reading, around, at, go, languages, mend, show};
use crate::family;

#[derive(Template)]
#[template(path = "pages/family/short.html")]
struct Short {
    shell: Shell,
    languages: Vec<Choice>,
    errors: Vec<(String, String)>,
    code: Field,
}

/// `GET /sign`
pub async fn ask(site: State, reading: Reading) -> Step {
    show(&reading, page_of(&site, &reading, "", None))
}

/// `POST /sign`
pub async fn find(site: State, reading: Reading, Protected(form): Protected) -> Step {
    let typed = form.get("code");
    match family::by_short_code(&site.relay, typed).await? {
        Some(token) => go(at(&token, "")),
        None => mend(page_of(&site, &reading, typed, Some(reading.words.short_wrong))),
    }
}

fn page_of(
    site: &super::super::super::Site,
    reading: &Reading,
    typed: &str,
    wrong: Option<&'static str>,
) -> Short {
    let words = reading.words;
    let typed: String = typed.chars().take(40).collect();
    let code = Field::new("code", words.short_label)
        .hint(words.short_hint)
        .value(typed)
        .width(10)
        .autocomplete("off")
        .error(wrong);
    let errors = error_list(&[&code]);
    Short {
        shell: around(site, reading, words.short_title).error(!errors.is_empty()),
        languages: languages(reading),
        errors,
        code,
    }
}
