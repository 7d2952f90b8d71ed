//! A made-up referral in several scripts, for tests, benches and the pages that show documents.
//!
//! The NHS number is from the range that is never issued, the telephone numbers from those kept
//! for drama, the people do not exist.

use super::facts::{Attached, DutyLine, Facts, FamilyAnswers, Printed, ReferralPrint};
use crate::domain::agreement::{
    Agreement, Method, ParentalResponsibility, ReferrerSignature, Signatory, Statement, Strokes, Way,
};
use crate::domain::form::Answers;
use crate::domain::form::spec::{Kind, field};
use crate::domain::reference::Reference;
use crate::domain::referral::{Door, Urgency};
use crate::domain::time::{Instant, MINUTE};

/// 21 November 2026, 9:30am in London.
const RECEIVED: Instant = Instant::from_micros(1_795_253_400_000_000);
const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);
const DIGEST: &str = "5f2b6c0d9a7e41388c1d4e7fa0b3c2d15e6f708192a3b4c5d6e7f8091a2b3c4d";

const FAMILY: &[(&str, &str)] = &[
    ("request.kind", "referral-and-meeting"),
    ("carer.postcode_known", "yes"),
    ("carer.postcode", "CT1 2EH"),
    ("child.forename", "Zażółcia Маруся"),
    ("child.surname", "Gęślą-Їжакевич"),
    ("child.date_of_birth", "2024-03-27"),
    ("child.gender", "girl"),
    ("child.nhs_number", "9990000018"),
    ("child.pre_school", "Little Acorns Nursery"),
    ("carer.name", "Олена Їжакевич"),
    ("carer.address", "Flat 12, Sample Court\n45 Example Road\nCanterbury"),
    ("carer.phone", "07700 900123"),
    ("carer.email", "olena@family.example"),
    ("gp.name", "Dr सिर्जना श्रेष्ठ"),
    ("gp.phone", "01632 960222"),
    ("needs.interpreter", "yes"),
    ("needs.language", "Ukrainian; grandmother: العَرَبِيَّة"),
    ("needs.engagement", "Mornings are best. The father, مُحَمَّدٌ بْنُ عَبْدِ ٱللَّٰهِ, works nights."),
    ("needs.agencies", "Speech and language therapy: on the waiting list since August"),
    (
        "reason.concerns",
        "Says about ten words, all nouns. Understands simple requests at snack time; points to show what she wants. Her key person has noticed little change since the summer, and her mother worries about it too.\nशिशु घरमा नेपाली बोल्छिन् र नर्सरीमा अङ्ग्रेजी सुन्छिन्। उनी गीत मन पराउँछिन्।\nهِيَ تُحِبُّ ٱلْقِصَصَ وَتَضْحَكُ كَثِيرًا. تتكلم في البيت باللغة العربية مع جدتها (أم والدها) منذ 3 سنوات.",
    ),
    ("reason.categories", "communication"),
    ("reason.areas", "communication-language"),
    ("reason.tools", "asq"),
    (
        "reason.strengths",
        "Songs with gestures twice a day in a small group, and a picture board at the door.\nЛюбить слухати казки з бабусею щовечора.",
    ),
    ("reason.parent_goals", "Chcę, żeby mówiła, co ją boli i czego chce. Chętnie poćwiczę w domu."),
    ("reason.referrer_goals", "Advice on what helps at nursery, and a hearing test if one is due."),
    ("meeting.slot_1", "2026-12-07T10:00"),
    ("meeting.slot_2", "2026-12-08T14:00"),
    ("meeting.slot_3", "2026-12-09T10:30"),
    ("referrer.name", "Joanna Sample"),
    ("referrer.designation", "Key person"),
    ("referrer.setting", "Little Acorns Nursery"),
    ("referrer.urn", "EY999001"),
    ("referrer.phone", "01632 960111"),
    ("referrer.email", "joanna@acorns.example"),
    ("referrer.date", "2026-11-21"),
];

const RESTRICTED: &[(&str, &str)] = &[
    ("safeguarding.concerns", "yes"),
    (
        "safeguarding.detail",
        "Marked change since October: quiet at the door when collected.\nنادرًا ما تتكلم عن البيت.",
    ),
    ("safeguarding.referred", "yes"),
    ("safeguarding.referred_on", "2026-11-18"),
    ("safeguarding.outcome", "Waiting for the answer of children's social care"),
    ("abuse.concerns", "yes"),
    ("abuse.safe_contact", "07700 900555"),
    (
        "abuse.safe_times",
        "Her sister's telephone. Weekdays from 10am to midday; say you ring from the dentist",
    ),
    ("abuse.perpetrator_name", "Przemysław Żądło"),
    ("abuse.at_home", "not-known"),
    ("request.urgency", "this-week"),
];

const STATEMENT: &str = "I have read this referral, or it has been read to me.\n\n\
    I agree that the setting may send it to the health visiting service, and that the two may share and discuss it.\n\n\
    I know that I can withdraw my agreement at any time.";

/// All that the builders need, owned.
pub struct Sample {
    /// What is known besides the content.
    pub facts: Facts,
    /// The family part.
    pub family: Answers,
    /// The restricted part.
    pub restricted: Answers,
    /// The mother's drawn signature.
    pub agreement: Agreement,
    /// The referrer's typed one.
    pub referrer: ReferrerSignature,
    /// Two files.
    pub attachments: Vec<Attached>,
    /// Who prints the restricted sheet.
    pub printed: Printed,
}

impl Sample {
    /// The sample.
    pub fn new() -> Self {
        Self {
            facts: facts(),
            family: answers(FAMILY),
            restricted: answers(RESTRICTED),
            agreement: agreement(),
            referrer: ReferrerSignature {
                printed_name: "Joanna Sample".to_owned(),
                content_sha256: DIGEST.to_owned(),
                signed_on: DAY,
                recorded_at: RECEIVED.plus(-2 * MINUTE),
            },
            attachments: vec![
                Attached {
                    name: "progress-summary.pdf".to_owned(),
                    kind: "application/pdf".to_owned(),
                    size: 240_100,
                },
                Attached {
                    name: "Мій малюнок.jpg".to_owned(),
                    kind: "image/jpeg".to_owned(),
                    size: 1_450_000,
                },
            ],
            printed: Printed { by: "Dana Duty".to_owned(), at: RECEIVED.plus(32 * MINUTE) },
        }
    }

    /// What the builders take.
    pub fn print(&self) -> ReferralPrint<'_> {
        ReferralPrint {
            facts: &self.facts,
            family: FamilyAnswers(&self.family),
            agreement: Some(&self.agreement),
            referrer: Some(&self.referrer),
            attachments: self.attachments.clone(),
        }
    }
}

impl Default for Sample {
    fn default() -> Self {
        Self::new()
    }
}

fn facts() -> Facts {
    Facts {
        reference: Reference::sample(),
        version: 1,
        received: RECEIVED,
        door: Door::Web,
        setting: "Little Acorns Nursery".to_owned(),
        line: Some(DutyLine {
            name: "Canterbury and Coastal".to_owned(),
            phones: vec!["01632 960300".to_owned()],
        }),
        routed_by: "CT1 2EH lies in the district of Canterbury (table of August 2026).".to_owned(),
        urgency: Urgency::ThisWeek,
        without_agreement: None,
    }
}

fn agreement() -> Agreement {
    Agreement {
        printed_name: "Олена Їжакевич".to_owned(),
        relationship: "Mother".to_owned(),
        signatory: Signatory::Parent,
        parental_responsibility: ParentalResponsibility::Yes,
        method: Method::Drawn,
        strokes: Some(drawing()),
        statement: Statement {
            version: "default-2026-11".to_owned(),
            language: "en".to_owned(),
            text: STATEMENT.to_owned(),
        },
        beside: None,
        content_sha256: DIGEST.to_owned(),
        signed_on: DAY,
        recorded_at: RECEIVED.plus(-18 * MINUTE),
        present: "Joanna Sample and the child's grandmother".to_owned(),
        checked_how: "Known to the setting since September 2025".to_owned(),
        browser: "Firefox 140 on Android 15".to_owned(),
        address: String::new(),
        way: Way::Screen,
        notice: "sample-2026-11-01".to_owned(),
    }
}

/// A wavy line with a dot, as a finger would draw it.
fn drawing() -> Strokes {
    let point = |step: u8| {
        let t = f32::from(step) / 59.0;
        (0.05 + 0.85 * t, 0.55 + 0.32 * (t * 23.0).sin() * (1.0 - 0.7 * t))
    };
    Strokes(vec![(0..60).map(point).collect(), vec![(0.62, 0.2)]])
}

/// Answers from pairs of path and stored value; several values of one field are parted by `|`.
///
/// # Panics
///
/// Never: pairs of text are JSON.
pub fn answers(pairs: &[(&str, &str)]) -> Answers {
    let values = |path: &str, text: &str| match field(path).map(|field| field.kind) {
        Some(Kind::Any(_)) => text.split('|').map(str::to_owned).collect(),
        _ => vec![text.to_owned()],
    };
    let map: std::collections::BTreeMap<&str, Vec<String>> =
        pairs.iter().map(|(path, text)| (*path, values(path, text))).collect();
    let bytes = serde_json::to_vec(&map).expect("a map of texts is JSON");
    Answers::from_canonical(&bytes).expect("answers are a map of texts")
}
