//! What stands around every page: title, who is signed in, navigation, banners.
//!
//! Every page struct has a field `shell: Shell`, because `templates/base.html` reads it. It
//! holds nothing about a family: a page's title is shown in browser histories and so never
//! names a child (DESIGN section 1, promise 3).

use super::assets;
use crate::domain::words::Words;

/// The service's name, as it stands in the header and in every title.
pub const SERVICE: &str = "dutyline";

/// Where "Exit this page" leads: a page anyone might have open. The only address outside
/// dutyline in any page, followed only by the reader's own press.
pub const EXIT_HREF: &str = "https://www.bbc.co.uk/weather";

/// The signed-in person, as the header says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub name: String,
    pub role: String,
    pub organisation: String,
}

/// One entry of the main navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    /// The section that the page belongs to is marked, in looks and for screen readers.
    pub current: bool,
}

impl NavItem {
    /// An entry that is not the current section.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        NavItem { label: label.into(), href: href.into(), current: false }
    }

    /// The same entry, marked as current when `yes`.
    pub fn current(self, yes: bool) -> Self {
        NavItem { current: yes, ..self }
    }
}

/// The link above the heading that leads one step back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    pub href: String,
    pub label: String,
}

/// Everything `base.html` needs. Start from [`Shell::new`] and add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// The page's own name, without the service's. Never holds anything about a family.
    pub title: String,
    pub signed_in: Option<SignedIn>,
    pub nav: Vec<NavItem>,
    /// Shows the banner that says that everyone here is made up.
    pub demo: bool,
    pub back: Option<Back>,
    /// For pages that ask about safeguarding or abuse (DOMAIN section 3).
    pub exit_this_page: bool,
    /// The form came back with errors: the title then begins with "Error: ".
    pub error: bool,
    /// A parent or carer may hold the screen: nothing leads anywhere else, not even the service's name.
    pub handed_over: bool,
    /// The words around the page and in its macros; English unless a family chose another language.
    pub words: &'static Words,
}

impl Shell {
    /// A bare shell: nobody signed in, no navigation, no banners.
    pub fn new(title: impl Into<String>) -> Self {
        Shell {
            title: title.into(),
            signed_in: None,
            nav: Vec::new(),
            demo: false,
            back: None,
            exit_this_page: false,
            error: false,
            handed_over: false,
            words: Words::english(),
        }
    }

    /// In a family's language: the page says so, and what stands around it is in those words.
    pub fn words(self, words: &'static Words) -> Self {
        Shell { words, ..self }
    }

    /// For a screen that a parent or carer may hold: no name, menu, way back or footer to follow.
    pub fn handed_over(self) -> Self {
        Shell { signed_in: None, nav: Vec::new(), back: None, handed_over: true, ..self }
    }

    /// With the person named in the header, and a sign-out button.
    pub fn signed_in(self, who: SignedIn) -> Self {
        Shell { signed_in: Some(who), ..self }
    }

    /// With the main navigation.
    pub fn nav(self, nav: Vec<NavItem>) -> Self {
        Shell { nav, ..self }
    }

    /// With the demonstration banner when `yes`.
    pub fn demo(self, yes: bool) -> Self {
        Shell { demo: yes, ..self }
    }

    /// With a link back.
    pub fn back(self, href: impl Into<String>, label: impl Into<String>) -> Self {
        Shell { back: Some(Back { href: href.into(), label: label.into() }), ..self }
    }

    /// With "Exit this page".
    pub fn exit_this_page(self) -> Self {
        Shell { exit_this_page: true, ..self }
    }

    /// Marked as having errors when `yes`.
    pub fn error(self, yes: bool) -> Self {
        Shell { error: yes, ..self }
    }

    /// The whole title, as the browser's tab shows it.
    pub fn page_title(&self) -> String {
        let error = if self.error { format!("{} ", self.words.page_error) } else { String::new() };
        format!("{error}{} – {SERVICE}", self.title)
    }

    /// The style sheet's address, for `base.html`.
    pub fn css_url(&self) -> &'static str {
        assets::css_url()
    }

    /// The script's address, for `base.html`.
    pub fn js_url(&self) -> &'static str {
        assets::js_url()
    }

    /// The tab icon's address, for `base.html`.
    pub fn icon_url(&self) -> &'static str {
        assets::icon_url()
    }

    /// Where "Exit this page" leads, for `base.html`.
    pub fn exit_href(&self) -> &'static str {
        EXIT_HREF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_screen_that_is_handed_over_nothing_leads_away() {
        let who = SignedIn { name: "Ama".into(), role: "Practitioner".into(), organisation: "Acorns".into() };
        let shell = Shell::new("Agreement").signed_in(who).nav(vec![NavItem::new("Referrals", "/referrals")]);
        let shell = shell.back("/drafts", "Back").handed_over();
        assert_eq!((shell.signed_in, shell.nav, shell.back, shell.handed_over), (None, vec![], None, true));
    }

    #[test]
    fn a_title_ends_with_the_service_and_says_first_that_something_is_wrong() {
        assert_eq!(Shell::new("Inbox").page_title(), "Inbox – dutyline");
        assert_eq!(Shell::new("The child").error(true).page_title(), "Error: The child – dutyline");
        let polish = Shell::new("Zgoda").words(Words::or_english("pl")).error(true);
        assert_eq!(polish.page_title(), "Błąd: Zgoda – dutyline");
    }
}
