//! Which methods of signing pass for which signatory (DOMAIN section 3: configuration).
//!
//! Written as `parent=drawn:typed;carer=drawn;young-person=` in a row, as a table with three lists in the
//! configuration. A signature in another way is kept and held.

use serde::{Deserialize, Serialize};

use super::agreement::{Method, Signatory};

/// The methods that pass, by signatory, each in the order of [`Method::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Allowed {
    /// For somebody with parental responsibility, or who may have it.
    pub parent: Vec<Method>,
    /// For a carer without it.
    pub carer: Vec<Method>,
    /// For a young person, for herself or himself.
    pub young_person: Vec<Method>,
}

impl Default for Allowed {
    /// Everything but what was told to staff, for everybody.
    fn default() -> Self {
        let all = [Method::Drawn, Method::Typed, Method::RemoteLink, Method::PaperScan];
        Self { parent: all.to_vec(), carer: all.to_vec(), young_person: all.to_vec() }
    }
}

impl Allowed {
    /// Nothing for anybody.
    pub const fn none() -> Self {
        Self { parent: Vec::new(), carer: Vec::new(), young_person: Vec::new() }
    }

    /// What passes for this signatory.
    pub fn of(&self, who: Signatory) -> &[Method] {
        match who {
            Signatory::Parent => &self.parent,
            Signatory::Carer => &self.carer,
            Signatory::YoungPerson => &self.young_person,
        }
    }

    /// With these methods for this signatory, in the order of the list.
    pub fn with(mut self, who: Signatory, methods: impl Fn(Method) -> bool) -> Self {
        let methods = Method::ALL.iter().copied().filter(|method| methods(*method)).collect();
        match who {
            Signatory::Parent => self.parent = methods,
            Signatory::Carer => self.carer = methods,
            Signatory::YoungPerson => self.young_person = methods,
        }
        self
    }

    /// The same, each list in the order of [`Method::ALL`] and nothing twice.
    pub fn in_order(&self) -> Self {
        let each = |all: Self, who: &Signatory| all.with(*who, |method| self.allows(*who, method));
        Signatory::ALL.iter().fold(Self::none(), each)
    }

    /// Whether this signatory's signature by this method passes.
    pub fn allows(&self, who: Signatory, method: Method) -> bool {
        self.of(who).contains(&method)
    }

    /// The methods of one signatory as one word, such as `drawn:typed`.
    pub fn word(&self, who: Signatory) -> String {
        self.of(who).iter().map(|method| method.code()).collect::<Vec<_>>().join(":")
    }

    /// As a row keeps it.
    pub fn text(&self) -> String {
        let each = |who: &Signatory| format!("{}={}", who.code(), self.word(*who));
        Signatory::ALL.iter().map(each).collect::<Vec<_>>().join(";")
    }

    /// From a row; what does not read (only a damaged row could not) allows nothing.
    pub fn from_text(text: &str) -> Self {
        let each = |all: Self, piece: &str| {
            let (who, methods) = piece.split_once('=').unwrap_or_default();
            let methods: Vec<Method> = methods.split(':').filter_map(Method::from_code).collect();
            match Signatory::from_code(who) {
                Some(who) => all.with(who, |method| methods.contains(&method)),
                None => all,
            }
        };
        text.split(';').fold(Self::none(), each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_comes_back_from_its_text() {
        let all = Allowed::default();
        let four = "drawn:typed:remote-link:paper-scan";
        assert_eq!(all.text(), format!("parent={four};carer={four};young-person={four}"));
        let some = all.with(Signatory::Carer, |method| method == Method::PaperScan);
        let some = some.with(Signatory::YoungPerson, |_| false);
        assert_eq!(some.text(), format!("parent={four};carer=paper-scan;young-person="));
        assert_eq!(Allowed::from_text(&some.text()), some);
    }

    #[test]
    fn what_does_not_read_allows_nothing() {
        for text in ["", "parent", "nobody=drawn", "parent=DRAWN", "drawn:typed"] {
            assert_eq!(Allowed::from_text(text), Allowed::none(), "{text}");
        }
    }

    #[test]
    fn the_order_in_which_it_is_written_makes_no_difference() {
        let parent = vec![Method::Typed, Method::Drawn, Method::Typed];
        let written = Allowed { parent, ..Allowed::default() };
        assert_eq!(written.in_order().parent, [Method::Drawn, Method::Typed]);
    }
}
