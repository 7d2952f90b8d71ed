//! An agreement that was told to a member of staff (DOMAIN section 3): who was told, who else heard it,
//! how it was said, through which interpreter, on which day. Staff keep the screen; nobody signs. The gate
//! holds the referral unless the deployment takes it.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::civil::Date;

use super::super::super::super::access::Who;
use super::super::super::super::field::{Answer, Choice, DateField, Field, error_list};
use super::super::super::super::form::Protected;
use super::super::super::super::shell::Shell;
use super::super::super::super::statement::StatementView;
use super::super::super::super::{Site, State};
use super::super::summary::{self, Changed, Section};
use super::super::{Step, around, at, draft_id, go, settled};
use super::asked::{full_name, line, words};
use super::by;
use super::screen::InLanguage;
use super::signed::{self, Questions, Signed, Signer};
use crate::domain::agreement::{Agreement, Method, Told, Way};
use crate::domain::before::{Before, How};
use crate::domain::day::Day;
use crate::domain::form::Raw;
use crate::domain::name::is_same_full_name;
use crate::domain::people::Person;
use crate::domain::words::Words;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/told.html")]
struct ToldPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    /// What was told is held here until somebody has signed.
    held: bool,
    /// What is not as it was when somebody last agreed.
    changes: Vec<Changed>,
    sections: Vec<Section>,
    statement: StatementView,
    content: String,
    who: Questions,
    how: HowTold,
}

/// What is asked about the telling, with what was typed and what is wrong.
struct HowTold {
    taken_by: Field,
    witness: Field,
    spoken: Choice,
    interpreter: Field,
    told_on: DateField,
}

/// The ways of saying it: code and words, which are kept.
const SPOKEN: [(&str, &str); 2] = [("telephone", "On the telephone"), ("face-to-face", "Face to face")];
/// The three fields of the day.
const DAY: [&str; 3] = ["told_on-day", "told_on-month", "told_on-year"];

impl HowTold {
    fn of(typed: &Raw) -> Self {
        let value = |field: Field| {
            let value = typed.get(&field.id).to_owned();
            field.value(value)
        };
        let spoken = SPOKEN.map(|(code, words)| Answer::new(code, words)).to_vec();
        let [day, month, year] = DAY.map(|name| typed.get(name));
        Self {
            taken_by: value(line("taken_by", "Which member of staff was told?").hint("Their full name")),
            witness: value(line("witness", "Who else heard it?"))
                .hint("Full name of a second person, such as a colleague who listened in"),
            spoken: Choice::new("spoken", "How was it said?", spoken)
                .chosen(typed.all("spoken").iter().cloned()),
            interpreter: value(line("interpreter", "Interpreter, if there was one (optional)"))
                .hint("Name or service"),
            told_on: DateField::new("told_on", "On which day?").typed(day, month, year),
        }
    }

    /// As it is first shown: told to whoever writes it down, today.
    fn first(person: &Person, today: Date) -> Self {
        let mut typed = Raw::default();
        typed.set("taken_by", person.name.as_str());
        let date = [today.day().to_string(), today.month().to_string(), today.year().to_string()];
        DAY.into_iter().zip(date).for_each(|(name, part)| typed.set(name, part));
        Self::of(&typed)
    }

    fn errors(&self) -> Vec<(String, String)> {
        error_list(&[&self.taken_by, &self.witness, &self.spoken, &self.interpreter, &self.told_on])
    }
}

/// Reads what is asked about the telling, or gives the questions with what is wrong; what was told more than
/// `days` ago holds no more.
fn read(form: &Raw, today: Date, days: i32) -> Result<(Told, Date), Box<HowTold>> {
    let taken_by = full_name(form.get("taken_by"), "Enter the full name of the member of staff");
    let witness = full_name(form.get("witness"), "Enter the full name of somebody else who heard it");
    let witness = witness.and_then(|witness| match &taken_by {
        Ok(first) if is_same_full_name(first, &witness) => {
            Err("The second person must be somebody else than the one who was told".to_owned())
        }
        _ => Ok(witness),
    });
    let spoken = SPOKEN.into_iter().find(|(code, _)| *code == form.get("spoken"));
    let spoken = spoken.map(|(_, words)| words.to_owned()).ok_or("Say how it was said");
    let interpreter = match form.get("interpreter").trim() {
        "" => Ok(String::new()),
        name => words(name, ""),
    };
    let day = on_day(form, DAY, today).and_then(|day| match (today - day).get_days() {
        age if age > days => Err(format!("This is more than {days} days ago: ask for their agreement again")),
        _ => Ok(day),
    });
    match (taken_by, witness, spoken, interpreter, day) {
        (Ok(taken_by), Ok(witness), Ok(spoken), Ok(interpreter), Ok(day)) => {
            Ok((Told { taken_by, witness, interpreter, spoken }, day))
        }
        (taken_by, witness, spoken, interpreter, day) => {
            let asked = HowTold::of(form);
            Err(Box::new(HowTold {
                taken_by: asked.taken_by.error(taken_by.err()),
                witness: asked.witness.error(witness.err()),
                spoken: asked.spoken.error(spoken.err()),
                interpreter: asked.interpreter.error(interpreter.err()),
                told_on: asked.told_on.error(day.err()),
            }))
        }
    }
}

/// A day that was typed in three fields: a real one, today or before.
pub fn on_day(form: &Raw, [day, month, year]: [&str; 3], today: Date) -> Result<Date, String> {
    let day = Day::from_fields(form.get(day), form.get(month), form.get(year));
    Ok(day.and_then(|day| day.not_after(today)).map_err(|error| error.to_string())?.date())
}

/// `GET /drafts/{id}/told`
pub async fn show(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Query(asked): Query<InLanguage>,
) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Told]).await?;
    let heard = StatementView::of(site.relay.statement(), &asked.language);
    let who = Questions::of(&Raw::default(), signer(&before));
    let how = HowTold::first(&person, site.relay.clock.now().day());
    super::super::show(page_of(&site, &person, &open, (who, how), heard))
}

/// `POST /drafts/{id}/told`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let (open, before) = by(&site, &person, &id, &[How::Told]).await?;
    let heard = StatementView::of(site.relay.statement(), form.get("language"));
    let signer = signer(&before);
    let (who, how) = (
        signed::read(&form, signer),
        read(&form, site.relay.clock.now().day(), site.relay.gate().signature_days),
    );
    let (signed, told) = match (who, how) {
        (Ok(signed), Ok(told)) => (signed, told),
        (who, how) => {
            let who = who.err().map_or_else(|| Questions::of(&form, signer), |asked| *asked);
            let how = how.err().map_or_else(|| HowTold::of(&form), |asked| *asked);
            return super::super::mend(page_of(&site, &person, &open, (who, how), heard));
        }
    };
    let changed = |heard, sentence: String| {
        let asked = (Questions::of(&form, signer), HowTold::of(&form));
        super::super::mend(page_of(&site, &person, &open, asked, heard).changed(sentence))
    };
    if form.get("statement") != heard.version {
        return changed(heard, signer.words.sign_changed.to_owned());
    }
    let agreement = record(&site, &before, signed, told, (&heard, form.get("content")));
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(sentence)) => changed(heard, sentence),
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, "sign"))
        }
    }
}

fn signer(before: &Before) -> Signer<'static> {
    Signer { who: before.signatory, told: true, methods: &[], words: Words::english() }
}

fn page_of(
    site: &Site,
    person: &Person,
    open: &Open,
    (who, how): (Questions, HowTold),
    statement: StatementView,
) -> ToldPage {
    let family = open.content.family(site.relay.context());
    let mut errors = who.errors();
    errors.extend(how.errors());
    let signatory = open.content.before.as_ref().map_or_else(Default::default, |before| before.signatory);
    let title = "They told a member of staff";
    ToldPage {
        shell: around(site, person, title, at(open.row.id, super::PRESENT)).error(!errors.is_empty()),
        errors,
        held: !site.relay.gate().methods.allows(signatory, Method::ToldToStaff),
        changes: summary::changed(&open.content.since_agreed(site.relay.context())),
        sections: summary::to_sign(&family),
        statement,
        content: family.sha256(),
        who,
        how,
    }
}

impl ToldPage {
    /// The same page, with what was changed since it was shown as the first thing that is said.
    fn changed(mut self, sentence: String) -> Self {
        self.errors.insert(0, ("content".to_owned(), sentence));
        Self { shell: self.shell.error(true), ..self }
    }
}

fn record(
    site: &Site,
    before: &Before,
    signed: Signed,
    (told, on): (Told, Date),
    (heard, content): (&StatementView, &str),
) -> Agreement {
    let (statement, beside) = site.relay.statement().signed(&heard.chosen.language);
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        signatory: before.signatory.who_says(signed.responsibility),
        parental_responsibility: signed.responsibility,
        method: Method::ToldToStaff,
        strokes: None,
        statement,
        beside,
        content_sha256: content.to_owned(),
        signed_on: on,
        recorded_at: site.relay.clock.now(),
        present: format!("{}, {}", told.taken_by, told.witness),
        checked_how: before.checked.clone(),
        browser: String::new(),
        address: String::new(),
        way: Way::Told(told),
        notice: site.relay.notice().id(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn form(change: (&str, &str)) -> Raw {
        let mut form = Raw::default();
        for (name, value) in [
            ("taken_by", "Robin Teacher"),
            ("witness", "Sam Colleague"),
            ("spoken", "telephone"),
            ("told_on-day", "20"),
            ("told_on-month", "11"),
            ("told_on-year", "2026"),
        ] {
            form.set(name, if name == change.0 { change.1 } else { value });
        }
        form
    }

    fn wrong(change: (&str, &str)) -> Vec<(String, String)> {
        read(&form(change), TODAY, 28).err().map(|asked| asked.errors()).unwrap_or_default()
    }

    #[test]
    fn what_was_told_is_read_with_its_witness_and_its_day() {
        let (told, on) = read(&form(("", "")), TODAY, 28).ok().expect("whole");
        assert_eq!((told.witness.as_str(), told.spoken.as_str()), ("Sam Colleague", "On the telephone"));
        assert_eq!((told.interpreter.as_str(), on), ("", jiff::civil::date(2026, 11, 20)));
    }

    #[test]
    fn each_fault_is_said_at_its_field() {
        for (field, value, id) in [
            ("taken_by", "", "taken_by"),
            ("witness", " ", "witness"),
            ("witness", "robin  TEACHER", "witness"),
            ("spoken", "by pigeon", "spoken"),
            ("told_on-day", "31", "told_on-day"),
            ("told_on-day", "24", "told_on-day"),
            ("told_on-month", "9", "told_on-day"),
            ("told_on-year", "2025", "told_on-day"),
        ] {
            let errors = wrong((field, value));
            assert_eq!(errors.len(), 1, "{field} {value}: {errors:?}");
            assert_eq!(errors[0].0, id);
        }
        assert!(wrong(("witness", "Robin Teacher"))[0].1.contains("somebody else"));
    }
}
