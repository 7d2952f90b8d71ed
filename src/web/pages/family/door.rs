//! The first page of a link: start, on a phone beside the setting's screen; else a code that is sent to the
//! recorded contact when the family asks for it, or told by staff. Looking uses nothing up: mail scanners
//! follow links, people press buttons.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect};
use serde::Deserialize;

use super::super::super::State;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::setting::Step;
use super::{Choice, Reading, around, at, cookie, ended, go, languages, mend, show};
use crate::domain::family::Purpose;
use crate::domain::words::Words;
use crate::family::{self, Browser, Checked, Door, FamilyError};

#[derive(Template)]
#[template(path = "pages/family/begin.html")]
struct Begin {
    shell: Shell,
    languages: Vec<Choice>,
    action: String,
}

#[derive(Template)]
#[template(path = "pages/family/code.html")]
struct Code {
    shell: Shell,
    languages: Vec<Choice>,
    errors: Vec<(String, String)>,
    /// What came of asking for a code; empty when nobody asked.
    said: &'static str,
    /// Said above it: their page was closed just now.
    closed: bool,
    code: Field,
    ask: String,
    open: String,
}

/// What may stand behind the question mark.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    sent: String,
    #[serde(default)]
    closed: String,
}

/// `GET /family/{token}`
pub async fn first(
    site: State,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    reading: Reading,
) -> Step {
    match family::look(&site.relay, &token, reading.browser.as_ref()).await? {
        Door::Ended => ended(&site, &reading),
        Door::Open(link) if link.purpose == Purpose::See => {
            super::seen::page_of(&site, &token, &link, &reading).await
        }
        Door::Open(_) => go(at(&token, "sign")),
        Door::Closed(link) if link.purpose == Purpose::SignHere => show(
            &reading,
            Begin {
                shell: around(&site, &reading, reading.words.here_title),
                languages: languages(&reading),
                action: at(&token, "open"),
            },
        ),
        Door::Closed(_) => {
            let page = code_page(&site, &token, &reading, None);
            let said = match asked.sent.as_str() {
                "yes" => reading.words.code_sent_now,
                "no" => reading.words.code_not_sent,
                _ => "",
            };
            show(&reading, Code { said, closed: asked.closed == "yes", ..page })
        }
    }
}

fn code_page(
    site: &super::super::super::Site,
    token: &str,
    reading: &Reading,
    wrong: Option<&'static str>,
) -> Code {
    let words = reading.words;
    let code = Field::new("code", words.code_label)
        .hint(words.code_hint)
        .numeric()
        .width(5)
        .autocomplete("one-time-code")
        .error(wrong);
    let errors = error_list(&[&code]);
    Code {
        shell: around(site, reading, words.code_title).error(!errors.is_empty()),
        languages: languages(reading),
        errors,
        said: "",
        closed: false,
        code,
        ask: at(token, "code"),
        open: at(token, "open"),
    }
}

/// `POST /family/{token}/code`: a code is sent to the recorded contact.
pub async fn ask(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    match family::look(&site.relay, &token, None).await? {
        Door::Closed(link) if link.purpose != Purpose::SignHere => {
            let sent = family::ask_code(&site.relay, &link).await?;
            go(format!("{}?sent={}", at(&token, ""), if sent { "yes" } else { "no" }))
        }
        _ => ended(&site, &reading),
    }
}

/// `POST /family/{token}/open`: starts, or tries a code.
pub async fn open(
    site: State,
    Path(token): Path<String>,
    reading: Reading,
    Protected(form): Protected,
) -> Step {
    let link = match family::look(&site.relay, &token, reading.browser.as_ref()).await? {
        Door::Open(_) => return go(at(&token, "")),
        Door::Ended => return ended(&site, &reading),
        Door::Closed(link) => link,
    };
    if link.purpose == Purpose::SignHere {
        return match family::begin_here(&site.relay, &link).await {
            Ok(browser) => let_in(&site, &token, &browser),
            Err(FamilyError::Conflict) => ended(&site, &reading),
            Err(error) => Err(error.into()),
        };
    }
    if let Err(wrong) = six_digits(form.get("code"), reading.words) {
        return mend(code_page(&site, &token, &reading, Some(wrong)));
    }
    match family::check_code(&site.relay, &link, form.get("code")).await? {
        Checked::Open(browser) => let_in(&site, &token, &browser),
        Checked::Ended => ended(&site, &reading),
        Checked::Wrong => mend(code_page(&site, &token, &reading, Some(reading.words.code_not_right))),
    }
}

/// What cannot be a code is not counted as a try.
fn six_digits(typed: &str, words: &'static Words) -> Result<(), &'static str> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    match digits.as_str() {
        "" => Err(words.code_missing),
        six if six.len() == 6 && six.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err(words.code_six),
    }
}

fn let_in(site: &super::super::super::Site, token: &str, browser: &Browser) -> Step {
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie(site, Some(browser)))]);
    Ok((cookie, Redirect::to(&at(token, ""))).into_response())
}

/// `POST /family/{token}/close`: the next opening asks for a new code.
pub async fn close(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    if let Door::Open(link) = family::look(&site.relay, &token, reading.browser.as_ref()).await? {
        family::close(&site.relay, &link).await?;
    }
    let gone = AppendHeaders([(header::SET_COOKIE, cookie(&site, None))]);
    Ok((gone, Redirect::to(&format!("{}?closed=yes", at(&token, "")))).into_response())
}
