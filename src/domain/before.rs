//! What staff answer before anybody agrees: who agrees, in what way, who is present (DOMAIN section 3).
//!
//! The answers are kept in the draft, sealed, so that the page that a parent holds carries none of them
//! and a signature given hours later, on a telephone or on paper, still has them beside it.

use serde::{Deserialize, Serialize};

use super::agreement::{Method, Signatory};
use super::people::coded;

coded! {
    /// How they agree, as staff say it: it decides which page comes next.
    How {
        /// They sign on the setting's screen.
        Screen = "screen", "On this screen";
        /// They sign on their own telephone, in the same room.
        Phone = "phone", "On their own phone, now";
        /// They sign later, by a link that is sent to them.
        Link = "link", "Later, by a link";
        /// They sign on paper.
        Paper = "paper", "On paper";
        /// They told a member of staff.
        Told = "told", "They told staff";
        /// They do not agree.
        No = "no", "They do not agree";
        /// Nobody agreed, and the law lets it be shared all the same.
        Lawful = "lawful", "There is no agreement";
    }
}

impl How {
    /// The methods of signing that this way leads to; any one is enough to offer it.
    pub const fn methods(self) -> &'static [Method] {
        match self {
            How::Screen => &[Method::Drawn, Method::Typed],
            How::Phone | How::Link => &[Method::RemoteLink],
            How::Paper => &[Method::PaperScan],
            How::Told => &[Method::ToldToStaff],
            How::No | How::Lawful => &[],
        }
    }

    /// Whether staff are asked who is present.
    pub const fn asks_present(self) -> bool {
        matches!(self, How::Screen | How::Phone)
    }

    /// Whether staff are asked how they know that it is this person.
    pub const fn asks_checked(self) -> bool {
        matches!(self, How::Screen | How::Phone | How::Told)
    }
}

/// What staff answered before anybody agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Who agrees.
    pub signatory: Signatory,
    /// How; nothing before that was answered.
    #[serde(default)]
    pub how: Option<How>,
    /// Who is present; empty where it is not asked.
    #[serde(default)]
    pub present: String,
    /// How staff know that it is this person; empty where it is not asked.
    #[serde(default)]
    pub checked: String,
}

impl Before {
    /// Whether everything that this way asks of staff first is answered.
    pub fn is_whole(&self) -> bool {
        self.how.is_some_and(|how| {
            (!how.asks_present() || !self.present.is_empty())
                && (!how.asks_checked() || !self.checked.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_whole_when_all_that_it_asks_is_answered() {
        let before = |how, present: &str, checked: &str| Before {
            how,
            present: present.to_owned(),
            checked: checked.to_owned(),
            ..Before::default()
        };
        assert!(!before(None, "a", "b").is_whole());
        assert!(!before(Some(How::Screen), "", "b").is_whole());
        assert!(!before(Some(How::Phone), "a", "").is_whole());
        assert!(before(Some(How::Told), "", "b").is_whole());
        assert!(before(Some(How::Paper), "", "").is_whole());
    }
}
