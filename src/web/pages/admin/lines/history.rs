//! What was decided about a line, newest first: old and new words beside each other. The trail marks every
//! row of this table, so that nobody can write another past.

use super::super::super::super::Site;
use super::super::shapes::{Cell, Table};
use super::super::{Section, decider};
use crate::domain::time::{Instant, day_for_people};
use crate::store::StoreError;
use crate::store::lines::{LineChange, LineDetails};

/// The table of decisions.
pub(super) async fn section(site: &Site, history: &[LineChange]) -> Result<Section, StoreError> {
    let mut read = site.relay.store.read().await?;
    let mut rows = Vec::new();
    for (at, one) in history.iter().enumerate().rev() {
        let before = at.checked_sub(1).map(|at| &history[at].details);
        let day = one.valid_from.parse().map_or_else(|_| one.valid_from.clone(), day_for_people);
        rows.push(vec![
            Cell::plain("From", day),
            Cell::plain("What changed", what(before, &one.details)),
            Cell::plain("Decided by", decider(&mut read, &one.decided_by).await?),
            Cell::plain("Decided on", Instant::from_micros(one.decided_at).for_people()),
        ]);
    }
    let words = if rows.is_empty() {
        vec!["Nothing was decided yet: the line is as it was shipped.".to_owned()]
    } else {
        Vec::new()
    };
    let heads = vec!["From", "What changed", "Decided by", "Decided on"];
    let table =
        (!rows.is_empty()).then(|| Table { caption: "Decisions, newest first".to_owned(), heads, rows });
    Ok(Section { words, table, ..Section::headed("History") })
}

/// Each column that differs: what it was and what it is.
fn what(before: Option<&LineDetails>, now: &LineDetails) -> String {
    let Some(before) = before else { return "First entry".to_owned() };
    let columns = now.differs(before);
    if columns.is_empty() {
        return "Nothing: decided again".to_owned();
    }
    columns.into_iter().map(|column| said(column, before, now)).collect::<Vec<_>>().join("\n")
}

fn said(column: &str, before: &LineDetails, now: &LineDetails) -> String {
    let (label, old, new) = match column {
        "name" => ("Name", &before.name, &now.name),
        "phones" => ("Telephone numbers", &before.phones, &now.phones),
        "mailbox" => ("Mailbox", &before.mailbox, &now.mailbox),
        "address" => ("Postal address", &before.address, &now.address),
        _ => ("Districts", &before.lad_codes, &now.lad_codes),
    };
    let one_line = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.replace('\n', ", ") };
    format!("{label}: from {} to {}", one_line(old), one_line(new))
}
