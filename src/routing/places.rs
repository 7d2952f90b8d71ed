//! The places that a relay serves: a postcode table and its localities, together.

use std::sync::Arc;

use super::{Decision, Localities, SecondOpinion, Table, route, second_opinion};
use crate::domain::locality::{Locality, LocalityId};
use crate::domain::postcode::PostcodeInput;

/// Where the table comes from.
#[derive(Clone)]
enum Source {
    /// The compiled Kent table: the demo's, and a bare `dutyline route`'s.
    Compiled,
    /// An edition that an administrator loaded.
    Loaded(Arc<Table>),
}

/// A postcode table and the localities that it is read for.
pub struct Places {
    source: Source,
    localities: Localities,
}

impl Places {
    /// The compiled Kent table with these localities.
    pub fn compiled(localities: Localities) -> Self {
        Self { source: Source::Compiled, localities }
    }

    /// A loaded table with these localities.
    pub fn loaded(table: Table, localities: Localities) -> Self {
        Self { source: Source::Loaded(Arc::new(table)), localities }
    }

    /// The same table with other localities. Costs nothing: the table is shared.
    pub fn with(&self, localities: Localities) -> Self {
        Self { source: self.source.clone(), localities }
    }

    /// The table.
    pub fn table(&self) -> &Table {
        match &self.source {
            Source::Compiled => Table::kent(),
            Source::Loaded(table) => table,
        }
    }

    /// The localities.
    pub fn localities(&self) -> &Localities {
        &self.localities
    }

    /// Which duty line serves a postcode.
    pub fn route(&self, input: &PostcodeInput) -> Decision {
        route(self.table(), &self.localities, input)
    }

    /// What the setting's own postcode says beside it.
    pub fn second_opinion(&self, child: &Decision, setting: &PostcodeInput) -> SecondOpinion {
        second_opinion(self.table(), &self.localities, child, setting)
    }

    /// The locality with this id, as rows carry it.
    pub fn locality(&self, id: &str) -> Option<&Locality> {
        self.localities.get(&LocalityId::parse(id).ok()?)
    }

    /// The mailbox of a locality's line.
    pub fn mailbox(&self, id: &str) -> Option<&str> {
        self.locality(id).map(|locality| locality.email.as_str())
    }
}
