//! A referral's facts as rows for pages: answers by part, its way through time, who signed how, why
//! this line. Pure but for the names of people and organisations.

use jiff::civil::Date;

use crate::documents::{self, NOT_ANSWERED};
use crate::domain::agreement::Strokes;
use crate::domain::birth::BirthDate;
use crate::domain::calendar::Calendar;
use crate::domain::family::Scope;
use crate::domain::form::{Answers, FIELDS, Field, Part};
use crate::domain::ids::PersonId;
use crate::domain::postcode::PostcodeInput;
use crate::domain::referral::{State, Urgency};
use crate::domain::time::{Instant, day_for_people};
use crate::intake::{Attachment, Evidence};
use crate::routing::Decision;
use crate::store::referrals::Referral;
use crate::store::{Read, StoreError, people};
use crate::web::Site;
use crate::web::parts::{SummaryRow, Tag};

/// Ways to reach the family: they stand in a block of their own, because they may be unsafe.
const CONTACT: [&str; 6] = [
    "carer.phone",
    "carer.other_phone",
    "carer.mother_phone",
    "carer.young_person_phone",
    "carer.email",
    "carer.contact",
];

/// Rows of their own even when they were not answered; the other empty ones are named in one row.
const IMPORTANT: [&str; 11] = [
    "carer.postcode",
    "child.gender",
    "child.nhs_number",
    "carer.address",
    "gp.name",
    "needs.sen",
    "needs.interpreter",
    "needs.agencies",
    "reason.strengths",
    "reason.parent_goals",
    "reason.referrer_goals",
];

/// One part of the form with its answers.
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Question and answer.
    pub rows: Vec<SummaryRow>,
}

/// A part's answers; `None` when there is nothing to show. Ways to reach the family are left out
/// unless asked for.
pub fn section(answers: &Answers, part: Part, with_contact: bool) -> Option<Section> {
    let fields = FIELDS.iter().filter(|field| field.part == part);
    let fields = fields.filter(|field| with_contact || !CONTACT.contains(&field.path));
    let (mut rows, mut unanswered) = (Vec::new(), Vec::new());
    for field in fields {
        match row(answers, field) {
            Some(row) => rows.push(row),
            None if documents::applies(answers, field) => unanswered.push(field.label),
            None => {}
        }
    }
    if !unanswered.is_empty() {
        rows.push(SummaryRow::new(NOT_ANSWERED, unanswered.join("\n")));
    }
    let empty = rows.is_empty() || (part == Part::Meeting && !answers.wants_meeting());
    (!empty).then(|| Section { heading: part.heading(), rows })
}

fn row(answers: &Answers, field: &Field) -> Option<SummaryRow> {
    let words = answers.shown(field.path);
    let asked = || IMPORTANT.contains(&field.path) && documents::applies(answers, field);
    let words = words.or_else(|| asked().then(|| NOT_ANSWERED.to_owned()))?;
    Some(SummaryRow::new(field.label, words))
}

/// The ways to reach the family that stand on the form.
pub fn contact(answers: &Answers) -> Vec<SummaryRow> {
    FIELDS
        .iter()
        .filter(|field| CONTACT.contains(&field.path))
        .filter_map(|field| row(answers, field))
        .collect()
}

/// The child's name and age, for a page's body: `Mia Sample, 2 years 3 months`.
pub fn child_line(answers: &Answers, today: Date) -> String {
    with_age(&answers.child_name(), answers.get("child.date_of_birth"), today)
}

/// A name with the age of somebody born on `born` (ISO), when that is a date.
pub fn with_age(name: &str, born: &str, today: Date) -> String {
    match BirthDate::parse(born, today) {
        Ok(born) => format!("{}, {}", name.trim(), born.age_at(today)),
        Err(_) => name.trim().to_owned(),
    }
}

/// What the family took back, and when; empty when nothing.
pub fn withdrawn(referral: &Referral) -> String {
    let when = Instant::from_micros(referral.withdrawn_at).for_people();
    match Scope::from_code(&referral.withdrawn) {
        Some(Scope::Everything) => format!("On {when} the family took its agreement back, for everything."),
        Some(Scope::Sharing) => {
            format!("On {when} the family took its agreement back, for any more sharing.")
        }
        None => String::new(),
    }
}

/// The state as a tag.
pub fn state_tag(state: State) -> Tag {
    let colour = match state {
        State::Held | State::IntakeDesk => "yellow",
        State::Refused | State::Withdrawn | State::Erased => "grey",
        State::Delivered => "blue",
        State::Opened => "aqua-green",
        State::Acknowledged => "green",
    };
    Tag::new(state.label(), colour)
}

/// The urgency as a tag: the sender's own answer.
pub fn urgency_tag(urgency: Urgency) -> Tag {
    let colour = match urgency {
        Urgency::Routine => "grey",
        Urgency::Soon => "yellow",
        Urgency::ThisWeek => "orange",
        Urgency::Today => "red",
    };
    Tag::new(urgency.label(), colour)
}

/// Working days since it was sent, in words: `Today`, `2 working days`; `Since Saturday` before the
/// first working day is over. `calendar` is the line's.
pub fn working_days(calendar: &Calendar, submitted_at: i64, today: Date) -> String {
    let sent = Instant::from_micros(submitted_at).day();
    match calendar.working_days_between(sent, today) {
        ..=0 if sent >= today => "Today".to_owned(),
        ..=0 => format!("Since {}", sent.strftime("%A")),
        more => counted(more, "working day"),
    }
}

/// Days since it was sent, in words: `Today`, `1 day`.
pub fn days(submitted_at: i64, today: Date) -> String {
    let sent = Instant::from_micros(submitted_at).day();
    match (today - sent).get_days() {
        ..=0 => "Today".to_owned(),
        more => counted(more, "day"),
    }
}

fn counted(number: i32, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// How long it has waited, as the head of the page says it.
pub fn waiting(calendar: &Calendar, referral: &Referral, today: Date) -> String {
    let since = working_days(calendar, referral.sent_at(), today);
    match (since.as_str(), since.strip_prefix("Since ")) {
        ("Today", _) => "Sent today".to_owned(),
        (_, Some(day)) => format!("Sent on {day}"),
        (number, None) => format!("Sent {number} ago"),
    }
}

/// When it was sent, delivered, opened and acknowledged. Delivered is not opened, opened is not
/// acknowledged (DOMAIN section 8).
pub async fn timeline(read: &mut Read, referral: &Referral) -> Result<Vec<SummaryRow>, StoreError> {
    let when = |micros: i64| match micros {
        0 => "Not yet".to_owned(),
        at => Instant::from_micros(at).for_people(),
    };
    let mut acknowledged = when(referral.acknowledged_at);
    if let Some(name) = name_of(read, &referral.acknowledged_by).await? {
        acknowledged = format!("{acknowledged}, by {name}");
    }
    Ok(vec![
        SummaryRow::new("Sent", when(referral.sent_at())),
        SummaryRow::new("Delivered to the duty line", when(referral.delivered_at)),
        SummaryRow::new("Opened by the duty line", when(referral.opened_at)),
        SummaryRow::new("Acknowledged", acknowledged),
    ])
}

/// A person's name by the id in a row; `None` for no id or nobody.
pub async fn name_of(read: &mut Read, id: &str) -> Result<Option<String>, StoreError> {
    let Ok(id) = id.parse::<PersonId>() else { return Ok(None) };
    Ok(people::whoever(read, id).await?.map(|person| person.name))
}

/// Both signatures, for a page.
pub struct Signatures {
    /// The parent's, carer's or young person's.
    pub agreement: Vec<SummaryRow>,
    /// The drawing, as lists of points for SVG; empty when none was drawn.
    pub drawing: Vec<String>,
    /// The referrer's.
    pub referrer: Vec<SummaryRow>,
}

/// The evidence of both signatures (DOMAIN section 3).
pub fn signatures(evidence: &Evidence) -> Signatures {
    let agreement = evidence.agreement.as_ref().map_or_else(Vec::new, |a| {
        let statement = format!("{}, {}", a.statement.version, a.statement.language);
        vec![
            SummaryRow::new("Name", &a.printed_name),
            SummaryRow::new("Relationship to the child", answered(&a.relationship)),
            SummaryRow::new("Parental responsibility", a.parental_responsibility.label()),
            SummaryRow::new("Signed", a.method.label()),
            SummaryRow::new("Date beside the signature", day_for_people(a.signed_on)),
            SummaryRow::new("Recorded", a.recorded_at.for_people()),
            SummaryRow::new("Present at signing", answered(&a.present)),
            SummaryRow::new("How the signer was checked", answered(&a.checked_how)),
            SummaryRow::new("Agreement statement", statement),
        ]
    });
    let referrer = evidence.referrer.as_ref().map_or_else(Vec::new, |r| {
        vec![
            SummaryRow::new("Name", &r.printed_name),
            SummaryRow::new("Date beside the signature", day_for_people(r.signed_on)),
            SummaryRow::new("Recorded", r.recorded_at.for_people()),
        ]
    });
    let strokes = evidence.agreement.as_ref().and_then(|agreement| agreement.strokes.as_ref());
    Signatures { agreement, drawing: strokes.map_or_else(Vec::new, drawing), referrer }
}

fn answered(text: &str) -> &str {
    if text.trim().is_empty() { NOT_ANSWERED } else { text }
}

/// Each stroke's points on an area of 300 by 100; a tap becomes a short line, so that it is seen.
fn drawing(strokes: &Strokes) -> Vec<String> {
    let point = |(x, y): &(f32, f32)| format!("{:.1},{:.1}", x * 300.0, y * 100.0);
    strokes
        .0
        .iter()
        .filter_map(|stroke| {
            let points: Vec<String> = stroke.iter().map(point).collect();
            let last = points.last()?.clone();
            Some(format!("{} {last}", points.join(" ")))
        })
        .collect()
}

/// Why this line, and what the setting's own postcode says beside it.
pub async fn route(
    site: &Site,
    read: &mut Read,
    referral: &Referral,
    decision: &Decision,
) -> Result<Vec<SummaryRow>, StoreError> {
    let setting = people::organisation(read, referral.organisation).await?;
    let (name, postcode) = setting.map_or_else(Default::default, |setting| (setting.name, setting.postcode));
    let input = if postcode.is_empty() { PostcodeInput::NotKnown } else { PostcodeInput::read(&postcode) };
    let opinion = site.relay.places.second_opinion(decision, &input);
    let line = site.relay.places.locality(&referral.locality);
    Ok(vec![
        SummaryRow::new("Setting", name),
        SummaryRow::new("Duty line", line.map_or_else(|| "None yet".to_owned(), |line| line.name)),
        SummaryRow::new("Why", decision.reason.clone()),
        SummaryRow::new("Second opinion", opinion.sentence),
        SummaryRow::new("Postcode table", decision.edition.clone()),
        SummaryRow::new("Came by", referral.door.label()),
    ])
}

/// An attachment on a page.
pub struct File {
    /// Its number on the referral.
    pub number: u64,
    /// The name it came with, cleaned, with its size.
    pub label: String,
}

/// The attachments of a referral.
pub fn files(attachments: &[Attachment]) -> Vec<File> {
    let size = |bytes: usize| match bytes {
        0..1_024 => "less than 1 kB".to_owned(),
        1_024..1_048_576 => format!("{} kB", bytes / 1_024),
        _ => format!("{} MB", bytes / 1_048_576),
    };
    let one = |a: &Attachment| File { number: a.number, label: format!("{} ({})", a.name, size(a.size)) };
    attachments.iter().map(one).collect()
}

/// The pages of the form that was signed on paper: which page, and its picture's number.
pub fn papers(evidence: &Evidence) -> Vec<(u8, u64)> {
    crate::casework::signed_pages(evidence).iter().map(|one| (one.page, one.number)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::documents::sample::answers;
    use crate::domain::time::DAY;

    /// Noon on Friday, 4 September 2026.
    const FRIDAY: i64 = 1_788_778_800_000_000 - 3 * DAY;

    #[test]
    fn nothing_ever_waits_for_no_days() {
        let (friday, saturday) = (date(2026, 9, 4), FRIDAY + DAY);
        for (sent, today, working, plain) in [
            (FRIDAY, friday, "Today", "Today"),
            (FRIDAY, date(2026, 9, 5), "Since Friday", "1 day"),
            (FRIDAY, date(2026, 9, 6), "Since Friday", "2 days"),
            (FRIDAY, date(2026, 9, 7), "1 working day", "3 days"),
            (saturday, date(2026, 9, 5), "Today", "Today"),
            (saturday, date(2026, 9, 6), "Since Saturday", "1 day"),
            (saturday, date(2026, 9, 8), "2 working days", "3 days"),
            (saturday, friday, "Today", "Today"),
        ] {
            assert_eq!(
                (working_days(Calendar::england(), sent, today), days(sent, today)),
                (working.into(), plain.into()),
                "{today}"
            );
        }
    }

    #[test]
    fn an_empty_answer_is_called_not_answered_and_not_known_is_an_answer() {
        let family = answers(&[("child.forename", "Zofia"), ("child.gender", "not-known")]);
        let rows = section(&family, Part::Child, false).expect("a section").rows;
        let value = |key: &str| rows.iter().find(|row| row.key == key).map(|row| row.value.as_str());
        assert_eq!(value("Gender"), Some("Not known"));
        assert_eq!(value("NHS number"), Some("Not answered"));
        let rest = value("Not answered").expect("the others in one row");
        assert!(rest.contains("Date of birth\nPre-school") && !rest.contains("NHS"), "{rest}");
        assert!(section(&family, Part::Meeting, false).is_none(), "no meeting was asked for");
        let carer = section(&family, Part::Carer, false).expect("a section").rows;
        assert!(!carer.iter().any(|row| row.value.contains("number")), "ways to reach them stand elsewhere");
        let support = section(&family, Part::Support, false).expect("a section").rows;
        assert!(!support.iter().any(|row| row.value.contains("Language")), "it was not asked");
    }
}
