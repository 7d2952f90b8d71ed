//! Inviting one person: name, work email, role.

use super::{Ask, base, go, line_question, refusal, role_of, role_question};
use crate::domain::email::EmailAddress;
use crate::domain::form::Raw;
use crate::domain::name::PersonName;
use crate::domain::people::{Person, Role};
use crate::domain::urn::Urn;
use crate::people::looking_after::{self, Invitee, Outcome};
use crate::store::people::{self, Organisation};
use crate::store::{Read, StoreError};
use crate::web::access::Who;
use crate::web::error::PageError;
use crate::web::field::Field;
use crate::web::form::Protected;
use crate::web::page::{Page, shell};
use crate::web::{Site, State};

/// What is wrong with what was sent.
#[derive(Default)]
struct Faults {
    organisation: Option<&'static str>,
    name: Option<String>,
    email: Option<String>,
    role: Option<&'static str>,
    refused: Option<&'static str>,
}

/// `GET /people/new`, `GET /setting/people/new`
pub async fn ask(site: State, Who(person): Who) -> Page {
    form_page(&site, &person, &Raw::default(), Faults::default())
}

/// `POST /people/new`, `POST /setting/people/new`
pub async fn invite(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let invitee = match read(&site, &person, &form).await? {
        Ok(invitee) => invitee,
        Err(faults) => return form_page(&site, &person, &form, faults),
    };
    match refusal(looking_after::invite(&site.relay, &person, invitee).await)? {
        Ok(Outcome::Done(_)) => go(format!("{}?done=invited", base(&person))),
        Ok(Outcome::Waits(_)) => go(format!("{}?done=asked", base(&person))),
        Err(sentence) => {
            form_page(&site, &person, &form, Faults { refused: Some(sentence), ..Faults::default() })
        }
    }
}

async fn read(site: &Site, who: &Person, form: &Raw) -> Result<Result<Invitee, Faults>, PageError> {
    let mut read = site.relay.store.read().await?;
    let organisation = match who.role {
        Role::Administrator => named(&mut read, form.get("organisation")).await?,
        _ => people::organisation(&mut read, who.organisation).await?,
    };
    let (name, email) = (PersonName::parse(form.get("name")), EmailAddress::parse(form.get("email")));
    let role = role_of(&roles(who), form.get("role"));
    match (organisation, name, email, role) {
        (Some(organisation), Ok(name), Ok(email), Ok(role)) => Ok(Ok(Invitee {
            organisation,
            name: name.as_str().to_owned(),
            email: email.folded(),
            role,
            lines: form.all("lines").to_vec(),
        })),
        (organisation, name, email, role) => Ok(Err(Faults {
            organisation: organisation
                .is_none()
                .then_some("There is no such organisation: enter its whole name or its Ofsted number"),
            name: name.err().map(|error| error.to_string()),
            email: email.err().map(|error| error.to_string()),
            role: role.err(),
            refused: None,
        })),
    }
}

/// The organisation that somebody means by its whole name or its Ofsted number.
async fn named(read: &mut Read, text: &str) -> Result<Option<Organisation>, StoreError> {
    if let Some(found) = people::organisation_named(read, text.trim()).await? {
        return Ok(Some(found));
    }
    match Urn::parse(text) {
        Ok(urn) => people::organisation_with_urn(read, urn.as_str()).await,
        Err(_) => Ok(None),
    }
}

fn roles(who: &Person) -> Vec<Role> {
    let all = who.role == Role::Administrator;
    Role::ALL.iter().copied().filter(|role| all || role.in_setting()).collect()
}

fn form_page(site: &Site, who: &Person, form: &Raw, faults: Faults) -> Page {
    let here = base(who);
    let shell = shell(site, "Invite somebody", Some(who), here).back(here, "People");
    let mut ask = Ask::new(shell, "Invite somebody", format!("{here}/new"), "Invite")
        .say("They get an email with a link that works once, for seven days.")
        .refused(faults.refused);
    if who.role == Role::Administrator {
        let organisation = Field::new("organisation", "Organisation")
            .hint("Its whole name, or its Ofsted number")
            .value(form.get("organisation"));
        ask = ask.line(organisation.error(faults.organisation));
    }
    let name = Field::new("name", "Full name").value(form.get("name")).autocomplete("off");
    let email =
        Field::new("email", "Work email address").value(form.get("email")).email().autocomplete("off");
    let role = role_question(roles(who).into_iter(), form.get("role")).error(faults.role);
    ask = ask.line(name.error(faults.name)).line(email.error(faults.email)).one(role);
    if who.role == Role::Administrator {
        ask = ask.many(line_question(site, form.all("lines")));
    }
    ask.page()
}
