//! Taking an agreement back: one page, at once, with what it does and does not do.

use askama::Template;
use axum::extract::Path;

use super::super::super::State;
use super::super::super::field::{Answer, Choice, error_list};
use super::super::super::form::Protected;
use super::super::super::shell::Shell;
use super::super::setting::Step;
use super::{Reading, around, at, ended, go, mend, opened, show};
use crate::domain::family::Scope;
use crate::family::{self, FamilyError};

#[derive(Template)]
#[template(path = "pages/family/withdraw.html")]
struct Withdraw {
    shell: Shell,
    errors: Vec<(String, String)>,
    scope: Choice,
    back: String,
}

/// `GET /family/{token}/withdraw`
pub async fn ask(site: State, Path(token): Path<String>, reading: Reading) -> Step {
    opened(&site, &token, &reading).await?;
    show(&reading, page_of(&site, &token, &reading, None))
}

/// `POST /family/{token}/withdraw`: at once. When somebody reads it at this very moment, it is taken back
/// as it stands then.
pub async fn take_back(
    site: State,
    Path(token): Path<String>,
    reading: Reading,
    Protected(form): Protected,
) -> Step {
    let link = opened(&site, &token, &reading).await?;
    let Some(scope) = Scope::from_code(form.get("scope")) else {
        return mend(page_of(&site, &token, &reading, Some(reading.words.withdraw_missing)));
    };
    for _ in 0..TRIES {
        match family::withdraw(&site.relay, &link, scope).await {
            Err(FamilyError::Conflict) => {}
            Err(FamilyError::Missing) => return ended(&site, &reading),
            answer => {
                answer?;
                return go(at(&token, ""));
            }
        }
    }
    Err(FamilyError::Conflict.into())
}

/// How often it is tried against somebody who changes the referral meanwhile.
const TRIES: usize = 5;

fn page_of(
    site: &super::super::super::Site,
    token: &str,
    reading: &Reading,
    missing: Option<&'static str>,
) -> Withdraw {
    let words = reading.words;
    let answers = vec![
        Answer::new(Scope::Everything.code(), words.withdraw_everything).hint(words.withdraw_everything_hint),
        Answer::new(Scope::Sharing.code(), words.withdraw_sharing).hint(words.withdraw_sharing_hint),
    ];
    let scope = Choice::new("scope", words.withdraw_question, answers).error(missing);
    let errors = error_list(&[&scope]);
    Withdraw {
        shell: around(site, reading, words.withdraw_title).error(!errors.is_empty()),
        errors,
        scope,
        back: at(token, ""),
    }
}
