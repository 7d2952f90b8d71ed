//! `[lawful_route]`: whether a referral may go on although nobody agreed, and on which bases. It stands in
//! the file and not among the numbers that administrators change on a page: it is the trust's own
//! decision, and the file's digest is recorded at every start (docs/decisions.md).

use serde::Deserialize;

use super::Fault;
use crate::domain::lawful::{Basis, LawfulRules};

/// The lawful route; off where nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lawful {
    /// Whether it is there at all.
    pub on: bool,
    /// The bases to choose from; the usual ones where none is written.
    pub bases: Vec<Basis>,
}

/// Longest code and longest words of a basis, in characters.
const LONGEST: (usize, usize) = (40, 300);

impl Lawful {
    /// The rules as the gate takes them.
    pub fn rules(&self) -> LawfulRules {
        let usual = LawfulRules::default();
        let bases = if self.bases.is_empty() { usual.bases } else { self.bases.clone() };
        LawfulRules { on: self.on, bases }
    }
}

/// Everything that cannot work.
pub(super) fn check(lawful: &Lawful) -> Vec<Fault> {
    let fault = |words: String| Fault::new("lawful_route.bases", words);
    let mut faults = Vec::new();
    for (at, basis) in lawful.bases.iter().enumerate() {
        let code = !basis.code.is_empty()
            && basis.code.len() <= LONGEST.0
            && basis.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !code {
            faults.push(fault(format!(
                "write a code of small letters, digits and hyphens for basis {}",
                at + 1
            )));
        }
        let words = basis.words.trim();
        if words.is_empty() || words.chars().count() > LONGEST.1 {
            faults.push(fault(format!("write 1 to {} characters of words for basis {}", LONGEST.1, at + 1)));
        }
        if lawful.bases[..at].iter().any(|before| before.code == basis.code) {
            faults.push(fault(format!("the code of basis {} stands there twice", at + 1)));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(code: &str, words: &str) -> Basis {
        Basis { code: code.to_owned(), words: words.to_owned() }
    }

    #[test]
    fn it_is_off_unless_it_is_turned_on_and_has_the_usual_bases() {
        assert!(!Lawful::default().rules().on);
        let on = Lawful { on: true, ..Lawful::default() }.rules();
        assert_eq!((on.on, on.bases.len()), (true, 4));
        let own = Lawful { on: true, bases: vec![basis("local", "Our own")] }.rules();
        assert_eq!(own.bases, [basis("local", "Our own")]);
    }

    #[test]
    fn a_basis_needs_a_code_of_its_own_and_words() {
        let wrong = |bases| check(&Lawful { on: true, bases }).len();
        assert_eq!(wrong(vec![basis("local", "Our own"), basis("other", "Another")]), 0);
        assert_eq!(wrong(vec![basis("Local 1", "Our own")]), 1);
        assert_eq!(wrong(vec![basis("local", " ")]), 1);
        assert_eq!(wrong(vec![basis("local", "Our own"), basis("local", "Again")]), 1);
    }
}
