//! The localities and the districts that each serves, as configured.
//!
//! The mapping is data (DOMAIN section 4): districts may be replaced, and a trust may draw its
//! boundaries otherwise. A district that two localities claim would send children's referrals to the wrong
//! line, and is refused. In a file a locality without a district is a slip; an administrator may leave a line
//! without one, and then it gets nothing new.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::locality::{DistrictCode, Locality, LocalityId};

const KENT: &str = include_str!("../../data/kent_localities.toml");

/// Every locality served here.
#[derive(Clone, Debug)]
pub struct Localities {
    list: Vec<Locality>,
    by_district: HashMap<DistrictCode, usize>,
}

/// Why a set of localities cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalitiesError {
    /// The text is not in the form of `data/kent_localities.toml`.
    #[error("the localities cannot be read: {0}")]
    Unreadable(String),
    /// No locality at all.
    #[error("there must be at least one locality")]
    Empty,
    /// Two localities have one id.
    #[error("two localities are called {0}: give each its own id")]
    Twice(LocalityId),
    /// A locality that no child can be routed to.
    #[error("{0} serves no district: add its codes")]
    WithoutDistrict(LocalityId),
    /// A locality without a telephone number.
    #[error("{0} has no telephone number: add one")]
    WithoutPhone(LocalityId),
    /// A district that two localities claim.
    #[error("{district} is claimed by {first} and by {second}: leave it with one")]
    Contested {
        /// The district.
        district: DistrictCode,
        /// Who claims it first.
        first: LocalityId,
        /// Who claims it too.
        second: LocalityId,
    },
}

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "locality")]
    localities: Vec<Locality>,
}

impl Localities {
    /// Kent's twelve localities, as published and unconfirmed.
    pub fn kent() -> &'static Localities {
        static LOCALITIES: LazyLock<Localities> =
            LazyLock::new(|| Localities::parse(KENT).expect("the shipped file is tested"));
        &LOCALITIES
    }

    /// Reads the form of `data/kent_localities.toml`.
    pub fn parse(text: &str) -> Result<Self, LocalitiesError> {
        let file: File =
            toml::from_str(text).map_err(|error| LocalitiesError::Unreadable(error.to_string()))?;
        let slip = file.localities.iter().find(|locality| locality.districts.is_empty());
        match slip {
            Some(locality) => Err(LocalitiesError::WithoutDistrict(locality.id.clone())),
            None => Self::new(file.localities),
        }
    }

    /// Takes localities from configuration.
    pub fn new(list: Vec<Locality>) -> Result<Self, LocalitiesError> {
        if list.is_empty() {
            return Err(LocalitiesError::Empty);
        }
        let mut by_district: HashMap<DistrictCode, usize> = HashMap::new();
        for (at, locality) in list.iter().enumerate() {
            if locality.phones.is_empty() {
                return Err(LocalitiesError::WithoutPhone(locality.id.clone()));
            }
            if list[..at].iter().any(|other| other.id == locality.id) {
                return Err(LocalitiesError::Twice(locality.id.clone()));
            }
            for district in &locality.districts {
                if let Some(first) = by_district.insert(district.clone(), at).filter(|first| *first != at) {
                    let (first, second) = (list[first].id.clone(), locality.id.clone());
                    return Err(LocalitiesError::Contested { district: district.clone(), first, second });
                }
            }
        }
        Ok(Self { list, by_district })
    }

    /// The locality that serves a district.
    pub fn serving(&self, district: &DistrictCode) -> Option<&Locality> {
        self.by_district.get(district).map(|at| &self.list[*at])
    }

    /// The locality of that id.
    pub fn get(&self, id: &LocalityId) -> Option<&Locality> {
        self.list.iter().find(|locality| locality.id == *id)
    }

    /// All localities, in the order configured.
    pub fn iter(&self) -> impl Iterator<Item = &Locality> {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kent_has_twelve_lines_and_thirteen_numbers() {
        let kent = Localities::kent();
        assert_eq!(kent.iter().count(), 12);
        assert_eq!(kent.iter().map(|locality| locality.phones.len()).sum::<usize>(), 13);
        let gravesham = DistrictCode::parse("E07000109").expect("a code");
        assert_eq!(kent.serving(&gravesham).map(|locality| locality.name.as_str()), Some("Gravesend"));
        assert_eq!(kent.get(&LocalityId::sample()).map(|l| l.name.as_str()), Some("Canterbury and Coastal"));
        assert_eq!(kent.serving(&DistrictCode::parse("E06000035").expect("Medway")), None);
    }

    #[test]
    fn what_would_misroute_is_refused() {
        let one = Locality::sample();
        let other = Locality { id: LocalityId::parse("other").expect("an id"), ..one.clone() };
        assert_eq!(Localities::new(vec![]).unwrap_err(), LocalitiesError::Empty);
        assert_eq!(
            Localities::new(vec![one.clone(), one.clone()]).unwrap_err(),
            LocalitiesError::Twice(one.id.clone())
        );
        let contested = Localities::new(vec![one.clone(), other.clone()]).unwrap_err();
        assert_eq!(
            contested.to_string(),
            "E07000106 is claimed by canterbury and by other: leave it with one"
        );
        let bare = Locality { districts: vec![], ..one.clone() };
        assert!(Localities::new(vec![bare]).is_ok(), "an administrator may leave a line without one");
        let slip = KENT.replacen("lad_codes = [\"E07000105\"]", "lad_codes = []", 1);
        let named = LocalityId::parse("ashford").expect("an id");
        assert_eq!(Localities::parse(&slip).unwrap_err(), LocalitiesError::WithoutDistrict(named));
        let mute = Locality { phones: vec![], ..one.clone() };
        assert_eq!(Localities::new(vec![mute]).unwrap_err(), LocalitiesError::WithoutPhone(one.id));
        assert!(matches!(Localities::parse("locality = 3").unwrap_err(), LocalitiesError::Unreadable(_)));
        let wrong = KENT.replace("0300 123 3092", "0300");
        assert!(
            Localities::parse(&wrong)
                .unwrap_err()
                .to_string()
                .contains("A UK telephone number has 10 or 11 digits")
        );
    }
}
