//! One person: what is known, and what can be done; inviting again and taking an invitation back.

use askama::Template;
use axum::extract::Path;

use super::{base, go, last_sign_in, line_names, refusal, state};
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::people::{self, looking_after};
use crate::store::joiners::Listed;
use crate::store::requests::{self, RightRequest};
use crate::web::access::Who;
use crate::web::page::{Page, page, shell};
use crate::web::pages::referral::id_of;
use crate::web::pages::referral::list::{self, Asked};
use crate::web::parts::{SummaryRow, Tag};
use crate::web::shell::Shell;
use crate::web::{Site, State};

#[derive(Template)]
#[template(path = "pages/people/person.html")]
struct View {
    shell: Shell,
    done: &'static str,
    refused: Option<&'static str>,
    heading: String,
    tag: Tag,
    rows: Vec<SummaryRow>,
    waiting: Vec<String>,
    /// Where this page is; what is done to them is below it.
    here: String,
    may_invite: bool,
    invited: bool,
    may_end: bool,
}

/// `GET /people/{id}`, `GET /setting/people/{id}`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let done = match list::asked(&asked).get("done") {
        "invited" => "The invitation is sent",
        "withdrawn" => "The invitation is withdrawn",
        "changed" => "The change is saved",
        "asked" => "It waits for an approval",
        _ => "",
    };
    view(&site, &person, &id, done, None).await
}

/// `POST /people/{id}/invite`, `POST /setting/people/{id}/invite`
pub async fn invite(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    match refusal(people::send_again(&site.relay, &person, id_of(&id)?).await)? {
        Ok(()) => go(format!("{}/{id}?done=invited", base(&person))),
        Err(sentence) => view(&site, &person, &id, "", Some(sentence)).await,
    }
}

/// `POST /people/{id}/withdraw`, `POST /setting/people/{id}/withdraw`
pub async fn withdraw(site: State, Who(person): Who, Path(id): Path<String>) -> Page {
    match refusal(people::withdraw(&site.relay, &person, id_of(&id)?).await)? {
        Ok(()) => go(format!("{}/{id}?done=withdrawn", base(&person))),
        Err(sentence) => view(&site, &person, &id, "", Some(sentence)).await,
    }
}

async fn view(
    site: &Site,
    who: &Person,
    id: &str,
    done: &'static str,
    refused: Option<&'static str>,
) -> Page {
    let one = looking_after::find(&site.relay, who, id_of(id)?).await?;
    let waiting = requests::of(&mut site.relay.store.read().await?, one.person.id).await?;
    let here = format!("{}/{}", base(who), one.person.id);
    let (has_access, oneself) = (one.disabled_at == 0, one.person.id == who.id);
    page(View {
        shell: shell(site, "Person", Some(who), base(who)).back(base(who), "People"),
        done,
        refused,
        heading: one.person.name.clone(),
        tag: state(&one),
        rows: rows(site, &one, &here, has_access && !oneself),
        waiting: waiting.iter().map(|request| words(site, request)).collect(),
        may_invite: has_access && one.signed_in_at == 0,
        invited: one.invited_until > 0,
        may_end: has_access && !oneself,
        here,
    })
}

fn rows(site: &Site, one: &Listed, here: &str, may_change: bool) -> Vec<SummaryRow> {
    let change = |row: SummaryRow, page: &str, about: &str, yes: bool| {
        if yes { row.change(format!("{here}/{page}"), about) } else { row }
    };
    let p = &one.person;
    let access = one.disabled_at == 0;
    let mut rows = vec![
        change(SummaryRow::new("Name", &p.name), "details", "the name", access),
        change(SummaryRow::new("Work email address", &p.email), "details", "the address", access),
        SummaryRow::new("Organisation", &p.organisation_name),
        change(SummaryRow::new("Role", p.role.label()), "rights", "the role", may_change),
    ];
    if p.role.on_line() {
        let lines = SummaryRow::new("Duty lines", line_names(site, &p.lines));
        rows.push(change(lines, "rights", "the duty lines", may_change));
    }
    rows.push(SummaryRow::new("Last signed in", last_sign_in(one)));
    let when = |at: i64| Instant::from_micros(at).for_people();
    if one.invited_until > 0 {
        rows.push(SummaryRow::new("Invitation works until", when(one.invited_until)));
    }
    if one.disabled_at > 0 {
        rows.push(SummaryRow::new("Access ended", when(one.disabled_at)));
    }
    rows
}

/// `Duty practitioner, Canterbury`
pub(super) fn words(site: &Site, request: &RightRequest) -> String {
    match request.line.as_str() {
        "" => request.role.label().to_owned(),
        _ => format!("{}, {}", request.role.label(), line_names(site, std::slice::from_ref(&request.line))),
    }
}
