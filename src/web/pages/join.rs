//! A setting signs itself up, in three short steps and a mail; it can submit at once, and the line sees
//! that nobody has checked it yet.
//!
//! ```text
//!  number ─> is this you? (register) ─┐
//!         └> name, postcode, phone ───┴─> you ─> "check your email" ─> link ─> setting up
//! ```
//!
//! What was typed goes from step to step in the form: nothing is kept before the last step. The answers
//! never tell whether a setting or an address is known.

#[cfg(test)]
mod tests;

use axum::extract::Path;
use axum::http::StatusCode;

use super::super::browser::Browser;
use super::super::error::PageError;
use super::super::field::{Choice, Field};
use super::super::form::Protected;
use super::super::page::{Page, shell};
use super::super::peer::Peer;
use super::super::shell::Shell;
use super::super::{Site, State};
use super::invitation::{begun, ended, gone, link_page};
use super::people::{Ask, role_of, role_question};
use crate::domain::email::EmailAddress;
use crate::domain::form::Raw;
use crate::domain::joining::OrganisationName;
use crate::domain::name::PersonName;
use crate::domain::people::Role;
use crate::domain::phone::Phone;
use crate::domain::postcode::{Postcode, PostcodeError};
use crate::domain::urn::{Urn, UrnError};
use crate::people::Token;
use crate::people::joining::{self, Confirmed};
use crate::store::register::{self, RegisterSetting};
use crate::store::sign_ups::SignUp;
use crate::web::parts::SummaryRow;

/// What somebody may be who signs a setting up.
const ROLES: &[Role] = &[Role::Manager, Role::Practitioner, Role::SafeguardingLead];

fn around(site: &Site, title: &str) -> Shell {
    shell(site, title, None, "")
}

/// `GET /join`
pub async fn ask(site: State) -> Page {
    number_page(&site, "", None)
}

/// Here a number has to be given.
fn number_fault(error: &UrnError) -> Option<String> {
    match error {
        UrnError::Empty => Some("Enter your Ofsted number".to_owned()),
        other => Some(other.to_string()),
    }
}

fn number_page(site: &Site, typed: &str, wrong: Option<String>) -> Page {
    let urn = Field::new("urn", "Ofsted number (URN)")
        .hint("It is on your registration certificate, such as EY123456 or 2573689")
        .value(typed)
        .width(10)
        .error(wrong);
    let shell = around(site, "Sign your setting up").back("/sign-in", "Sign in");
    Ask::new(shell, "Sign your setting up", "/join/setting", "Continue")
        .say("It takes about five minutes. Afterwards you can send a referral at once.")
        .say("If a colleague uses dutyline already, ask your manager to invite you instead.")
        .line(urn)
        .page()
}

/// `POST /join/setting`: is this you, or else what is your setting?
pub async fn setting(site: State, Protected(form): Protected) -> Page {
    let urn = match Urn::parse(form.get("urn")) {
        Ok(urn) => urn,
        Err(error) => return number_page(&site, form.get("urn"), number_fault(&error)),
    };
    match listed(&site, &urn).await? {
        Some(listed) => {
            let rows =
                vec![SummaryRow::new("Name", &listed.name), SummaryRow::new("Postcode", &listed.postcode)];
            Ask::new(around(&site, "Is this you?"), "Is this you?", "/join/you", "Yes, continue")
                .say("Ofsted’s register has this under the number that you gave.")
                .rows(rows)
                .hidden("urn", urn.as_str())
                .other("No, enter another number", "/join")
                .page()
        }
        None => setting_page(&site, &urn, &form, Default::default()),
    }
}

async fn listed(site: &Site, urn: &Urn) -> Result<Option<RegisterSetting>, PageError> {
    Ok(register::find(&mut site.relay.store.read().await?, urn.as_str()).await?)
}

/// What is wrong with name, postcode and telephone of a setting.
type SettingFaults = (Option<String>, Option<String>, Option<String>);

fn setting_page(site: &Site, urn: &Urn, form: &Raw, (name, postcode, phone): SettingFaults) -> Page {
    Ask::new(around(site, "Your setting"), "Your setting", "/join/you", "Continue")
        .say("We do not have this number in our copy of Ofsted’s register, which may be older than you are.")
        .hidden("urn", urn.as_str())
        .line(Field::new("setting", "Name of the setting").value(form.get("setting")).error(name))
        .line(Field::new("postcode", "Postcode").value(form.get("postcode")).width(10).error(postcode))
        .line(Field::new("phone", "Telephone").value(form.get("phone")).telephone().error(phone))
        .other("Enter another number", "/join")
        .page()
}

/// The setting as the register has it, or else as it was typed.
async fn setting_of(site: &Site, form: &Raw) -> Result<Result<RegisterSetting, Page>, PageError> {
    let urn = match Urn::parse(form.get("urn")) {
        Ok(urn) => urn,
        Err(error) => return Ok(Err(number_page(site, form.get("urn"), number_fault(&error)))),
    };
    if let Some(listed) = listed(site, &urn).await? {
        return Ok(Ok(listed));
    }
    let name = OrganisationName::parse(form.get("setting"));
    let (postcode, phone) = (Postcode::parse(form.get("postcode")), Phone::parse(form.get("phone")));
    match (name, postcode, phone) {
        (Ok(name), Ok(postcode), Ok(phone)) => Ok(Ok(RegisterSetting {
            urn: urn.as_str().to_owned(),
            name: name.as_str().to_owned(),
            postcode: postcode.shown().to_owned(),
            phone: phone.as_typed().to_owned(),
        })),
        (name, postcode, phone) => {
            let faults = (
                name.err().map(|error| error.to_string()),
                postcode.err().map(|error| match error {
                    PostcodeError::Empty => "Enter the postcode of the setting".to_owned(),
                    other => other.to_string(),
                }),
                phone.err().map(|error| error.to_string()),
            );
            Ok(Err(setting_page(site, &urn, form, faults)))
        }
    }
}

/// `POST /join/you`
pub async fn you(site: State, Protected(form): Protected) -> Page {
    match setting_of(&site, &form).await? {
        Ok(setting) => you_page(&site, &setting, &form, Default::default()),
        Err(page) => page,
    }
}

/// What is wrong with name, address and role of a person.
type YourFaults = (Option<String>, Option<String>, Option<&'static str>);

fn you_page(site: &Site, setting: &RegisterSetting, form: &Raw, (name, email, role): YourFaults) -> Page {
    let role_asked = Choice {
        legend: "What do you do there?".to_owned(),
        ..role_question(ROLES.iter().copied(), form.get("role")).error(role)
    };
    let name = Field::new("name", "Your full name").value(form.get("name")).autocomplete("name").error(name);
    let email = Field::new("email", "Your work email address")
        .hint("We send a link to it")
        .value(form.get("email"))
        .email()
        .autocomplete("email")
        .error(email);
    Ask::new(around(site, "About you"), "About you", "/join/send", "Send me the link")
        .rows(vec![SummaryRow::new("Setting", &setting.name)])
        .hidden("urn", &setting.urn)
        .hidden("setting", &setting.name)
        .hidden("postcode", &setting.postcode)
        .hidden("phone", &setting.phone)
        .line(name)
        .line(email)
        .one(role_asked)
        .page()
}

/// `POST /join/send`: the same answer, whoever is known.
pub async fn send(site: State, Peer(from): Peer, Protected(form): Protected) -> Page {
    let setting = match setting_of(&site, &form).await? {
        Ok(setting) => setting,
        Err(page) => return page,
    };
    let name = PersonName::parse(form.get("name"));
    let (email, role) = (
        EmailAddress::parse(form.get("email")),
        role_of(ROLES, form.get("role")).map_err(|_| "Choose what you do there"),
    );
    let sign_up = match (name, email, role) {
        (Ok(name), Ok(email), Ok(role)) => SignUp {
            urn: setting.urn,
            setting: setting.name,
            postcode: setting.postcode,
            phone: setting.phone,
            name: name.as_str().to_owned(),
            email: email.folded(),
            role,
        },
        (name, email, role) => {
            let faults = (name.err().map(|e| e.to_string()), email.err().map(|e| e.to_string()), role.err());
            return you_page(&site, &setting, &form, faults);
        }
    };
    let taken = joining::sign_up(&site.relay, from, sign_up).await?;
    if taken { check_your_email(&site) } else { too_many(&site) }
}

fn check_your_email(site: &Site) -> Page {
    let heading = "Check your email";
    Ask::new(around(site, heading), heading, "", "")
        .say("We have sent a message to the address that you gave. Open the link in it within 24 hours to go on.")
        .say("If nothing comes, look among unwanted mail. If your setting is here already, its manager gets the message and can invite you.")
        .page()
}

fn too_many(site: &Site) -> Page {
    let heading = "Try again in an hour";
    Ask::new(around(site, heading), heading, "", "")
        .say("There were many tries from your network or for this setting, so no message was sent.")
        .say("If a child cannot wait, ring the duty line.")
        .page_with(StatusCode::TOO_MANY_REQUESTS)
}

/// `GET /join/confirm/{token}`
pub async fn look(site: State, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    let Some(sign_up) = joining::look(&site.relay, &link).await? else { return ended(&site) };
    let said = vec![
        format!("{}, you are signing up {}.", sign_up.name, sign_up.setting),
        "If this is you, continue, and then choose how you will sign in.".to_owned(),
    ];
    link_page(&site, "Confirm your address", said, "Continue")
}

/// `POST /join/confirm/{token}`
pub async fn confirm(site: State, Browser(browser): Browser, Path(token): Path<String>) -> Page {
    let link = Token::parse(&token).ok_or(PageError::NotFound)?;
    match joining::confirm(&site.relay, &link, browser).await? {
        Confirmed::Begun(session) => begun(&site, &session),
        Confirmed::Known => {
            gone(&site, "A colleague was quicker: your setting is here now. Ask its manager to invite you.")
        }
        Confirmed::Ended => ended(&site),
    }
}
