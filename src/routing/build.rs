//! Building an edition of the postcode table, row by row, from any published form.
//!
//! A file is read a line at a time, so that a directory of the whole country needs no more memory
//! than its packed keys. Nothing half-built can be looked up in: the table appears at the end.

use std::collections::HashMap;
use std::io::BufRead;

use super::columns::{Columns, field};
use super::outcodes::Outcodes;
use super::table::{District, Table, TableError, Units};
use crate::domain::locality::DistrictCode;
use crate::domain::postcode;

/// Builds an edition from one file or several.
pub(super) struct Builder {
    edition: String,
    districts: Numbered,
    names: HashMap<u16, String>,
    moments: Numbered,
    /// Key and district number in one, so that sorting compares plain numbers.
    live: Vec<u64>,
    ended: Vec<(u32, u16, u16)>,
    compact: String,
}

/// Texts in the order first met, each with its number; the last one met is found at once.
#[derive(Default)]
struct Numbered {
    texts: Vec<String>,
    numbers: HashMap<String, u16>,
    last: u16,
}

impl Numbered {
    fn known(&mut self, text: &str) -> Option<u16> {
        if self.texts.get(usize::from(self.last)).is_none_or(|last| last != text) {
            self.last = *self.numbers.get(text)?;
        }
        Some(self.last)
    }

    fn add(&mut self, text: &str) -> Result<u16, TableError> {
        let number = u16::try_from(self.texts.len()).map_err(|_| TableError::TooMany)?;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        Ok(number)
    }
}

/// How many rows were met, how many could not be read, and the line of the first of those.
#[derive(Default)]
struct Tally {
    rows: usize,
    bad: usize,
    first: usize,
}

impl Tally {
    fn count(&mut self, understood: bool, line: usize) {
        self.rows += 1;
        if !understood {
            self.bad += 1;
            self.first = if self.bad == 1 { line } else { self.first };
        }
    }

    fn verdict(self) -> Result<(), TableError> {
        let Self { rows, bad, first } = self;
        if bad * 100 > rows { Err(TableError::Unreadable { bad, rows, first }) } else { Ok(()) }
    }
}

impl Builder {
    /// An empty edition of that name.
    pub(super) fn new(edition: &str) -> Self {
        Self {
            edition: edition.to_owned(),
            districts: Numbered::default(),
            names: HashMap::new(),
            moments: Numbered::default(),
            live: Vec::new(),
            ended: Vec::new(),
            compact: String::new(),
        }
    }

    /// Adds one file. Postcodes without a location or district are left out; up to one line in a
    /// hundred may be unreadable.
    pub(super) fn read(&mut self, mut reader: impl BufRead) -> Result<(), TableError> {
        let mut bytes = Vec::new();
        let mut columns = None;
        let mut tally = Tally::default();
        for number in 1.. {
            bytes.clear();
            if reader.read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            let line = String::from_utf8_lossy(without_line_end(&bytes));
            let line = if number == 1 { line.trim_start_matches('\u{feff}') } else { &line };
            if columns.is_none() {
                columns = Columns::from_heading(line);
                if columns.is_some() {
                    continue;
                }
                columns = Columns::without_heading(line);
            }
            let columns = columns.as_ref().ok_or(TableError::Heading)?;
            if !line.is_empty() {
                tally.count(self.row(line, columns)?.is_some(), number);
            }
        }
        tally.verdict()
    }

    /// Adds one row; `None` when it is not a postcode with a district's code.
    fn row(&mut self, line: &str, columns: &Columns) -> Result<Option<()>, TableError> {
        let Some(key) = field(line, columns.postcode).and_then(|text| self.key(&text)) else {
            return Ok(None);
        };
        let Some(code) = field(line, columns.district) else { return Ok(None) };
        let code = code.trim();
        if code.is_empty() || columns.is_unlocated(line) {
            return Ok(Some(()));
        }
        let Some(district) = self.district(code, line, columns)? else { return Ok(None) };
        let ended = columns.ended.and_then(|at| field(line, at));
        match ended.as_deref().map(str::trim).filter(|ended| !ended.is_empty()) {
            Some(moment) => {
                let at = match self.moments.known(moment) {
                    Some(at) => at,
                    None => self.moments.add(moment)?,
                };
                self.ended.push((key, district, at));
            }
            None => self.live.push(u64::from(key) << 16 | u64::from(district)),
        }
        Ok(Some(()))
    }

    /// The packed key; fixed-width forms pad with spaces in the middle.
    fn key(&mut self, text: &str) -> Option<u32> {
        self.compact.clear();
        for byte in text.as_bytes() {
            match byte {
                b' ' => {}
                byte if byte.is_ascii() => self.compact.push(char::from(byte.to_ascii_uppercase())),
                _ => return None,
            }
        }
        postcode::pack(&self.compact)
    }

    /// The district's number; a code met for the first time must be one.
    fn district(&mut self, code: &str, line: &str, columns: &Columns) -> Result<Option<u16>, TableError> {
        if let Some(number) = self.districts.known(code) {
            return Ok(Some(number));
        }
        if DistrictCode::parse(code).is_err() {
            return Ok(None);
        }
        let number = self.districts.add(code)?;
        let name = columns.name.and_then(|at| field(line, at));
        self.names.extend(name.map(|name| (number, name.trim().to_owned())));
        Ok(Some(number))
    }

    /// The edition, sorted and checked.
    pub(super) fn finish(mut self) -> Result<Table, TableError> {
        self.live.sort_unstable();
        self.live.dedup();
        let twice = self.live.windows(2).filter(|pair| pair[0] >> 16 == pair[1] >> 16).count();
        if twice > 0 {
            return Err(TableError::Contradiction(twice));
        }
        if self.live.is_empty() {
            return Err(TableError::Empty);
        }
        self.ended.sort_unstable();
        self.ended.dedup_by_key(|unit| unit.0);
        let districts = self.named_districts();
        Ok(Table {
            edition: self.edition,
            districts,
            live: Units::unpacked(&self.live),
            ended: Units {
                keys: self.ended.iter().map(|unit| unit.0).collect(),
                districts: self.ended.iter().map(|unit| unit.1).collect(),
            },
            ended_at: self.ended.iter().map(|unit| unit.2).collect(),
            moments: self.moments.texts,
        })
    }

    /// Names from the file, else from the shipped list of Great Britain, else the code itself.
    fn named_districts(&mut self) -> Vec<District> {
        let named = |(at, text): (u16, &String)| {
            let code = DistrictCode::parse(text).ok()?;
            let known = || Outcodes::great_britain().name(&code).unwrap_or(text).to_owned();
            let name = self.names.get(&at).cloned().unwrap_or_else(known);
            Some(District { code, name })
        };
        (0u16..=u16::MAX).zip(&self.districts.texts).filter_map(named).collect()
    }
}

fn without_line_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\n' | b'\r'] = line {
        line = rest;
    }
    line
}
