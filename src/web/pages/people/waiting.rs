//! Settings that signed themselves up: whoever has rung them on an independent number says how they were
//! checked, and the mark "sender not verified" goes.

use axum::extract::Path;

use super::to_decide::{Item, ToDecide};
use super::{Ask, chosen, go};
use crate::domain::form::Raw;
use crate::domain::ids::OrganisationId;
use crate::domain::joining::{HowChecked, SettingDecline};
use crate::domain::people::Person;
use crate::people::waiting;
use crate::store::people::{self, Organisation};
use crate::store::settings::{self, Standing};
use crate::web::access::Who;
use crate::web::error::PageError;
use crate::web::field::{Answer, Choice};
use crate::web::form::Protected;
use crate::web::page::{Page, page, shell};
use crate::web::pages::referral::id_of;
use crate::web::pages::referral::list::{self, Asked};
use crate::web::parts::SummaryRow;
use crate::web::{Site, State};

const LIST: &str = "/organisations/waiting";

/// `GET /organisations/waiting`
pub async fn show(site: State, Who(who): Who, asked: Asked) -> Page {
    let mut read = site.relay.store.read().await?;
    let mut items = Vec::new();
    for one in settings::waiting(&mut read).await? {
        let ring = ring(&settings::standing(&mut read, one.id).await?);
        let href = format!("{LIST}/{}", one.id);
        items.push(Item { name: one.name, href, cells: [one.urn, one.postcode, ring] });
    }
    let done = match list::asked(&asked).get("done") {
        "verified" => "The setting is verified",
        "declined" => "The setting is declined, and its people have no access",
        _ => "",
    };
    page(ToDecide {
        shell: shell(&site, "Settings to check", Some(&who), LIST),
        done,
        heading: "Settings to check",
        none: "No setting waits to be checked.",
        intro: "These settings signed themselves up. They can send referrals; duty lines see that the sender is not verified.",
        caption: "By name",
        heads: ["Setting", "Ofsted number", "Postcode", "Ring them on"],
        items,
    })
}

/// The number on which a setting is rung that is not verified.
fn ring(standing: &Standing) -> String {
    match standing {
        Standing::Unverified { register_phone: Some(phone) } => phone.clone(),
        _ => "Find the number on Ofsted’s register: do not ask the setting for it".to_owned(),
    }
}

async fn of(site: &Site, who: &Person, id: &str) -> Result<Organisation, PageError> {
    let id: OrganisationId = id_of(id)?;
    let waiting = settings::waiting(&mut site.relay.store.read().await?).await?;
    let found = waiting.into_iter().find(|one| one.id == id && one.id != who.organisation);
    found.ok_or(PageError::NotFound)
}

/// `GET /organisations/waiting/{id}`
pub async fn ask(site: State, Who(who): Who, Path(id): Path<String>) -> Page {
    let one = of(&site, &who, &id).await?;
    form_page(&site, &who, &one, &Raw::default(), [None; 3]).await
}

/// `POST /organisations/waiting/{id}`
pub async fn decide(site: State, Who(who): Who, Path(id): Path<String>, Protected(form): Protected) -> Page {
    let one = of(&site, &who, &id).await?;
    let relay = &site.relay;
    let (how, why) = (HowChecked::from_code(form.get("how")), SettingDecline::from_code(form.get("reason")));
    match (form.get("decision"), how, why) {
        ("verify", Some(how), _) => {
            waiting::verify(relay, &who, one.id, how).await?;
            go(format!("{LIST}?done=verified"))
        }
        ("decline", _, Some(why)) => {
            waiting::decline(relay, &who, one.id, why).await?;
            go(format!("{LIST}?done=declined"))
        }
        ("verify", None, _) => {
            form_page(&site, &who, &one, &form, [None, Some("Choose how you checked it"), None]).await
        }
        ("decline", _, None) => form_page(&site, &who, &one, &form, [None, None, Some("Choose why")]).await,
        _ => form_page(&site, &who, &one, &form, [Some("Choose what you decide"), None, None]).await,
    }
}

async fn form_page(
    site: &Site,
    who: &Person,
    one: &Organisation,
    typed: &Raw,
    faults: [Option<&'static str>; 3],
) -> Page {
    let [decision, how, why] = faults;
    let mut read = site.relay.store.read().await?;
    let standing = settings::standing(&mut read, one.id).await?;
    let mut rows = vec![
        SummaryRow::new("Name", &one.name),
        SummaryRow::new("Ofsted number", &one.urn),
        SummaryRow::new("Postcode", &one.postcode),
        SummaryRow::new("Ring them on", ring(&standing)),
    ];
    for id in settings::people_of(&mut read, one.id).await? {
        if let Some(person) = people::find(&mut read, id).await? {
            rows.push(SummaryRow::new(person.role.label(), format!("{}\n{}", person.name, person.email)));
        }
    }
    drop(read);
    let decisions = vec![
        Answer::new("verify", "It is this setting").hint("The mark on its referrals goes"),
        Answer::new("decline", "It is not, or should not be here")
            .hint("Its people have no access from then on"),
    ];
    let ways = HowChecked::ALL.iter().map(|way| Answer::new(way.code(), way.label())).collect();
    let reasons = SettingDecline::ALL.iter().map(|why| Answer::new(why.code(), why.label())).collect();
    let shell = shell(site, "Check a setting", Some(who), LIST).back(LIST, "Settings to check");
    Ask::new(shell, "Is it really this setting?", format!("{LIST}/{}", one.id), "Save")
        .say("It signed itself up. Do not use a number or an address that it gave: ask on the number below whether these people work there.")
        .rows(rows)
        .one(Choice::new("decision", "What do you decide?", decisions).chosen(chosen(typed, "decision")).error(decision))
        .one(Choice::new("how", "If it is: how did you check it?", ways).chosen(chosen(typed, "how")).error(how))
        .one(Choice::new("reason", "If it is not: why?", reasons).chosen(chosen(typed, "reason")).error(why))
        .page()
}
