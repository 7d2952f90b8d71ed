//! The parent or carer reads what will be sent and the statement, word for word, and signs or says no
//! (DOMAIN section 3). The page carries the hash of what it showed: a signature for other words is not
//! taken. Nothing on it tells that there is a staff-only part.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};

use super::super::super::access::Who;
use super::super::super::field::{Answer, Choice, Field, SignatureField, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::summary::{self, Section};
use super::{CHECK, Step, around, at, complete, draft_id, go, settled};
use crate::domain::agreement::{Agreement, Method, ParentalResponsibility, Strokes};
use crate::domain::form::{Raw, spec};
use crate::domain::name::PersonName;
use crate::domain::people::Person;
use crate::gate::statements;
use crate::pipeline::PipelineError;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/agreement.html")]
struct AgreementPage {
    shell: Shell,
    errors: Vec<(String, String)>,
    signed_before: bool,
    sections: Vec<Section>,
    statement: Vec<String>,
    content: String,
    asked: Questions,
}

/// What the page asks, with what was typed and what is wrong.
struct Questions {
    name: Field,
    relationship: Field,
    responsibility: Choice,
    signature: SignatureField,
    present: Field,
    checked: Field,
}

/// What was typed, read.
struct Signed {
    name: String,
    relationship: String,
    responsibility: ParentalResponsibility,
    strokes: Option<Strokes>,
    present: String,
    checked: String,
}

/// Longest name of a browser that is kept with a signature, in characters.
const BROWSER: usize = 200;

/// `GET /drafts/{id}/agreement`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = complete(&site, &person, &id).await?;
    super::show(page_of(&site, &person, &open, Questions::of(&Raw::default()), None))
}

/// `POST /drafts/{id}/agreement`
pub async fn save(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    Protected(form): Protected,
) -> Step {
    let open = complete(&site, &person, &id).await?;
    if form.get("decision") == "refuse" {
        return go(at(open.row.id, "not-agreed"));
    }
    let signed = match read(&form) {
        Ok(signed) => signed,
        Err(asked) => return super::mend(page_of(&site, &person, &open, *asked, None)),
    };
    let agreement = record(&site, signed, form.get("content"), browser(&headers));
    match drafts::sign_agreement(&site.relay, &person, draft_id(&id)?, agreement).await {
        Err(PipelineError::Refused(sentence)) => {
            let asked = Questions::of(&form).unsigned();
            super::mend(page_of(&site, &person, &open, asked, Some(sentence)))
        }
        answer => {
            settled(&site, &person, &id, answer).await?;
            go(at(open.row.id, "sign"))
        }
    }
}

fn page_of(
    site: &Site,
    person: &Person,
    open: &Open,
    asked: Questions,
    changed: Option<String>,
) -> AgreementPage {
    let family = open.content.family(site.relay.context());
    let mut errors: Vec<(String, String)> =
        changed.map(|sentence| ("content".to_owned(), sentence)).into_iter().collect();
    errors.extend(asked.errors());
    let title = "Agreement to send this referral";
    let statement = statements::current().text;
    AgreementPage {
        shell: around(site, person, title, at(open.row.id, CHECK)).error(!errors.is_empty()),
        errors,
        signed_before: open.content.agreement.is_some(),
        sections: summary::to_sign(&family),
        statement: statement.split("\n\n").map(str::to_owned).collect(),
        content: family.sha256(),
        asked,
    }
}

impl Questions {
    fn of(typed: &Raw) -> Self {
        let line = |id: &str, label: &str, hint: &str| {
            Field::new(id, label).hint(hint).value(typed.get(id)).autocomplete("off").label_size("s")
        };
        let answers = ParentalResponsibility::ALL.iter().map(|one| Answer::new(one.code(), one.label()));
        let signature = SignatureField::new("signature", "Your signature")
            .signed(typed.get("signature-strokes"), typed.get("signature-typed"));
        let responsibility = "parental_responsibility";
        Self {
            name: line("printed_name", "Your full name", "The person who signs"),
            relationship: line("relationship", "Who are you to the child?", "For example, mother or carer"),
            responsibility: Choice::new(
                responsibility,
                "Do you have parental responsibility for the child?",
                answers.collect(),
            )
            .hint("You can sign if you are caring for the child, whatever you answer")
            .chosen(typed.all(responsibility).iter().cloned()),
            signature,
            present: line("present", "Who is present?", "For example, the mother and her key person"),
            checked: line(
                "checked_how",
                "How do you know that it is this person?",
                "For example, she brings the child every day",
            ),
        }
    }

    /// What was typed without the signature: it was for other words.
    fn unsigned(self) -> Self {
        let signature = SignatureField { strokes: String::new(), typed: String::new(), ..self.signature };
        Self { signature, ..self }
    }

    fn errors(&self) -> Vec<(String, String)> {
        let Self { name, relationship, responsibility, signature, present, checked } = self;
        error_list(&[name, relationship, responsibility, signature, present, checked])
    }
}

/// Reads the page: the signature, or every question with what is wrong.
fn read(form: &Raw) -> Result<Signed, Box<Questions>> {
    let asked = Questions::of(form);
    let name = PersonName::parse(form.get("printed_name")).map_err(|error| error.to_string());
    let relationship = words(form.get("relationship"), "Enter who you are to the child");
    let responsibility = ParentalResponsibility::from_code(form.get("parental_responsibility"))
        .ok_or("Choose an answer about parental responsibility");
    let strokes = signature(form);
    let present = words(form.get("present"), "Enter who is present");
    let checked = words(form.get("checked_how"), "Enter how you know that it is this person");
    match (&name, &relationship, responsibility, &strokes, &present, &checked) {
        (Ok(name), Ok(relationship), Ok(responsibility), Ok(strokes), Ok(present), Ok(checked)) => {
            Ok(Signed {
                name: name.as_str().to_owned(),
                relationship: relationship.clone(),
                responsibility,
                strokes: strokes.clone(),
                present: present.clone(),
                checked: checked.clone(),
            })
        }
        _ => Err(Box::new(Questions {
            name: asked.name.error(name.err()),
            relationship: asked.relationship.error(relationship.err()),
            responsibility: asked.responsibility.error(responsibility.err()),
            signature: asked.signature.error(strokes.err()),
            present: asked.present.error(present.err()),
            checked: asked.checked.error(checked.err()),
        })),
    }
}

/// One line of words, not empty and not endless.
fn words(text: &str, ask: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ask.to_owned()),
        n if n > spec::LINE => Err(format!("Use {} characters or fewer: this has {n}", spec::LINE)),
        _ if text.chars().any(char::is_control) => Err("Write this on one line".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// The drawing, or `None` for a typed name; either is enough.
fn signature(form: &Raw) -> Result<Option<Strokes>, String> {
    let (drawn, typed) = (form.get("signature-strokes").trim(), form.get("signature-typed"));
    if let Some(strokes) = Strokes::from_pad(drawn) {
        return Ok(Some(strokes));
    }
    match (typed.trim().is_empty(), drawn.is_empty()) {
        (false, _) => PersonName::parse(typed).map(|_| None).map_err(|error| error.to_string()),
        (true, true) => Err("Sign: draw your signature or type your full name".to_owned()),
        (true, false) => {
            Err("The drawing is too short or too long: draw it again, or type your name".to_owned())
        }
    }
}

fn record(site: &Site, signed: Signed, content: &str, browser: String) -> Agreement {
    let now = site.relay.clock.now();
    Agreement {
        printed_name: signed.name,
        relationship: signed.relationship,
        parental_responsibility: signed.responsibility,
        method: if signed.strokes.is_some() { Method::Drawn } else { Method::Typed },
        strokes: signed.strokes,
        statement: statements::current(),
        content_sha256: content.to_owned(),
        signed_on: now.day(),
        recorded_at: now,
        present: signed.present,
        checked_how: signed.checked,
        browser,
    }
}

fn browser(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    name.chars().take(BROWSER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_by(strokes: &str, typed: &str) -> Result<Option<Strokes>, String> {
        let mut form = Raw::default();
        form.set("signature-strokes", strokes);
        form.set("signature-typed", typed);
        signature(&form)
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
    fn every_question_says_what_is_missing() {
        let errors = match read(&Raw::default()) {
            Ok(_) => Vec::new(),
            Err(asked) => asked.errors(),
        };
        let ids: Vec<&str> = errors.iter().map(|(id, _)| id.as_str()).collect();
        let all = [
            "printed_name",
            "relationship",
            "parental_responsibility",
            "signature-typed",
            "present",
            "checked_how",
        ];
        assert_eq!(ids, all);
    }
}
