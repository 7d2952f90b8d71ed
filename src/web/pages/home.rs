//! The start page: to one's own first page when signed in, else to sign in.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use super::super::State;
use super::super::access::MaybeWho;
use super::super::page::{Page, page, shell, start_of};
use super::super::shell::Shell;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    shell: Shell,
    role: &'static str,
}

/// `GET /`
pub async fn show(site: State, MaybeWho(who): MaybeWho) -> Page {
    match who {
        None => Ok(Redirect::to("/sign-in").into_response()),
        Some(person) if start_of(person.role) == "/sign-in" => {
            page(Home { shell: shell(&site, "Start", Some(&person), "/"), role: person.role.label() })
        }
        Some(person) => Ok(Redirect::to(start_of(person.role)).into_response()),
    }
}
