//! Who may do what: roles and the person who acts (DOMAIN section 9).

use super::ids::{OrganisationId, PersonId};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The stable code that rows, events and files carry.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// The words for people.
            pub const fn label(self) -> &'static str {
                match self { $($name::$variant => $label),+ }
            }

            /// The value with this code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// The roles of DOMAIN section 9.
    Role {
        /// Writes and sends referrals, sees the setting's own.
        Practitioner = "practitioner", "Practitioner";
        /// Looks after the setting's people, sees the setting's own referrals.
        Manager = "manager", "Setting manager";
        /// Opens the setting's restricted answers after sending.
        SafeguardingLead = "safeguarding-lead", "Designated safeguarding lead";
        /// Works one locality's duty line.
        Duty = "duty", "Duty practitioner";
        /// Leads a duty line.
        DutyLead = "duty-lead", "Duty lead";
        /// Places what could not be routed; looks at held mail.
        IntakeDesk = "intake-desk", "Intake desk";
        /// Information governance lead or Caldicott guardian.
        IgLead = "ig-lead", "Information governance lead";
        /// Reads the trail and no content.
        Auditor = "auditor", "Auditor";
        /// Sees whole-area counts.
        Commissioner = "commissioner", "Commissioner";
        /// Runs the relay; sees no content.
        Administrator = "administrator", "Administrator";
    }
}

impl Role {
    /// Works in an early years setting.
    pub const fn in_setting(self) -> bool {
        matches!(self, Role::Practitioner | Role::Manager | Role::SafeguardingLead)
    }

    /// Works a duty line.
    pub const fn on_line(self) -> bool {
        matches!(self, Role::Duty | Role::DutyLead)
    }
}

/// A person who has signed in: what every act and every read is recorded under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Whose people they are.
    pub organisation: OrganisationId,
    /// The organisation's name, for pages.
    pub organisation_name: String,
    /// The person's name, for pages.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The localities whose lines they work, for duty roles; empty otherwise.
    pub lines: Vec<String>,
    /// Other lines that they cover just now (DOMAIN section 9); known for a signed-in person only.
    pub covers: Vec<String>,
    /// Their work address, in small letters; empty when none is known.
    pub email: String,
}

impl Person {
    /// Whether they work this locality's line, as their own or by cover.
    pub fn works(&self, locality: &str) -> bool {
        self.all_lines().any(|line| line == locality)
    }

    /// Every line that they work just now, their own first.
    pub fn all_lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().chain(&self.covers).map(String::as_str)
    }
}
