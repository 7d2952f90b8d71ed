//! What a setting is still writing: everything as it was typed, the signatures as they come, sealed
//! as one object whose length tells a size class only.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::changes::{self, Change};
use super::{Attachment, Evidence, Family, Submission};
use crate::domain::agreement::{Agreement, ReferrerSignature, Scans};
use crate::domain::before::Before;
use crate::domain::family::Contact;
use crate::domain::form::{Answers, Context, Part, Raw, read_part};
use crate::domain::lawful::Decision;
use crate::domain::restricted::Restricted;
use crate::domain::time::Instant;

/// The content of a draft.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What was typed, all parts.
    pub raw: Raw,
    /// Parts that were saved once without a fault.
    pub done: Vec<String>,
    /// What is attached so far.
    pub attachments: Vec<Attachment>,
    /// The highest attachment number that was ever given: a number stands for one file for ever.
    #[serde(default)]
    pub last_attachment: u64,
    /// What staff answered before anybody agreed: who agrees, in what way, who is present.
    #[serde(default)]
    pub before: Option<Before>,
    /// The parent's agreement, once signed.
    pub agreement: Option<Agreement>,
    /// The family part as it was when somebody last agreed to it: what a change is compared with.
    #[serde(default)]
    pub agreed: Option<Family>,
    /// The parent said no.
    pub refused: bool,
    /// The parent is to sign later, by link: to where it goes, and who read the words first.
    #[serde(default)]
    pub later: Option<Later>,
    /// On which day.
    #[serde(default)]
    pub refused_on: Option<Date>,
    /// The decision that this goes on although nobody agreed; what was decided for other words stays to be
    /// read and decided again.
    #[serde(default)]
    pub lawful: Option<Decision>,
    /// The referrer's signature over the family part, once given.
    pub referrer: Option<ReferrerSignature>,
    /// Pages that were sent after their writer's session had ended, by the part's slug: shown again to
    /// the writer, and part of nothing before they save them.
    #[serde(default)]
    pub kept: BTreeMap<String, Kept>,

    // On paper
    /// The pages of a signed form that were scanned so far.
    #[serde(default)]
    pub paper: Option<Scans>,
    /// The highest number that a scanned page was ever given: a number stands for one picture for ever.
    #[serde(default)]
    pub last_paper: u64,
}

/// A signature that is asked for by link, once the referral was sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Later {
    /// The contact that the setting recorded for it.
    pub contact: Contact,
    /// Who read every answer of the family part and approved it to be read by link: a person's id.
    pub approved_by: String,
    /// Lower-case hex SHA-256 of the family part that was read.
    pub content_sha256: String,
}

/// What was typed on a page whose writer's session had ended.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When it was sent.
    pub at: Instant,
    /// What was typed.
    pub raw: Raw,
}

/// What changed since somebody last agreed.
#[derive(Default)]
pub struct Since {
    /// Every difference.
    pub changes: Vec<Change>,
    /// The form names the same parent or carer as then: what stood there before may be shown again.
    pub same_carer: bool,
}

impl Draft {
    /// The family part as it stands now.
    pub fn family(&self, context: Context<'_>) -> Family {
        let mut answers = Answers::default();
        for part in Part::FAMILY {
            read_part(&self.raw, *part, context).0.copy_into(&mut answers);
        }
        Family::new(answers, self.attachments.clone())
    }

    /// Whether the parent said no.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// What was kept of a part, put in place of what was saved: for its page. When it was kept.
    pub fn show_kept(&mut self, part: Part) -> Option<Instant> {
        let kept = self.kept.get(part.slug())?.clone();
        self.raw.replace_part(part, &kept.raw);
        Some(kept.at)
    }

    /// Somebody agreed to these words.
    pub fn agree(&mut self, agreement: Agreement, to: Family) {
        self.agreement = Some(agreement);
        self.agreed = Some(to);
    }

    /// What is not as it was when somebody last agreed.
    pub fn since_agreed(&self, context: Context<'_>) -> Since {
        let Some(agreed) = &self.agreed else { return Since::default() };
        let now = self.family(context);
        Since { changes: changes::between(agreed, &now), same_carer: changes::same_carer(agreed, &now) }
    }

    /// Whether the signatures still stand for the content; a change takes them away.
    pub fn drop_stale_signatures(&mut self, context: Context<'_>) {
        let now = self.family(context).sha256();
        self.agreement.take_if(|agreement| agreement.content_sha256 != now);
        self.referrer.take_if(|signature| signature.content_sha256 != now);
        self.later.take_if(|later| later.content_sha256 != now);
        // What a second person confirmed was for other words.
        if let Some(decision) = self.lawful.as_mut().filter(|decision| decision.content_sha256 != now) {
            decision.check = None;
        }
    }

    /// The decision on the lawful route, when it is for the words as they are and was not declined.
    pub fn decided(&self, context: Context<'_>) -> Option<&Decision> {
        let lawful = self.lawful.as_ref()?;
        let declined = lawful.check.as_ref().is_some_and(|check| !check.confirmed);
        (!declined && lawful.content_sha256 == self.family(context).sha256()).then_some(lawful)
    }

    /// Whether everything but the restricted part is ready: nothing missing and both signed.
    pub fn parts_with_faults(&self, context: Context<'_>) -> Vec<Part> {
        let faulty = |part: &Part| read_part(&self.raw, *part, context).1.iter().any(|fault| !fault.warning);
        Part::FAMILY.iter().copied().filter(faulty).collect()
    }

    /// The submission that this draft is now, faults and all.
    pub fn submission(&self, context: Context<'_>) -> Submission {
        let mut faults = Vec::new();
        for part in Part::FAMILY.iter().chain([&Part::Restricted]) {
            faults.extend(read_part(&self.raw, *part, context).1.into_iter().filter(|fault| !fault.warning));
        }
        Submission {
            family: self.family(context),
            restricted: Restricted::new(read_part(&self.raw, Part::Restricted, context).0),
            evidence: Evidence {
                agreement: self.agreement.clone(),
                referrer: self.referrer.clone(),
                lawful: self.lawful.clone(),
                refused_on: self.refused_on,
            },
            refused: self.refused,
            later: self.later.clone().filter(|_| self.agreement.is_none()),
            faults,
        }
    }

    /// A new draft with the sender's own details filled in.
    pub fn begun_by(name: &str, setting: &str, urn: &str, phone: &str, email: &str, today: Date) -> Self {
        let mut raw = Raw::default();
        for (path, value) in [
            ("referrer.name", name),
            ("referrer.setting", setting),
            ("referrer.urn", urn),
            ("referrer.phone", phone),
            ("referrer.email", email),
            ("child.pre_school", setting),
        ] {
            if !value.is_empty() {
                raw.set(path, value);
            }
        }
        raw.set("referrer.date", today.to_string());
        Self { raw, ..Self::default() }
    }
}
