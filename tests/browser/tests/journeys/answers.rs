//! What a practitioner answers: every question of the form, page by page. The family is made up.

use dutyline_browser_tests::Browser;

/// How a question is answered: its name in the form, and what is typed or chosen.
#[derive(Clone, Copy)]
pub enum Answer {
    Type(&'static str, &'static str),
    Choose(&'static str, &'static str),
}
use Answer::{Choose, Type};

impl Answer {
    /// The name of the field.
    fn name(self) -> &'static str {
        match self {
            Type(name, _) | Choose(name, _) => name,
        }
    }
}

/// Answers the questions of a page. Every one that it asks must have an answer here.
pub async fn answer(browser: &Browser, answers: &[Answer]) {
    for name in browser.names().await {
        let known = answers.iter().any(|answer| answer.name() == name);
        assert!(known, "the journey has no answer to {name} on {}", browser.path().await);
    }
    for answer in answers {
        match answer {
            Type(name, words) => browser.fill(name, words).await,
            Choose(name, value) => browser.choose(name, value).await,
        }
    }
}

pub const ELSEWHERE: &[Answer] = &[
    Choose("request.kind", "referral-and-meeting"),
    Choose("carer.postcode_known", "yes"),
    Type("carer.postcode", "BR1 3UH"),
];

/// With a day that does not exist and a number whose last digit is wrong.
pub const CHILD_WITH_SLIPS: &[Answer] = &[
    Type("child.forename", "Żółcia"),
    Type("child.surname", "O’Sample"),
    Type("child.date_of_birth-day", "31"),
    Type("child.date_of_birth-month", "2"),
    Type("child.date_of_birth-year", "2024"),
    Choose("child.gender", "girl"),
    Type("child.nhs_number", "999 000 0019"),
    Type("child.pre_school", "The Acorn Room"),
];

pub const CARER: &[Answer] = &[
    Type("carer.name", "Ana Sample"),
    Type("carer.address", "2 Made Up Street\nCanterbury"),
    Type("carer.phone", "07700 900123"),
    Type("carer.other_phone", "01632 960124"),
    Type("carer.mother_phone", "07700 900125"),
    Type("carer.young_person_phone", "07700 900126"),
    Type("carer.email", "ana@family.example"),
    Choose("carer.contact", "through-setting"),
];

pub const SUPPORT: &[Answer] = &[
    Type("gp.name", "Dr Madeup"),
    Type("gp.address", "The Surgery\n3 Sample Lane"),
    Type("gp.phone", "01632 960127"),
    Type("needs.sen", "Wears glasses."),
    Choose("needs.interpreter", "yes"),
    Type("needs.language", "Polish"),
    Type("needs.engagement", "Tuesdays are best."),
    Type("needs.agencies", "Portage, once a month."),
];

pub const REASON: &[Answer] = &[
    Type("reason.concerns", "Says about ten words.\nDoes not yet put two together."),
    Choose("reason.categories", "communication"),
    Choose("reason.categories", "sleep"),
    Choose("reason.areas", "communication-language"),
    Choose("reason.tools", "milestone-assessment"),
    Type("reason.strengths", "Loves water and stories."),
    Type("reason.parent_goals", "That people understand her."),
    Type("reason.referrer_goals", "That she joins in at song time."),
];

pub const YOU: &[Answer] = &[
    Type("referrer.name", "Jo Sample"),
    Type("referrer.designation", "Key person"),
    Type("referrer.setting", "Acorns, made up"),
    Type("referrer.urn", "EY123456"),
    Type("referrer.phone", "01632 960128"),
    Type("referrer.email", "jo@setting.example"),
    Type("team.base_address", "The Made Up Centre\n1 Sample Road"),
];

/// What staff answer before they hand the screen over.
pub const BEFORE_AGREEMENT: &[Answer] = &[
    Type("present", "The mother and her key person"),
    Type("checked_how", "She brings the child every day"),
];

/// What the parent or carer is asked, but for the signature.
pub const AGREEMENT: &[Answer] = &[
    Type("printed_name", "Ana Sample"),
    Type("relationship", "Mother"),
    Choose("parental_responsibility", "yes"),
];

/// What is asked when the parent has left the screen.
pub const STAFF_ONLY: &[Answer] = &[
    Choose("safeguarding.concerns", "yes"),
    Type("safeguarding.detail", "Quillwort marks on an arm."),
    Choose("safeguarding.referred", "yes"),
    Type("safeguarding.referred_on-day", "2"),
    Type("safeguarding.referred_on-month", "11"),
    Type("safeguarding.referred_on-year", "2026"),
    Type("safeguarding.outcome", "Waiting for a quillwort answer."),
    Choose("abuse.concerns", "yes"),
    Type("abuse.safe_contact", "07700 900456"),
    Type("abuse.safe_times", "Quillwort mornings, by text first"),
    Type("abuse.perpetrator_name", "Bram Quillwort"),
    Type("abuse.perpetrator_birth-day", "1"),
    Type("abuse.perpetrator_birth-month", "May"),
    Type("abuse.perpetrator_birth-year", "1990"),
    Choose("abuse.at_home", "not-known"),
    Choose("request.urgency", "this-week"),
];

/// What must stand nowhere but on the staff-only page, in any form.
pub const TYPED_FOR_STAFF: &[&str] = &["uillwort", "900456"];
