//! The privacy notice: what it says of this deployment's organisations, and which version of it was shown.
//!
//! Consent in dutyline is permission under the duty of confidentiality; the legal bases of data protection
//! law are each organisation's own (DOMAIN section 3), so they are configuration, `[privacy]`. The words
//! around them are the page's (`templates/pages/privacy.html`). [`Notice::id`] is kept with every agreement:
//! the version as the deployment names it, and a digest, so that words changed under an old name are seen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The edition of the page's own words; a test compares it with the page.
pub const EDITION: &str = "2026-11-22";

/// Which organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nurseries, pre-schools, childminders.
    Setting,
    /// The health visiting service.
    Health,
    /// Any other that holds some of it.
    Other,
}

/// What holds for the organisations of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Which.
    pub kind: Kind,
    /// The controller, in words: “the nursery, pre-school or childminder that wrote the referral”.
    pub name: String,
    /// What it uses the information for.
    pub purpose: String,
    /// The legal basis for personal data (UK GDPR Article 6).
    pub basis: String,
    /// The condition for data about health (UK GDPR Article 9).
    pub condition: String,
    /// How long it keeps what.
    pub kept: String,
}

/// Whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Officer {
    /// Name or office.
    pub name: String,
    /// Email address.
    pub email: String,
    /// Telephone number, or empty.
    pub phone: String,
    /// Postal address, or empty.
    pub post: String,
}

/// What a deployment says in its notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notice {
    /// The version, such as `2027-01-01`: another with every change.
    pub version: String,
    /// Who runs the relay for the controllers, in words; empty when they run it themselves.
    pub processor: String,
    /// The data protection officer.
    pub officer: Officer,
    /// What a person may ask for, a sentence each.
    pub rights: Vec<String>,
    /// Whom to complain to, in words.
    pub complaints: String,
    /// The controllers; none where each organisation only points to its own notice.
    pub controllers: Vec<Controller>,
}

impl Default for Notice {
    /// What holds anywhere: the organisations are not named, and point to their own notices.
    fn default() -> Self {
        let rights = [
            "see what is kept about you and your child",
            "have what is wrong put right",
            "ask for something to be deleted, or not to be used",
        ];
        Self {
            version: "default".to_owned(),
            processor: String::new(),
            officer: Officer::default(),
            rights: rights.map(str::to_owned).to_vec(),
            complaints: "the Information Commissioner’s Office".to_owned(),
            controllers: Vec::new(),
        }
    }
}

impl Notice {
    /// Version, edition of the page's words and digest of all that is said: `2027-01-01+2026-11-22.5f0c…`.
    pub fn id(&self) -> String {
        let said = serde_json::to_vec(self).unwrap_or_default();
        let digest = Sha256::digest(said);
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{}+{EDITION}.{digest}", self.version)
    }

    /// A made-up deployment's, for the demo and tests.
    pub fn sample() -> Self {
        let controller = |kind, name: &str, purpose: &str, kept: &str| Controller {
            kind,
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            basis: "a task in the public interest (UK GDPR Article 6(1)(e))".to_owned(),
            condition: "health or social care (UK GDPR Article 9(2)(h))".to_owned(),
            kept: kept.to_owned(),
        };
        let setting = controller(
            Kind::Setting,
            "the nursery, pre-school or childminder that wrote the referral",
            "to support your child, and to ask the health visitors for help",
            "until your child leaves, and for 3 years after that",
        );
        let health = controller(
            Kind::Health,
            "the health visiting service of the made-up Example Community Trust",
            "to decide what help your child needs, and to give it",
            "until your child is 25 years old, as other health records",
        );
        Self {
            version: "sample-2026-11-01".to_owned(),
            processor: "Example Relay Services, who may do only what the trust tells them".to_owned(),
            officer: Officer {
                name: "the data protection officer of Example Community Trust".to_owned(),
                email: "data.protection@trust.example".to_owned(),
                phone: "01632 960111".to_owned(),
                post: "1 Made Up Street, Exampleton".to_owned(),
            },
            controllers: vec![setting, health],
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_changes_the_id() {
        let (sample, default) = (Notice::sample(), Notice::default());
        assert!(sample.id().starts_with("sample-2026-11-01+2026-11-22."), "{}", sample.id());
        assert_ne!(sample.id(), default.id());
        let mut kept = sample.clone();
        kept.controllers[1].kept.push('!');
        assert_ne!(kept.id(), sample.id(), "under the same name too");
        assert_eq!(Notice::sample().id(), sample.id());
    }

    /// SHA-256 of the page's template at [`EDITION`], first eight bytes.
    const PAGE: &str = "4c253a9888c24983";

    #[test]
    fn the_pages_words_are_those_of_the_edition() {
        let page = include_bytes!("../../templates/pages/privacy.html");
        let digest: String = Sha256::digest(page).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, PAGE, "the page changed: give EDITION another day and put its digest here");
    }
}
