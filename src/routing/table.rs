//! The postcode table: sorted packed keys, and beside each the number of its district.
//!
//! Six bytes a postcode, so Kent and its neighbours take half a megabyte and all of Great Britain
//! ten; a look-up is one binary search. Postcodes that ended stand in a table of their own. An
//! edition is built whole and never changed; a load that fails leaves the last good one in place.

use std::io::BufRead;
use std::ops::Range;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::build::Builder;
use super::localities::Localities;
use crate::domain::locality::DistrictCode;
use crate::domain::postcode::Postcode;

const KENT: &str = include_str!("../../data/kent_postcodes.csv");
const KENT_RETIRED: &str = include_str!("../../data/kent_postcodes_retired.csv");
/// The edition of the shipped table.
pub const KENT_EDITION: &str = "Code-Point Open 2025.4";

/// A local authority district.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    /// Its code.
    pub code: DistrictCode,
    /// Its name for people.
    pub name: String,
}

/// Where a postcode lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its district, or its last one.
    pub district: &'a District,
    /// For a postcode that ended: when it was last seen, as its source writes it.
    pub ended: Option<&'a str>,
}

/// One edition of the table.
#[derive(Debug)]
pub struct Table {
    pub(super) edition: String,
    pub(super) districts: Vec<District>,
    pub(super) live: Units,
    pub(super) ended: Units,
    /// For each unit in `ended`, its place in `moments`.
    pub(super) ended_at: Box<[u16]>,
    pub(super) moments: Vec<String>,
}

/// Sorted keys and the district number of each.
#[derive(Debug)]
pub(super) struct Units {
    pub(super) keys: Box<[u32]>,
    pub(super) districts: Box<[u16]>,
}

/// Why a table cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file stopped short.
    #[error("the postcode table cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// Neither a heading nor a form that is known without one.
    #[error(
        "the first line names no postcode and district columns: see data/README.md for the forms that can be loaded"
    )]
    Heading,
    /// More than one line in a hundred is not a postcode with a district.
    #[error("{bad} of {rows} lines are not a postcode and a district's code; the first is line {first}")]
    Unreadable {
        /// Lines that cannot be read.
        bad: usize,
        /// All lines.
        rows: usize,
        /// The number of the first bad one.
        first: usize,
    },
    /// No postcodes.
    #[error("the postcode table has no live postcodes in it")]
    Empty,
    /// More districts or dates than any edition has.
    #[error(
        "the postcode table has more than 65,535 different districts or dates: a column is not what its name says"
    )]
    TooMany,
    /// One postcode in two districts.
    #[error("{0} postcodes stand in two districts at once: the table contradicts itself")]
    Contradiction(usize),
    /// Localities that nobody could be routed to any more.
    #[error(
        "no postcode would lead to {0}: the table does not know their districts, so the last good edition stays"
    )]
    LeavesOut(String),
}

impl Table {
    /// Kent and its neighbours, as shipped.
    pub fn kent() -> &'static Table {
        static TABLE: LazyLock<Table> = LazyLock::new(|| {
            let mut builder = Builder::new(KENT_EDITION);
            builder.read(KENT.as_bytes()).expect("the shipped file is tested");
            builder.read(KENT_RETIRED.as_bytes()).expect("the shipped file is tested");
            builder.finish().expect("the shipped file is tested")
        });
        &TABLE
    }

    /// Reads one file of any form in `data/README.md`.
    pub fn from_csv(reader: impl BufRead, edition: &str) -> Result<Self, TableError> {
        let mut builder = Builder::new(edition);
        builder.read(reader)?;
        builder.finish()
    }

    /// Reads a live and a retired file together, as an edition stored them; the second may be empty.
    pub fn from_parts(live: &[u8], retired: &[u8], edition: &str) -> Result<Self, TableError> {
        let mut builder = Builder::new(edition);
        builder.read(live)?;
        if !retired.is_empty() {
            builder.read(retired)?;
        }
        builder.finish()
    }

    /// Reads one file, and refuses it when it would leave a locality without postcodes.
    pub fn load(reader: impl BufRead, edition: &str, localities: &Localities) -> Result<Self, TableError> {
        let table = Self::from_csv(reader, edition)?;
        table.check(localities)?;
        Ok(table)
    }

    /// Whether every locality has at least one live postcode.
    pub fn check(&self, localities: &Localities) -> Result<(), TableError> {
        let mut counts = vec![0usize; self.districts.len()];
        self.live.districts.iter().for_each(|at| counts[usize::from(*at)] += 1);
        let present = |code: &DistrictCode| {
            self.districts.iter().zip(&counts).any(|(d, count)| d.code == *code && *count > 0)
        };
        let lost = |all: &[DistrictCode]| !all.is_empty() && !all.iter().any(present);
        let without = localities.iter().filter(|locality| lost(&locality.districts));
        let names: Vec<&str> = without.map(|locality| locality.name.as_str()).collect();
        if names.is_empty() { Ok(()) } else { Err(TableError::LeavesOut(names.join(", "))) }
    }

    /// Where a postcode lies. A live postcode hides an ended one that was used again.
    pub fn find(&self, postcode: &Postcode) -> Option<Place<'_>> {
        let key = postcode.pack();
        if let Ok(at) = self.live.keys.binary_search(&key) {
            return Some(Place { district: self.district(self.live.districts[at]), ended: None });
        }
        let at = self.ended.keys.binary_search(&key).ok()?;
        let ended = self.moments.get(usize::from(self.ended_at[at])).map(String::as_str);
        Some(Place { district: self.district(self.ended.districts[at]), ended })
    }

    /// The districts of all live postcodes in a run of keys, with their number, the largest first.
    pub fn within(&self, keys: Range<u32>) -> Vec<(&District, usize)> {
        let from = self.live.keys.partition_point(|key| *key < keys.start);
        let to = self.live.keys.partition_point(|key| *key < keys.end);
        let mut found: Vec<(u16, usize)> = Vec::new();
        for at in &self.live.districts[from..to] {
            match found.iter_mut().find(|(known, _)| known == at) {
                Some((_, count)) => *count += 1,
                None => found.push((*at, 1)),
            }
        }
        found.sort_by_key(|(at, count)| (std::cmp::Reverse(*count), *at));
        found.into_iter().map(|(at, count)| (self.district(at), count)).collect()
    }

    /// Every district that the edition knows.
    pub fn districts(&self) -> impl Iterator<Item = &District> {
        self.districts.iter()
    }

    /// Which edition this is, as recorded with every decision.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// How many live postcodes it has.
    pub fn len(&self) -> usize {
        self.live.keys.len()
    }

    /// Never: a table without live postcodes is refused.
    pub fn is_empty(&self) -> bool {
        self.live.keys.is_empty()
    }

    /// The memory of the packed tables, in bytes.
    pub fn bytes(&self) -> usize {
        (self.live.keys.len() + self.ended.keys.len()) * 6 + self.ended_at.len() * 2
    }

    fn district(&self, at: u16) -> &District {
        &self.districts[usize::from(at)]
    }
}

impl Units {
    /// From numbers of a key and, in the lowest 16 bits, a district.
    pub(super) fn unpacked(units: &[u64]) -> Self {
        Self {
            keys: units.iter().map(|unit| (unit >> 16) as u32).collect(),
            districts: units.iter().map(|unit| (unit & 0xffff) as u16).collect(),
        }
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
