//! Which districts each outward code of Great Britain touches.
//!
//! A postcode from elsewhere can so be called out of area, with its council named, instead of
//! unknown. Never used to choose a duty line.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::columns::field;
use super::table::District;
use crate::domain::locality::DistrictCode;

const GREAT_BRITAIN: &str = include_str!("../../data/gb_outcodes.csv");

/// Outward codes and their districts.
#[derive(Debug, Default)]
pub struct Outcodes {
    districts: Vec<District>,
    by_outcode: HashMap<String, Vec<usize>>,
    by_code: HashMap<DistrictCode, usize>,
}

/// Why a table of outward codes cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutcodesError {
    /// The heading is another.
    #[error("the table of outward codes must start with outcode,lad_code,lad_name")]
    Heading,
    /// A line that does not fit the heading.
    #[error("line {0} of the table of outward codes is not an outward code, a district's code and its name")]
    Line(usize),
}

impl Outcodes {
    /// All of Great Britain, as shipped.
    pub fn great_britain() -> &'static Outcodes {
        static OUTCODES: LazyLock<Outcodes> =
            LazyLock::new(|| Outcodes::from_csv(GREAT_BRITAIN).expect("the shipped file is tested"));
        &OUTCODES
    }

    /// Reads lines of outward code, district's code and name, the largest district of each first.
    pub fn from_csv(text: &str) -> Result<Self, OutcodesError> {
        let mut lines = text.lines().zip(1usize..);
        if !lines.next().is_some_and(|(heading, _)| heading.starts_with("outcode,lad_code,lad_name")) {
            return Err(OutcodesError::Heading);
        }
        let mut out = Self::default();
        for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
            out.add(line).ok_or(OutcodesError::Line(number))?;
        }
        Ok(out)
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let outcode = field(line, 0).filter(|code| (2..=4).contains(&code.len()))?;
        let code = DistrictCode::parse(&field(line, 1)?).ok()?;
        let name = field(line, 2)?.into_owned();
        let at = *self.by_code.entry(code.clone()).or_insert_with(|| {
            self.districts.push(District { code, name });
            self.districts.len() - 1
        });
        self.by_outcode.entry(outcode.into_owned()).or_default().push(at);
        Some(())
    }

    /// The districts that an outward code touches, the largest first; none when it is not known.
    pub fn districts(&self, outcode: &str) -> impl Iterator<Item = &District> {
        self.by_outcode.get(outcode).into_iter().flatten().map(|at| &self.districts[*at])
    }

    /// A district's name.
    pub fn name(&self, code: &DistrictCode) -> Option<&str> {
        self.by_code.get(code).map(|at| self.districts[*at].name.as_str())
    }
}

/// The parts of the islands that are not in Great Britain's table, by the letters that start
/// their postcodes.
pub fn elsewhere(outcode: &str) -> Option<&'static str> {
    match outcode.get(..2)? {
        "BT" => Some("Northern Ireland"),
        "GY" => Some("Guernsey"),
        "IM" => Some("the Isle of Man"),
        "JE" => Some("Jersey"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn great_britain_is_known_by_outward_code() {
        let britain = Outcodes::great_britain();
        let names = |outcode| britain.districts(outcode).map(|d| d.name.as_str()).collect::<Vec<_>>();
        assert_eq!(britain.by_outcode.len(), 2864);
        assert_eq!(names("AB12"), ["Aberdeen City", "Aberdeenshire"]);
        assert!(names("BH1").contains(&"Bournemouth, Christchurch and Poole"));
        assert!(names("BT1").is_empty());
        assert_eq!(elsewhere("BT1"), Some("Northern Ireland"));
        assert_eq!(elsewhere("CT1"), None);
        assert_eq!(britain.name(&DistrictCode::parse("E06000035").expect("a code")), Some("Medway"));
    }

    #[test]
    fn a_table_that_is_not_one_is_named() {
        assert_eq!(Outcodes::from_csv("a,b\n").unwrap_err(), OutcodesError::Heading);
        let wrong = "outcode,lad_code,lad_name\nCT1,E07000106,Canterbury\nCT2,Canterbury\n";
        assert_eq!(Outcodes::from_csv(wrong).unwrap_err(), OutcodesError::Line(3));
    }
}
