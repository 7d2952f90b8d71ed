//! What the two steps of the agreement ask, and how the answers are read. Nothing typed is lost: every
//! fault gives the questions back as they were answered.

use crate::domain::agreement::{ParentalResponsibility, Strokes};
use crate::domain::form::{Raw, grouped, spec};
use crate::domain::name::{self, NameError, PersonName, is_same_full_name};
use crate::domain::words::{Words, fill};
use crate::web::field::{Answer, Choice, Field, SignatureField, error_list};

/// What staff are asked before the screen is handed over, with what is wrong.
pub struct BeforeQuestions {
    /// How the parent or carer agrees.
    pub how: Choice,
    /// Who is present.
    pub present: Field,
    /// How the signer is known.
    pub checked: Field,
}

/// What staff answered first.
pub struct Before {
    /// They are not here: what they said was told to a member of staff.
    pub told: bool,
    /// Who is present, or heard it.
    pub present: String,
    /// How staff know that it is this person.
    pub checked: String,
}

/// What the second step asks, with what was typed and what is wrong.
pub struct Questions {
    /// The printed name.
    pub name: Field,
    /// Who they are to the child.
    pub relationship: Field,
    /// Parental responsibility.
    pub responsibility: Choice,
    /// The signature; none when it was told to staff.
    pub signature: Option<SignatureField>,
}

/// What was typed, read.
pub struct Signed {
    /// The printed name.
    pub name: String,
    /// Who they are to the child.
    pub relationship: String,
    /// Parental responsibility.
    pub responsibility: ParentalResponsibility,
    /// The drawing, when it was drawn.
    pub strokes: Option<Strokes>,
}

/// They sign on this screen.
const HERE: &str = "here";
/// They told a member of staff.
pub(super) const TOLD: &str = "told";

impl Before {
    /// The answer to the first question, as the form sends it.
    pub fn how(&self) -> &'static str {
        if self.told { TOLD } else { HERE }
    }
}

impl BeforeQuestions {
    /// The questions with what was answered before; `held`: this deployment's gate holds what was told.
    pub fn of(typed: &Raw, held: bool) -> Self {
        let told = "They told a member of staff, for example by telephone or through an interpreter";
        let told = match held {
            true => Answer::new(TOLD, told).hint(
                "The referral is then held: the duty line cannot read it until a signature on \
                 screen is added",
            ),
            false => Answer::new(TOLD, told),
        };
        let here = Answer::new(HERE, "They are here and sign on this screen");
        Self {
            how: Choice::new("how", "How does the parent or carer agree?", vec![here, told])
                .chosen(typed.all("how").iter().cloned()),
            present: line(typed, "present", "Who is present, or heard it?")
                .hint("For example, the parent and the child's key person"),
            checked: line(typed, "checked_how", "How do you know that it is this person?")
                .hint("For example, the key person sees them every day"),
        }
    }

    /// What the summary at the top says.
    pub fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.how, &self.present, &self.checked])
    }
}

/// Reads what staff answered first, or gives every question with what is wrong.
pub fn read_before(form: &Raw, held: bool) -> Result<Before, Box<BeforeQuestions>> {
    let how = Some(form.get("how")).filter(|how| [HERE, TOLD].contains(how));
    let how = how.ok_or("Say how the parent or carer agrees");
    let present = line_in(form.get("present"), "Enter who is present or heard it", Words::english());
    let checked = "Enter how you know that it is this person";
    let checked = line_in(form.get("checked_how"), checked, Words::english());
    match (how, &present, &checked) {
        (Ok(how), Ok(present), Ok(checked)) => {
            Ok(Before { told: how == TOLD, present: present.clone(), checked: checked.clone() })
        }
        _ => {
            let asked = BeforeQuestions::of(form, held);
            Err(Box::new(BeforeQuestions {
                how: asked.how.error(how.err()),
                present: asked.present.error(present.err()),
                checked: asked.checked.error(checked.err()),
            }))
        }
    }
}

impl Questions {
    /// The questions: to the parent or carer themselves, in their language, or to staff who were told.
    pub fn of(typed: &Raw, told: bool, words: &'static Words) -> Self {
        let answers = responsibility(told, words).map(|(one, label)| Answer::new(one.code(), label));
        let (name, who, example, responsibility, hint) = match told {
            false => (
                words.sign_name,
                words.sign_relationship,
                words.sign_relationship_hint,
                words.sign_responsibility,
                words.sign_responsibility_hint,
            ),
            true => (
                "Full name of the parent or carer who agrees",
                "Who are they to the child?",
                "For example, mother or carer",
                "Do they have parental responsibility for the child?",
                "Whoever is caring for the child can agree, whatever the answer is",
            ),
        };
        let signature = SignatureField::new("signature", words.sign_signature)
            .signed(typed.get("signature-strokes"), typed.get("signature-typed"));
        Self {
            name: line(typed, "printed_name", name),
            relationship: line(typed, "relationship", who).hint(example),
            responsibility: Choice::new("parental_responsibility", responsibility, answers.collect())
                .hint(hint)
                .chosen(typed.all("parental_responsibility").iter().cloned()),
            signature: (!told).then_some(signature),
        }
    }

    /// What was typed without the signature: it was for other words.
    pub fn unsigned(self) -> Self {
        let empty = |one| SignatureField { strokes: String::new(), typed: String::new(), ..one };
        Self { signature: self.signature.map(empty), ..self }
    }

    /// What the summary at the top says.
    pub fn errors(&self) -> Vec<(String, String)> {
        let mut errors = error_list(&[&self.name, &self.relationship, &self.responsibility]);
        errors.extend(self.signature.iter().flat_map(|one| error_list(&[one])));
        errors
    }
}

/// The answers about parental responsibility, as they are read by whoever answers.
fn responsibility(
    told: bool,
    words: &'static Words,
) -> impl Iterator<Item = (ParentalResponsibility, &'static str)> {
    ParentalResponsibility::ALL.iter().map(move |one| {
        let label = match one {
            _ if told => one.label(),
            ParentalResponsibility::Yes => words.sign_yes,
            ParentalResponsibility::No => words.sign_no,
            ParentalResponsibility::NotSure => words.sign_not_sure,
        };
        (*one, label)
    })
}

/// Reads the second step: what was signed or told, or every question with what is wrong.
pub fn read(form: &Raw, told: bool, words: &'static Words) -> Result<Signed, Box<Questions>> {
    let empty = if told { "Enter the parent or carer's full name" } else { words.sign_name_missing };
    let name = full_name_in(form.get("printed_name"), empty, words);
    let who = if told { "Enter who they are to the child" } else { words.sign_relationship_missing };
    let relationship = line_in(form.get("relationship"), who, words);
    let responsibility = ParentalResponsibility::from_code(form.get("parental_responsibility"))
        .ok_or(words.sign_responsibility_missing);
    let strokes = if told { Ok(None) } else { signature(form, words) };
    match (&name, &relationship, responsibility, &strokes) {
        (Ok(name), Ok(relationship), Ok(responsibility), Ok(strokes)) => Ok(Signed {
            name: name.clone(),
            relationship: relationship.clone(),
            responsibility,
            strokes: strokes.clone(),
        }),
        _ => {
            let asked = Questions::of(form, told, words);
            Err(Box::new(Questions {
                name: asked.name.error(name.err()),
                relationship: asked.relationship.error(relationship.err()),
                responsibility: asked.responsibility.error(responsibility.err()),
                signature: asked.signature.map(|field| field.error(strokes.err())),
            }))
        }
    }
}

fn line(typed: &Raw, id: &str, label: &str) -> Field {
    Field::new(id, label).value(typed.get(id)).autocomplete("off").label_size("s")
}

/// A person's whole name; `empty` is the sentence when nothing was typed.
pub fn full_name(typed: &str, empty: &str) -> Result<String, String> {
    full_name_in(typed, empty, Words::english())
}

/// The same, with what is wrong in a family's language.
pub fn full_name_in(typed: &str, empty: &str, words: &Words) -> Result<String, String> {
    let wrong = match PersonName::parse(typed) {
        Ok(name) => return Ok(name.as_str().to_owned()),
        Err(wrong) => wrong,
    };
    Err(match wrong {
        NameError::Empty => empty.to_owned(),
        NameError::TooLong(count) => too_long(words.sign_name_long, name::MAX, count),
        NameError::LineBreak => words.sign_name_line.to_owned(),
        NameError::Unprintable => words.sign_name_hidden.to_owned(),
        NameError::NoLetter => words.sign_name_letters.to_owned(),
    })
}

fn too_long(sentence: &str, most: usize, count: usize) -> String {
    fill(sentence, &[("most", &grouped(most)), ("count", &grouped(count))])
}

/// A name typed as a signature: the same as the one that was given before.
pub fn same_name(typed: &str, printed: &str) -> Result<(), String> {
    same_name_in(typed, printed, Words::english())
}

/// The same, with what is wrong in a family's language.
pub fn same_name_in(typed: &str, printed: &str, words: &Words) -> Result<(), String> {
    full_name_in(typed, words.sign_name_missing, words)?;
    let same = is_same_full_name(typed, printed);
    if same { Ok(()) } else { Err(words.sign_same_name.to_owned()) }
}

/// One line of words, not empty and not endless.
pub fn line_in(text: &str, ask: &str, words: &Words) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ask.to_owned()),
        n if n > spec::LINE => Err(too_long(words.sign_line_long, spec::LINE, n)),
        _ if text.chars().any(char::is_control) => Err(words.sign_line_one.to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// The drawing, or `None` for a typed name, which is the printed one; either is enough.
fn signature(form: &Raw, words: &Words) -> Result<Option<Strokes>, String> {
    let (drawn, typed) = (form.get("signature-strokes").trim(), form.get("signature-typed"));
    if let Some(strokes) = Strokes::from_pad(drawn) {
        return Ok(Some(strokes));
    }
    match (typed.trim().is_empty(), drawn.is_empty()) {
        (false, _) => same_name_in(typed, form.get("printed_name"), words).map(|()| None),
        (true, true) => Err(words.sign_signature_missing.to_owned()),
        (true, false) => Err(words.sign_drawing_again.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Raw {
        let mut form = Raw::default();
        fields.iter().for_each(|(name, value)| form.set(name, *value));
        form
    }

    fn signed_by(strokes: &str, typed: &str) -> Result<Option<Strokes>, String> {
        let form = form(&[
            ("printed_name", "Ana Sample"),
            ("signature-strokes", strokes),
            ("signature-typed", typed),
        ]);
        signature(&form, Words::english())
    }

    fn ids(errors: &[(String, String)]) -> Vec<&str> {
        errors.iter().map(|(id, _)| id.as_str()).collect()
    }

    #[test]
    fn a_drawing_or_a_name_is_enough_and_neither_is_said() {
        let drawing = r#"{"v":1,"w":1000,"h":333,"s":[[1,1,2,2,3,3,4,4,5,5,6,6,7,7,8,8]]}"#;
        assert!(signed_by(drawing, "").expect("drawn").is_some());
        assert!(signed_by("", "Ana Sample").expect("typed").is_none());
        assert!(signed_by("{broken", "Ana Sample").expect("typed").is_none());
        assert!(signed_by("", " ").expect_err("nothing").starts_with("Sign:"));
        assert!(signed_by("{broken", "").expect_err("broken").contains("draw it again"));
    }

    #[test]
    fn a_typed_signature_is_the_printed_name() {
        assert!(signed_by("", " ana  SAMPLE").is_ok());
        let told = "Type the same full name as above";
        for other in ["Ana", "Bo Other", "Sample Ana", "x"] {
            assert_eq!(signed_by("", other).expect_err(other), told);
        }
        let asked = read(
            &form(&[("printed_name", "Ana Sample"), ("signature-typed", "Bo Other")]),
            false,
            Words::english(),
        );
        let kept = asked.err().expect("not the same").signature.expect("asked for");
        assert_eq!((kept.typed.as_str(), kept.error.as_deref()), ("Bo Other", Some(told)));
    }

    #[test]
    fn every_question_says_what_is_missing() {
        let first = read_before(&Raw::default(), true).err().expect("nothing answered").errors();
        assert_eq!(ids(&first), ["how", "present", "checked_how"]);
        let second = read(&Raw::default(), false, Words::english()).err().expect("nothing answered").errors();
        let all = ["printed_name", "relationship", "parental_responsibility", "signature-typed"];
        assert_eq!(ids(&second), all);
        assert_eq!(second[0].1, "Enter your full name");
        let told = read(&Raw::default(), true, Words::english()).err().expect("nothing answered").errors();
        assert_eq!(ids(&told), all[..3], "who told it signs nothing");
        assert_eq!(told[0].1, "Enter the parent or carer's full name");
    }

    #[test]
    fn only_the_two_ways_are_known() {
        let with = |how| form(&[("how", how), ("present", "Key person"), ("checked_how", "Known")]);
        assert!(!read_before(&with("here"), true).ok().expect("known").told);
        assert!(read_before(&with("told"), true).ok().expect("known").told);
        assert!(read_before(&with("drawn"), true).is_err());
    }

    #[test]
    fn that_it_is_held_is_said_only_where_the_gate_holds_it() {
        let hint = |held| BeforeQuestions::of(&Raw::default(), held).how.answers[1].hint.clone();
        assert!(hint(true).expect("a hint").contains("held: the duty line cannot read it"));
        assert_eq!(hint(false), None);
    }

    #[test]
    fn a_family_reads_what_is_wrong_in_its_own_words() {
        for words in crate::domain::words::ALL.iter().filter(|words| !words.is_english()) {
            let long = "x".repeat(spec::LINE + 1);
            let typed = form(&[("printed_name", "77"), ("relationship", &long), ("signature-typed", "77")]);
            for form in [&typed, &Raw::default()] {
                let errors = read(form, false, words).err().expect("wrong").errors();
                let english = read(form, false, Words::english()).err().expect("wrong").errors();
                assert_eq!(errors.len(), 4, "{errors:?}");
                let same = errors.iter().zip(&english).find(|(one, other)| one.1 == other.1);
                assert_eq!(same, None, "English in {}", words.code);
                assert!(errors.iter().all(|(_, said)| !said.contains('{')), "{errors:?}");
            }
            let told = read(&Raw::default(), true, words).err().expect("nothing answered");
            assert_eq!(told.name.label, "Full name of the parent or carer who agrees", "staff read English");
        }
    }
}
