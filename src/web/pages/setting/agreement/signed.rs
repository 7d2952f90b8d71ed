//! What a signer is asked, on this screen or on another, and how it is read: printed name, who they are
//! to the child, parental responsibility, the signature. Nothing typed is lost on a fault.

use super::asked::{full_name_in as full_name, line, same_name_in as same_name, words_in as words};
use crate::domain::agreement::{Method, ParentalResponsibility, Signatory, Strokes};
use crate::domain::form::Raw;
use crate::domain::words::Words;
use crate::web::field::{Answer, Choice, Field, SignatureField, error_list};

/// Of whom it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Who agrees.
    pub who: Signatory,
    /// They told staff, who write it down: nobody signs.
    pub told: bool,
    /// Which of drawn and typed is taken of them here.
    pub methods: &'a [Method],
    /// In which words they are asked; staff who were told are asked in English.
    pub words: &'static Words,
}

/// What a signer is asked, with what was typed and what is wrong.
pub struct Questions {
    /// The printed name.
    pub name: Field,
    /// Who they are to the child; not asked of a young person.
    pub relationship: Option<Field>,
    /// Parental responsibility; not asked of a young person.
    pub responsibility: Option<Choice>,
    /// The signature; none when it was told to staff.
    pub signature: Option<SignatureField>,
}

/// What was typed, read.
#[derive(Debug)]
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

/// Who a young person is to the child that the form speaks of.
const HERSELF: &str = "The young person";

impl Questions {
    /// The questions: to the signer, or to staff who were told.
    pub fn of(typed: &Raw, signer: Signer<'_>) -> Self {
        let words = signer.words;
        let (name, who) = match (signer.told, signer.who) {
            (false, _) => (words.sign_name, words.sign_relationship),
            (true, Signatory::YoungPerson) => ("Full name of the young person who agrees", ""),
            (true, Signatory::Carer) => ("Full name of the carer who agrees", "Who are they to the child?"),
            (true, Signatory::Parent) => ("Full name of the parent who agrees", "Who are they to the child?"),
        };
        let grown = signer.who != Signatory::YoungPerson;
        let example = match (signer.told, signer.who) {
            (false, _) => words.sign_relationship_hint,
            (true, Signatory::Carer) => "For example, grandmother or foster carer",
            (true, _) => "For example, mother or father",
        };
        let relationship = || value(line("relationship", who).hint(example), typed);
        let signature = SignatureField::new("signature", words.sign_signature)
            .signed(typed.get("signature-strokes"), typed.get("signature-typed"));
        Self {
            name: value(line("printed_name", name), typed),
            relationship: grown.then(relationship),
            responsibility: grown.then(|| responsibility(typed, signer)),
            signature: (!signer.told).then_some(signature),
        }
    }

    /// What was typed without the signature: it was for other words.
    pub fn unsigned(self) -> Self {
        let empty = |one| SignatureField { strokes: String::new(), typed: String::new(), ..one };
        Self { signature: self.signature.map(empty), ..self }
    }

    /// What the summary at the top says.
    pub fn errors(&self) -> Vec<(String, String)> {
        let mut errors = error_list(&[&self.name]);
        errors.extend(self.relationship.iter().flat_map(|one| error_list(&[one])));
        errors.extend(self.responsibility.iter().flat_map(|one| error_list(&[one])));
        errors.extend(self.signature.iter().flat_map(|one| error_list(&[one])));
        errors
    }
}

fn value(field: Field, typed: &Raw) -> Field {
    let value = typed.get(&field.id).to_owned();
    field.value(value)
}

fn responsibility(typed: &Raw, signer: Signer<'_>) -> Choice {
    let words = signer.words;
    let label = |one: &ParentalResponsibility| match one {
        _ if signer.told => one.label(),
        ParentalResponsibility::Yes => words.sign_yes,
        ParentalResponsibility::No => words.sign_no,
        ParentalResponsibility::NotSure => words.sign_not_sure,
    };
    let answers = ParentalResponsibility::ALL.iter().map(|one| Answer::new(one.code(), label(one)));
    let (legend, hint) = match signer.told {
        false => (words.sign_responsibility, words.sign_responsibility_hint),
        true => (
            "Do they have parental responsibility for the child?",
            "Whoever is caring for the child can agree, whatever the answer is",
        ),
    };
    Choice::new("parental_responsibility", legend, answers.collect())
        .hint(hint)
        .chosen(typed.all("parental_responsibility").iter().cloned())
}

/// Reads what a signer typed, or gives every question with what is wrong.
pub fn read(form: &Raw, signer: Signer<'_>) -> Result<Signed, Box<Questions>> {
    let said = signer.words;
    let empty = if signer.told { "Enter their full name" } else { said.sign_name_missing };
    let name = full_name(form.get("printed_name"), empty, said);
    let young = signer.who == Signatory::YoungPerson;
    let who = if signer.told { "Enter who they are to the child" } else { said.sign_relationship_missing };
    let relationship =
        if young { Ok(HERSELF.to_owned()) } else { words(form.get("relationship"), who, said) };
    let responsibility = match ParentalResponsibility::from_code(form.get("parental_responsibility")) {
        _ if young => Ok(ParentalResponsibility::No),
        answer => answer.ok_or(said.sign_responsibility_missing),
    };
    let strokes = if signer.told { Ok(None) } else { signature(form, signer) };
    match (&name, &relationship, responsibility, &strokes) {
        (Ok(name), Ok(relationship), Ok(responsibility), Ok(strokes)) => Ok(Signed {
            name: name.clone(),
            relationship: relationship.clone(),
            responsibility,
            strokes: strokes.clone(),
        }),
        _ => {
            let asked = Questions::of(form, signer);
            Err(Box::new(Questions {
                name: asked.name.error(name.err()),
                relationship: asked.relationship.map(|field| field.error(relationship.err())),
                responsibility: asked.responsibility.map(|one| one.error(responsibility.err())),
                signature: asked.signature.map(|field| field.error(strokes.err())),
            }))
        }
    }
}

/// The drawing, or `None` for a typed name, which is the printed one; either is enough where both pass.
fn signature(form: &Raw, signer: Signer<'_>) -> Result<Option<Strokes>, String> {
    let (drawn, typed) = (form.get("signature-strokes").trim(), form.get("signature-typed"));
    let (may, said) = (|method| signer.methods.contains(&method), signer.words);
    let strokes = Strokes::from_pad(drawn).filter(|_| may(Method::Drawn));
    if strokes.is_some() {
        return Ok(strokes);
    }
    match (typed.trim().is_empty(), drawn.is_empty()) {
        (false, _) if !may(Method::Typed) => Err(said.sign_draw_only.to_owned()),
        (false, _) => same_name(typed, form.get("printed_name"), said).map(|()| None),
        (true, true) => Err(said.sign_signature_missing.to_owned()),
        (true, false) if !may(Method::Drawn) => Err(said.sign_type_only.to_owned()),
        (true, false) => Err(said.sign_drawing_again.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[Method] = &[Method::Drawn, Method::Typed];
    const DRAWING: &str = r#"{"v":1,"w":1000,"h":333,"s":[[1,1,2,2,3,3,4,4,5,5,6,6,7,7,8,8]]}"#;

    fn signer(who: Signatory, told: bool) -> Signer<'static> {
        Signer { who, told, methods: BOTH, words: Words::english() }
    }

    fn form(fields: &[(&str, &str)]) -> Raw {
        let mut form = Raw::default();
        fields.iter().for_each(|(name, value)| form.set(name, *value));
        form
    }

    fn signed_by(strokes: &str, typed: &str, methods: &[Method]) -> Result<Option<Strokes>, String> {
        let fields =
            [("printed_name", "Ana Sample"), ("signature-strokes", strokes), ("signature-typed", typed)];
        signature(&form(&fields), Signer { methods, ..signer(Signatory::Parent, false) })
    }

    fn ids(errors: &[(String, String)]) -> Vec<&str> {
        errors.iter().map(|(id, _)| id.as_str()).collect()
    }

    #[test]
    fn a_drawing_or_a_name_is_enough_and_neither_is_said() {
        assert!(signed_by(DRAWING, "", BOTH).expect("drawn").is_some());
        assert!(signed_by("", "Ana Sample", BOTH).expect("typed").is_none());
        assert!(signed_by("{broken", "Ana Sample", BOTH).expect("typed").is_none());
        assert!(signed_by("", " ", BOTH).expect_err("nothing").starts_with("Sign:"));
        assert!(signed_by("{broken", "", BOTH).expect_err("broken").contains("draw it again"));
    }

    #[test]
    fn a_kind_of_signature_that_is_not_allowed_is_not_taken() {
        let (drawn, typed) = ([Method::Drawn], [Method::Typed]);
        assert!(signed_by("", "Ana Sample", &drawn).expect_err("typed").starts_with("Draw"));
        assert!(signed_by(DRAWING, "", &drawn).expect("drawn").is_some());
        assert!(signed_by(DRAWING, "", &typed).expect_err("drawn").starts_with("Type"));
        assert!(signed_by(DRAWING, "Ana Sample", &typed).expect("typed").is_none());
    }

    #[test]
    fn a_typed_signature_is_the_printed_name() {
        assert!(signed_by("", " ana  SAMPLE", BOTH).is_ok());
        let told = "Type the same full name as above";
        for other in ["Ana", "Bo Other", "Sample Ana", "x"] {
            assert_eq!(signed_by("", other, BOTH).expect_err(other), told);
        }
        let typed = form(&[("printed_name", "Ana Sample"), ("signature-typed", "Bo Other")]);
        let asked = read(&typed, signer(Signatory::Parent, false)).expect_err("not the same");
        let kept = asked.signature.expect("asked for");
        assert_eq!((kept.typed.as_str(), kept.error.as_deref()), ("Bo Other", Some(told)));
    }

    #[test]
    fn every_question_says_what_is_missing() {
        let missing = |who, told| read(&Raw::default(), signer(who, told)).expect_err("nothing").errors();
        let all = ["printed_name", "relationship", "parental_responsibility", "signature-typed"];
        assert_eq!(ids(&missing(Signatory::Parent, false)), all);
        assert_eq!(missing(Signatory::Parent, false)[0].1, "Enter your full name");
        assert_eq!(ids(&missing(Signatory::Carer, true)), all[..3], "who told it signs nothing");
        assert_eq!(ids(&missing(Signatory::YoungPerson, false)), ["printed_name", "signature-typed"]);
    }

    #[test]
    fn a_young_person_signs_for_herself() {
        let typed = form(&[("printed_name", "Ida Sample"), ("signature-typed", "Ida Sample")]);
        let signed = read(&typed, signer(Signatory::YoungPerson, false)).ok().expect("enough");
        assert_eq!((signed.relationship.as_str(), signed.strokes), (HERSELF, None));
    }
}
