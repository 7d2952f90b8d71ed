//! The referrer signs, by a typed name, the words that the parent has signed.

use askama::Template;
use axum::extract::Path;

use super::super::super::access::Who;
use super::super::super::field::{Field, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::super::{Site, State};
use super::{Step, agreed, around, at, draft_id, go, settled};
use crate::domain::agreement::ReferrerSignature;
use crate::domain::name::PersonName;
use crate::domain::people::Person;
use crate::pipeline::drafts::{self, Open};

#[derive(Template)]
#[template(path = "pages/setting/sign.html")]
struct Sign {
    shell: Shell,
    errors: Vec<(String, String)>,
    signer: String,
    name: Field,
    content: String,
    check: String,
}

/// `GET /drafts/{id}/sign`
pub async fn show(site: State, Who(person): Who, Path(id): Path<String>) -> Step {
    let open = agreed(&site, &person, &id).await?;
    super::show(page_of(&site, &person, &open, question("")))
}

/// `POST /drafts/{id}/sign`
pub async fn save(site: State, Who(person): Who, Path(id): Path<String>, Protected(form): Protected) -> Step {
    let open = agreed(&site, &person, &id).await?;
    let typed = form.get("signature");
    let name = match PersonName::parse(typed) {
        Ok(name) => name,
        Err(error) => {
            let name = question(typed).error(Some(error.to_string()));
            return super::mend(page_of(&site, &person, &open, name));
        }
    };
    let now = site.relay.clock.now();
    let signature = ReferrerSignature {
        printed_name: name.as_str().to_owned(),
        content_sha256: form.get("content").to_owned(),
        signed_on: now.day(),
        recorded_at: now,
    };
    let signed = drafts::sign_as_referrer(&site.relay, &person, draft_id(&id)?, signature).await;
    settled(&site, &person, &id, signed).await?;
    go(at(open.row.id, "staff-only"))
}

fn question(typed: &str) -> Field {
    Field::new("signature", "Type your full name as your signature")
        .value(typed)
        .autocomplete("off")
        .label_size("s")
}

fn page_of(site: &Site, person: &Person, open: &Open, name: Field) -> Sign {
    let errors = error_list(&[&name]);
    let agreement = open.content.agreement.as_ref();
    Sign {
        shell: around(site, person, "Your signature", at(open.row.id, "")).error(!errors.is_empty()),
        errors,
        signer: agreement.map_or_else(String::new, |agreement| agreement.printed_name.clone()),
        name,
        content: open.content.family(site.relay.context()).sha256(),
        check: at(open.row.id, super::CHECK),
    }
}
