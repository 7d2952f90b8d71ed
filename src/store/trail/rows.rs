//! Rows in clear compared with their last marks, and the register with its digest.

use std::collections::HashMap;

use super::untrue::Untrue;
use crate::audit::Code;
use crate::store::{Sees, marks, register};

/// Rows read at once.
const ROWS: i64 = 500;

/// The last mark of a row.
pub(super) struct Marked {
    /// The event that left it.
    pub seq: u64,
    /// The mark.
    pub mark: Code,
}

/// Ofsted's register decides on which number a line rings a setting that it does not know.
pub(super) async fn compare_register(
    door: &mut impl Sees,
    said: Option<(u64, [u8; 32])>,
) -> Result<(), Untrue> {
    const WHAT: &str = "register";
    let id = || "settings".to_owned();
    let found = register::digest(door).await?;
    match said {
        Some((seq, digest)) if digest != found => Err(Untrue::Content { seq, what: WHAT, id: id() }),
        None if found != register::nothing() => Err(Untrue::Unknown { what: WHAT, id: id() }),
        _ => Ok(()),
    }
}

/// Every row of a kind is as its last event left it, and there is no row more and none less.
pub(super) async fn compare_marks(
    door: &mut impl Sees,
    kind: &marks::Kind,
    mut said: HashMap<String, Marked>,
) -> Result<(), Untrue> {
    let what = kind.object;
    let mut after = String::new();
    loop {
        let rows = marks::page(door, kind, &after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.id().to_owned();
        for row in rows {
            match said.remove(row.id()) {
                None => return Err(Untrue::Unknown { what, id: row.id().to_owned() }),
                Some(said) if said.mark != row.mark() => {
                    return Err(Untrue::Row { seq: said.seq, what, id: row.id().to_owned() });
                }
                Some(_) => {}
            }
        }
    }
    let gone = said.into_iter().map(|(id, marked)| (marked.seq, id)).min();
    gone.map_or(Ok(()), |(seq, id)| Err(Untrue::Gone { seq, what, id }))
}
