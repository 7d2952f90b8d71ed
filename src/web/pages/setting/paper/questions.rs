//! What is asked beside the pictures of a signed form, and how the answers are read. Nothing typed is
//! lost: every fault gives the questions back as they were answered.

use jiff::civil::Date;

use super::super::agreement::full_name;
use crate::domain::agreement::{ParentalResponsibility, Signatory};
use crate::domain::day::{Day, DayError};
use crate::domain::form::{Raw, grouped, spec};
use crate::web::field::{Answer, Choice, DateField, Field, error_list};

/// What has to be on the paper, with the words of its tick.
const ON_IT: [(&str, &str); 3] =
    [("name", "The name is on it"), ("signature", "The signature is on it"), ("date", "The date is on it")];

/// The questions, with what was typed and what is wrong.
pub struct Questions {
    /// Parent, carer or young person.
    pub signatory: Choice,
    /// The name as it is printed on the paper.
    pub name: Field,
    /// Who they are to the child.
    pub relationship: Field,
    /// Parental responsibility.
    pub responsibility: Choice,
    /// The date as it is written on the paper.
    pub written: DateField,
    /// Who was there.
    pub present: Field,
    /// How staff know that it is this person's.
    pub checked: Field,
    /// Name, signature and date are on it.
    pub on_it: Choice,
}

/// What was typed, read.
pub struct Confirmed {
    /// Parent, carer or young person.
    pub signatory: Signatory,
    /// The printed name.
    pub name: String,
    /// Who they are to the child.
    pub relationship: String,
    /// Parental responsibility.
    pub responsibility: ParentalResponsibility,
    /// The day that is written on it.
    pub signed_on: Date,
    /// Who was there.
    pub present: String,
    /// How it was checked.
    pub checked: String,
}

impl Questions {
    /// The questions with what was typed.
    pub fn of(typed: &Raw) -> Self {
        let chosen = |choice: Choice, id: &str| choice.chosen(typed.all(id).iter().cloned());
        let answers =
            |codes: &[(&str, &str)]| codes.iter().map(|(code, label)| Answer::new(*code, *label)).collect();
        let who: Vec<_> = Signatory::ALL.iter().map(|one| (one.code(), one.label())).collect();
        let held: Vec<_> = ParentalResponsibility::ALL.iter().map(|one| (one.code(), one.label())).collect();
        Self {
            signatory: chosen(Choice::new("signatory", "Who signed it?", answers(&who)), "signatory"),
            name: line(typed, "printed_name", "Name on the paper").hint("As it is printed in the first box"),
            relationship: line(typed, "relationship", "Who are they to the child?")
                .hint("As it is written on the paper. For example, mother or foster carer"),
            responsibility: chosen(
                Choice::new("parental_responsibility", "Parental responsibility", answers(&held))
                    .hint("As it is written on the paper. Whoever is caring for the child can sign"),
                "parental_responsibility",
            ),
            written: DateField::new("written", "Date on the paper")
                .hint("As it is written beside the signature, for example 27 3 2026")
                .typed(typed.get("written-day"), typed.get("written-month"), typed.get("written-year")),
            present: line(typed, "present", "Who was there when it was signed?")
                .hint("For example, the child's key person. If nobody of the setting was, write who gave you the paper"),
            checked: line(typed, "checked_how", "How do you know that it is this person's signature?")
                .hint("For example, they signed in front of the key person"),
            on_it: chosen(Choice::new("on_it", "Look at the picture: what is on it?", answers(&ON_IT)), "on_it"),
        }
    }

    /// What the summary at the top says.
    pub fn errors(&self) -> Vec<(String, String)> {
        error_list(&[
            &self.on_it,
            &self.signatory,
            &self.name,
            &self.relationship,
            &self.responsibility,
            &self.written,
            &self.present,
            &self.checked,
        ])
    }
}

/// Reads the answers, or gives every question with what is wrong. `days` is how long a signature holds.
pub fn read(form: &Raw, today: Date, days: i32) -> Result<Confirmed, Box<Questions>> {
    let signatory = Signatory::from_code(form.get("signatory")).ok_or("Say who signed it");
    let name = full_name(form.get("printed_name"), "Enter the name that is on the paper");
    let relationship = words(form.get("relationship"), "Enter who they are to the child");
    let responsibility = ParentalResponsibility::from_code(form.get("parental_responsibility"))
        .ok_or("Choose an answer about parental responsibility");
    let written = date(form, today, days);
    let present = words(form.get("present"), "Enter who was there when it was signed");
    let checked = words(form.get("checked_how"), "Enter how you know whose signature it is");
    let on_it = seen(form);
    match (&signatory, &name, &relationship, &responsibility, &written, &present, &checked, &on_it) {
        (Ok(signatory), Ok(name), Ok(relationship), Ok(held), Ok(day), Ok(present), Ok(checked), Ok(())) => {
            Ok(Confirmed {
                signatory: *signatory,
                name: name.clone(),
                relationship: relationship.clone(),
                responsibility: *held,
                signed_on: day.date(),
                present: present.clone(),
                checked: checked.clone(),
            })
        }
        _ => {
            let asked = Questions::of(form);
            Err(Box::new(Questions {
                signatory: asked.signatory.error(signatory.err()),
                name: asked.name.error(name.err()),
                relationship: asked.relationship.error(relationship.err()),
                responsibility: asked.responsibility.error(responsibility.err()),
                written: asked.written.error(written.err()),
                present: asked.present.error(present.err()),
                checked: asked.checked.error(checked.err()),
                on_it: asked.on_it.error(on_it.err()),
            }))
        }
    }
}

/// The date that is written on the paper: a real one, not to come, not too old.
fn date(form: &Raw, today: Date, days: i32) -> Result<Day, String> {
    let part = |name: &str| form.get(&format!("written-{name}")).to_owned();
    let day = Day::from_fields(&part("day"), &part("month"), &part("year"));
    let day = day.and_then(|day| day.not_after(today)).map_err(|error| match error {
        DayError::Empty => "Enter the date that is on the paper".to_owned(),
        DayError::InFuture => {
            "The date on the paper is still to come. Look again. If it is wrong on the paper, ask for a new signature"
                .to_owned()
        }
        other => other.to_string(),
    })?;
    let age = today.since(day.date()).map_or(i32::MAX, |span| span.get_days());
    match age > days {
        true => Err(format!("The date on the paper is more than {days} days ago. Ask for a new signature")),
        false => Ok(day),
    }
}

/// All three are on it, or what is not.
fn seen(form: &Raw) -> Result<(), String> {
    let ticked = form.all("on_it");
    let not: Vec<&str> = ON_IT
        .iter()
        .filter(|(code, _)| !ticked.iter().any(|one| one == code))
        .map(|(code, _)| *code)
        .collect();
    match not.as_slice() {
        [] => Ok(()),
        [one] => Err(format!("Say that the {one} is on it. Without it, ask for the form to be signed again")),
        [most @ .., last] => Err(format!(
            "Say that the {} and the {last} are on it. Without them, ask for the form to be signed again",
            most.join(", the ")
        )),
    }
}

fn line(typed: &Raw, id: &str, label: &str) -> Field {
    Field::new(id, label).value(typed.get(id)).autocomplete("off").label_size("s")
}

/// One line of words, not empty and not endless.
fn words(text: &str, ask: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ask.to_owned()),
        n if n > spec::LINE => {
            Err(format!("Use {} characters or fewer: this has {}", spec::LINE, grouped(n)))
        }
        _ if text.chars().any(char::is_control) => Err("Write this on one line".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    fn whole() -> Raw {
        let mut form = Raw::default();
        for (name, value) in [
            ("signatory", "parent"),
            ("printed_name", "Ana Sample"),
            ("relationship", "Mother"),
            ("parental_responsibility", "yes"),
            ("written-day", "20"),
            ("written-month", "11"),
            ("written-year", "2026"),
            ("present", "Key person"),
            ("checked_how", "Signed in front of her"),
        ] {
            form.set(name, value);
        }
        ON_IT.iter().for_each(|(code, _)| form.push("on_it", (*code).to_owned()));
        form
    }

    fn said(form: &Raw) -> Vec<(String, String)> {
        read(form, day(2026, 11, 21), 28).err().map_or_else(Vec::new, |asked| asked.errors())
    }

    #[test]
    fn all_of_it_is_read() {
        let confirmed = read(&whole(), day(2026, 11, 21), 28).ok().expect("read");
        assert_eq!((confirmed.name.as_str(), confirmed.signed_on), ("Ana Sample", day(2026, 11, 20)));
    }

    #[test]
    fn every_question_says_what_is_missing() {
        let ids: Vec<String> = said(&Raw::default()).into_iter().map(|(id, _)| id).collect();
        let all = [
            "on_it",
            "signatory",
            "printed_name",
            "relationship",
            "parental_responsibility",
            "written-day",
            "present",
            "checked_how",
        ];
        assert_eq!(ids, all);
    }

    #[test]
    fn a_date_that_cannot_be_right_has_its_sentence() {
        for (d, m, y, sentence) in [
            ("31", "6", "2026", "31 June is not a date"),
            ("22", "11", "2026", "still to come"),
            ("23", "10", "2026", "more than 28 days ago"),
            ("21", "11", "2025", "more than 28 days ago"),
            ("", "", "", "Enter the date that is on the paper"),
        ] {
            let mut form = whole();
            form.set("written-day", d);
            form.set("written-month", m);
            form.set("written-year", y);
            let said = said(&form);
            assert!(said.len() == 1 && said[0].1.contains(sentence), "{d} {m} {y}: {said:?}");
        }
        let mut oldest = whole();
        oldest.set("written-day", "24");
        oldest.set("written-month", "october");
        assert_eq!(said(&oldest), []);
    }

    #[test]
    fn what_is_not_on_it_is_named() {
        let mut form = whole();
        form.set("on_it", "name");
        assert!(said(&form)[0].1.starts_with("Say that the signature and the date are on it."));
        form.push("on_it", "date".to_owned());
        assert!(said(&form)[0].1.starts_with("Say that the signature is on it."));
    }

    #[test]
    fn a_name_of_pictures_or_without_end_is_none() {
        for name in ["🎈🎈", &"x".repeat(5_000)] {
            let mut form = whole();
            form.set("printed_name", name);
            assert_eq!(said(&form)[0].0, "printed_name");
        }
    }
}
