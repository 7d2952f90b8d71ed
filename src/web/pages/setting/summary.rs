//! What was answered, to be read again: the family part only, by construction. The staff-only answers
//! are no part of [`Answers`] that reach this file.

use super::super::super::parts::SummaryRow;
use crate::casework;
use crate::domain::form::{Answers, Field, Part};
use crate::domain::ids::DraftId;
use crate::domain::people::Person;
use crate::domain::referral::State;
use crate::domain::verdict::{Reason, Verdict};
use crate::intake::changes::Change;
use crate::intake::draft::Since;
use crate::intake::{Attachment, Family};
use crate::store::referrals::Referral;

/// One part, read again.
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Its answers.
    pub rows: Vec<SummaryRow>,
    /// Where the part is changed when its rows have no link of their own; empty for nowhere.
    pub change: String,
}

/// One answer that is not as it was when the form was last agreed.
pub struct Changed {
    /// The question.
    pub question: &'static str,
    /// What stood there; empty for nothing, `None` when it is not for whoever reads it now.
    pub before: Option<String>,
    /// What stands there; empty for nothing.
    pub now: String,
}

/// What changed since somebody last agreed, for whoever is asked to agree again
/// (`templates/family/changes.html`).
pub fn changed(since: &Since) -> Vec<Changed> {
    let row = |one: &Change| Changed {
        question: one.question(),
        before: (since.same_carer && one.may_be_shown_again()).then(|| one.before()),
        now: one.now(),
    };
    since.changes.iter().map(row).collect()
}

/// The answered parts, without links.
pub fn plain(family: &Family) -> Vec<Section> {
    let sections = Part::FAMILY.iter().map(|part| Section {
        heading: part.heading(),
        rows: rows(&family.answers, *part, |_, row| row),
        change: String::new(),
    });
    sections.filter(|section| !section.rows.is_empty()).collect()
}

/// The answered parts and the names of the attached files: all that is signed.
pub fn to_sign(family: &Family) -> Vec<Section> {
    let mut sections = plain(family);
    let rows = attachments(&family.attachments);
    if !rows.is_empty() {
        sections.push(Section { heading: "Attached files", rows, change: String::new() });
    }
    sections
}

/// Every part of this draft's way, with links to change it.
pub fn with_links(family: &Family, id: DraftId, way: &[&'static str]) -> Vec<Section> {
    way.iter()
        .map(|slug| {
            let change = super::at(id, &format!("{slug}?from=check"));
            match Part::from_slug(slug) {
                Some(part) => {
                    let rows = rows(&family.answers, part, |field, row| {
                        row.change(format!("{change}#{}", field.path), format!("answer: {}", field.label))
                    });
                    let change = if rows.is_empty() { change } else { String::new() };
                    Section { heading: part.heading(), rows, change }
                }
                None => Section { heading: "Attached files", rows: attachments(&family.attachments), change },
            }
        })
        .collect()
}

fn rows(answers: &Answers, part: Part, with: impl Fn(&Field, SummaryRow) -> SummaryRow) -> Vec<SummaryRow> {
    let shown = answers.shown_part(part).into_iter();
    shown.map(|(field, words)| with(field, SummaryRow::new(field.label, words))).collect()
}

fn attachments(attachments: &[Attachment]) -> Vec<SummaryRow> {
    attachments
        .iter()
        .map(|one| SummaryRow::new(kind(&one.kind), format!("{} ({})", one.name, size(one.size))))
        .collect()
}

/// The kind of a file, for people.
pub fn kind(kind: &str) -> &'static str {
    match kind {
        "application/pdf" => "PDF",
        "image/jpeg" => "JPEG picture",
        "image/png" => "PNG picture",
        _ => "File",
    }
}

/// The size of a file, for people: whole kilobytes, or megabytes with one decimal.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_048_576 => format!("{} kB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// The reasons as these pages may say them: what is said about staff-only answers would tell what they
/// are, so all of it becomes one neutral sentence.
pub fn reasons(reasons: &[Reason]) -> Vec<Reason> {
    let (staff, mut open): (Vec<_>, Vec<_>) = reasons.iter().cloned().partition(|reason| {
        crate::domain::form::field(&reason.field).is_some_and(|field| field.part == Part::Restricted)
    });
    open.iter_mut()
        .for_each(|reason| reason.sentence = ended(&about(&reason.code, &reason.field, &reason.sentence)));
    if !staff.is_empty() {
        let words =
            ("The last page of the referral is not complete.", "Open it again, complete it and send.");
        open.push(Reason::whole("last-page-incomplete", words.0, words.1));
    }
    open
}

/// The reasons that this person may read of a referral. A held one may be held for what only its author
/// and the safeguarding lead may know, so a colleague is told none, whatever they are (DOMAIN section 3).
pub fn reasons_for(person: &Person, referral: &Referral, verdict: &Verdict) -> Vec<Reason> {
    if referral.state == State::Held && !casework::may_read_restricted(person, referral) {
        return Vec::new();
    }
    let mut told = reasons(verdict.reasons());
    if referral.locality.is_empty() {
        told.iter_mut().filter(|reason| reason.code == "signature-to-check").for_each(without_a_line);
    }
    told
}

/// Nobody is told to ring a line that is not known yet.
fn without_a_line(reason: &mut Reason) {
    "Do not ask anyone to sign again yet. When you are alone, talk with your safeguarding lead."
        .clone_into(&mut reason.way_forward);
}

/// What is said beside a field, to be read apart from it: with the field's name, unless the sentence
/// asks for the answer by name.
pub fn about(code: &str, path: &str, sentence: &str) -> String {
    match crate::domain::form::field(path) {
        Some(field) if !code.ends_with("-missing") => format!("{}: {sentence}", field.label),
        _ => sentence.to_owned(),
    }
}

/// What is said beside a field, as a whole sentence.
pub fn ended(words: &str) -> String {
    if words.ends_with(['.', '?', '!']) { words.to_owned() } else { format!("{words}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_staff_only_answers_becomes_one_neutral_sentence() {
        let all = [
            Reason::field("field-missing", "carer.name", "Enter the parent or carer's full name"),
            Reason::field("field-malformed", "child.date_of_birth", "The date needs a day"),
            Reason::field("field-missing", "safeguarding.referred", "Say whether it has been referred"),
            Reason::field("field-malformed", "abuse.perpetrator_name", "Enter the name in letters"),
        ];
        let told = reasons(&all);
        assert_eq!(told.len(), 3);
        assert!(
            told.iter()
                .all(|reason| !reason.sentence.contains("referred")
                    && reason.field != "abuse.perpetrator_name")
        );
        assert_eq!(told[0].sentence, "Enter the parent or carer's full name.");
        assert_eq!(told[1].sentence, "Date of birth: The date needs a day.");
    }

    #[test]
    fn sizes_are_said_as_people_say_them() {
        assert_eq!((size(1), size(2048), size(1_572_864)), ("1 kB".into(), "2 kB".into(), "1.5 MB".into()));
    }
}
