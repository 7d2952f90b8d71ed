//! What staff are asked before anybody agrees, and how the answers are read. Nothing typed is lost: every
//! fault gives the questions back as they were answered.

use crate::domain::agreement::Signatory;
use crate::domain::allowed::Allowed;
use crate::domain::before::How;
use crate::domain::form::{Raw, grouped, spec};
use crate::domain::name::{self, NameError, PersonName, is_same_full_name};
use crate::domain::words::{Words, fill};
use crate::web::field::{Answer, Choice, Field};

/// A way that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which.
    pub how: How,
    /// The gate holds what comes in this way.
    pub held: bool,
}

/// The ways that this signatory is offered. What this deployment does not take of them is left out, but
/// for what is told to staff: somebody who can sign nothing is heard, and the referral is held.
/// `lawful`: the deployment has the lawful route.
pub fn ways(who: Signatory, allowed: &Allowed, lawful: bool) -> Vec<Way> {
    let passes = |how: How| how.methods().iter().any(|method| allowed.allows(who, *method));
    let one = |how: &How| match how {
        How::Told => Some(Way { how: *how, held: !passes(*how) }),
        How::No => Some(Way { how: *how, held: false }),
        How::Lawful => lawful.then_some(Way { how: *how, held: false }),
        how => passes(*how).then_some(Way { how: *how, held: false }),
    };
    How::ALL.iter().filter_map(one).collect()
}

/// Who can agree in this deployment: all but those who may sign in no way.
fn signatories(allowed: &Allowed) -> impl Iterator<Item = Signatory> {
    Signatory::ALL.iter().copied().filter(|who| !allowed.of(*who).is_empty())
}

/// The question who agrees.
pub fn who(allowed: &Allowed, chosen: Option<&'static str>) -> Choice {
    let answers = signatories(allowed).map(|who| match who {
        Signatory::Parent => {
            Answer::new(who.code(), "A parent, or somebody else with parental responsibility")
        }
        Signatory::Carer => Answer::new(who.code(), "A carer without parental responsibility")
            .hint("For example, a grandparent or foster carer who looks after the child. They can agree"),
        Signatory::YoungPerson => Answer::new(who.code(), "The young person, for herself or himself")
            .hint("When the referral is about somebody who can decide this"),
    });
    Choice::new("signatory", "Who agrees to this referral?", answers.collect()).chosen(chosen)
}

/// Who agrees, or what is wrong with the answer.
pub fn read_who(form: &Raw, allowed: &Allowed) -> Result<Signatory, &'static str> {
    let who = Signatory::from_code(form.get("signatory"));
    who.filter(|who| signatories(allowed).any(|one| one == *who)).ok_or("Say who agrees")
}

/// The question how they agree.
pub fn how(who: Signatory, ways: &[Way], chosen: Option<&'static str>) -> Choice {
    let legend = match who {
        Signatory::Parent => "How does the parent agree?",
        Signatory::Carer => "How does the carer agree?",
        Signatory::YoungPerson => "How does the young person agree?",
    };
    Choice::new("how", legend, ways.iter().map(|way| answer(*way)).collect()).chosen(chosen)
}

fn answer(way: Way) -> Answer {
    let (label, hint) = match way.how {
        How::Screen => {
            ("On this screen, now", "They read the referral here and sign with a finger or by name")
        }
        How::Phone => ("On their own phone, now", "You show them a code. They read and sign on their phone"),
        How::Link => {
            ("Later, by a link", "Sent to their email, with a code that goes another way. The referral waits")
        }
        How::Paper => ("On paper", "You print the form. They sign it. You photograph or scan it"),
        How::Told => ("They told a member of staff", "For example, by telephone or through an interpreter"),
        How::No => {
            ("They do not agree", "The referral is not sent. The next page says what you can still do")
        }
        How::Lawful => (
            "Nobody has agreed, and the law lets us share",
            "Your safeguarding lead or manager decides, and a second person checks",
        ),
    };
    let hint = match way.held {
        true => {
            format!("{hint}. The referral is then held: the duty line cannot read it until somebody signs")
        }
        false => hint.to_owned(),
    };
    Answer::new(way.how.code(), label).hint(hint)
}

/// The questions about who is present and how they are known, as far as this way asks them.
pub fn present(how: How, present: &str, checked: &str) -> Vec<Field> {
    let told = how == How::Told;
    let known = if told {
        "How did you know that it was this person?"
    } else {
        "How do you know that it is this person?"
    };
    let example = match told {
        true => "For example, we rang the number that we always use",
        false => "For example, the key person sees them every day",
    };
    let mut fields = Vec::new();
    if how.asks_present() {
        let who =
            line("present", "Who is present?").hint("For example, the mother and the child's key person");
        fields.push(who.value(present));
    }
    fields.push(line("checked_how", known).hint(example).value(checked));
    fields
}

/// Who is present and how they are known, or the questions with what is wrong.
pub fn read_present(form: &Raw, how: How) -> Result<(String, String), Vec<Field>> {
    let who = match how.asks_present() {
        true => words(form.get("present"), "Enter who is present"),
        false => Ok(String::new()),
    };
    let known = words(form.get("checked_how"), "Enter how you know that it is this person");
    match (who, known) {
        (Ok(who), Ok(known)) => Ok((who, known)),
        (who, known) => {
            let fields = present(how, form.get("present"), form.get("checked_how")).into_iter();
            let error = |field: Field| match field.id.as_str() {
                "present" => field.error(who.clone().err()),
                _ => field.error(known.clone().err()),
            };
            Err(fields.map(error).collect())
        }
    }
}

/// A question answered on one line that no browser fills in.
pub fn line(id: &str, label: &str) -> Field {
    Field::new(id, label).autocomplete("off").label_size("s")
}

/// A person's whole name; `empty` is the sentence when nothing was typed.
pub fn full_name(typed: &str, empty: &str) -> Result<String, String> {
    full_name_in(typed, empty, Words::english())
}

/// As [`full_name`], in a family's words.
pub fn full_name_in(typed: &str, empty: &str, said: &'static Words) -> Result<String, String> {
    let most = grouped(name::MAX);
    PersonName::parse(typed).map(|name| name.as_str().to_owned()).map_err(|error| match error {
        NameError::Empty => empty.to_owned(),
        NameError::TooLong(count) => {
            fill(said.sign_name_long, &[("most", &most), ("count", &grouped(count))])
        }
        NameError::LineBreak => said.sign_name_line.to_owned(),
        NameError::Unprintable => said.sign_name_hidden.to_owned(),
        NameError::NoLetter => said.sign_name_letters.to_owned(),
    })
}

/// A name typed as a signature: the same as the one that was given before.
pub fn same_name(typed: &str, printed: &str) -> Result<(), String> {
    same_name_in(typed, printed, Words::english())
}

/// As [`same_name`], in a family's words.
pub fn same_name_in(typed: &str, printed: &str, said: &'static Words) -> Result<(), String> {
    full_name_in(typed, said.sign_name_missing, said)?;
    is_same_full_name(typed, printed).then_some(()).ok_or_else(|| said.sign_same_name.to_owned())
}

/// One line of words, not empty and not endless.
pub fn words(text: &str, ask: &str) -> Result<String, String> {
    words_in(text, ask, Words::english())
}

/// As [`words`], in a family's words.
pub fn words_in(text: &str, ask: &str, said: &'static Words) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ask.to_owned()),
        n if n > spec::LINE => {
            Err(fill(said.sign_line_long, &[("most", &spec::LINE.to_string()), ("count", &grouped(n))]))
        }
        _ if text.chars().any(char::is_control) => Err(said.sign_line_one.to_owned()),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agreement::Method;

    fn form(fields: &[(&str, &str)]) -> Raw {
        let mut form = Raw::default();
        fields.iter().for_each(|(name, value)| form.set(name, *value));
        form
    }

    fn offered(who: Signatory, allowed: &Allowed) -> Vec<&'static str> {
        ways(who, allowed, false).iter().map(|way| way.how.code()).collect()
    }

    #[test]
    fn a_way_that_a_signatory_may_not_use_is_not_offered() {
        let all = Allowed::default();
        assert_eq!(offered(Signatory::Parent, &all), ["screen", "phone", "link", "paper", "told", "no"]);
        let some = all.with(Signatory::Carer, |method| method == Method::PaperScan);
        assert_eq!(offered(Signatory::Carer, &some), ["paper", "told", "no"]);
        assert_eq!(offered(Signatory::Parent, &some).len(), 6, "each for herself");
        let drawn = some.with(Signatory::YoungPerson, |method| method == Method::Drawn);
        assert_eq!(offered(Signatory::YoungPerson, &drawn), ["screen", "told", "no"]);
        let lawful = ways(Signatory::Parent, &drawn, true);
        assert_eq!(lawful.last().map(|way| way.how), Some(How::Lawful), "where it is turned on");
    }

    #[test]
    fn who_may_sign_in_no_way_is_not_offered() {
        let none = Allowed::default().with(Signatory::YoungPerson, |_| false);
        assert_eq!(who(&none, None).answers.len(), 2);
        assert!(read_who(&form(&[("signatory", "young-person")]), &none).is_err());
        assert_eq!(read_who(&form(&[("signatory", "carer")]), &none), Ok(Signatory::Carer));
        assert!(read_who(&form(&[("signatory", "neighbour")]), &none).is_err());
    }

    #[test]
    fn that_it_is_held_is_said_only_where_the_gate_holds_it() {
        let hint = |allowed: &Allowed| {
            let all = how(Signatory::Parent, &ways(Signatory::Parent, allowed, false), None).answers;
            all.into_iter().find(|one| one.value == "told").and_then(|one| one.hint).expect("a hint")
        };
        assert!(hint(&Allowed::default()).contains("held: the duty line cannot read it"));
        let takes = Allowed::default().with(Signatory::Parent, |_| true);
        assert!(!hint(&takes).contains("held"));
    }

    #[test]
    fn each_way_asks_what_applies_to_it_and_says_what_is_missing() {
        let ids = |fields: Vec<Field>| fields.into_iter().map(|field| field.id).collect::<Vec<_>>();
        assert_eq!(ids(present(How::Screen, "", "")), ["present", "checked_how"]);
        assert_eq!(ids(present(How::Told, "", "")), ["checked_how"], "the witness is asked later");
        let missing = read_present(&Raw::default(), How::Phone).expect_err("nothing answered");
        assert!(missing.iter().all(|field| field.error.is_some()));
        let half = form(&[("present", "The mother"), ("checked_how", " ")]);
        let half = read_present(&half, How::Screen).expect_err("half answered");
        assert_eq!((half[0].value.as_str(), half[0].error.as_ref()), ("The mother", None));
        assert!(read_present(&form(&[("checked_how", "Known")]), How::Told).is_ok());
    }
}
