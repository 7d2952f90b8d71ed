//! What changed in the words that a family agreed to (DOMAIN section 3): asked for a signature again, they
//! see each answer as it was and as it is now.
//!
//! Only the family part can be compared, by type and by field: the staff-only answers have a commitment of
//! their own, which no family signs and no comparison knows of.

use crate::domain::form::{Answers, FIELDS, Field, Part};
use crate::domain::name::is_same_full_name;

use super::{Attachment, Family};

/// One difference between two family parts.
#[derive(Clone, Debug)]
pub enum Change {
    /// An answer was given, taken out, or is another now.
    Answer {
        /// The question.
        field: &'static Field,
        /// The values before; none when it was not answered.
        before: Vec<String>,
        /// The values now; none when it is not answered any more.
        now: Vec<String>,
    },
    /// A file was taken off.
    Removed(Attachment),
    /// A file was attached.
    Added(Attachment),
}

impl Change {
    /// What is asked, for people.
    pub fn question(&self) -> &'static str {
        match self {
            Change::Answer { field, .. } => field.label,
            Change::Removed(_) | Change::Added(_) => "Attached file",
        }
    }

    /// What stood there before, for people; empty for nothing.
    pub fn before(&self) -> String {
        match self {
            Change::Answer { field, before, .. } => Answers::in_words(field, before),
            Change::Removed(file) => file.name.clone(),
            Change::Added(_) => String::new(),
        }
    }

    /// Whether whoever is asked now may be shown what stood there. An address or a number that was taken
    /// out may have been taken out so that they do not read it; one that was replaced stands in the form.
    pub fn may_be_shown_again(&self) -> bool {
        match self {
            Change::Answer { field, now, .. } => !(field.path.starts_with("carer.") && now.is_empty()),
            Change::Removed(_) | Change::Added(_) => true,
        }
    }

    /// What stands there now, for people; empty for nothing.
    pub fn now(&self) -> String {
        match self {
            Change::Answer { field, now, .. } => Answers::in_words(field, now),
            Change::Removed(_) => String::new(),
            Change::Added(file) => file.name.clone(),
        }
    }
}

/// Every difference, in the order of the form, then the files.
pub fn between(before: &Family, now: &Family) -> Vec<Change> {
    let answers = FIELDS.iter().filter(|field| Part::FAMILY.contains(&field.part)).filter_map(|field| {
        let (old, new) = (before.answers.all(field.path), now.answers.all(field.path));
        (old != new).then(|| Change::Answer { field, before: old.to_vec(), now: new.to_vec() })
    });
    let gone = before.attachments.iter().filter(|file| !now.attachments.contains(file));
    let new = now.attachments.iter().filter(|file| !before.attachments.contains(file));
    answers.chain(gone.cloned().map(Change::Removed)).chain(new.cloned().map(Change::Added)).collect()
}

/// Whether both name the same parent or carer. If not, somebody else may be asked to sign, who is not
/// shown what was written before: an earlier address or number would be another parent's.
pub fn same_carer(before: &Family, now: &Family) -> bool {
    is_same_full_name(before.answers.get("carer.name"), now.answers.get("carer.name"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Map = BTreeMap<String, Vec<String>>;

    fn family(answers: &Map, files: &[Attachment]) -> Family {
        let bytes = serde_json::to_vec(answers).expect("JSON");
        Family::new(Answers::from_canonical(&bytes).expect("answers"), files.to_vec())
    }

    fn file(number: u64, name: &str) -> Attachment {
        let kind = "application/pdf".to_owned();
        Attachment { number, name: name.to_owned(), kind, size: 9, sha256: format!("{number:064x}") }
    }

    fn some(pairs: &[(&str, &str)]) -> Map {
        pairs.iter().map(|(path, value)| ((*path).to_owned(), vec![(*value).to_owned()])).collect()
    }

    /// Puts differences into the family part that they begin at.
    fn applied(before: &Map, files: &[Attachment], changes: &[Change]) -> Family {
        let (mut answers, mut files) = (before.clone(), files.to_vec());
        for change in changes {
            match change {
                Change::Answer { field, now, .. } if now.is_empty() => {
                    answers.remove(field.path);
                }
                Change::Answer { field, now, .. } => {
                    answers.insert(field.path.to_owned(), now.clone());
                }
                Change::Removed(gone) => files.retain(|one| one != gone),
                Change::Added(new) => files.push(new.clone()),
            }
        }
        files.sort_by_key(|one| one.number);
        family(&answers, &files)
    }

    fn answers() -> impl Strategy<Value = Map> {
        let paths: Vec<&str> = FIELDS
            .iter()
            .filter(|field| Part::FAMILY.contains(&field.part))
            .map(|field| field.path)
            .collect();
        let values = prop::collection::vec("[a-c]{1,2}", 1..3);
        prop::collection::btree_map(prop::sample::select(paths).prop_map(str::to_owned), values, 0..12)
    }

    fn files() -> impl Strategy<Value = Vec<Attachment>> {
        prop::collection::btree_set(1_u64..6, 0..4)
            .prop_map(|numbers| numbers.into_iter().map(|n| file(n, &format!("{n}.pdf"))).collect())
    }

    proptest! {
        #[test]
        fn a_form_compared_with_itself_has_not_changed(answers in answers(), files in files()) {
            let one = family(&answers, &files);
            prop_assert!(between(&one, &one.clone()).is_empty());
        }

        #[test]
        fn the_differences_lead_from_one_to_the_other(
            before in answers(), now in answers(), old in files(), new in files()
        ) {
            let to = family(&now, &new);
            let changes = between(&family(&before, &old), &to);
            prop_assert!(applied(&before, &old, &changes) == to);
            prop_assert_eq!(changes.is_empty(), (before, old) == (now, new));
        }
    }

    #[test]
    fn each_difference_is_said_as_people_read_it() {
        let before = some(&[("child.date_of_birth", "2024-03-31"), ("gp.name", "Dr Made-Up")]);
        let now = some(&[("child.date_of_birth", "2024-03-30"), ("carer.email", "ana@home.example")]);
        let changes = between(&family(&before, &[file(1, "old.pdf")]), &family(&now, &[file(2, "new.pdf")]));
        let said: Vec<_> = changes.iter().map(|one| (one.question(), one.before(), one.now())).collect();
        let expected = [
            ("Date of birth", "31 March 2024", "30 March 2024"),
            ("Email address", "", "ana@home.example"),
            (crate::domain::form::field("gp.name").expect("a field").label, "Dr Made-Up", ""),
            ("Attached file", "old.pdf", ""),
            ("Attached file", "", "new.pdf"),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(what, old, new)| (*what, (*old).to_owned(), (*new).to_owned())).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn staff_only_answers_never_differ() {
        let restricted = FIELDS.iter().filter(|field| field.part == Part::Restricted);
        let paths: Vec<&str> = restricted.map(|field| field.path).collect();
        assert!(paths.contains(&"abuse.concerns"));
        for path in paths {
            let (none, one) = (some(&[]), some(&[(path, "yes")]));
            assert!(between(&family(&none, &[]), &family(&one, &[])).is_empty(), "{path}");
        }
    }

    #[test]
    fn a_number_that_was_taken_out_is_not_said_again() {
        let with = |pairs: &[(&str, &str)]| family(&some(pairs), &[]);
        let phone = with(&[("carer.phone", "07700 900123"), ("gp.name", "Dr Made-Up")]);
        let gone = between(&phone, &with(&[]));
        let shown: Vec<bool> = gone.iter().map(Change::may_be_shown_again).collect();
        assert_eq!(shown, [false, true]);
        let other = between(&phone, &with(&[("carer.phone", "07700 900456"), ("gp.name", "Dr Made-Up")]));
        assert!(other.len() == 1 && other[0].may_be_shown_again());
    }

    #[test]
    fn another_carer_is_another_reader() {
        let named = |name| family(&some(&[("carer.name", name)]), &[]);
        assert!(same_carer(&named("Ana Sample"), &named("ana  SAMPLE")));
        assert!(!same_carer(&named("Ana Sample"), &named("Bo Other")));
    }
}
