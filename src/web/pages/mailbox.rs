//! The click in a test notice that makes a duty line's mailbox live. Looking uses nothing up: mail
//! scanners follow links, people press buttons.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::super::State;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use crate::administration::lines;
use crate::delivery::{self, DeliveryError};
use crate::domain::time::day_for_people;
use crate::people::Token;

#[derive(Template)]
#[template(path = "pages/mailbox.html")]
struct Mailbox {
    shell: Shell,
    stage: Stage,
}

enum Stage {
    Ask,
    /// The line's name, and the day when the mailbox is planned for a later one.
    Live(String, Option<String>),
    Ended,
}

/// `GET /confirm-mailbox/{token}`
pub async fn ask(site: State, Path(token): Path<String>) -> Page {
    Token::parse(&token).ok_or(PageError::NotFound)?;
    page(Mailbox { shell: shell(&site, "Confirm a mailbox", None, ""), stage: Stage::Ask })
}

/// `POST /confirm-mailbox/{token}`
pub async fn confirm(site: State, Path(token): Path<String>) -> Page {
    let token = Token::parse(&token).ok_or(PageError::NotFound)?;
    let confirmed = delivery::confirm_mailbox(&site.relay, token.secret()).await.map_err(failed)?;
    let Some(id) = confirmed else {
        let shell = shell(&site, "This link has ended", None, "");
        return Ok((StatusCode::GONE, page(Mailbox { shell, stage: Stage::Ended })?).into_response());
    };
    let name = site.relay.places.locality(&id).map_or(id.clone(), |locality| locality.name.clone());
    let line = lines::line(&site.relay, &id).await?;
    let later = line.planned.as_ref().is_some_and(|planned| planned.confirmed_at > line.confirmed_at);
    let from = line.planned_from().filter(|_| later).map(day_for_people);
    page(Mailbox { shell: shell(&site, "Mailbox confirmed", None, ""), stage: Stage::Live(name, from) })
}

fn failed(error: DeliveryError) -> PageError {
    match error {
        DeliveryError::Store(error) => error.into(),
        other => PageError::Internal(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::super::referral::testing::World;
    use crate::domain::time::HOUR;
    use crate::store::places;

    #[tokio::test]
    async fn looking_uses_nothing_up_and_pressing_confirms_once() {
        let world = World::new().await;
        let link = "a1".repeat(32);
        let hash = <sha2::Sha256 as sha2::Digest>::digest(link.as_bytes()).into();
        let row = places::LocalityRow {
            id: "canterbury".to_owned(),
            name: "Canterbury".to_owned(),
            phones: "01632 960001".to_owned(),
            mailbox: "duty@line.example".to_owned(),
            lad_codes: "E07000106".to_owned(),
            confirmed_at: 0,
        };
        let ends = world.site.relay.clock.now().plus(HOUR);
        let prepared = world.site.relay.store.write(move |unit| {
            Box::pin(async move {
                places::put_locality(unit, &crate::audit::Actor::operator(), &row).await?;
                places::insert_mailbox_test(unit, hash, "canterbury", "duty@line.example", ends).await
            })
        });
        prepared.await.expect("prepared");
        let there = format!("/confirm-mailbox/{link}");
        for _ in 0..2 {
            assert!(world.get(None, &there).await.body.contains("Confirm this mailbox"));
        }
        let done = world.post(None, &there, "").await;
        assert!(done.body.contains("Mailbox confirmed") && done.body.contains("Canterbury"), "{}", done.body);
        assert_eq!(world.post(None, &there, "").await.status, StatusCode::GONE);
        assert_eq!(world.get(None, "/confirm-mailbox/short").await.status, StatusCode::NOT_FOUND);
    }
}
