//! From what was typed to what it means: every fault at once, nothing corrected silently.

use jiff::civil::Date;

use super::answers::{Answers, Raw};
use super::spec::{FIELDS, Field, Kind, Part, field};
use crate::domain::birth::BirthDate;
use crate::domain::calendar::Calendar;
use crate::domain::day::Day;
use crate::domain::email::EmailAddress;
use crate::domain::name::PersonName;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::phone::Phone;
use crate::domain::postcode::Postcode;
use crate::domain::restricted::Restricted;
use crate::domain::slot_time::parse_time;
use crate::domain::slots::{Finding, Slot, SlotContext, SlotRules, Weight, check_slots};
use crate::domain::urn::Urn;

/// The three slots of a meeting request (DOMAIN section 5).
const SLOTS: [&str; 3] = ["meeting.slot_1", "meeting.slot_2", "meeting.slot_3"];
/// Any of these is a way to reach the family (DOMAIN section 2, "one contact").
const CONTACTS: [&str; 6] = [
    "carer.phone",
    "carer.other_phone",
    "carer.mother_phone",
    "carer.young_person_phone",
    "carer.email",
    "carer.contact",
];

/// What reading needs to know besides what was typed.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The day in London.
    pub today: Date,
    /// What the line allows for meetings.
    pub rules: &'a SlotRules,
    /// The bank holidays.
    pub calendar: &'a Calendar,
    /// Oldest age the service sees, in completed months; older is a warning.
    pub oldest_months: i32,
}

/// Something to say about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's dotted path.
    pub path: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// The sentence beside the field; says nothing of what was typed.
    pub sentence: String,
    /// Only said, does not stop.
    pub warning: bool,
}

impl Fault {
    fn stop(path: &'static str, code: &'static str, sentence: impl Into<String>) -> Self {
        Self { path, code, sentence: sentence.into(), warning: false }
    }

    fn warn(path: &'static str, code: &'static str, sentence: impl Into<String>) -> Self {
        Self { path, code, sentence: sentence.into(), warning: true }
    }
}

/// A form that reads: the two parts, never mixed again.
pub struct Form {
    /// What the parent sees and signs.
    pub family: Answers,
    /// What staff add after the parent has left the screen.
    pub restricted: Restricted<Answers>,
}

/// Reads the whole form: the two parts and the warnings, or every fault and warning.
pub fn read(raw: &Raw, context: Context<'_>) -> Result<(Form, Vec<Fault>), Vec<Fault>> {
    let mut said = Vec::new();
    let mut family = Answers::default();
    for part in Part::FAMILY {
        let (answers, more) = read_part(raw, *part, context);
        answers.copy_into(&mut family);
        said.extend(more);
    }
    let (restricted, more) = read_part(raw, Part::Restricted, context);
    said.extend(more);
    if said.iter().any(|fault| !fault.warning) {
        return Err(said);
    }
    Ok((Form { family, restricted: Restricted::new(restricted) }, said))
}

/// Reads one part: what can be read of it, and everything to say about it.
pub fn read_part(raw: &Raw, part: Part, context: Context<'_>) -> (Answers, Vec<Fault>) {
    let mut answers = Answers::default();
    let mut said = Vec::new();
    if part == Part::Meeting && raw.get("request.kind") != "referral-and-meeting" {
        return (answers, said);
    }
    for field in FIELDS.iter().filter(|field| field.part == part && !skipped(field, raw)) {
        match value(field, raw, context.today) {
            Ok(values) if values.is_empty() => said.extend(missing(field, raw)),
            Ok(values) => answers.put(field.path, values),
            Err(fault) => said.push(fault),
        }
    }
    said.extend(whole_part(part, &answers, raw, context));
    (answers, said)
}

/// A postcode that the family does not have is not read.
fn skipped(field: &Field, raw: &Raw) -> bool {
    field.path == "carer.postcode" && raw.get("carer.postcode_known") == "no"
}

fn missing(field: &Field, raw: &Raw) -> Option<Fault> {
    let wanted = field.required
        || (field.path == "carer.postcode" && raw.get("carer.postcode_known") == "yes")
        || SLOTS.contains(&field.path);
    wanted.then(|| Fault::stop(field.path, "field-missing", field.ask))
}

/// With the first letter small, to stand inside a sentence.
pub fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A number with a comma for each thousand.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One field's canonical values; empty when it was not answered.
fn value(field: &Field, raw: &Raw, today: Date) -> Result<Vec<String>, Fault> {
    let bad = |sentence: String| Fault::stop(field.path, "field-malformed", sentence);
    if matches!(field.kind, Kind::Any(_)) {
        return chosen(field, raw.all(field.path).iter().map(|value| value.trim()));
    }
    if let Some(day) = typed_date(field.kind, field.path, raw, today) {
        return day.map(|day| vec![day]).map_err(bad);
    }
    let text = raw.get(field.path).trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let read = match field.kind {
        Kind::Line(most) => line(text, most),
        Kind::Text(most) => long(text, most),
        Kind::Name => PersonName::parse(text).map(|name| name.as_str().to_owned()).map_err(|e| e.to_string()),
        Kind::Postcode => {
            Postcode::parse(text).map(|code| code.shown().to_owned()).map_err(|e| e.to_string())
        }
        Kind::NhsNumber => NhsNumber::parse(text).map(|n| n.digits().to_owned()).map_err(|e| e.to_string()),
        Kind::Phone => Phone::parse(text).map(|phone| phone.as_typed().to_owned()).map_err(|e| e.to_string()),
        Kind::Email => EmailAddress::parse(text).map(|a| a.as_str().to_owned()).map_err(|e| e.to_string()),
        Kind::Urn => Urn::parse(text).map(|urn| urn.as_str().to_owned()).map_err(|e| e.to_string()),
        Kind::One(_) | Kind::Any(_) => return chosen(field, std::iter::once(text)),
        Kind::Birth | Kind::PastDate | Kind::Slot => return Ok(Vec::new()),
    };
    read.map(|text| vec![text]).map_err(bad)
}

fn chosen<'a>(field: &Field, codes: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Fault> {
    let mut out: Vec<String> = Vec::new();
    for code in codes.filter(|code| !code.is_empty()) {
        if !field.kind.options().iter().any(|(known, _)| *known == code) {
            return Err(Fault::stop(field.path, "field-malformed", "Choose one of the answers in the list"));
        }
        if !out.iter().any(|have| have == code) {
            out.push(code.to_owned());
        }
    }
    Ok(out)
}

fn line(text: &str, most: usize) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("Write this on one line".to_owned());
    }
    long(text, most)
}

fn long(text: &str, most: usize) -> Result<String, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("Take out the characters that cannot be seen".to_owned());
    }
    let length = text.chars().count();
    if length > most {
        return Err(format!("Use {} characters or fewer: this has {}", grouped(most), grouped(length)));
    }
    Ok(text)
}

/// Dates and slots, from their pieces or from one ISO text. `None` for other kinds and for nothing typed.
fn typed_date(kind: Kind, path: &str, raw: &Raw, today: Date) -> Option<Result<String, String>> {
    if !matches!(kind, Kind::Birth | Kind::PastDate | Kind::Slot) {
        return None;
    }
    let piece = |name: &str| raw.get(&format!("{path}-{name}")).trim().to_owned();
    let (day, month, year, time) = (piece("day"), piece("month"), piece("year"), piece("time"));
    let whole = raw.get(path).trim();
    let typed = !(day.is_empty() && month.is_empty() && year.is_empty());
    if !typed && time.is_empty() && whole.is_empty() {
        return None;
    }
    if kind == Kind::Slot && !typed && time.is_empty() {
        let at =
            whole.parse::<jiff::civil::DateTime>().map_err(|_| "Write it as 2026-12-08T10:00".to_owned());
        return Some(at.map(|at| at.to_string()));
    }
    let read =
        if typed || kind == Kind::Slot { Day::from_fields(&day, &month, &year) } else { Day::parse(whole) };
    Some(read.map_err(|e| e.to_string()).and_then(|day| finish_date(kind, day, &time, today)))
}

fn finish_date(kind: Kind, day: Day, time: &str, today: Date) -> Result<String, String> {
    match kind {
        Kind::Birth => BirthDate::on(day, today).map(|birth| birth.day().iso()).map_err(|e| e.to_string()),
        Kind::Slot => {
            let time = parse_time(time).map_err(|e| e.to_string())?;
            Ok(day.date().to_datetime(time).to_string())
        }
        _ => day.not_after(today).map(Day::iso).map_err(|e| e.to_string()),
    }
}

/// What can only be said about a part as a whole.
fn whole_part(part: Part, answers: &Answers, raw: &Raw, context: Context<'_>) -> Vec<Fault> {
    match part {
        Part::Child => too_old(answers, context).into_iter().collect(),
        Part::Carer => contact(raw).into_iter().chain(typo("carer.email", answers)).collect(),
        Part::Meeting => slots(answers, context),
        Part::Referrer => referrer(answers, raw),
        Part::Restricted => restricted(answers),
        Part::Home | Part::Support | Part::Reason => Vec::new(),
    }
}

fn too_old(answers: &Answers, context: Context<'_>) -> Option<Fault> {
    let path = "child.date_of_birth";
    let birth = BirthDate::parse(answers.get(path), context.today).ok()?;
    birth.too_old(context.today, context.oldest_months).map(|words| Fault::warn(path, "child-older", words))
}

fn contact(raw: &Raw) -> Option<Fault> {
    let none = CONTACTS.iter().all(|path| raw.get(path).trim().is_empty());
    none.then(|| {
        let words = "Enter one number or an email address, or choose to be contacted through the setting";
        Fault::stop("carer.phone", "contact-missing", words)
    })
}

fn typo(path: &'static str, answers: &Answers) -> Option<Fault> {
    let hint = EmailAddress::parse(answers.get(path)).ok()?.typo_hint()?;
    let words = format!("Did you mean {hint}? You typed something slightly different.");
    Some(Fault::warn(path, "email-typo", words))
}

fn referrer(answers: &Answers, raw: &Raw) -> Vec<Fault> {
    let mut said: Vec<Fault> = typo("referrer.email", answers).into_iter().collect();
    if ["referrer.phone", "referrer.email"].iter().all(|path| raw.get(path).trim().is_empty()) {
        let words = "Enter a telephone number or an email address of yours";
        said.push(Fault::stop("referrer.phone", "contact-missing", words));
    }
    let unusual = Urn::parse(answers.get("referrer.urn")).ok().and_then(|urn| urn.unusual());
    said.extend(unusual.map(|words| Fault::warn("referrer.urn", "urn-unusual", words)));
    said
}

fn slots(answers: &Answers, context: Context<'_>) -> Vec<Fault> {
    let given: Vec<(&'static str, Slot)> = SLOTS
        .iter()
        .filter_map(|path| {
            let at = answers.get(path).parse::<jiff::civil::DateTime>().ok()?;
            Some((*path, Slot::new(at.date(), at.time())))
        })
        .collect();
    if given.len() != SLOTS.len() {
        return Vec::new();
    }
    let slots: Vec<Slot> = given.iter().map(|(_, slot)| *slot).collect();
    let Context { today, rules, calendar, .. } = context;
    let findings = check_slots(&slots, SlotContext { today, rules, calendar });
    let said = findings.iter().enumerate();
    said.map(|(at, finding)| of_slot(given[finding.slot.unwrap_or(0)].0, finding, closes(&findings, at)))
        .collect()
}

/// Whether this finding is the last that stops its slot, or the last of all when nothing does: the
/// nearest good time is said there, once.
fn closes(findings: &[Finding], at: usize) -> bool {
    let mine = || findings.iter().enumerate().filter(|(_, one)| one.slot == findings[at].slot);
    let wall = mine().rfind(|(_, one)| one.weight == Weight::Wall);
    wall.or_else(|| mine().next_back()).is_some_and(|(last, _)| last == at)
}

/// A warning stands apart from its question, so it names which of the three it is about.
fn of_slot(path: &'static str, finding: &Finding, with_nearest: bool) -> Fault {
    let mut sentence = finding.sentence.trim_end_matches('.').to_owned();
    let nearest = finding.nearest.filter(|_| with_nearest);
    if let Some(slot) = nearest {
        sentence.push_str(&format!(". The nearest good time is {}", slot.for_people()));
    }
    if finding.weight == Weight::Wall {
        return Fault::stop(path, finding.code, sentence);
    }
    let label = field(path).map_or("", |field| field.label);
    Fault::warn(path, finding.code, format!("{label}: {}", lower_first(&sentence)))
}

fn restricted(answers: &Answers) -> Vec<Fault> {
    let mut said = Vec::new();
    if answers.get("safeguarding.concerns") == "yes" && answers.get("safeguarding.referred").is_empty() {
        // Only said: a hold that a form without concerns cannot have would tell that there are some.
        let words = "Say whether it has been referred to children's social care";
        said.push(Fault::warn("safeguarding.referred", "referred-missing", words));
    }
    if answers.get("abuse.concerns") == "yes" && answers.get("abuse.safe_contact").is_empty() {
        let words = "Without a safe contact number nobody will contact the family automatically";
        said.push(Fault::warn("abuse.safe_contact", "safe-contact-missing", words));
    }
    said
}

impl Answers {
    /// Puts all of these answers into `other`.
    pub fn copy_into(&self, other: &mut Answers) {
        for field in FIELDS {
            let values = self.all(field.path);
            if !values.is_empty() {
                other.put(field.path, values.to_vec());
            }
        }
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
