//! Changing somebody's name and address, their rights, or ending their access.

use axum::extract::Path;

use super::{Ask, base, go, line_question, refusal, role_of, role_question};
use crate::domain::email::EmailAddress;
use crate::domain::form::Raw;
use crate::domain::name::PersonName;
use crate::domain::people::{Person, Role};
use crate::people::looking_after::{self, Outcome, TAKEN};
use crate::store::joiners::Listed;
use crate::web::access::Who;
use crate::web::error::PageError;
use crate::web::field::Field;
use crate::web::form::Protected;
use crate::web::page::{Page, shell};
use crate::web::pages::referral::id_of;
use crate::web::parts::SummaryRow;
use crate::web::{Site, State};

/// The person of an address, with access; anything else is not there.
async fn of(site: &Site, who: &Person, id: &str) -> Result<Listed, PageError> {
    let one = looking_after::find(&site.relay, who, id_of(id)?).await?;
    if one.disabled_at == 0 { Ok(one) } else { Err(PageError::NotFound) }
}

/// A page about somebody, with the way back to them.
fn about(site: &Site, who: &Person, one: &Listed, heading: &str, page: &str, button: &'static str) -> Ask {
    let here = format!("{}/{}", base(who), one.person.id);
    let shell = shell(site, heading, Some(who), base(who)).back(&here, "Back");
    Ask::new(shell, heading, format!("{here}/{page}"), button)
}

/// `GET /people/{id}/details`
pub async fn details(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let one = of(&site, &person, &id).await?;
    let mut form = Raw::default();
    form.set("name", one.person.name.clone());
    form.set("email", one.person.email.clone());
    details_page(&site, &person, &one, &form, (None, None))
}

/// `POST /people/{id}/details`
pub async fn save_details(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let one = of(&site, &person, &id).await?;
    let (name, email) = match (PersonName::parse(form.get("name")), EmailAddress::parse(form.get("email"))) {
        (Ok(name), Ok(email)) => (name, email.folded()),
        (name, email) => {
            let faults = (name.err().map(|e| e.to_string()), email.err().map(|e| e.to_string()));
            return details_page(&site, &person, &one, &form, faults);
        }
    };
    let done =
        looking_after::change_details(&site.relay, &person, one.person.id, name.as_str(), &email).await;
    match refusal(done)? {
        Ok(()) => go(format!("{}/{id}?done=changed", base(&person))),
        Err(_) => details_page(&site, &person, &one, &form, (None, Some(TAKEN.to_owned()))),
    }
}

fn details_page(
    site: &Site,
    who: &Person,
    one: &Listed,
    form: &Raw,
    (name, email): (Option<String>, Option<String>),
) -> Page {
    let ask = about(site, who, one, "Name and address", "details", "Save");
    let ask = ask.say("When you change the address, we write to the old one. For three days a forgotten password is then reset only after the information governance lead has agreed, and single sign-on does not know the new address.");
    let ask = ask.say("With another address, links that were mailed to the old one end. Send the invitation again if they have not used it.");
    ask.line(Field::new("name", "Full name").value(form.get("name")).autocomplete("off").error(name))
        .line(
            Field::new("email", "Work email address")
                .value(form.get("email"))
                .email()
                .autocomplete("off")
                .error(email),
        )
        .page()
}

/// `GET /people/{id}/rights`
pub async fn rights(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let one = of(&site, &person, &id).await?;
    let mut form = Raw::default();
    form.set("role", one.person.role.code());
    one.person.lines.iter().for_each(|line| form.push("lines", line.clone()));
    rights_page(&site, &person, &one, &form, None)
}

/// `POST /people/{id}/rights`
pub async fn save_rights(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let one = of(&site, &person, &id).await?;
    let role = match role_of(&roles(&one), form.get("role")) {
        Ok(role) => role,
        Err(sentence) => return rights_page(&site, &person, &one, &form, Some(sentence)),
    };
    let lines = if role.on_line() { form.all("lines") } else { &[] };
    let done = looking_after::change_rights(&site.relay, &person, one.person.id, role, lines).await;
    match refusal(done)? {
        Ok(Outcome::Done(_)) => go(format!("{}/{id}?done=changed", base(&person))),
        Ok(Outcome::Waits(_)) => go(format!("{}/{id}?done=asked", base(&person))),
        Err(sentence) => rights_page(&site, &person, &one, &form, Some(sentence)),
    }
}

/// The roles of the kind of organisation they are in.
fn roles(one: &Listed) -> Vec<Role> {
    let setting = one.person.role.in_setting();
    Role::ALL.iter().copied().filter(|role| role.in_setting() == setting).collect()
}

fn rights_page(site: &Site, who: &Person, one: &Listed, form: &Raw, refused: Option<&'static str>) -> Page {
    let ask = about(site, who, one, "Role", "rights", "Save")
        .say(format!("{} is signed out when their role changes.", one.person.name));
    let ask = ask.one(role_question(roles(one).into_iter(), form.get("role"))).refused(refused);
    if one.person.role.in_setting() {
        return ask.page();
    }
    ask.say("More than they have now is approved first by the lead of the line, or by the information governance lead. A line that you take away goes at once, as long as one is left.")
        .many(line_question(site, form.all("lines")))
        .page()
}

/// `GET /people/{id}/end`
pub async fn end(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let one = of(&site, &person, &id).await?;
    end_page(&site, &person, &one, None)
}

/// `POST /people/{id}/end`
pub async fn end_access(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    let one = of(&site, &person, &id).await?;
    match refusal(looking_after::disable(&site.relay, &person, one.person.id).await)? {
        Ok(()) => go(format!("{}?done=ended", base(&person))),
        Err(sentence) => end_page(&site, &person, &one, Some(sentence)),
    }
}

fn end_page(site: &Site, who: &Person, one: &Listed, refused: Option<&'static str>) -> Page {
    let rows = vec![
        SummaryRow::new("Name", &one.person.name),
        SummaryRow::new("Role", one.person.role.label()),
        SummaryRow::new("Organisation", &one.person.organisation_name),
    ];
    about(site, who, one, "End this person’s access?", "end", "End their access")
        .say("They are signed out everywhere at once, and links that were mailed to them end. What they sent and did is kept.")
        .rows(rows)
        .refused(refused)
        .warning()
        .page()
}
