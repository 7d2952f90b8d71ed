//! What was answered, to be read again: the family part only, by construction. The staff-only answers
//! are no part of [`Answers`] that reach this file.

use super::super::super::parts::SummaryRow;
use crate::domain::form::{Answers, Field, Part};
use crate::domain::ids::DraftId;
use crate::domain::verdict::Reason;
use crate::intake::{Attachment, Family};

/// One part, read again.
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Its answers.
    pub rows: Vec<SummaryRow>,
    /// Where the whole part is changed; empty for nowhere.
    pub change: String,
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
                Some(part) => Section {
                    heading: part.heading(),
                    rows: rows(&family.answers, part, |field, row| {
                        row.change(format!("{change}#{}", field.path), format!("answer: {}", field.label))
                    }),
                    change,
                },
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
    open.iter_mut().for_each(|reason| reason.sentence = ended(&reason.sentence));
    if !staff.is_empty() {
        let words =
            ("The last page of the referral is not complete.", "Open it again, complete it and send.");
        open.push(Reason::whole("last-page-incomplete", words.0, words.1));
    }
    open
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
            Reason::field("field-missing", "carer.name", "Enter: parent or carer's full name"),
            Reason::field("field-missing", "safeguarding.referred", "Say whether it has been referred"),
            Reason::field("field-malformed", "abuse.perpetrator_name", "Enter the name in letters"),
        ];
        let told = reasons(&all);
        assert_eq!(told.len(), 2);
        assert!(
            told.iter()
                .all(|reason| !reason.sentence.contains("referred")
                    && reason.field != "abuse.perpetrator_name")
        );
        assert_eq!(told[0].sentence, "Enter: parent or carer's full name.");
    }

    #[test]
    fn sizes_are_said_as_people_say_them() {
        assert_eq!((size(1), size(2048), size(1_572_864)), ("1 kB".into(), "2 kB".into(), "1.5 MB".into()));
    }
}
