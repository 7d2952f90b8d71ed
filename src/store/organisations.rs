//! Organisations as administrators look after them: the list, a change with what was before.
//!
//! The row in `organisation` is what holds; each row of `organisation_change` is what was until somebody
//! changed it, by whom and when. Both are marked in the trail.

use super::people::{self, Organisation};
use super::{Sees, StoreError, Unit, lines};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::OrganisationId;

/// Most organisations of one page of the list.
pub const PAGE: i64 = 50;

/// What an organisation was until somebody changed it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Former {
    /// 1 for the first change.
    pub version: i64,
    /// Its name until then.
    pub name: String,
    /// Its URN until then.
    pub urn: String,
    /// Its postcode until then.
    pub postcode: String,
    /// Its telephone until then.
    pub phone: String,
    /// Who changed it: the person's id; empty for the command line.
    pub decided_by: String,
    /// When, microseconds.
    pub decided_at: i64,
}

/// Ids and names of a page of organisations by name, those after `skip`; only names or URNs with `part` in
/// them unless it is empty. Capitals do not matter; those with an accent matter on SQLite, which folds A to Z.
pub async fn page(
    door: &mut impl Sees,
    part: &str,
    skip: i64,
) -> Result<Vec<(String, String, String, String)>, StoreError> {
    let plain = part.replace(['%', '_'], "");
    all!(
        door,
        (String, String, String, String),
        "SELECT id, kind, name, urn FROM organisation
         WHERE LOWER(name) LIKE $1 OR LOWER(name) LIKE $2 OR LOWER(urn) LIKE $1
         ORDER BY name, id LIMIT $3 OFFSET $4",
        format!("%{}%", plain.to_lowercase()),
        format!("%{}%", plain.to_ascii_lowercase()),
        PAGE,
        skip
    )
}

/// What an organisation was before each change, the oldest first.
pub async fn history(door: &mut impl Sees, id: OrganisationId) -> Result<Vec<Former>, StoreError> {
    all!(
        door,
        Former,
        "SELECT version, name, urn, postcode, phone, decided_by, decided_at FROM organisation_change
         WHERE organisation_id = $1 ORDER BY version",
        id.to_string()
    )
}

/// Gives an organisation new details; its kind stays.
///
/// # Errors
/// [`StoreError::Missing`]; [`StoreError::Conflict`] when `seen`, the number of changes that the asker
/// knew of, is not the number of changes any more.
pub async fn change(unit: &mut Unit, who: &Actor, seen: i64, new: &Organisation) -> Result<(), StoreError> {
    let old = people::organisation(unit, new.id).await?.ok_or(StoreError::Missing("organisation"))?;
    let known = history(unit, new.id).await?.pop().map_or(0, |last| last.version);
    if known != seen {
        return Err(StoreError::Conflict("organisation"));
    }
    let id = format!("{}:{}", new.id, seen + 1);
    keep(unit, who, &id, seen + 1, &old).await?;
    change!(
        unit,
        "UPDATE organisation SET name = $1, urn = $2, postcode = $3, phone = $4 WHERE id = $5",
        new.name.clone(),
        new.urn.clone(),
        new.postcode.clone(),
        new.phone.clone(),
        new.id.to_string()
    )?;
    let event = |on: Object| EventDraft::new(Act::OrganisationChanged, who.clone()).on(on);
    for (column, old, new_value) in differs(&old, new) {
        let draft = event(Object::new("organisation", Code::of(&new.id.to_string())));
        let draft = draft.extra("changed", Code::fixed(column));
        let codes = (Code::new(&old.replace(' ', "")), Code::new(&new_value.replace(' ', "")));
        unit.record(match (column, codes) {
            ("urn" | "postcode", (Ok(from), Ok(to))) => draft.extra("from", from).extra("to", to),
            _ => draft,
        });
    }
    unit.record(
        event(Object::new("organisation-change", Code::of(&id))).purpose(Code::fixed("kept-old-values")),
    );
    Ok(())
}

fn differs<'a>(old: &'a Organisation, new: &'a Organisation) -> Vec<(&'static str, &'a str, &'a str)> {
    let columns = [
        ("name", old.name.as_str(), new.name.as_str()),
        ("urn", &old.urn, &new.urn),
        ("postcode", &old.postcode, &new.postcode),
        ("phone", &old.phone, &new.phone),
    ];
    columns.into_iter().filter(|(_, old, new)| old != new).collect()
}

async fn keep(
    unit: &mut Unit,
    who: &Actor,
    id: &str,
    version: i64,
    old: &Organisation,
) -> Result<(), StoreError> {
    let now = unit.now().micros();
    change!(
        unit,
        "INSERT INTO organisation_change (id, organisation_id, version, name, urn, postcode, phone,
           decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.to_owned(),
        old.id.to_string(),
        version,
        old.name.clone(),
        old.urn.clone(),
        old.postcode.clone(),
        old.phone.clone(),
        who.id.to_string(),
        now
    )
    .map_err(lines::taken)?;
    Ok(())
}
