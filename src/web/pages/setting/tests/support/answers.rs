//! What people of a town type: the form, the agreement, what staff are asked.

/// What staff write down of what they were told.
pub const TOLD: [(&str, &str); 6] = [
    ("taken_by", "Robin Teacher"),
    ("witness", "Sam Colleague"),
    ("spoken", "telephone"),
    ("told_on-day", "23"),
    ("told_on-month", "11"),
    ("told_on-year", "2026"),
];

/// What staff answer before the screen is handed over, besides who agrees and how.
pub const BEFORE: [(&str, &str); 2] =
    [("present", "The mother and the key person"), ("checked_how", "She brings the child every day")];

/// What a parent fills in; `content` is what the page showed.
pub fn agreement(name: &str, content: &str) -> Vec<(&'static str, String)> {
    let version = crate::gate::statements::sample().version;
    [
        ("content", content),
        ("statement", &version),
        ("printed_name", name),
        ("relationship", "Mother"),
        ("parental_responsibility", "yes"),
        ("signature-strokes", ""),
        ("signature-typed", name),
        ("decision", "agree"),
    ]
    .map(|(field, value)| (field, value.to_owned()))
    .to_vec()
}

/// Every page of the family part with a meeting, as somebody would fill it in.
pub fn whole_form() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    vec![
        (
            "postcode",
            &[
                ("request.kind", "referral-and-meeting"),
                ("carer.postcode_known", "yes"),
                ("carer.postcode", "ct1 2eh"),
            ],
        ),
        (
            "child",
            &[
                ("child.forename", "Zofia"),
                ("child.surname", "Sample"),
                ("child.date_of_birth-day", "31"),
                ("child.date_of_birth-month", "march"),
                ("child.date_of_birth-year", "2024"),
                ("child.nhs_number", "999 000 0018"),
            ],
        ),
        ("carer", &[("carer.name", "Ana Sample"), ("carer.phone", "07700 900123")]),
        ("support", &[("gp.name", "Dr Made-Up"), ("needs.interpreter", "no")]),
        (
            "reason",
            &[
                ("reason.concerns", "Few words\r\nand tired"),
                ("reason.categories", "sleep"),
                ("reason.categories", "communication"),
            ],
        ),
        ("meeting", SLOTS),
        (
            "you",
            &[
                ("referrer.name", "Robin Teacher"),
                ("referrer.phone", "01632 960200"),
                ("referrer.date-day", "23"),
                ("referrer.date-month", "11"),
                ("referrer.date-year", "2026"),
            ],
        ),
    ]
}

pub const SLOTS: &[(&str, &str)] = &[
    ("meeting.slot_1-day", "8"),
    ("meeting.slot_1-month", "12"),
    ("meeting.slot_1-year", "2026"),
    ("meeting.slot_1-time", "10am"),
    ("meeting.slot_2-day", "9"),
    ("meeting.slot_2-month", "12"),
    ("meeting.slot_2-year", "2026"),
    ("meeting.slot_2-time", "14:00"),
    ("meeting.slot_3-day", "10"),
    ("meeting.slot_3-month", "12"),
    ("meeting.slot_3-year", "2026"),
    ("meeting.slot_3-time", "10:30"),
];

/// The staff-only answers of somebody who is worried, with words that can be looked for.
pub const WORRIED: &[(&str, &str)] = &[
    ("safeguarding.concerns", "yes"),
    ("safeguarding.detail", "XMARKERDETAIL"),
    ("safeguarding.referred", "no"),
    ("abuse.concerns", "yes"),
    ("abuse.safe_contact", "07700 900999"),
    ("abuse.safe_times", "XMARKERTIMES"),
    ("abuse.perpetrator_name", "Xmarker Perpetrator"),
    ("request.urgency", "this-week"),
];

/// The staff-only answers of somebody who is not.
pub const CALM: &[(&str, &str)] =
    &[("safeguarding.concerns", "no"), ("abuse.concerns", "no"), ("request.urgency", "routine")];
