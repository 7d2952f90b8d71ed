//! Who is a setting's designated safeguarding lead: exactly one person, named by the manager.

use super::{Ask, go, refusal};
use crate::domain::people::{Person, Role};
use crate::people::looking_after;
use crate::store::joiners::Listed;
use crate::web::access::Who;
use crate::web::error::PageError;
use crate::web::field::{Answer, Choice};
use crate::web::form::Protected;
use crate::web::page::{Page, shell};
use crate::web::{Site, State};

/// `GET /setting/people/lead`
pub async fn ask(site: State, Who(person): Who) -> Page {
    form_page(&site, &person, None, None).await
}

/// `POST /setting/people/lead`
pub async fn name(site: State, Who(person): Who, Protected(form): Protected) -> Page {
    let others = others(&site, &person).await?;
    let chosen = others.iter().find(|one| one.person.id.to_string() == form.get("person"));
    let Some(chosen) = chosen else {
        return form_page(&site, &person, Some("Choose who it is"), None).await;
    };
    if chosen.person.role == Role::SafeguardingLead {
        return go("/setting/people");
    }
    match refusal(looking_after::name_lead(&site.relay, &person, chosen.person.id).await)? {
        Ok(()) => go("/setting/people?done=lead"),
        Err(sentence) => form_page(&site, &person, None, Some(sentence)).await,
    }
}

/// The others of the setting who have access: nobody changes their own role.
async fn others(site: &Site, who: &Person) -> Result<Vec<Listed>, PageError> {
    let all = looking_after::everybody(&site.relay, who).await?;
    Ok(all.into_iter().filter(|one| one.disabled_at == 0 && one.person.id != who.id).collect())
}

async fn form_page(
    site: &Site,
    who: &Person,
    wrong: Option<&'static str>,
    refused: Option<&'static str>,
) -> Page {
    let others = others(site, who).await?;
    let answer =
        |one: &Listed| Answer::new(one.person.id.to_string(), &one.person.name).hint(one.person.role.label());
    let now = others.iter().find(|one| one.person.role == Role::SafeguardingLead);
    let chosen = now.map(|one| one.person.id.to_string());
    let people = Choice::new("person", "Who is it?", others.iter().map(answer).collect());
    let shell = shell(site, "Designated safeguarding lead", Some(who), "/setting/people");
    Ask::new(
        shell.back("/setting/people", "People"),
        "Who is the designated safeguarding lead?",
        "/setting/people/lead",
        "Save",
    )
    .say("After a referral is sent, its staff-only answers open to its author and to the designated safeguarding lead. Whoever was the lead before becomes a practitioner.")
    .say("If you are the lead yourself, make somebody else a manager first; they can then name you.")
    .one(people.chosen(chosen).error(wrong))
    .refused(refused)
    .page()
}
